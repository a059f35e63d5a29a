/** Users, sessions and cohorts, settings and the system page, as people use them: a real Chromium, the real platform. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { needsChromium } from '../support/browser.ts';
import {
  assertAccessibleInBoth,
  assertClean,
  dialogsOf,
  freshPlatform,
  isInSight,
  openAs,
  openDashboard,
  openOutsider,
  PHONE,
  scrollsSideways,
} from '../support/dashboard.ts';
import { codeOf } from '../support/client.ts';
import { recentMidnight } from '../support/midnight.ts';
import { joined } from '../support/tenants.ts';

const TIMEOUT_MS = 400_000;
/** Something on the page; the machine may be busy. */
const SEEN = { timeout: 60_000 };

/** What must stay text, wherever it stands. */
const PAYLOAD = '<img src=x onerror=alert(1)>"\'{{7*7}}';

/** Runs until it is ended. */
const SLOW = `SELECT sum(sipHash64(a.number, b.number)), '${PAYLOAD.replaceAll("'", "''")}' FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b`;

const MINUTE_MS = 60_000;
const { atMs: START_MS, zone: ZONE } = recentMidnight(1);

const event = (
  type: string,
  user: string,
  minute: number,
  fields: Readonly<Record<string, unknown>> = {},
) => ({
  ...{ id: randomUUID(), type, user_id: user, session_id: `s-${user}` },
  timestamp: new Date(START_MS + minute * MINUTE_MS).toISOString(),
  context: { page: '/pricing', country: 'DE', device_type: 'phone' },
  ...fields,
});

const EVENTS = [
  // The evening before.
  event('page_view', 'ada', -1),
  event('purchase', 'ada', 4, { value: '12.50', currency: 'EUR' }),
  event('identify', 'ada', 5, { properties: { traits: { plan: 'pro', motto: PAYLOAD } } }),
  event('page_view', 'ben', 1),
  event(PAYLOAD, PAYLOAD, 2, { session_id: PAYLOAD, properties: { [PAYLOAD]: PAYLOAD } }),
];

