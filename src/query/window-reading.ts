import { setTimeout as pause } from 'node:timers/promises';
import { METRIC_LIMITS, type WindowSummary } from '../contract/metrics.ts';
import type { Measure } from '../contract/question.ts';
import type { WindowMetric } from '../window/metric.ts';
import { bucketSql, placeOnAxis } from './axis-sql.ts';
import { parseDuration } from './duration.ts';
import { parseField } from './fields.ts';
import type { Inquiry } from './insight.ts';
import { measuredField, type ParsedMeasure, parseMeasure } from './measure.ts';
import type { KeyedMetric, MetricWindowsQuestion, MetricWindowsReading } from './metric-windows.ts';
import { seenEvents } from './seen.ts';
import { bind, bindInstant, type Sql, sql, toStatement } from './sql.ts';
import { type WindowDefinition, windowMetric, windowsOfEvents } from './window-source.ts';

/**
 * Reads the session and count windows of a metric: those that are kept, where they tell of the position that the question is asked as of; else they are made of the events up to there, by the statement
 * that the kept ones are made by. Both are the same windows, so an answer depends on its position only.
 */

/** Kept windows that are so many records behind are not waited for, and not answered from. */
const BEHIND_POSITIONS_MAX = 1_000;
const ATTEMPTS_MAX = 30;
const WAIT_MS = 100;
/** The window of the row that tells how far a metric has come. */
const PROGRESS_WINDOW = '-9000000000000000';

const GAP = { min: METRIC_LIMITS.gapMin, max: METRIC_LIMITS.gapMax };

/** A metric and what its windows are made of. */
interface Kept {
  readonly metric: KeyedMetric;
  readonly definition: WindowDefinition;
}

/** What the windows of a saved metric are made of. Throws ApiError `invalid_request`. */
export const windowDefinition = ({ project, definition }: KeyedMetric): WindowDefinition => {
  const { window, events, timezone, measures } = definition;
  const of = measures.map(({ measure }) => measuredField(parseWindowMeasure(measure))).find((field) => field);
  return {
    ...{ project, events, of, timeZone: timezone },
    window:
      window.kind === 'session'
        ? { kind: 'session', gapMs: parseDuration(window.gap, 'window.gap', GAP) }
        : { kind: 'count', every: window.every },
    by: window.by === undefined ? undefined : parseField(window.by, 'window.by'),
  };
};

/** What the processor is told of a saved metric. Throws ApiError `invalid_request` for one whose windows cannot be kept. */
export const windowMetricOf = (metric: KeyedMetric): WindowMetric =>
  windowMetric(windowDefinition(metric), { metric: metric.id, version: metric.version });

const parseWindowMeasure = (measure: Measure): ParsedMeasure => parseMeasure(measure, 'measure');

/** Windows as of a position: rows as `windowsOfEvents` has them. */
interface WindowRows {
  readonly rows: Sql;
  readonly asOf: number;
  readonly source: 'metric_windows' | 'events';
  /** The latest receipt that is seen, milliseconds. */
  readonly receivedMs: number;
}

/** Which windows: conditions on the columns of the kept ones, and what they mean for events. */
interface Which {
  readonly windows: readonly Sql[];
  readonly events: readonly Sql[];
}

/** What was read, as of which position (-1: of nothing), and from what. */
export interface Reading<T> {
  readonly result: T;
  readonly asOf: number;
  readonly source: 'metric_windows' | 'events';
}

const own = ({ metric }: Kept): Sql =>
  sql`project = ${bind('String', metric.project)} AND metric = ${bind('String', metric.id)} AND version = ${bind('UInt64', metric.version)}`;

const allOf = (conditions: readonly Sql[]): Sql =>
  conditions.reduce((all, condition) => sql`${all} AND ${condition}`, sql``);

const PROGRESS = bind('Int64', PROGRESS_WINDOW);

