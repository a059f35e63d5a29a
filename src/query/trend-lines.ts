import type { RateUnit } from '../contract/question.ts';
import type { Axis } from './buckets.ts';
import { evaluateFormula } from './formula.ts';
import { emptyValue, isExact, isPerCurrency } from './measure.ts';
import type { ParsedFormula, ParsedSeries, PeriodPlan, SeriesPlan } from './trend-plan.ts';
import { unitMsOf } from './trend-sql.ts';

/** One row of the statement of a series. 64-bit integers may come as text. */
export interface TrendRow {
  readonly g: readonly string[];
  readonly b: number | string;
  readonly whole: number | string;
  readonly m: number | string | null;
  readonly x?: string;
}

/** The numbers of one group of a series, or of a formula, over one period. */
export interface Line {
  /** Of money; empty: none. */
  readonly currency: string | undefined;
  /** One text a field of the break-down; none for "other", and without break-down. */
  readonly keys: readonly string[];
  readonly values: readonly (number | null)[];
  readonly total: number | null;
  readonly exact: string | undefined;
}

/** Lines by `lineKey`. */
export type Lines = ReadonlyMap<string, Line>;

/** The name of a group: its currency and its keys. */
export const lineKey = ({ currency, keys }: Pick<Line, 'currency' | 'keys'>): string =>
  JSON.stringify([currency ?? null, keys]);

const emptyLine = (plan: SeriesPlan, group: Pick<Line, 'currency' | 'keys'>): Line => {
  const empty = emptyValue(plan.series.measure);
  return {
    ...{ currency: group.currency, keys: group.keys, total: empty },
    values: plan.axis.starts.map(() => empty),
    exact: empty === null || !isExact(plan.series.measure) ? undefined : '0',
  };
};

const numberOrNull = (value: number | string | null): number | null =>
  value === null ? null : Number(value);

/** Puts the rows of a statement on the time axis, and fills empty buckets. */
export const linesOf = (
  plan: SeriesPlan,
  rows: readonly TrendRow[],
  isCumulative: boolean,
  isSliding: boolean,
): Map<string, Line> => {
  const isMoney = isPerCurrency(plan.series.measure);
  const slot = isSliding ? (bucket: number) => bucket : slotOf(plan);
  const groups = new Map<string, TrendRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.g);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const lines = [...groups.values()].map((group) => {
    const g = group[0]?.g ?? [];
    const empty = emptyLine(
      plan,
      isMoney ? { currency: g[0] ?? '', keys: g.slice(1) } : { currency: undefined, keys: g },
    );
    return isCumulative ? runningLine(empty, group, slot) : plainLine(empty, group, slot);
  });
  return new Map(lines.map((line) => [lineKey(line), line]));
};

type Slot = (bucket: number) => number;

/** From what the statement calls a bucket to its place on the axis. */
const slotOf = ({ axis, source }: SeriesPlan): Slot => {
  if (axis.widthMs !== undefined) return (bucket) => bucket;
  const slots = new Map(axis.starts.map((ms, index) => [ms / unitMsOf(source), index]));
  return (bucket) => slots.get(bucket) ?? 0;
};

const plainLine = (empty: Line, rows: readonly TrendRow[], slot: Slot): Line => {
  const values = [...empty.values];
  for (const row of rows) if (Number(row.whole) === 0) values[slot(Number(row.b))] = numberOrNull(row.m);
  const whole = rows.find((row) => Number(row.whole) === 1);
  return whole === undefined
    ? { ...empty, values }
    : { ...empty, values, total: numberOrNull(whole.m), exact: whole.x };
};

const runningLine = (empty: Line, rows: readonly TrendRow[], slot: Slot): Line => {
  const bySlot = new Map(rows.map((row) => [slot(Number(row.b)), row]));
  let { total, exact } = empty;
  const values = empty.values.map((_, index) => {
    const row = bySlot.get(index);
    if (row !== undefined) [total, exact] = [numberOrNull(row.m), row.x];
    return total;
  });
  return { ...empty, values, total, exact };
};

