/** SQL and the pages about data as people use them: a real Chromium, the real platform, the pages as they are served. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { needsChromium } from '../support/browser.ts';
import {
  assertAccessible,
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
import { joined } from '../support/tenants.ts';
import { FEW_PAYLOADS } from '../support/payloads.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 400_000;
/** Something on the page; the machine may be busy. */
const SEEN = { timeout: 60_000 };

const event = (type: string, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id: randomUUID(),
  type,
  user_id: 'ada',
  ...fields,
});

const DUPLICATE = randomUUID();

/** Seven received: four are stored, two not understood, one was there before. */
const EVENTS = [
  event('page_view', { properties: { plan: 'pro' } }),
  event('page_view', { properties: { plan: 'free' } }),
  event('purchase', { value: '12.50', currency: 'EUR' }),
  { ...event('page_view'), id: DUPLICATE },
  { ...event('page_view'), id: DUPLICATE },
  { id: 'nameless', user_id: 'ben', properties: { mark: 'bytes-of-it' } },
  event('page_view', { timestamp: 'yesterday' }),
];

const statement = (page: Page): Locator => page.getByRole('textbox', { name: 'SQL statement' });
const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Rows' });
const cell = (page: Page, text: string): Locator =>
  grid(page).getByRole('gridcell', { name: text, exact: true });

/** What there is in a browser, and not here. */
interface Browser {
  readonly DataTransfer: new () => { setData: (type: string, text: string) => void };
  readonly ClipboardEvent: new (type: string, of: Readonly<Record<string, unknown>>) => Event;
}

/** Pastes a statement in the place of what is there. */
const write = async (page: Page, sql: string): Promise<void> => {
  await statement(page).click();
  await page.keyboard.press('ControlOrMeta+A');
  await statement(page).evaluate((editor, text) => {
    const browser = globalThis as unknown as Browser;
    const clipboardData = new browser.DataTransfer();
    clipboardData.setData('text/plain', text);
    const paste = new browser.ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    (editor as EventTarget).dispatchEvent(paste);
  }, sql);
};

