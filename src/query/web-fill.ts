import { selectSessions } from './session-rows.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import type { TimeRange } from './time-range.ts';
import { columnsOf } from './web-plan.ts';
import { countColumns, countsByList } from './web-lists.ts';
import {
  committed,
  DAY_MS,
  daySql,
  EVENT_HOUR,
  intervalsOf,
  isAlive,
  KEPT_CONTEXT,
  KEPT_QUESTION,
  ROW_COLUMNS,
  ROW_HOURS,
  SESSION_ID,
  shaped,
  timesIn,
  WEB_RULES,
} from './web-rows.ts';

/** The statements that fill the tables of settled sessions. `warehouse/web-sessions.ts` runs them. */

/** Up to where sessions have their rows. */
export interface WebMark {
  /** The generation that counts; empty before the first. */
  readonly generation: string;
  /** Rows are as of the events before this position. */
  readonly position: number;
  /** Sessions that began before this have rows, milliseconds. */
  readonly settledMs: number;
}

/** From a mark on to a further one. */
export interface WebAdvance {
  readonly from: WebMark;
  readonly to: WebMark;
}

const seenTo = ({ to }: WebAdvance): Sql =>
  sql`position < ${bind('UInt64', to.position)} AND session_id != ''`;

/** Events that the rows do not know yet, as two branches which the engine finds by position and by time. */
const newEvents = (advance: WebAdvance, columns: Sql): Sql => {
  const { from, to } = advance;
  const before = sql`time < ${bindInstant(to.settledMs)}`;
  const late = sql`SELECT ${columns} FROM events WHERE position >= ${bind('UInt64', from.position)} AND ${seenTo(advance)} AND ${before}`;
  const next = sql`SELECT ${columns} FROM events WHERE time >= ${bindInstant(from.settledMs)} AND ${before} AND ${seenTo(advance)}`;
  return sql`(${late} UNION ALL ${next})`;
};

const touched = (advance: WebAdvance): Sql => newEvents(advance, sql`${SESSION_ID} AS id`);

const DAY_LENGTH = sql`${bind('Int64', String(DAY_MS))}`;

const knownLong = ({ from, to }: WebAdvance): Sql =>
  sql`(SELECT id FROM web_long WHERE generation IN ${committed(from.generation)} OR generation = ${bind('String', to.generation)})`;

