import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sqlRequestSchema } from '../contract/sql.ts';
import { ApiError } from '../event/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { until } from '../lib/testing/until.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { explainEngineError } from './engine-message.ts';
import { createSqlService } from './service.ts';
import { openSqlBench, type SqlBench } from './testing/sql-bench.ts';

/** What somebody is told whose statement is not run: the code, the place, and what may have been meant. */

let bench: SqlBench;

before(async () => {
  bench = await openSqlBench();
});

after(() => bench?.[Symbol.asyncDispose]());

interface Told {
  readonly code: string;
  readonly message: string;
  readonly details: {
    readonly line: number | null;
    readonly column: number | null;
    readonly excerpt: string | null;
    readonly suggestions: readonly string[];
  };
}

const told = async (sql: string, parameters: object = {}, service = bench.service): Promise<Told> => {
  try {
    await service.answer('mine', sqlRequestSchema.parse({ sql, parameters }));
  } catch (error) {
    if (error instanceof ApiError) return error.toBody().error as unknown as Told;
    throw error;
  }
  throw new Error(`it was answered: ${sql}`);
};

const CASES: readonly [
  sql: string,
  code: string,
  line: number | null,
  column: number | null,
  says: RegExp,
][] = [
  ['SELECT usr_id FROM events', 'invalid_sql', 1, 8, /no column "usr_id".*user_id/],
  ['SELECT 1,\n  cuont() FROM events', 'sql_refused', 2, 3, /"cuont".*Did you mean count.*sql-functions\.md/],
  ['SELECT *\n\nFROM evnts', 'invalid_sql', 3, 6, /no table "evnts".*events/],
  ["SELECT 'ü日本', nope FROM events", 'invalid_sql', 1, 15, /no column "nope"/],
  ["SELECT 'ü' FROM events\nGROUP type", 'invalid_sql', 2, 7, /Syntax error at "type"/],
  ['SELECT count( FROM events', 'invalid_sql', 1, 13, /Unmatched parentheses/],
  ['SELECT id FROM events GROUP BY type', 'invalid_sql', 1, 8, /"id" stands neither in GROUP BY/],
  ['\n', 'invalid_sql', 1, 1, /There is no statement/],
  ['\n-- nothing but a comment', 'invalid_sql', 1, 1, /There is no statement/],
  ['\nSELECT nope FROM events', 'invalid_sql', 2, 8, /no column "nope"/],
  [
    "SELECT toHour(time, lower('UTC')) FROM events",
    'sql_refused',
    1,
    8,
    /time zone in toHour\(\) must be written/,
  ],
  [
    "SELECT now('Europe/Berln')",
    'sql_refused',
    1,
    13,
    /time zone "Europe\/Berln" may not be used\. Did you mean Europe\/Berlin/,
  ],
  ['SELECT 1\nFROM events SAMPLE 0.1', 'sql_refused', 2, 13, /SAMPLE may not be used/],
  ["SELECT COLUMNS('i') FROM events", 'sql_refused', 1, 8, /COLUMNS may not be used/],
  ['SELECT 1; SELECT 2', 'sql_refused', 1, 11, /One statement at a time/],
  ['SELECT 1 SETTINGS max_threads = 8', 'sql_refused', 1, 10, /SETTINGS may not be used/],
  ["SELECT 'abc", 'invalid_sql', 1, 8, /has no end/],
  ['SELECT 1 /* x', 'invalid_sql', 1, 10, /has no end/],
  ['DROP TABLE events', 'sql_refused', 1, 1, /Only SELECT/],
  ['  ', 'invalid_sql', 1, 1, /no statement/],
  ["SELECT * FROM file('/x')", 'sql_refused', 1, 15, /"file\(\)" may not stand after FROM/],
  ['SELECT * FROM system.tables', 'sql_refused', 1, 15, /no table "system\.tables"/],
  ['SELECT * FROM numbers(1e12)', 'sql_refused', 1, 15, /at most 10,000,000/],
  ["SELECT CAST('x', 'JSON')", 'sql_refused', 1, 19, /type "JSON"/],
  ['SELECT id IN events FROM events', 'sql_refused', 1, 14, /may not stand after IN/],
  ['SELECT toUInt8(user_id) + throwIf(1) FROM events', 'sql_refused', 1, 27, /"throwIf"/],
  ['SELECT intDiv(1, 0)', 'invalid_sql', null, null, /^Division by zero\.$/],
  ["SELECT toUInt8('x')", 'invalid_sql', null, null, /Cannot parse/],
  ['SELECT {x:String}', 'invalid_sql', 1, 8, /"x" has no value/],
  ['SELECT\t{x:Identifier}', 'sql_refused', 1, 8, /a value, not a name/],
];

