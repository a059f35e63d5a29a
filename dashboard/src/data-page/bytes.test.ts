import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readableOf } from './bytes.ts';

test('JSON is laid out, text stays as it is', () => {
  assert.deepEqual(readableOf({ body: '{"a":1}', body_encoding: 'utf-8' }), {
    form: 'json',
    text: '{\n  "a": 1\n}',
    raw: '{"a":1}',
  });
  assert.deepEqual(readableOf({ body: '{"a', body_encoding: 'utf-8' }), {
    form: 'text',
    text: '{"a',
    raw: '{"a',
  });
  assert.equal(readableOf({ body: null, body_encoding: 'utf-8' }), undefined);
});

test('what is no text is shown as hex', () => {
  const body = Buffer.from([0, 0x41, 0xff, ...Buffer.from('seventeen bytes')]).toString('base64');
  const readable = readableOf({ body, body_encoding: 'base64' });
  assert.equal(readable?.form, 'hex');
  assert.equal(readable?.raw, body);
  assert.deepEqual(readable?.text.split('\n'), [
    '00000000  00 41 ff 73 65 76 65 6e 74 65 65 6e 20 62 79 74  .A.seventeen byt',
    '00000010  65 73                                            es',
  ]);
  assert.equal(readableOf({ body: '%', body_encoding: 'base64' })?.form, 'text');
});
