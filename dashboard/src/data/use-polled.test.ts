import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered } from './use-polled.ts';
import { ApiError } from './api.ts';

const first = { key: 'demo', data: { state: 'live' }, atMs: 1, error: undefined };
const again = { ...first, data: { state: 'live' }, atMs: 2 };

test('the same answer changes nothing where only changes count', () => {
  assert.equal(answered(first, again, { onlyChanges: true }), first);
});

test('where ages are shown, the same answer is a younger one', () => {
  assert.equal(answered(first, again, {}), again);
});

test('another answer, another question and an answer after an error count', () => {
  for (const now of [
    { ...first, data: { state: 'stopping' } },
    { ...first, key: 'session' },
    { ...first, error: new ApiError(503, 'unavailable', 'Not now.') },
    { ...first, data: undefined },
  ])
    assert.equal(answered<unknown>(now, again, { onlyChanges: true }), again);
});
