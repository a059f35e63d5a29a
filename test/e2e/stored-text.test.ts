/** Whatever is stored stays text, on every page: a corpus of what would run if a page took it for markup, in a real Chromium. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import { assertClean, dialogsOf, freshPlatform, openDashboard } from '../support/dashboard.ts';
import { FEW_PAYLOADS, PAYLOADS } from '../support/payloads.ts';
import { ANNOTATION, BOARD, COHORT, EXPORT, INSIGHT } from '../support/route-samples.ts';
import { until } from '../support/until.ts';
import { nothingWaits } from '../support/waiting.ts';

const TIMEOUT_MS = 400_000;
const ANSWERED_MS = 60_000;
const MINUTE_MS = 60_000;

/** The payload that things are named by which there are one of. */
const SHOWN = PAYLOADS[0] ?? '';

/** What people send: a payload in each place that takes text. */
const events = (): Record<string, unknown>[] =>
  PAYLOADS.flatMap((payload, index) => {
    const other = PAYLOADS[(index + 1) % PAYLOADS.length] ?? '';
    return ['page_view', payload].map((type) => ({
      ...{ id: randomUUID(), type, source: payload, user_id: payload, session_id: payload },
      timestamp: new Date(Date.now() - (index + 1) * MINUTE_MS).toISOString(),
      context: {
        ...{ page: payload, referrer: payload, os: payload, browser: payload, device_type: payload },
        ...{ app_version: payload, country: 'DE' },
      },
      properties: {
        ...{ [payload]: other, [`${payload}.deep`]: { [other]: [payload] }, utm_source: payload },
        ...{ utm_campaign: payload, title: payload, path: payload },
      },
    }));
  });

/** The same, and refused. */
const refused = (): Record<string, unknown>[] =>
  PAYLOADS.map((payload) => ({ id: randomUUID(), type: payload, timestamp: payload, user_id: payload }));

/** Pages and their parts. */
const placesOf = (ids: { readonly board: string; readonly insight: string }) => {
  const one = encodeURIComponent(SHOWN);
  const asked = (question: string) => `/explore?q=(${question},range:last+7+days)`;
  return [
    ...['/', '/web', '/users', `/users/${one}`, '/sessions', '/sessions/single', `/sessions/one/${one}`],
    ...['/cohorts', '/boards', `/boards/${ids.board}`, `/boards/${ids.board}?wall=1`],
    ...['/explore', `/explore/${ids.insight}`, '/sql', '/data', `/data?type=${one}`, '/data/ledger'],
    ...['/data/refused', '/data/lateness', '/data/properties', '/data/imports', '/data/exports'],
    ...['/data/storage', '/system', '/system/queries', '/system/doctor', '/system/configuration'],
    ...['/system/audit', '/settings', '/settings/members', '/settings/keys', '/settings/security'],
    asked('kind:trend,by:!(type,properties.title)'),
    asked('kind:paths,label:type'),
    asked('kind:sessions,by:!(page)'),
    asked('kind:attribution,conversion:purchase,channel:properties.utm_source'),
  ];
};

/** Where a payload must be in sight, or the page was looked at in vain. */
const SHOWING: ReadonlySet<string> = new Set([
  ...['/', '/web', '/users', '/sessions', '/sessions/single', '/cohorts', '/boards', '/data'],
  ...['/data/refused', '/data/imports', '/data/exports', '/settings/keys'],
]);

/** What no page of ours has: handlers as attributes, addresses that run, frames, scripts and styles from anywhere else. */
const STRANGE = `[...document.querySelectorAll('*')]
  .filter((element) =>
    [...element.attributes].some(({ name, value }) => name.startsWith('on') || /^\\s*(?:javascript|vbscript):/i.test(value) && name !== 'title' && name !== 'aria-label' && name !== 'value')
      || /^(?:iframe|object|embed|base|math|video|foreignobject)$/i.test(element.localName)
      || element.localName === 'script' && !element.src.startsWith(location.origin + '/')
      || element.localName === 'link' && !element.href.startsWith(location.origin + '/')
      || element.localName === 'img' && element.getAttribute('src') === 'x')
  .map((element) => element.outerHTML.slice(0, 200))`;

/** The page is there and its questions in sight are answered. */
const untilThere = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor({ timeout: ANSWERED_MS });
  await until('nothing waits', () => nothingWaits(page), ANSWERED_MS);
};

const showsOne = async (page: Page): Promise<boolean> =>
  /alert\(\d+\)/.test(await page.locator('main').innerText());

test('a page that takes it for markup is noticed', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { page } = await openPage(await openBrowser(t));
  const dialogs = dialogsOf(page);
  for (const payload of FEW_PAYLOADS.filter((each) => /^<|^"/.test(each))) {
    await page.setContent(`<main>${payload}</main>`);
    assert.notDeepEqual(await page.evaluate<string[]>(STRANGE), [], payload);
  }
  assert.notEqual(dialogs.length, 0);
});

test('whatever is stored stays text on every page', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform, client } = await freshPlatform(t);
  const made = async (path: string, body: object, method = 'POST'): Promise<{ id: string }> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await client.ask(path, { method, body: JSON.stringify(body), headers });
    assert.ok(answer.status < 300, `${path}: ${answer.text}`);
    return JSON.parse(answer.text) as { id: string };
  };
  await client.send(...events());
  await client.send(...refused());
  await client.settled();
  const named = { name: SHOWN, description: PAYLOADS.join(' ').slice(0, 900) };
  await made('/api/cohorts', { ...COHORT, ...named });
  const insight = await made('/api/insights', { ...INSIGHT, ...named });
  const board = await made('/api/boards', { ...BOARD, ...named });
  await made('/api/annotations', { ...ANNOTATION, text: SHOWN, from: new Date().toISOString() });
  await made('/api/exports', { ...EXPORT, name: SHOWN });
  await made('/api/keys', { kind: 'write', name: SHOWN });
  await made(
    `/api/catalog/types/${encodeURIComponent(SHOWN)}`,
    { description: named.description, owner: SHOWN, version: 0 },
    'PUT',
  );
  await made(`/api/events/batch?backfill=${encodeURIComponent(SHOWN)}`, [
    { id: `${SHOWN}:1`, type: SHOWN, timestamp: '2025-06-01T12:00:00Z' },
  ]);
  await client.settled();

  const { page, problems } = await openDashboard(t, platform.url, { reducedMotion: 'reduce' });
  const dialogs = dialogsOf(page);
  for (const path of placesOf({ board: board.id, insight: insight.id }))
    await t.test(path, async () => {
      await page.goto(`${platform.url}${path}`);
      await untilThere(page);
      if (SHOWING.has(path)) await until('a payload is in sight', () => showsOne(page), ANSWERED_MS);
      assert.deepEqual(await page.evaluate<string[]>(STRANGE), []);
      assert.deepEqual(dialogs, []);
      assertClean(problems.splice(0));
    });
});
