import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowsHealth } from './health.ts';
import type { WindowState } from './metric.ts';

const stateOf = (metric: string, more: Partial<WindowState> = {}): WindowState => ({
  ...{ project: 'p', metric, version: 1, next: 10, end: 10, stuckMs: 0, trouble: null },
  ...more,
});

test('windows that come forward are well, however far behind; those that do not are named, to whoever may know', () => {
  assert.equal(windowsHealth([]).state, 'ok');
  const behind = windowsHealth([stateOf('a', { end: 90 }), stateOf('b')]);
  assert.deepEqual(
    [behind.state, /Of 2 metrics; 1 have 80 records before them/u.test(behind.detail ?? '')],
    ['ok', true],
  );
  const stuck = windowsHealth([stateOf('a', { end: 90, stuckMs: 60_000 }), stateOf('b')]);
  assert.deepEqual(
    [stuck.state, stuck.detail, stuck.message.startsWith('Session and count windows do not come forward.')],
    ['degraded', 'They are those of a.', true],
  );
  const failing = ['a', 'b', 'c', 'd', 'e'].map((metric) => stateOf(metric, { trouble: 'no room.' }));
  assert.equal(windowsHealth(failing).detail, 'They are those of a, b, c and 2 more (no room).');
});
