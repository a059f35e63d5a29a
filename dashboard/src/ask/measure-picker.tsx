import './ask.css';
import type { ReactNode } from 'react';
import type { Measure, RateUnit } from '../../../src/contract/question.ts';
import { Select } from '../design/index.ts';
import { FieldPicker } from './field-picker.tsx';
import {
  choiceOf,
  fieldOfMeasure,
  fieldUseOf,
  MEASURE_CHOICES,
  MEASURE_TEXTS,
  type MeasureChoice,
  measureOf,
} from './measures.ts';

interface MeasurePickerProps {
  readonly project: string;
  /** Whose properties are offered. */
  readonly types?: readonly string[];
  readonly value: Measure;
  readonly onChange: (measure: Measure) => void;
  /** Name for screen readers. */
  readonly label?: string;
}

/** Percentiles as they stand in the list. */
const LEVELS = [0.1, 0.25, 0.75, 0.9, 0.95, 0.99] as const;

const CHOICES = MEASURE_CHOICES.map((value) => ({ value, text: MEASURE_TEXTS[value] }));
const RATES: readonly RateUnit[] = ['second', 'minute', 'hour', 'day'];
const UNITS = RATES.map((value) => ({ value, text: value }));

const Level = ({
  value,
  onChange,
}: {
  readonly value: number;
  readonly onChange: (level: number) => void;
}) => (
  <Select
    label="Percentile"
    value={String(value)}
    options={[...new Set([...LEVELS, value])]
      .sort((a, b) => a - b)
      .map((level) => ({ value: String(level), text: `p${Number((level * 100).toFixed(1))}` }))}
    onChange={(level) => onChange(Number(level))}
  />
);

/** What is measured: how many events, users or sessions, or a number of a field. */
export const MeasurePicker = ({
  project,
  types = [],
  value,
  onChange,
  label = 'Measure',
}: MeasurePickerProps): ReactNode => {
  const choice = choiceOf(value);
  const field = fieldOfMeasure(value);
  const use = fieldUseOf(choice);
  const choose = (next: MeasureChoice): void =>
    onChange(measureOf(next, fieldUseOf(next) === use ? field : undefined));
  return (
    <div className="measure" role="group" aria-label={label}>
      <Select label={label} options={CHOICES} value={choice} onChange={choose} />
      {use === undefined ? null : (
        <FieldPicker
          project={project}
          label={`${MEASURE_TEXTS[choice]} which field`}
          use={use}
          types={types}
          value={field}
          onChange={(of) =>
            onChange(measureOf(choice, of, typeof value === 'object' && 'level' in value ? value : {}))
          }
        />
      )}
      {typeof value === 'object' && value.kind === 'quantile' && choice === 'quantile' ? (
        <Level value={value.level} onChange={(level) => onChange({ ...value, level })} />
      ) : null}
      {typeof value === 'object' && value.kind === 'rate' ? (
        <Select
          label="Per"
          options={UNITS}
          value={value.per}
          onChange={(per) => onChange({ ...value, per })}
        />
      ) : null}
    </div>
  );
};
