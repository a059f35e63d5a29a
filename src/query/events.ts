import type { EventsQuery } from '../contract/events.ts';
import { TIME_MIN_MS } from '../event/limits.ts';
import { type ApiEvent, type StoredEventRow, toApiEvent } from '../event/event-row.ts';
import { filterSql, type ParsedFilter } from './filter.ts';
import type { PropertyColumns } from './ports.ts';
import { ahead, behind, decodeCursor, encodeCursor } from './cursor.ts';
import { parseInstant } from './instant.ts';
import { seenEvents } from './seen.ts';
import { userRows, type UserRowsScope } from './user-rows.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';

/** A page ends early rather than carry more bytes of properties than this (its first event always fits). */
export const PAGE_BYTES_MAX = 16 * 1024 * 1024;

/** A row of the statement: `found` rows were there before bytes were bounded. */
export type EventRow = StoredEventRow & {
  readonly position: number | string;
  readonly found: number | string;
};

/** An event as listed. Numbers that a double does not hold are exact when written as JSON (see `toApiEvent`). */
export type ListedEvent = Omit<ApiEvent, 'position'> & { readonly position: string };

/** A page of events: what `eventsAnswerSchema` describes. */
export interface EventsPage {
  readonly events: readonly ListedEvent[];
  readonly next_cursor: string | null;
  readonly as_of: string | null;
}

const COLUMNS = sql`id, time, received_at, type, source, version, user_id, session_id, device_type, os, os_version, browser, app_version, country,
  region, page, referrer, currency, value, properties, position`;

/** What statements about events depend on. */
export interface EventsScope extends UserRowsScope {
  readonly nowMs: number;
  readonly columns: PropertyColumns;
  /** Only events for which it holds. */
  readonly filter: ParsedFilter | undefined;
  /** Oldest first; for the events of one user or session. */
  readonly isForward?: boolean;
}

/** The statement for one page, one row longer than the page to see whether there is another. */
export const eventsStatement = (query: EventsQuery, scope: EventsScope): Statement => {
  const order = scope.isForward === true ? sql`time, position, id` : sql`time DESC, position DESC, id DESC`;
  const limit = bind('UInt64', query.limit + 1);
  const conditions = conditionsOf(query, scope);
  const filtered = scope.filter === undefined ? [] : [filterSql(scope.filter, { ...scope, timeZone: 'UTC' })];
  // Events lie by type and time: the order of users tells where those of one are, so that no others need be read. Told to look at the user first, the engine takes half the time.
  const places =
    query.user_id === undefined || scope.filter !== undefined
      ? sql``
      : sql`PREWHERE user_id = ${bind('String', query.user_id)}
          AND (type, time) IN (SELECT type, time FROM ${userRows(scope, conditions)} ORDER BY ${order} LIMIT ${limit})`;
  return toStatement(sql`SELECT * EXCEPT (bytes_before) FROM (
      SELECT *, sum(length(properties)) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before,
        count() OVER () AS found
      FROM (
        SELECT ${COLUMNS} FROM events ${places} WHERE ${joinSql([seenEvents(scope.project, scope), ...conditions, ...filtered], ' AND ')}
        ORDER BY ${order} LIMIT ${limit}
      )
    )
    WHERE bytes_before < ${bind('UInt64', PAGE_BYTES_MAX)}
    ORDER BY ${order}`);
};

const conditionsOf = (query: EventsQuery, scope: EventsScope): Sql[] => {
  const { nowMs } = scope;
  const instant = (path: 'since' | 'until', text: string) =>
    bindInstant(parseInstant(text, { path, nowMs, timeZone: 'UTC' }));
  const { type, user_id: user, session_id: session, since, until, cursor } = query;
  const conditions: Sql[] = [];
  if (type !== undefined) conditions.push(sql`type = ${bind('String', type)}`);
  if (user !== undefined) conditions.push(sql`user_id = ${bind('String', user)}`);
  if (session !== undefined) conditions.push(sql`session_id = ${bind('String', session)}`);
  if (since !== undefined) conditions.push(sql`time >= ${instant('since', since)}`);
  if (until !== undefined) conditions.push(sql`time < ${instant('until', until)}`);
  const isBehind = scope.isForward === true ? ahead : behind;
  if (cursor !== undefined) conditions.push(isBehind(decodeCursor(cursor), sql`time`));
  // How many events meet a filter no rollup knows.
  if (scope.filter !== undefined) return conditions;
  if (user === undefined && session === undefined) {
    const bound =
      scope.asOf === undefined ? boundOfPanes(query, scope) : boundOfEvents(query, scope, conditions);
    conditions.push(sql`time >= ${bound}`);
  }
  return conditions;
};

/**
 * An instant that at least a page of events lies behind, from the rollup: every pane there holds at least one event, so that many panes hold enough. Saves sorting a
 * project's whole history for its newest hundred events. One pane more than rows for the pane in which the cursor stands.
 */
const boundOfPanes = (query: EventsQuery, { project, nowMs }: EventsScope): Sql => {
  const newest = query.cursor === undefined ? untilMs(query, nowMs) : decodeCursor(query.cursor).timeMs;
  const conditions = [
    sql`project = ${bind('String', project)}`,
    ...(query.type === undefined ? [] : [sql`type = ${bind('String', query.type)}`]),
    ...(newest === undefined ? [] : [sql`pane <= ${bindInstant(newest)}`]),
  ];
  const panes = bind('UInt64', query.limit + 2);
  return sql`(SELECT if(count() < ${panes}, ${bindInstant(TIME_MIN_MS)}, toDateTime64(min(pane), 3, 'UTC')) FROM (
    SELECT DISTINCT pane FROM rollup_10s WHERE ${joinSql(conditions, ' AND ')} ORDER BY pane DESC LIMIT ${panes}))`;
};

/** The same as of a position, at which the rollup does not know what was there: from the times of the events themselves. */
const boundOfEvents = (query: EventsQuery, scope: EventsScope, conditions: readonly Sql[]): Sql => {
  const where = joinSql([seenEvents(scope.project, scope), ...conditions], ' AND ');
  return sql`(SELECT fromUnixTimestamp64Milli(min(toUnixTimestamp64Milli(time)), 'UTC') FROM (
    SELECT time FROM events WHERE ${where} ORDER BY time DESC LIMIT ${bind('UInt64', query.limit + 1)}))`;
};

const untilMs = ({ until }: EventsQuery, nowMs: number): number | undefined =>
  until === undefined ? undefined : parseInstant(until, { path: 'until', nowMs, timeZone: 'UTC' });

/** Cuts the surplus row off and makes the cursor. `rows` are those of the statement, in its order. */
export const eventsPage = (
  rows: readonly EventRow[],
  query: EventsQuery,
  asOf: string | null,
): EventsPage => {
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const hasMore = Number(rows[0]?.found ?? 0) > page.length;
  const nextCursor =
    last !== undefined && hasMore
      ? encodeCursor({ timeMs: Date.parse(last.time), position: String(last.position), id: last.id })
      : null;
  return { events: page.map(toListedEvent), next_cursor: nextCursor, as_of: asOf };
};

const toListedEvent = (row: EventRow): ListedEvent => ({
  ...toApiEvent(row),
  position: String(row.position),
});
