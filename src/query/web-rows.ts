import { createHash } from 'node:crypto';
import { passiveSchema, viewsSchema } from '../contract/sessions.ts';
import { noPropertyColumns } from './ports.ts';
import { parseSelector } from './selector.ts';
import type { SessionQuestion } from './session-rows.ts';
import { bind, bindInstant, joinSql, type Sql, sql } from './sql.ts';
import type { TimeRange } from './time-range.ts';
import {
  channelSql,
  EMAIL_MEDIUMS,
  PAID_MEDIUMS,
  SEARCH_HOSTS,
  SOCIAL_HOSTS,
  SOCIAL_MEDIUMS,
} from './web-channel.ts';
import { CAMPAIGN_PLACES, UTM_COLUMNS, UTM_NAMES } from './web-plan.ts';

/** What web analytics know of a session, as a row: made of events, or kept in `web_sessions`. The same columns either way. */

/** The sessions that are kept: all events make them up, what is a view and what is passive is as by default. */
export const KEPT_QUESTION: SessionQuestion = {
  types: undefined,
  filter: undefined,
  views: parseSelector(viewsSchema.parse(undefined), 'views'),
  passive: passiveSchema.parse(undefined),
};

/** Columns of properties may come and go: what is kept is read from the JSON. */
export const KEPT_CONTEXT = { columns: noPropertyColumns, nowMs: 0, timeZone: 'UTC', asOf: undefined };

const VERSION = 1;

/** By which rules rows were made. Those of other rules count for nothing. */
export const WEB_RULES = createHash('sha256')
  .update(
    JSON.stringify([
      ...[VERSION, KEPT_QUESTION.views, KEPT_QUESTION.passive],
      ...[PAID_MEDIUMS, EMAIL_MEDIUMS, SOCIAL_MEDIUMS, SEARCH_HOSTS, SOCIAL_HOSTS],
    ]),
  )
  .digest('hex')
  .slice(0, 16);

/** Which session an event belongs to, as a number. Two sessions of one number are neither kept: they look like one that lasts. */
export const SESSION_ID = sql`cityHash64(toString(project), session_id)`;

/** Levels: how many zeros the number of a visitor ends with, at most so many. */
export const LEVEL_MAX = 12;

const COLUMNS = sql`began, id, duration, views, bounced, visitor, referring, full_channel, own_channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content, entry, exit, seen, seen_views, of_country, of_device, of_browser, of_system`;

/** The columns of `web_sessions` behind project and level, as `shaped` gives them. */
export const ROW_COLUMNS = COLUMNS;

/** Rows of sessions (with `project` among their columns) in the shape of `web_sessions`. A statement to read from, in brackets. */
export const shaped = (rows: Sql): Sql => {
  const isCampaign = sql`(utm_source != '' OR utm_medium != '' OR utm_campaign != '')`;
  const utm = UTM_NAMES.map(
    (name) => sql`arrayElement(campaign, ${CAMPAIGN_PLACES[name][0]}) AS ${UTM_COLUMNS[name]}`,
  );
  return sql`(SELECT * REPLACE(arrayDistinct(seen) AS seen),
      ${SESSION_ID} AS id,
      cityHash64(multiIf(anonymous != '', concat('a', anonymous), known != '', concat('u', known), concat('s', session_id))) AS visitor,
      toUInt8(least(${bind('UInt64', LEVEL_MAX)}, bitCount(bitXor(visitor, visitor - 1)) - 1)) AS level,
      arrayMap(one -> toUInt32(countEqual(all_seen, one)), seen) AS seen_views,
      ${joinSql(utm, ', ')},
      ${channelSql(sql`referring`, sql`utm_medium`, isCampaign)} AS full_channel,
      ${channelSql(sql`''`, sql`utm_medium`, isCampaign)} AS own_channel
    FROM (SELECT *, seen AS all_seen FROM ${rows}))`;
};

/** Generations that count as of one. */
export const committed = (generation: string): Sql =>
  sql`(SELECT generation FROM web_steps WHERE project = '' AND kind = 'mark' AND generation <= ${bind('String', generation)})`;

/** A row among all, as one number: the engine looks up tuples several times more slowly. That another row has the same is as likely as two visitors of one number. */
const ROW = sql`cityHash64(id, toString(generation))`;

/** The rows of `web_sessions` that count as of a generation, for WHERE; `of` confines what was replaced to a project. */
export const isAlive = (generation: string, of: Sql = sql`1`): Sql =>
  sql`generation IN ${committed(generation)} AND ${ROW} NOT IN (SELECT ${ROW} FROM web_replaced WHERE ${of} AND by IN ${committed(generation)})`;

/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000;
/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;
const INTERVALS_MAX = 32;

/** Hours as intervals; if they were too many, all between the first and the last. */
export const intervalsOf = (hours: readonly number[]): TimeRange[] => {
  const intervals: { fromMs: number; toMs: number }[] = [];
  for (const hour of [...hours].sort((a, b) => a - b)) {
    const fromMs = hour * HOUR_MS;
    const last = intervals.at(-1);
    if (last?.toMs !== undefined && last.toMs >= fromMs) last.toMs = fromMs + HOUR_MS;
    else intervals.push({ fromMs, toMs: fromMs + HOUR_MS });
  }
  const [first, last] = [intervals[0], intervals.at(-1)];
  return intervals.length > INTERVALS_MAX && first !== undefined && last !== undefined
    ? [{ fromMs: first.fromMs, toMs: last.toMs }]
    : intervals;
};

const anyOf = (intervals: readonly TimeRange[], condition: (interval: TimeRange) => Sql): Sql =>
  intervals.length === 0
    ? sql`0`
    : sql`(${joinSql(
        intervals.map((interval) => sql`(${condition(interval)})`),
        ' OR ',
      )})`;

/** Events that happened then. */
export const timesIn = (intervals: readonly TimeRange[]): Sql =>
  anyOf(intervals, ({ fromMs, toMs }) => sql`time >= ${bindInstant(fromMs)} AND time < ${bindInstant(toMs)}`);

/** Sessions that began then. */
export const beganIn = (intervals: readonly TimeRange[]): Sql =>
  anyOf(
    intervals,
    ({ fromMs, toMs }) =>
      sql`began >= ${bind('Int64', String(fromMs))} AND began < ${bind('Int64', String(toMs))}`,
  );

const HOUR = sql`${bind('Int64', String(HOUR_MS))}`;
const DAY = sql`${bind('Int64', String(DAY_MS))}`;

/** The hour of milliseconds, since 1970; before it as well. */
export const hourSql = (ms: Sql): Sql => sql`intDiv(${ms} - positiveModulo(${ms}, ${HOUR}), ${HOUR})`;
/** The day of milliseconds, likewise. */
export const daySql = (ms: Sql): Sql => sql`toInt32(intDiv(${ms} - positiveModulo(${ms}, ${DAY}), ${DAY}))`;

/** The hours of a row of `web_sessions`, one a row. */
export const ROW_HOURS = sql`arrayJoin(range(${hourSql(sql`began`)}, ${hourSql(sql`began + duration`)} + 1))`;
/** The hour of an event, since 1970. */
export const EVENT_HOUR = hourSql(sql`toUnixTimestamp64Milli(time)`);
