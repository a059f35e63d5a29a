import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockBuilder } from './block-builder.ts';
import { EVENTS, REFUSED } from './columns.ts';
import { decodeEvents, JsonSyntaxError, TooManyEventsError } from './decode-json.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { decode, NOW_MS, OPTIONS, refusal } from './testing/decoding.ts';

const ids = (body: string, framing: 'single' | 'batch' | 'ndjson' = 'batch'): unknown[] =>
  decode(body, framing).events.map((row) => row['id']);

const refusedWith = (
  body: string | Uint8Array,
  place: { line?: number; column?: number; byteOffset?: number },
  message?: RegExp,
) => {
  assert.throws(
    () => decode(body),
    (error) => {
      assert.ok(error instanceof JsonSyntaxError, String(error));
      assert.deepEqual(
        { line: error.line, column: error.column, byteOffset: error.byteOffset, ...place },
        {
          line: error.line,
          column: error.column,
          byteOffset: error.byteOffset,
        },
      );
      if (message !== undefined) assert.match(error.message, message);
      return true;
    },
  );
};

test('framings: array, envelope, NDJSON, one event', () => {
  const [a, b] = ['{"id":"a","type":"t"}', '{"id":"b","type":"t"}'];
  assert.deepEqual(ids(`[${a},${b}]`), ['a', 'b']);
  assert.deepEqual(ids(` [ ${a} , ${b} ] \n`), ['a', 'b']);
  assert.deepEqual(ids(`{"events":[${a},${b}]}`), ['a', 'b']);
  assert.deepEqual(ids(`{"sent_at":1,"events" : [${a},${b}],"batch":{"type":"x"}}`), ['a', 'b']);
  assert.deepEqual(ids(`{"\\u0065vents":[${a}]}`), ['a']);
  assert.deepEqual(ids(`{"events":[${a}],"events":[${b}]}`), ['a', 'b']);
  assert.deepEqual(ids(`${a}\n${b}`), ['a', 'b']);
  assert.deepEqual(ids(`\n${a}\r\n\r\n \n${b}\n\n`), ['a', 'b']);
  assert.deepEqual(ids(`{\n"id":"a",\n"type":"t"\n}\n${b}`), ['a', 'b']);
  assert.deepEqual(ids(a), ['a']);
  assert.deepEqual(ids(a, 'single'), ['a']);
  assert.deepEqual(ids(`${a}\n${b}\n`, 'ndjson'), ['a', 'b']);
  assert.equal(decode('[]').received, 0);
  assert.equal(decode('{"events":[]}').received, 0);
});

test('an object with events and a type is an event; so is every object where one event is expected', () => {
  const withType = decode('{"type":"t","events":[1,2]}');
  assert.deepEqual(
    withType.events.map((row) => row['properties']),
    ['{"events":[1,2]}'],
  );
  assert.deepEqual(
    decode('{"events":[1,2],"event":"t"}').events.map((row) => row['properties']),
    ['{"events":[1,2]}'],
  );
  assert.equal(decode('{"events":[{"type":"t"}]}', 'single').rejected[0]?.code, 'missing_type');
  assert.equal(decode('{"events":5}').rejected[0]?.code, 'missing_type');
  assert.deepEqual(
    decode('{"events":[{"type":"t"}]}\n{"events":[]}').rejected.map(({ index, code }) => [index, code]),
    [
      [0, 'missing_type'],
      [1, 'missing_type'],
    ],
  );
  assert.equal(decode('[[{"type":"t"}]]').rejected[0]?.code, 'not_an_object');
  assert.equal(decode('[]', 'single').rejected[0]?.code, 'not_an_object');
  assert.equal(decode('[]', 'ndjson').rejected[0]?.code, 'not_an_object');
});

