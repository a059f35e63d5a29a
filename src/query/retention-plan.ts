import { isDeepStrictEqual } from 'node:util';
import { QUERY_LIMITS } from '../contract/question.ts';
import type { RetentionRequest } from '../contract/retention.ts';
import { actorSql, withinSql } from './activity.ts';
import { type Field, propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { keySql, parseGroupFields } from './groups.ts';
import {
  type Calendar,
  calendarOf,
  extended,
  periodNumberSql,
  periodPlaceSql,
  periodStartSql,
  rangeOf,
} from './periods.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** A question about retention whose parts are read and checked. */
export interface ParsedRetention {
  readonly request: RetentionRequest;
  readonly start: ParsedSelector;
  readonly back: ParsedSelector;
  readonly filter: ParsedFilter | undefined;
  readonly by: readonly Field[];
  /** `rolling` is another name of `unbounded`. */
  readonly mode: 'n_day' | 'unbounded';
  readonly timeZone: string;
  /** Keys of `properties` that it reads. */
  readonly keys: readonly string[];
}

/** Everything needed to ask the warehouse, and to make sense of its rows. */
export interface RetentionPlan {
  readonly retention: ParsedRetention;
  /** The periods of the cohorts. */
  readonly cohorts: Calendar;
  /** Those, and behind them the ones that the last cohort is followed for. */
  readonly followed: Calendar;
  readonly statement: Statement;
}

/** Reads a question about retention. Throws ApiError `invalid_request`. */
export const parseRetention = (request: RetentionRequest): ParsedRetention => {
  const start = parseSelector(request.start, 'start');
  const back = parseSelector(request.return, 'return');
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const by = parseGroupFields(request.by);
  const filtered = fieldsOfFilter(filter);
  return {
    request,
    start,
    back,
    filter,
    by,
    mode: request.mode === 'n_day' ? 'n_day' : 'unbounded',
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([...fieldsOfSelector(start), ...fieldsOfSelector(back), ...filtered, ...by]),
  };
};

/** Writes the statement. Throws ApiError `invalid_request` where limits would be exceeded. */
export const planRetention = (
  retention: ParsedRetention,
  asked: TimeRange,
  project: string,
  context: FilterContext,
): RetentionPlan => {
  const { request, timeZone } = retention;
  const { nowMs } = context;
  const cohorts = calendarOf(request.period, asked, timeZone, nowMs);
  checkCells(request, cohorts);
  const followed = extended(cohorts, request.periods);
  const running = calendarOf(request.period, { fromMs: nowMs, toMs: nowMs + 1 }, timeZone, nowMs);
  const toMs = retention.mode === 'n_day' ? Math.min(followed.endMs, running.endMs) : running.endMs;
  const question = { retention, cohorts, followed, toMs, project, context };
  return { retention, cohorts, followed, statement: toStatement(retentionSql(question)) };
};

const checkCells = ({ by, top, periods }: RetentionRequest, { starts }: Calendar): void => {
  const groups = by === undefined ? 1 : top + 1;
  const cells = groups * starts.length * (periods + 1);
  if (cells <= QUERY_LIMITS.cellsMax) return;
  const say = (count: number) => count.toLocaleString('en');
  throw invalidAt(
    by === undefined ? 'periods' : 'top',
    `${say(starts.length)} cohorts followed for ${say(periods)} periods in ${say(groups)} groups would be ${say(cells)} numbers; at most ${say(QUERY_LIMITS.cellsMax)} are answered. Take fewer groups, fewer "periods", a longer "period" or a shorter range.`,
  );
};

interface RetentionQuestion {
  readonly retention: ParsedRetention;
  readonly cohorts: Calendar;
  readonly followed: Calendar;
  /** Where the last returns are looked for. */
  readonly toMs: number;
  readonly project: string;
  readonly context: FilterContext;
}

/** What `hit` is in rows that count the cohort itself. */
export const SIZE = -1;

/**
 * One row a group, cohort (`c`, the number of its period) and `hit`: how many actors of the cohort came back in that period after it, or have that as their last one (unbounded), or are in it at all
 * (SIZE). `g` is the group: one key a field of the break-down, none for "other".
 */
const retentionSql = (question: RetentionQuestion): Sql => {
  const { by, request } = question.retention;
  const counted = sql`SELECT g, c, hit, sum(actors) AS n FROM ${hitsSql(question)} GROUP BY g, c, hit`;
  if (by.length === 0) return sql`SELECT g, c, hit, n AS actors FROM (${counted})`;
  return sql`SELECT if(place <= ${bind('UInt64', request.top)}, g, emptyArrayString()) AS named, c, hit, sum(n) AS actors
    FROM (SELECT g, c, hit, n, dense_rank() OVER (ORDER BY size DESC, g) AS place
      FROM (SELECT g, c, hit, n, sumIf(n, hit = ${SIZE_SQL}) OVER (PARTITION BY g) AS size FROM (${counted})))
    GROUP BY named, c, hit`;
};

const SIZE_SQL = sql`-1`;

/** One row for actors that did the same, a cohort of theirs, and hit. */
const hitsSql = (question: RetentionQuestion): Sql => {
  const { mode, request } = question.retention;
  const periods = bind('Int64', String(request.periods));
  const hits =
    mode === 'n_day'
      ? sql`arrayFilter(hit -> hit >= 0 AND hit <= ${periods}, arrayMap(r -> r - c, returns))`
      : sql`if(notEmpty(returns) AND returns[-1] >= c, [least(returns[-1] - c, ${periods})], [])`;
  return sql`(SELECT tupleElement(cohort, 1) AS c, tupleElement(cohort, 2) AS g, arrayJoin(arrayPushFront(${hits}, toInt64(${SIZE_SQL}))) AS hit, actors
    FROM (SELECT arrayJoin(${cohortsSql(question)}) AS cohort, returns, actors FROM ${actorsSql(question)}))`;
};

/** The cohorts that an actor belongs to, of its `starts`. */
const cohortsSql = ({ retention, cohorts }: RetentionQuestion): Sql => {
  const inRange = (starts: Sql) =>
    sql`arrayFilter(start -> tupleElement(start, 1) >= 0 AND tupleElement(start, 1) < ${bind('Int64', String(cohorts.starts.length))}, ${starts})`;
  switch (retention.request.cohorts) {
    case 'first_ever':
      return inRange(sql`arraySlice(starts, 1, 1)`);
    case 'first_in_range':
      return sql`arraySlice(${inRange(sql`starts`)}, 1, 1)`;
    case 'recurring':
      return inRange(sql`starts`);
  }
};

/** Periods that fit into one number, those before the range together being one of them. */
const MASK_PERIODS_MAX = 64;

/**
 * One row for `actors` that did the same: `starts`, the periods with a start event and the group of each, and `returns`, those with a return event; both ascending. Periods before the range are
 * one, -1.
 */
const actorsSql = (question: RetentionQuestion): Sql => {
  const { retention, cohorts, followed, context } = question;
  const bounds = [rangeOf(cohorts).fromMs - 1, ...followed.starts];
  const actor = actorSql(retention.request.actor);
  const isStart = selectorSql(retention.start, context);
  const isReturn = selectorSql(retention.back, context);
  const from = sql`FROM events WHERE ${conditionsSql(question, isStart, isReturn)}`;
  if (retention.by.length === 0 && bounds.length <= MASK_PERIODS_MAX) {
    // A bit a period: several times as fast as arrays of them, and most actors share theirs with others.
    const bit = sql`bitShiftLeft(toUInt64(1), ${periodPlaceSql(bounds)})`;
    const numbers = (mask: Sql) => sql`arrayMap(place -> toInt64(place) - 1, bitPositionsToArray(${mask}))`;
    return sql`(SELECT arrayMap(period -> (period, emptyArrayString()), ${numbers(sql`start_mask`)}) AS starts, ${numbers(sql`return_mask`)} AS returns, actors
      FROM (SELECT start_mask, return_mask, count() AS actors
        FROM (SELECT groupBitOrIf(${bit}, ${isStart}) AS start_mask, groupBitOrIf(${bit}, ${isReturn}) AS return_mask ${from} GROUP BY ${actor})
        WHERE start_mask != 0 GROUP BY start_mask, return_mask))`;
  }
  const period = sql`${periodNumberSql(sql`started`, bounds)} - 1`;
  const group = retention.by.length === 0 ? sql`emptyArrayString()` : groupSql(question, isStart);
  return sql`(SELECT arraySort(groupArrayIf((period, g), is_start)) AS starts, arraySort(groupArrayIf(period, is_return)) AS returns, 1 AS actors
    FROM (SELECT actor, ${period} AS period, is_start, is_return, g
      FROM (SELECT ${actor} AS actor, ${periodStartSql(bounds)} AS started, max(${isStart}) AS is_start, max(${isReturn}) AS is_return, ${group} AS g
        ${from} GROUP BY actor, started))
    GROUP BY actor)`;
};

/** Before the range only start events matter, and only where the first of all time is meant. */
const conditionsSql = (question: RetentionQuestion, isStart: Sql, isReturn: Sql): Sql => {
  const { retention, cohorts, toMs, project, context } = question;
  const { fromMs } = rangeOf(cohorts);
  const looksBack = retention.request.cohorts === 'first_ever';
  const inRange = looksBack ? sql`time >= ${bindInstant(fromMs)} AND ${isReturn}` : isReturn;
  return joinSql(
    [
      sql`${seenEvents(project, context)} AND ${actorSql(retention.request.actor)} != ''`,
      sql`(${isStart} OR (${inRange}))`,
      ...withinSql(looksBack ? undefined : fromMs, toMs),
      ...(retention.filter === undefined ? [] : [filterSql(retention.filter, context)]),
      ...startersSql(question, isStart),
    ],
    ' AND ',
  );
};

/**
 * Leaves out actors without a start event in the range before their events are put together. They are told by a hash: those that are taken for another have no start event and count for nothing. Not where each
 * return event is a start event, too.
 */
const startersSql = ({ retention, cohorts, project, context }: RetentionQuestion, isStart: Sql): Sql[] => {
  const { request, start } = retention;
  const isEveryEvent = start.types === undefined && start.filter === undefined;
  if (isEveryEvent || isDeepStrictEqual(request.start, request.return)) return [];
  const { fromMs, toMs } = rangeOf(cohorts);
  const hash = request.actor === 'user' ? sql`user_hash` : sql`cityHash64(session_id)`;
  const where = [
    seenEvents(project, context),
    isStart,
    ...withinSql(fromMs, toMs),
    ...(retention.filter === undefined ? [] : [filterSql(retention.filter, context)]),
  ];
  return [sql`${hash} IN (SELECT ${hash} FROM events WHERE ${joinSql(where, ' AND ')})`];
};

/** The group of the first start event of a period: of those of the same millisecond the one of the lower position, of those of one record the lesser text. */
const groupSql = ({ retention, context }: RetentionQuestion, isStart: Sql): Sql => {
  const keys = joinSql(
    retention.by.map((field) => keySql(field, context)),
    ', ',
  );
  return sql`tupleElement(minIf((time, position, [${keys}]), ${isStart}), 3)`;
};
