import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/support/fast-check.ts';
import { ApiError } from '../../event/errors.ts';
import { JsonSyntaxError } from '../../event/json-scanner.ts';
import { type JsonValue, parseJson } from './json-value.ts';

const parse = (text: string): JsonValue => parseJson(Buffer.from(text));

/** The JavaScript value, put together from what JsonValue tells. */
const valueOf = (value: JsonValue): unknown => {
  switch (value.kind) {
    case 'object': {
      const entries = [...value.members].map(([key, member]) => [key, valueOf(member)] as const);
      return Object.fromEntries(entries);
    }
    case 'array':
      return value.items(Number.POSITIVE_INFINITY)?.map(valueOf);
    case 'string':
      return value.string;
    default:
      return JSON.parse(value.text) as unknown;
  }
};

test('whatever is JSON is read as JSON.parse reads it, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t', '\n '), (value, space) => {
      const text = `${space}${JSON.stringify(value, null, space)}${space}`;
      assert.deepEqual(valueOf(parse(text)), JSON.parse(text));
    }),
  );
});

test('of equal keys the last counts, escaped keys are what they stand for, numbers keep their digits', () => {
  const value = parse('\uFEFF {"a":1,"\\u0061":1.50,"b":"\\"x\\u00e9","big":12345678901234567890}');
  assert.deepEqual([...value.members.keys()], ['a', 'b', 'big']);
  assert.equal(value.get('a')?.text, '1.50');
  assert.equal(value.get('b')?.string, '"xé');
  assert.equal(value.get('big')?.text, '12345678901234567890');
  assert.equal(value.get('missing'), undefined);
  assert.equal(parse('"\\ud800"').string, '\uFFFD');
});

test('null and empty strings are as good as absent', () => {
  const absent = ['null', '""'].map((text) => parse(text).isPresent);
  const present = ['0', 'false', '" "', '{}', '[]'].map((text) => parse(text).isPresent);
  assert.deepEqual([...absent, ...present], [false, false, true, true, true, true, true]);
});

test('what is no JSON is refused, wherever it breaks off', () => {
  for (const text of ['', ' ', '{', '{"a":1,}', '{} {}', '[1 2]', '{"a":NaN}', '"\n"', '['.repeat(100_000)])
    assert.throws(() => parse(text), JsonSyntaxError, text.slice(0, 20));
  assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)), JsonSyntaxError);
});

test('members and items are bounded', () => {
  assert.equal(parse('[1,2,3]').items(2), undefined);
  assert.equal(parse('[1,2]').items(2)?.length, 2);
  const wide = `{${Array.from({ length: 200_001 }, (_, index) => `"${index}":0`).join(',')}}`;
  assert.throws(() => parse(wide).members, ApiError);
});
