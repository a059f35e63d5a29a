import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Layer } from './series.ts';
import { chartColumns } from './chart-data.ts';

const layer = (key: string, values: readonly number[]): Layer => ({
  key,
  name: key,
  slot: 1,
  total: 0,
  values,
});
const layers = [layer('a', [1, 2]), layer('b', [10, 20])];
const none = (): boolean => false;

test('bars: the highest layer is drawn first', () => {
  const columns = chartColumns([0, 10], layers, { mode: 'bars', isHidden: none, lastIsRunning: true });
  assert.deepEqual(columns, [
    [0, 10],
    [11, 22],
    [1, 2],
  ]);
});

test('lines: each by itself, without the bucket that is still running, hidden ones empty', () => {
  const columns = chartColumns([0, 10], layers, {
    mode: 'lines',
    isHidden: (key) => key === 'b',
    lastIsRunning: true,
  });
  assert.deepEqual(columns, [
    [0, 10],
    [1, null],
    [null, null],
  ]);
});
