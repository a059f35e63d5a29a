import type { ReactNode } from 'react';
import { useProperties } from '../data/catalog.ts';
import { Combobox } from '../design/index.ts';
import { share } from '../lib/format.ts';
import { fieldChoices, fieldOfText, fieldText, type FieldUse } from './fields.ts';

interface FieldPickerProps {
  readonly project: string;
  /** Name for screen readers. */
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (field: string) => void;
  readonly use: FieldUse;
  /** Whose properties are offered; those of all if there are none. */
  readonly types?: readonly string[];
  readonly placeholder?: string;
  readonly className?: string;
  readonly size?: 'normal' | 'small';
  /** Fields that are not offered. */
  readonly without?: readonly string[];
}

/** A field of events or a property: those that the newest events have, and any other by name. */
export const FieldPicker = (props: FieldPickerProps): ReactNode => {
  const { project, label, value, onChange, use, types = [], placeholder = 'Choose a field' } = props;
  const { properties, isFetching } = useProperties(project, types);
  const options = fieldChoices(properties, use)
    .filter(({ field }) => props.without?.includes(field) !== true)
    .map(({ field, text, group, share: part, note }) => ({
      ...{ value: field, text, group },
      ...(note === undefined ? {} : { note }),
      ...(part === undefined ? {} : { end: share(part, 1) }),
    }));
  return (
    <Combobox
      label={label}
      options={options}
      value={value}
      onChange={(next) =>
        onChange(options.some((option) => option.value === next) ? next : fieldOfText(next))
      }
      placeholder={placeholder}
      textOf={fieldText}
      isFree
      isLoading={isFetching}
      size={props.size ?? 'normal'}
      {...(props.className === undefined ? {} : { className: props.className })}
    />
  );
};
