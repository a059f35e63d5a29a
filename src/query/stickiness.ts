import type { Period } from '../contract/periods.ts';
import type { StickinessAnswer, StickinessRequest } from '../contract/stickiness.ts';
import { activePeriods, type Activity, openActivity, periodsFrame, readPeriods } from './activity.ts';
import type { Insight } from './insight.ts';
import { stickinessTable } from './period-tables.ts';
import {
  type Calendar,
  completenessOf,
  labelsOf,
  notBeforeAll,
  periodNumberSql,
  startsBefore,
} from './periods.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bind, joinSql, type Sql, sql, toStatement } from './sql.ts';

/** Windows of requests that name none. */
const WINDOWS: Readonly<Record<Period, readonly number[]>> = { day: [7, 30], week: [4], month: [3] };

/** A number of actors. `what` is BY_COUNT, IN_PERIOD or a window (from FIRST_WINDOW on), `at` a number of periods or the number of one. 64-bit integers may come as text. */
interface StickinessRow {
  readonly what: number;
  readonly at: number | string;
  readonly actors: number | string;
}

const BY_COUNT = 0;
const IN_PERIOD = 1;
const FIRST_WINDOW = 2;

/** How regularly people come. */
export const stickinessInsight: Insight<StickinessRequest, StickinessAnswer> = {
  table: stickinessTable,
  async answer(request, inquiry) {
    const windows = windowsOf(request);
    const activity = await openActivity(request, inquiry);
    const { calendar } = activity;
    const statement = toStatement(stickinessSql(activity, windows));
    const rows = await readPeriods<StickinessRow>(calendar, statement, inquiry);
    return {
      kind: 'stickiness',
      ...periodsFrame(activity, statement, inquiry),
      starts: labelsOf(calendar),
      ...numbersOf(rows, calendar, windows, completenessOf(calendar, inquiry.nowMs)),
    };
  },
};

const windowsOf = ({ period, windows = [...WINDOWS[period]] }: StickinessRequest): readonly number[] => {
  const twice = windows.findIndex((window, index) => windows.indexOf(window) < index);
  if (twice >= 0) throw invalidAt(`windows.${twice}`, 'The windows must differ.');
  return windows;
};

/**
 * Periods are numbered from the first of the range; those before it, which windows reach back to, are negative. An actor is in a window from a period that it is active in (+1) until the window
 * no longer reaches back to it, or it is active again (-1): the numbers of a window are the sums of these up to each period.
 */
const stickinessSql = (activity: Activity, windows: readonly number[]): Sql => {
  const { calendar } = activity;
  const earlier = startsBefore(calendar, Math.max(...windows) - 1);
  const starts = [...earlier, ...calendar.starts];
  const fromMs = notBeforeAll(starts[0] ?? calendar.endMs);
  const window = (length: number, index: number) => {
    const what = bind('Int64', String(FIRST_WINDOW + index));
    const leaves = sql`if(n > p, least(n, p + ${bind('Int64', String(length))}), p + ${bind('Int64', String(length))})`;
    return sql`arrayMap(p -> (${what}, p, 1), active), arrayMap((p, n) -> (${what}, ${leaves}, -1), active, next)`;
  };
  return sql`SELECT tupleElement(step, 1) AS what, tupleElement(step, 2) AS at, sum(tupleElement(step, 3)) AS actors
    FROM (SELECT arrayMap(p -> ${periodNumberSql(sql`p`, starts)} - ${bind('Int64', String(earlier.length))}, periods) AS active,
        arrayPushBack(arrayPopFront(active), toInt64(-1000000)) AS next,
        arrayFilter(p -> p >= 0, active) AS inside,
        arrayConcat(
          if(empty(inside), [], [(toInt64(${bind('Int64', String(BY_COUNT))}), toInt64(length(inside)), 1)]),
          arrayMap(p -> (${bind('Int64', String(IN_PERIOD))}, p, 1), inside),
          ${joinSql(windows.map(window), ', ')}
        ) AS steps
      FROM ${activePeriods(activity, starts, fromMs)})
    ARRAY JOIN steps AS step
    GROUP BY what, at`;
};

type Numbers = Pick<StickinessAnswer, 'complete' | 'active' | 'actors' | 'histogram' | 'windows'>;

const numbersOf = (
  rows: readonly StickinessRow[],
  { starts }: Calendar,
  windows: readonly number[],
  complete: boolean[],
): Numbers => {
  const counts = new Map(rows.map(({ what, at, actors }) => [`${what} ${at}`, Number(actors)]));
  const numberAt = (what: number, at: number) => counts.get(`${what} ${at}`) ?? 0;
  const active = starts.map((_, index) => numberAt(IN_PERIOD, index));
  const exactly = starts.map((_, index) => numberAt(BY_COUNT, index + 1));
  return {
    complete,
    active,
    ...histogramOf(exactly),
    windows: windows.map((periods, index) => {
      const inWindow = runningSums(
        (at) => numberAt(FIRST_WINDOW + index, at),
        Math.max(...windows),
        starts.length,
      );
      return { periods, active: inWindow, ...ratiosOf(active, inWindow, complete) };
    }),
  };
};

const histogramOf = (exactly: number[]): Pick<Numbers, 'actors' | 'histogram'> => {
  const atLeast = exactly.map((_, index) => sumOf(exactly.slice(index)));
  const actors = atLeast[0] ?? 0;
  const shares = atLeast.map((count) => ratioOf(count, actors));
  // Each actor is counted once in "at least 1", "at least 2", … up to the number of its periods.
  return { actors, histogram: { exactly, at_least: atLeast, shares, mean: ratioOf(sumOf(atLeast), actors) } };
};

/** The sums of the changes up to each period of the range. */
const runningSums = (changeAt: (at: number) => number, reach: number, periods: number): number[] => {
  let sum = 0;
  for (let at = -reach; at < 0; at++) sum += changeAt(at);
  return Array.from({ length: periods }, (_, at) => (sum += changeAt(at)));
};

const ratiosOf = (
  active: readonly number[],
  inWindow: readonly number[],
  complete: readonly boolean[],
): { ratios: (number | null)[]; ratio: number | null } => {
  const overall = (numbers: readonly number[]) =>
    sumOf(numbers.filter((_, index) => complete[index] === true));
  return {
    ratios: active.map((count, index) => ratioOf(count, inWindow[index] ?? 0)),
    ratio: ratioOf(overall(active), overall(inWindow)),
  };
};

const sumOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const ratioOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
