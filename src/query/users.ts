import { z } from '@hono/zod-openapi';
import { type Filter, filterSchema } from '../contract/question.ts';
import {
  USER_LIMITS,
  USER_SORTS,
  type UserAnswer,
  type UserProfile,
  type UserSort,
  type UsersAnswer,
  type UsersQuery,
} from '../contract/users.ts';
import { ApiError } from '../event/errors.ts';
import { compareText } from '../lib/compare-text.ts';
import { cursorOf, cursorParts } from './cursor.ts';
import { propertyKeys } from './fields.ts';
import { fieldsOfFilter, filterSql, type ParsedFilter } from './filter.ts';
import { isoOf, parseInstant } from './instant.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { PropertyColumns } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { userRows, type UserRowsScope } from './user-rows.ts';

type Count = number | string;

/** What statements about users depend on. */
export interface UserScope extends UserRowsScope {
  readonly nowMs: number;
  readonly columns: PropertyColumns;
}

/** A row of the list. */
export interface UserRow {
  readonly user_id: string;
  readonly first_ms: Count;
  readonly last_ms: Count;
  readonly events: Count;
}

/** Reads the filter of a list from its address. Throws ApiError `invalid_request`. */
export const filterOfList = ({ filter }: { readonly filter?: string | undefined }): Filter | undefined => {
  if (filter === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(filter);
  } catch {
    throw invalidAt(
      'filter',
      'is not JSON. Send a filter as {"field":"properties.plan","op":"eq","value":"pro"}, URL-encoded.',
    );
  }
  return parseRequest(z.object({ filter: filterSchema }), { filter: json }).filter;
};

/** Keys of `properties` that a filter reads. */
export const keysOfFilter = (filter: ParsedFilter | undefined): string[] =>
  propertyKeys(fieldsOfFilter(filter));

/** The statement for one page of users, one row longer than the page to see whether there is another. */
export const usersStatement = (
  query: UsersQuery,
  filter: ParsedFilter | undefined,
  scope: UserScope,
): Statement => {
  const { prefix, sort } = query;
  const did = behaviour(query, filter, scope);
  const conditions = [
    ...(prefix === undefined ? [] : [sql`startsWith(user_id, ${bind('String', prefix)})`]),
    ...(did === undefined ? [] : [sql`user_id IN (${did})`]),
  ];
  const behind = query.cursor === undefined ? sql`1` : behindSql(sort, decodeUserCursor(query.cursor, sort));
  return toStatement(sql`SELECT user_id, first_ms, last_ms, events FROM (
      SELECT user_id, min(toUnixTimestamp64Milli(time)) AS first_ms, max(toUnixTimestamp64Milli(time)) AS last_ms, count() AS events
      FROM ${userRows(scope, conditions)} GROUP BY user_id
    )
    WHERE ${behind}
    ORDER BY ${orderSql(sort)} LIMIT ${bind('UInt64', query.limit + 1)}`);
};

/** Ids of users with an event as asked for; undefined: all. */
const behaviour = (
  { type, since, until }: UsersQuery,
  filter: ParsedFilter | undefined,
  scope: UserScope,
): Sql | undefined => {
  const { project, nowMs, columns, asOf } = scope;
  const instant = (path: 'since' | 'until', text: string) =>
    bindInstant(parseInstant(text, { path, nowMs, timeZone: 'UTC' }));
  const conditions = [
    ...(type === undefined ? [] : [sql`type = ${bind('String', type)}`]),
    ...(since === undefined ? [] : [sql`time >= ${instant('since', since)}`]),
    ...(until === undefined ? [] : [sql`time < ${instant('until', until)}`]),
  ];
  if (filter !== undefined) {
    const all = [
      seenEvents(project, scope),
      sql`user_id != ''`,
      ...conditions,
      filterSql(filter, { columns, nowMs, asOf, timeZone: 'UTC' }),
    ];
    return sql`SELECT user_id FROM events WHERE ${joinSql(all, ' AND ')}`;
  }
  return conditions.length === 0 ? undefined : sql`SELECT user_id FROM ${userRows(scope, conditions)}`;
};

const orderSql = (sort: UserSort): Sql => {
  switch (sort) {
    case 'last_seen':
      return sql`last_ms DESC, user_id`;
    case 'first_seen':
      return sql`first_ms DESC, user_id`;
    case 'events':
      return sql`events DESC, user_id`;
    case 'user_id':
      return sql`user_id`;
  }
};

/** The last user of a page: the number it was sorted by (0 where by id) and its id. */
interface UserEnd {
  readonly number: number;
  readonly id: string;
}

const behindSql = (sort: UserSort, { number, id }: UserEnd): Sql => {
  const after = sql`user_id > ${bind('String', id)}`;
  if (sort === 'user_id') return after;
  const column = { last_seen: sql`last_ms`, first_seen: sql`first_ms`, events: sql`toInt64(events)` }[sort];
  const value = bind('Int64', String(number));
  return sql`(${column} < ${value} OR (${column} = ${value} AND ${after}))`;
};

const cursorShape = z.tuple([z.enum(USER_SORTS), z.number().int(), z.string()]);

const encodeUserCursor = (sort: UserSort, { number, id }: UserEnd): string => cursorOf([sort, number, id]);

