import { type ReactNode, useState } from 'react';
import { useValues } from '../data/catalog.ts';
import { Combobox } from '../design/index.ts';
import { shortCount } from '../lib/format.ts';
import { useSettled } from '../lib/use-settled.ts';
import { isTime } from './fields.ts';

interface ValuePickerProps {
  readonly project: string;
  /** Name for screen readers. */
  readonly label: string;
  readonly field: string;
  /** Values of events of this type only. */
  readonly type?: string | undefined;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly className?: string;
  readonly size?: 'normal' | 'small';
  /** Values that are not offered. */
  readonly without?: readonly string[];
}

const TYPED_MS = 200;

/** A value of a field: the most frequent of the newest events, found by typing, and any other. */
export const ValuePicker = (props: ValuePickerProps): ReactNode => {
  const { project, label, field, type, value, onChange, placeholder = 'Choose or type a value' } = props;
  const [typed, setTyped] = useState('');
  // Pages have many of these, and looking for values takes long.
  const [isWanted, setWanted] = useState(false);
  const search = useSettled(typed, TYPED_MS);
  const { data, error, isFetching } = useValues(project, isWanted && !isTime(field) ? field : null, {
    type,
    search,
  });
  // What was answered for the letters before is not what is meant: Enter must not take it.
  const sought = typed.trim().toLowerCase();
  const options = (data?.values ?? [])
    .filter((each) => each.value.toLowerCase().includes(sought))
    .filter((each) => props.without?.includes(each.value) !== true)
    .map((each) => ({ value: each.value, end: shortCount(each.events) }));
  return (
    <Combobox
      label={label}
      options={options}
      value={value}
      onChange={onChange}
      placeholder={placeholder}
      isFree
      onOpen={() => setWanted(true)}
      onSearch={setTyped}
      isLoading={isFetching || search !== typed}
      trouble={error === undefined ? undefined : `${error.message} Type a value.`}
      size={props.size ?? 'normal'}
      {...(props.className === undefined ? {} : { className: props.className })}
    />
  );
};
