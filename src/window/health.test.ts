import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowsHealth } from './health.ts';
import type { WindowState } from './metric.ts';

const stateOf = (metric: string, more: Partial<WindowState> = {}): WindowState => ({
  ...{ project: 'p', metric, version: 1, next: 10, end: 10, stuckMs: 0, trouble: null },
  ...more,
});

test('windows that come forward are well, however far behind; those that do not are named', () => {
  assert.equal(windowsHealth([]).state, 'ok');
  const behind = windowsHealth([stateOf('a', { end: 90 }), stateOf('b')]);
  assert.deepEqual([behind.state, /1 have 80 records before them/u.test(behind.message)], ['ok', true]);
  const stuck = windowsHealth([stateOf('a', { end: 90, stuckMs: 60_000 }), stateOf('b')]);
  assert.deepEqual(
    [stuck.state, /windows of a do not come forward\./u.test(stuck.message)],
    ['degraded', true],
  );
  const failing = ['a', 'b', 'c', 'd', 'e'].map((metric) => stateOf(metric, { trouble: 'no room.' }));
  assert.match(windowsHealth(failing).message, /of a, b, c and 2 more do not come forward \(no room\)\./u);
});
