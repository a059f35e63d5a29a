/** Web analytics as people use them: a real Chromium, the real platform, the page as it is served. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { needsChromium } from '../support/browser.ts';
import {
  assertAccessibleInBoth,
  assertClean,
  freshPlatform,
  openDashboard,
  PHONE,
  scrollsSideways,
} from '../support/dashboard.ts';
import { FEW_PAYLOADS } from '../support/payloads.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 600_000;
/** Something on the page; the machine may be busy. */
const SEEN = { timeout: 60_000 };
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

interface Visit {
  readonly agoMs: number;
  readonly pages: readonly string[];
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The events of a visit: a view a page, a minute between them. */
const eventsOf = ({ agoMs, pages, fields = {}, properties = {} }: Visit): Record<string, unknown>[] => {
  const session = randomUUID();
  return pages.map((page, index) => ({
    id: randomUUID(),
    type: 'page_view',
    source: 'web',
    session_id: session,
    timestamp: Date.now() - agoMs + index * 60_000,
    context: { page, ...(index === 0 ? fields : {}) },
    properties: { anonymous_id: session, ...(index === 0 ? properties : {}) },
  }));
};

const GOOGLE = { referrer: 'https://www.google.com/', country: 'DE', device_type: 'mobile' };
const VISITS: readonly Visit[] = [
  ...Array.from({ length: 3 }, (_, index) => ({
    agoMs: DAY_MS + index * HOUR_MS,
    pages: ['/', '/pricing'],
    fields: GOOGLE,
  })),
  { agoMs: 2 * DAY_MS, pages: ['/'], fields: { country: 'FR', device_type: 'desktop' } },
  { agoMs: 3 * DAY_MS, pages: ['/blog'], properties: { utm_source: 'week_47', utm_medium: 'email' } },
  // In the period before.
  { agoMs: 9 * DAY_MS, pages: ['/'], fields: GOOGLE },
];

const region = (page: Page, name: string): Locator => page.getByRole('region', { name });
const entry = (page: Page, card: string, name: string): Locator =>
  region(page, card).getByRole('row', { name }).getByRole('button');
const visitors = (page: Page): Locator =>
  region(page, 'All visits').getByRole('button', { name: 'Visitors' });
const shows = (page: Page, text: RegExp): Promise<true> =>
  until(`visitors are ${text}`, async () => text.test(await visitors(page).innerText()), SEEN.timeout);
const chartOf = (page: Page, name: string): Promise<void> =>
  page.getByRole('img', { name }).waitFor({ state: 'attached', ...SEEN });
const chip = (page: Page, text: string): Locator =>
  page.getByRole('group', { name: 'Only visits with' }).getByRole('button', { name: `Remove ${text}` });

test('web analytics', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform } = await freshPlatform(t);
  const open = (path: string, options = {}) =>
    openDashboard(t, platform.url, { path, reducedMotion: 'reduce', ...options });

  await t.test('without visits it says what a visit is', async () => {
    const { page, problems } = await open('/web');
    await page.getByText('No visits in this time').waitFor(SEEN);
    await page.getByText('0 visits now').waitFor(SEEN);
    await assertAccessibleInBoth(page, 'without visits');
    assertClean(problems);
    await page.close();
  });

  await platform.json('/api/events/batch?backfill=history', VISITS.flatMap(eventsOf));
  await until(
    'the visits are counted',
    async () => {
      const answer = await platform.json<{ total: { sessions: number } }>('/api/query', {
        kind: 'web',
        range: 'last 30 days',
      });
      return answer.total.sessions === VISITS.length;
    },
    SEEN.timeout,
  );

  await t.test('a press narrows the page, the address keeps it, back takes it away', async () => {
    const { page, problems } = await open('/web');
    await shows(page, /Visitors\s+5\b/);
    assert.match(await visitors(page).innerText(), /1 before/);
    await chartOf(page, 'Visitors over time: 5 in all');
    await assertAccessibleInBoth(page, 'with visits');

    await entry(page, 'Where visits come from', 'Search').click();
    await shows(page, /Visitors\s+3\b/);
    assert.equal(await entry(page, 'Pages', '/blog').count(), 0);
    await entry(page, 'Pages', '/pricing').click();
    await chip(page, 'Page: /pricing').waitFor();
    await page.reload();
    await shows(page, /Visitors\s+3\b/);
    const { searchParams } = new URL(page.url());
    assert.deepEqual(
      [...searchParams],
      [
        ['channels', 'search'],
        ['pages', '/pricing'],
      ],
    );
    await page.goBack();
    await chip(page, 'Page: /pricing').waitFor({ state: 'detached' });
    await page.goBack();
    await shows(page, /Visitors\s+5\b/);

    await region(page, 'Campaigns, by UTM parameters').getByRole('button', { name: 'week_47' }).click();
    await shows(page, /Visitors\s+1\b/);
    await page.getByRole('button', { name: 'Remove UTM source: week_47' }).click();
    await shows(page, /Visitors\s+5\b/);
    assertClean(problems);
    await page.close();
  });