const keptRows = (kept: Kept, asOf: number, { windows }: Which): Sql =>
  sql`(SELECT * FROM (SELECT * REPLACE (toUnixTimestamp64Milli(start) AS start, toUnixTimestamp64Milli(end) AS end)
      FROM metric_windows FINAL WHERE ${own(kept)} AND window > ${PROGRESS} AND removed = 0 AND first_position <= ${bind('UInt64', asOf)})
    WHERE 1${allOf(windows)})`;

const eventRows = ({ definition }: Kept, asOf: number, { windows, events }: Which): Sql =>
  sql`(SELECT * FROM (${windowsOfEvents(definition, { asOf, conditions: events })}) WHERE 1${allOf(windows)})`;

/** Does `use` with the windows as of the question's position; of a question that has none, as of the last one that is loaded or a later one. Kept windows are waited for a little. */
const reading = async <T>(
  kept: Kept,
  which: Which,
  inquiry: Inquiry,
  use: (windows: WindowRows) => Promise<T>,
): Promise<Reading<T>> => {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const progress = await progressOf(kept, inquiry);
    const wanted = inquiry.asOf ?? inquiry.loadedNext - 1;
    // Before the first position there is nothing to be told of.
    if (wanted < 0 || wanted - progress.next >= BEHIND_POSITIONS_MAX) break;
    if (progress.next <= wanted) {
      await pause(WAIT_MS);
      continue;
    }
    const asOf = inquiry.asOf ?? progress.next - 1;
    if (!(await isKnown(kept, asOf, inquiry))) {
      if (inquiry.asOf === undefined) continue;
      break;
    }
    const receivedMs =
      asOf === progress.next - 1 ? progress.receivedMs : await receivedOf(kept, asOf, inquiry);
    const source = 'metric_windows';
    const result = await use({ rows: keptRows(kept, asOf, which), asOf, source, receivedMs });
    // Windows that changed while they were read may be of before or of after.
    if (await isKnown(kept, asOf, inquiry)) return { result, asOf, source };
  }
  const asOf = inquiry.asOf ?? inquiry.loadedNext - 1;
  const receivedMs = await receivedOf(kept, asOf, inquiry);
  const source = 'events';
  return {
    result: await use({ rows: eventRows(kept, asOf, which), asOf, source, receivedMs }),
    ...{ asOf, source },
  };
};

interface Progress {
  /** Events of positions before this are in the windows that are kept. */
  readonly next: number;
  readonly receivedMs: number;
}

const progressOf = async (kept: Kept, inquiry: Inquiry): Promise<Progress> => {
  const [row] = await inquiry.read<Record<'n' | 'next' | 'received', number | string>>(
    toStatement(sql`SELECT count() AS n, max(position) AS next, max(toUnixTimestamp64Milli(end)) AS received
      FROM metric_windows WHERE ${own(kept)} AND key = '' AND window = ${PROGRESS}`),
  );
  if (row === undefined || Number(row.n) === 0)
    return { next: Number.NEGATIVE_INFINITY, receivedMs: Number.NEGATIVE_INFINITY };
  // Events that are of no window are told of now and then only.
  const next = Math.max(Number(row.next), inquiry.windowsNext(kept.metric.id, kept.metric.version));
  return { next, receivedMs: Number(row.received) };
};

/** Whether no window of before a position was changed behind it: then those that are kept tell what was at that position. */
const isKnown = async (kept: Kept, asOf: number, inquiry: Inquiry): Promise<boolean> => {
  const [row] = await inquiry.read<{ readonly n: number | string }>(
    toStatement(sql`SELECT count() AS n FROM metric_windows
      WHERE ${own(kept)} AND window > ${PROGRESS} AND position > ${bind('UInt64', asOf)} AND first_position <= ${bind('UInt64', asOf)}`),
  );
  return Number(row?.n ?? 0) === 0;
};

const receivedOf = async ({ metric }: Kept, asOf: number, inquiry: Inquiry): Promise<number> => {
  const [row] = await inquiry.read<Record<'n' | 'received', number | string>>(
    toStatement(sql`SELECT count() AS n, max(toUnixTimestamp64Milli(received_at)) AS received
      FROM events WHERE ${seenEvents(metric.project, { asOf })}`),
  );
  return row === undefined || Number(row.n) === 0 ? Number.NEGATIVE_INFINITY : Number(row.received);
};

