import { PANE_LEVELS } from '../query/ports.ts';
import type { DerivedDefinition } from './derived.ts';
import { paneSql } from './schema.ts';

/** The rollup of 15 minutes and wider, `rollup_15m`: derived from `events`. Why in the background, with measurements: `docs/decisions/022-derived-tables.md`; why in several widths: `025-wider-panes.md`. */

const PANE_MS = 900_000;

const LEVELS_SQL = PANE_LEVELS.map(
  ({ isOfAllTypes, seconds }) => `(toUInt8(${Number(isOfAllTypes)}), toUInt32(${seconds}))`,
).join(', ');

/** A step groups in memory: at most so many events at once. */
const STEP_ROWS_MAX = 500_000;
/** A share of half a core, or of a tenth while the machine has no time. */
const REST = { calm: 1, busy: 9 } as const;
/** So many events may be counted from the events themselves by every question: 20 to 50 ms. */
const TAIL_ROWS = 50_000;

const COLUMNS = 'project, type, currency, time, user_id, session_id, value, position';

/** One more row, of no project, at the last position: it tells how far the step went. */
const MARK =
  "toLowCardinality(''), toLowCardinality(''), toLowCardinality(''), toDateTime64(0, 3, 'UTC'), '', '', NULL, toUInt64({to:UInt64} - 1)";

/** How `rollup_15m` is filled: events are counted in its narrowest panes, as the view of `rollup_10s` does, and all others put together from these. */
export const ROLLUP_15M: DerivedDefinition = {
  table: 'rollup_15m',
  insert: `rollup_15m (project, all_types, width, type, pane, currency, events, users, sessions, value_sum, value_count, position) SELECT
    project, level.1 AS of_all, level.2 AS seconds, if(of_all = 1, '', of_type) AS panes_type,
    toDateTime64(toUnixTimestamp64Second(narrow) - positiveModulo(toUnixTimestamp64Second(narrow), seconds), 0, 'UTC') AS wide,
    currency, sum(n), uniqMergeState(u), uniqMergeState(s), sum(v), sum(c), max(reached) AS last
    FROM (SELECT project, type AS of_type, ${paneSql(PANE_MS)} AS narrow, currency,
      count() AS n, uniqStateIf(user_id, user_id != '') AS u, uniqStateIf(session_id, session_id != '') AS s,
      sum(ifNull(toDecimal128(value, 6), toDecimal128(0, 6))) AS v, count(value) AS c, max(position) AS reached
      FROM (SELECT ${COLUMNS} FROM events WHERE {rows} UNION ALL SELECT ${MARK})
      GROUP BY project, of_type, narrow, currency)
    ARRAY JOIN [${LEVELS_SQL}] AS level
    GROUP BY project, of_all, seconds, panes_type, wide, currency ORDER BY last`,
  marksSteps: true,
  stepRowsMax: STEP_ROWS_MAX,
  rest: REST,
  tailRows: TAIL_ROWS,
};
