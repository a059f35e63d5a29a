import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from './testing/decoding.ts';

/** The stored text of the properties of one event, given as JSON text. */
const properties = (event: string): string => {
  const { events, rejected } = decode(`[${event}]`);
  assert.deepEqual(rejected, []);
  return String(events[0]?.['properties']);
};

test('one properties object keeps its bytes, spaces and all', () => {
  for (const text of [
    '{}',
    '{ "a" : 1 }',
    '{"a":"\\u00e9\\n\\/","b":[1.50, {"c":-0}],"é":"é"}',
    '{\n\t"a":\r\n1}',
  ]) {
    const expected = text === '{ }' ? '{}' : text;
    assert.equal(properties(`{"type":"t","properties":${text}}`), expected);
    assert.equal(properties(`{"payload":{"event_type":"t","properties":${text}}}`), expected);
    assert.equal(properties(`{"type":"t","data":{"user_id":"u","properties":${text}}}`), expected);
  }
  assert.equal(properties('{"type":"t","properties":{ }}'), '{}');
  assert.equal(properties('{"type":"t"}'), '{}');
});

test('unknown members are spliced in as they are', () => {
  assert.equal(
    properties('{"x": 1.0 ,"type":"t","properties":{"a":[1, 2]},"y":null}'),
    '{"x":1.0,"a":[1, 2],"y":null}',
  );
  assert.equal(properties('{"type":"t","context":{"locale":"de"}}'), '{"context.locale":"de"}');
  assert.equal(properties('{"type":"t","":1,"a":""}'), '{"":1,"a":""}');
});

test('a container given twice is merged', () => {
  assert.equal(properties('{"type":"t","properties":{"a":1},"properties":{"b":2}}'), '{"a":1,"b":2}');
  assert.equal(properties('{"type":"t","properties":{"a":1},"properties":{"a":2}}'), '{"a":2}');
});

test('of a key that occurs twice in one object the last value is kept, at every level', () => {
  assert.equal(properties('{"type":"t","properties":{"a":1,"b":0,"a":2}}'), '{"a":2,"b":0}');
  assert.equal(properties('{"type":"t","x":1,"x":2}'), '{"x":2}');
  assert.equal(
    properties('{"type":"t","properties":{"o":{"k":1,"k":2},"l":[{"k":3,"k":[4]}]}}'),
    '{"o":{"k":2},"l":[{"k":[4]}]}',
  );
  assert.equal(properties('{"type":"t","properties":{"a":1,"\\u0061":2}}'), '{"a":2}');
  const many = Array.from({ length: 40 }, (_, index) => `"k${index}":${index}`).join(',');
  assert.equal(
    properties(`{"type":"t","properties":{"o":{${many},"k7":"last"}}}`),
    `{"o":{${many.replace('"k7":7', '"k7":"last"')}}}`,
  );
});

test('of an envelope field that occurs twice the last value counts', () => {
  const { events } = decode('[{"type":"a","type":"b","user_id":"x","user_id":null,"t\\u0079pe":"c"}]');
  assert.deepEqual([events[0]?.['type'], events[0]?.['user_id'], events[0]?.['properties']], ['c', '', '{}']);
});

test('properties of one name from several places are all kept: the container further up the table has the plain name', () => {
  assert.equal(properties('{"foo":1,"type":"t","properties":{"foo":2}}'), '{"foo":2,"$.foo":1}');
  assert.equal(
    properties(
      '{"foo":1,"data":{"foo":2,"properties":{"foo":3}},"type":"t","properties":{"foo":4},"payload":{"properties":{"foo":5}}}',
    ),
    '{"foo":4,"$.payload.properties.foo":5,"$.data.properties.foo":3,"$.data.foo":2,"$.foo":1}',
  );
  assert.equal(
    properties('{"foo":1,"foo":2,"type":"t","properties":{"foo":3,"$.foo":4}}'),
    '{"foo":3,"$.foo":4,"$.$.foo":2}',
  );
  assert.equal(properties('{"type":"t","context":{"a":1},"context.a":2}'), '{"context.a":1,"$.context.a":2}');
  assert.equal(
    properties('{"type":"t","user_id":"u","userId":1,"properties":{"userId":2}}'),
    '{"userId":2,"$.userId":1}',
  );
});

test('what readers disagree about is rewritten', () => {
  const stored = (text: string): string =>
    properties(`{"type":"t","properties":{"a":${text},"b":"\\/"}}`).replace(',"b":"\\/"}', '').slice(5);
  assert.equal(stored('1e400'), '"1e400"');
  assert.equal(stored('-1e400'), '"-1e400"');
  assert.equal(stored('1e308'), '1e308');
  assert.equal(stored('1E+2'), '1E+2');
  assert.equal(stored('1e-999'), '1e-999');
  assert.equal(stored('18446744073709551615'), '18446744073709551615');
  assert.equal(stored('18446744073709551616'), '18446744073709551616.0');
  assert.equal(stored('-9223372036854775808'), '-9223372036854775808');
  assert.equal(stored('-9223372036854775809'), '-9223372036854775809.0');
  assert.equal(stored('9'.repeat(400)), `"${'9'.repeat(400)}"`);
  assert.equal(stored(`0.${'1'.repeat(400)}`), `0.${'1'.repeat(400)}`);
  assert.equal(stored('"\\ud800"'), '"\uFFFD"');
  assert.equal(stored('"\\ud83d\\ude00"'), '"\\ud83d\\ude00"');
  assert.equal(stored('"\\\\ud800"'), '"\\\\ud800"');
  assert.equal(stored('["x\\udc00\\n"]'), '["x\uFFFD\\n"]');
  assert.equal(stored('"\\u0000"'), '"\\u0000"');
  assert.equal(stored('{"\\u0062":[ ],"\\u0000\\"":{ }}'), '{"b":[],"\\u0000\\"":{}}');
  assert.equal(stored('{"__proto__":1,"\\u005f_proto__":2}'), '{"__proto__":2}');
  assert.equal(properties('{"type":"t","\\u0061":1}'), '{"a":1}');
});

test('long and short values, many pieces: buffers grow', () => {
  const long = 'x'.repeat(100_000);
  assert.equal(
    properties(`{"type":"t","a":"${long}","properties":{"b":"${long}"}}`),
    `{"a":"${long}","b":"${long}"}`,
  );
  const members = Array.from({ length: 500 }, (_, index) => `"k${index}":"${'y'.repeat(index % 40)}"`).join(
    ',',
  );
  assert.equal(properties(`{"type":"t",${members}}`), `{${members}}`);
});