/** Whether a window may still change, of the columns of its row. */
const isOpenSql = ({ definition }: Kept, receivedMs: number, inquiry: Inquiry): Sql => {
  if (definition.window.kind === 'count') return sql`(complete = 0)`;
  if (receivedMs === Number.NEGATIVE_INFINITY) return sql`1`;
  const latest = receivedMs - definition.window.gapMs - inquiry.closesAtMs(0);
  return sql`(end >= ${bind('Int64', String(latest))})`;
};

const keptOf = (metric: KeyedMetric): Kept => ({ metric, definition: windowDefinition(metric) });

/** Where events lie that windows of a range are made of. One that an event before the range belongs to begins before it; how far others reach is not known. */
const startsWithin = ({ definition }: Kept, fromMs: number, toMs: number): Which => {
  const from = bind('Int64', String(fromMs));
  const windows = [sql`start >= ${from} AND start < ${bind('Int64', String(toMs))}`];
  if (definition.window.kind === 'count') return { windows, events: [] };
  return { windows, events: [sql`time >= ${bindInstant(fromMs - definition.window.gapMs)}`] };
};

const SUMMARIES: Readonly<Record<WindowSummary, (of: Sql) => Sql>> = {
  avg: (of) => sql`avg(${of})`,
  sum: (of) => sql`sum(${of})`,
  min: (of) => sql`min(${of})`,
  max: (of) => sql`max(${of})`,
  median: (of) => sql`quantileExactInclusive(0.5)(${of})`,
};

interface CountRow {
  readonly b: number | string;
  /** 1: the whole range. */
  readonly level: number | string;
  readonly windows: number | string;
  readonly open: number | string;
  readonly duration: number;
  readonly events: number;
}

