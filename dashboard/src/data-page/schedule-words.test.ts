import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scheduleWords, stateOf } from './schedule-words.ts';

test('schedules in words', () => {
  const timezone = 'UTC';
  assert.deepEqual(
    [
      null,
      { every: 'hour', minute: 5, timezone } as const,
      { every: 'day', at: '06:30', timezone } as const,
      { every: 'week', on: 'monday', at: '06:30', timezone } as const,
      { every: 'month', day: 31, at: '06:30', timezone } as const,
    ].map(scheduleWords),
    [
      'when asked to',
      'every hour at :05 (UTC)',
      'every day at 06:30 (UTC)',
      'every monday at 06:30 (UTC)',
      'every month on day 31 at 06:30 (UTC)',
    ],
  );
});

test('what is wrong is said before what is not', () => {
  const run = (state: 'done' | 'failed' | 'running') => ({ state }) as never;
  assert.equal(stateOf({ stopped: 'gone', paused: true, last_run: run('failed') }), 'stopped');
  assert.equal(stateOf({ stopped: null, paused: true, last_run: run('failed') }), 'failed');
  assert.equal(stateOf({ stopped: null, paused: true, last_run: run('done') }), 'paused');
  assert.equal(stateOf({ stopped: null, paused: false, last_run: run('running') }), 'running');
  assert.equal(stateOf({ stopped: null, paused: false, last_run: null }), 'new');
});
