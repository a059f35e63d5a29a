import { PATHS_LIMITS, type PathsRequest } from '../contract/paths.ts';
import { TIME_MAX_MS, TIME_MIN_MS } from '../event/limits.ts';
import { parseDuration } from './duration.ts';
import { type Field, propertyKeys, textOf } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { parseGroupFields } from './groups.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bind, bindInstant, identifier, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** A question for paths whose parts are read and checked. */
export interface ParsedPaths {
  readonly request: PathsRequest;
  readonly direction: 'forward' | 'backward';
  /** Events that paths begin with, or lead to. */
  readonly end: ParsedSelector;
  readonly label: Field;
  readonly filter: ParsedFilter | undefined;
  readonly windowMs: number;
  readonly timeZone: string;
  readonly keys: readonly string[];
}

/** Reads a question for paths. Throws ApiError `invalid_request`. */
export const parsePaths = (request: PathsRequest): ParsedPaths => {
  const { from, to } = request;
  if (from !== undefined && to !== undefined)
    throw invalidAt('to', 'Paths begin with "from" or lead to "to": give one of the two.');
  const end = parseSelector(to ?? from ?? {}, to === undefined ? 'from' : 'to');
  const [label] = parseGroupFields([request.label], 'label');
  if (label === undefined) throw new RangeError('one name makes one field');
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const conditions = fieldsOfFilter(filter);
  return {
    request,
    direction: to === undefined ? 'forward' : 'backward',
    end,
    label,
    filter,
    windowMs: parseDuration(request.window, 'window', { min: '1s', max: PATHS_LIMITS.windowMax }),
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([label, ...conditions, ...fieldsOfSelector(end)]),
  };
};

/** One row a step from node to node, or to the end of a path. Nodes that are not named are `other`: their labels are empty. */
export interface PathRow {
  readonly level: number;
  readonly is_named: number;
  readonly label: string;
  readonly is_end: number;
  readonly is_next_named: number;
  readonly next: string;
  /** Rank of the node in its level. */
  readonly rank: number | string;
  readonly n: number | string;
}

/** Actors that are looked at in one go: bounds the memory that their paths take. Rows are read in blocks of the engine's own size all the same. */
const ACTORS_AT_A_TIME = sql`2048`;
const ROWS_AT_A_TIME = sql`65409`;

/** The statement: from actors to paths, from these to steps by label, from these to steps between named nodes. */
export const pathsStatement = (
  parsed: ParsedPaths,
  range: TimeRange,
  project: string,
  context: FilterContext,
): Statement => {
  const top = bind('UInt64', parsed.request.top);
  const least = sql`${bind('Float64', parsed.request.min_share)} * total`;
  return toStatement(sql`SELECT level, place <= ${top} AND of_node >= ${least} AS is_named, if(is_named, label, '') AS label,
      is_end, NOT is_end AND next_place <= ${top} AND of_next >= ${least} AS is_next_named, if(is_next_named, next, '') AS next,
      min(place) AS rank, sum(n) AS n
    FROM (
      SELECT *,
        dense_rank() OVER (PARTITION BY level ORDER BY of_node DESC, label) AS place,
        dense_rank() OVER (PARTITION BY level ORDER BY is_end, of_next DESC, next) AS next_place
      FROM (
        SELECT *, sum(n) OVER (PARTITION BY level, label) AS of_node, sum(n) OVER (PARTITION BY level, is_end, next) AS of_next,
          sum(if(level = 0, n, 0)) OVER () AS total
        FROM (
          SELECT step.1 AS level, step.2 AS label, step.3 AS is_end, step.4 AS next, count() AS n
          FROM (${walksSql(parsed, range, project, context)})
          ARRAY JOIN arrayMap(
            (place, label, is_end, next) -> (place - 1, label, is_end, next),
            arrayEnumerate(walk), walk,
            arrayPushBack(arrayWithConstant(length(walk) - 1, 0), 1),
            arrayPushBack(arrayPopFront(walk), '')) AS step
          GROUP BY level, label, is_end, next
        )
      )
    )
    GROUP BY level, is_named, label, is_end, is_next_named, next
    SETTINGS max_block_size = ${ACTORS_AT_A_TIME}`);
};

/** One row an actor: `walk`, its labels level by level. */
const walksSql = (parsed: ParsedPaths, range: TimeRange, project: string, context: FilterContext): Sql => {
  const { request, direction, windowMs } = parsed;
  const sorted = sql`arraySort(groupArray((at, position, label, is_end)))`;
  const ordered = direction === 'forward' ? sorted : sql`arrayReverse(${sorted})`;
  const window = bind('Int64', String(windowMs));
  return sql`SELECT arraySlice(${collapsedSql(request.collapse)}, 1, ${bind('UInt64', request.depth + 1)}) AS walk
    FROM (
      SELECT arrayMap(event -> event.3, arrayFilter(
          (event, began) -> abs(event.1 - began) <= ${window},
          tail, arrayWithConstant(length(tail), tupleElement(arrayElement(tail, 1), 1)))) AS labels
      FROM (
        SELECT ${ordered} AS events, arraySlice(events, arrayFirstIndex(event -> event.4, events)) AS tail
        FROM (${eventsSql(parsed, range, project, context)})
        GROUP BY actor HAVING max(is_end)
      )
    )`;
};

const collapsedSql = (collapse: PathsRequest['collapse']): Sql => {
  switch (collapse) {
    case 'none':
      return sql`labels`;
    case 'repeats':
      return sql`arrayCompact(labels)`;
    case 'loops':
      return sql`arrayFilter((label, nth) -> nth = 1, labels, arrayEnumerateUniq(labels))`;
  }
};

/** The events that may be on paths; `is_end` marks those that paths begin with or lead to. */
const eventsSql = (
  { request, direction, end, label, filter, windowMs }: ParsedPaths,
  { fromMs, toMs }: TimeRange,
  project: string,
  context: FilterContext,
): Sql => {
  const actor = identifier(request.actor === 'user' ? 'user_id' : 'session_id');
  const { text, nullable } = textOf(label, context.columns);
  const sinceMs = direction === 'forward' ? fromMs : Math.max(fromMs - windowMs, TIME_MIN_MS);
  const untilMs = direction === 'forward' ? Math.min(toMs + windowMs, TIME_MAX_MS + 1) : toMs;
  const where = joinSql(
    [
      seenEvents(project, context),
      sql`time >= ${bindInstant(sinceMs)} AND time < ${bindInstant(untilMs)}`,
      sql`${actor} != ''`,
      nullable ? sql`isNotNull(${text})` : sql`${text} != ''`,
      ...(filter === undefined ? [] : [filterSql(filter, context)]),
    ],
    ' AND ',
  );
  return sql`SELECT ${actor} AS actor, toUnixTimestamp64Milli(time) AS at, position,
      ${nullable ? sql`assumeNotNull(${text})` : sql`toString(${text})`} AS label,
      time >= ${bindInstant(fromMs)} AND time < ${bindInstant(toMs)} AND ${selectorSql(end, context)} AS is_end
    FROM events WHERE ${where} SETTINGS max_block_size = ${ROWS_AT_A_TIME}`;
};