/** Gives a series the groups that others have: what is not money in each group, money in each group and currency in which there is some. */
export const completed = (plan: SeriesPlan, lines: Lines, groups: Iterable<Line>): Map<string, Line> => {
  const all = new Map(lines);
  const isMoney = isPerCurrency(plan.series.measure);
  for (const { currency, keys } of groups) {
    if (isMoney && currency === undefined) continue;
    const line = emptyLine(plan, { currency: isMoney ? currency : undefined, keys });
    const key = lineKey(line);
    if (!all.has(key)) all.set(key, line);
  }
  return all;
};

const UNIT_MS: Readonly<Record<RateUnit, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** What the buckets of a period last, and the whole of it, milliseconds. */
export interface Durations {
  readonly buckets: readonly number[];
  readonly totalMs: number;
}

/** What each number is measured over: the part of a bucket that the range covers, its window, or everything up to its end. */
export const durationsOf = ({ axis, range, steps }: PeriodPlan, isCumulative: boolean): Durations => {
  const ends = endsOf(axis);
  const buckets = axis.starts.map((startMs, index) => {
    const endMs = Math.min(ends[index] ?? axis.endMs, range.toMs);
    if (steps !== undefined) return endMs - (steps[index] ?? startMs);
    return endMs - (isCumulative ? range.fromMs : Math.max(startMs, range.fromMs));
  });
  return { buckets, totalMs: range.toMs - range.fromMs };
};

const endsOf = ({ starts, endMs }: Axis): number[] => [...starts.slice(1), endMs];

const scaled = (value: number | null, unitMs: number, durationMs: number): number | null =>
  value === null || durationMs <= 0 ? null : (value * unitMs) / durationMs;

/** A sum or a count by the time that it came in. */
export const toRate = (line: Line, { rate }: ParsedSeries, durations: Durations): Line => {
  if (rate === undefined) return line;
  const unitMs = UNIT_MS[rate];
  return {
    ...line,
    values: line.values.map((value, index) => scaled(value, unitMs, durations.buckets[index] ?? 0)),
    total: scaled(line.total, unitMs, durations.totalMs),
    exact: undefined,
  };
};

const quotient = (value: number | null, by: number | null | undefined): number | null =>
  value === null || by === null || by === undefined || by === 0 ? null : value / by;

/** A line by the users of its group. */
export const perUser = (line: Line, users: Lines): Line => {
  const divisor = users.get(lineKey({ currency: undefined, keys: line.keys }));
  return {
    ...line,
    values: line.values.map((value, index) => quotient(value, divisor?.values[index])),
    total: quotient(line.total, divisor?.total),
    exact: undefined,
  };
};

/** A formula group by group: numbers that are no money hold in each currency. */
export const formulaLines = (
  { expression, letters }: ParsedFormula,
  series: ReadonlyMap<string, { readonly plan: SeriesPlan; readonly lines: Lines }>,
): Map<string, Line> => {
  const parts = letters.flatMap((letter) => series.get(letter) ?? []);
  const money = parts.filter(({ plan }) => isPerCurrency(plan.series.measure));
  const groups = (money.length > 0 ? money : parts).flatMap(({ lines }) => [...lines.values()]);
  const results = groups.map(({ currency, keys }) => {
    const lineOf = (letter: string): Line | undefined => {
      const part = series.get(letter);
      if (part === undefined) return undefined;
      const isMoney = isPerCurrency(part.plan.series.measure);
      const group = { currency: isMoney ? currency : undefined, keys };
      return part.lines.get(lineKey(group)) ?? emptyLine(part.plan, group);
    };
    const lines = new Map(letters.map((letter) => [letter, lineOf(letter)]));
    const buckets = parts[0]?.plan.axis.starts ?? [];
    const line: Line = {
      ...{ currency, keys, exact: undefined },
      values: buckets.map((_, index) =>
        evaluateFormula(expression, (letter) => lines.get(letter)?.values[index] ?? null),
      ),
      total: evaluateFormula(expression, (letter) => lines.get(letter)?.total ?? null),
    };
    return [lineKey(line), line] as const;
  });
  return new Map(results);
};

/** The mean of so many values up to each; null where fewer lie before it, or all are null. */
export const movingAverage = (values: readonly (number | null)[], count: number): (number | null)[] =>
  values.map((_, index) => {
    if (index + 1 < count) return null;
    const known = values.slice(index + 1 - count, index + 1).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
