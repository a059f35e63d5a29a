import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastAtMost } from './ascending.ts';

test('the last of the words that are not beyond', () => {
  const words = Uint32Array.of(2, 5, 5, 9, 0xffff_ffff);
  const expected: [number, number][] = [
    [0, -1],
    [2, 0],
    [4, 0],
    [5, 2],
    [8, 2],
    [9, 3],
    [0xffff_ffff, 4],
  ];
  for (const [word, index] of expected) assert.equal(lastAtMost(words, word), index, String(word));
  assert.equal(lastAtMost(new Uint32Array(0), 1), -1);
});
