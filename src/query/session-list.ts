import { z } from '@hono/zod-openapi';
import {
  type ListedSession,
  type OneSessionAnswer,
  SESSION_IDLE_MINUTES,
  type SessionListAnswer,
  type SessionListQuery,
} from '../contract/session-list.ts';
import { ApiError } from '../event/errors.ts';
import { cursorOf, cursorParts } from './cursor.ts';
import { type FilterContext, filterSql, type ParsedFilter } from './filter.ts';
import type { ListedEvent } from './events.ts';
import type { Inquiry } from './insight.ts';
import { isoOf } from './instant.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import {
  earliestText,
  firstText,
  latestText,
  MARGIN_MS,
  selectSessions,
  type SessionColumn,
  sessionRows,
} from './session-rows.ts';
import { selectorSql } from './selector.ts';
import { openSettled, type SettledSessions, steadyContext } from './settled-sessions.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';
import { type OrderReach, userRows } from './user-rows.ts';
import { beganIn, DAY_MS, HOUR_MS, KEPT_QUESTION, SESSION_ID, timesIn } from './web-rows.ts';

/**
 * Single sessions, those that the insight and web analytics count: `session-rows.ts` says what one is. Which ones a page has is found among the rows of settled sessions, where there are many, going back from the newest in stretches
 * that grow, and by putting together those that have no row; what is told of them is read from their events, within the hours in which they have any.
 */

type Count = number | string;

/** A session of a page, before anything else is known of it. */
interface Found {
  readonly id: string;
  readonly began: Count;
  readonly duration: Count;
}

/** A session with what is told of it. */
interface SessionRow extends Found {
  readonly session_id: string;
  readonly events: Count;
  readonly views: Count;
  readonly bounced: number | boolean;
  readonly users: Count;
  readonly entry: string;
  readonly exit: string;
  readonly user: string;
  readonly referrer: string;
  readonly of_country: string;
  readonly of_region: string;
  readonly of_device: string;
  readonly of_system: string;
  readonly of_browser: string;
}

/** A list that is read page by page: which range it is about, and where the page before ended. */
interface ListPlace {
  readonly range: TimeRange;
  readonly end: { readonly beganMs: number; readonly id: string } | undefined;
}

interface ListScope extends ListPlace {
  readonly query: SessionListQuery;
  readonly filter: ParsedFilter | undefined;
  readonly inquiry: Inquiry;
  readonly context: FilterContext;
  /** How far the order of users is filled. */
  readonly order: OrderReach;
}

/** What a list is asked for with. */
export interface ListQuestion {
  readonly query: SessionListQuery;
  readonly filter: ParsedFilter | undefined;
  readonly order: OrderReach;
}

/** One page of sessions. Throws ApiError `invalid_request`. */
export const listSessions = async (
  { query, filter, order }: ListQuestion,
  inquiry: Inquiry,
): Promise<SessionListAnswer> => {
  const timeZone = parseTimeZone(query.timezone);
  const place =
    query.cursor === undefined
      ? { range: await rangeOf(query, inquiry, timeZone), end: undefined }
      : decodeEnd(query.cursor);
  const context = steadyContext(inquiry, timeZone);
  const scope = { ...place, query, filter, inquiry, context, order };
  const found = await findPage(scope);
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const rows = await readSessions(page, scope);
  const { as_of, freshness, range, statistics } = inquiry.frame(place.range, timeZone);
  return {
    sessions: rows.map((row) => toListed(row, inquiry.nowMs)),
    next_cursor: last !== undefined && found.length > query.limit ? encodeEnd(place.range, last) : null,
    ...{ as_of, freshness, range, statistics },
  };
};

const rangeOf = (
  { range, since, until }: SessionListQuery,
  inquiry: Inquiry,
  timeZone: string,
): Promise<TimeRange> => {
  if (since === undefined && until === undefined) return inquiry.range(range ?? 'last 7 days', timeZone);
  if (range !== undefined)
    throw invalidAt('range', 'stands instead of "since" and "until". Send one of both.');
  if (since === undefined) throw invalidAt('until', 'needs "since" beside it, or send "range".');
  return inquiry.range({ from: since, ...(until === undefined ? {} : { to: until }) }, timeZone);
};

