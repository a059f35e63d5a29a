import { type ReactNode, useState } from 'react';
import type { Filter } from '../../../../src/contract/question.ts';
import { BreakdownPicker } from '../../ask/breakdown-picker.tsx';
import { FieldPicker } from '../../ask/field-picker.tsx';
import type { FieldUse } from '../../ask/fields.ts';
import { FilterEditor } from '../../ask/filter-editor.tsx';
import { IconButton, Select } from '../../design/index.ts';
import type { Kind, Question, QuestionOf } from '../kinds.ts';
import { Part, Row } from './part.tsx';

/** What every form is given. */
export interface FormProps<K extends Kind> {
  readonly project: string;
  readonly question: QuestionOf<K>;
  /** Changes some of it; undefined takes away. */
  readonly change: (patch: Partial<QuestionOf<K>>) => void;
}

/** The types that a question names, wherever: whose properties are offered. */
export const typesOf = (question: Question): readonly string[] => {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string') found.add(value);
    else if (Array.isArray(value)) for (const each of value) look(each);
    else if (typeof value === 'object' && value !== null) look((value as { types?: unknown }).types);
  };
  for (const name of ['types', 'series', 'steps', 'events', 'start', 'conversion', 'exposure'])
    if (name in question) look(Reflect.get(question, name));
  return [...found];
};

interface FilterPartProps {
  readonly project: string;
  readonly types: readonly string[];
  readonly value: Filter | undefined;
  readonly onChange: (filter: Filter | undefined) => void;
  readonly title?: string;
  readonly note?: string;
}

/** Which events count, of all that the question looks at. */
export const FilterPart = ({
  project,
  types,
  value,
  onChange,
  title = 'Filter',
  note,
}: FilterPartProps): ReactNode => (
  <Part title={title} at="filter" note={value === undefined ? undefined : note}>
    <FilterEditor project={project} types={types} value={value} onChange={onChange} />
  </Part>
);

interface ByPartProps {
  readonly project: string;
  readonly types: readonly string[];
  readonly by: readonly string[] | undefined;
  readonly top: number | undefined;
  readonly onChange: (patch: { by?: string[] | undefined; top?: number | undefined }) => void;
  readonly note?: string;
}

const TOPS = [3, 5, 10, 20, 50] as const;
const TOP = 10;

/** What the answer is broken down by, and into how many groups. */
export const ByPart = ({ project, types, by = [], top, onChange, note }: ByPartProps): ReactNode => (
  <Part title="Break down" at={['by', 'top']} note={by.length === 0 ? undefined : note}>
    <BreakdownPicker
      project={project}
      types={types}
      value={by}
      onChange={(next) => onChange(next.length === 0 ? { by: undefined, top: undefined } : { by: [...next] })}
    />
    {by.length === 0 ? null : (
      <Row title="Groups that are named">
        <NumberSelect
          label="Groups that are named"
          values={TOPS}
          value={top ?? TOP}
          onChange={(next) => onChange({ top: next === TOP ? undefined : next })}
        />
      </Row>
    )}
  </Part>
);

interface NumberSelectProps {
  readonly label: string;
  readonly values: readonly number[];
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly textOf?: (value: number) => string;
}

/** One of a few numbers, and the one that is there. */
export const NumberSelect = ({
  label,
  values,
  value,
  onChange,
  textOf = String,
}: NumberSelectProps): ReactNode => (
  <Select
    label={label}
    size="small"
    value={String(value)}
    options={[...new Set([...values, value])]
      .sort((a, b) => a - b)
      .map((each) => ({ value: String(each), text: textOf(each) }))}
    onChange={(next) => onChange(Number(next))}
  />
);

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of a few words. */
export const Choice = <Value extends string>({
  label,
  options,
  value,
  onChange,
}: ChoiceProps<Value>): ReactNode => (
  <Select
    label={label}
    size="small"
    value={value}
    options={(Object.entries(options) as [Value, string][]).map(([each, text]) => ({ value: each, text }))}
    onChange={onChange}
  />
);

const DURATION = /^(\d{1,6})\s*([smhdw])$/u;
const UNITS = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days', w: 'weeks' } as const;
type Unit = keyof typeof UNITS;

interface DurationProps {
  readonly label: string;
  /** `30m`, `7d`. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A number and a unit. */
export const DurationField = ({ label, value, onChange }: DurationProps): ReactNode => {
  const match = DURATION.exec(value);
  const unit = (match?.[2] ?? 'd') as Unit;
  const [typed, setTyped] = useState<string>();
  const amount = typed ?? match?.[1] ?? '';
  return (
    <span className="form-duration">
      <input
        className="input"
        inputMode="numeric"
        aria-label={label}
        value={amount}
        onChange={({ target }) => {
          setTyped(target.value);
          if (/^[1-9]\d{0,5}$/u.test(target.value)) onChange(`${target.value}${unit}`);
        }}
        onBlur={() => setTyped(undefined)}
      />
      <Choice
        label={`${label}: unit`}
        options={UNITS}
        value={unit}
        onChange={(next) => onChange(`${match?.[1] ?? 1}${next}`)}
      />
    </span>
  );
};

interface NumberFieldProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly placeholder?: string;
}

/** A number that may be left out. */
export const NumberField = ({ label, value, onChange, placeholder }: NumberFieldProps): ReactNode => {
  const [typed, setTyped] = useState<string>();
  return (
    <input
      className="input form-number"
      inputMode="decimal"
      aria-label={label}
      placeholder={placeholder}
      value={typed ?? (value === undefined ? '' : String(value))}
      onChange={({ target }) => {
        setTyped(target.value);
        if (target.value.trim() === '') onChange(undefined);
        else if (Number.isFinite(Number(target.value))) onChange(Number(target.value));
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
};

interface OptionalFieldProps {
  readonly project: string;
  readonly label: string;
  readonly types: readonly string[];
  readonly use: FieldUse;
  readonly value: string | undefined;
  readonly onChange: (field: string | undefined) => void;
  readonly placeholder?: string;
}

/** A field that may be left out. */
export const OptionalField = ({ onChange, value, ...rest }: OptionalFieldProps): ReactNode => (
  <span className="form-optional">
    <FieldPicker {...rest} value={value === '' ? undefined : value} onChange={onChange} />
    {value === undefined || value === '' ? null : (
      <IconButton
        icon="close"
        size="small"
        label={`No ${rest.label.toLowerCase()}`}
        onClick={() => onChange(undefined)}
      />
    )}
  </span>
);

const ACTORS = { user: 'Users', session: 'Sessions' } as const;

/** Who is followed from event to event. */
export const ActorRow = ({
  value,
  onChange,
}: {
  readonly value: 'user' | 'session' | undefined;
  readonly onChange: (actor: 'user' | 'session' | undefined) => void;
}): ReactNode => (
  <Row title="Counted are" at="actor">
    <Choice
      label="Counted are"
      options={ACTORS}
      value={value ?? 'user'}
      onChange={(next) => onChange(next === 'user' ? undefined : next)}
    />
  </Row>
);

/** Periods of the calendar. */
export const PERIODS = { day: 'Days', week: 'Weeks', month: 'Months' } as const;
