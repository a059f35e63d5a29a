import type { ReactNode } from 'react';
import { Checkbox, Icon, Popover, Select } from '../design/index.ts';
import { type Choice, choiceText } from './choices.ts';

interface ChoiceControlProps {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly isMultiple: boolean;
  /** What is chosen; null: nothing. */
  readonly value: unknown;
  /** Whether nothing may be chosen. */
  readonly allowsAny: boolean;
  readonly onChange: (value: unknown) => void;
}

const NOTHING = 'any';

/** One of some, by its place: values may be numbers and texts that look alike. */
const One = ({ label, choices, value, allowsAny, onChange }: ChoiceControlProps): ReactNode => {
  const at = choices.findIndex((choice) => choice.value === value);
  return (
    <Select
      label={label}
      options={[
        ...(allowsAny ? [{ value: NOTHING, text: 'Any' }] : []),
        ...choices.map((choice, index) => ({
          value: String(index),
          text: choiceText(choices, choice.value),
        })),
      ]}
      value={at >= 0 ? String(at) : NOTHING}
      onChange={(next) => onChange(next === NOTHING ? null : choices[Number(next)]?.value)}
    />
  );
};

const SHOWN = 2;

const Several = ({ label, choices, value, allowsAny, onChange }: ChoiceControlProps): ReactNode => {
  const chosen =
    value === null || value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
  const names = chosen.map((each) => choiceText(choices, each));
  const text =
    names.length === 0
      ? 'Any'
      : names.length > SHOWN
        ? `${names.slice(0, SHOWN).join(', ')} +${names.length - SHOWN}`
        : names.join(', ');
  const turn = (each: unknown, isOn: boolean): void => {
    const next = choices
      .map((choice) => choice.value)
      .filter((other) => (other === each ? isOn : chosen.includes(other)));
    if (next.length > 0) onChange(next);
    else if (allowsAny) onChange(null);
  };
  return (
    <Popover
      label={`${label}: ${text}`}
      button={
        <>
          <span className="truncate">{text}</span>
          <Icon name="chevron" size={12} />
        </>
      }
    >
      <div className="choice-list">
        {choices.map((choice) => (
          <Checkbox
            key={JSON.stringify(choice.value)}
            label={choiceText(choices, choice.value)}
            isOn={chosen.includes(choice.value)}
            onChange={(isOn) => turn(choice.value, isOn)}
          />
        ))}
      </div>
    </Popover>
  );
};

/** Chooses among values that were written down. */
export const ChoiceControl = (props: ChoiceControlProps): ReactNode =>
  props.isMultiple ? <Several {...props} /> : <One {...props} />;

interface NamedProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** What a variable is called, before what is chosen of it. */
export const NamedControl = ({ label, children }: NamedProps): ReactNode => (
  <div className="named-control" role="group" aria-label={label}>
    <span className="named-label truncate" aria-hidden="true">
      {label}
    </span>
    {children}
  </div>
);
