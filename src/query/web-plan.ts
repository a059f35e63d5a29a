import { WEB_LISTS, type WebList, type WebRequest } from '../contract/web.ts';
import { axisOf } from './buckets.ts';
import { comparisonOf } from './compare.ts';
import { propertyKeys, textOf } from './fields.ts';
import { type FilterContext, parseFilter } from './filter.ts';
import {
  earliestText,
  fieldsOfSessions,
  hereNowSql,
  latestText,
  parseSessionQuestion,
  type SessionColumn,
  type SessionQuestion,
  sessionRows,
} from './session-rows.ts';
import { selectorSql } from './selector.ts';
import { bind, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';
import { channelSql } from './web-channel.ts';

/** Web analytics whose parts are read and checked. */
export interface ParsedWeb {
  readonly request: WebRequest;
  readonly question: SessionQuestion;
  readonly timeZone: string;
  /** Keys of `properties` that filter and selectors read. What every such question reads is not among them: it would take the columns that other questions need. */
  readonly keys: readonly string[];
}

/** The statements that answer it. */
export interface WebPlan {
  readonly previous: TimeRange | undefined;
  readonly numbers: Statement;
  readonly live: Statement;
}

/** Reads a request. Throws ApiError `invalid_request`. */
export const parseWeb = (request: WebRequest): ParsedWeb => {
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const question = parseSessionQuestion(request, filter);
  return {
    request,
    question,
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys(fieldsOfSessions(question)),
  };
};

/** Writes the statements. Throws ApiError `invalid_request` where the period before cannot be measured. */
export const planWeb = (
  { request, question, timeZone }: ParsedWeb,
  range: TimeRange,
  project: string,
  context: FilterContext,
): WebPlan => {
  const { nowMs } = context;
  const axis = axisOf('total', range, timeZone);
  const previous = request.compare
    ? comparisonOf('previous_period', { range, axis, timeZone, nowMs }).range
    : undefined;
  const whole = { fromMs: previous?.fromMs ?? range.fromMs, toMs: range.toMs };
  const rows = sessionRows(question, { project, range: whole, context }, columnsOf(question, context));
  return {
    previous,
    numbers: toStatement(numbersSql(request, range, derived(request, rows))),
    live: toStatement(hereNowSql(question, request.live_minutes, { project, context })),
  };
};

/** Number of a list in the statement; 0 is all sessions. */
export const listNumber = (list: WebList): number => WEB_LISTS.indexOf(list) + 1;

const UTM_NAMES = ['source', 'medium', 'campaign', 'term', 'content'] as const;
type UtmName = (typeof UTM_NAMES)[number];

/** A property at a path, empty where absent. */
const propertyText = (path: readonly [string, ...string[]], { columns }: FilterContext): Sql => {
  const { text } = textOf({ kind: 'property', name: path.join('.'), path }, columns);
  return sql`ifNull(${text}, '')`;
};

/**
 * A parameter of the campaign that an event names: as a property, as the context of Aevum's own client, or as that of Segment's. JSON is only read where the text says that there is one.
 */
const utmSql = (name: UtmName, isView: Sql, context: FilterContext): Sql => {
  const own = propertyText([`utm_${name}`], context);
  const ofContext = propertyText([`context.utm_${name}`], context);
  const ofSegment = propertyText(['context.campaign', name === 'campaign' ? 'name' : name], context);
  const first = sql`multiIf(${own} != '', ${own}, ${ofContext} != '', ${ofContext}, ${ofSegment})`;
  return sql`if(${isView} AND (position(properties, 'utm_') > 0 OR position(properties, 'context.campaign') > 0), ${first}, '')`;
};

const UTM_COLUMNS: Readonly<Record<UtmName, Sql>> = {
  source: sql`utm_source`,
  medium: sql`utm_medium`,
  campaign: sql`utm_campaign`,
  term: sql`utm_term`,
  content: sql`utm_content`,
};

const columnsOf = ({ views }: SessionQuestion, context: FilterContext): SessionColumn[] => {
  const isView = selectorSql(views, context);
  const anonymous = sql`if(position(properties, 'anonymous_id') > 0, ${propertyText(['anonymous_id'], context)}, '')`;
  const host = sql`lower(domainWithoutWWW(tupleElement(minIf((time, position, referrer), ${isView}), 3)))`;
  const firstOf = (column: Sql): Sql => earliestText(sql`toString(${column})`);
  return [
    { name: sql`anonymous`, aggregate: earliestText(anonymous) },
    { name: sql`known`, aggregate: earliestText(sql`user_id`) },
    { name: sql`referring`, aggregate: host },
    ...UTM_NAMES.map((name) => ({
      name: UTM_COLUMNS[name],
      aggregate: earliestText(utmSql(name, isView, context)),
    })),
    { name: sql`entry`, aggregate: earliestText(sql`page`, isView) },
    { name: sql`exit`, aggregate: latestText(sql`page`, isView) },
    { name: sql`seen`, aggregate: sql`sumMapIf(map(page, toUInt64(1)), ${isView} AND page != '')` },
    { name: sql`of_country`, aggregate: firstOf(sql`country`) },
    { name: sql`of_device`, aggregate: firstOf(sql`device_type`) },
    { name: sql`of_browser`, aggregate: firstOf(sql`browser`) },
    { name: sql`of_system`, aggregate: firstOf(sql`os`) },
  ];
};

/** What follows from a session's columns. */
const derived = ({ own_hosts: ownHosts }: WebRequest, rows: Sql): Sql => {
  const isCampaign = sql`(utm_source != '' OR utm_medium != '' OR utm_campaign != '')`;
  const host = sql`if(referring IN ${bind('Array(String)', ownHosts)}, '', referring)`;
  return sql`(SELECT *, ${host} AS host,
      multiIf(anonymous != '', concat('a', anonymous), known != '', concat('u', known), concat('s', session_id)) AS visitor,
      ${channelSql(sql`host`, sql`utm_medium`, isCampaign)} AS channel
    FROM ${rows})`;
};

/** What each list is of: a column of the session. Pages are many a session. */
const LIST_COLUMNS: Readonly<Record<Exclude<WebList, 'pages'>, Sql>> = {
  channels: sql`channel`,
  sources: sql`host`,
  utm_sources: sql`utm_source`,
  utm_mediums: sql`utm_medium`,
  utm_campaigns: sql`utm_campaign`,
  utm_terms: sql`utm_term`,
  utm_contents: sql`utm_content`,
  entry_pages: sql`entry`,
  exit_pages: sql`exit`,
  countries: sql`of_country`,
  devices: sql`of_device`,
  browsers: sql`of_browser`,
  systems: sql`of_system`,
};

/** Lists that tell of absence too. */
const WITH_ABSENT: ReadonlySet<WebList> = new Set(['sources', 'countries', 'devices', 'browsers', 'systems']);

const numberSql = (number: number): Sql => sql`toUInt8(${bind('UInt64', number)})`;

/** The entries of all lists that a session is in, as (list, value, views). */
const placesSql = (): Sql => {
  const columns = Object.entries(LIST_COLUMNS) as [keyof typeof LIST_COLUMNS, Sql][];
  const entries = columns.map(
    ([list, column]) => sql`(${numberSql(listNumber(list))}, ${column}, toUInt64(views))`,
  );
  return sql`arrayConcat([(toUInt8(0), '', toUInt64(views)), ${joinSql(entries, ', ')}],
    arrayMap((page, n) -> (${numberSql(listNumber('pages'))}, page, n), mapKeys(seen), mapValues(seen)))`;
};

/**
 * One row a list and value, those behind the top together with `other` = 1; list 0 is all sessions. Numbers of the range, and with `p_` in front those of the period before.
 */
const numbersSql = ({ top }: WebRequest, range: TimeRange, rows: Sql): Sql => {
  const present = WEB_LISTS.filter((list) => !WITH_ABSENT.has(list)).map(listNumber);
  const isNow = sql`began >= ${bind('Int64', String(range.fromMs))}`;
  const aggregates = (when: Sql, prefix: (name: Sql) => Sql): Sql =>
    sql`uniqStateIf(visitor, ${when}) AS ${prefix(sql`visitors_state`)}, countIf(${when}) AS ${prefix(sql`sessions_n`)},
      sumIf(n, ${when}) AS ${prefix(sql`views_n`)}, countIf(${when} AND views > 0) AS ${prefix(sql`viewed_n`)},
      countIf(${when} AND bounced) AS ${prefix(sql`bounces_n`)}, sumIf(duration, ${when}) AS ${prefix(sql`duration_n`)}`;
  const merged = (prefix: (name: Sql) => Sql): Sql =>
    sql`uniqMerge(${prefix(sql`visitors_state`)}) AS ${prefix(sql`visitors`)}, sum(${prefix(sql`sessions_n`)}) AS ${prefix(sql`sessions`)},
      sum(${prefix(sql`views_n`)}) AS ${prefix(sql`views_sum`)}, sum(${prefix(sql`viewed_n`)}) AS ${prefix(sql`viewed`)},
      sum(${prefix(sql`bounces_n`)}) AS ${prefix(sql`bounces`)}, sum(${prefix(sql`duration_n`)}) AS ${prefix(sql`duration_sum`)}`;
  const plain = (name: Sql): Sql => name;
  const before = (name: Sql): Sql => sql`p_${name}`;
  const weight = sql`if(list = ${numberSql(listNumber('pages'))}, views_n, sessions_n)`;
  return sql`SELECT list, rank > ${bind('UInt64', top)} AS other, if(other, '', value) AS name, ${merged(plain)}, ${merged(before)}
    FROM (SELECT *, row_number() OVER (PARTITION BY list ORDER BY ${weight} DESC, value) AS rank
      FROM (SELECT list, value, ${aggregates(isNow, plain)}, ${aggregates(sql`NOT (${isNow})`, before)}
        FROM (SELECT *, tupleElement(place, 1) AS list, tupleElement(place, 2) AS value, tupleElement(place, 3) AS n
          FROM (SELECT began, duration, views, bounced, visitor, arrayJoin(${placesSql()}) AS place FROM ${rows}))
        WHERE value != '' OR NOT has(${bind('Array(UInt64)', present)}, toUInt64(list))
        GROUP BY list, value))
    GROUP BY list, other, name`;
};
