import './segmented.css';
import { useId, type ReactNode } from 'react';

interface SegmentedProps<Value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly text: string; readonly title?: string }[];
  /** Undefined: none of the options holds at present. */
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
  readonly size?: 'normal' | 'small';
}

/** One of a few, all in view. Radio buttons underneath, so that keys and screen readers know it. */
export const Segmented = <Value extends string>({
  label,
  options,
  value,
  onChange,
  size = 'normal',
}: SegmentedProps<Value>): ReactNode => {
  const name = useId();
  return (
    <div className="segmented" role="radiogroup" aria-label={label} data-size={size}>
      {options.map((option) => (
        <label key={option.value} title={option.title}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.text}
        </label>
      ))}
    </div>
  );
};
