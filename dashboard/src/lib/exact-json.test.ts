import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExact } from './exact-json.ts';

test('every digit comes back', () => {
  const text =
    '{"a":9007199254740993,"b":[0.12345678901234567891,12345678.12345678901],"c":1e3,"d":"90071992547409930"}';
  assert.equal(JSON.stringify(parseExact(text)), text.replace('1e3', '1000'));
});

test('numbers that fit stay numbers', () => {
  assert.deepEqual(parseExact('{"at":1795241035407,"long":"1234567890123456","n":1234567890123456}'), {
    at: 1_795_241_035_407,
    long: '1234567890123456',
    n: 1_234_567_890_123_456,
  });
});
