import { QUERY_LIMITS } from '../contract/question.ts';
import { WEB_LISTS, WEB_NUMBERS, type WebList, type WebOnly, type WebRequest } from '../contract/web.ts';
import { bucketSql } from './axis-sql.ts';
import { type Axis, axisOf } from './buckets.ts';
import { comparisonOf } from './compare.ts';
import { propertyKeys, textOf } from './fields.ts';
import { type FilterContext, parseFilter } from './filter.ts';
import { invalidAt } from '../http/request-problem.ts';
import {
  earliestText,
  fieldsOfSessions,
  firstText,
  hereNowSql,
  latestText,
  parseSessionQuestion,
  type SessionColumn,
  type SessionQuestion,
  sessionRows,
} from './session-rows.ts';
import { selectorSql } from './selector.ts';
import { bind, joinSql, Sql, sql, type Statement, toStatement } from './sql.ts';
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
  /** The time axes of the range and of the period before; undefined where nothing is told over time. */
  readonly over: WebAxes | undefined;
  readonly numbers: Statement;
  readonly live: Statement;
}

/** The time axes of a range and of the one before. */
export interface WebAxes {
  readonly now: Axis;
  readonly before: Axis | undefined;
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
  const over = axesOf(request, { range, previous, timeZone });
  const whole = { fromMs: previous?.fromMs ?? range.fromMs, toMs: range.toMs };
  const rows = sessionRows(question, { project, range: whole, context }, columnsOf(question, context));
  return {
    previous,
    over,
    numbers: toStatement(numbersSql(request, { range, over }, onlyOf(request.only, derived(request, rows)))),
    live: toStatement(hereNowSql(question, request.live_minutes, { project, context })),
  };
};

const axesOf = (
  { interval }: WebRequest,
  { range, previous, timeZone }: { range: TimeRange; previous: TimeRange | undefined; timeZone: string },
): WebAxes | undefined => {
  if (interval === undefined) return undefined;
  const now = axisOf(interval, range, timeZone);
  const before = previous === undefined ? undefined : axisOf(now.interval, previous, timeZone);
  const cells = (now.starts.length + (before?.starts.length ?? 0)) * WEB_NUMBERS.length;
  if (cells <= QUERY_LIMITS.cellsMax) return { now, before };
  const say = (count: number) => count.toLocaleString('en');
  throw invalidAt(
    'interval',
    `${say(now.starts.length)} buckets would be ${say(cells)} numbers; at most ${say(QUERY_LIMITS.cellsMax)} are answered. Take a coarser interval or a shorter range.`,
  );
};

/** Number of a list in the statement; 0 is all sessions. */
export const listNumber = (list: WebList): number => WEB_LISTS.indexOf(list) + 1;
/** The buckets are a list too: of those of the period before the name begins with a `p`. */
export const TIMES_NUMBER = WEB_LISTS.length + 1;

/** The parts of a campaign. */
export const UTM_NAMES = ['source', 'medium', 'campaign', 'term', 'content'] as const;
type UtmName = (typeof UTM_NAMES)[number];

/** Everything that names a campaign, read from the JSON at once: properties, the context of Aevum's own client, that of Segment's. */
const CAMPAIGN_JSON = sql`JSONExtract(properties, 'Tuple(
  utm_source Nullable(String), utm_medium Nullable(String), utm_campaign Nullable(String), utm_term Nullable(String), utm_content Nullable(String),
  \`context.utm_source\` Nullable(String), \`context.utm_medium\` Nullable(String), \`context.utm_campaign\` Nullable(String), \`context.utm_term\` Nullable(String), \`context.utm_content\` Nullable(String),
  \`context.campaign\` Tuple(source Nullable(String), medium Nullable(String), name Nullable(String), term Nullable(String), content Nullable(String)))')`;

/** Places of the parts of a campaign in that. */
export const CAMPAIGN_PLACES: Readonly<Record<UtmName, readonly [Sql, Sql, Sql]>> = {
  source: [sql`1`, sql`6`, sql`1`],
  medium: [sql`2`, sql`7`, sql`2`],
  campaign: [sql`3`, sql`8`, sql`3`],
  term: [sql`4`, sql`9`, sql`4`],
  content: [sql`5`, sql`10`, sql`5`],
};
const SEGMENT_PLACE = sql`11`;

