import type { SqlAnswer } from '../../../src/contract/sql.ts';

type Column = SqlAnswer['columns'][number];
type Result = Pick<SqlAnswer, 'columns' | 'rows'>;

/** What of a result is drawn. Columns go by their place: names may be there twice. */
export interface ChartChoice {
  readonly kind: 'bars' | 'line';
  /** What stands along the axis. */
  readonly x: number;
  readonly ys: readonly number[];
  /** Whose values are series of their own; with it there is one `y`. */
  readonly split: number | undefined;
}

/** What is drawn. */
export interface ResultChart {
  readonly labels: readonly string[];
  /** Where the places are in time, in milliseconds since 1970 and in order; undefined: side by side. */
  readonly times: readonly number[] | undefined;
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Rows and groups that have no room. */
  readonly left: { readonly rows: number; readonly series: number };
}

/** As many places along the axis, and as many series, have room. */
export const CHART_MAX = { places: 500, series: 7 } as const;

const plainType = (type: string): string => {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(type)?.[1];
  return inner === undefined ? type : plainType(inner);
};

/** Whether the values of a column are numbers, also where they come as exact texts. */
export const isNumeric = ({ type }: Column): boolean =>
  /^(?:U?Int\d+|B?Float\d+|Decimal.*|SimpleAggregateFunction\(sum,.*)$/s.test(plainType(type));

/** Whether the values of a column are days or instants. */
export const isTime = ({ type }: Column): boolean => plainType(type).startsWith('Date');

/** A value as a number; null where it is none. */
export const numberOf = (value: unknown): number | null => {
  if (value === null || value === undefined || value === '' || typeof value === 'object') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
};

/** What most likely is meant to be seen: the first time or text along the axis, the numbers over it. Undefined: there is nothing to draw. */
export const likelyChart = ({ columns, rows }: Result): ChartChoice | undefined => {
  const numbers = columns.flatMap((column, at) => (isNumeric(column) ? [at] : []));
  const times = columns.flatMap((column, at) => (isTime(column) ? [at] : []));
  const others = columns.flatMap((column, at) => (isNumeric(column) || isTime(column) ? [] : [at]));
  const x = times[0] ?? others[0] ?? (numbers.length > 1 ? numbers[0] : undefined);
  if (x === undefined || rows.length === 0) return undefined;
  const ys = numbers.filter((at) => at !== x);
  if (ys.length === 0) return undefined;
  const places = rows.map((row) => row[x]);
  const repeats = new Set(places).size < places.length;
  const split = repeats ? others.find((at) => at !== x) : undefined;
  return {
    kind: times.length > 0 ? 'line' : 'bars',
    x,
    ys: ys.slice(0, split === undefined ? CHART_MAX.series : 1),
    split,
  };
};

const labelOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'null';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const sumOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);

type Untimed = Omit<ResultChart, 'times'>;

/** Days and instants come as ISO 8601; a time without a zone is UTC. */
const timeOf = (label: string): number => {
  const text = /^\d{4}-\d{2}-\d{2}[T ]/.test(label) ? label.replace(' ', 'T') : label;
  return Date.parse(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text);
};

/** The same in the order of time, and with the distances of time. */
const timed = (chart: Untimed): ResultChart => {
  const times = chart.labels.map(timeOf);
  if (times.some(Number.isNaN)) return { ...chart, times: undefined };
  const order = times.map((_, at) => at).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const sorted = <T>(list: readonly T[]): T[] => order.flatMap((at) => list.slice(at, at + 1));
  return {
    ...chart,
    times: sorted(times),
    labels: sorted(chart.labels),
    series: chart.series.map(({ name, values }) => ({ name, values: sorted(values) })),
  };
};

/** The numbers to draw. Along the axis stand times in their distances; anything else in the order of the rows, which is the statement's. */
export const chartOf = (result: Result, choice: ChartChoice): ResultChart => {
  const along = result.columns[choice.x];
  const chart = untimedOf(result, choice);
  return along !== undefined && isTime(along) ? timed(chart) : { ...chart, times: undefined };
};

const untimedOf = ({ columns, rows }: Result, choice: ChartChoice): Untimed => {
  const { x, ys, split } = choice;
  const [y = -1] = ys;
  if (split === undefined) {
    const shown = rows.slice(0, CHART_MAX.places);
    const chosen = ys.slice(0, CHART_MAX.series);
    return {
      labels: shown.map((row) => labelOf(row[x])),
      series: chosen.map((at) => ({
        name: columns[at]?.name ?? '',
        values: shown.map((row) => numberOf(row[at])),
      })),
      left: { rows: rows.length - shown.length, series: ys.length - chosen.length },
    };
  }
  const places = new Map<string, number>();
  const groups = new Map<string, (number | null)[]>();
  let left = 0;
  for (const row of rows) {
    const label = labelOf(row[x]);
    const at = places.get(label) ?? places.size;
    if (at >= CHART_MAX.places) {
      left += 1;
      continue;
    }
    places.set(label, at);
    const name = labelOf(row[split]);
    const values = groups.get(name) ?? [];
    groups.set(name, values);
    const value = numberOf(row[y]);
    if (value !== null) values[at] = (values[at] ?? 0) + value;
  }
  const series = [...groups]
    .map(([name, values]) => ({ name, values: Array.from(places, (_, at) => values[at] ?? null) }))
    .sort((a, b) => sumOf(b.values) - sumOf(a.values));
  return {
    labels: [...places.keys()],
    series: series.slice(0, CHART_MAX.series),
    left: { rows: left, series: Math.max(0, series.length - CHART_MAX.series) },
  };
};
