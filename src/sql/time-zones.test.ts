/** Which texts are names of zones, and which functions take them, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiError } from '../event/errors.ts';
import { sqlRequestSchema } from '../contract/sql.ts';
import { FUNCTION_NAMES, FUNCTION_TOPICS } from './functions.ts';
import { isTimeZone, ZONE_PLACES } from './time-zones.ts';
import { openSqlBench, type SqlBench } from './testing/sql-bench.ts';

let bench: SqlBench;

before(async () => {
  bench = await openSqlBench();
});

after(() => bench?.[Symbol.asyncDispose]());

test('the engine carries every zone that is let in, and nearly all of its own are', async () => {
  const { rows } = await bench.warehouse.query<{ name: string }>(
    'SELECT time_zone AS name FROM system.time_zones',
  );
  const carried = new Set(rows.map(({ name }) => name));
  const known = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'GMT', 'Etc/UTC', 'EST5EDT'].filter(
    isTimeZone,
  );
  assert.ok(known.length > 400);
  assert.deepEqual(
    known.filter((name) => !carried.has(name)),
    [],
  );
  // "Factory" is what a machine has that nobody has told where it stands.
  assert.deepEqual(
    [...carried].filter((name) => !isTimeZone(name)),
    ['Factory'],
  );
  for (const name of [
    '',
    'file:/etc/passwd',
    'europe/berlin',
    'localtime',
    'right/UTC',
    'zone.tab',
    '+01:00',
  ])
    assert.equal(isTimeZone(name), false, name);
});

const NO_ZONE = "'Zz/None'";
const BESIDE = ['toDateTime(1000)', "'2020-01-01 00:00:00'", '1'];
const UUID = 'generateUUIDv7()';
/** Too many arguments to find them by trying. */
const LONG: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    ...Object.fromEntries(
      ['date_diff', 'dateDiff', 'timestampDiff', 'timestamp_diff', 'age'].map((name) => [
        name,
        ["'day'", 'now()', 'now()', NO_ZONE],
      ]),
    ),
    toStartOfInterval: ['now()', 'INTERVAL 1 DAY', 'now()', NO_ZONE],
    time_bucket: ['now()', 'INTERVAL 1 DAY', 'now()', NO_ZONE],
    makeDateTime: ['1', '1', '1', '1', '1', '1', NO_ZONE],
    makeDateTime64: ['1', '1', '1', '1', '1', '1', '1', '3', NO_ZONE],
  }),
);

const listsOf = (length: number, from: readonly string[]): string[][] =>
  length === 0 ? [[]] : listsOf(length - 1, from).flatMap((list) => from.map((each) => [...list, each]));

/** Calls of a function with the name of no zone in each place, beside everything else that may stand there. */
const callsOf = (name: string, lengthMax: number): { sql: string; place: number }[] =>
  Array.from({ length: lengthMax }, (_, index) => index + 1).flatMap((length) =>
    Array.from({ length }, (_, place) => place).flatMap((place) =>
      listsOf(length - 1, length < 3 ? [...BESIDE, UUID] : BESIDE).map((list) => ({
        sql: `SELECT ${name}(${list.toSpliced(place, 0, NO_ZONE).join(', ')})`,
        place,
      })),
    ),
  );

const TIMED = new Set(
  FUNCTION_TOPICS.filter(({ title }) => title === 'Dates and times').flatMap(({ names }) => names),
);

test('every function that takes a zone is known to, with the place of it', { timeout: 600_000 }, async () => {
  const calls = FUNCTION_NAMES.flatMap((name) => {
    const long = LONG.get(name);
    const all = callsOf(name, TIMED.has(name) ? 3 : 2);
    if (long !== undefined) all.push({ sql: `SELECT ${name}(${long.join(', ')})`, place: long.length - 1 });
    return all.map((call) => ({ ...call, name }));
  });
  const taken = new Map<string, Set<number>>();
  const ask = async ({ sql, name, place }: (typeof calls)[number]): Promise<void> => {
    const error = await bench.warehouse.query(sql).catch(String);
    if (typeof error !== 'string' || !error.includes('Cannot load time zone Zz/None')) return;
    const key = name.toLowerCase();
    taken.set(key, (taken.get(key) ?? new Set()).add(place));
  };
  const left = calls.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const call of left) await ask(call);
    }),
  );
  assert.ok(taken.size > 80, `only ${taken.size} functions took one: are they told otherwise now?`);
  assert.deepEqual(
    [...taken].filter(
      ([name, places]) => ![...places].every((place) => ZONE_PLACES.get(name)?.includes(place)),
    ),
    [],
  );
});

