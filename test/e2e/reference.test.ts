/** The reference page in a real Chromium, under its content security policy. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import {
  assertAccessibleInBoth,
  assertClean,
  freshPlatform,
  PHONE,
  scrollsSideways,
} from '../support/dashboard.ts';
import { until } from '../support/until.ts';

/** Keeps what the policy of the page refused. */
const WATCH_POLICY = `
  window.refused = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    window.refused.push(violatedDirective + ' ' + blockedURI));
`;

describe('the reference page', { timeout: 600_000 }, () => {
  test('opens without a key, breaks no policy, and works: filter, menu, colours, copies', async (t) => {
    if (!needsChromium(t)) return;
    const { platform } = await freshPlatform(t);
    const browser = await openBrowser(t);
    const { page, problems } = await openPage(browser, {
      permissions: ['clipboard-read', 'clipboard-write'],
      viewport: { width: 1440, height: 900 },
    });
    await page.addInitScript(WATCH_POLICY);
    const answer = await page.goto(`${platform.url}/api/docs`);
    const policy = answer?.headers()['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'.*script-src 'self'/);
    assert.doesNotMatch(policy, /unsafe/);
    await page.getByRole('heading', { level: 1 }).waitFor();

    const links = page.locator('#sidebar li a:visible');
    const all = await links.count();
    await page.keyboard.press('/');
    await page.keyboard.type('api/demo');
    await until('the menu is filtered', async () => {
      const shown = await links.count();
      return shown > 0 && shown < all;
    });
    await page.keyboard.press('Enter');
    await until('the entry is in view', () => new URL(page.url()).hash !== '');
    await page.keyboard.press('/');
    await page.keyboard.press('Escape');
    await until('all entries are back', async () => (await links.count()) === all);

    const figure = page
      .locator('figure')
      .filter({ has: page.locator('[data-copy]') })
      .first();
    const code = await figure.locator('code').textContent();
    await figure.locator('[data-copy]').click();
    await figure.getByText('Copied').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), code);
    await figure.getByText('Copied').waitFor({ state: 'hidden' });

    await page.locator('#theme').click();
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
    await page.locator('#theme').click();
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    await page.locator('#theme').click();
    await assertAccessibleInBoth(page, 'the reference page');
    assert.deepEqual(await page.evaluate('window.refused'), [], 'the policy refused something');
    assertClean(problems);

    const { page: phone, problems: phoneProblems } = await openPage(browser, PHONE);
    await phone.goto(`${platform.url}/api/docs`);
    await phone.locator('#menu').tap();
    await phone.locator('#sidebar').getByRole('link').first().waitFor();
    assert.equal(await scrollsSideways(phone), false);
    assertClean(phoneProblems);
  });
});
