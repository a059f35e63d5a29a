import type { ReactNode } from 'react';
import { Chip, IconButton, Select } from '../design/index.ts';
import { FieldPicker } from './field-picker.tsx';
import { fieldText, isTime } from './fields.ts';
import { type DraftCondition, type Operator, OPERATORS, takesOf, withOperator } from './filter-model.ts';
import { ValuePicker } from './value-picker.tsx';

const OPERATOR_OPTIONS = Object.entries(OPERATORS).map(([value, text]) => ({
  value: value as Operator,
  text,
}));

/** What applies to an instant. */
const OPERATORS_OF_TIME: ReadonlySet<Operator> = new Set(['gt', 'gte', 'lt', 'lte']);

interface PartProps {
  readonly project: string;
  readonly types: readonly string[];
  readonly condition: DraftCondition;
  readonly onChange: (condition: DraftCondition) => void;
}

const TypedValue = ({ condition, onChange }: Pick<PartProps, 'condition' | 'onChange'>): ReactNode => {
  const { field = '', values } = condition;
  return (
    <input
      className="input condition-value"
      aria-label={`Value of ${fieldText(field)}`}
      placeholder={isTime(field) ? '2026-11-20T08:30, now-7d' : 'Number or text'}
      autoComplete="off"
      spellCheck={false}
      value={String(values[0] ?? '')}
      onChange={(event) =>
        onChange({ ...condition, values: event.target.value === '' ? [] : [event.target.value] })
      }
    />
  );
};

const Values = ({ project, types, condition, onChange }: PartProps): ReactNode => {
  const { field, op, values } = condition;
  if (field === undefined || takesOf(op) === 'none') return null;
  if (isTime(field) || op === 'contains' || ['gt', 'gte', 'lt', 'lte'].includes(op))
    return <TypedValue condition={condition} onChange={onChange} />;
  const picker = {
    ...{ project, field, className: 'condition-value', size: 'small' as const },
    label: `Value of ${fieldText(field)}`,
    type: types.length === 1 ? types[0] : undefined,
  };
  if (takesOf(op) === 'one')
    return (
      <ValuePicker
        {...picker}
        value={values[0] === undefined ? undefined : String(values[0])}
        onChange={(value) => onChange({ ...condition, values: [value] })}
      />
    );
  return (
    <>
      {values.map((value) => (
        <Chip
          key={String(value)}
          text={String(value)}
          onRemove={() => onChange({ ...condition, values: values.filter((each) => each !== value) })}
        />
      ))}
      <ValuePicker
        {...picker}
        value={undefined}
        placeholder={values.length === 0 ? 'Choose or type values' : 'or'}
        without={values.map(String)}
        onChange={(value) => onChange({ ...condition, values: [...values, value] })}
      />
    </>
  );
};

/** A condition as a part of a sentence: field, what is said of it, values. */
export const ConditionRow = ({
  onRemove,
  ...part
}: PartProps & { readonly onRemove?: () => void }): ReactNode => {
  const { project, types, condition, onChange } = part;
  const { field, op } = condition;
  const operators =
    field !== undefined && isTime(field)
      ? OPERATOR_OPTIONS.filter(({ value }) => OPERATORS_OF_TIME.has(value))
      : OPERATOR_OPTIONS;
  const choose = (next: string): void => {
    const base = { ...condition, field: next, values: next === field ? condition.values : [] };
    onChange(isTime(next) && !OPERATORS_OF_TIME.has(op) ? withOperator(base, 'gte') : base);
  };
  return (
    <>
      <FieldPicker
        project={project}
        label="Field"
        use="filter"
        size="small"
        types={types}
        value={field}
        onChange={choose}
      />
      {field === undefined ? null : (
        <Select
          label={`What is said of ${fieldText(field)}`}
          size="small"
          options={operators}
          value={op}
          onChange={(next) => onChange(withOperator(condition, next))}
        />
      )}
      <Values project={project} types={types} condition={condition} onChange={onChange} />
      {onRemove === undefined ? null : (
        <IconButton icon="close" size="small" label="Remove the condition" onClick={onRemove} />
      )}
    </>
  );
};
