import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnIndexes, drawnRows } from './drawn-rows.ts';
import { ROW_PX } from './row-place.ts';

const HEIGHT = 700;
const IN_LIST = 1_000;

const indexes = (offsetPx: number, shown: number): readonly [number, number] =>
  drawnIndexes(drawnRows(offsetPx, HEIGHT, shown), IN_LIST, shown);

test('all rows that are seen are drawn, and some on either side', () => {
  for (const shown of [1_000, 1_003, 54_321])
    for (let offset = 0; offset <= IN_LIST * ROW_PX - HEIGHT; offset += 17) {
      const [from, to] = indexes(offset, shown);
      const [first, last] = [Math.floor(offset / ROW_PX), Math.ceil((offset + HEIGHT) / ROW_PX)];
      assert.ok(from <= Math.max(0, first - 8), `${from} above ${first} at ${offset}`);
      assert.ok(to >= Math.min(IN_LIST, last + 8), `${to} below ${last} at ${offset}`);
      assert.ok(to - from < 60, `${to - from} rows at ${offset}`);
    }
});

test('scrolling by a row or two seldom changes what is drawn', () => {
  const drawn = new Set<number | undefined>();
  for (let row = 100; row < 180; row += 2) drawn.add(drawnRows(row * ROW_PX, HEIGHT, 5_000).newest);
  assert.equal(drawn.size, 11);
});

test('what comes in above changes nothing for whoever reads further down, and is drawn at the top', () => {
  const drawn = drawnRows(600, HEIGHT, 5_000);
  assert.deepEqual(drawnRows(600 + 40 * ROW_PX, HEIGHT, 5_040), drawn);
  const [from, to] = drawnIndexes(drawn, IN_LIST, 5_000);
  assert.deepEqual(drawnIndexes(drawn, IN_LIST, 5_040), [from + 40, to + 40]);
  assert.deepEqual(drawnIndexes(drawnRows(0, HEIGHT, 5_000), IN_LIST, 5_040)[0], 0);
});

test('no more is drawn than there is', () => {
  assert.deepEqual(drawnIndexes(drawnRows(0, HEIGHT, 3), 3, 3), [0, 3]);
  assert.deepEqual(drawnIndexes(drawnRows(600, HEIGHT, 5_000), 20, 20), [0, 0]);
});
