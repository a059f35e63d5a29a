/** The demo as people meet it on the page: offered, filling, live, removed. A real Chromium, the real platform, a small demo. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { DemoAnswer } from '../../src/contract/demo.ts';
import { needsChromium } from '../support/browser.ts';
import {
  assertAccessibleInBoth,
  assertClean,
  freshPlatform,
  openDashboard,
  PHONE,
  rows,
  scrollsSideways,
} from '../support/dashboard.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 600_000;
/** Making a demo takes a moment more on a busy machine. */
const DEMO_MS = 180_000;
const SMALL = { days: 2, events: 20_000, rate: 20 } as const;

/** What the page starts is small. */
const startSmall = (page: Page): Promise<unknown> =>
  page.route('**/api/demo', (route) =>
    route.request().method() === 'POST'
      ? route.continue({ postData: JSON.stringify(SMALL) })
      : route.continue(),
  );

const card = (page: Page) => page.locator('section').filter({ has: page.locator('#demo-title') });
const chip = (page: Page) => page.getByRole('group', { name: 'Demo' });

describe('the demo on the page', { timeout: TIMEOUT_MS }, () => {
  test('offered where nothing is to be seen, shown as it fills, opened when it is there; removed only when that is confirmed', async (t) => {
    if (!needsChromium(t)) return;
    const { platform } = await freshPlatform(t);
    const { page, problems } = await openDashboard(t, platform.url);
    await startSmall(page);
    await card(page).getByText('A shop with 30 days of history, 2M events').waitFor();
    await assertAccessibleInBoth(page, 'the offer');
    await card(page).getByRole('button', { name: 'Start demo' }).click();
    await card(page).getByRole('progressbar', { name: 'History of the demo' }).waitFor();
    await card(page).getByRole('button', { name: 'Watch it fill' }).waitFor();

    await until(
      'the page is that of the demo',
      () => new URL(page.url()).search === '?project=demo',
      DEMO_MS,
    );
    await rows(page).first().waitFor({ timeout: DEMO_MS });
    await chip(page).getByText('Demo', { exact: true }).waitFor();
    const before = await rows(page).first().innerText();
    await until('visitors come in', async () => (await rows(page).first().innerText()) !== before);
    await page.getByText('30d', { exact: true }).click();
    await page.getByRole('button', { name: /^page_view \d/ }).waitFor();
    await assertAccessibleInBoth(page, 'the demo');

    await chip(page).getByRole('button', { name: 'Remove demo' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove the demo?' });
    await assertAccessibleInBoth(page, 'the question');
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal((await platform.json<DemoAnswer>('/api/demo')).state, 'live');

    await chip(page).getByRole('button', { name: 'Remove demo' }).click();
    await dialog.getByRole('button', { name: 'Remove demo' }).click();
    await card(page).getByRole('button', { name: 'Start demo' }).waitFor({ timeout: DEMO_MS });
    await chip(page).waitFor({ state: 'detached' });
    assertClean(problems);
  });

  test('on a phone, started elsewhere: it tells how far it is, and nothing scrolls sideways', async (t) => {
    if (!needsChromium(t)) return;
    const { platform } = await freshPlatform(t);
    await platform.json('/api/demo', SMALL);
    const { page } = await openDashboard(t, platform.url, PHONE);
    await card(page)
      .getByRole('button', { name: /Watch it fill|Open the demo/ })
      .tap();
    await chip(page).waitFor();
    await rows(page).first().waitFor({ timeout: DEMO_MS });
    assert.equal(await scrollsSideways(page), false);
    await chip(page).getByRole('button', { name: 'Remove demo' }).tap();
    await page.getByRole('dialog', { name: 'Remove the demo?' }).waitFor();
    assert.equal(await scrollsSideways(page), false, 'with the question');
  });

  test('a demo that is refused says why, and goes on when asked', async (t) => {
    if (!needsChromium(t)) return;
    const { platform } = await freshPlatform(t);
    await platform.json('/api/demo', SMALL);
    const { page } = await openDashboard(t, platform.url, { path: '/?project=demo' });
    await rows(page).first().waitFor({ timeout: DEMO_MS });
    const session = await page.request.get(`${platform.url}/api/keys?project=demo`);
    const { keys } = (await session.json()) as { keys: { id: string; name: string }[] };
    const own = keys.find(({ name }) => name === 'key of the demo');
    assert.ok(own !== undefined, 'the demo has a key');
    const revoked = await page.request.delete(`${platform.url}/api/keys/${own.id}?project=demo`, {
      headers: { origin: platform.url },
    });
    assert.ok(revoked.ok(), await revoked.text());
    const banner = page.getByRole('alert').filter({ hasText: "does not take the demo's events" });
    await banner.waitFor({ timeout: DEMO_MS });
    await assertAccessibleInBoth(page, 'a refused demo');
    const other = await page.context().newPage();
    await other.goto(platform.url);
    await card(other).getByText("does not take the demo's events").waitFor();
    await assertAccessibleInBoth(other, 'the card of a refused demo');
    await other.close();

    await banner.getByRole('button', { name: 'Try again' }).click();
    await banner.waitFor({ state: 'hidden', timeout: DEMO_MS });
    await until(
      'it is live',
      async () => (await platform.json<DemoAnswer>('/api/demo')).state === 'live',
      DEMO_MS,
    );
  });
});
