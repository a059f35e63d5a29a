import { type ReactNode, useMemo, useState } from 'react';
import type { SqlAnswer } from '../../../src/contract/sql.ts';
import { Field, Notice, Segmented, Select, type SelectOption } from '../design/index.ts';
import { plural } from '../lib/format.ts';
import { ChartDrawing } from './chart-drawing.tsx';
import { CHART_MAX, type ChartChoice, chartOf, isNumeric, likelyChart } from './result-chart.ts';

const NO_SPLIT = 'none';
const ALL_NUMBERS = 'all';

const KINDS = [
  { value: 'bars', text: 'Bars' },
  { value: 'line', text: 'Line' },
] as const;

interface ControlsProps {
  readonly columns: SqlAnswer['columns'];
  readonly choice: ChartChoice;
  readonly onChange: (choice: ChartChoice) => void;
}

interface PickProps {
  readonly label: string;
  readonly options: readonly SelectOption<string>[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const Pick = ({ label, ...rest }: PickProps): ReactNode => (
  <Field label={label}>{({ id }) => <Select id={id} label={label} size="small" {...rest} />}</Field>
);

const Controls = ({ columns, choice, onChange }: ControlsProps): ReactNode => {
  const { kind, x, ys, split } = choice;
  const option = (at: number) => ({ value: String(at), text: columns[at]?.name ?? '' });
  const every = columns.map((_, at) => at);
  const numbers = columns.flatMap((column, at) => (isNumeric(column) ? [at] : []));
  const toY = (value: string): void => {
    const chosen = value === ALL_NUMBERS ? numbers.filter((at) => at !== x) : [Number(value)];
    onChange({ ...choice, ys: chosen, split: chosen.length > 1 ? undefined : split });
  };
  const toSplit = (value: string): void =>
    onChange(
      value === NO_SPLIT
        ? { ...choice, split: undefined }
        : { ...choice, split: Number(value), ys: ys.slice(0, 1) },
    );
  const all = numbers.length > 1 ? [{ value: ALL_NUMBERS, text: 'all numbers' }] : [];
  const others = every.filter((at) => at !== x && !ys.includes(at));
  return (
    <div className="sql-chart-controls">
      <Segmented
        label="Kind of chart"
        size="small"
        options={KINDS}
        value={kind}
        onChange={(chosen) => onChange({ ...choice, kind: chosen })}
      />
      <Pick
        label="Along"
        options={every.map(option)}
        value={String(x)}
        onChange={(value) => onChange({ ...choice, x: Number(value) })}
      />
      <Pick
        label="Show"
        options={[...all, ...numbers.map(option)]}
        value={ys.length > 1 ? ALL_NUMBERS : String(ys[0])}
        onChange={toY}
      />
      <Pick
        label="Split by"
        options={[{ value: NO_SPLIT, text: 'nothing' }, ...others.map(option)]}
        value={split === undefined ? NO_SPLIT : String(split)}
        onChange={toSplit}
      />
    </div>
  );
};

/** The rows as a chart: which columns are chosen here, order and sums are the statement's. */
export const ChartView = ({ answer }: { readonly answer: SqlAnswer }): ReactNode => {
  const { columns } = answer;
  const shape = JSON.stringify(columns);
  const likely = useMemo(() => likelyChart(answer), [answer]);
  const [chosen, setChosen] = useState<{ readonly shape: string; readonly choice: ChartChoice }>();
  // What was chosen holds as long as statements answer the same columns.
  const choice = chosen?.shape === shape ? chosen.choice : likely;
  const chart = useMemo(() => (choice === undefined ? undefined : chartOf(answer, choice)), [answer, choice]);
  if (choice === undefined || chart === undefined)
    return (
      <Notice icon="chart" title="Nothing to draw">
        A chart takes a column of numbers, and another one along its axis.
      </Notice>
    );
  const { left, series } = chart;
  const what = `${series.map(({ name }) => name).join(', ')} by ${columns[choice.x]?.name ?? ''}`;
  return (
    <div className="sql-chart">
      <Controls columns={columns} choice={choice} onChange={(next) => setChosen({ shape, choice: next })} />
      <ChartDrawing chart={chart} kind={choice.kind} label={`Chart of ${what}`} />
      <ul className="sql-legend">
        {series.map(({ name }, at) => (
          <li key={at}>
            <span className="swatch" data-slot={at + 1} />
            <span className="truncate">{name}</span>
          </li>
        ))}
      </ul>
      {left.rows + left.series === 0 ? null : (
        <p className="quiet">
          Not drawn: {left.rows === 0 ? '' : plural(left.rows, 'row')}
          {left.rows > 0 && left.series > 0 ? ' and ' : ''}
          {left.series === 0 ? '' : `${left.series} more series`}. A chart holds {CHART_MAX.places} places and{' '}
          {CHART_MAX.series} series.
        </p>
      )}
    </div>
  );
};