test('people, settings and the platform', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform, client } = await freshPlatform(t, ['--query-timeout-ms', '10m']);
  const open = (path: string, options = {}) =>
    openDashboard(t, platform.url, { path, reducedMotion: 'reduce', timezoneId: ZONE, ...options });

  await t.test('before the first event pages say what will be there, and what is not there', async () => {
    const { page, problems } = await open('/users');
    await page.getByText('No users yet').waitFor(SEEN);
    await page.goto(`${platform.url}/cohorts`);
    await page.getByText('No cohorts yet').waitFor(SEEN);
    await page.goto(`${platform.url}/nowhere`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor(SEEN);
    await page.getByRole('link', { name: 'To the live page' }).click();
    await page.getByRole('heading', { name: 'Send your first event' }).waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await client.send(...EVENTS);
  await client.settled();

  await t.test('from the list to a user, to an event, to its trace, and back', async () => {
    const { page, problems } = await open('/users');
    const dialogs = dialogsOf(page);
    await page.getByRole('link', { name: PAYLOAD }).waitFor(SEEN);
    await assertAccessibleInBoth(page, 'the list of users');
    await page.getByRole('searchbox', { name: 'Id begins with' }).fill('ad');
    await page.getByRole('link', { name: PAYLOAD }).waitFor({ state: 'detached', ...SEEN });
    await page.getByRole('link', { name: 'ada' }).click();
    await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor(SEEN);
    await page.getByText('Germany').waitFor(SEEN);
    await page.getByText(PAYLOAD).first().waitFor(SEEN);
    assert.match(await page.getByRole('group', { name: 'Revenue' }).innerText(), /12\.50/u);
    await page.getByRole('button', { name: /purchase/u }).click();
    const panel = page.getByRole('dialog', { name: 'purchase' });
    await panel.getByText('Durable in the log').waitFor(SEEN);
    await assertAccessibleInBoth(page, 'a user with an event opened');
    await page.keyboard.press('Escape');
    // A session over midnight has a part on both days.
    const parts = page.getByRole('link', { name: 'Session s-ada' });
    await parts.nth(1).waitFor(SEEN);
    assert.equal(await parts.count(), 2);
    await parts.first().click();
    await page.getByRole('heading', { level: 1, name: 'Session s-ada' }).waitFor(SEEN);
    await page.getByRole('button', { name: /identify/u }).waitFor(SEEN);
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor(SEEN);
    await page.goto(`${platform.url}/users/nobody`);
    await page.getByText('Nobody is called so').waitFor(SEEN);
    await page.goto(`${platform.url}/users/${encodeURIComponent(PAYLOAD)}`);
    await page.getByRole('heading', { level: 1, name: PAYLOAD }).waitFor(SEEN);
    assert.deepEqual(dialogs, []);
    // A user that there is not is answered 404, which the console tells.
    assertClean(problems.filter((problem) => !problem.includes('/api/users/nobody')));
    await page.close();
  });

  await t.test('a cohort is put together, found again as a filter, and removed', async () => {
    const { page, problems } = await open('/cohorts/new');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Give it a name.').waitFor(SEEN);
    await page.getByRole('textbox', { name: 'Name' }).fill('Buyers');
    await page
      .getByRole('button', { name: /^Event/u })
      .first()
      .click();
    await page.getByRole('combobox', { name: 'Event' }).last().fill('purchase');
    await page.keyboard.press('Enter');
    await assertAccessibleInBoth(page, 'a cohort that is made');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Buyers' }).waitFor(SEEN);
    await page.getByText('Somebody did purchase within 30d').waitFor(SEEN);
    await page
      .getByRole('table', { name: /^Members/u })
      .getByRole('link', { name: 'ada' })
      .waitFor(SEEN);
    await page.getByRole('link', { name: 'In the list of users' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor(SEEN);
    await page.getByRole('link', { name: 'ada' }).waitFor(SEEN);
    assert.equal(await page.getByRole('link', { name: 'ben' }).count(), 0);
    await page.goto(`${platform.url}/cohorts`);
    await page.getByRole('link', { name: 'Buyers' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No cohorts yet').waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await t.test('how sessions go, charted by a number that is pressed', async () => {
    const { page, problems } = await open('/sessions');
    await page.getByRole('button', { name: /^Sessions\s*3 that/u }).waitFor(SEEN);
    await page.getByRole('button', { name: /^Bounce rate/u }).click();
    await page.getByRole('heading', { name: 'Bounce rate' }).waitFor(SEEN);
    assert.equal(new URL(page.url()).searchParams.get('measure'), 'bounce_rate');
    await assertAccessibleInBoth(page, 'sessions');
    assertClean(problems);
    await page.close();
  });

  await t.test(
    'by keyboard alone: the palette leads to pages, people and sessions, letters lead to pages',
    async () => {
      const { page, problems } = await open('/');
      await page.getByRole('heading', { name: 'Live', exact: true }).waitFor(SEEN);
      await page.keyboard.press('ControlOrMeta+k');
      await page.keyboard.type('sett');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor(SEEN);
      await page.keyboard.press('ControlOrMeta+k');
      await page.keyboard.type('ada');
      await page.getByRole('option', { name: /^User ada/u }).waitFor(SEEN);
      await assertAccessibleInBoth(page, 'the palette');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor(SEEN);
      await page.keyboard.press('ControlOrMeta+k');
      await page.keyboard.type('s-ada');
      await page.getByRole('option', { name: /^Session s-ada/u }).waitFor(SEEN);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Session s-ada' }).waitFor(SEEN);
      await page.keyboard.press('g');
      await page.keyboard.press('c');
      await page.getByRole('heading', { level: 1, name: 'Cohorts' }).waitFor(SEEN);
      assertClean(problems);
      await page.close();
    },
  );

  await t.test('a key is made, shown once, and revoked; the project gets a time zone', async () => {
    const { page, problems } = await open('/settings/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('shop window');
    await assertAccessibleInBoth(page, 'a key that is made');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText(/^aev_w_\w{20,}$/u).waitFor(SEEN);
    await page.getByRole('button', { name: 'Done' }).click();
    await page
      .getByRole('row', { name: /shop window/u })
      .getByText('in force')
      .waitFor(SEEN);
    await page.getByRole('button', { name: 'Revoke shop window' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click();
    await page
      .getByRole('row', { name: /shop window/u })
      .getByText(/^revoked/u)
      .waitFor(SEEN);
    await page.getByRole('link', { name: 'Project', exact: true }).click();
    await page.getByRole('button', { name: /^Time zone/u }).click();
    await page.getByRole('combobox', { name: 'Time zone' }).last().fill('Asia/Tok');
    await page.keyboard.press('Enter');
    await page.getByText('Pages go by the clock of Asia/Tokyo.').waitFor(SEEN);
    await assertAccessibleInBoth(page, 'the project');
    await page.getByRole('link', { name: 'Members', exact: true }).click();
    await page.getByText('Nobody yet').waitFor(SEEN);
    await page.getByRole('link', { name: 'Security', exact: true }).click();
    await page.getByText('You have no account here').waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await t.test('the platform shows its health, its options without secrets, and who did what', async () => {
    const { page, problems } = await open('/system');
    await page.getByText('Every received event is accounted for.').waitFor(SEEN);
    await page
      .getByRole('table', { name: 'Tables of the warehouse' })
      .getByText('events', { exact: true })
      .waitFor(SEEN);
    await assertAccessibleInBoth(page, 'health');
    await page.getByRole('link', { name: 'Doctor' }).click();
    await page.getByText('The checks were not run since the start').waitFor(SEEN);
    await page.getByRole('button', { name: 'Run the checks' }).press('Enter');
    const findings = page.getByRole('listitem').filter({ hasText: 'The engine answers' });
    await findings.getByText(/^ClickHouse .* answers in/u).waitFor(SEEN);
    await page.getByRole('button', { name: 'Run the checks' }).waitFor(SEEN);
    await assertAccessibleInBoth(page, 'the doctor');
    await page.getByRole('link', { name: 'Configuration' }).click();
    await page.getByText('a secret, not shown').first().waitFor(SEEN);
    assert.ok(!(await page.locator('body').innerText()).includes('key-of-the-tests'));
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('button', { name: 'key.revoked' }).first().click();
    await page.getByRole('dialog', { name: /^key\.revoked/u }).waitFor(SEEN);
    await assertAccessibleInBoth(page, 'the audit log');
    assertClean(problems);
    await page.close();
  });

  await t.test('what is asked is seen, by keyboard too, and ended; who asked is told so', async () => {
    const { page, problems } = await open('/system/queries');
    await page.getByText('Nothing is asked at this moment').waitFor(SEEN);
    const asked = client.ask('/api/sql', {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ sql: SLOW, timeout_ms: 600_000 }),
    });
    const row = page.getByRole('row', { name: /^SQL/u });
    await row.waitFor(SEEN);
    await row.getByText('asked directly').waitFor(SEEN);
    await assertAccessibleInBoth(page, 'what is asked');
    await row.getByRole('button', { name: 'SQL', exact: true }).press('Enter');
    const panel = page.getByRole('dialog', { name: /^SQL/u });
    await panel.getByText(/^SELECT sum\(sipHash64/u).waitFor(SEEN);
    assert.ok(!(await panel.innerText()).includes(PAYLOAD));
    await assertAccessibleInBoth(page, 'one question');
    await panel.getByRole('button', { name: 'End it' }).press('Enter');
    await page
      .getByRole('dialog', { name: 'End this question?' })
      .getByRole('button', { name: 'End it' })
      .press('Enter');
    const told = await asked;
    assert.deepEqual([told.status, codeOf(told)], [409, 'query_ended']);
    await page.getByText('SQL, over').waitFor(SEEN);
    await page.keyboard.press('Escape');
    await page.getByText('Nothing is asked at this moment').waitFor(SEEN);
    await page.goto(`${platform.url}/system/audit`);
    await page.getByRole('button', { name: 'query.ended' }).first().waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await t.test('what fails is said once, and can be tried again', async () => {
    const { page, problems } = await open('/users');
    const failure = 'Not at this moment.';
    const asked = /\/api\/(?:health|metrics|me)\?/u;
    for (const [path, words, after] of [
      // It is asked for again by itself as well.
      ['/system', 'The state of the platform could not be read', 'Every received event is accounted for.'],
      ['/settings/members', 'Members could not be listed', 'Members of Default'],
      ['/settings/security', 'How you signed in could not be read', 'You have no account here'],
    ] as const) {
      await page.route(asked, (route) =>
        route.fulfill({ status: 500, json: { error: { code: 'internal', message: failure } } }),
      );
      await page.goto(`${platform.url}${path}`);
      await page.getByText(words).waitFor(SEEN);
      assert.equal(await page.getByText(failure).count(), 1, path);
      const again = page.getByRole('button', { name: 'Try again' });
      await again.waitFor(SEEN);
      await page.unroute(asked);
      if (path !== '/system') await again.click();
      await page.getByText(after).waitFor(SEEN);
    }
    assertClean(problems.filter((problem) => !asked.test(problem)));
    await page.close();
  });

  await t.test('on a phone nothing is wider than the screen', async () => {
    const { page, problems } = await open('/users', PHONE);
    for (const [path, words] of [
      ['/users', 'Last seen'],
      ['/users/ada', 'Timeline'],
      ['/sessions', 'Bounce rate'],
      ['/cohorts/new', 'Who belongs to it'],
      ['/settings/keys', 'in force'],
      ['/system', 'Storage'],
      ['/system/queries', 'Nothing is asked at this moment'],
      ['/system/doctor', 'Run the checks'],
      ['/system/configuration', 'The program'],
    ] as const) {
      await page.goto(`${platform.url}${path}`);
      await page.getByText(words).first().waitFor(SEEN);
      assert.equal(await scrollsSideways(page), false, path);
      for (const button of await page.getByRole('button', { name: /^(?:Replace|Revoke) / }).all())
        assert.ok(await isInSight(button), `${path}: ${await button.innerText()}`);
    }
    assertClean(problems);
    await page.close();
  });

  await t.test('who may only look sees nobody, and changes nothing', async () => {
    const { organisations } = await client.get<{ organisations: { id: string }[] }>('/api/organisations');
    const viewer = await joined(platform, organisations[0]?.id ?? '', {
      ...{ email: 'viewer@people.example', role: 'viewer' },
    });
    const { page, problems } = await openAs(t, platform.url, viewer.headers['cookie'] ?? '');
    for (const [path, words] of [
      ['/users', 'You may not see Users'],
      ['/sessions/s-ada', 'You may not see single sessions'],
      ['/cohorts/new', 'You may not change cohorts'],
      ['/settings/keys', 'You may not see keys'],
      ['/settings/members', 'You may not see the members'],
      ['/settings/security', 'Where you are signed in'],
      // A role in the first project is enough for this.
      ['/system', 'Tables of the warehouse'],
      ['/system/queries', 'You may not see what is asked'],
      ['/system/doctor', 'You may not see the doctor'],
      ['/system/configuration', 'You may not see the configuration'],
      ['/system/audit', 'You may not see the audit log'],
    ] as const) {
      await page.goto(`${platform.url}${path}`);
      await page.getByText(words).waitFor(SEEN);
    }
    assert.equal(await page.getByRole('link', { name: 'Users', exact: true }).count(), 0);
    assertClean(problems);
    await page.close();
  });

  await t.test(
    'who is of another project sees whether the platform is well, and none of its numbers',
    async () => {
      const { page, problems, asked } = await openOutsider(t, platform);
      await page.goto(`${platform.url}/system`);
      await page.getByText("You may not see the platform's numbers").waitFor(SEEN);
      await page.getByText('Every received event is accounted for.').waitFor(SEEN);
      assert.equal(await page.getByRole('table', { name: 'Tables of the warehouse' }).count(), 0);
      await assertAccessibleInBoth(page, 'health without numbers');
      assert.ok(!asked.includes('/api/metrics'), asked.join(' '));
      assertClean(problems);
      await page.close();
    },
  );
});
