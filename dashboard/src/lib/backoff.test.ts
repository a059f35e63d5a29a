import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKOFF_MAX_MS, backoffMs } from './backoff.ts';

test('pauses double up to the limit and are spread by chance', () => {
  const longest = (attempt: number): number => backoffMs(attempt, () => 0.999_999);
  assert.deepEqual([0, 1, 2].map(longest), [600, 1200, 2400]);
  assert.equal(longest(10), BACKOFF_MAX_MS);
  assert.equal(longest(5000), BACKOFF_MAX_MS);
  assert.equal(
    backoffMs(7, () => 0),
    150,
  );
});
