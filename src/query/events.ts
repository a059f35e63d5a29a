import type { EventsAnswer, EventsQuery } from '../contract/events.ts';
import { behind, decodeCursor, encodeCursor } from './cursor.ts';
import { EVENT_ROW_COLUMNS, eventJson, type EventRow, toStoredEvent } from './event-json.ts';
import { parseInstant } from './instant.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';

/** A page ends early rather than carry more bytes of properties than this (its first event always fits). */
export const PAGE_BYTES_MAX = 16 * 1024 * 1024;

const DAY_MS = 86_400_000;
const MS_PER_SECOND = 1_000;

/** A row of the statement: `found` rows were there before bytes were bounded. */
export type FoundRow = EventRow & { readonly found: number | string };

/** A page of events. */
export interface EventsPage {
  readonly rows: readonly EventRow[];
  readonly nextCursor: string | null;
  readonly asOf: string | null;
}

/** The statement for one page, one row longer than the page to see whether there is another. */
export const eventsStatement = (query: EventsQuery, project: string, nowMs: number): Statement => {
  const conditions = conditionsOf(query, project, nowMs);
  const limit = bind('UInt64', query.limit + 1);
  return toStatement(sql`SELECT * EXCEPT (bytes_before) FROM (
      SELECT *, sum(length(properties)) OVER (ORDER BY time_ms DESC, toUInt64(position_text) DESC, id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before,
        count() OVER () AS found
      FROM (
        SELECT ${EVENT_ROW_COLUMNS} FROM events WHERE ${joinSql(conditions, ' AND ')}
        ORDER BY time DESC, position DESC, id DESC LIMIT ${limit}
      )
    )
    WHERE bytes_before < ${bind('UInt64', PAGE_BYTES_MAX)}
    ORDER BY time_ms DESC, toUInt64(position_text) DESC, id DESC`);
};

const conditionsOf = (query: EventsQuery, project: string, nowMs: number): Sql[] => {
  const instant = (path: 'since' | 'until', text: string) =>
    bindInstant(parseInstant(text, { path, nowMs, timeZone: 'UTC' }));
  const { type, user_id: user, session_id: session, since, until, cursor } = query;
  const conditions = [sql`project = ${bind('String', project)}`];
  if (type !== undefined) conditions.push(sql`type = ${bind('String', type)}`);
  if (user !== undefined) conditions.push(sql`user_id = ${bind('String', user)}`);
  if (session !== undefined) conditions.push(sql`session_id = ${bind('String', session)}`);
  if (since !== undefined) conditions.push(sql`time >= ${instant('since', since)}`);
  if (until !== undefined) conditions.push(sql`time < ${instant('until', until)}`);
  if (cursor !== undefined) conditions.push(behind(decodeCursor(cursor), sql`time`));
  if (user === undefined && session === undefined)
    conditions.push(sql`time >= ${lowerBound(query, project, nowMs)}`);
  return conditions;
};

/**
 * An instant that at least a page of events lies behind, from the rollup: every pane there holds at least one event, so that many panes hold enough. Saves sorting a
 * project's whole history for its newest hundred events. One pane more than rows for the pane in which the cursor stands.
 */
const lowerBound = (query: EventsQuery, project: string, nowMs: number): Sql => {
  const newestMs =
    query.cursor !== undefined
      ? decodeCursor(query.cursor).timeMs
      : query.until !== undefined
        ? parseInstant(query.until, { path: 'until', nowMs, timeZone: 'UTC' })
        : nowMs + DAY_MS;
  const type = query.type === undefined ? sql`` : sql` AND type = ${bind('String', query.type)}`;
  const panes = bind('UInt64', query.limit + 2);
  const newest = bind('Int64', String(Math.floor(newestMs / MS_PER_SECOND)));
  return sql`(SELECT if(count() < ${panes}, toDateTime64('1900-01-01 00:00:00', 3, 'UTC'), toDateTime64(min(pane), 3, 'UTC')) FROM (
    SELECT DISTINCT pane FROM rollup_10s WHERE project = ${bind('String', project)}${type} AND toUnixTimestamp(pane) <= ${newest} ORDER BY pane DESC LIMIT ${panes}))`;
};

/** Cuts the surplus row off and makes the cursor. `rows` are those of the statement, in its order. */
export const eventsPage = (
  rows: readonly FoundRow[],
  query: EventsQuery,
  asOf: string | null,
): EventsPage => {
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const hasMore = Number(rows[0]?.found ?? 0) > page.length;
  const nextCursor =
    last !== undefined && hasMore
      ? encodeCursor({ timeMs: Number(last.time_ms), position: last.position_text, id: last.id })
      : null;
  return { rows: page, nextCursor, asOf };
};

/** The page as a value of this program. */
export const toEventsAnswer = (page: EventsPage): EventsAnswer => ({
  events: page.rows.map(toStoredEvent),
  next_cursor: page.nextCursor,
  as_of: page.asOf,
});

/** The page as JSON text, properties and values exactly as stored. */
export const eventsPageJson = (page: EventsPage): string =>
  `{"events":[${page.rows.map(eventJson).join(',')}],"next_cursor":${JSON.stringify(page.nextCursor)},"as_of":${JSON.stringify(page.asOf)}}`;
