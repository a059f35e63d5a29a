import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketAt, type Drawing, drawnOf, extentOf, type Line } from './lines.ts';

const line = (key: string, values: (number | null)[], before?: (number | null)[]): Line => ({
  key,
  name: key,
  slot: 1,
  unit: { kind: 'count' },
  total: null,
  values,
  ...(before === undefined ? {} : { before: { total: null, values: before } }),
});

const drawn = (lines: readonly Line[], drawing: Partial<Drawing> = {}): unknown[] =>
  drawnOf(lines, {
    mode: 'line',
    isStacked: false,
    hidden: new Set(),
    incomplete: { first: false, last: false },
    ...drawing,
  })
    .filter(({ values }) => values.some((value) => value !== null))
    .map(({ line: { key }, role, values, base }) =>
      base === undefined ? [key, role, values] : [key, role, values, base],
    );

test('lines: what is not over apart from what is, meeting in one bucket', () => {
  assert.deepEqual(drawn([line('a', [1, 2, 3, 4])], { incomplete: { first: true, last: true } }), [
    ['a', 'running', [1, 2, 3, 4]],
    ['a', 'now', [null, 2, 3, null]],
  ]);
  assert.deepEqual(drawn([line('a', [1, 2, 3])], { incomplete: { first: false, last: true } }), [
    ['a', 'running', [null, 2, 3]],
    ['a', 'now', [1, 2, null]],
  ]);
});

test('bars that are not over stand by themselves', () =>
  assert.deepEqual(drawn([line('a', [1, 2, 3])], { mode: 'bar', incomplete: { first: false, last: true } }), [
    ['a', 'running', [null, null, 3]],
    ['a', 'now', [1, 2, null]],
  ]));

test('the period before is drawn first, below all', () =>
  assert.deepEqual(drawn([line('a', [1, 2], [5, null]), line('b', [3, 4])]), [
    ['a', 'before', [5, null]],
    ['b', 'now', [3, 4]],
    ['a', 'now', [1, 2]],
  ]));

test('stacks: heights from a base, the highest first, what is below zero downwards, hidden lines left out', () => {
  const lines = [line('a', [1, 2]), line('b', [10, null]), line('c', [-3, -4]), line('d', [100, 100])];
  assert.deepEqual(drawn(lines, { mode: 'bar', isStacked: true, hidden: new Set(['d']) }), [
    ['c', 'now', [-3, -4], [0, 0]],
    ['b', 'now', [11, 2], [1, 2]],
    ['a', 'now', [1, 2], [0, 0]],
  ]);
});

test('the extent holds 0', () => {
  const all = (values: (number | null)[]): readonly [number, number] =>
    extentOf(
      drawnOf([line('a', values)], {
        mode: 'line',
        isStacked: false,
        hidden: new Set(),
        incomplete: { first: false, last: false },
      }),
    );
  assert.deepEqual(all([5, null, 9]), [0, 9]);
  assert.deepEqual(all([-5, -2]), [-5, 0]);
  assert.deepEqual(all([]), [0, 0]);
});

test('the bucket at a moment: bars cover theirs, lines have the nearest', () => {
  const starts = [0, 10, 20];
  assert.deepEqual(
    [-5, 0, 6, 19, 25].map((moment) => bucketAt(starts, moment, true)),
    [0, 0, 0, 1, 2],
  );
  assert.deepEqual(
    [-5, 0, 6, 14, 19, 25].map((moment) => bucketAt(starts, moment, false)),
    [0, 0, 1, 1, 2, 2],
  );
  assert.equal(bucketAt([], 1, true), -1);
});
