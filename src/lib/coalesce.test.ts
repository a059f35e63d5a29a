import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coalesce } from './coalesce.ts';

test('what comes while a value is under way goes as one behind it', () => {
  const sent: string[] = [];
  const gone: (() => void)[] = [];
  const tell = coalesce<string>(
    (value, done) => {
      sent.push(value);
      gone.push(done);
    },
    (earlier, later) => earlier + later,
  );
  for (const value of ['a', 'b', 'c']) tell(value);
  assert.deepEqual(sent, ['a']);
  gone.shift()?.();
  assert.deepEqual(sent, ['a', 'bc']);
  gone.shift()?.();
  assert.deepEqual(sent, ['a', 'bc']);
  tell('d');
  assert.deepEqual(sent, ['a', 'bc', 'd']);
});

test('a receiver that takes at once gets each value, also one that comes while it takes another', () => {
  const sent: number[] = [];
  const tell = coalesce<number>(
    (value, done) => {
      sent.push(value);
      if (value === 1) tell(2);
      done();
    },
    (_earlier, later) => later,
  );
  tell(1);
  tell(3);
  assert.deepEqual(sent, [1, 2, 3]);
});
