import { bind, joinSql, type Sql, sql } from './sql.ts';
import { numberSql } from './web-plan.ts';
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

/** By which value rows are in a list, in terms of what is read and of what rows give. */
export interface ListValue {
  readonly read: Sql;
  readonly given: Sql;
  /** It is worked out for each row: it shares no reading with other lists. */
  readonly isComputed?: boolean;
}

/** The sessions that are counted. */
export interface VisitorSource {
  /** Rows with `visitor` and `level`, those for which a condition holds that needs few columns: it is looked at first. */
  rows(first: Sql): Sql;
  /** The same, a row for each page, `one`, of those that a session saw, `seen`. */
  pageRows(first: Sql): Sql;
  /** Undefined: rows are not in the list. The value of a page is `one`. */
  valueOf(list: number): ListValue | undefined;
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

interface Placed extends Asked {
  readonly place: number;
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

/** The entries of a list, with the places that count them from 1; 0 is none. */
class PlacedList {
  readonly #named: readonly Placed[];
  readonly #other: Pick<Placed, 'place' | 'level'>;
  readonly #list: number;
  readonly #isPresent: boolean;
  /** Rows of lower levels count for no entry. */
  readonly lowest: number;

  constructor(list: number, entries: readonly Placed[], isPresent: boolean) {
    this.#list = list;
    this.#isPresent = isPresent;
    this.#named = entries.filter(({ isOther }) => !isOther);
    this.#other = entries.find(({ isOther }) => isOther) ?? { place: 0, level: NEVER };
    this.lowest = Math.min(NEVER, ...entries.map(({ level }) => level));
  }

  #found(value: Sql, of: 'place' | 'level'): Sql {
    if (this.#list === 0) return KINDS[of].number(this.#named[0]?.[of] ?? 0);
    const names = this.#named.map(({ name }) => name);
    const numbers = this.#named.map((entry) => entry[of]);
    return lookedUp(value, names, numbers, this.#other[of], KINDS[of]);
  }

  /** From which level on rows count for their entry. Looked up for the distinct values of a column, not for each row. */
  levelOf(value: Sql): Sql {
    return this.#found(value, 'level');
  }

  /** The place of an entry, if rows of this level count for it. */
  placeOf(value: Sql): Sql {
    const isThere = this.#isPresent && this.#other.place > 0 ? sql` AND ${value} != ''` : sql``;
    return sql`if(level >= ${this.levelOf(value)}${isThere}, ${this.#found(value, 'place')}, ${NOWHERE})`;
  }
}

/** Lists are looked up for the same rows unless one needs so many times as many as another: then it costs more to look up its entries for all of them than to read twice. */
const SHARED_LEVELS = 3;

const statementOf = (asked: readonly Asked[], open: ReadonlySet<Asked>, source: VisitorSource): Sql => {
  const placed = asked.map((entry, index) => ({
    ...entry,
    place: index + 1,
    level: open.has(entry) ? entry.level : NEVER,
  }));
  const lists = new Map(
    [...new Set([...open].map(({ list }) => list))].map((list) => [
      list,
      new PlacedList(
        list,
        placed.filter((entry) => entry.list === list),
        source.isPresent(list),
      ),
    ]),
  );
  const statesOf = (rows: Sql): Sql =>
    sql`SELECT place, uniqState(visitor) AS state FROM ${rows} WHERE place > 0 GROUP BY place`;
  const parts = groupsOf(lists, source).map((group) => statesOf(placedRows(group, source)));
  const { fresh } = source;
  if (fresh !== undefined) {
    const cases = [...lists].map(([list, of]) => sql`list = ${numberSql(list)}, ${of.placeOf(sql`name`)}`);
    parts.push(
      statesOf(sql`(SELECT visitor, multiIf(${joinSql(cases, ', ')}, ${NOWHERE}) AS place FROM ${fresh})`),
    );
  }
  return sql`SELECT place, uniqMerge(state) AS n FROM (${joinSql(parts, ' UNION ALL ')}) WHERE place > 0 GROUP BY place`;
};

interface Sought {
  readonly list: number;
  readonly of: PlacedList;
  readonly value: ListValue;
}

/** Lists that are looked up together: each row is read, and held against what was replaced, once for all of them. */
const groupsOf = (lists: ReadonlyMap<number, PlacedList>, source: VisitorSource): Sought[][] => {
  const sought = [...lists].flatMap(([list, of]) => {
    const value = source.valueOf(list);
    return value === undefined ? [] : [{ list, of, value }];
  });
  const groups = Map.groupBy(sought, ({ list, of, value: { isComputed = false } }) =>
    isComputed || list === source.pages ? `list ${list}` : Math.floor(of.lowest / SHARED_LEVELS),
  );
  return [...groups.values()];
};

/** Rows with the places that they count for, one a row. */
const placedRows = (group: readonly Sought[], source: VisitorSource): Sql => {
  const lowest = sql`level >= ${bind('UInt64', Math.min(...group.map(({ of }) => of.lowest)))}`;
  const [{ list, of }] = group as [Sought];
  if (list === source.pages)
    return sql`(SELECT visitor, ${of.placeOf(sql`one`)} AS place
      FROM ${source.pageRows(sql`${lowest} AND arrayExists(one -> level >= ${of.levelOf(sql`one`)}, seen)`)})`;
  const levels = group.map((each) => each.of.levelOf(each.value.read));
  const places = group.map((each) => each.of.placeOf(each.value.given));
  const rows = source.rows(sql`${lowest} AND level >= ${leastOf(levels)}`);
  return sql`(SELECT visitor, arrayJoin(arrayFilter(place -> place > 0, [${joinSql(places, ', ')}])) AS place FROM ${rows})`;
};

/** Arrays would take twice as long. */
const leastOf = (numbers: readonly Sql[]): Sql =>
  numbers.length === 1 ? sql`${numbers[0] as Sql}` : sql`least(${joinSql(numbers, ', ')})`;

/** What is looked up for every row, as the engine holds it: as narrow as it may be from the start, as converting columns takes longer than looking up. */
interface NumberKind {
  readonly number: (n: number) => Sql;
  readonly arrayType: Sql;
}

const KINDS: Readonly<Record<'level' | 'place', NumberKind>> = {
  level: { number: numberSql, arrayType: sql`Array(UInt8)` },
  place: { number: (n) => sql`toUInt16(${bind('UInt64', n)})`, arrayType: sql`Array(UInt16)` },
};

const NOWHERE = KINDS.place.number(0);

const lookedUp = (
  value: Sql,
  names: readonly string[],
  numbers: readonly number[],
  other: number,
  { number, arrayType }: NumberKind,
): Sql =>
  names.length === 0
    ? number(other)
    : sql`transform(${value}, ${bind('Array(String)', names)}, CAST(${bind('Array(UInt64)', numbers)} AS ${arrayType}), ${number(other)})`;
