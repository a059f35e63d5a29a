import { QUERY_LIMITS } from '../contract/question.ts';
import { SESSION_NUMBERS, type SessionsRequest } from '../contract/sessions.ts';
import { bucketSql } from './axis-sql.ts';
import { type Axis, axisOf } from './buckets.ts';
import { type Field, propertyKeys } from './fields.ts';
import { type FilterContext, parseFilter } from './filter.ts';
import { parseGroupFields, topGroupSql } from './groups.ts';
import { invalidAt } from '../http/request-problem.ts';
import {
  earliestText,
  fieldsOfSessions,
  hereNowSql,
  latestText,
  parseSessionQuestion,
  type SessionColumn,
  sessionKey,
  type SessionQuestion,
  sessionRows,
} from './session-rows.ts';
import { selectorSql } from './selector.ts';
import { bind, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** A question about sessions whose parts are read and checked. */
export interface ParsedSessions {
  readonly request: SessionsRequest;
  readonly question: SessionQuestion;
  readonly by: readonly Field[];
  readonly timeZone: string;
  /** Keys of `properties` that it reads. */
  readonly keys: readonly string[];
}

/** The statements that answer it. */
export interface SessionsPlan {
  readonly axis: Axis;
  readonly numbers: Statement;
  /** Absent where no pages are asked for. */
  readonly pages: Statement | undefined;
  readonly live: Statement;
}

/** Reads a question about sessions. Throws ApiError `invalid_request`. */
export const parseSessions = (request: SessionsRequest): ParsedSessions => {
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const question = parseSessionQuestion(request, filter);
  const by = parseGroupFields(request.by);
  const keys = propertyKeys([...by, ...fieldsOfSessions(question)]);
  return { request, question, by, timeZone: parseTimeZone(request.timezone), keys };
};

/** Numbers of a bucket. */
const NUMBERS = SESSION_NUMBERS.length;

/** Writes the statements. Throws ApiError `invalid_request` where limits would be exceeded. */
export const planSessions = (
  parsed: ParsedSessions,
  range: TimeRange,
  project: string,
  context: FilterContext,
): SessionsPlan => {
  const { request, question } = parsed;
  const axis = axisOf(request.interval, range, parsed.timeZone);
  checkCells(parsed, axis);
  const scope = { project, range, context };
  const rows = (more: readonly SessionColumn[]) => sessionRows(question, scope, more);
  return {
    axis,
    numbers: toStatement(numbersSql(parsed, axis, rows, context)),
    pages: request.pages === 0 ? undefined : toStatement(pagesSql(question, request.pages, rows, context)),
    live: toStatement(hereNowSql(question, request.live_minutes, scope)),
  };
};

const checkCells = ({ request, by }: ParsedSessions, axis: Axis): void => {
  const groups = by.length === 0 ? 1 : request.top + 1;
  const cells = groups * (axis.starts.length + 1) * NUMBERS;
  if (cells <= QUERY_LIMITS.cellsMax) return;
  const say = (count: number) => count.toLocaleString('en');
  throw invalidAt(
    by.length === 0 ? 'interval' : 'top',
    `${say(groups)} groups in ${say(axis.starts.length)} buckets would be ${say(cells)} numbers, ${NUMBERS} a bucket; at most ${say(QUERY_LIMITS.cellsMax)} are answered. Take fewer groups, a coarser interval or a shorter range.`,
  );
};

type RowsOf = (more: readonly SessionColumn[]) => Sql;

/** The engine's sketch keeps within the 0.2 % that the contract promises: see `measure.ts`. */
const SKETCH_ACCURACY = sql`0.0005`;

/** The aggregates of a set of sessions: what `SessionNumbersRow` reads. */
const AGGREGATES = sql`count() AS sessions, countIf(views > 0) AS viewed, countIf(bounced) AS bounces,
  sum(duration) AS duration_sum, sum(events) AS events_sum, sum(views) AS views_sum,
  quantilesDD(${SKETCH_ACCURACY}, 0.5, 0.9)(toFloat64(duration)) AS levels`;

/** One row a group and bucket (`level` 0), one a group (1), and one over all (3). `g` is the group: one key a field of the break-down, none for "other". */
const numbersSql = (
  { request, by }: ParsedSessions,
  axis: Axis,
  rows: RowsOf,
  context: FilterContext,
): Sql => {
  const keys = by.map((field, index) => ({
    name: KEY_NAMES[index] ?? sql`k`,
    aggregate: sessionKey(field, context),
  }));
  const group = topGroupSql(
    keys.map(({ name }) => name),
    rows(keys),
    request.top,
  );
  return sql`SELECT ${group} AS g, ${bucketSql(axis, sql`began`)} AS b, grouping(g, b) AS level, ${AGGREGATES}
    FROM ${rows(keys)}
    GROUP BY g, b WITH ROLLUP`;
};

const KEY_NAMES = [sql`k0`, sql`k1`];

/** One row a list (1 entry pages, 2 exit pages) and page; those behind the top together with `other` = 1. */
const pagesSql = (question: SessionQuestion, top: number, rows: RowsOf, context: FilterContext): Sql => {
  const isView = selectorSql(question.views, context);
  const ends = rows([
    { name: sql`entry`, aggregate: earliestText(sql`page`, isView) },
    { name: sql`exit`, aggregate: latestText(sql`page`, isView) },
  ]);
  return sql`SELECT list, rank > ${bind('UInt64', top)} AS other, if(other, '', page) AS name, sum(n) AS sessions, sum(bounced_n) AS bounces
    FROM (SELECT list, page, n, bounced_n, row_number() OVER (PARTITION BY list ORDER BY n DESC, page) AS rank
      FROM (SELECT tupleElement(place, 1) AS list, tupleElement(place, 2) AS page, count() AS n, countIf(bounced) AS bounced_n
        FROM (SELECT bounced, arrayJoin([(1, entry), (2, exit)]) AS place FROM ${ends})
        WHERE page != '' GROUP BY list, page))
    GROUP BY list, other, name`;
};