/** The part of the campaign that an event names in `json`, the first place that is not empty; empty where there is none. */
const utmSql = (name: UtmName): Sql => {
  const [own, ofContext, ofSegment] = CAMPAIGN_PLACES[name];
  const at = (place: Sql): Sql => sql`ifNull(tupleElement(json, ${place}), '')`;
  const nested = sql`ifNull(tupleElement(tupleElement(json, ${SEGMENT_PLACE}), ${ofSegment}), '')`;
  return sql`multiIf(${at(own)} != '', ${at(own)}, ${at(ofContext)} != '', ${at(ofContext)}, ${nested})`;
};

/** Ends a part of a campaign in its text: less than any other character, so that texts compare as their parts do. */
const PART_END = sql`'\\x00\\x00'`;

/**
 * All parts of the campaign that an event names, as one text: the engine compares those several times faster than tuples, and keeps them in less memory. The JSON stands in it once, as a value of a function: the engine would
 * read it anew for each part.
 */
const CAMPAIGN_TEXT = sql`arrayElement(arrayMap(json -> concat(${joinSql(
  UTM_NAMES.map((name) => sql`replaceAll(${utmSql(name)}, '\\x00', '\\x00\\x01'), ${PART_END}`),
  ', ',
)}), [${CAMPAIGN_JSON}]), 1)`;
const NO_CAMPAIGN = sql`'${new Sql(['\\x00'.repeat(2 * UTM_NAMES.length)])}'`;

/** The campaign of a session: all parts as the earliest view names them that names any. JSON is only read where its text says that there is one. */
const campaignSql = (isView: Sql): Sql => {
  const isNamed = sql`${isView} AND (position(properties, 'utm_') > 0 OR position(properties, 'context.campaign') > 0)`;
  const text = sql`if(${isNamed}, ${CAMPAIGN_TEXT}, '')`;
  return sql`arrayMap(part -> replaceAll(part, '\\x00\\x01', '\\x00'), splitByString(${PART_END}, ${earliestText(text, sql`${text} != ${NO_CAMPAIGN}`)}))`;
};

/** The column of each part of a campaign. */
export const UTM_COLUMNS: Readonly<Record<UtmName, Sql>> = {
  source: sql`utm_source`,
  medium: sql`utm_medium`,
  campaign: sql`utm_campaign`,
  term: sql`utm_term`,
  content: sql`utm_content`,
};

/** What the lists need to know of a session, put together from its events. */
export const columnsOf = (
  { views }: Pick<SessionQuestion, 'views'>,
  context: FilterContext,
): SessionColumn[] => {
  const isView = selectorSql(views, context);
  const { text } = textOf(
    { kind: 'property', name: 'anonymous_id', path: ['anonymous_id'] },
    context.columns,
  );
  const anonymous = sql`if(position(properties, 'anonymous_id') > 0, ifNull(${text}, ''), '')`;
  const host = sql`lower(domainWithoutWWW(${firstText(sql`referrer`, isView)}))`;
  const firstOf = (column: Sql): Sql => earliestText(sql`toString(${column})`);
  return [
    { name: sql`anonymous`, aggregate: earliestText(anonymous) },
    { name: sql`known`, aggregate: earliestText(sql`user_id`) },
    { name: sql`referring`, aggregate: host },
    { name: sql`campaign`, aggregate: campaignSql(isView) },
    { name: sql`entry`, aggregate: earliestText(sql`page`, isView) },
    { name: sql`exit`, aggregate: latestText(sql`page`, isView) },
    { name: sql`seen`, aggregate: sql`groupArrayIf(page, ${isView} AND page != '')` },
    { name: sql`of_country`, aggregate: firstOf(sql`country`) },
    { name: sql`of_device`, aggregate: firstOf(sql`device_type`) },
    { name: sql`of_browser`, aggregate: firstOf(sql`browser`) },
    { name: sql`of_system`, aggregate: firstOf(sql`os`) },
  ];
};

/** What follows from a session's columns. */
export const derived = ({ own_hosts: ownHosts }: WebRequest, rows: Sql): Sql => {
  const isCampaign = sql`(utm_source != '' OR utm_medium != '' OR utm_campaign != '')`;
  const host = sql`if(referring IN ${bind('Array(String)', ownHosts)}, '', referring)`;
  const utm = UTM_NAMES.map(
    (name) => sql`arrayElement(campaign, ${CAMPAIGN_PLACES[name][0]}) AS ${UTM_COLUMNS[name]}`,
  );
  return sql`(SELECT *, ${host} AS host, ${joinSql(utm, ', ')},
      multiIf(anonymous != '', concat('a', anonymous), known != '', concat('u', known), concat('s', session_id)) AS visitor,
      ${channelSql(sql`host`, sql`utm_medium`, isCampaign)} AS channel
    FROM ${rows})`;
};

