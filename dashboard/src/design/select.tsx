import './select.css';
import './popover.css';
import { Select as Base } from '@base-ui/react/select';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';
import { useLayer } from './layer.tsx';

/** Something that can be chosen. */
export interface SelectOption<Value extends string> {
  readonly value: Value;
  readonly text: string;
  readonly icon?: IconName;
  /** A second, quiet line. */
  readonly note?: string;
  readonly isDisabled?: boolean;
}

interface SelectProps<Value extends string> {
  /** Name for screen readers. */
  readonly label: string;
  readonly options: readonly SelectOption<Value>[];
  /** Undefined: nothing is chosen yet. */
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
  /** Stands there while nothing is chosen. */
  readonly placeholder?: string;
  readonly size?: 'normal' | 'small';
  readonly isDisabled?: boolean;
  readonly className?: string;
  readonly id?: string;
}

/** One of a few, all of which are known. For many, or for free text, take a Combobox. */
export const Select = <Value extends string>(props: SelectProps<Value>): ReactNode => {
  const {
    label,
    options,
    value,
    onChange,
    placeholder = 'Choose',
    size = 'normal',
    isDisabled,
    className = '',
    id,
  } = props;
  const layer = useLayer();
  const chosen = options.find((option) => option.value === value);
  return (
    <Base.Root
      value={value ?? null}
      onValueChange={(next) => {
        if (next !== null) onChange(next);
      }}
      disabled={isDisabled ?? false}
      modal={false}
    >
      <Base.Trigger id={id} className={`button select ${className}`} data-size={size} aria-label={label}>
        {chosen?.icon === undefined ? null : <Icon name={chosen.icon} size={14} />}
        <span className={chosen === undefined ? 'truncate quiet' : 'truncate'}>
          {chosen?.text ?? placeholder}
        </span>
        <Icon name="chevron" size={12} />
      </Base.Trigger>
      <Base.Portal container={layer}>
        <Base.Positioner className="over" sideOffset={4} collisionPadding={8} alignItemWithTrigger={false}>
          <Base.Popup className="float select-list">
            {options.map((option) => (
              <Base.Item
                key={option.value}
                value={option.value}
                disabled={option.isDisabled ?? false}
                className="menu-item"
              >
                {option.icon === undefined ? null : <Icon name={option.icon} />}
                <span className="select-words">
                  <Base.ItemText className="truncate">{option.text}</Base.ItemText>
                  {option.note === undefined ? null : <span className="select-note">{option.note}</span>}
                </span>
                <Base.ItemIndicator className="menu-check">
                  <Icon name="check" size={14} />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
};
