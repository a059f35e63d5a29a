import type { ReactNode } from 'react';
import { useEventTypes } from '../data/catalog.ts';
import { Combobox, type ComboboxOption } from '../design/index.ts';
import { shortCount } from '../lib/format.ts';

interface EventPickerProps {
  readonly project: string;
  /** Name for screen readers. */
  readonly label: string;
  /** The type; `''`: any event. Undefined: nothing is chosen yet. */
  readonly value: string | undefined;
  readonly onChange: (type: string) => void;
  /** Whether any event can be chosen; it is then `''`. */
  readonly allowsAny?: boolean;
  readonly placeholder?: string;
  readonly className?: string;
  /** Types that are not offered. */
  readonly without?: readonly string[];
  readonly size?: 'normal' | 'small';
}

const ANY: ComboboxOption = { value: '', text: 'Any event', icon: 'pulse' };

/** A type of events: the most frequent first, found by typing, and any other name. */
export const EventPicker = (props: EventPickerProps): ReactNode => {
  const { project, label, value, onChange, allowsAny = false, placeholder = 'Choose an event' } = props;
  const { data, error, isFetching } = useEventTypes(project);
  const options = [
    ...(allowsAny ? [ANY] : []),
    ...(data?.types ?? [])
      .filter(({ type }) => props.without?.includes(type) !== true)
      .map(({ type, events, description }) => ({
        ...{ value: type, end: shortCount(events) },
        ...(description === '' ? {} : { note: description }),
      })),
  ];
  return (
    <Combobox
      label={label}
      options={options}
      value={value}
      onChange={onChange}
      placeholder={placeholder}
      textOf={(type) => (type === '' ? 'Any event' : type)}
      isFree
      isLoading={isFetching}
      trouble={error?.message}
      size={props.size ?? 'normal'}
      {...(props.className === undefined ? {} : { className: props.className })}
    />
  );
};
