/** The live page when something is missing: the warehouse, the session. A real Chromium, the real platform, its processes killed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { needsChromium } from '../support/browser.ts';
import { assertAccessibleInBoth, event, freshPlatform, openDashboard, rows } from '../support/dashboard.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 600_000;
/** The engine comes back by itself, after a pause that grew with each kill. */
const RECOVERY_MS = 120_000;

/** Every question, and every one for what is saved, is answered so from now on. */
const answerAll = (page: Page, status: number, error: { readonly code: string; readonly message: string }) =>
  page.route(/\/api\/(?:query|boards|insights)\?/u, (route) => route.fulfill({ status, json: { error } }));

describe('the live page in trouble', { timeout: TIMEOUT_MS }, () => {
  test('the warehouse is away: the page says so, keeps its numbers, goes on streaming, and recovers', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    await client.send(event('page_view'), event('page_view', { user_id: 'bob' }));
    const { page } = await openDashboard(t, platform.url);
    const types = page.getByRole('region', { name: 'Events by type' });
    await types.getByRole('button', { name: 'page_view 2' }).waitFor();

    const banner = page.getByText('the numbers below stand still and say how old they are');
    await until('the page says that the engine is away', async () => {
      await platform.kill('engine');
      return banner.isVisible();
    });
    assert.equal(await types.getByRole('button', { name: 'page_view 2' }).isVisible(), true, 'numbers stay');
    await client.send(event('signup', { user_id: 'meanwhile' }));
    await rows(page).filter({ hasText: 'meanwhile' }).waitFor();
    await assertAccessibleInBoth(page, 'the page without a warehouse');

    await banner.waitFor({ state: 'hidden', timeout: RECOVERY_MS });
    await types.getByRole('button', { name: 'signup 1' }).waitFor({ timeout: RECOVERY_MS });
    await client.send(event('page_view'));
    await types.getByRole('button', { name: 'page_view 3' }).waitFor({ timeout: RECOVERY_MS });
    assert.equal(await rows(page).count(), 4, 'each event is shown once');
  });

  test('questions fail: numbers say why and come back; the server is away: the page says so and keeps what it has', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    await client.send(event('page_view'), event('purchase', { value: '12.50', currency: 'EUR' }));
    await client.settled();
    const { page } = await openDashboard(t, platform.url, { path: '/?range=30m' });
    await page.getByRole('button', { name: 'page_view 1' }).waitFor();
    await answerAll(page, 500, { code: 'internal', message: 'The engine does not answer.' });
    await page.reload();
    const business = ['Conversion', 'Revenue', 'Sessions now'].map((name) =>
      page.getByRole('group', { name, exact: true }),
    );
    const said = page.getByText('Not everything can be counted now. The engine does not answer.');
    await said.waitFor();
    for (const stat of business) await stat.getByRole('alert').getByText('Not counted').waitFor();
    await assertAccessibleInBoth(page, 'numbers that could not be counted');
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByText('Boards and insights could not be listed. The engine does not').waitFor();
    await assertAccessibleInBoth(page, 'the palette without what is saved');
    await page.keyboard.press('Escape');
    await answerAll(page, 403, { code: 'missing_scope', message: 'This takes data:read.' });
    for (const stat of business) await stat.getByText('Not for you').waitFor();
    for (const stat of business) assert.equal(await stat.getByRole('alert').count(), 0);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    for (const [index, text] of ['100%', '€12.50', '0'].entries())
      await business[index]?.getByText(text, { exact: true }).waitFor();
    await page.getByText('Not everything can be counted now.').waitFor({ state: 'hidden' });
    await rows(page).nth(1).waitFor();

    await platform.kill('group');
    await page.getByText('The server does not answer.').waitFor();
    assert.equal(await rows(page).count(), 2);
    assert.equal(await page.getByRole('button', { name: 'page_view 1' }).isVisible(), true);
    await assertAccessibleInBoth(page, 'the page without a server');
  });

  test('signed out elsewhere: every page of the session says so by itself and shows nothing any more', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    await client.send(event('page_view'));
    const { page } = await openDashboard(t, platform.url);
    await rows(page).first().waitFor();
    // Another tab of the same browser.
    const other = await page.context().newPage();
    await other.goto(platform.url);
    await rows(other).first().waitFor();
    await other.getByRole('button', { name: 'Preferences' }).click();
    await other.getByRole('menuitem', { name: 'Sign out' }).click();

    await page.getByText('You are signed out').waitFor();
    assert.equal(await rows(page).count(), 0);
    await assertAccessibleInBoth(page, 'the page of an ended session');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
