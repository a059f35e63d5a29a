import { WEB_LISTS, type WebList } from '../contract/web.ts';
import { bind, joinSql, type Sql, sql } from './sql.ts';
import { LIST_COLUMNS, listNumber, numberSql } from './web-plan.ts';

/** Counts of rows in the shape of `web_sessions` by the entries of the lists: column by column, which is many times faster than unfolding every session. */

/** What is counted of sessions: `plain` adds up over days, `distinct` has the visitors as well. */
export type Counting = 'plain' | 'distinct';

/** Aggregates of sessions; `seen` are the views that count for the entry. */
export const countedSql = (seen: Sql, counting: Counting): Sql =>
  sql`count() AS sessions_n, sum(${seen}) AS views_n, countIf(views > 0) AS viewed_n, countIf(bounced = 1) AS bounces_n, toUInt64(sum(duration)) AS duration_n${
    counting === 'distinct' ? sql`, uniqState(visitor) AS visitors_n` : sql``
  }`;

/** Their names. */
export const countColumns = (counting: Counting): Sql =>
  sql`sessions_n, views_n, viewed_n, bounces_n, duration_n${counting === 'distinct' ? sql`, visitors_n` : sql``}`;

/** The lists of one column each that do not depend on which hosts are the site's own. */
const PLAIN_LISTS = WEB_LISTS.filter(
  (list): list is Exclude<WebList, 'pages' | 'channels' | 'sources'> =>
    list !== 'pages' && list !== 'channels' && list !== 'sources',
);

/** A row for each page that a session saw. */
export const unfoldedPages = (rows: Sql): Sql =>
  sql`(SELECT *, one, one_views FROM ${rows} ARRAY JOIN seen AS one, seen_views AS one_views)`;

/**
 * Statements with one row a list and entry, and for each of `keys`, columns of the rows: of `sources` one for each host with its channels; 0 is all sessions. Lists that leave out sessions without a value have an entry of them.
 */
export const countsByList = (keys: Sql, rows: Sql, counting: Counting): Sql[] => {
  const sets = PLAIN_LISTS.map((list) => sql`(${keys}, ${LIST_COLUMNS[list]})`);
  const places = PLAIN_LISTS.map(
    (list) =>
      sql`grouping(${LIST_COLUMNS[list]}) = 0, (${numberSql(listNumber(list))}, toString(${LIST_COLUMNS[list]}))`,
  );
  const sources = numberSql(listNumber('sources'));
  return [
    sql`SELECT ${keys}, tupleElement(place, 1) AS list, tupleElement(place, 2) AS value, full_channel, own_channel, ${countColumns(counting)} FROM (
      SELECT ${keys}, multiIf(grouping(referring) = 0, (${sources}, toString(referring)), ${joinSql(places, ', ')}, (toUInt8(0), '')) AS place,
        toString(full_channel) AS full_channel, toString(own_channel) AS own_channel, ${countedSql(sql`views`, counting)}
      FROM ${rows} GROUP BY GROUPING SETS ((${keys}), (${keys}, referring, full_channel, own_channel), ${joinSql(sets, ', ')}))`,
    sql`SELECT ${keys}, ${numberSql(listNumber('pages'))} AS list, toString(one) AS value, '' AS full_channel, '' AS own_channel, ${countedSql(sql`one_views`, counting)}
      FROM ${unfoldedPages(rows)} GROUP BY ${keys}, one`,
  ];
};

/** The referrer's host where some hosts are the site's own. */
export const hostSql = (ownHosts: readonly string[], referring: Sql): Sql =>
  ownHosts.length === 0
    ? referring
    : sql`if(${referring} IN ${bind('Array(String)', ownHosts)}, '', toString(${referring}))`;
/** How a session came where some hosts are the site's own. */
export const channelOfSql = (ownHosts: readonly string[], referring: Sql): Sql =>
  ownHosts.length === 0
    ? sql`full_channel`
    : sql`if(${referring} IN ${bind('Array(String)', ownHosts)}, own_channel, full_channel)`;

/** Rows with `host` and `channel`. */
export const withHosts = (ownHosts: readonly string[], rows: Sql): Sql =>
  sql`(SELECT *, ${hostSql(ownHosts, sql`referring`)} AS host, ${channelOfSql(ownHosts, sql`referring`)} AS channel FROM ${rows})`;

/** Statements as one to read from, in brackets. */
export const unionAll = (parts: readonly Sql[]): Sql => sql`(${joinSql(parts, ' UNION ALL ')})`;
