import { bind, joinSql, type Sql, sql } from './sql.ts';
import { LEVEL_MAX } from './web-rows.ts';

/**
 * Distinct visitors of many entries. What the engine's `uniq` does in memory, done before reading: of an entry with many visitors only those count whose number ends with so many zeros that some ten thousands of them are left. Rows are in the order of
 * such levels, so the others are not read. Up to `uniq`'s own bound every visitor is counted.
 */

/** An entry of a list in one period. */
export interface Entry {
  /** What the caller knows it by. */
  readonly row: object;
  readonly list: number;
  readonly name: string;
  /** All entries of the list that are not named. */
  readonly isOther: boolean;
  readonly sessions: number;
}

/** The sessions that are counted. */
export interface VisitorSource {
  /** Rows with `visitor` and `level`, those for which a condition holds that needs a column or two only: it is looked at first. Of the list `pages` a row for each page, `one`. */
  rows(list: number, first: Sql): Sql;
  /** By which value rows are in a list, in terms of what `rows` reads and of what it gives; undefined: they are not. Pages are unfolded, and have none. */
  valueOf(list: number): { readonly read: Sql; readonly given: Sql } | undefined;
  /** The list of pages, of which a session may be in several entries. */
  readonly pages: number;
  /** Whether rows without a value are not in a list. */
  isPresent(list: number): boolean;
  /** Further sessions, a row for each `list` and entry (`name`) that they are in. */
  readonly fresh: Sql | undefined;
}

/** What counting needs. */
export interface VisitorOptions {
  readonly read: (text: Sql) => Promise<readonly { place: number | string; n: number | string }[]>;
  /** Sessions a visitor, more or less. */
  readonly perVisitor: number;
}

/** Of an entry so many visitors should be left. */
const VISITORS_AIMED = 55_000;
/** With fewer of them it is counted again from more: up to 65,536 visitors all are to be counted. */
const VISITORS_MIN = 40_000;
/** Rows of this level are never read. */
const NEVER = 255;

interface Asked extends Entry {
  level: number;
}

const levelOf = (visitors: number): number =>
  Math.min(LEVEL_MAX, Math.max(0, Math.floor(Math.log2(Math.max(1, visitors) / VISITORS_AIMED))));

/** The entries with their visitors. */
export const countVisitors = async (
  entries: readonly Entry[],
  source: VisitorSource,
  { read, perVisitor }: VisitorOptions,
): Promise<{ row: object; visitors: number }[]> => {
  const asked: Asked[] = entries.map((entry) => ({ ...entry, level: levelOf(entry.sessions / perVisitor) }));
  const counted: { row: object; visitors: number }[] = [];
  let open = asked;
  while (open.length > 0) {
    const found = new Map(
      (await read(statementOf(asked, new Set(open), source))).map(({ place, n }) => [
        Number(place),
        Number(n),
      ]),
    );
    const again: Asked[] = [];
    for (const entry of open) {
      const n = found.get(asked.indexOf(entry) + 1) ?? 0;
      if (entry.level === 0 || n >= VISITORS_MIN)
        counted.push({ row: entry.row, visitors: n * 2 ** entry.level });
      else {
        entry.level = Math.min(entry.level - 1, levelOf(n * 2 ** entry.level));
        again.push(entry);
      }
    }
    open = again;
  }
  return counted;
};

/** Places count the entries from 1, in the order of `asked`; 0 is none. */
const statementOf = (asked: readonly Asked[], open: ReadonlySet<Asked>, source: VisitorSource): Sql => {
  const placed = asked.map((entry, index) => ({
    ...entry,
    place: index + 1,
    level: open.has(entry) ? entry.level : NEVER,
  }));
  const openLists = [...new Set([...open].map(({ list }) => list))];
  const entriesIn = (list: number) => {
    const of = placed.filter((entry) => entry.list === list);
    const other = of.find(({ isOther }) => isOther) ?? { place: 0, level: NEVER };
    const named = of.filter(({ isOther }) => !isOther);
    // Some that need rows of low levels are looked for by name.
    const isSmall = (entry: Asked): boolean =>
      !entry.isOther && entry.level < other.level && entry.level !== NEVER;
    return { all: of, named, other, small: of.filter(isSmall), large: of.filter((entry) => !isSmall(entry)) };
  };
  const lowestOf = (list: number, of: readonly Asked[] = entriesIn(list).all): Sql =>
    sql`${bind('UInt64', Math.min(NEVER, ...of.map(({ level }) => level)))}`;
  const found = (list: number, value: Sql, of: 'place' | 'level'): Sql => {
    const { named, other } = entriesIn(list);
    return list === 0
      ? numberOf(named[0]?.[of] ?? 0)
      : lookedUp(
          value,
          named.map(({ name }) => name),
          named.map((entry) => entry[of]),
          numberOf(other[of]),
        );
  };
  /** From which level on rows count for their entry. Looked up for the distinct values of a column, not for each row. */
  const levelsOf = (list: number, value: Sql): Sql => found(list, value, 'level');
  /** The place of an entry, if rows of this level count for it. */
  const placeOf = (list: number, value: Sql): Sql => {
    const isThere =
      source.isPresent(list) && entriesIn(list).other.place > 0 ? sql` AND ${value} != ''` : sql``;
    return sql`if(level >= ${levelsOf(list, value)}${isThere}, ${found(list, value, 'place')}, ${numberOf(0)})`;
  };
  const placesOf = (rows: Sql): Sql =>
    sql`SELECT place, uniqState(visitor) AS state FROM ${rows} WHERE place > 0 GROUP BY place`;
  const parts = openLists.flatMap((list) => {
    const value = source.valueOf(list);
    if (value === undefined) return [];
    const first =
      list === source.pages
        ? sql`(level >= ${lowestOf(list, entriesIn(list).large)} OR hasAny(seen, ${bind(
            'Array(String)',
            entriesIn(list).small.map(({ name }) => name),
          )}))`
        : sql`level >= toUInt8(${levelsOf(list, value.read)})`;
    return [
      placesOf(
        sql`(SELECT visitor, toUInt64(${placeOf(list, value.given)}) AS place FROM ${source.rows(list, sql`level >= ${lowestOf(list)} AND ${first}`)})`,
      ),
    ];
  });
  const { fresh } = source;
  if (fresh !== undefined) {
    const cases = openLists.map((list) => sql`list = ${numberOf(list)}, ${placeOf(list, sql`name`)}`);
    parts.push(
      placesOf(
        sql`(SELECT visitor, multiIf(${joinSql(cases, ', ')}, ${numberOf(0)}) AS place FROM ${fresh})`,
      ),
    );
  }
  return sql`SELECT place, uniqMerge(state) AS n FROM (${joinSql(parts, ' UNION ALL ')}) WHERE place > 0 GROUP BY place`;
};

const numberOf = (n: number): Sql => sql`toUInt64(${bind('UInt64', n)})`;

const lookedUp = (value: Sql, names: readonly string[], numbers: readonly number[], other: Sql): Sql =>
  names.length === 0
    ? other
    : sql`transform(${value}, ${bind('Array(String)', names)}, ${bind('Array(UInt64)', numbers)}, ${other})`;