test('every error says what, where, and what may have been meant', async () => {
  for (const [sql, code, line, column, says] of CASES) {
    const { code: found, message, details } = await told(sql);
    assert.deepEqual([found, details.line, details.column], [code, line, column], `${sql}: ${message}`);
    assert.match(message, says, sql);
    if (line !== null) assert.match(message, new RegExp(`^Line ${line}, column ${column}: `));
  }
});

test('the place is in what was written, not in what became of it', async () => {
  const { details } = await told('SELECT {a:String}, {b:UInt8},\n nope, {c:String}', {
    a: 'x'.repeat(500),
    b: 1,
    c: 'y',
  });
  assert.deepEqual([details.line, details.column], [2, 2]);
  assert.equal(details.excerpt, ' nope, {c:String}\n ^^^^');
  const long = await told(`SELECT ${'1, '.repeat(200)}nope, 2`);
  const [line = '', mark = ''] = (long.details.excerpt ?? '').split('\n');
  assert.ok(line.length <= 100);
  assert.equal(line.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1), 'nope');
});

test('suggestions are names that may be used', async () => {
  assert.deepEqual((await told('SELECT usr_id FROM events')).details.suggestions, ['user_id']);
  assert.deepEqual((await told('SELECT countt() FROM events')).details.suggestions.slice(0, 1), ['count']);
  assert.deepEqual((await told('SELECT * FROM event')).details.suggestions, ['events']);
});

test('what the engine says of a table is told without its database, wherever the statement was read', () => {
  for (const database of ['questions', 'rehearsal']) {
    const said = `Code: 36. DB::Exception: ${database}.events cannot be read like this. (BAD_ARGUMENTS)`;
    const { message } = explainEngineError(new WarehouseError('invalid', said, 36), 'SELECT 1', 0);
    assert.equal(message, 'events cannot be read like this.');
  }
});

test('a warehouse without a lane says that there is no SQL', async () => {
  const service = createSqlService({
    lane: undefined,
    standing: () => ({ governedLoaded: 0, rawLoaded: 0, pending: [], nowMs: 0 }),
    timeoutMsMax: 1_000,
    rowsMax: 10,
    clock: systemClock,
    telemetry: quietTelemetry(),
  });
  await assert.rejects(service.answer('mine', sqlRequestSchema.parse({ sql: 'SELECT 1' })), {
    code: 'sql_unavailable',
  });
});

test('who has no turn because others run is told so', { timeout: 300_000 }, async () => {
  const abort = new AbortController();
  const long = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000000)';
  const others = [1, 2].map(() =>
    bench.lane
      .run(long, { project: 'mine', timeoutMs: 600_000, signal: abort.signal })
      .catch(() => undefined),
  );
  await until('they run', async () => {
    const { rows } = await bench.warehouse.query<{ n: number }>(
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'",
      {},
      { class: 'control' },
    );
    return rows[0]?.n === 2;
  });
  const hasty = createSqlService({
    lane: bench.lane,
    standing: () => ({ governedLoaded: 0, rawLoaded: 0, pending: [], nowMs: 0 }),
    timeoutMsMax: 1_000,
    rowsMax: 100_000,
    clock: systemClock,
    telemetry: quietTelemetry(),
  });
  const { code, message } = await told("SELECT 'never seen before'", {}, hasty);
  abort.abort();
  await Promise.all(others);
  assert.equal(code, 'warehouse_busy');
  assert.match(message, /no turn/);
  const free = await bench.service.answer(
    'mine',
    sqlRequestSchema.parse({ sql: "SELECT 'never seen before'" }),
  );
  assert.deepEqual(free.rows, [['never seen before']]);
});

test('a limit above the server’s is refused, a stopped engine is said to be away', async () => {
  await assert.rejects(
    bench.service
      .answer('mine', sqlRequestSchema.parse({ sql: 'SELECT 1', limit: 100_000, timeout_ms: 100_000 }))
      .then(() => {
        throw new Error('answered');
      }),
    /answered/,
  );
  assert.equal(sqlRequestSchema.safeParse({ sql: 'SELECT 1', limit: 100_001 }).success, false);
  await bench.engine.engine.stop();
  const { code } = await told('SELECT 1');
  assert.equal(code, 'warehouse_unavailable');
});
