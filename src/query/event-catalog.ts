import {
  CATALOG_LIMITS,
  type CatalogPropertiesAnswer,
  type CatalogPropertiesQuery,
  type CatalogType,
  type CatalogTypesAnswer,
  type CatalogTypesQuery,
  type CatalogValuesAnswer,
  type CatalogValuesQuery,
  type PropertyKind,
} from '../contract/event-catalog.ts';
import { type Field, textOf } from './fields.ts';
import { isoOf, parseInstant } from './instant.ts';
import type { Description, PropertyColumns } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bindPane } from './rollup-rows.ts';
import { seenEvents } from './seen.ts';
import { bind, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { PANE_MS } from './time-range.ts';

/**
 * What events there are, for those who put questions together: types from the rollup, properties and values from the newest events. Read while somebody types, so
 * each looks at a bounded number of rows, however many events there are.
 */

type Count = number | string;

/** A type of events. */
export interface TypeRow {
  readonly type: string;
  readonly events: Count;
  readonly first_ms: Count;
  readonly last_ms: Count;
}

/** What people say about types, or about properties, by name. */
type Descriptions = ReadonlyMap<string, Description>;

const NOTHING_SAID: Description = { description: '', owner: '', version: 0 };

const isSaid = ({ description, owner }: Description): boolean => description !== '' || owner !== '';

/** Whether a text occurs in what is said, whatever its case. */
const says = ({ description, owner }: Description, search: string): boolean =>
  [description, owner].some((text) => text.toLowerCase().includes(search.toLowerCase()));

/** Names of what a text occurs in the description or owner of. */
const namesSaying = (descriptions: Descriptions, search: string): string[] =>
  [...descriptions].flatMap(([name, said]) => (says(said, search) ? [name] : []));

/** Where the types that are asked for are read. */
export interface TypesScope {
  readonly project: string;
  readonly nowMs: number;
  readonly descriptions: Descriptions;
}

const searched = (search: string, descriptions: Descriptions): Sql => {
  const byName = sql`positionCaseInsensitiveUTF8(type, ${bind('String', search)}) > 0`;
  const names = namesSaying(descriptions, search);
  return names.length === 0 ? byName : sql`(${byName} OR type IN ${bind('Array(String)', names)})`;
};

/** The statement for the types of a range, one row longer than the list to see whether there are more. */
export const typesStatement = (
  query: CatalogTypesQuery,
  { project, nowMs, descriptions }: TypesScope,
): Statement => {
  const { since, until, search, limit } = query;
  const pane = (path: 'since' | 'until', text: string): number =>
    Math.floor(parseInstant(text, { path, nowMs, timeZone: 'UTC' }) / PANE_MS) * PANE_MS;
  const conditions = [
    sql`project = ${bind('String', project)}`,
    ...(since === undefined ? [] : [sql`pane >= ${bindPane(pane('since', since))}`]),
    ...(until === undefined ? [] : [sql`pane < ${bindPane(pane('until', until))}`]),
    ...(search === undefined ? [] : [searched(search, descriptions)]),
  ];
  return toStatement(sql`SELECT toString(type) AS type, sum(events) AS events, toInt64(toUnixTimestamp64Second(min(pane))) * 1000 AS first_ms,
      toInt64(toUnixTimestamp64Second(max(pane))) * 1000 AS last_ms
    FROM rollup_10s WHERE ${joinSql(conditions, ' AND ')}
    GROUP BY type ORDER BY events DESC, type LIMIT ${bind('UInt64', limit + 1)}`);
};

/** Types that are described and that no event of the range has, as far as they are asked for. */
const onlySaid = (
  rows: readonly TypeRow[],
  { search }: CatalogTypesQuery,
  descriptions: Descriptions,
): CatalogType[] => {
  const seen = new Set(rows.map(({ type }) => type));
  const fits = (type: string, said: Description): boolean =>
    search === undefined || type.toLowerCase().includes(search.toLowerCase()) || says(said, search);
  return [...descriptions]
    .filter(([type, said]) => isSaid(said) && !seen.has(type) && fits(type, said))
    .map(([type, said]) => ({ type, events: 0, first_seen: null, last_seen: null, ...said }));
};

/** The list for the rows of the statement. */
export const typesAnswer = (
  rows: readonly TypeRow[],
  query: CatalogTypesQuery,
  descriptions: Descriptions,
  asOf: string | null,
): CatalogTypesAnswer => {
  const { limit } = query;
  const found = rows.map(({ type, events, first_ms, last_ms }) => ({
    type,
    events: Number(events),
    first_seen: isoOf(Number(first_ms)),
    last_seen: isoOf(Number(last_ms)),
    ...(descriptions.get(type) ?? NOTHING_SAID),
  }));
  // Where there are more than these rows, whether a type has events is not known.
  const all = found.length > limit ? found : [...found, ...onlySaid(rows, query, descriptions)];
  return { types: all.slice(0, limit), has_more: all.length > limit, as_of: asOf };
};

/** The newest events of a project, or of a type of it. */
interface Slice {
  readonly project: string;
  readonly type: string | undefined;
  readonly rowsMax: number;
}

/**
 * A statement for the newest events, in brackets. The rollup tells since when there are so many, so that no more need be read than those and what happened in ten
 * seconds; the history of a project need not be sorted.
 */
const newestEvents = (columns: Sql, { project, type, rowsMax }: Slice): Sql => {
  const ofType = type === undefined ? sql`1` : sql`type = ${bind('String', type)}`;
  const rows = bind('UInt64', rowsMax);
  const since = sql`(SELECT toDateTime64(min(pane), 3, 'UTC') FROM (
      SELECT pane, sum(count) OVER (ORDER BY pane DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - count AS newer FROM (
        SELECT pane, sum(events) AS count FROM rollup_10s WHERE project = ${bind('String', project)} AND ${ofType}
        GROUP BY pane ORDER BY pane DESC LIMIT ${rows}
      )
    ) WHERE newer < ${rows})`;
  return sql`(SELECT ${columns} FROM events WHERE ${seenEvents(project, { asOf: undefined })} AND ${ofType} AND time >= ${since}
    ORDER BY time DESC LIMIT ${rows})`;
};

/** A property of the newest events; the row with the kind `event` counts the events themselves. */
export interface PropertyRow {
  readonly key: string;
  readonly kind: PropertyKind | 'event';
  readonly events: Count;
  readonly since_ms: Count;
}

/** Keys times kinds, and the events. */
const ROWS_MAX = CATALOG_LIMITS.propertiesMax * 2 + 1;

/** The statement for the properties that events have. Each event stands before its properties as one more, without a value. */
export const propertiesStatement = ({ type }: CatalogPropertiesQuery, project: string): Statement => {
  const slice = { project, type, rowsMax: CATALOG_LIMITS.propertiesSample };
  const kind = sql`multiIf(raw = '', 'event', startsWith(raw, '"'), 'text', startsWith(raw, '{'), 'object', startsWith(raw, '['), 'list', raw IN ('true', 'false'), 'boolean', raw = 'null', 'null', 'number')`;
  return toStatement(sql`SELECT tupleElement(pair, 1) AS key, ${kind} AS kind, count() AS events,
      toUnixTimestamp64Milli(min(time)) AS since_ms
    FROM (SELECT time, arrayJoin(arrayConcat([('', '')], JSONExtractKeysAndValuesRaw(properties))) AS pair, tupleElement(pair, 2) AS raw FROM ${newestEvents(sql`time, properties`, slice)})
    GROUP BY key, kind ORDER BY kind = 'event' DESC, events DESC, key LIMIT ${bind('UInt64', ROWS_MAX)}`);
};

/** A key as a question names it. */
const fieldOf = (key: string): string =>
  /^[^.[\]"]+$/u.test(key) ? `properties.${key}` : `properties[${JSON.stringify(key)}]`;

const sampleOf = (events: Count, sinceMs: Count): CatalogValuesAnswer['sample'] => ({
  events: Number(events),
  since: Number(events) === 0 ? null : isoOf(Number(sinceMs)),
});

/** What is known of properties beside the events. */
export interface PropertyFacts {
  readonly columns: PropertyColumns;
  readonly descriptions: Descriptions;
}

/** The list for the rows of the statement. */
export const propertiesAnswer = (
  rows: readonly PropertyRow[],
  { columns, descriptions }: PropertyFacts,
  asOf: string | null,
): CatalogPropertiesAnswer => {
  const looked = rows.find(({ kind }) => kind === 'event');
  const sample = sampleOf(looked?.events ?? 0, looked?.since_ms ?? 0);
  const byKey = new Map<string, { kinds: PropertyKind[]; events: number }>();
  for (const { key, kind, events } of rows) {
    if (kind === 'event') continue;
    const known = byKey.get(key) ?? { kinds: [], events: 0 };
    known.kinds.push(kind);
    known.events += Number(events);
    byKey.set(key, known);
  }
  return {
    properties: [...byKey]
      .sort(([, a], [, b]) => b.events - a.events)
      .slice(0, CATALOG_LIMITS.propertiesMax)
      .map(([key, { kinds, events }]) => {
        const { description, version } = descriptions.get(key) ?? NOTHING_SAID;
        return {
          ...{ key, field: fieldOf(key), kinds, events, description, version },
          // JSON may name a key twice.
          share: Math.min(1, events / Math.max(1, sample.events)),
          promoted: columns.columnOf(key) !== undefined,
        };
      }),
    sample,
    as_of: asOf,
  };
};

/** The values of a field in the newest events: one row. */
export interface ValuesRow {
  readonly sampled: Count;
  readonly since_ms: Count;
  /** Events less than zero, value: the most frequent first. */
  readonly found: readonly (readonly [Count, string])[];
}

/** The statement for the values of a field. */
export const valuesStatement = (
  { type, search, limit }: CatalogValuesQuery,
  field: Field,
  { project, columns }: { readonly project: string; readonly columns: PropertyColumns },
): Statement => {
  if (field.kind === 'time')
    throw invalidAt(
      'field',
      `"${field.name}" has no list of values. Choose the range of the question instead.`,
    );
  const slice = { project, type, rowsMax: CATALOG_LIMITS.valuesSample };
  const { text, nullable } = textOf(field, columns);
  const value = nullable ? sql`ifNull(${text}, '')` : sql`toString(${text})`;
  const cut = bind('UInt64', CATALOG_LIMITS.valueCharacters);
  const matches =
    search === undefined ? sql`1` : sql`positionCaseInsensitiveUTF8(value, ${bind('String', search)}) > 0`;
  return toStatement(sql`SELECT sum(events) AS sampled, min(first_ms) AS since_ms,
      groupArraySortedIf(${bind('UInt64', limit)})((-toInt64(events), value), value != '' AND ${matches}) AS found
    FROM (
      SELECT value, count() AS events, toUnixTimestamp64Milli(min(time)) AS first_ms
      FROM ${newestEvents(sql`time, substringUTF8(${value}, 1, ${cut}) AS value`, slice)} GROUP BY value
    )`);
};

/** The list for the row of the statement. */
export const valuesAnswer = (
  row: ValuesRow | undefined,
  { field }: CatalogValuesQuery,
  asOf: string | null,
): CatalogValuesAnswer => ({
  field,
  values: (row?.found ?? []).map(([events, value]) => ({ value, events: -Number(events) })),
  sample: sampleOf(row?.sampled ?? 0, row?.since_ms ?? 0),
  as_of: asOf,
});
