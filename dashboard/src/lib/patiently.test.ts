import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patiently } from './patiently.ts';

const pause = (): Promise<void> => Promise.resolve();

test('what cannot be loaded at first is loaded later', async () => {
  let tries = 0;
  const load = patiently(async () => {
    tries += 1;
    if (tries < 5) throw new Error('gone');
    return 'there';
  }, pause);
  assert.equal(await load(), 'there');
  assert.equal(tries, 5);
});

test('there is an end to trying, which says why', async () => {
  let tries = 0;
  const load = patiently(async () => {
    tries += 1;
    throw new Error(`gone ${tries}`);
  }, pause);
  await assert.rejects(load(), /gone 60/u);
});