const placeShape = z.tuple([
  z.number().int(),
  z.number().int(),
  z.number().int(),
  z.string().regex(/^\d{1,20}$/u),
]);

/** The range is in it: "last 7 days" is another one at the next page. */
const encodeEnd = ({ fromMs, toMs }: TimeRange, { began, id }: Found): string =>
  cursorOf([fromMs, toMs, Number(began), id]);

const decodeEnd = (cursor: string): ListPlace => {
  const [fromMs, toMs, beganMs, id] = cursorParts(cursor, placeShape);
  return { range: { fromMs, toMs }, end: { beganMs, id } };
};

/** A stretch is to hold so many times the sessions of a page, if the range is evenly filled. */
const STRETCH_PAGES = 4;
/** What narrows a list may leave few in a stretch, so that the next one is so many times as long. */
const STRETCH_GROWTH = 8;

/** The sessions of a page and one more if there is one, the newest first. */
const findPage = async (scope: ListScope): Promise<readonly Found[]> => {
  const { query, range, end, inquiry } = scope;
  const settled = await openSettled(inquiry, range);
  await settled?.look();
  const found: Found[] = [];
  let toMs = Math.min(range.toMs, end === undefined ? range.toMs : end.beganMs + 1);
  let lengthMs = settled === undefined ? Number.POSITIVE_INFINITY : lengthOf(scope, settled);
  while (found.length <= query.limit && toMs > range.fromMs) {
    const fromMs = toMs - range.fromMs < 2 * lengthMs ? range.fromMs : toMs - lengthMs;
    const limit = query.limit + 1 - found.length;
    const statement = foundIn({ fromMs, toMs }, limit, settled, scope);
    found.push(...(await inquiry.read<Found>(statement)));
    [toMs, lengthMs] = [fromMs, lengthMs * STRETCH_GROWTH];
  }
  return found;
};

const lengthOf = ({ query, range }: ListScope, { sessions }: SettledSessions): number => {
  const each = (range.toMs - range.fromMs) / Math.max(1, sessions);
  return Math.max(HOUR_MS, Math.ceil(each * query.limit * STRETCH_PAGES));
};

/** The newest sessions of a stretch behind the page before. */
const foundIn = (
  stretch: TimeRange,
  limit: number,
  settled: SettledSessions | undefined,
  scope: ListScope,
): Statement => {
  const { end, inquiry } = scope;
  const conditions = [beganIn([stretch]), ...conditionsOf(scope.query)];
  const fresh = freshSessions(settled, scope);
  const ofUser = scope.query.user_id === undefined ? [] : [sql`named > 0`];
  const ofEvents =
    scope.query.min_events === undefined ? [] : [sql`events >= ${bind('UInt64', scope.query.min_events)}`];
  const parts = [
    ...(settled === undefined
      ? []
      : [
          sql`SELECT id AS number, began, toInt64(duration) AS duration FROM ${settled.rows(joinSql([...conditions, ...idsOf(stretch, scope)], ' AND '))}`,
        ]),
    ...(fresh === undefined
      ? []
      : [
          sql`SELECT ${idSql(inquiry)} AS number, began, duration FROM ${fresh} WHERE ${joinSql([...conditions, ...ofUser, ...ofEvents], ' AND ')}`,
        ]),
  ];
  const behind =
    end === undefined
      ? sql`1`
      : sql`(began < ${bind('Int64', String(end.beganMs))} OR (began = ${bind('Int64', String(end.beganMs))} AND number < ${bind('UInt64', end.id)}))`;
  return toStatement(
    sql`SELECT toString(number) AS id, began, duration FROM (${joinSql(parts, ' UNION ALL ')}) WHERE ${behind} ORDER BY began DESC, number DESC LIMIT ${bind('UInt64', limit)}`,
  );
};

