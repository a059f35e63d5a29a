/** Visitors of entries of very different sizes, counted by the real engine from rows of the levels that each needs. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Sql, sql, toStatement } from './sql.ts';
import { openTestWarehouse, type TestWarehouse } from './testing/test-warehouse.ts';
import { countVisitors, type Entry, type ListValue } from './web-visitors.ts';

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

/** Three sessions of each of 400,000 visitors, in the shape of `web_sessions`. Few are of "rare" and see "/rare"; the third list tells three values apart by nothing but the visitor. */
const SESSIONS = sql`(SELECT cityHash64(intDiv(number, 3)) AS visitor,
    toUInt8(least(12, bitCount(bitXor(visitor, visitor - 1)) - 1)) AS level,
    toLowCardinality(if(number % 1000 = 7, 'rare', if(number % 10 = 3, '', 'often'))) AS word,
    toLowCardinality(toString(intDiv(number, 3) % 3)) AS third,
    arrayMap(one -> toLowCardinality(one), if(number % 500 = 1, ['/', '/rare', '/x'], if(number % 4 = 0, ['/x'], ['/', '/y']))) AS seen
  FROM numbers(1200000))`;
const [ALL, WORDS, THIRDS, PAGES, COMPUTED] = [0, 1, 2, 3, 4];

const read = async (text: Sql): Promise<{ place: number; n: number }[]> => {
  const { text: statement, params } = toStatement(text);
  return (await bench.warehouse.query<{ place: number; n: number }>(statement, { ...params })).rows;
};

const VALUES: Readonly<Record<number, ListValue>> = {
  [ALL]: { read: sql`''`, given: sql`''` },
  [WORDS]: { read: sql`word`, given: sql`word` },
  [THIRDS]: { read: sql`third`, given: sql`third` },
  [PAGES]: { read: sql`one`, given: sql`one` },
  [COMPUTED]: { read: sql`concat('t', third)`, given: sql`concat('t', third)`, isComputed: true },
};

const entry = (list: number, name: string, sessions: number, isOther = false): Entry => ({
  ...{ row: { key: `${list} ${isOther ? 'others' : name}` }, list, name, isOther, sessions },
});

/** With how many sessions each has, as the numbers of the answer tell. */
const ENTRIES = [
  entry(ALL, '', 1_200_000),
  entry(WORDS, 'often', 1_078_800),
  entry(WORDS, 'rare', 1_200),
  entry(THIRDS, '0', 400_000),
  entry(THIRDS, '', 800_000, true),
  entry(PAGES, '/', 900_000),
  entry(PAGES, '/rare', 2_400),
  entry(PAGES, '', 1_200_000, true),
  entry(COMPUTED, 't1', 400_000),
];

const EXACT = sql`SELECT tupleElement(place, 1) AS list, tupleElement(place, 2) AS name, uniqExact(visitor) AS n FROM (
  SELECT visitor, arrayJoin(arrayConcat([('0', ''), ('1', toString(word)), if(third = '0', ('2', '0'), ('2', 'others')), ('4', concat('t', third))],
    arrayDistinct(arrayMap(one -> ('3', if(one IN ('/', '/rare'), toString(one), 'others')), seen)))) AS place FROM ${SESSIONS}) GROUP BY list, name`;

test('as exact as uniq for many, exact for few, whatever else is counted with them', async () => {
  const { rows: exact } = await bench.warehouse.query<{ list: string; name: string; n: number }>(
    toStatement(EXACT).text,
    { ...toStatement(EXACT).params },
  );
  const rows = (first: Sql): Sql => sql`(SELECT * FROM ${SESSIONS} WHERE ${first})`;
  const source = {
    rows,
    pageRows: (first: Sql) => sql`(SELECT *, one FROM ${rows(first)} ARRAY JOIN seen AS one)`,
    valueOf: (list: number) => VALUES[list],
    pages: PAGES,
    isPresent: (list: number) => list === WORDS,
  };
  for (const perVisitor of [1, 3, 40]) {
    const statements: string[] = [];
    const counted = await countVisitors(
      ENTRIES,
      // One more visitor of each of three entries, put together from events.
      {
        ...source,
        fresh: sql`(SELECT toUInt64(1) AS visitor, toUInt8(12) AS level, arrayJoin([(0, ''), (1, 'rare'), (3, '/rare')]) AS place, tupleElement(place, 1) AS list, tupleElement(place, 2) AS name)`,
      },
      {
        read: (text) => {
          statements.push(toStatement(text).text);
          return read(text);
        },
        perVisitor,
      },
    );
    assert.equal(counted.length, ENTRIES.length);
    for (const { row, visitors } of counted) {
      const { key } = row as { key: string };
      const known = exact.find(({ list, name }) => `${list} ${name}` === key)?.n ?? 0;
      const more = ['0 ', '1 rare', '3 /rare'].includes(key) ? 1 : 0;
      if (known < 30_000) assert.equal(visitors, known + more, key);
      else assert.ok(Math.abs(visitors / known - 1) < 0.015, `${key}: ${visitors} of ${known}`);
    }
    const [first = ''] = statements;
    const parts = first.split('uniqState').length - 1;
    // Everything, words and thirds as their levels are near each other or not; pages, what is computed, and fresh ones.
    assert.ok(parts >= 4 && parts <= 6, `${parts} parts`);
  }
});
