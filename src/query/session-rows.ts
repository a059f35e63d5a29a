import type { Selector } from '../contract/question.ts';
import { SESSION_LIMITS } from '../contract/sessions.ts';
import type { Field } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter } from './filter.ts';
import { keySql } from './groups.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bind, bindInstant, joinSql, type Sql, sql } from './sql.ts';
import type { TimeRange } from './time-range.ts';

/**
 * Sessions as rows: the events of a project with the same `session_id`, from a day before the range to a day behind it. The session began with the first of them; those that
 * began in the range count. Of events of the same millisecond the one of the lower position comes first; of those of one record the lesser text.
 */

const HOUR_MS = 3_600_000;
/** A session that is longer may be cut by the range of a question. */
export const MARGIN_MS = SESSION_LIMITS.marginHours * HOUR_MS;

/** Which sessions, and what is looked at in them. */
export interface SessionQuestion {
  readonly types: readonly string[] | undefined;
  readonly filter: ParsedFilter | undefined;
  readonly views: ParsedSelector;
  readonly passive: readonly string[];
}

/** Reads what questions about sessions share. Throws ApiError `invalid_request`. */
export const parseSessionQuestion = (
  request: {
    readonly types?: string[] | undefined;
    readonly views: Selector;
    readonly passive: readonly string[];
  },
  filter: ParsedFilter | undefined,
): SessionQuestion => ({
  types: request.types,
  filter,
  views: parseSelector(request.views, 'views'),
  passive: request.passive,
});

/** Fields that the question reads. */
export const fieldsOfSessions = ({ filter, views }: SessionQuestion): Field[] => [
  ...fieldsOfFilter(filter),
  ...fieldsOfSelector(views),
];

/** Where sessions are looked for. */
export interface SessionScope {
  readonly project: string;
  readonly range: TimeRange;
  readonly context: FilterContext;
}

/** Where an event stands, as 16 bytes that compare as time and position do: the engine compares texts several times faster than tuples. */
const PLACE = sql`concat(reverse(reinterpretAsFixedString(toUInt64(toUnixTimestamp64Milli(time) + 9000000000000000))), reverse(reinterpretAsFixedString(position)))`;
const BEHIND_PLACE = sql`17`;

/** The text of the earliest event that has it; empty if none has. `text` is empty where absent. */
export const earliestText = (text: Sql, where: Sql = sql`1`): Sql =>
  sql`substring(minIf(concat(${PLACE}, ${text}), ${where} AND ${text} != ''), ${BEHIND_PLACE})`;
/** The text of the earliest event for which the condition holds, whether or not it has one. */
export const firstText = (text: Sql, where: Sql): Sql =>
  sql`substring(minIf(concat(${PLACE}, ${text}), ${where}), ${BEHIND_PLACE})`;
/** The text of the latest event that has it. */
export const latestText = (text: Sql, where: Sql): Sql =>
  sql`substring(maxIf(concat(${PLACE}, ${text}), ${where} AND ${text} != ''), ${BEHIND_PLACE})`;

/** A column of its own of each session. */
export interface SessionColumn {
  readonly name: Sql;
  readonly aggregate: Sql;
}

/** The key of the group of a field: that of the session's earliest event which has it. */
export const sessionKey = (field: Field, context: FilterContext): Sql => earliestText(keySql(field, context));

/** Which sessions are put together: of which events, by what, and which of them count. */
export interface SessionParts {
  readonly key: Sql;
  readonly where: Sql;
  readonly having: Sql;
}

/**
 * The engine compares instants before 1970 wrongly once it has compiled the aggregate, so milliseconds are compared.
 *
 * One row a session: its key, `began` (milliseconds), `duration`, `events`, `views`, `bounced`, and `more`. A statement to read from, in brackets.
 */
export const selectSessions = (
  { views, passive }: Pick<SessionQuestion, 'views' | 'passive'>,
  context: FilterContext,
  { key, where, having }: SessionParts,
  more: readonly SessionColumn[],
): Sql => {
  const isView = selectorSql(views, context);
  const columns = more.map(({ name, aggregate }) => sql`, ${aggregate} AS ${name}`);
  return sql`(SELECT ${key},
      min(toUnixTimestamp64Milli(time)) AS began,
      max(toUnixTimestamp64Milli(time)) - began AS duration,
      count() AS events,
      countIf(${isView}) AS views,
      views = 1 AND countIf(NOT (${isView}) AND type NOT IN ${bind('Array(String)', passive)}) = 0 AS bounced${joinAll(columns)}
    FROM events
    WHERE ${where}
    GROUP BY ${key}
    HAVING ${having})`;
};

/** Sessions of a project that began in a range, as `selectSessions` tells them; with `of` only those for whose events it holds. */
export const sessionRows = (
  question: SessionQuestion,
  { project, range, context }: SessionScope,
  more: readonly SessionColumn[] = [],
  of?: Sql,
): Sql => {
  const { types, filter } = question;
  const holds = filter === undefined ? sql`` : sql` AND max(${filterSql(filter, context)}) = 1`;
  const where = sql`${seenEvents(project, context)} AND session_id != ''${typesSql(types)}
      AND time >= ${bindInstant(range.fromMs - MARGIN_MS)} AND time < ${bindInstant(range.toMs + MARGIN_MS)}${of === undefined ? sql`` : sql` AND ${of}`}`;
  const having = sql`began >= ${bind('Int64', String(range.fromMs))} AND began < ${bind('Int64', String(range.toMs))}${holds}`;
  return selectSessions(question, context, { key: sql`session_id`, where, having }, more);
};

const joinAll = (pieces: readonly Sql[]): Sql => pieces.reduce((all, piece) => sql`${all}${piece}`, sql``);

const typesSql = (types: readonly string[] | undefined): Sql =>
  types === undefined ? sql`` : sql` AND type IN ${bind('Array(String)', types)}`;

const MINUTE_MS = 60_000;

/** Distinct sessions and users that had an event within the last minutes. */
export const hereNowSql = (
  { types, filter }: Pick<SessionQuestion, 'types' | 'filter'>,
  minutes: number,
  { project, context }: Pick<SessionScope, 'project' | 'context'>,
): Sql => {
  const { nowMs } = context;
  const conditions = [
    sql`${seenEvents(project, context)}${typesSql(types)}`,
    sql`time > ${bindInstant(nowMs - minutes * MINUTE_MS)} AND time <= ${bindInstant(nowMs)}`,
    ...(filter === undefined ? [] : [filterSql(filter, context)]),
  ];
  return sql`SELECT uniqIf(session_id, session_id != '') AS sessions, uniqIf(user_id, user_id != '') AS users
    FROM events WHERE ${joinSql(conditions, ' AND ')}`;
};
