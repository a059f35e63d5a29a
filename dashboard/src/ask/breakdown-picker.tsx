import './ask.css';
import type { ReactNode } from 'react';
import { IconButton } from '../design/index.ts';
import { FieldPicker } from './field-picker.tsx';
import { fieldText } from './fields.ts';

/** Fields of one break-down. */
const FIELDS_MAX = 2;

interface BreakdownPickerProps {
  readonly project: string;
  /** Whose properties are offered. */
  readonly types?: readonly string[];
  readonly value: readonly string[];
  readonly onChange: (fields: readonly string[]) => void;
}

/** One field or two that an answer is broken down by, or none. */
export const BreakdownPicker = ({
  project,
  types = [],
  value,
  onChange,
}: BreakdownPickerProps): ReactNode => (
  <div className="breakdown" role="group" aria-label="Break down by">
    {value.map((field, index) => (
      <span className="breakdown-one" key={field}>
        {index === 0 ? null : <span className="quiet">and</span>}
        <FieldPicker
          project={project}
          label="Break down by"
          use="group"
          types={types}
          value={field}
          without={value.filter((each) => each !== field)}
          onChange={(next) => onChange(value.map((each, at) => (at === index ? next : each)))}
        />
        <IconButton
          icon="close"
          size="small"
          label={`Do not break down by ${fieldText(field)}`}
          onClick={() => onChange(value.filter((_, at) => at !== index))}
        />
      </span>
    ))}
    {value.length < FIELDS_MAX ? (
      <FieldPicker
        project={project}
        label={value.length === 0 ? 'Break down by' : 'And by'}
        use="group"
        types={types}
        value={undefined}
        without={value}
        placeholder={value.length === 0 ? 'Nothing' : 'and by'}
        className={value.length === 0 ? '' : 'types-more'}
        onChange={(field) => onChange([...value, field])}
      />
    ) : null}
  </div>
);
