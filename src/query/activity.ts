import type { Period } from '../contract/periods.ts';
import type { Actor, Filter, RangeInput } from '../contract/question.ts';
import { propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { type AnswerFrame, explanationOf, type Inquiry } from './insight.ts';
import { type Calendar, calendarOf, periodStartSql, rangeOf } from './periods.ts';
import { seenEvents } from './seen.ts';
import { bind, bindInstant, identifier, joinSql, type Sql, sql, type Statement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** The parts of a request that say who is active, and when. */
export interface ActivityRequest {
  readonly types?: string[] | undefined;
  readonly filter?: Filter | undefined;
  readonly actor: Actor;
  readonly period: Period;
  readonly range: RangeInput;
  readonly timezone: string;
  readonly explain: boolean;
}

/** Whose activity is asked about, with the periods of the range. */
export interface Activity {
  readonly request: ActivityRequest;
  readonly filter: ParsedFilter | undefined;
  readonly asked: TimeRange;
  readonly calendar: Calendar;
  readonly project: string;
  readonly context: FilterContext;
}

/** Reads what questions about activity share. Throws ApiError `invalid_request`. */
export const openActivity = async (request: ActivityRequest, inquiry: Inquiry): Promise<Activity> => {
  const timeZone = parseTimeZone(request.timezone);
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const asked = await inquiry.range(request.range, timeZone);
  const fields = fieldsOfFilter(filter);
  inquiry.usesProperties(propertyKeys(fields));
  const { nowMs, project } = inquiry;
  const calendar = calendarOf(request.period, asked, timeZone, nowMs);
  return { request, filter, asked, calendar, project, context: inquiry.context(timeZone) };
};

/** The rows of a statement about the periods of a calendar: none where it has none, without asking. */
export const readPeriods = async <Row>(
  calendar: Calendar,
  statement: Statement,
  inquiry: Inquiry,
): Promise<Row[]> => (calendar.starts.length === 0 ? [] : await inquiry.read<Row>(statement));

/** What answers about whole periods say beside their numbers. */
export const periodsFrame = (
  { request, asked, calendar }: Pick<Activity, 'asked' | 'calendar'> & { request: { explain: boolean } },
  statement: Statement,
  inquiry: Inquiry,
): AnswerFrame & { readonly source: 'events'; readonly period: Period } => {
  const looked = rangeOf(calendar);
  const explanation = request.explain
    ? explanationOf(statement, 'The periods of each actor are put together from its events.')
    : undefined;
  // A range that lies in the future has no periods: then what was asked for is said.
  const range = looked.fromMs < looked.toMs ? looked : asked;
  const { period, timeZone } = calendar;
  return { source: 'events', ...inquiry.frame(range, timeZone, explanation), period };
};

/** The column that says whose event it is; empty where it is nobody's. */
export const actorSql = (actor: Actor): Sql => identifier(actor === 'user' ? 'user_id' : 'session_id');

/** A lower and an upper bound of event time. */
export const withinSql = (fromMs: number | undefined, toMs: number): Sql[] => [
  ...(fromMs === undefined ? [] : [sql`time >= ${bindInstant(fromMs)}`]),
  sql`time < ${bindInstant(toMs)}`,
];

/**
 * One row an actor: `periods`, the first instants of those that it was active in, ascending; what lies before all of `starts` counts for the first of them. From `fromMs` on, or (undefined) from
 * the first event of all. A statement to read from, in brackets.
 */
export const activePeriods = (
  { request, filter, calendar, project, context }: Activity,
  starts: readonly number[],
  fromMs: number | undefined,
): Sql => {
  const { types, actor } = request;
  const conditions = [
    sql`${seenEvents(project, context)} AND ${actorSql(actor)} != ''`,
    ...(types === undefined ? [] : [sql`type IN ${bind('Array(String)', types)}`]),
    ...withinSql(fromMs, calendar.endMs),
    ...(filter === undefined ? [] : [filterSql(filter, context)]),
  ];
  return sql`(SELECT arraySort(groupUniqArray(${periodStartSql(starts)})) AS periods
    FROM events WHERE ${joinSql(conditions, ' AND ')} GROUP BY ${actorSql(actor)})`;
};
