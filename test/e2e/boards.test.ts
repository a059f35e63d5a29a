/** Boards and what share links show, as people use them: a real Chromium, the real platform, the pages as they are served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { BoardAnswer, BoardAnswers, BoardsAnswer } from '../../src/contract/boards.ts';
import type { CreatedShare } from '../../src/contract/shares.ts';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import {
  assertAccessibleInBoth,
  assertClean,
  event,
  freshPlatform,
  openDashboard,
  PHONE,
  scrollsSideways,
} from '../support/dashboard.ts';
import { ADMIN_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 600_000;
/** Something on the page; the machine may be busy. */
const SEEN = { timeout: 60_000 };
const PASSWORD = 'correct horse battery staple 42';

/** What must stay text, wherever it stands. */
const PAYLOADS = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  '[press](javascript:alert(3))',
  '<svg/onload=alert(4)>',
  '![x](x" onerror="alert(5))',
];

/** A tile that tells a number. */
const numberTile = (id: string, x: number, title: string, question: object = {}): object => ({
  ...{ kind: 'question', id, x, y: 0, w: 3, h: 2, title, display: { as: 'number' } },
  question: { kind: 'trend', interval: 'total', range: 'all time', ...question },
});

const NOTES = {
  ...{ kind: 'text', id: 'notes', x: 0, y: 2, w: 6, h: 3, title: 'Notes' },
  text: '# What this is\n\nAll **views** and [docs](https://example.com/docs).',
};
const PLAN = {
  ...{
    kind: 'choice',
    name: 'plan',
    label: 'Plan',
    field: 'properties.plan',
    multiple: false,
    default: null,
  },
  choices: [{ value: 'pro', label: 'Professional' }, { value: 'free' }],
};
const SHOP = {
  ...{ name: 'Shop', description: 'How the shop does.', tags: ['weekly'] },
  variables: [PLAN, { kind: 'range', name: 'period', label: 'Period', default: null }],
  tiles: [
    numberTile('views', 0, 'Views'),
    numberTile('users', 3, 'Visitors', { measure: 'unique_users' }),
    NOTES,
  ],
};

const tile = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
/** While a board is changed, a tile is a thing of its own for the keyboard. */
const movable = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: new RegExp(`^${name}, column`) });
const shows = (page: Page, name: string, text: RegExp): Promise<void> =>
  until(
    `${name} shows ${text}`,
    async () => text.test(await tile(page, name).innerText()),
    SEEN.timeout,
  ).then(() => undefined);
const columnOf = async (page: Page, name: string): Promise<string> =>
  (await movable(page, name).getAttribute('aria-label')) ?? '';

/** Drags something so far, again if it was not where it had been when the mouse came: a grid that was just changed still moves. */
const dragged = (
  page: Page,
  from: Locator,
  by: { readonly x: number; readonly y: number },
  isDone: () => Promise<boolean>,
): Promise<boolean> =>
  until('it was dragged', async () => {
    if (await isDone()) return true;
    const box = await from.boundingBox();
    if (box === null) return false;
    await page.mouse.move(box.x + 8, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + 8 + by.x, box.y + 8 + by.y, { steps: 8 });
    await page.mouse.up();
    return await isDone();
  });

/** As a slow network would: of the answers of a board all lines but the first two come when `releaseLines` is called. */
const HOLD_LINES = `(() => {
  const asked = window.fetch;
  const released = new Promise((resolve) => { window.releaseLines = resolve; });
  window.fetch = async (...request) => {
    const answer = await asked(...request);
    if (!String(request[0]).endsWith('/query')) return answer;
    let lines = 0;
    const held = new TransformStream({
      async transform(text, out) {
        for (const line of text.split(/(?<=\\n)/)) {
          if (lines >= 2) await released;
          if (line.endsWith('\\n')) lines += 1;
          out.enqueue(line);
        }
      },
    });
    const body = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(held).pipeThrough(new TextEncoderStream());
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
})()`;

/** Keeps the first answers of a board, as they are told, as `told`. */
const KEEP_TOLD = `(() => {
  const asked = window.fetch;
  window.told = '';
  window.fetch = async (...request) => {
    const answer = await asked(...request);
    if (/boards\\/\\w+\\/query/.test(String(request[0])))
      answer.clone().text().then((text) => { window.told ||= text; });
    return answer;
  };
})()`;

