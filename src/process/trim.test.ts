import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trimBefore } from './trim.ts';

const EXTENT = { first: 100, next: 200, bytes: 1000 };

test('trims behind the slowest of those who need the topic', () => {
  assert.equal(trimBefore(EXTENT, { loadedNext: 150, uniqueNext: 180, keepBytes: 0 }), 150);
  assert.equal(trimBefore(EXTENT, { loadedNext: 190, uniqueNext: 180, keepBytes: 0 }), 180);
  assert.equal(trimBefore(EXTENT, { loadedNext: 200, uniqueNext: 200, keepBytes: 300 }), 170);
  assert.equal(trimBefore(EXTENT, { loadedNext: 50, uniqueNext: 200, keepBytes: 0 }), 100);
});

test('keeps a topic that is small or empty', () => {
  assert.equal(trimBefore(EXTENT, { loadedNext: 200, uniqueNext: 200, keepBytes: 1000 }), 100);
  assert.equal(
    trimBefore({ first: 7, next: 7, bytes: 0 }, { loadedNext: 7, uniqueNext: 7, keepBytes: 0 }),
    7,
  );
});
