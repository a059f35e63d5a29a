import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROW_PX, rowPlaces } from './row-place.ts';

const COUNTS = [0, 1, 40, 999, 9_999, 10_000, 10_001, 123_456, 40 * 86_400 * 7];

test('a row lies as many rows from the top as there are newer ones', () => {
  for (const shown of COUNTS)
    for (const index of [0, 1, 17, 999]) {
      const { rows, row } = rowPlaces(shown);
      assert.equal(rows + row(index), index * ROW_PX, `${index} of ${shown}`);
    }
});

test('a row stays where it is among the others when some come in above', () => {
  for (const [shown, added] of [
    [0, 5],
    [1_000, 8_999],
    [10_000, 40],
    [123_456, 1],
  ] as const)
    assert.equal(rowPlaces(shown + added).row(7 + added), rowPlaces(shown).row(7), `${added} above ${shown}`);
});

test('no offset grows with the days that a page is open', () => {
  for (const shown of COUNTS) {
    const { rows, row } = rowPlaces(shown);
    assert.ok(rows < 10_000 * ROW_PX && Math.abs(row(999)) < 10_000 * ROW_PX, String(shown));
  }
});
