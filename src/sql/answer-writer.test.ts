import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { after, before, test, type TestContext } from 'node:test';
import { SQL_FORMATS, sqlRequestSchema } from '../contract/sql.ts';
import { ApiError } from '../event/errors.ts';
import { quietTelemetry, Telemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { AnswerWriter, WRITTEN_AT_ONCE_CHARS_MAX } from './answer-writer.ts';
import { openSqlBench, type SqlBench } from './testing/sql-bench.ts';
import { type AnswerToWrite, type WrittenAnswer, writeAnswer } from './write-answer.ts';

const SEED = testSeed();
const random = new SeededRandom(SEED);
const TEXTS: readonly [string, ...string[]] = [
  '',
  'a',
  "=1+1'",
  '"quoted"',
  'ü日本',
  '\u0001',
  'line\r\nbreak',
  '-5',
  'NaN',
  '🔑',
  'a,b',
];
const oneOf = <T>(values: readonly [T, ...T[]]): T => values[random.below(values.length)] ?? values[0];
const COLUMNS: readonly [readonly [type: string, cell: () => string], ...[string, () => string][]] = [
  ['UInt64', () => oneOf(['0', '42', '18446744073709551615'])],
  ['Int64', () => oneOf(['-1', '-9007199254740993', '9007199254740991'])],
  ['String', () => JSON.stringify(oneOf(TEXTS))],
  ['Nullable(String)', () => oneOf(['null', '"x"'])],
  ['Float64', () => oneOf(['0.1', '-1e300', 'null'])],
  ['Bool', () => oneOf(['true', 'false'])],
  ['DateTime64(3)', () => oneOf(['"2026-11-23T12:00:00.123Z"', '"1970-01-01T00:00:00.000Z"'])],
  ['Array(Nullable(UInt8))', () => `[${random.below(9)}, null]`],
];

/** An answer as the engine writes it, of whatever values, longer than what is written at once. */
const largeAnswer = (): Omit<AnswerToWrite, 'format'> => {
  const columns = Array.from({ length: 1 + random.below(5) }, (_, index) => {
    const [type, cell] = oneOf(COLUMNS);
    return { name: random.chance(0.2) ? 'same' : `c${index}`, type, cell };
  });
  const rows: string[] = [];
  for (let chars = 0; chars <= WRITTEN_AT_ONCE_CHARS_MAX; chars += rows.at(-1)?.length ?? 0)
    rows.push(`[${columns.map(({ cell }) => cell()).join(', ')}]`);
  return {
    text: `{"meta": ${JSON.stringify(columns.map(({ name, type }) => ({ name, type })))}, "data": [${rows.join(',\n')}]}`,
    frame: {
      limit: random.chance(0.5) ? rows.length - 1 : rows.length,
      as_of: '5',
      freshness: { received_at: null, loaded_at: null, pending_events: 0 } as never,
      statistics: { elapsed_ms: 1, rows_read: 2, bytes_read: 3 },
    },
  };
};

const bytesOf = (body: WrittenAnswer['body']): Buffer => Buffer.from(body as string);

const open = (t: TestContext): AnswerWriter => {
  const writer = new AnswerWriter(quietTelemetry());
  t.after(() => writer.close());
  return writer;
};

test('what a thread writes is what is written at once, in every form', async (t) => {
  const writer = open(t);
  for (let round = 0; round < 4; round++) {
    const answer = largeAnswer();
    for (const format of SQL_FORMATS) {
      const expected = writeAnswer({ ...answer, format });
      const { body, ...written } = await writer.write({ ...answer, format });
      const { body: expectedBody, ...rest } = expected;
      const note = `${format}, repeat with AEVUM_TEST_SEED=${SEED}`;
      assert.deepEqual(written, rest, note);
      assert.ok(bytesOf(body).equals(bytesOf(expectedBody)), note);
    }
  }
});

test('meanwhile the process does other things, and more than two answers wait for their turn', async (t) => {
  const writer = open(t);
  const answer = { ...largeAnswer(), format: 'json' } as const;
  const order: string[] = [];
  const writes = [1, 2, 3, 4].map(async (number) => {
    await writer.write(answer);
    order.push(`written ${number}`);
  });
  for (let turn = 0; turn < 3; turn++) {
    await nextTurn();
    order.push('turn');
  }
  await Promise.all(writes);
  assert.deepEqual(order.slice(0, 3), ['turn', 'turn', 'turn']);
  assert.deepEqual(new Set(order.slice(3)), new Set([1, 2, 3, 4].map((number) => `written ${number}`)));
});

test('who hangs up gets nothing, and the turn is free for others', async (t) => {
  const writer = open(t);
  const answer = { ...largeAnswer(), format: 'csv' } as const;
  const caller = new AbortController();
  const left = [1, 2, 3].map(() => writer.write(answer, caller.signal));
  const stays = writer.write(answer);
  caller.abort(new Error('gone'));
  for (const outcome of await Promise.allSettled(left))
    assert.ok(outcome.status === 'rejected' && outcome.reason.message === 'gone');
  assert.ok((await stays).body.length > 0);
});

test('a thread without enough memory is told as an answer too large, and counted', async () => {
  const telemetry = new Telemetry(() => undefined);
  await using stack = new AsyncDisposableStack();
  const writer = new AnswerWriter(telemetry, 8);
  stack.defer(() => writer.close());
  const { frame } = largeAnswer();
  const rows = Array.from({ length: 150_000 }, (_, index) => `[${index}, "${'x'.repeat(20)}${index}"]`);
  const text = `{"meta": [{"name": "n", "type": "UInt64"}, {"name": "t", "type": "String"}], "data": [${rows.join()}]}`;
  await assert.rejects(writer.write({ text, frame, format: 'ndjson' }), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.code, 'result_too_large');
    return true;
  });
  assert.equal(telemetry.snapshot().find(({ name }) => name === 'aevum_sql_answers_lost_total')?.value, 1);
});

test('a text that is no answer is an error, and one when it is closed says so', async (t) => {
  const writer = open(t);
  const { frame } = largeAnswer();
  const text = 'x'.repeat(WRITTEN_AT_ONCE_CHARS_MAX + 1);
  await assert.rejects(writer.write({ text, frame, format: 'json' }), /cannot be read/);
  const writing = writer.write({ ...largeAnswer(), format: 'parquet' });
  const ended = assert.rejects(writing, (error) => error instanceof ApiError && error.code === 'stopping');
  await nextTurn();
  await writer.close();
  await ended;
});

let bench: SqlBench;

before(async () => {
  bench = await openSqlBench();
});

after(() => bench?.[Symbol.asyncDispose]());

const write = (sql: string, more: object = {}) =>
  bench.service.write('mine', sqlRequestSchema.parse({ sql, limit: 100_000, ...more }));

test('the limit of an answer counts what is written, not what it was before it was escaped', async () => {
  const escaped = 'SELECT repeat(char(1), 300) AS text FROM numbers(100000)';
  for (const format of SQL_FORMATS)
    await assert.rejects(write(escaped, { format }), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.code, 'result_too_large');
      assert.match(error.message, /Select fewer columns/);
      return true;
    });
  const { rowCount, body } = await write("SELECT repeat('a', 300) AS text FROM numbers(100000)");
  assert.equal(rowCount, 100_000);
  assert.equal(JSON.parse(bytesOf(body).toString()).rows.length, 100_000);
  assert.equal((await write('SELECT 1')).rowCount, 1);
});