/** Counts from now on what changes in what tiles show, as `redrawn`. */
const COUNT_REDRAWN = `(() => {
  window.redrawn = 0;
  const count = (changes) => {
    for (const { target } of changes) if (target.parentElement?.closest('.tile-body')) window.redrawn += 1;
  };
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(count).observe(document.querySelector('.board-editor'), all);
})()`;

/** Answers that are refusals are errors on the console: those that were meant to be are none. */
const assertCleanBut = (problems: readonly string[], statuses: readonly number[]): void =>
  assertClean(
    problems.filter(
      (problem) =>
        !statuses.some((status) => problem.includes(`the server responded with a status of ${status}`)),
    ),
  );

test('boards', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform, client } = await freshPlatform(t);
  const { url } = platform;
  const open = (path: string, options = {}) =>
    openDashboard(t, url, { path, reducedMotion: 'reduce', ...options });
  const makeBoard = (board: object) => platform.json<BoardAnswer>('/api/boards', board);
  const save = async (id: string, board: object): Promise<void> => {
    const answer = await client.ask(`/api/boards/${id}`, {
      method: 'PUT',
      body: JSON.stringify(board),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(answer.status, 200, answer.text);
  };
  const plan = (type: string, user: string, value: string) =>
    event(type, { user_id: user, properties: { plan: value } });
  await client.send(
    ...Array.from({ length: 6 }, (_, index) => plan('page_view', `u${index % 3}`, 'pro')),
    ...Array.from({ length: 4 }, () => plan('page_view', 'u9', 'free')),
  );
  await client.settled();

  await t.test('a board of a template shows numbers, all of one position', async () => {
    const { page, problems } = await open('/boards');
    await page.getByText('No boards yet').waitFor(SEEN);
    await page.getByRole('button', { name: /^Web/ }).waitFor(SEEN);
    await assertAccessibleInBoth(page, 'no boards');
    await page.getByRole('button', { name: /^Web/ }).click();
    await page.evaluate(KEEP_TOLD);
    const dialog = page.getByRole('dialog', { name: 'New board' });
    await dialog.getByRole('button', { name: 'Event of a page that was seen: page_view' }).click();
    await page.getByRole('option', { name: /^page_view/ }).click(SEEN);
    await dialog.getByRole('button', { name: 'Make the board' }).click();
    await page.getByRole('heading', { name: 'Web', exact: true }).waitFor(SEEN);
    await shows(page, 'Visitors', /\b4\b/);
    await shows(page, 'Views', /\b10\b/);
    await until('all tiles are answered', async () => (await page.locator('.tile .skeleton').count()) === 0);
    const first = await until('all of it was told', async () => {
      const told = await page.evaluate<string>('window.told');
      return told.includes('"state":"end"') && told;
    });
    const [head, ...lines] = first
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BoardAnswers);
    assert.equal(lines.length, (await page.locator('.tile').count()) + 1, 'a line a tile, and the end');
    assert.doesNotMatch(first, /"state":"failed"/u);
    await page.getByText(`position ${head?.as_of}`).waitFor();
    await page.getByText('Visitors, views and where they come from.').waitFor();
    await assertAccessibleInBoth(page, 'a board');
    assertClean(problems);
    await page.close();
  });

  await t.test('variables stand in the address, and change what is asked', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Variables' });
    const { page, problems } = await open(`/boards/${id}`);
    await shows(page, 'Views', /\b10\b/);
    await page.getByRole('combobox', { name: 'Plan' }).click();
    await page.getByRole('option', { name: 'Professional' }).click();
    await shows(page, 'Views', /\b6\b/);
    assert.equal(new URL(page.url()).searchParams.get('v.plan'), 'pro');
    await page.reload();
    await shows(page, 'Visitors', /\b3\b/);
    await page.getByRole('button', { name: 'As it was' }).click();
    await shows(page, 'Visitors', /\b4\b/);
    await page.goto(`${url}/boards/${id}?v.plan=none`);
    await page.getByRole('alert').filter({ hasText: 'not among its choices' }).waitFor(SEEN);
    await page.getByRole('button', { name: 'As it was saved' }).click();
    await shows(page, 'Views', /\b10\b/);
    assertCleanBut(problems, [400]);
    await page.close();
  });

  await t.test('as of an earlier position the board stays what it was, and goes on when told', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Time' });
    const { page, problems } = await open(`/boards/${id}?refresh=off`);
    await shows(page, 'Views', /\b10\b/);
    await page.getByRole('button', { name: 'Live: go back in time' }).click();
    await page.getByRole('button', { name: 'Stay at what is shown' }).click();
    await page.getByText('Later events are not seen.').waitFor(SEEN);
    await client.send(plan('page_view', 'later', 'pro'));
    await client.settled();
    await page.reload();
    await page.getByText('Pinned to position').waitFor(SEEN);
    await shows(page, 'Views', /\b10\b/);
    await page.getByRole('button', { name: 'Back to live' }).click();
    await shows(page, 'Views', /\b11\b/);
    await shows(page, 'Visitors', /\b5\b/);
    assertClean(problems);
    await page.close();
  });

  await t.test('as of a time the board and its links show what had been received by then', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Then' });
    const { total } = await client.ledger();
    const between = new Date().toISOString();
    await client.send(plan('page_view', 'after', 'pro'));
    await client.settled();
    const { page, problems } = await open(`/boards/${id}?refresh=off`);
    await shows(page, 'Views', new RegExp(`\\b${total.stored + 1}\\b`));
    await page.getByRole('button', { name: 'Live: go back in time' }).click();
    await page.getByText(/Known from .* to /).waitFor(SEEN);
    await assertAccessibleInBoth(page, 'going back in time');
    // The log of this trial is younger, whatever the day.
    await page.getByRole('button', { name: /^An hour ago/ }).click();
    await page.getByText(/Nothing is known of then: the log begins/).waitFor(SEEN);
    // The field knows minutes, and the log is younger than one: the server is asked the rest.
    await page.route('**/api/positions?*', async (route) => {
      const asked = new URL(route.request().url());
      if (asked.searchParams.has('at')) asked.searchParams.set('at', between);
      const answer = (await (await route.fetch({ url: asked.href })).json()) as object;
      await route.fulfill({ json: { ...answer, latest: '2099-01-01T00:00:00.000Z' } });
    });
    await page.getByLabel('As of', { exact: true }).fill('2050-01-01T00:00');
    await page.getByRole('button', { name: 'Show it as of then' }).click();
    await page.getByText(/the last time that can be told is/).waitFor(SEEN);
    await page.reload();
    await page.getByRole('button', { name: 'Live: go back in time' }).click();
    await page.getByText(/Known from .* to 1 Jan 2099/).waitFor(SEEN);
    await page.getByLabel('As of', { exact: true }).fill('2050-01-01T00:00');
    await page.getByRole('button', { name: 'Show it as of then' }).click();
    await page.getByText('Later events are not seen.').waitFor(SEEN);
    await shows(page, 'Views', new RegExp(`\\b${total.stored}\\b`));
    const { searchParams } = new URL(page.url());
    const position = searchParams.get('as_of') ?? '';
    assert.ok((searchParams.get('at') ?? '') <= between, 'exact, or just before');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Share this board' });
    await dialog.getByText(`position ${position}: what you see.`).waitFor(SEEN);
    await dialog.getByRole('textbox', { name: 'What it is for' }).fill('Then');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    const link = (await dialog.getByRole('group', { name: 'Link', exact: true }).innerText()).trim();
    await dialog.getByText(new RegExp(`as of .*, position ${position} · ends`)).waitFor(SEEN);
    await page.goto(link.replace(new URL(link).origin, url));
    await page.getByText(`Pinned to position ${position}`).waitFor(SEEN);
    await shows(page, 'Views', new RegExp(`\\b${total.stored}\\b`));
    assertClean(problems);
    await page.close();
  });

  await t.test('what a link shows comes tile by tile, all as of one position', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Slow' });
    const { token } = await platform.json<CreatedShare>(`/api/boards/${id}/shares`, { name: 'Slow' });
    const { page, problems } = await openPage(await openBrowser(t), { reducedMotion: 'reduce' });
    await page.addInitScript(HOLD_LINES);
    await page.goto(`${url}/shared#${token}`);
    const waiting = page.locator('.tile .skeleton');
    await until('one of two is answered', async () => (await waiting.count()) === 1, SEEN.timeout);
    const [line = ''] = await page.getByText(/As of position \d+/).allInnerTexts();
    await client.send(plan('page_view', 'meanwhile', 'pro'));
    await client.settled();
    await page.evaluate('window.releaseLines()');
    await until('both are', async () => (await waiting.count()) === 0, SEEN.timeout);
    assert.deepEqual(await page.getByText(/As of position \d+/).allInnerTexts(), [line]);
    assertClean(problems);
    await page.close();
  });

  await t.test('tiles are moved and sized by mouse and by keyboard, undone and saved', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Edit' });
    const { page, problems } = await open(`/boards/${id}`);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await movable(page, 'Views').waitFor(SEEN);
    await assertAccessibleInBoth(page, 'a board under way');
    await movable(page, 'Views').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await until('it is wider', async () => /4 wide, 2 high/.test(await columnOf(page, 'Views')));
    await page.getByRole('status').filter({ hasText: 'Views: column 1, row 1, 4 wide, 2 high.' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await until('it is below', async () => !(await columnOf(page, 'Views')).includes('row 1'));
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await until('it is as it was', async () => /column 1, row 1, 3 wide/.test(await columnOf(page, 'Views')));
    await page.getByText('Editing', { exact: true }).waitFor();

    const visitors = movable(page, 'Visitors');
    await page.evaluate(COUNT_REDRAWN);
    await dragged(
      page,
      visitors.locator('.tile-title'),
      { x: 395, y: 3 },
      async () => !(await columnOf(page, 'Visitors')).includes('column 4'),
    );
    assert.equal(await page.evaluate('window.redrawn'), 0, 'what tiles show is not drawn anew as one moves');
    await dragged(page, visitors.locator('.react-resizable-handle'), { x: 0, y: 150 }, async () =>
      /[3-9] high/.test(await columnOf(page, 'Visitors')),
    );

    await movable(page, 'Notes').focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Text' });
    await dialog.getByRole('textbox', { name: 'Text' }).fill('Changed *today*.');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await page
      .getByRole('dialog', { name: 'Not saved yet' })
      .getByRole('button', { name: 'Go on editing' })
      .click();
    const place = await columnOf(page, 'Visitors');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The board is saved.').waitFor(SEEN);
    await page.getByText('3 tiles, version 2').waitFor(SEEN);
    await tile(page, 'Notes').getByText('today').waitFor();
    const saved = await platform.json<BoardAnswer>(`/api/boards/${id}`);
    const { x, h } = saved.tiles.find((each) => each.id === 'users') ?? {};
    assert.ok(place.includes(`column ${(x ?? 0) + 1},`) && place.includes(`${h} high`), place);

    await page.getByRole('button', { name: 'More of the board Edit' }).click();
    await page.getByRole('menuitem', { name: 'Versions' }).click();
    const versions = page.getByRole('dialog', { name: 'Versions' });
    await versions.getByRole('button', { name: 'Bring it back' }).click();
    await page.getByText('Version 1 is back, as a new one.').waitFor(SEEN);
    await page.getByText('3 tiles, version 3').waitFor(SEEN);
    assertClean(problems);
    await page.close();
  });

  await t.test('of two who change the same, the second is told of the first, and keeps a copy', async () => {
    const made = await makeBoard({ ...SHOP, name: 'Both' });
    const { page, problems } = await open(`/boards/${made.id}`);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await movable(page, 'Views').waitFor(SEEN);
    await movable(page, 'Views').focus();
    await page.keyboard.press('Delete');
    await movable(page, 'Views').waitFor({ state: 'detached' });
    await save(made.id, { ...SHOP, name: 'Both', description: 'By somebody else.', version: 1 });
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'Somebody else saved this board' });
    await dialog.getByText('and changed description').waitFor(SEEN);
    await dialog.getByRole('button', { name: 'Keep mine as a copy' }).click();
    await page.getByRole('heading', { name: 'Both (copy)', exact: true }).waitFor(SEEN);
    const { boards } = await platform.json<BoardsAnswer>('/api/boards');
    const sizes = boards
      .filter(({ name }) => name.startsWith('Both'))
      .map(({ name, tiles }) => [name, tiles]);
    assert.deepEqual(sizes, [
      ['Both', 3],
      ['Both (copy)', 2],
    ]);
    assertCleanBut(problems, [409]);
    await page.close();
  });

  await t.test('who may only look cannot change', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Look' });
    const { url: link } = await platform.json<{ url: string }>('/api/organisations/default/invitations', {
      email: 'viewer@example.com',
      role: 'viewer',
    });
    const { page, problems } = await openPage(await openBrowser(t), { reducedMotion: 'reduce' });
    const accepted = await page.request.post(`${url}/api/invitation/accept`, {
      data: {
        token: new URLSearchParams(new URL(link).hash.slice(1)).get('token'),
        name: 'Vera',
        password: PASSWORD,
      },
      headers: { origin: url },
    });
    assert.ok(accepted.ok(), await accepted.text());
    await page.goto(`${url}/boards/${id}`);
    await shows(page, 'Views', /\b1\d\b/);
    for (const name of ['Edit', 'Share'])
      assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name);
    await page.getByRole('link', { name: 'Boards', exact: true }).first().click();
    await page.getByRole('link', { name: 'Look' }).waitFor(SEEN);
    assert.equal(await page.getByRole('button', { name: 'New board' }).count(), 0);
    assertClean(problems);
    await page.close();
  });

  await t.test('a board that is not there or cannot be read says so below its head', async () => {
    const { page, problems } = await open('/boards/no-such-board');
    const says = async (text: string): Promise<void> => {
      await page.getByText(text).waitFor(SEEN);
      await page.getByRole('heading', { level: 1, name: 'Board' }).waitFor(SEEN);
      assert.equal(await page.title(), 'Board · Aevum');
    };
    await says('There is no such board');
    await page.route('**/api/boards/no-such-board*', (route) =>
      route.fulfill({ status: 503, json: { error: { code: 'warehouse_unavailable', message: 'Not now.' } } }),
    );
    await page.reload();
    await says('The board could not be read');
    await page.unroute('**/api/boards/no-such-board*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await says('There is no such board');
    await page.locator('.board-up').click();
    await page.getByRole('heading', { level: 1, name: 'Boards' }).waitFor(SEEN);
    assertCleanBut(problems, [404, 503]);
    await page.close();
  });

  await t.test('a link shows the board to whoever has it, until it is revoked', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Shared' });
    const { page, problems } = await open(`/boards/${id}`);
    await shows(page, 'Views', /\b1\d\b/);
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Share this board' });
    await dialog.getByRole('textbox', { name: 'What it is for' }).fill('Board meeting');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    const link = (await dialog.getByRole('group', { name: 'Link', exact: true }).innerText()).trim();
    assert.match(link, /\/shared#aev_s_\w+$/);
    await assertAccessibleInBoth(page, 'links of a board');

    const asked: string[] = [];
    const { page: other, problems: others } = await openPage(await openBrowser(t), {
      reducedMotion: 'reduce',
    });
    other.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
    const answer = await other.goto(link.replace(new URL(link).origin, url));
    assert.equal(answer?.headers()['referrer-policy'], 'no-referrer');
    assert.match(answer?.headers()['x-robots-tag'] ?? '', /noindex/);
    await other.getByRole('heading', { name: 'Shared', exact: true }).waitFor(SEEN);
    await shows(other, 'Views', /\b1\d\b/);
    await other.getByText(/As of position \d+/).waitFor();
    await assertAccessibleInBoth(other, 'what a link shows');
    await other.getByRole('combobox', { name: 'Plan' }).click();
    await other.getByRole('option', { name: 'free' }).click();
    await shows(other, 'Views', /\b4\b/);
    assert.deepEqual(
      [...new Set(asked.filter((each) => each.includes('/api/') || each.includes('/ws')))].sort(),
      ['GET /api/share', 'POST /api/share/query'],
    );
    assert.deepEqual(await other.context().cookies(), []);
    assertClean(others);

    await dialog.getByRole('button', { name: 'Revoke Board meeting' }).click();
    await page.getByText('The link Board meeting is revoked.').waitFor(SEEN);
    await other.getByRole('combobox', { name: 'Plan' }).click();
    await other.getByRole('option', { name: 'Professional' }).click();
    await other.getByRole('heading', { name: 'This link shows nothing' }).waitFor(SEEN);
    assert.equal(await tile(other, 'Views').count(), 0, 'the numbers are gone');
    await assertAccessibleInBoth(other, 'a link that ended');
    assertCleanBut(others, [404]);
    assertClean(problems);
    await other.close();
    await page.close();
  });

  await t.test('a wall is all there is, says that the server is gone, and ends by Escape', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Wall' });
    const { page, problems } = await open(`/boards/${id}?wall=1`);
    const wall = page.getByRole('dialog', { name: 'Wall' });
    await shows(page, 'Views', /\b1\d\b/);
    assert.ok(
      await page.evaluate("document.querySelector('.wall')?.matches(':modal')"),
      'nothing else can be reached',
    );
    await assertAccessibleInBoth(page, 'a wall');
    await page.route('**/api/boards/*/query*', (route) =>
      route.fulfill({
        status: 500,
        json: { error: { code: 'internal', message: 'The warehouse is gone.' } },
      }),
    );
    await page.reload();
    await wall.getByRole('alert').filter({ hasText: 'The warehouse is gone.' }).waitFor(SEEN);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Wall', exact: true }).waitFor(SEEN);
    assert.equal(new URL(page.url()).searchParams.get('wall'), null);
    assertCleanBut(problems, [500]);
    await page.close();
  });

  await t.test(
    'a wall shows the whole board; of one that is too long it shows one screen after the other',
    async () => {
      const placeOf = (page: Page) =>
        page.evaluate<{ readonly top: number; readonly hidden: number }>(
          "(({ scrollTop, scrollHeight, clientHeight }) => ({ top: scrollTop, hidden: scrollHeight - clientHeight }))(document.querySelector('.wall'))",
        );
      await client.send(event('page_view', { user_id: 'u1', session_id: 'visit', page: '/' }));
      await client.settled();
      for (const template of ['web', 'product', 'commerce', 'operations']) {
        const { id } = await makeBoard({ template, name: `The wall ${template}` });
        const { page, problems } = await open(`/boards/${id}?wall=1`, {
          viewport: { width: 1920, height: 1080 },
        });
        await page.locator('.wall .tile').first().waitFor(SEEN);
        await until(
          'all tiles are answered',
          async () => (await page.locator('.wall .skeleton').count()) === 0,
        );
        if (template === 'web')
          await tile(page, 'Sources, pages, countries and devices')
            .getByRole('tab', { name: 'Channels' })
            .waitFor(SEEN);
        assert.equal((await placeOf(page)).hidden, 0, `all of the board ${template} is on the screen`);
        assertClean(problems);
        await page.close();
      }
      const long = [0, 1, 2].map((at) => ({
        ...NOTES,
        id: `n${at}`,
        y: at * 20,
        h: 20,
        title: `Part ${at}`,
      }));
      const { id } = await makeBoard({ name: 'Long', tiles: long });
      const { page, problems } = await open('/boards', { viewport: { width: 1280, height: 800 } });
      await page.clock.install();
      await page.goto(`${url}/boards/${id}?wall=1`);
      await page.getByRole('region', { name: 'Part 2' }).waitFor(SEEN);
      const tops: number[] = [];
      for (let turn = 0; turn < 3; turn++) {
        const before = (await placeOf(page)).top;
        await page.clock.runFor(20_000);
        await until('it has turned', async () => (await placeOf(page)).top !== before, SEEN.timeout);
        tops.push((await placeOf(page)).top);
      }
      const [first = 0, second = 0, third] = tops;
      assert.ok(first > 0, 'it goes on');
      assert.ok(second > first, 'and on');
      assert.equal(third, 0, 'and begins anew');
      assert.ok(await page.getByRole('heading', { name: 'Long' }).isVisible());
      await page.keyboard.press('ArrowDown');
      await page.clock.runFor(20_000);
      assert.ok((await placeOf(page)).top < first, 'whoever moves it by hand is left alone');
      assertClean(problems);
      await page.close();
    },
  );

  await t.test(
    'a tile that is not answered for a while keeps its numbers, tells their age, and comes back',
    async () => {
      const { id } = await makeBoard({ ...SHOP, name: 'Kept' });
      const { page, problems } = await open(`/boards/${id}?refresh=off`);
      const asked = '**/api/boards/*/query*';
      const askAgain = () => page.getByRole('button', { name: 'Ask again now' }).click();
      const { stored } = (await client.ledger()).total;
      await shows(page, 'Views', new RegExp(`\\b${stored}\\b`));
      await shows(page, 'Visitors', /\b\d+\b/);
      const visitors = await tile(page, 'Visitors').locator('.tile-body').innerText();
      await page.route(asked, async (route) => {
        const answer = await route.fetch();
        const lines = (await answer.text()).split('\n').map((line) => {
          if (!line.includes('"id":"users"')) return line;
          const error = { code: 'warehouse_busy', message: 'Too many questions wait.' };
          return JSON.stringify({ id: 'users', state: 'failed', error });
        });
        await route.fulfill({ response: answer, body: lines.join('\n') });
      });
      await client.send(plan('page_view', 'kept', 'pro'));
      await client.settled();
      await askAgain();
      const old = '1 tile shows older numbers. Too many questions wait.';
      await page.getByRole('alert').filter({ hasText: old }).waitFor(SEEN);
      await shows(page, 'Views', new RegExp(`\\b${stored + 1}\\b`));
      assert.equal(await tile(page, 'Visitors').locator('.tile-body').innerText(), visitors);
      await tile(page, 'Visitors')
        .getByText(/^stale, /)
        .waitFor();
      assert.equal(
        await tile(page, 'Views')
          .getByText(/^stale, /)
          .count(),
        0,
      );
      await page.getByRole('button', { name: 'Wall: fill the screen' }).click();
      const wall = page.getByRole('dialog', { name: 'Kept' });
      await wall.getByRole('alert').filter({ hasText: old }).waitFor(SEEN);
      assert.equal(await tile(page, 'Visitors').locator('.tile-body').innerText(), visitors);
      await assertAccessibleInBoth(page, 'a wall with a tile that is old');
      await page.keyboard.press('Escape');
      await page.unroute(asked);
      await askAgain();
      await page.getByRole('alert').waitFor({ ...SEEN, state: 'detached' });
      await until(
        'it has come back',
        async () => (await tile(page, 'Visitors').locator('.tile-body').innerText()) !== visitors,
        SEEN.timeout,
      );

      const gone = 'The warehouse is gone.';
      await page.route(asked, (route) =>
        route.fulfill({ status: 500, json: { error: { code: 'internal', message: gone } } }),
      );
      await askAgain();
      await page
        .getByRole('alert')
        .filter({ hasText: `No new numbers. ${gone}` })
        .waitFor(SEEN);
      await shows(page, 'Views', new RegExp(`\\b${stored + 1}\\b`));
      await page.reload();
      await page
        .getByRole('alert')
        .filter({ hasText: `Nothing was answered. ${gone}` })
        .waitFor(SEEN);
      await tile(page, 'Views').getByText('Not answered').waitFor();
      assert.equal(await page.getByText(gone).count(), 1, 'it is said once');
      await page.unroute(asked);
      await page.getByRole('button', { name: 'Try again' }).click();
      await shows(page, 'Views', new RegExp(`\\b${stored + 1}\\b`));
      assertCleanBut(problems, [500]);
      await page.close();
    },
  );

  await t.test('on a phone tiles stand one below the other', async () => {
    const { id } = await makeBoard({ ...SHOP, name: 'Phone' });
    const { page, problems } = await open(`/boards/${id}`, PHONE);
    await shows(page, 'Views', /\b1\d\b/);
    assert.equal(await scrollsSideways(page), false);
    const [views, users, notes] = await Promise.all(
      ['Views', 'Visitors', 'Notes'].map((name) => tile(page, name).boundingBox()),
    );
    assert.ok(views && users && notes);
    assert.equal(views.y, users.y, 'small ones beside each other');
    assert.ok(notes.y > views.y && notes.width > views.width);
    await page.goto(`${url}/boards`);
    await page.getByRole('link', { name: 'Phone' }).waitFor(SEEN);
    assert.equal(await scrollsSideways(page), false, 'the list');
    const { token } = await platform.json<CreatedShare>(`/api/boards/${id}/shares`, { name: 'Phone' });
    await page.goto(`${url}/shared#${token}`);
    await shows(page, 'Views', /\b1\d\b/);
    assert.equal(await scrollsSideways(page), false, 'what a link shows');
    assertClean(problems);
    await page.close();
  });

  await t.test('whatever people write stays text', async () => {
    const payload = PAYLOADS.join(' ');
    const [first = ''] = PAYLOADS;
    const { id } = await makeBoard({
      ...{ name: first, description: payload, tags: PAYLOADS.map((each) => each.slice(0, 50)) },
      variables: [
        { ...PLAN, label: payload, choices: PAYLOADS.map((value) => ({ value, label: `${value}!` })) },
        { kind: 'filter', name: 'country', label: payload, field: 'country', ops: ['in'], default: null },
      ],
      tiles: [
        numberTile('a', 0, payload),
        {
          ...NOTES,
          title: payload,
          text: `# ${payload}\n\n${PAYLOADS.join('\n\n')}\n\n- ${payload}\n\n> ${payload}`,
        },
      ],
    });
    await client.send(...PAYLOADS.map((each) => event(each, { properties: { plan: each } })));
    await client.settled();
    const { token } = await platform.json<CreatedShare>(`/api/boards/${id}/shares`, {
      name: payload.slice(0, 90),
    });
    const { page, problems } = await open('/boards');
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.getByRole('link', { name: first }).click(SEEN);
    await page.locator('.tile').first().waitFor(SEEN);
    assert.equal(
      await page.locator('.markdown a, .markdown img, .markdown script, .markdown svg').count(),
      0,
    );
    await page.locator('.variables .select').first().click();
    await page.getByRole('option', { name: `${first}!` }).click();
    await until(
      'one is shown',
      async () => /\b1\b/.test(await page.locator('.tile').first().innerText()),
      SEEN.timeout,
    );
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByRole('dialog', { name: 'Share this board' }).getByText('not used yet').waitFor(SEEN);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.locator('.edit-tile').first().waitFor(SEEN);
    await page.getByRole('button', { name: 'Variables' }).click();
    await page
      .getByRole('dialog', { name: 'Variables' })
      .getByRole('textbox', { name: 'Choices' })
      .waitFor(SEEN);
    await page.goto(`${url}/shared#${token}`);
    await page.locator('.tile').first().waitFor(SEEN);
    await until(
      'it is answered',
      async () => /\b\d+\b/.test(await page.locator('.tile').first().innerText()),
      SEEN.timeout,
    );
    assert.deepEqual(dialogs, []);
    assertClean(problems);
    await page.close();
  });

  await t.test('boards are found, copied, renamed and deleted', async () => {
    await makeBoard({ ...SHOP, name: 'Weather' });
    const { page, problems } = await open('/boards?find=weather');
    await page.getByRole('link', { name: 'Weather', exact: true }).waitFor(SEEN);
    await page.getByRole('button', { name: 'Board Weather' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Duplicate' }).click();
    await page.getByRole('heading', { name: 'Weather (copy)', exact: true }).waitFor(SEEN);
    await page.getByRole('button', { name: 'More of the board Weather (copy)' }).click();
    await page.getByRole('menuitem', { name: 'Name and tags' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Another time');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Another time', exact: true }).waitFor(SEEN);
    await page.getByRole('button', { name: 'More of the board Another time' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('The board Another time is gone.').waitFor(SEEN);
    await page.getByRole('link', { name: 'Weather', exact: true }).waitFor(SEEN);
    assert.equal(await page.getByRole('link', { name: 'Another time' }).count(), 0);
    const gone = await client.ask('/api/boards', { key: ADMIN_KEY });
    assert.ok(!gone.text.includes('Another time'));
    assertCleanBut(problems, [404]);
    await page.close();
  });
});
