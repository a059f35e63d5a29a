/** The live page as people use it: a real Chromium, the real platform, the page as it is served. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { needsChromium } from '../support/browser.ts';
import {
  assertAccessible,
  assertClean,
  event,
  freshPlatform,
  openDashboard,
  PHONE,
  rows,
  scrollsSideways,
  stream,
} from '../support/dashboard.ts';
import { Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

/** Initial bytes of the page, gzip: what the requirement allows. */
const BUNDLE_BYTES_MAX = 250_000;
const ROW_PX = 30;
const DIST = join(import.meta.dirname, '../../dashboard/dist');
const TIMEOUT_MS = 600_000;

describe('the live page', { timeout: TIMEOUT_MS }, () => {
  test('the first event turns the page alive and shows its way', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    const { page, problems } = await openDashboard(t, platform.url);
    await page.getByRole('heading', { name: 'Send your first event' }).waitFor();
    const command = await page.getByRole('group', { name: 'curl text' }).innerText();
    assert.match(command, new RegExp(`^curl ${platform.url}/api/events`));
    await assertAccessible(page, 'the page without events');

    await client.send(event('page_view', { id: 'the-first' }));
    await rows(page).first().waitFor();
    await page.getByRole('heading', { name: 'Live', exact: true }).waitFor();
    const users = page.getByRole('group', { name: 'Active users' });
    await until('the user is counted', async () => (await users.innerText()).includes('\n1\n'));

    await rows(page).first().click();
    const panel = page.getByRole('dialog', { name: 'page_view' });
    await panel.getByText('from receipt to queryable').waitFor();
    for (const stage of ['Received', 'Durable in the log', 'Decided', 'Queryable'])
      await panel.getByRole('listitem').filter({ hasText: stage }).waitFor();
    await until('each stage says how long it took', async () => {
      const text = await panel.innerText();
      return (
        [...text.matchAll(/\+\d+(\.\d+)? m?s\b/g)].length === 3 &&
        /\d m?s from receipt to queryable/.test(text)
      );
    });
    assert.match(
      await panel.getByRole('group', { name: 'the event as JSON' }).innerText(),
      /"id": "the-first"/,
    );
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    assertClean(problems);
  });

  test('filter, pause, numbers that add up', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    await client.send(
      ...Array.from({ length: 20 }, () => event('page_view')),
      ...Array.from({ length: 5 }, () => event('purchase', { user_id: 'bob', properties: { plan: 'pro' } })),
    );
    await client.post('{"user_id":"nobody"}');
    const { page, problems } = await openDashboard(t, platform.url);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'page_view 20' }).waitFor();
    await page.getByRole('button', { name: 'missing_type 1' }).waitFor();
    const books = page.getByRole('region', { name: 'Every event accounted for' });
    await until('the books are complete', async () =>
      /Received\s+26[^]*stored\s+=\s*25/.test(await books.innerText()),
    );
    await books.getByText('adds up').waitFor();

    const filter = page.getByRole('combobox', { name: /^Filter the stream/ });
    await filter.fill('plan=pro');
    await filter.press('Enter');
    await until('only what matches is shown', async () => (await rows(page).count()) === 5);
    await client.send(event('page_view'), event('purchase', { properties: { plan: 'pro' } }));
    await until('what matches arrives', async () => (await rows(page).count()) === 6);
    await page.getByRole('button', { name: 'Remove plan: pro' }).click();
    await until('all are shown again', async () => (await rows(page).count()) > 6);

    await page.getByRole('button', { name: 'Pause' }).click();
    const before = await rows(page).first().innerText();
    await client.send(event('signup'), event('signup'));
    await page.getByRole('button', { name: 'Go on, 2 new' }).waitFor();
    assert.equal(await rows(page).first().innerText(), before);
    await page.getByRole('button', { name: 'Go on, 2 new' }).click();
    await until('they are shown', async () => (await rows(page).first().innerText()).includes('signup'));
    assertClean(problems);
  });

  test('what is being read stays in place when events come in above it', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    const sent = (name: string, count: number): Promise<unknown> =>
      client.send(...Array.from({ length: count }, (_, at) => event('page_view', { id: `${name}-${at}` })));
    await sent('first', 80);
    const { page, problems } = await openDashboard(t, platform.url);
    const list = stream(page);
    const lengthIs = async (events: number): Promise<void> => {
      await until(
        `the list is ${events} events long`,
        async () => (await list.evaluate((element) => element.scrollHeight)) === events * ROW_PX,
      );
    };
    /** Ids of what is drawn, from the top down, and how far below the upper edge of the list. */
    const drawn = async (): Promise<{ readonly id: string; readonly y: number }[]> => {
      const edge = await list.evaluate((element) => element.getBoundingClientRect().y + element.clientTop);
      const all = await rows(page).evaluateAll((elements) =>
        elements.map((element) => ({
          id: element.dataset['event'] ?? '',
          y: element.getBoundingClientRect().y,
        })),
      );
      return all.map(({ id, y }) => ({ id, y: Math.round(y - edge) })).toSorted((a, b) => a.y - b.y);
    };
    const assertUnbroken = (of: readonly { readonly y: number }[]): void =>
      of.forEach(({ y }, at) => assert.equal(y, (of[0]?.y ?? 0) + at * ROW_PX));
    await lengthIs(80);
    await list.hover();
    await page.mouse.wheel(0, 30 * ROW_PX);
    await until(
      'it is scrolled',
      async () => (await list.evaluate((element) => element.scrollTop)) === 30 * ROW_PX,
    );
    const before = await drawn();
    const read = before.find(({ y }) => y >= 0);
    await sent('second', 20);
    await lengthIs(100);
    const after = await drawn();
    assert.deepEqual(
      after.find(({ id }) => id === read?.id),
      read,
      'what was at the upper edge is there still',
    );
    assertUnbroken(before);
    assertUnbroken(after);
    await page.mouse.wheel(0, -100 * ROW_PX);
    await until('the newest is at the top', async () => (await drawn())[0]?.y === 0);
    const top = await drawn();
    assertUnbroken(top);
    assert.match(top[0]?.id ?? '', /^second-/u);
    await sent('third', 3);
    await lengthIs(103);
    const topAfter = await drawn();
    assert.match(topAfter[0]?.id ?? '', /^third-/u);
    assert.equal(topAfter[0]?.y, 0);
    assertUnbroken(topAfter);
    assertClean(problems);
  });

  test('what comes of it: conversion, revenue in each currency, sessions, a funnel, a map', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    const visit = (user: string, type: string, fields: Readonly<Record<string, unknown>> = {}) =>
      event(type, {
        user_id: user,
        session_id: `s-${user}`,
        context: { page: '/', country: 'DE' },
        ...fields,
      });
    await client.send(...['ada', 'bob', 'cyd'].map((user) => visit(user, 'page_view')));
    await client.send(visit('ada', 'purchase', { value: 20, currency: 'EUR' }));
    await client.send(visit('bob', 'purchase', { value: 10, currency: 'USD' }));
    const { page, problems } = await openDashboard(t, platform.url);
    const number = (name: string) => page.getByRole('group', { name, exact: true });
    await until('two of three bought', async () => (await number('Conversion').innerText()).includes('67%'));
    await until('each currency for itself', async () =>
      /€20[^]*EUR[^]*\$10[^]*USD/.test(await number('Revenue').innerText()),
    );
    await until('three visits', async () => (await number('Sessions now').innerText()).includes('\n3\n'));

    const funnel = page.getByRole('region', { name: 'Funnel of the last 5 minutes' });
    await page.getByRole('heading', { name: 'Every event accounted for' }).scrollIntoViewIfNeeded();
    await funnel.getByText('2 sessions').waitFor();
    await page
      .getByRole('region', { name: 'Active users by country' })
      .getByRole('img', { name: 'Germany: 3 active users' })
      .waitFor();
    await assertAccessible(page, 'with all parts');
    await funnel.getByRole('button', { name: 'Steps' }).click();
    const dialog = page.getByRole('dialog', { name: 'Steps of the funnel' });
    await dialog.getByText('Users', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Show' }).click();
    await funnel.getByText('2 users').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Every event accounted for' }).scrollIntoViewIfNeeded();
    await funnel.getByText('2 users').waitFor();
    assertClean(problems);
  });

  test('after kill -9 and a new start the page has every event', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client, dataDir } = await freshPlatform(t);
    const numbered = (from: number, to: number): Record<string, unknown>[] =>
      Array.from({ length: to - from }, (_, index) => event('tick', { user_id: `n${from + index}` }));
    await client.send(...numbered(0, 10));
    const { page } = await openDashboard(t, platform.url);
    await until('the first are shown', async () => (await rows(page).count()) === 10);

    await client.send(...numbered(10, 14));
    await platform.kill('group');
    await page.getByText('The server does not answer.').waitFor();
    const again = await Platform.start(dataDir, platform.port);
    t.after(() => again.kill('group'));
    await client.send(...numbered(14, 20));
    await page.getByText('The server does not answer.').waitFor({ state: 'hidden', timeout: 120_000 });
    await until('all are shown', async () => (await rows(page).count()) === 20);
    const users = (await stream(page).innerText()).match(/\bn\d+\b/g) ?? [];
    assert.equal(new Set(users).size, 20);
    assert.equal(users.length, 20, 'none is shown twice');
  });

  test('old data: the page says where it is and shows it', async (t) => {
    if (!needsChromium(t)) return;
    const { platform } = await freshPlatform(t);
    const events = Array.from({ length: 50 }, (_, index) =>
      event('order', { timestamp: Date.UTC(2024, 2, 3) + index * 3_600_000 }),
    );
    await platform.json('/api/events/batch?backfill=history', events);
    const { page, problems } = await openDashboard(t, platform.url);
    await page.getByText('Your 50 events lie between 3 Mar 2024 and 5 Mar 2024').waitFor();
    await page.getByRole('button', { name: 'order 50' }).waitFor();
    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.getByRole('group', { name: 'Active users' }).waitFor();
    await page.getByRole('button', { name: 'Show them' }).click();
    await page.getByRole('button', { name: 'order 50' }).waitFor();
    await page.reload();
    await page.getByText('Showing 3 Mar 2024 to 5 Mar 2024').waitFor();
    assertClean(problems);
  });

  test('everything by keyboard alone', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    await client.send(event('older', { user_id: 'one' }));
    await client.send(event('newer', { user_id: 'two' }));
    const { page, problems } = await openDashboard(t, platform.url);
    await until('both are shown', async () => (await rows(page).count()) === 2);
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press('Tab');
    assert.equal(await page.locator(':focus').innerText(), 'Skip to the content');
    await press('Enter');
    assert.equal(await page.locator(':focus').getAttribute('id'), 'main');

    await press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await press('Escape');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'hidden' });

    await press('j', 'j', 'Enter');
    await page.getByRole('dialog', { name: 'older' }).waitFor();
    await press('k');
    await page.getByRole('dialog', { name: 'newer' }).waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });

    await press('p');
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    await press('p', '/');
    await page.keyboard.type('type:older');
    await press('Enter', 'Escape');
    await until('the filter holds', async () => (await rows(page).count()) === 1);

    await page.getByRole('button', { name: 'Preferences' }).focus();
    await press('Enter', 'ArrowDown', 'ArrowDown', 'Enter');
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    assertClean(problems);
  });

  test('nothing stands in the way of those who see little, in light and dark', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    await client.send(...['page_view', 'purchase', 'signup'].map((type) => event(type)));
    await client.post('{"user_id":"nobody"}');
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, problems } = await openDashboard(t, platform.url, {
        colorScheme,
        reducedMotion: 'reduce',
      });
      await page.getByRole('button', { name: 'missing_type 1' }).waitFor();
      await page.getByRole('row', { name: '/pricing' }).waitFor();
      await assertAccessible(page, `the live page, ${colorScheme}`);
      // Rows make room for a new one at once, without any time in which two are in one place.
      await page.evaluate(
        "addEventListener('transitionrun', () => (document.documentElement.dataset.moved = ''))",
      );
      const before = await rows(page).count();
      await client.send(event('search'));
      await until('it is listed', async () => (await rows(page).count()) === before + 1);
      assert.equal(await page.locator('html').getAttribute('data-moved'), null);
      await rows(page).first().click();
      await page.getByText('from receipt to queryable').waitFor();
      await assertAccessible(page, `an open event, ${colorScheme}`);
      assertClean(problems);
    }
  });

  test('a phone: nothing scrolls sideways, an event opens over the whole screen', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    const { page, problems } = await openDashboard(t, platform.url, PHONE);
    await page.getByRole('heading', { name: 'Send your first event' }).waitFor();
    assert.equal(await scrollsSideways(page), false, 'without events');
    const long = 'a-name-that-somebody-made-very-long-indeed-and-that-has-no-place-to-break'.repeat(2);
    await client.send(event(long, { user_id: long, context: { page: `/${long}` } }), event('page_view'));
    await rows(page).first().waitFor();
    await page.getByRole('row', { name: `/${long}` }).waitFor();
    assert.equal(await scrollsSideways(page), false, 'with events');
    await rows(page).first().tap();
    await page.getByText('from receipt to queryable').waitFor();
    assert.equal(await scrollsSideways(page), false, 'with an open event');
    await page.getByRole('button', { name: 'Close (Esc)' }).tap();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assertClean(problems);
  });

  test('signing out ends what the page may see', async (t) => {
    if (!needsChromium(t)) return;
    const { platform, client } = await freshPlatform(t);
    await client.send(event('page_view'));
    const { page } = await openDashboard(t, platform.url);
    await rows(page).first().waitFor();
    await page.getByRole('button', { name: 'Preferences' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await until('it is gone', async () => (await rows(page).count()) === 0);
    const answer = await page.request.get(`${platform.url}/api/session`);
    assert.equal(answer.status(), 401);
  });
});

test('the page stays small', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, name = '']) => name);
  assert.ok(named.length >= 2, 'script and style are named by the page');
  const bytes = named.reduce((sum, name) => sum + gzipSync(readFileSync(join(DIST, name))).length, 0);
  assert.ok(bytes < BUNDLE_BYTES_MAX, `${bytes} bytes of ${BUNDLE_BYTES_MAX}`);
  assert.doesNotMatch(html, /<style|<script(?![^>]*\bsrc=)|\son\w+=|style="/, 'nothing is inline');
  assert.ok(
    readdirSync(join(DIST, 'assets')).every((name) => /-[\w-]{8}\.\w+(\.(br|gz))?$/.test(name)),
    'hashed',
  );
});