/** What filling asks and does. */
export const WEB_FILLING = {
  intervals: intervalsOf,

  /** The last mark. */
  mark: (): Statement =>
    toStatement(
      sql`SELECT generation, position, settled FROM web_steps WHERE project = '' AND kind = 'mark' AND rules = ${bind('String', WEB_RULES)} ORDER BY generation DESC LIMIT 1`,
    ),

  /** Whether there is anything of other rules. */
  foreign: (): Statement =>
    toStatement(
      sql`SELECT count() AS n FROM web_steps WHERE kind = 'mark' AND rules != ${bind('String', WEB_RULES)}`,
    ),

  /** The hours from an instant on that have events, with how many. */
  ahead: (fromMs: number, position: number): Statement =>
    toStatement(
      sql`SELECT ${EVENT_HOUR} AS hour, count() AS n FROM events WHERE time >= ${bindInstant(fromMs)} AND position < ${bind('UInt64', position)} AND session_id != '' GROUP BY hour ORDER BY hour LIMIT 10000`,
    ),

  /** The first hour that has events. */
  first: (position: number): Statement =>
    toStatement(
      sql`SELECT min(${EVENT_HOUR}) AS hour, count() AS n FROM events WHERE position < ${bind('UInt64', position)} AND session_id != ''`,
    ),

  /** How many events came late: before what is settled. */
  late: ({ from, to }: WebAdvance): Statement =>
    toStatement(
      sql`SELECT count() AS n FROM events WHERE position >= ${bind('UInt64', from.position)} AND position < ${bind('UInt64', to.position)} AND session_id != '' AND time < ${bindInstant(from.settledMs)}`,
    ),

  /** The hours in which the sessions that are concerned have events. */
  hours: (advance: WebAdvance): Statement => {
    const { generation } = advance.from;
    return toStatement(sql`SELECT DISTINCT hour FROM (${newEvents(advance, sql`${EVENT_HOUR} AS hour`)}
      UNION ALL SELECT ${ROW_HOURS} AS hour FROM web_sessions WHERE ${isAlive(generation)} AND id IN ${touched(advance)}) LIMIT 100000`);
  },

  /** What is put in, in this order, and counts with the last one. */
  steps: (advance: WebAdvance, intervals: readonly TimeRange[]): readonly Statement[] => {
    const { from, to } = advance;
    const by = bind('String', to.generation);
    const concerned = sql`${seenTo(advance)} AND ${timesIn(intervals)} AND ${SESSION_ID} IN ${touched(advance)}`;
    const ms = sql`toUnixTimestamp64Milli(time)`;
    const replaced = sql`INSERT INTO web_replaced (project, id, generation, day, by) SELECT project, id, generation, ${daySql(sql`began`)}, ${by}
      FROM web_sessions WHERE ${isAlive(from.generation)} AND id IN ${touched(advance)}`;
    const long = sql`INSERT INTO web_long (project, hour, id, generation) SELECT project, arrayJoin(hours), id, ${by}
      FROM (SELECT project, ${SESSION_ID} AS id, groupUniqArray(${EVENT_HOUR}) AS hours FROM events WHERE ${concerned} GROUP BY project, session_id, id
        HAVING max(${ms}) - min(${ms}) > ${DAY_LENGTH} OR id IN ${knownLong(advance)})`;
    const rows = selectSessions(
      KEPT_QUESTION,
      KEPT_CONTEXT,
      {
        key: sql`project, session_id`,
        where: sql`${concerned} AND ${SESSION_ID} NOT IN ${knownLong(advance)}`,
        having: sql`began < ${bind('Int64', String(to.settledMs))}`,
      },
      columnsOf(KEPT_QUESTION, KEPT_CONTEXT),
    );
    const sessions = sql`INSERT INTO web_sessions (project, level, generation, ${ROW_COLUMNS}) SELECT project, level, ${by}, ${ROW_COLUMNS} FROM ${shaped(rows)}`;
    return [replaced, long, sessions].map(toStatement);
  },

  /** Makes it count: the days that changed, and the mark. One block. */
  commit: ({ to }: WebAdvance): Statement => {
    const by = bind('String', to.generation);
    const changed = sql`SELECT DISTINCT project, 'changed' AS kind, day, ${by} AS g, '' AS base, toUInt64(0) AS position, toInt64(0) AS settled, '' AS rules FROM (
      SELECT project, ${daySql(sql`began`)} AS day FROM web_sessions WHERE generation = ${by} UNION ALL SELECT project, day FROM web_replaced WHERE by = ${by})`;
    return toStatement(sql`INSERT INTO web_steps (project, kind, day, generation, base, position, settled, rules) SELECT * FROM (${changed}
      UNION ALL SELECT '', 'mark', toInt32(0), ${by}, '', toUInt64(${bind('UInt64', to.position)}), toInt64(${bind('Int64', String(to.settledMs))}), ${bind('String', WEB_RULES)}) ORDER BY project, kind, day`);
  },

  /** The days whose entries are to be counted, earliest first: those that ended before an instant, of which nothing was counted, or which have not changed since a generation. */
  staleDays: ({ settledMs, generation }: WebMark, quietSince: string): Statement =>
    toStatement(
      sql`SELECT day FROM (SELECT project, day, maxIf(generation, kind = 'changed' AND generation <= ${bind('String', generation)}) AS changed, maxIf(base, kind = 'pane') AS paned
        FROM web_steps WHERE project != '' GROUP BY project, day)
        WHERE changed > paned AND day < ${bind('Int64', String(Math.floor(settledMs / DAY_MS)))} AND (paned = '' OR changed < ${bind('String', quietSince)})
        GROUP BY day ORDER BY day LIMIT 1`,
    ),

  /** Counts a day, and makes that count: panes of all its projects. */
  pane: (day: number, base: string, generation: string): readonly Statement[] => {
    const by = bind('String', generation);
    const within = { fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS };
    const rows = sql`(SELECT * FROM web_sessions WHERE project != '' AND began >= ${bind('Int64', String(within.fromMs))} AND began < ${bind('Int64', String(within.toMs))} AND ${isAlive(base)})`;
    const dayOf = sql`toInt32(${bind('Int64', String(day))})`;
    const counts = countColumns('plain');
    const days = sql`INSERT INTO web_days (project, day, generation, list, value, full_channel, own_channel, ${counts})
      SELECT project, ${dayOf}, ${by}, list, value, full_channel, own_channel, ${counts} FROM (${joinSql(countsByList(sql`project`, rows, 'plain'), ' UNION ALL ')})`;
    const steps = sql`INSERT INTO web_steps (project, kind, day, generation, base) SELECT DISTINCT project, 'pane', day, ${by}, ${bind('String', base)} FROM web_steps
      WHERE project != '' AND kind = 'changed' AND day = ${dayOf} AND generation <= ${bind('String', base)} ORDER BY project`;
    return [days, steps].map(toStatement);
  },

  /** Panes that were counted anew since. */
  outdated: (before: string): Statement =>
    toStatement(
      sql`SELECT day, generation FROM (SELECT project, day, generation, max(generation) OVER (PARTITION BY project, day) AS latest FROM web_steps WHERE kind = 'pane')
        WHERE latest < ${bind('String', before)} AND generation < latest GROUP BY day, generation LIMIT 100`,
    ),
} as const;
