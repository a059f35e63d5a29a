import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachAtATime } from './each-at-a-time.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('no more run at a time than so many, in their order; results are in the order of the items', async () => {
  const begun: number[] = [];
  let [running, most] = [0, 0];
  const results = await eachAtATime([3, 1, 2, 0], 2, async (turns) => {
    begun.push(turns);
    most = Math.max(most, ++running);
    for (let at = 0; at < turns; at++) await turn();
    running -= 1;
    return turns * 10;
  });
  assert.deepEqual(results, [30, 10, 20, 0]);
  assert.deepEqual(begun, [3, 1, 2, 0]);
  assert.equal(most, 2);
  assert.deepEqual(await eachAtATime([], 2, turn), []);
});

test('a failure is thrown once those under way have ended, and no other is begun', async () => {
  const ended: number[] = [];
  const failing = eachAtATime([0, 1, 2, 3], 2, async (item) => {
    await turn();
    if (item === 0) throw new Error('the first');
    await turn();
    ended.push(item);
  });
  await assert.rejects(failing, /the first/u);
  assert.deepEqual(ended, [1]);
});
