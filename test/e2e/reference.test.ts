/** The reference page in a real Chromium, under its content security policy. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import {
  assertAccessible,
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

/** What may be wrong with one entry and right with another of the same make. */
const RULES_OF_TEXTS = [
  ...['duplicate-id-aria', 'aria-valid-attr-value', 'label', 'link-name', 'button-name', 'summary-name'],
  ...['empty-heading', 'heading-order', 'empty-table-header', 'landmark-unique', 'list', 'listitem'],
];

/**
 * Runs in the page, which has tens of thousands of elements of a few hundred kinds: takes away each entry, field or row that has nothing in it which was not there before,
 * and opens what is left. A kind is the way to an element through tags and classes, so what is styled alike is of one kind.
 */
const KEEP_EACH_KIND_ONCE = `(() => {
  const elementsBefore = document.querySelectorAll('*').length;
  const kinds = new Set();
  const kindOf = (element, way) => way + '>' + element.tagName + '.' + element.className + element.getAttributeNames();
  const hasNew = (element, kind) =>
    !kinds.has(kind) || [...element.children].some((child) => hasNew(child, kindOf(child, kind)));
  const visit = (element, kind) => {
    if (element.matches('article, li, tr, pre span') && !hasNew(element, kind)) return element.remove();
    kinds.add(kind);
    for (const child of [...element.children]) visit(child, kindOf(child, kind));
  };
  visit(document.body, 'BODY');
  for (const folded of document.querySelectorAll('details')) folded.open = true;
  return { kinds: kinds.size, elements: document.querySelectorAll('*').length, elementsBefore };
})()`;

interface Left {
  readonly kinds: number;
  readonly elements: number;
  readonly elementsBefore: number;
}

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
    assert.deepEqual(await page.evaluate('window.refused'), [], 'the policy refused something');
    await assertAccessible(page, 'all entries', RULES_OF_TEXTS);
    const left = await page.evaluate<Left>(KEEP_EACH_KIND_ONCE);
    assert.ok(left.kinds > 100 && left.elements < left.elementsBefore / 5, JSON.stringify(left));
    await assertAccessibleInBoth(page, 'the reference page');
    assertClean(problems);

    const { page: phone, problems: phoneProblems } = await openPage(browser, PHONE);
    await phone.goto(`${platform.url}/api/docs`);
    await phone.locator('#menu').tap();
    await phone.locator('#sidebar').getByRole('link').first().waitFor();
    assert.equal(await scrollsSideways(phone), false);
    assertClean(phoneProblems);
  });
});
