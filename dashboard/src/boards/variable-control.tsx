import { type ReactNode, useState } from 'react';
import type { FilterOp, FilterValue, Variable } from '../../../src/contract/boards.ts';
import { OPERATORS, takesOf } from '../ask/filter-model.ts';
import { RANGES } from '../ask/range.ts';
import { RangePicker } from '../ask/range-picker.tsx';
import { ValuePicker } from '../ask/value-picker.tsx';
import { ChoiceControl } from '../board/choice-control.tsx';
import { Button, Chip, Combobox, Icon, Popover, Select } from '../design/index.ts';
import type { Value } from '../board/address-values.ts';
import { isCondition, isSpan, valueWords } from './values.ts';

interface ControlProps {
  readonly project: string;
  readonly variable: Variable;
  /** The value that holds; null: none. */
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

type ControlOf<Kind extends Variable['kind']> = Omit<ControlProps, 'variable'> & {
  readonly variable: Extract<Variable, { readonly kind: Kind }>;
};

const nameOf = ({ label, name }: Variable): string => (label === '' ? name : label);

const AS_IT_IS = 'As each tile has it';

const RangeControl = ({ variable, value, onChange }: ControlOf<'range'>): ReactNode => {
  if (isSpan(value) || typeof value === 'string')
    return <RangePicker label={nameOf(variable)} value={value} onChange={onChange} />;
  return (
    <Select
      label={nameOf(variable)}
      placeholder={AS_IT_IS}
      options={RANGES.flat().map((text) => ({ value: text as string, text }))}
      value={undefined}
      onChange={onChange}
    />
  );
};

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

const ZoneControl = ({ variable, value, onChange }: ControlOf<'timezone'>): ReactNode => (
  <Combobox
    label={nameOf(variable)}
    options={[{ value: '', text: AS_IT_IS }, ...ZONES.map((zone) => ({ value: zone }))]}
    value={typeof value === 'string' ? value : ''}
    onChange={(next) => onChange(next === '' ? null : next)}
    isFree
  />
);

/** These take any number: none that is there is more likely than another. */
const MORE_OR_LESS: readonly FilterOp[] = ['gt', 'gte', 'lt', 'lte'];
const NUMBER = /^-?\d{1,15}(?:\.\d{1,10})?$/u;

/** More and less compare numbers as numbers. */
const compared = (op: FilterOp, text: string): string | number =>
  MORE_OR_LESS.includes(op) && NUMBER.test(text.trim()) ? Number(text) : text;

interface ConditionDraft {
  readonly op: FilterOp;
  readonly values: readonly (string | number | boolean)[];
}

const draftOf = (value: Value, op: FilterOp): ConditionDraft => {
  if (!isCondition(value)) return { op, values: [] };
  return { op: value.op, values: value.values ?? (value.value === undefined ? [] : [value.value]) };
};

const conditionOf = ({ op, values }: ConditionDraft): FilterValue | undefined => {
  const takes = takesOf(op);
  if (takes === 'none') return { op };
  const [first] = values;
  if (first === undefined) return undefined;
  return takes === 'many' ? { op, values: [...values] } : { op, value: compared(op, String(first)) };
};

interface ConditionProps extends ControlOf<'filter'> {
  readonly close: () => void;
}

const ConditionValues = ({
  project,
  variable,
  draft,
  onChange,
}: Pick<ConditionProps, 'project' | 'variable'> & {
  readonly draft: ConditionDraft;
  readonly onChange: (draft: ConditionDraft) => void;
}): ReactNode => {
  const { op, values } = draft;
  const takes = takesOf(op);
  const label = `Value of ${nameOf(variable)}`;
  if (takes === 'none') return null;
  if (MORE_OR_LESS.includes(op))
    return (
      <input
        className="input"
        aria-label={label}
        spellCheck={false}
        value={String(values[0] ?? '')}
        onChange={({ target }) => onChange({ op, values: target.value === '' ? [] : [target.value] })}
      />
    );
  const isMany = takes === 'many';
  return (
    <>
      {isMany && values.length > 0 ? (
        <div className="condition-chips">
          {values.map((each) => (
            <Chip
              key={JSON.stringify(each)}
              text={String(each)}
              onRemove={() => onChange({ op, values: values.filter((other) => other !== each) })}
            />
          ))}
        </div>
      ) : null}
      <ValuePicker
        project={project}
        label={label}
        field={variable.field}
        without={isMany ? values.map(String) : []}
        value={isMany || values[0] === undefined ? undefined : String(values[0])}
        placeholder={isMany && values.length > 0 ? 'or' : 'Choose or type a value'}
        onChange={(next) => onChange({ op, values: isMany ? [...values, next] : [next] })}
      />
    </>
  );
};

const ConditionForm = (props: ConditionProps): ReactNode => {
  const { variable, value, onChange, close } = props;
  const [draft, setDraft] = useState(() => draftOf(value, variable.ops[0] ?? 'in'));
  const condition = conditionOf(draft);
  const apply = (next: Value): void => {
    onChange(next);
    close();
  };
  return (
    <form
      className="condition-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (condition !== undefined) apply(condition);
      }}
    >
      {variable.ops.length === 1 ? null : (
        <Select
          label={`What is said of ${nameOf(variable)}`}
          options={variable.ops.map((op) => ({ value: op, text: OPERATORS[op] }))}
          value={draft.op}
          onChange={(op) =>
            setDraft({ op, values: takesOf(op) === 'many' ? draft.values : draft.values.slice(0, 1) })
          }
        />
      )}
      <ConditionValues {...props} draft={draft} onChange={setDraft} />
      <div className="condition-actions">
        <Button size="small" disabled={value === null} onClick={() => apply(null)}>
          Any
        </Button>
        <Button size="small" type="submit" kind="primary" disabled={condition === undefined}>
          Show
        </Button>
      </div>
    </form>
  );
};

const FilterControl = (props: ControlOf<'filter'>): ReactNode => {
  const { variable, value } = props;
  const text = valueWords(variable, value);
  return (
    <Popover
      label={`${nameOf(variable)}: ${text}`}
      button={
        <>
          <span className="truncate control-text">{text}</span>
          <Icon name="chevron" size={12} />
        </>
      }
    >
      {(close) => <ConditionForm {...props} close={close} />}
    </Popover>
  );
};

/** Chooses the value of a variable. */
export const VariableControl = ({ variable, ...rest }: ControlProps): ReactNode => {
  switch (variable.kind) {
    case 'range':
      return <RangeControl {...rest} variable={variable} />;
    case 'timezone':
      return <ZoneControl {...rest} variable={variable} />;
    case 'filter':
      return <FilterControl {...rest} variable={variable} />;
    case 'choice':
      return (
        <ChoiceControl
          label={nameOf(variable)}
          choices={variable.choices}
          isMultiple={variable.multiple}
          value={rest.value}
          allowsAny
          onChange={(next) => rest.onChange(next as Value)}
        />
      );
  }
};