test('every function whose description in the engine speaks of a zone is known to take one', async () => {
  const { rows } = await bench.warehouse.query<{ name: string }>(
    `WITH described AS (SELECT name FROM system.functions WHERE syntax ILIKE '%zone%' OR arguments ILIKE '%zone%')
     SELECT name FROM system.functions WHERE name IN (described) OR alias_to IN (described)`,
  );
  const mentioned = new Set(rows.map(({ name }) => name.toLowerCase()));
  // It tells the zone of its argument.
  mentioned.delete('timezoneof');
  assert.deepEqual(
    FUNCTION_NAMES.filter(
      (name) => mentioned.has(name.toLowerCase()) && !ZONE_PLACES.has(name.toLowerCase()),
    ),
    [],
  );
});

const answer = (sql: string, parameters = {}) =>
  bench.service.answer('mine', sqlRequestSchema.parse({ sql, parameters }));

test('zones are written out, and are zones', async () => {
  for (const sql of [
    "SELECT toHour(toDateTime(0), 'Asia/Tokyo')",
    "SELECT now('UTC'), now64(3, 'America/New_York')",
    "SELECT toStartOfInterval(time, INTERVAL 1 DAY, 'Europe/Berlin') FROM events",
    "SELECT toStartOfInterval(time, INTERVAL 1 DAY, toDateTime64('2026-01-01 00:00:00', 3)) FROM events",
    "SELECT formatDateTime(time, '%H', 'Europe/Berlin'), toStartOfWeek(time, 1, 'Europe/Berlin') FROM events",
    "SELECT dateDiff('day', time, received_at, 'Australia/Lord_Howe'), addDays(time, 1) FROM events",
    "SELECT CAST('2026-01-01 00:00:00' AS DateTime('Europe/Berlin')), '2026-01-01'::DateTime64(3, 'UTC')",
    `SELECT JSONExtract('{"a":"2026-01-01 00:00:00"}', 'a', 'DateTime(\\'UTC\\')')`,
  ])
    await answer(sql);
  assert.deepEqual((await answer('SELECT toHour(toDateTime(0), {z:String})', { z: 'Asia/Tokyo' })).rows, [
    [9],
  ]);
  for (const [sql, parameters] of ZONE_TRICKS)
    await assert.rejects(answer(sql, parameters), (error) => {
      assert.ok(error instanceof ApiError, sql);
      assert.equal(error.code, 'sql_refused', `${sql}: ${error.message}`);
      return true;
    });
});

const FILE = "'file:/etc/hostname'";
const ZONE_TRICKS: readonly (readonly [sql: string, parameters?: object])[] = [
  [`SELECT now(${FILE})`],
  ["SELECT now('localtime')"],
  ["SELECT now('zone.tab')"],
  ["SELECT now('UT\\C')"],
  [`SELECT toString(toDateTime(0), ${FILE})`],
  ["SELECT formatDateTime(now(), '%T', concat('file:', '/etc/hostname'))"],
  [`SELECT toString(now(), materialize(${FILE}))`],
  [`SELECT toString(now(), arrayJoin(['UTC', ${FILE}]))`],
  ['SELECT toString(now(), page) FROM events'],
  [`WITH ${FILE} AS z SELECT toHour(now(), z)`],
  ["WITH 'UTC' AS z SELECT toHour(now(), z)"],
  [`SELECT arrayMap(z -> toHour(now(), z), [${FILE}])`],
  [`SELECT CAST(now() AS DateTime(${FILE}))`],
  [`SELECT now()::DateTime64(3, ${FILE})`],
  ["SELECT CAST(now(), 'Nullable(DateTime(\\'file:/etc/hostname\\'))')"],
  [`SELECT JSONExtract('{"a":"x"}', 'a', 'DateTime(\\'file:/etc/hostname\\')')`],
  [`SELECT JSONExtractKeysAndValues('{"a":"2026-01-01 00:00:00"}', 'DateTime(\\'file:/etc/hostname\\')')`],
  ["SELECT {t:DateTime('file:/etc/hostname')}", { t: '2026-01-01 00:00:00' }],
  ['SELECT toHour(now(), {z:String})', { z: 'file:/etc/hostname' }],
  ["SELECT toHour(now(), if(1, 'UTC', 'file:/etc/hostname'))"],
  ["SELECT toHour(now(), (SELECT 'file:/etc/hostname'))"],
];