const decodeUserCursor = (cursor: string, sort: UserSort): UserEnd => {
  const [sorted, number, id] = cursorParts(cursor, cursorShape);
  if (sorted !== sort)
    throw invalidAt('cursor', `is one of a list sorted by "${sorted}". Send the same "sort" with it.`);
  return { number, id };
};

/** Cuts the surplus row off and makes the cursor. */
export const usersPage = (
  rows: readonly UserRow[],
  { limit, sort }: UsersQuery,
  asOf: string | null,
): UsersAnswer => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const numberOf = (row: UserRow): number =>
    Number({ last_seen: row.last_ms, first_seen: row.first_ms, events: row.events, user_id: 0 }[sort]);
  return {
    users: page.map(({ user_id, first_ms, last_ms, events }) => ({
      user_id,
      first_seen: isoOf(Number(first_ms)),
      last_seen: isoOf(Number(last_ms)),
      events: Number(events),
    })),
    next_cursor:
      last !== undefined && rows.length > limit
        ? encodeUserCursor(sort, { number: numberOf(last), id: last.user_id })
        : null,
    as_of: asOf,
  };
};

/** What is known of one user. */
export interface ProfileRow {
  readonly first_ms: Count;
  readonly last_ms: Count;
  readonly events: Count;
  readonly sessions: Count;
  readonly days: Count;
  readonly types: Readonly<Record<string, Count>>;
  /** Sum and number of values by currency. */
  readonly sums: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Count>>;
  readonly country: string;
  readonly region: string;
  readonly device_type: string;
  readonly os: string;
  readonly browser: string;
  /** The latest first: time, position, JSON. */
  readonly told: readonly (readonly [Count, Count, string])[];
}

const latestSql = (column: Sql): Sql =>
  sql`tupleElement(maxIf((time, position, toString(${column})), ${column} != ''), 3)`;

const IDENTIFIES_MAX = sql`100`;

/** The statement for all that is known of one user: one row, of no events if there is none. */
export const profileStatement = (user: string, scope: UserRowsScope): Statement =>
  toStatement(sql`SELECT min(toUnixTimestamp64Milli(time)) AS first_ms, max(toUnixTimestamp64Milli(time)) AS last_ms, count() AS events,
      uniqIf(session_id, session_id != '') AS sessions,
      uniqExact(intDiv(toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), 86400000), 86400000)) AS days,
      sumMap(map(toString(type), toUInt64(1))) AS types,
      sumMapIf(map(toString(currency), toDecimal128(assumeNotNull(value), 6)), isNotNull(value)) AS sums,
      sumMapIf(map(toString(currency), toUInt64(1)), isNotNull(value)) AS values,
      ${latestSql(sql`country`)} AS country, ${latestSql(sql`region`)} AS region, ${latestSql(sql`device_type`)} AS device_type,
      ${latestSql(sql`os`)} AS os, ${latestSql(sql`browser`)} AS browser,
      groupArraySortedIf(${IDENTIFIES_MAX})((-toUnixTimestamp64Milli(time), -toInt64(position), traits), startsWith(traits, '{')) AS told
    FROM ${userRows(scope, [sql`user_id = ${bind('String', user)}`])} AS of_user`);

/** A user as personalisation needs it. Throws ApiError `not_found` if no event names it. */
export const userProfile = (row: ProfileRow | undefined, user: string, asOf: string | null): UserProfile => {
  if (row === undefined || Number(row.events) === 0) {
    throw new ApiError(
      'not_found',
      `No event with the user_id ${JSON.stringify(user.slice(0, 200))} is stored in this project. Ids are compared exactly; GET /api/users?prefix= lists those that begin alike.`,
    );
  }
  const orNull = (text: string): string | null => (text === '' ? null : text);
  return {
    user_id: user,
    first_seen: isoOf(Number(row.first_ms)),
    last_seen: isoOf(Number(row.last_ms)),
    events: Number(row.events),
    sessions: Number(row.sessions),
    country: orNull(row.country),
    region: orNull(row.region),
    device_type: orNull(row.device_type),
    os: orNull(row.os),
    browser: orNull(row.browser),
    traits: mergedTraits(row.told),
    revenue: Object.entries(row.sums)
      .sort(([a], [b]) => compareText(a, b))
      .map(([currency, sum]) => ({
        currency: orNull(currency),
        events: Number(row.values[currency] ?? 0),
        total: Number(sum),
        total_exact: sum,
      })),
    as_of: asOf,
  };
};

/** A user with what it did. */
export const userAnswer = (row: ProfileRow | undefined, user: string, asOf: string | null): UserAnswer => {
  const { as_of, ...profile } = userProfile(row, user, asOf);
  const types = Object.entries(row?.types ?? {})
    .map(([type, events]) => ({ type, events: Number(events) }))
    .sort((a, b) => b.events - a.events || compareText(a.type, b.type));
  return {
    ...profile,
    active_days: Number(row?.days ?? 0),
    types: types.slice(0, USER_LIMITS.typesMax),
    as_of,
  };
};

/** Of each trait the latest value. `told` is the latest first. */
const mergedTraits = (told: ProfileRow['told']): Record<string, unknown> => {
  const traits = new Map<string, unknown>();
  for (const [, , text] of told)
    for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, unknown>))
      if (!traits.has(name)) traits.set(name, value);
  return Object.fromEntries([...traits].sort(([a], [b]) => compareText(a, b)));
};