test('a syntax error says where', () => {
  refusedWith('', { byteOffset: 0, line: 1, column: 1 }, /The body is empty/);
  refusedWith(' \n ', { byteOffset: 3, line: 2, column: 2 }, /The body is empty/);
  refusedWith(
    '[{"type":"ä" x}]',
    { byteOffset: 14, line: 1, column: 14 },
    /Expected "," or "}" but found "x"/,
  );
  refusedWith(
    '{"type":"a"}\n{"type":"b"}\n{"type":}',
    { line: 3, column: 9 },
    /Expected a value but found "}"/,
  );
  refusedWith('{"type":"a"}{"type":"b"}', { byteOffset: 12 }, /line break between events/);
  refusedWith('[{"type":"a"}] 1', { byteOffset: 15 }, /the end of the body/);
  refusedWith('{"events":[{"type":"a"}]}}', { byteOffset: 25 }, /line break between events/);
  refusedWith('[{"type":"a"},]', { byteOffset: 14 }, /Expected a value/);
  refusedWith('["\u0001"]', { byteOffset: 2 }, /U\+0001 must be escaped/);
  refusedWith('["\\x"]', { byteOffset: 3 });
  refusedWith('["\\u12g4"]', { byteOffset: 6 });
  refusedWith('["abc', { byteOffset: 5 }, /closing quote but found the end/);
  refusedWith('[{"type', { byteOffset: 7 }, /closing quote but found the end/);
  refusedWith('[tru]', { byteOffset: 4 });
  refusedWith('[01]', { byteOffset: 2 });
  refusedWith('[-]', { byteOffset: 2 });
  refusedWith('[😀]', { byteOffset: 1 }, /found "😀"/);
});

test('bytes that are not UTF-8 are refused, with their place', () => {
  refusedWith(Buffer.from('5b22c3225d', 'hex'), { byteOffset: 2 }, /not UTF-8/);
  refusedWith(Buffer.concat([Buffer.from(`["${'é'.repeat(100_000)}`), Buffer.of(0xff)]), {
    byteOffset: 200_002,
  });
  refusedWith(Buffer.concat([Buffer.from(`["${'a'.repeat(65_533)}`), Buffer.of(0xf0, 0x9f, 0x98)]), {
    byteOffset: 65_535,
  });
});

test('one byte order mark is passed over, alone it is an empty body', () => {
  assert.deepEqual(ids('\uFEFF{"id":"a","type":"t"}'), ['a']);
  assert.deepEqual(ids('\uFEFF{"id":"a","type":"t"}', 'single'), ['a']);
  refusedWith('\uFEFF', { byteOffset: 3 }, /The body is empty/);
  refusedWith('\uFEFF\uFEFF[]', { byteOffset: 3 });
});

test('a body that is not well-formed leaves the sink as it was', () => {
  const sink = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
  const body = (text: string): Uint8Array => Buffer.from(text);
  decodeEvents(body('[{"type":"a"},{"x":1}]'), 'batch', sink, OPTIONS);
  for (const bad of [
    '[{"type":"b","user_id":"u"},{"y":1},',
    '{"type":"c"}\n{"type":"d"}\nx',
    '{"type":"e"',
    'nope',
  ])
    assert.throws(() => decodeEvents(body(bad), 'batch', sink, OPTIONS), JsonSyntaxError);
  const limits = { ...DEFAULT_LIMITS, requestEventsMax: 1 };
  assert.throws(
    () => decodeEvents(body('[{"type":"f"},{"type":"g"}]'), 'batch', sink, { ...OPTIONS, limits }),
    TooManyEventsError,
  );
  decodeEvents(body('{"type":"h"}'), 'single', sink, OPTIONS);
  assert.equal(sink.refused.rows, 1);
  const alone = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
  decodeEvents(body('[{"type":"a"},{"type":"h"}]'), 'batch', alone, OPTIONS);
  assert.deepEqual(sink.events.build(), alone.events.build());
});

test('requests of more events than the limit are refused as a whole, in every framing', () => {
  const limits = { ...DEFAULT_LIMITS, requestEventsMax: 2 };
  const event = '{"type":"t"}';
  for (const body of [
    `[${event},${event},${event}]`,
    `{"events":[${event},${event},${event}]}`,
    `${event}\n${event}\n${event}`,
  ])
    assert.throws(
      () => decode(body, 'batch', { limits }),
      (error) => error instanceof TooManyEventsError && error.limit === 2,
    );
  assert.equal(decode(`[${event},${event}]`, 'batch', { limits }).accepted, 2);
});

