import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saysSame } from './same.ts';

test('answers to the same question say the same, whichever objects they are', () => {
  assert.ok(saysSame({ state: 'live', of: [1, null] }, { state: 'live', of: [1, null] }));
  assert.ok(saysSame(undefined, undefined));
  assert.ok(saysSame(null, null));
  assert.ok(!saysSame({ state: 'live' }, { state: 'stopping' }));
  assert.ok(!saysSame({ goal: 'purchase' }, {}));
});

test('nothing is not the same as an answer that says nothing', () => {
  assert.ok(!saysSame(undefined, null));
  assert.ok(!saysSame(undefined, {}));
});