/** What both rows and sessions that were put together tell. */
const conditionsOf = (query: SessionListQuery): Sql[] => {
  const { entry_page, exit_page, country, device_type, min_duration_ms, bounced } = query;
  const is = (column: Sql, text: string | undefined): Sql[] =>
    text === undefined ? [] : [sql`${column} = ${bind('String', text)}`];
  return [
    ...is(sql`entry`, entry_page),
    ...is(sql`exit`, exit_page),
    ...is(sql`of_country`, country),
    ...is(sql`of_device`, device_type),
    ...(min_duration_ms === undefined ? [] : [sql`duration >= ${bind('Int64', String(min_duration_ms))}`]),
    ...(bounced === undefined ? [] : [sql`bounced = ${bind('UInt64', bounced === 'true' ? 1 : 0)}`]),
  ];
};

/** What only events tell of sessions that have rows. These lasted no longer than a day, so their events lie within one of the stretch. */
const idsOf = ({ fromMs, toMs }: TimeRange, scope: ListScope): Sql[] => {
  const { query, filter, inquiry, context } = scope;
  const events = sql`events WHERE ${seenEvents(inquiry.project, context)} AND session_id != ''
      AND time >= ${bindInstant(fromMs)} AND time < ${bindInstant(toMs + DAY_MS)}`;
  const many = (least: number): Sql =>
    sql`id IN (SELECT ${SESSION_ID} FROM ${events} GROUP BY project, session_id HAVING count() >= ${bind('UInt64', least)})`;
  return [
    ...(query.user_id === undefined
      ? []
      : [sql`id IN (SELECT ${idSql(inquiry)} FROM ${rowsOfUser(query.user_id, scope)})`]),
    ...(query.min_events === undefined || query.min_events < 2 ? [] : [many(query.min_events)]),
    ...(filter === undefined
      ? []
      : [sql`id IN (SELECT ${SESSION_ID} FROM ${events} AND ${filterSql(filter, context)})`]),
  ];
};

/** Of rows that do not tell their project. */
const idSql = ({ project }: Inquiry): Sql => sql`cityHash64(${bind('String', project)}, session_id)`;

const rowsOfUser = (user: string, { inquiry, context, order, range }: ListScope): Sql =>
  userRows({ project: inquiry.project, ...order, asOf: context.asOf }, [
    sql`user_id = ${bind('String', user)}`,
    sql`session_id != ''`,
    sql`time >= ${bindInstant(range.fromMs - MARGIN_MS)} AND time < ${bindInstant(range.toMs + MARGIN_MS)}`,
  ]);

/** Sessions that have no rows: some, or all. Undefined where there are none. */
const freshSessions = (settled: SettledSessions | undefined, scope: ListScope): Sql | undefined => {
  const { query, range, filter, inquiry, context } = scope;
  const isView = selectorSql(KEPT_QUESTION.views, context);
  const { user_id: user } = query;
  const columns = [
    ...endColumns(isView),
    { name: sql`of_country`, aggregate: earliestText(sql`toString(country)`) },
    { name: sql`of_device`, aggregate: earliestText(sql`toString(device_type)`) },
    ...(user === undefined
      ? []
      : [{ name: sql`named`, aggregate: sql`countIf(user_id = ${bind('String', user)})` }]),
  ];
  const question = { ...KEPT_QUESTION, filter };
  if (settled !== undefined) return settled.fresh(question, context, columns);
  const of =
    user === undefined ? undefined : sql`session_id IN (SELECT session_id FROM ${rowsOfUser(user, scope)})`;
  return sessionRows(question, { project: inquiry.project, range, context }, columns, of);
};

const endColumns = (isView: Sql): SessionColumn[] => [
  { name: sql`entry`, aggregate: earliestText(sql`page`, isView) },
  { name: sql`exit`, aggregate: latestText(sql`page`, isView) },
];

/** What is told of a session. */
const columnsOf = (context: FilterContext): SessionColumn[] => {
  const isView = selectorSql(KEPT_QUESTION.views, context);
  const earliest = (column: Sql): Sql => earliestText(sql`toString(${column})`);
  return [
    ...endColumns(isView),
    { name: sql`user`, aggregate: latestText(sql`user_id`, sql`1`) },
    { name: sql`users`, aggregate: sql`uniqExactIf(user_id, user_id != '')` },
    { name: sql`referrer`, aggregate: firstText(sql`referrer`, isView) },
    { name: sql`of_country`, aggregate: earliest(sql`country`) },
    { name: sql`of_region`, aggregate: earliest(sql`region`) },
    { name: sql`of_device`, aggregate: earliest(sql`device_type`) },
    { name: sql`of_system`, aggregate: earliest(sql`os`) },
    { name: sql`of_browser`, aggregate: earliest(sql`browser`) },
  ];
};