  await t.test('comparison, another number over time, another range', async () => {
    const { page, problems } = await open('/web');
    await shows(page, /1 before/);
    await page.getByRole('switch', { name: 'Compare' }).click();
    await until(
      'nothing is compared',
      async () => !(await visitors(page).innerText()).includes('before'),
      SEEN.timeout,
    );
    assert.equal(await page.getByRole('columnheader', { name: 'Change' }).count(), 0);
    await region(page, 'All visits').getByRole('button', { name: 'Page views' }).click();
    await chartOf(page, 'Page views over time: 8 in all');
    await page.getByRole('button', { name: 'Time range: Last 7 days' }).click();
    await page.getByRole('button', { name: 'Last 30 days' }).click();
    await chartOf(page, 'Page views over time: 9 in all');
    assertClean(problems);
    await page.close();
  });

  await t.test('all by keyboard: an entry, the map, a chip', async () => {
    const { page, problems } = await open('/web');
    await shows(page, /Visitors\s+5\b/);
    await entry(page, 'Devices', 'mobile').focus();
    await page.keyboard.press('Enter');
    await shows(page, /Visitors\s+3\b/);
    await chip(page, 'Device: mobile').focus();
    await page.keyboard.press('Enter');
    await shows(page, /Visitors\s+5\b/);

    await region(page, 'Countries').getByRole('button', { name: 'Germany: 3 visitors, 60%' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.match((await page.locator(':focus').getAttribute('aria-label')) ?? '', /^France: 1 visitor, 20%$/);
    await page.keyboard.press('Enter');
    await shows(page, /Visitors\s+1\b/);
    await chip(page, 'Country: France').waitFor();
    assertClean(problems);
    await page.close();
  });

  await t.test('on a phone nothing scrolls sideways, all of a list is found by searching', async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ agoMs: 4 * DAY_MS, pages: [`/p/${index}`] }));
    await platform.json('/api/events/batch?backfill=history', many.flatMap(eventsOf));
    const { page, problems } = await open('/web', PHONE);
    await shows(page, /Visitors\s+25\b/);
    assert.equal(await scrollsSideways(page), false);
    await region(page, 'Pages').getByRole('button', { name: 'All of them' }).tap();
    const dialog = page.getByRole('dialog', { name: 'Pages' });
    await dialog.getByRole('searchbox').fill('/P/19');
    await until('one is found', async () => (await dialog.getByRole('row').count()) === 2, SEEN.timeout);
    assert.equal(await scrollsSideways(page), false, 'with all of a list');
    await dialog.getByRole('button', { name: '/p/19' }).tap();
    await shows(page, /Visitors\s+1\b/);
    assertClean(problems);
    await page.close();
  });

  await t.test('whatever visitors send stays text', async () => {
    const bad = FEW_PAYLOADS.map((payload, index) => ({
      agoMs: 5 * DAY_MS + index * HOUR_MS,
      pages: [`/${payload}`, payload],
      fields: {
        referrer: `https://${encodeURIComponent(payload)}.example/${payload}`,
        country: 'DE',
        device_type: payload,
        browser: payload,
        os: payload,
      },
      properties: Object.fromEntries(
        ['source', 'medium', 'campaign', 'term', 'content'].map((name) => [`utm_${name}`, payload]),
      ),
    }));
    await platform.json('/api/events/batch?backfill=history', bad.flatMap(eventsOf));
    const { page, problems } = await open('/web');
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const [payload] = FEW_PAYLOADS;
    for (const [card, tabs] of [
      ['Where visits come from', ['Sources']],
      ['Campaigns, by UTM parameters', ['UTM medium', 'UTM campaign', 'UTM term', 'UTM content']],
      ['Pages', ['Entry pages', 'Exit pages']],
      ['Devices', ['Browsers', 'Systems', 'Devices']],
    ] as const)
      for (const tab of tabs) await region(page, card).getByRole('tab', { name: tab }).click();
    await region(page, 'Devices').getByRole('button', { name: payload, exact: true }).click();
    await chip(page, `Device: ${payload}`).waitFor(SEEN);
    await shows(page, /Visitors\s+1\b/);
    await region(page, 'Pages').getByRole('tab', { name: 'Pages', exact: true }).click();
    await region(page, 'Pages').getByRole('button', { name: payload, exact: true }).click();
    await chip(page, `Page: ${payload}`).waitFor(SEEN);
    await page.reload();
    await shows(page, /Visitors\s+1\b/);
    assert.deepEqual(dialogs, []);
    assertClean(problems);
    await page.close();
  });

  await t.test('what cannot be counted says why, and is tried again', async () => {
    const { page } = await open('/');
    let isBroken = true;
    await page.route('**/api/query*', (route) =>
      isBroken
        ? route.fulfill({
            status: 400,
            json: { error: { code: 'query_limit', message: 'This asks for too much at once.' } },
          })
        : route.continue(),
    );
    await page.goto(`${platform.url}/web`);
    const banner = page.getByRole('alert').filter({ hasText: 'This asks for too much at once.' });
    await banner.waitFor(SEEN);
    await assertAccessibleInBoth(page, 'an error');
    isBroken = false;
    await banner.getByRole('button', { name: 'Try again' }).click();
    await shows(page, /Visitors\s+\d+/);
    await banner.waitFor({ state: 'detached' });
    await page.close();
  });
});
