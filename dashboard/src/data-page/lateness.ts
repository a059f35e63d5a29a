import type { SqlAnswer } from '../../../src/contract/sql.ts';

/** Stretches of lateness, in milliseconds: each up to the next. */
export const LATENESS = [
  { fromMs: Number.NEGATIVE_INFINITY, text: 'ahead' },
  { fromMs: 0, text: '< 1 s' },
  { fromMs: 1_000, text: '1–10 s' },
  { fromMs: 10_000, text: '10–60 s' },
  { fromMs: 60_000, text: '1–10 min' },
  { fromMs: 600_000, text: '10–60 min' },
  { fromMs: 3_600_000, text: '1–24 h' },
  { fromMs: 86_400_000, text: '1–7 days' },
  { fromMs: 604_800_000, text: '> 7 days' },
] as const;

/** From this on an event is called late. */
export const LATE_MS = 60_000;

const BOUNDS = LATENESS.slice(1).map(({ fromMs }) => fromMs);

/** Levels of the quantiles that are asked for. */
export const LEVELS = [0.5, 0.95, 0.99] as const;

/** Hours that can be chosen. */
export const SPANS = [
  { value: '1', text: '1 h' },
  { value: '24', text: '24 h' },
  { value: '168', text: '7 days' },
  { value: '720', text: '30 days' },
] as const;

/** Types that are told of. */
const TYPES_MAX = 100;

/** How late the events were that happened in the last hours, by type: a statement for `{hours:UInt32}`. */
export const LATENESS_SQL = `SELECT
  type,
  count() AS events,
  countIf(late >= ${LATE_MS}) AS late_events,
  quantilesTDigest(${LEVELS.join(', ')})(toFloat64(late)) AS levels,
  [countIf(late < 0), ${BOUNDS.map((from, at) => {
    const to = BOUNDS[at + 1];
    return `countIf(late >= ${from}${to === undefined ? '' : ` AND late < ${to}`})`;
  }).join(', ')}] AS spread
FROM (
  SELECT type, date_diff('millisecond', time, received_at) AS late
  FROM events
  WHERE time >= now() - toIntervalHour({hours:UInt32}) AND time <= now()
)
GROUP BY GROUPING SETS ((type), ())
ORDER BY events DESC
LIMIT ${TYPES_MAX + 1}`;

/** How late events were. */
export interface Lateness {
  /** Undefined: all types. */
  readonly type: string;
  readonly events: number;
  readonly late: number;
  /** Milliseconds, by level. */
  readonly levels: readonly number[];
  /** Events in each stretch. */
  readonly spread: readonly number[];
}

const numbers = (value: unknown): readonly number[] => (Array.isArray(value) ? value.map(Number) : []);

const latenessOf = ([type, events, late, levels, spread]: readonly unknown[]): Lateness => ({
  type: String(type),
  events: Number(events),
  late: Number(late),
  levels: numbers(levels),
  spread: numbers(spread),
});

/** What the statement answered: all events together, and type by type. The whole is the row of the empty type, which no event has. */
export const readLateness = ({
  rows,
}: Pick<SqlAnswer, 'rows'>): {
  readonly whole: Lateness | undefined;
  readonly types: readonly Lateness[];
} => {
  const all = rows.map(latenessOf);
  return {
    whole: all.find(({ type, events }) => type === '' && events > 0),
    types: all.filter(({ type }) => type !== '').slice(0, TYPES_MAX),
  };
};