const INTERVALS_MAX = 32;

/** When sessions had events, as few intervals: those that are nearest to each other are one. */
const intervalsOf = (page: readonly Found[]): readonly TimeRange[] => {
  const all = page
    .map(({ began, duration }) => ({ fromMs: Number(began), toMs: Number(began) + Number(duration) + 1 }))
    .sort((a, b) => a.fromMs - b.fromMs);
  for (let gapMs = HOUR_MS; ; gapMs *= 2) {
    const joined: { fromMs: number; toMs: number }[] = [];
    for (const { fromMs, toMs } of all) {
      const last = joined.at(-1);
      if (last !== undefined && fromMs - last.toMs <= gapMs) last.toMs = Math.max(last.toMs, toMs);
      else joined.push({ fromMs, toMs });
    }
    if (joined.length <= INTERVALS_MAX) return joined;
  }
};

/** Reads what is told of the sessions of a page, in its order. */
const readSessions = async (page: readonly Found[], scope: ListScope): Promise<readonly SessionRow[]> => {
  if (page.length === 0) return [];
  const { inquiry, context, range } = scope;
  const ids = bind(
    'Array(String)',
    page.map(({ id }) => id),
  );
  const rows = sessionRows(
    KEPT_QUESTION,
    { project: inquiry.project, range, context },
    columnsOf(context),
    sql`${timesIn(intervalsOf(page))} AND ${SESSION_ID} IN (SELECT toUInt64(arrayJoin(${ids})))`,
  );
  const read = await inquiry.read<SessionRow>(
    toStatement(sql`SELECT toString(${idSql(inquiry)}) AS id, * FROM ${rows}`),
  );
  const byId = new Map(read.map((row) => [row.id, row]));
  return page.flatMap(({ id }) => byId.get(id) ?? []);
};

const IDLE_MS = SESSION_IDLE_MINUTES * 60_000;

const toListed = (row: SessionRow, nowMs: number): ListedSession => {
  const orNull = (text: string): string | null => (text === '' ? null : text);
  const [beganMs, durationMs] = [Number(row.began), Number(row.duration)];
  return {
    session_id: row.session_id,
    began_at: isoOf(beganMs),
    last_at: isoOf(beganMs + durationMs),
    duration_ms: durationMs,
    open: nowMs - beganMs - durationMs <= IDLE_MS,
    events: Number(row.events),
    views: Number(row.views),
    bounced: Boolean(row.bounced),
    entry_page: orNull(row.entry),
    exit_page: orNull(row.exit),
    user_id: orNull(row.user),
    users: Number(row.users),
    referrer: orNull(row.referrer),
    country: orNull(row.of_country),
    region: orNull(row.of_region),
    device_type: orNull(row.of_device),
    os: orNull(row.of_system),
    browser: orNull(row.of_browser),
  };
};

/** A page of one session: what `oneSessionAnswerSchema` describes. */
export interface OneSession extends Omit<OneSessionAnswer, 'events'> {
  readonly events: readonly ListedEvent[];
}

/** All of one session, whatever a range would cut off. Throws ApiError `not_found` if no event has its id. */
export const readSession = async (id: string, inquiry: Inquiry): Promise<ListedSession> => {
  const context = steadyContext(inquiry, 'UTC');
  const parts = {
    key: sql`session_id`,
    where: sql`${seenEvents(inquiry.project, context)} AND session_id = ${bind('String', id)}`,
    having: sql`1`,
  };
  const rows = selectSessions(KEPT_QUESTION, context, parts, columnsOf(context));
  const [row] = await inquiry.read<SessionRow>(toStatement(sql`SELECT * FROM ${rows}`));
  if (row === undefined)
    throw new ApiError(
      'not_found',
      `No event with the session_id ${JSON.stringify(id.slice(0, 200))} is stored in this project. Ids are compared exactly; GET /api/sessions lists those there are.`,
    );
  return toListed(row, inquiry.nowMs);
};
