import type { LifecycleAnswer, LifecycleRequest } from '../contract/lifecycle.ts';
import { activePeriods, type Activity, openActivity, periodsFrame, readPeriods } from './activity.ts';
import { parseDuration } from './duration.ts';
import type { Insight } from './insight.ts';
import { lifecycleTable } from './period-tables.ts';
import { completenessOf, labelsOf, notBeforeAll, periodNumberSql, rangeOf, startsBefore } from './periods.ts';
import { bind, type Sql, sql, toStatement } from './sql.ts';

const LOOK_BACK = { min: '1d', max: '5000d' } as const;

const STATES = ['new', 'returning', 'resurrecting', 'dormant'] as const;

/** How many actors are in a state (its place in STATES) in a period. 64-bit integers may come as text. */
interface LifecycleRow {
  readonly period: number | string;
  readonly state: number;
  readonly actors: number | string;
}

/** Who is new, stays, comes back, goes. */
export const lifecycleInsight: Insight<LifecycleRequest, LifecycleAnswer> = {
  table: lifecycleTable,
  async answer(request, inquiry) {
    const lookBackMs =
      request.look_back === undefined ? undefined : parseDuration(request.look_back, 'look_back', LOOK_BACK);
    const activity = await openActivity(request, inquiry);
    const { calendar } = activity;
    const statement = toStatement(lifecycleSql(activity, lookBackMs));
    const rows = await readPeriods<LifecycleRow>(calendar, statement, inquiry);
    return {
      kind: 'lifecycle',
      ...periodsFrame(activity, statement, inquiry),
      starts: labelsOf(calendar),
      complete: completenessOf(calendar, inquiry.nowMs),
      actors: actorsOf(rows, calendar.starts.length),
    };
  },
};

/** Stands for no period: neither of the range, nor next to one of it. */
const NONE = sql`-9`;

/**
 * Periods are numbered from the first of the range: -1 is the one before, -2 all that lies before that. An actor has a state in each period that it is active in, and is dormant in one behind
 * such a period.
 */
const lifecycleSql = (activity: Activity, lookBackMs: number | undefined): Sql => {
  const { calendar } = activity;
  const { fromMs } = rangeOf(calendar);
  const [previousMs = fromMs] = startsBefore(calendar, 1);
  const starts = [previousMs - 1, previousMs, ...calendar.starts];
  const lowerMs =
    lookBackMs === undefined ? undefined : notBeforeAll(Math.min(previousMs, fromMs - lookBackMs));
  return sql`SELECT tupleElement(step, 1) AS period, tupleElement(step, 2) AS state, count() AS actors
    FROM (SELECT arrayMap(p -> ${periodNumberSql(sql`p`, starts)} - 2, periods) AS active,
        arrayPushFront(arrayPopBack(active), ${NONE}) AS before, arrayPushBack(arrayPopFront(active), ${NONE}) AS behind,
        arrayConcat(
          arrayMap((p, b) -> (p, multiIf(b = p - 1, 1, b = ${NONE}, 0, 2)), active, before),
          arrayMap(p -> (p + 1, 3), arrayFilter((p, b) -> p >= -1 AND b != p + 1, active, behind))
        ) AS steps
      FROM ${activePeriods(activity, starts, lowerMs)})
    ARRAY JOIN steps AS step
    WHERE period >= 0 AND period < ${bind('Int64', String(calendar.starts.length))}
    GROUP BY period, state`;
};

const actorsOf = (rows: readonly LifecycleRow[], periods: number): LifecycleAnswer['actors'] => {
  const zeros = () => Array.from({ length: periods }, () => 0);
  const actors = {
    new: zeros(),
    returning: zeros(),
    resurrecting: zeros(),
    dormant: zeros(),
    active: zeros(),
  };
  for (const row of rows) {
    const state = STATES[row.state] ?? 'new';
    const period = Number(row.period);
    actors[state][period] = Number(row.actors);
    if (state !== 'dormant') actors.active[period] = (actors.active[period] ?? 0) + Number(row.actors);
  }
  return actors;
};
