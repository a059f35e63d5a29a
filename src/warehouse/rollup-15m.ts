import type { DerivedDefinition } from './derived.ts';
import { paneSql } from './schema.ts';

/** The rollup of 15 minutes, `rollup_15m`: derived from `events`. Why in the background, with measurements: `docs/decisions/022-derived-tables.md`. */

const PANE_MS = 900_000;

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

/** How `rollup_15m` is filled: as the view of `rollup_10s` does, in other panes. */
export const ROLLUP_15M: DerivedDefinition = {
  table: 'rollup_15m',
  insert: `rollup_15m (project, pane, type, currency, events, users, sessions, value_sum, value_count, position) SELECT
    project, ${paneSql(PANE_MS)} AS pane, type, currency,
    count(), uniqIfState(user_id, user_id != ''), uniqIfState(session_id, session_id != ''),
    sum(ifNull(toDecimal128(value, 6), toDecimal128(0, 6))), count(value), max(position) AS last
    FROM (SELECT ${COLUMNS} FROM events WHERE {rows} UNION ALL SELECT ${MARK})
    GROUP BY project, pane, type, currency ORDER BY last`,
  marksSteps: true,
  stepRowsMax: STEP_ROWS_MAX,
  rest: REST,
  tailRows: TAIL_ROWS,
};