test('one bad event does not spoil its batch, and keeps its bytes', () => {
  const { events, refused, rejected, received, accepted } = decode(
    '[{"type":"a"}, {"id":"b"} ,5,{"id":"d","type":"d","timestamp":"x"},{"type":"e"}]',
  );
  assert.deepEqual([received, accepted], [5, 2]);
  assert.deepEqual(
    events.map((row) => row['type']),
    ['a', 'e'],
  );
  assert.deepEqual(
    rejected.map(({ index, id, code }) => [index, id, code]),
    [
      [1, 'b', 'missing_type'],
      [2, null, 'not_an_object'],
      [3, 'd', 'invalid_timestamp'],
    ],
  );
  assert.deepEqual(
    refused.map((row) => row['body']),
    ['{"id":"b"}', '5', '{"id":"d","type":"d","timestamp":"x"}'],
  );
  assert.deepEqual(
    refused.map((row) => row['detail']),
    rejected.map(({ message }) => message),
  );
  assert.deepEqual(refused[2], {
    project: 'p',
    id: 'd',
    time: NOW_MS,
    received_at: NOW_MS,
    type: 'd',
    outcome: 'quarantined',
    reason: 'invalid_timestamp',
    detail: rejected[2]?.message,
    body: '{"id":"d","type":"d","timestamp":"x"}',
    raw_position: 0,
  });
});

test('an event over the size limit is refused; the beginning is kept, cut between characters', () => {
  const limits = { ...DEFAULT_LIMITS, eventBytesMax: 5000 };
  const big = `{"id":"big","type":"t","properties":{"a":"${'é'.repeat(4000)}"}}`;
  const { refused, rejected, accepted } = decode(`[${big},{"type":"t"}]`, 'batch', { limits });
  assert.equal(accepted, 1);
  assert.equal(rejected[0]?.code, 'event_too_large');
  assert.match(rejected[0]?.message ?? '', /8\d\d\d bytes, 5000 are the limit/);
  const body = String(refused[0]?.['body']);
  assert.ok(big.startsWith(body) && Buffer.byteLength(body) > 4000);
});

test('bodies of only a few stale events of a request are kept', () => {
  const stale = `{"type":"t","timestamp":${NOW_MS - 90_000_000}}`;
  const { refused } = decode(`[${Array.from({ length: 30 }, () => stale).join(',')}]`);
  assert.equal(refused.length, 30);
  assert.equal(refused.filter((row) => row['body'] !== '').length, 10);
  assert.deepEqual([refused[0]?.['outcome'], refused[0]?.['time']], ['stale', NOW_MS - 90_000_000]);
});

test('deep nesting is a refusal of the event; depth without end is a syntax error; neither crashes', () => {
  const nested = (levels: number): string => `{"type":"t","a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  assert.equal(decode(nested(63)).accepted, 1);
  assert.deepEqual(refusal(nested(64)), {
    code: 'invalid_field',
    message: 'The event is nested 65 levels deep, 64 are the limit.',
  });
  assert.equal(
    refusal(`{"type":"t","context":{"x":${'['.repeat(63)}${']'.repeat(63)}}}`).code,
    'invalid_field',
  );
  const { rejected, accepted } = decode(`[${nested(500_000)},{"type":"t"}]`);
  assert.deepEqual([rejected[0]?.code, accepted], ['invalid_field', 1]);
  assert.throws(() => decode('['.repeat(100_000)), JsonSyntaxError);
  assert.throws(() => decode('{"a":'.repeat(100_000)), JsonSyntaxError);
  assert.throws(() => decode('{"context":'.repeat(100_000)), JsonSyntaxError);
  assert.throws(() => decode('['.repeat(5_000_000), 'single'), JsonSyntaxError);
});

test('many keys, equal keys and long keys take linear time', () => {
  const keys = Array.from({ length: 70_000 }, (_, index) => `"k${index}":1`);
  const before = process.cpuUsage();
  const { events } = decode(`[{"type":"t",${keys.join(',')}},{"type":"t","properties":{${keys.join(',')}}}]`);
  assert.equal(events.length, 2);
  for (const row of events)
    assert.equal(Object.keys(JSON.parse(String(row['properties'])) as object).length, 70_000);
  // Of the processor, which others do not make longer.
  assert.ok(process.cpuUsage(before).user < 10_000_000);
});