/** What each list is of: a column of the session. Pages are many a session. */
export const LIST_COLUMNS: Readonly<Record<Exclude<WebList, 'pages'>, Sql>> = {
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

/** Of the sessions those that stand in all these lists with one of the values. */
export const onlyOf = (only: WebOnly, rows: Sql): Sql => {
  const lists = WEB_LISTS.flatMap((list) => {
    const values = only[list]?.map((value) => value ?? '');
    return values === undefined ? [] : [{ list, values }];
  });
  if (lists.length === 0) return rows;
  const conditions = lists.map(({ list, values }) => {
    const named = bind('Array(String)', values);
    if (list !== 'pages') return sql`${LIST_COLUMNS[list]} IN ${named}`;
    return values.includes('') ? sql`(empty(seen) OR hasAny(seen, ${named}))` : sql`hasAny(seen, ${named})`;
  });
  return sql`(SELECT * FROM ${rows} WHERE ${joinSql(conditions, ' AND ')})`;
};

/** Lists that tell of absence too. */
export const WITH_ABSENT: ReadonlySet<WebList> = new Set([
  'sources',
  'countries',
  'devices',
  'browsers',
  'systems',
]);

/** A number of a list. */
export const numberSql = (number: number): Sql => sql`toUInt8(${bind('UInt64', number)})`;

/** The entries of all lists that a session is in, as (list, value, views). */
const placesSql = (bucket: Sql | undefined): Sql => {
  const columns = Object.entries(LIST_COLUMNS) as [keyof typeof LIST_COLUMNS, Sql][];
  const entries = columns.map(
    ([list, column]) => sql`(${numberSql(listNumber(list))}, ${column}, toUInt64(views))`,
  );
  if (bucket !== undefined) entries.push(sql`(${numberSql(TIMES_NUMBER)}, ${bucket}, toUInt64(views))`);
  return sql`arrayConcat([(toUInt8(0), '', toUInt64(views)), ${joinSql(entries, ', ')}],
    arrayMap(one -> (${numberSql(listNumber('pages'))}, one, toUInt64(countEqual(seen, one))), arrayDistinct(seen)))`;
};

/** How many entries of `list` are named. */
export const topSql = ({ top, top_of: topOf }: WebRequest): Sql => {
  const own = WEB_LISTS.flatMap((list) => {
    const of = topOf[list];
    return of === undefined ? [] : [sql`list = ${numberSql(listNumber(list))}, ${bind('UInt64', of)}`];
  });
  const others = sql`${bind('UInt64', top)}`;
  return own.length === 0 ? others : sql`multiIf(${joinSql([...own, others], ', ')})`;
};

/** What the bucket that a session began in is called. */
export const bucketName = ({ now, before }: WebAxes, isNow: Sql): Sql => {
  const name = (axis: Axis) => sql`toString(${bucketSql(axis, sql`began`)})`;
  return before === undefined ? name(now) : sql`if(${isNow}, ${name(now)}, concat('p', ${name(before)}))`;
};

/**
 * One row a list and value, those behind the top together with `other` = 1; list 0 is all sessions. Numbers of the range, and with `p_` in front those of the period before.
 */
const numbersSql = (
  request: WebRequest,
  { range, over }: { range: TimeRange; over: WebAxes | undefined },
  rows: Sql,
): Sql => {
  const { compare } = request;
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
  const earlier = compare
    ? { counted: sql`, ${aggregates(sql`NOT (${isNow})`, before)}`, merged: sql`, ${merged(before)}` }
    : { counted: sql``, merged: sql`` };
  const weight = sql`if(list = ${numberSql(listNumber('pages'))}, views_n, sessions_n)`;
  const isRest = sql`rank > ${topSql(request)} AND list != ${numberSql(TIMES_NUMBER)}`;
  const places = placesSql(over === undefined ? undefined : bucketName(over, isNow));
  return sql`SELECT list, ${isRest} AS other, if(other, '', value) AS name, ${merged(plain)}${earlier.merged}
    FROM (SELECT *, row_number() OVER (PARTITION BY list ORDER BY ${weight} DESC, value) AS rank
      FROM (SELECT list, value, ${aggregates(isNow, plain)}${earlier.counted}
        FROM (SELECT *, tupleElement(place, 1) AS list, tupleElement(place, 2) AS value, tupleElement(place, 3) AS n
          FROM (SELECT began, duration, views, bounced, visitor, arrayJoin(${places}) AS place FROM ${rows}))
        WHERE value != '' OR NOT has(${bind('Array(UInt64)', present)}, toUInt64(list))
        GROUP BY list, value))
    GROUP BY list, other, name`;
};
