import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionProblem, isPassingStatus, retryAfterMsOf, retryPauseMs } from './retry.ts';

test('pauses double up to a maximum, and Retry-After makes them longer, not shorter', () => {
  assert.deepEqual(
    [0, 1, 2, 5, 6, 1000].map((attempt) => retryPauseMs(attempt, undefined)),
    [100, 200, 400, 3_200, 5_000, 5_000],
  );
  assert.equal(retryPauseMs(0, 2_000), 2_000);
  assert.equal(retryPauseMs(5, 1_000), 3_200);
  assert.equal(retryPauseMs(0, 60_000), 5_000);
});

test('what passes, and what does not', () => {
  assert.deepEqual([408, 429, 500, 503].map(isPassingStatus), [true, true, true, true]);
  assert.deepEqual([202, 400, 401, 413, 422].map(isPassingStatus), [false, false, false, false, false]);
});

test('Retry-After in seconds; dates and absence are no number', () => {
  assert.equal(retryAfterMsOf('2'), 2_000);
  for (const header of [null, undefined, 'Fri, 20 Nov 2026 12:00:00 GMT'])
    assert.equal(retryAfterMsOf(header), undefined);
});

test('a failed connection is told by its cause', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  assert.equal(connectionProblem(new TypeError('fetch failed', { cause: refused })), 'nothing listens there');
  assert.equal(connectionProblem(new Error('socket hang up')), 'socket hang up');
});