interface ValueRow extends Pick<CountRow, 'b' | 'level'> {
  readonly currency: string;
  readonly sum: number | null;
  readonly avg: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** What is read of windows by the buckets that they begin in. */
export interface WindowSeries extends MetricWindowsReading {
  /** Their duration in milliseconds, one entry a bucket that has windows, put together as the question says. */
  readonly durations: readonly { readonly bucket: number | null; readonly ms: number }[];
}

/** Windows by the bucket that they begin in. The rows of the statement must be few: a bucket, or a bucket and currency, each. */
export const readWindowSeries = async (
  question: MetricWindowsQuestion,
  inquiry: Inquiry,
): Promise<Reading<WindowSeries>> => {
  const kept = keptOf(question.metric);
  const { axis, summary, range } = question;
  const place = placeOnAxis(axis);
  const bucketOf = ({ b, level }: Pick<CountRow, 'b' | 'level'>) => (Number(level) === 0 ? place(b) : null);
  const which = startsWithin(kept, range.fromMs, range.toMs);
  return reading(kept, which, inquiry, async ({ rows, receivedMs }) => {
    const bucket = bucketSql(axis, sql`start`);
    const over = SUMMARIES[summary];
    const counts = await inquiry.read<CountRow>(
      toStatement(sql`SELECT ${bucket} AS b, grouping(b) AS level, count() AS windows, countIf(${isOpenSql(kept, receivedMs, inquiry)}) AS open,
          ${over(sql`toFloat64(end - start)`)} AS duration, ${over(sql`toFloat64(events)`)} AS events
        FROM ${rows} GROUP BY GROUPING SETS ((b), ())`),
    );
    const values =
      kept.definition.of === undefined ? [] : await inquiry.read<ValueRow>(valuesSql(bucket, rows, summary));
    const filled = counts.filter(({ windows }) => Number(windows) > 0);
    return {
      counts: filled.map((row) => ({
        ...{ bucket: bucketOf(row), windows: Number(row.windows), open: Number(row.open) },
      })),
      durations: filled.map((row) => ({ bucket: bucketOf(row), ms: row.duration })),
      values: question.metric.definition.measures.flatMap(({ measure }, index) => {
        const parsed = parseWindowMeasure(measure);
        if (parsed.kind === 'count')
          return filled.map((row) => ({ ...ofMeasure(index), bucket: bucketOf(row), value: row.events }));
        const isMoney = kept.definition.of?.kind === 'value';
        return values.map((row) => ({
          ...{ ...ofMeasure(index, isMoney ? row.currency : undefined), bucket: bucketOf(row) },
          value: row[parsed.kind as 'sum' | 'avg' | 'min' | 'max'],
        }));
      }),
    };
  });
};

const ofMeasure = (measure: number, currency?: string) => ({ measure, currency });

const MICRO = sql`1000000`;

const valuesSql = (bucket: Sql, rows: Sql, summary: WindowSummary) => {
  const over = SUMMARIES[summary];
  return toStatement(sql`SELECT ${bucket} AS b, grouping(b) AS level, currency,
      ${over(sql`toFloat64(s) / ${MICRO}`)} AS sum, ${over(sql`toFloat64(s) / ${MICRO} / n`)} AS avg,
      ${over(sql`toFloat64(least_one) / ${MICRO}`)} AS min, ${over(sql`toFloat64(greatest_one) / ${MICRO}`)} AS max
    FROM ${rows} ARRAY JOIN currencies AS currency, counts AS n, sums AS s, mins AS least_one, maxs AS greatest_one
    GROUP BY GROUPING SETS ((b, currency), (currency))`);
};

/** Which windows are listed. */
export interface WindowListQuestion {
  readonly metric: KeyedMetric;
  /** Of this key only. */
  readonly key: string | undefined;
  /** Those that begin then. */
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly limit: number;
}

/** A window as it is listed. */
export interface ListedWindow {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly events: number;
  /** It may still change. */
  readonly isOpen: boolean;
  /** What was measured, by currency (empty: none). */
  readonly values: readonly {
    readonly currency: string;
    readonly count: number;
    readonly sum: number;
    readonly min: number;
    readonly max: number;
  }[];
}

interface ListRow {
  readonly key: string;
  readonly start: number | string;
  readonly end: number | string;
  readonly events: number | string;
  readonly open: number;
  readonly currencies: readonly string[];
  readonly counts: readonly (number | string)[];
  readonly sums: readonly number[];
  readonly mins: readonly number[];
  readonly maxs: readonly number[];
}

/** The windows that begin last, the latest first. */
export const listWindows = (
  { metric, key, range, limit }: WindowListQuestion,
  inquiry: Inquiry,
): Promise<Reading<readonly ListedWindow[]>> => {
  const kept = keptOf(metric);
  const { windows, events } = startsWithin(kept, range.fromMs, range.toMs);
  const ofKey = key === undefined ? [] : [sql`key = ${bind('String', key)}`];
  const which = { windows: [...windows, ...ofKey], events: [...events, ...ofKey] };
  const numbers = (column: Sql): Sql => sql`arrayMap(x -> toFloat64(x) / ${MICRO}, ${column})`;
  return reading(kept, which, inquiry, async ({ rows, receivedMs }) => {
    const found = await inquiry.read<ListRow>(
      toStatement(sql`SELECT key, start, end, events, ${isOpenSql(kept, receivedMs, inquiry)} AS open, currencies, counts,
          ${numbers(sql`sums`)} AS sums, ${numbers(sql`mins`)} AS mins, ${numbers(sql`maxs`)} AS maxs
        FROM ${rows} ORDER BY start DESC, key, window DESC LIMIT ${bind('UInt64', limit)}`),
    );
    return found.map(listedOf);
  });
};

const listedOf = (row: ListRow): ListedWindow => ({
  ...{ key: row.key, startMs: Number(row.start), endMs: Number(row.end), events: Number(row.events) },
  isOpen: row.open === 1,
  values: row.currencies.map((currency, index) => ({
    ...{ currency, count: Number(row.counts[index] ?? 0), sum: row.sums[index] ?? 0 },
    ...{ min: row.mins[index] ?? 0, max: row.maxs[index] ?? 0 },
  })),
});