test('SQL and data', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform, client } = await freshPlatform(t);
  const open = (path: string, options = {}) =>
    openDashboard(t, platform.url, { path, reducedMotion: 'reduce', ...options });
  const sent = (method: string, path: string, body: unknown) =>
    client.ask(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const describe = (type: string, said: object, property?: string) => {
    const path = `/api/catalog/types/${encodeURIComponent(type)}`;
    return sent(
      'PUT',
      property === undefined ? path : `${path}/properties/${encodeURIComponent(property)}`,
      said,
    );
  };
  /** Rows of a file, as the command sends them. */
  const importRows = async (name: string, from: number, to: number): Promise<void> => {
    const rows = Array.from({ length: to - from + 1 }, (_, index) => ({
      ...{ id: `${name}:${from + index}`, type: 'order_line', timestamp: '2025-06-01T12:00:00Z' },
    }));
    const answer = await sent('POST', `/api/events/batch?backfill=${encodeURIComponent(name)}`, rows);
    assert.equal(answer.status, 202, answer.text);
  };

  await t.test('before the first event each part says what will be there', async () => {
    const { page, problems } = await open('/data');
    await page.getByText('No events yet').waitFor(SEEN);
    for (const [name, words] of [
      ['Ledger', 'Nothing was received'],
      ['Refused', 'No event like this was refused'],
      ['Lateness', 'No events in this time'],
      ['Properties', 'No properties yet'],
      ['Imports', 'No imports yet'],
      ['Exports', 'No exports yet'],
    ] as const) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByText(words).first().waitFor(SEEN);
    }
    await page.getByRole('link', { name: 'Imports', exact: true }).click();
    await page.getByRole('button', { name: 'Put the command together' }).click();
    await page.keyboard.type("o'clock.csv");
    await page.getByText("aevum import 'o'\\''clock.csv'").waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await client.send(...EVENTS);
  await client.settled();

  await t.test('a mistake is shown at its place, mended by a press, and the statement runs', async () => {
    const { page, problems } = await open('/sql');
    await write(page, 'SELECT usr_id, count() AS n\nFROM events GROUP BY 1');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByRole('button', { name: 'Line 1, column 8' }).waitFor(SEEN);
    await page.getByRole('alert').filter({ hasText: 'There is no column "usr_id"' }).waitFor();
    assert.equal(await page.locator('.cm-lintRange-error').innerText(), 'usr_id');
    await assertAccessibleInBoth(page, 'a mistake');
    await page.getByRole('button', { name: 'Use user_id' }).click();
    await page.keyboard.press('ControlOrMeta+Enter');
    await cell(page, 'ada').waitFor(SEEN);
    await page.getByText(/^1 row$/u).waitFor();
    await page.getByText(/rows?, .* read$/u).waitFor();
    // The refusal was answered with 400, which the console tells.
    assertClean(problems.filter((problem) => !problem.includes('/api/sql')));
    await page.close();
  });

  await t.test('names are completed, only what is selected runs, parameters are filled in', async () => {
    const { page, problems } = await open('/sql');
    await statement(page).click();
    await page.keyboard.type('SELECT typ');
    await page.getByRole('option', { name: /^type/u }).waitFor(SEEN);
    // The editor takes no choice within the first moments of its list, so that nobody makes one by accident.
    await page.waitForTimeout(500);
    await page.keyboard.press('Enter');
    assert.equal((await statement(page).innerText()).trim(), 'SELECT type');
    await page.keyboard.type(' FROM events WHERE type = {kind:String} ORDER BY 1');
    await page.getByLabel('kind: String').fill('purchase');
    await page.keyboard.press('Enter');
    await cell(page, 'purchase').waitFor(SEEN);
    await write(page, 'SELECT 7 AS seven;');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('nothing that runs');
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.press('Shift+End');
    // Without its semicolon.
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('ControlOrMeta+Enter');
    await cell(page, '7').waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await t.test('a link holds the statement and does not run it; history remembers; files come', async () => {
    const { page, problems } = await open(
      '/sql#sql=SELECT+type,+count()+AS+n+FROM+events+GROUP+BY+type+ORDER+BY+n+DESC',
    );
    await page.getByText('To begin with').waitFor(SEEN);
    assert.match(await statement(page).innerText(), /GROUP BY type/u);
    await page.getByRole('button', { name: 'Run' }).click();
    await cell(page, '3').waitFor(SEEN);
    await page.getByText('Chart', { exact: true }).click();
    await page.getByRole('img', { name: 'Chart of n by type' }).waitFor();
    await assertAccessibleInBoth(page, 'a chart');

    await page.getByRole('button', { name: 'Download' }).click();
    const coming = page.waitForEvent('download', SEEN);
    await page.getByRole('menuitem', { name: 'CSV' }).click();
    const file = await coming;
    assert.match(file.suggestedFilename(), /^default-.*\.csv$/u);
    assert.equal(readFileSync(await file.path(), 'utf8'), 'type,n\r\npage_view,3\r\npurchase,1\r\n');

    await page.reload();
    await page.getByText('To begin with').waitFor(SEEN);
    await write(page, 'SELECT 1');
    await page.getByRole('button', { name: 'History' }).click();
    const panel = page.getByRole('dialog', { name: 'History' });
    await panel.getByRole('button', { name: 'Keep as favourite' }).click();
    await panel.getByRole('searchbox').fill('group TYPE');
    await panel.getByRole('button', { name: /ORDER BY n DESC/u }).click();
    await until('the statement is back', async () => (await statement(page).innerText()).includes('n DESC'));
    assertClean(problems);
    await page.close();
  });

  await t.test(
    'all by keyboard: Tab leaves the editor, arrows move in the rows, Enter opens one',
    async () => {
      const { page, problems } = await open('/sql');
      await statement(page).focus();
      await page.keyboard.insertText('SELECT id, type FROM events ORDER BY type DESC');
      await page.keyboard.press('ControlOrMeta+Enter');
      await cell(page, 'purchase').waitFor(SEEN);
      await page.keyboard.press('Tab');
      await until(
        'the editor is left',
        async () => (await page.locator(':focus').getAttribute('class'))?.includes('button') === true,
      );
      await grid(page).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      await until(
        'the second cell is selected',
        async () => (await page.locator('[role=gridcell][aria-selected=true]').innerText()) === 'purchase',
      );
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Row 1' }).getByText('purchase', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Row 1' }).waitFor({ state: 'detached' });
      assertClean(problems);
      await page.close();
    },
  );

  await t.test('the ledger adds up, and a branch leads to the bytes of what was refused', async () => {
    const { page, problems } = await open('/data/ledger');
    await page.getByText('adds up, in every minute').waitFor(SEEN);
    const sum = page.getByRole('table', { name: 'Received, and what became of it' });
    const row = async (name: string): Promise<string> =>
      (await sum.getByRole('row', { name }).last().getByRole('cell').last().innerText()).trim();
    assert.deepEqual(
      [await row('stored'), await row('duplicate_id'), await row('quarantined'), await row('received')],
      ['4', '1', '2', '7'],
    );
    await assertAccessibleInBoth(page, 'the ledger');
    await page.getByRole('table', { name: 'The books by hour' }).getByText('yes').first().waitFor();
    await page.getByRole('table', { name: 'The books by hour' }).getByRole('button').first().click();
    await page.getByRole('button', { name: 'Whole span' }).waitFor();
    await sum.getByRole('button', { name: 'missing_type' }).focus();
    await page.keyboard.press('Enter');
    await until('the address says what is looked for', () =>
      Promise.resolve(new URL(page.url()).searchParams.get('reason') === 'missing_type'),
    );
    const list = page.getByRole('table', { name: 'Refused events, last received first' });
    await list.getByRole('button').first().click();
    const panel = page.getByRole('dialog', { name: 'missing_type' });
    await panel.getByText('bytes-of-it').waitFor(SEEN);
    await panel.getByText('Give every event a "type"').waitFor();
    await assertAccessibleInBoth(page, 'a refused event');
    assertClean(problems);
    await page.close();
  });

  await t.test('a list keeps its rows when it cannot be read anew or further, and goes on', async () => {
    const { page, problems } = await open('/data');
    let isAway = false;
    const asked = /\/api\/(?:quarantine|users)\?/u;
    await page.route(asked, (route) => {
      if (isAway)
        return route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'Not now.' } } });
      const url = new URL(route.request().url());
      url.searchParams.set('limit', '1');
      return route.continue({ url: url.href });
    });
    await page.goto(`${platform.url}/data/refused`);
    const rows = page.getByRole('row').filter({ has: page.getByRole('cell') });
    const further = page.getByRole('button', { name: 'Earlier ones' });
    await further.waitFor(SEEN);
    assert.equal(await rows.count(), 1);
    isAway = true;
    await further.click();
    const stuck = page.getByRole('alert').filter({ hasText: 'What follows could not be read. Not now.' });
    await stuck.waitFor(SEEN);
    assert.deepEqual(
      [await rows.count(), await further.count()],
      [1, 0],
      'rows stay, and one button goes on',
    );
    await assertAccessibleInBoth(page, 'a list that cannot go on');
    isAway = false;
    await stuck.getByRole('button', { name: 'Try again' }).click();
    await rows.nth(1).waitFor(SEEN);
    await page.getByText('All of them are kept').waitFor();
    assert.equal(await stuck.count(), 0);

    await page.goto(`${platform.url}/users`);
    await page.getByRole('link', { name: 'ada', exact: true }).waitFor(SEEN);
    isAway = true;
    await page.getByRole('button', { name: 'Refresh' }).click();
    const old = page.getByRole('alert').filter({ hasText: 'Users could not be listed anew. Not now.' });
    await old.waitFor(SEEN);
    assert.equal(await page.getByRole('link', { name: 'ada', exact: true }).isVisible(), true);
    isAway = false;
    await old.getByRole('button', { name: 'Try again' }).click();
    await old.waitFor({ state: 'detached', ...SEEN });
    assertClean(problems.filter((problem) => !asked.test(problem)));
    await page.close();
  });

  await t.test('types with their properties, lateness, storage', async () => {
    const { page, problems } = await open('/data');
    await page.getByRole('button', { name: 'page_view' }).click();
    const panel = page.getByRole('dialog', { name: 'page_view' });
    await panel.getByRole('button', { name: /plan/u }).click();
    await panel.getByText('pro', { exact: true }).waitFor(SEEN);
    await assertAccessibleInBoth(page, 'the catalogue');
    await page.keyboard.press('Escape');
    const asked = '**/api/catalog/properties?*';
    await page.route(asked, (route) =>
      route.fulfill({ status: 500, json: { error: { code: 'internal', message: 'Not now.' } } }),
    );
    await page.getByRole('button', { name: 'purchase', exact: true }).click();
    const failing = page.getByRole('dialog', { name: 'purchase' });
    await failing.getByText('The properties could not be read').waitFor(SEEN);
    await page.unroute(asked);
    await failing.getByRole('button', { name: 'Try again' }).click();
    await failing.getByText('The properties could not be read').waitFor({ state: 'detached', ...SEEN });
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Lateness', exact: true }).click();
    await page.getByRole('table', { name: 'Lateness by type' }).getByText('purchase').waitFor(SEEN);
    await assertAccessible(page, 'lateness');
    await page.getByRole('link', { name: 'Properties', exact: true }).click();
    await page.getByRole('table', { name: 'Properties' }).getByText('plan').waitFor(SEEN);
    await page.getByRole('link', { name: 'Storage', exact: true }).click();
    await page.getByText('Rows and bytes of all projects together').waitFor(SEEN);
    assertClean(problems.filter((problem) => !problem.includes('/api/catalog/properties')));
    await page.close();
  });

  await t.test('types and properties are described by keyboard, and found by what is said', async () => {
    const { page, problems } = await open('/data?type=page_view');
    const panel = page.getByRole('dialog', { name: 'page_view' });
    await panel.getByRole('button', { name: 'Describe page_view' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('A page was looked at.');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Team Web');
    await assertAccessibleInBoth(page, 'a description that is written');
    await page.keyboard.press('Enter');
    // Where it was begun the keyboard is again.
    await panel.locator('button:focus', { hasText: 'Edit' }).waitFor(SEEN);
    await panel.getByText('Team Web').waitFor();
    await panel.getByRole('button', { name: /plan/u }).click();
    await panel.getByRole('button', { name: 'Describe plan' }).click();
    await page.keyboard.type('What is paid for.');
    await page.keyboard.press('ControlOrMeta+Enter');
    await panel.getByRole('button', { name: 'Edit plan' }).waitFor(SEEN);

    // Somebody else is faster: nothing of theirs is lost unawares.
    await panel.getByRole('button', { name: 'Edit page_view' }).click();
    await page.keyboard.type(' By people.');
    const theirs = { description: 'Theirs.', owner: 'Team Shop', version: 1 };
    assert.equal((await describe('page_view', theirs)).status, 200);
    await page.keyboard.press('ControlOrMeta+Enter');
    await panel.getByRole('alert').filter({ hasText: 'Theirs. (Team Shop)' }).waitFor(SEEN);
    await panel.getByRole('button', { name: 'Keep mine' }).click();
    await panel.getByRole('button', { name: 'Save' }).click();
    await panel.getByText('A page was looked at. By people.').waitFor(SEEN);
    await panel.getByRole('button', { name: 'Edit page_view' }).click();
    await page.keyboard.press('Escape');
    await panel.getByRole('button', { name: 'Edit page_view' }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });

    const types = page.getByRole('table', { name: 'Types of events' });
    await page.getByRole('searchbox').fill('team web');
    await until('one type is left', async () =>
      (await types.getByRole('button').allInnerTexts()).includes('page_view'),
    );
    assert.equal(await types.getByRole('button', { name: 'purchase' }).count(), 0);
    await page.getByRole('searchbox').fill('refund_planned');
    await page.getByRole('button', { name: 'Describe refund_planned' }).click();
    await page
      .getByRole('dialog', { name: 'refund_planned' })
      .getByRole('button', { name: 'Describe' })
      .click();
    await page.keyboard.type('Comes with the next till.');
    await page.keyboard.press('ControlOrMeta+Enter');
    await types.getByText('Comes with the next till.').waitFor(SEEN);

    await page.goto(`${platform.url}/explore`);
    await page
      .getByRole('button', { name: /: Any event$/u })
      .first()
      .click(SEEN);
    await page.getByRole('option', { name: /page_view.*By people/u }).waitFor(SEEN);
    await page.keyboard.type('next till');
    await page.getByRole('option', { name: /refund_planned/u }).waitFor();
    await assertAccessible(page, 'events to choose from, with what they are');
    // The change that came too late was answered with 409, which the console tells.
    assertClean(problems.filter((problem) => !problem.includes('/api/catalog/types/page_view')));
    await page.close();
  });

  await t.test('imports are listed as they come in, and one shows what is stored of it', async () => {
    const { page, problems } = await open('/data/imports');
    const list = page.getByRole('table', { name: 'Imports' });
    await page.getByText('No imports yet').waitFor(SEEN);
    await importRows('ba7816bf8f01cfea', 1, 1);
    const row = list.getByRole('row', { name: /ba7816bf8f01cfea/u });
    await row.waitFor(SEEN);
    await importRows('ba7816bf8f01cfea', 2, 2);
    await row.getByRole('cell', { name: '2', exact: true }).waitFor(SEEN);
    await assertAccessibleInBoth(page, 'imports');
    await row.getByRole('button').focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', { name: 'ba7816bf8f01cfea' });
    await panel.getByText('last row seen').waitFor(SEEN);
    await until('all are stored', async () =>
      (await panel.getByRole('definition').first().innerText()).includes('2'),
    );
    await assertAccessible(page, 'an import');
    assertClean(problems);
    await page.close();
  });

  await t.test('an export is made, run, looked at, paused and deleted', async () => {
    const { page, problems } = await open('/data/exports');
    await page.getByRole('button', { name: 'New export' }).first().click();
    const form = page.getByRole('dialog', { name: 'New export' });
    await form.getByLabel('Name').fill('Types');
    await form.getByText('SQL', { exact: true }).click();
    await form
      .getByLabel('Statement')
      .fill('SELECT type, count() AS n FROM events GROUP BY type ORDER BY n DESC');
    await assertAccessible(page, 'a new export');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached', ...SEEN });
    const menu = page.getByRole('button', { name: 'What to do with Types' });
    await menu.click();
    await page.getByRole('button', { name: 'Run now', exact: true }).click();
    await page.getByRole('button', { name: 'Types', exact: true }).click();
    const panel = page.getByRole('dialog', { name: 'Types' });
    const coming = page.waitForEvent('download', SEEN);
    await panel.getByRole('button', { name: /^Download types_/iu }).click(SEEN);
    assert.match(readFileSync(await (await coming).path(), 'utf8'), /^type,n\r\npage_view,3/u);
    await page.keyboard.press('Escape');
    await menu.click();
    await page.getByRole('button', { name: 'Pause the schedule', exact: true }).click();
    await page.getByRole('table', { name: 'Exports' }).getByText('paused').waitFor(SEEN);
    await menu.click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog', { name: 'Delete Types?' }).getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No exports yet').waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await t.test('on a phone nothing scrolls sideways', async () => {
    const { page, problems } = await open('/sql', PHONE);
    await page.getByRole('button', { name: /Why events were refused/u }).tap();
    await page.getByRole('button', { name: 'Run' }).tap();
    await cell(page, 'missing_type').waitFor(SEEN);
    assert.equal(await scrollsSideways(page), false, 'SQL');
    await page.getByRole('button', { name: 'Tables' }).tap();
    await page.getByRole('dialog', { name: 'Tables and functions' }).getByText('user_id').first().waitFor();
    for (const [part, words] of [
      ['', 'page_view'],
      ['/ledger', 'adds up, in every minute'],
      ['/refused', 'missing_type'],
      ['/lateness', 'Between happening and receipt'],
      ['/imports', 'Load a file'],
      ['/storage', 'Rows and bytes of all projects together'],
    ] as const) {
      await page.goto(`${platform.url}/data${part}`);
      await page.getByText(words).first().waitFor(SEEN);
      assert.equal(await scrollsSideways(page), false, part);
      const shown = page.getByRole('navigation', { name: 'Data' }).locator('[aria-current="page"]');
      assert.ok(await isInSight(shown), `${part} is not in sight among the parts`);
    }
    assertClean(problems);
    await page.close();
  });

  await t.test('who may only look sees neither statements nor single events', async () => {
    const { organisations } = await client.get<{ organisations: { id: string }[] }>('/api/organisations');
    const viewer = await joined(platform, organisations[0]?.id ?? '', {
      ...{ email: 'viewer@data.example', role: 'viewer' },
    });
    const { page, problems } = await openAs(t, platform.url, viewer.headers['cookie'] ?? '');
    await page.goto(`${platform.url}/sql`);
    await page.getByText('You may not see SQL').waitFor(SEEN);
    await page.goto(`${platform.url}/data/refused`);
    await page.getByText('You may not see single events').waitFor(SEEN);
    await page.goto(`${platform.url}/data/lateness`);
    await page.getByText('You may not ask this').waitFor(SEEN);
    await page.goto(`${platform.url}/data/storage`);
    await page.getByText('Rows and bytes of all projects together').waitFor(SEEN);
    await page.goto(`${platform.url}/data/exports`);
    await page.getByRole('region', { name: 'Scheduled exports' }).getByText('ago').waitFor(SEEN);
    assert.equal(await page.getByRole('button', { name: 'New export' }).count(), 0);
    await page.goto(`${platform.url}/data?type=page_view`);
    const panel = page.getByRole('dialog', { name: 'page_view' });
    await panel.getByText('A page was looked at. By people.').waitFor(SEEN);
    await panel.getByRole('button', { name: /plan/u }).click();
    await panel.getByText('What is paid for.').waitFor(SEEN);
    assert.equal(await panel.getByRole('button', { name: /^(?:Edit|Describe)/u }).count(), 0);
    await page.goto(`${platform.url}/data/imports`);
    const imports = page.getByRole('table', { name: 'Imports' });
    await imports.getByText('ba7816bf8f01cfea').waitFor(SEEN);
    assert.equal(await imports.getByRole('cell').getByRole('button').count(), 0);
    assertClean(problems);
    await page.close();
  });

  await t.test(
    'who is of another project is told what takes to see all projects, and asks for nothing',
    async () => {
      const { page, problems, asked } = await openOutsider(t, platform);
      await page.goto(`${platform.url}/data/storage`);
      await page.getByText('You may not see what is stored').waitFor(SEEN);
      await page.getByText('platform:read').waitFor(SEEN);
      await assertAccessibleInBoth(page, 'storage that may not be seen');
      await page.getByRole('link', { name: 'Ledger', exact: true }).click();
      await page.getByText('Nothing was received', { exact: true }).waitFor(SEEN);
      assert.ok(!asked.includes('/api/metrics'), asked.join(' '));
      assertClean(problems);
      await page.close();
    },
  );

  await t.test('names, reasons, bytes and rows stay text', async () => {
    await client.send(
      ...FEW_PAYLOADS.map((payload) => event(payload, { properties: { [payload]: payload } })),
      ...FEW_PAYLOADS.map((payload) =>
        event(payload, { timestamp: payload, properties: { [payload]: payload } }),
      ),
    );
    await client.settled();
    for (const payload of FEW_PAYLOADS) {
      const said = { description: payload.repeat(10), owner: payload, version: 0 };
      assert.equal((await describe(payload, said)).status, 200);
      const ofProperty = { description: payload, version: 0 };
      assert.equal((await describe(payload, ofProperty, payload)).status, 200);
      await importRows(payload, 1, 1);
    }
    const { page, problems } = await open('/data/imports');
    const dialogs = dialogsOf(page);
    const [payload] = FEW_PAYLOADS;
    await page.getByRole('table', { name: 'Imports' }).getByText(payload, { exact: true }).waitFor(SEEN);
    await page.goto(`${platform.url}/explore`);
    await page
      .getByRole('button', { name: /: Any event$/u })
      .first()
      .click(SEEN);
    await page.getByRole('option').getByText(payload.repeat(10)).waitFor(SEEN);
    await page.goto(`${platform.url}/data`);
    await page.getByRole('button', { name: payload, exact: true }).click();
    const panel = page.getByRole('dialog', { name: payload });
    await panel.getByText(payload.repeat(10)).waitFor(SEEN);
    await panel.getByRole('button', { name: payload, expanded: false }).click();
    await panel
      .getByRole('button', { name: `Edit ${payload}` })
      .last()
      .click();
    assert.equal(await panel.getByRole('textbox', { name: 'Description' }).inputValue(), payload);
    await page.keyboard.press('Escape');
    await panel.getByRole('table').getByText(payload).first().waitFor(SEEN);
    await page.goto(`${platform.url}/data/refused?type=${encodeURIComponent(payload)}`);
    await page
      .getByRole('table', { name: /^Refused events/u })
      .getByRole('button')
      .first()
      .click();
    await page.getByRole('dialog', { name: 'invalid_timestamp' }).getByText(payload).first().waitFor(SEEN);
    const bad = `SELECT type, properties, '${payload}' AS "${payload}" FROM events WHERE length(properties) > 20`;
    await page.goto(`${platform.url}/sql#sql=${encodeURIComponent(bad)}`);
    await page.getByRole('button', { name: 'Run' }).click();
    await cell(page, payload).first().waitFor(SEEN);
    await page.getByText('Chart', { exact: true }).click();
    await page.getByText('Table', { exact: true }).click();
    await grid(page).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Row 1' }).waitFor();
    assert.deepEqual(dialogs, []);
    assertClean(problems);
    await page.close();
  });
});
