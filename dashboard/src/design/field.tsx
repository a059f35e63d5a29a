import './field.css';
import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { Icon } from './icons.tsx';

interface FieldProps {
  readonly label: string;
  /** What to know before filling it in. */
  readonly note?: ReactNode;
  /** What is wrong with what was filled in. */
  readonly error?: string | undefined;
  readonly className?: string;
  /** The control: it takes what names and describes it. */
  readonly children: (props: {
    readonly id: string;
    readonly 'aria-describedby': string | undefined;
    readonly 'aria-invalid': boolean | undefined;
  }) => ReactNode;
}

/** A control with its name, and what is to be said of it. */
export const Field = ({ label, note, error, className = '', children }: FieldProps): ReactNode => {
  const id = useId();
  const hasWords = note !== undefined || error !== undefined;
  return (
    <div className={`field ${className}`}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': hasWords ? `${id}-words` : undefined,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {hasWords ? (
        <span id={`${id}-words`} className={error === undefined ? 'field-note' : 'field-error'}>
          {error ?? note}
        </span>
      ) : null}
    </div>
  );
};

interface ErrorProps {
  /** What went wrong; undefined as long as nothing did. */
  readonly text: ReactNode;
  /** It stands there with all around it: it is not news that is read aloud at once. */
  readonly isStanding?: boolean;
}

/** What is wrong with a form as a whole, or why what was asked for was in vain. */
export const FieldError = ({ text, isStanding = false }: ErrorProps): ReactNode =>
  text === undefined ? null : (
    <p className="field-error" role={isStanding ? undefined : 'alert'}>
      {text}
    </p>
  );

type TextProps = Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'size'> & {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly note?: ReactNode;
  readonly error?: string | undefined;
};

/** A line of text with its name. */
export const TextField = ({
  label,
  value,
  onChange,
  note,
  error,
  className,
  ...rest
}: TextProps): ReactNode => (
  <Field label={label} note={note} error={error} {...(className === undefined ? {} : { className })}>
    {(named) => (
      <input
        type="text"
        className="input"
        {...rest}
        {...named}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
);

type AreaProps = Omit<ComponentProps<'textarea'>, 'onChange' | 'value'> & {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly note?: ReactNode;
  readonly error?: string | undefined;
};

/** Several lines of text with their name. */
export const TextArea = ({
  label,
  value,
  onChange,
  note,
  error,
  className,
  ...rest
}: AreaProps): ReactNode => (
  <Field label={label} note={note} error={error} {...(className === undefined ? {} : { className })}>
    {(named) => (
      <textarea
        className="input"
        {...rest}
        {...named}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
);

interface ToggleProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly isDisabled?: boolean;
}

/** Something that is so or not, as part of a form. */
export const Checkbox = ({ label, isOn, onChange, isDisabled = false }: ToggleProps): ReactNode => (
  <label className="check">
    <BaseCheckbox.Root className="check-box" checked={isOn} onCheckedChange={onChange} disabled={isDisabled}>
      <BaseCheckbox.Indicator>
        <Icon name="check" size={12} />
      </BaseCheckbox.Indicator>
    </BaseCheckbox.Root>
    {label}
  </label>
);

/** Something that is on or off, from now on. */
export const Switch = ({ label, isOn, onChange, isDisabled = false }: ToggleProps): ReactNode => (
  <label className="check">
    <BaseSwitch.Root className="switch" checked={isOn} onCheckedChange={onChange} disabled={isDisabled}>
      <BaseSwitch.Thumb className="switch-thumb" />
    </BaseSwitch.Root>
    {label}
  </label>
);
