/** Pages that are left open: what is answered again and again must leave nothing behind. A real Chromium, the real platform. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsChromium } from '../support/browser.ts';
import { assertClean, event, freshPlatform, openDashboard } from '../support/dashboard.ts';

const TIMEOUT_MS = 600_000;
/** So often the same is answered again. */
const ROUNDS = 20;
/** More than the longest pause between two of them. */
const ROUND_MS = 6_000;
/** Changes that React holds until it draws next. */
const HELD_MAX = 3;

/** Runs in the page: how many changes of state wait in any one component for being drawn. React keeps those that change nothing, with all they refer to, until then. */
const MOST_HELD = `(() => {
  const root = document.getElementById('root');
  const container = root[Object.keys(root).find((key) => key.startsWith('__reactContainer$'))];
  let most = 0;
  for (const fibers = [container]; fibers.length > 0; ) {
    const fiber = fibers.pop();
    for (const next of [fiber.child, fiber.sibling]) if (next) fibers.push(next);
    for (let hook = fiber.memoizedState; hook !== null && typeof hook === 'object' && 'queue' in hook; hook = hook.next) {
      const last = hook.queue?.pending ?? null;
      let held = 0;
      if (last !== null) for (let update = last; held === 0 || update !== last; update = update.next) held += 1;
      most = Math.max(most, held);
    }
  }
  return most;
})()`;

test('what is answered again without a change is not kept', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform, client } = await freshPlatform(t);
  await client.send(event('page_view'));
  await client.settled();
  const { id } = await platform.json<{ readonly id: string }>('/api/boards', { template: 'operations' });
  const { page, problems } = await openDashboard(t, platform.url, { path: '/settings' });
  await page.clock.install();
  for (const path of ['/', '/web', '/data', '/system', '/settings', `/boards/${id}?wall=1`]) {
    await page.goto(`${platform.url}${path}`);
    await page.locator('h1').first().waitFor();
    for (let round = 0; round < ROUNDS; round++) {
      const answered = page.waitForResponse((answer) => answer.url().includes('/api/health'));
      await page.clock.runFor(ROUND_MS);
      await answered;
    }
    const held = await page.evaluate<number>(MOST_HELD);
    assert.ok(held <= HELD_MAX, `${path}: a component holds ${held} changes that were never drawn`);
  }
  assertClean(problems);
});
