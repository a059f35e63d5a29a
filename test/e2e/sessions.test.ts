/** Single sessions as people use them: a real Chromium, the real platform. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { needsChromium } from '../support/browser.ts';
import {
  assertAccessibleInBoth,
  assertClean,
  dialogsOf,
  freshPlatform,
  openAs,
  openDashboard,
  PHONE,
  scrollsSideways,
} from '../support/dashboard.ts';
import { recentMidnight } from '../support/midnight.ts';
import { joined } from '../support/tenants.ts';

const TIMEOUT_MS = 400_000;
/** Something on the page; the machine may be busy. */
const SEEN = { timeout: 60_000 };

/** What must stay text, wherever it stands. */
const PAYLOAD = '<img src=x onerror=alert(1)>"\'{{7*7}}';

const MINUTE_MS = 60_000;
const { atMs: START_MS, zone: ZONE } = recentMidnight(3);
const NOW_MINUTE = (Date.now() - START_MS) / MINUTE_MS;

const event = (session: string, minute: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  ...{ id: randomUUID(), type: 'page_view', user_id: session, session_id: `s-${session}` },
  timestamp: new Date(START_MS + minute * MINUTE_MS).toISOString(),
  context: { page: '/in', country: 'DE', device_type: 'phone' },
  ...fields,
});

const EVENTS = [
  event('ada', 0),
  event('ada', 4, { type: 'purchase', value: '12.50', currency: 'EUR' }),
  event('ada', 5, { context: { page: '/out', country: 'DE' } }),
  event('ben', 1, { context: { page: '/elsewhere', country: 'FR' } }),
  event('now', NOW_MINUTE - 2),
  event('night', -3, { context: { country: 'NL' } }),
  event('night', 4, { context: { country: 'NL' } }),
  event(PAYLOAD, 2, { type: PAYLOAD, session_id: PAYLOAD, context: { page: PAYLOAD } }),
];

test('single sessions', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform, client } = await freshPlatform(t);
  const open = (path: string, options = {}) =>
    openDashboard(t, platform.url, { path, reducedMotion: 'reduce', timezoneId: ZONE, ...options });
  await client.send(...EVENTS);
  await client.settled();

  await t.test(
    'from the numbers to the list, narrowed, to a session, to an event and to its user',
    async () => {
      const { page, problems } = await open('/sessions');
      const dialogs = dialogsOf(page);
      await page.getByRole('link', { name: 'Single sessions' }).click();
      const rows = page.getByRole('table', { name: 'Sessions' }).locator('tbody tr');
      await page.getByText('under way').waitFor(SEEN);
      assert.equal(await rows.count(), 5);
      assert.match((await rows.first().textContent()) ?? '', /now/u);
      assert.match((await rows.nth(1).textContent()) ?? '', /\{\{7\*7\}\}/u);
      await assertAccessibleInBoth(page, 'the list of sessions');
      await page.getByRole('button', { name: 'Country: Country' }).click();
      await page.getByRole('option', { name: /^DE/u }).click();
      await page.getByText('Country: Germany').waitFor(SEEN);
      await page.getByRole('combobox', { name: 'Bounced' }).click();
      await page.getByRole('option', { name: 'Not bounced' }).click();
      await page.getByText('1 session', { exact: true }).waitFor(SEEN);
      assert.equal(new URL(page.url()).searchParams.get('country'), 'DE');
      await page.reload();
      await page.getByText('1 session', { exact: true }).waitFor(SEEN);
      assert.match((await rows.first().textContent()) ?? '', /ada5 min32\/in → \/out/u);
      await rows.first().getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Session s-ada' }).waitFor(SEEN);
      assert.match(await page.getByRole('group', { name: 'Length' }).innerText(), /5 min/u);
      const happened = page.getByRole('region', { name: 'What happened' });
      assert.deepEqual(await happened.locator('.event-row-type').allTextContents(), [
        ' page_view',
        ' purchase',
        ' page_view',
      ]);
      await happened.getByText('4 min later').waitFor(SEEN);
      await happened.getByRole('button', { name: /purchase/u }).click();
      const panel = page.getByRole('dialog', { name: 'purchase' });
      await panel.getByText('Durable in the log').waitFor(SEEN);
      await assertAccessibleInBoth(page, 'a session with an event opened');
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'ada', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor(SEEN);
      await page.getByRole('link', { name: 'one by one' }).click();
      await page.getByText('User: ada').waitFor(SEEN);
      await page.getByRole('button', { name: 'Remove User: ada' }).click();
      await page.getByText('5 sessions', { exact: true }).waitFor(SEEN);
      await page.goto(`${platform.url}/sessions/one/${encodeURIComponent(PAYLOAD)}`);
      await page.getByRole('heading', { level: 1, name: `Session ${PAYLOAD}` }).waitFor(SEEN);
      assert.deepEqual(dialogs, []);
      assertClean(problems);
      await page.close();
    },
  );

  await t.test('what there is not, what a phone shows, and who may not look', async () => {
    const { page, problems } = await open('/sessions/single?user=nobody', PHONE);
    await page.getByRole('button', { name: 'Show all sessions' }).click();
    await page.getByText('5 sessions', { exact: true }).waitFor(SEEN);
    assert.equal(await scrollsSideways(page), false);
    await page.goto(`${platform.url}/sessions/one/s-ada`);
    await page.getByText('4 min later').waitFor(SEEN);
    assert.equal(await scrollsSideways(page), false);
    await page.goto(`${platform.url}/sessions/one/s-night`);
    // The rest over midnight stands on the second day.
    const days = page.getByRole('region', { name: 'What happened' }).locator('.session-day');
    await days.nth(1).getByText('7 min later').waitFor(SEEN);
    assert.equal(await days.count(), 2);
    assert.equal(await days.locator('h3').count(), 2);
    await page.goto(`${platform.url}/sessions/one/s-nobody`);
    await page.getByText('There is no such session').waitFor(SEEN);
    await page.goto(`${platform.url}/sessions/one/s-ben`);
    await page.getByRole('group', { name: 'Length' }).getByText('–', { exact: true }).waitFor(SEEN);
    // A session that there is not is answered 404, which the console tells.
    assertClean(problems.filter((problem) => !problem.includes('/api/sessions/s-nobody')));
    await page.close();
    const { organisations } = await client.get<{ organisations: { id: string }[] }>('/api/organisations');
    const viewer = await joined(platform, organisations[0]?.id ?? '', {
      ...{ email: 'viewer@sessions.example', role: 'viewer' },
    });
    const seen = await openAs(t, platform.url, viewer.headers['cookie'] ?? '');
    await seen.page.goto(`${platform.url}/sessions/single`);
    await seen.page.getByText('You may not see single sessions').waitFor(SEEN);
    await seen.page.goto(`${platform.url}/sessions`);
    await seen.page.getByText('Bounce rate').first().waitFor(SEEN);
    assert.equal(await seen.page.getByRole('link', { name: 'Single sessions' }).count(), 0);
    await seen.page.keyboard.press('ControlOrMeta+k');
    await seen.page.keyboard.type('s-ada');
    await seen.page.getByText('Nothing is called so.').waitFor(SEEN);
    assertClean(seen.problems);
    await seen.page.close();
  });
});
