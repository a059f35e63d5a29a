/** Exploring as people do it: a real Chromium, the real platform, the page as it is served. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { InsightAnswer, InsightsAnswer } from '../../src/contract/insights.ts';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import {
  assertAccessibleInBoth,
  assertClean,
  freshPlatform,
  openAs,
  openDashboard,
  PHONE,
  scrollsSideways,
} from '../support/dashboard.ts';
import { joined } from '../support/tenants.ts';
import { FEW_PAYLOADS } from '../support/payloads.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 600_000;
const HOUR_MS = 3_600_000;

const event = (
  type: string,
  user: string,
  agoMs: number,
  fields: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  ...{ id: randomUUID(), type, source: 'web', user_id: user, session_id: `session-${user}` },
  timestamp: Date.now() - agoMs,
  ...fields,
});

/** Six look, four put something into the cart, two buy. */
const shop = (): Record<string, unknown>[] =>
  ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn'].flatMap((user, index) => {
    const agoMs = (index + 2) * HOUR_MS;
    const context = { country: index % 2 === 0 ? 'DE' : 'FR', device_type: 'mobile' };
    return [
      event('page_view', user, agoMs, { context, properties: { plan: index < 3 ? 'pro' : 'free' } }),
      ...(index < 4 ? [event('add_to_cart', user, agoMs - 60_000, { context })] : []),
      ...(index < 2
        ? [event('purchase', user, agoMs - 120_000, { context, value: '20.00', currency: 'EUR' })]
        : []),
    ];
  });

const answer = (page: Page): Locator => page.getByRole('region', { name: 'Answer' });

/** The answer is there, and to the present question. */
const answered = async (page: Page): Promise<void> => {
  await answer(page).locator('.insight-foot').waitFor();
  await answer(page).locator('[aria-busy=true]').waitFor({ state: 'hidden' });
};

const says = (page: Page, text: RegExp): Promise<true> =>
  until(`the answer says ${text}`, async () => text.test(await answer(page).innerText()), 60_000);

/** Picks by typing into the list that a button opens. */
const pick = async (page: Page, button: Locator, text: string): Promise<void> => {
  await button.click();
  await page.getByRole('option', { name: text }).first().waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await page.getByRole('listbox').waitFor({ state: 'hidden' });
};

const stepButton = (page: Page, number: number): Locator =>
  page.getByRole('button', { name: new RegExp(`^Event of step ${number}`, 'u') }).first();

const FUNNEL = '/explore?q=(kind:funnel,steps:!(page_view,add_to_cart,purchase),range:last+7+days)';

/** Moves the focus on until it is where it is wanted. */
const tabTo = async (page: Page, target: Locator): Promise<void> => {
  const isThere = async (): Promise<boolean> =>
    target
      .evaluate((element: { matches: (selector: string) => boolean }) => element.matches(':focus'))
      .catch(() => false);
  for (let presses = 0; presses < 120; presses += 1) {
    if (await isThere()) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the focus does not get to ${String(target)}`);
};

test('exploring', { timeout: TIMEOUT_MS }, async (t) => {
  if (!needsChromium(t)) return;
  const { platform, client } = await freshPlatform(t);
  const open = (path: string, options = {}) =>
    openDashboard(t, platform.url, { path, reducedMotion: 'reduce', ...options });

  await t.test('without events it says that there is nothing', async () => {
    const { page, problems } = await open('/explore');
    await answered(page);
    await assertAccessibleInBoth(page, 'without events');
    assertClean(problems);
    await page.close();
  });

  await client.send(...shop());
  await client.settled();

  await t.test('a funnel is built, saved, opened again, shared', async () => {
    const { page, problems } = await open('/explore');
    await page.getByRole('radio', { name: 'Funnel' }).check({ force: true });
    await answer(page).getByText('Choose the event of step 2.').waitFor();
    await pick(page, stepButton(page, 1), 'page_view');
    await pick(page, stepButton(page, 2), 'add_to_cart');
    await answered(page);
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await pick(page, stepButton(page, 3), 'purchase');
    const address = /kind:funnel,steps:!\(page_view,add_to_cart,purchase\)/u;
    await page.waitForURL((url) => address.test(decodeURIComponent(url.search)));
    await answered(page);
    await says(page, /33\s?%/u);

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Save the insight' });
    await dialog.getByLabel('Name').fill('Buying');
    await dialog.getByLabel('Tags').fill('weekly, shop');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Buying', level: 1 }).waitFor();
    await page.waitForURL(/\/explore\/ins_/u);
    await page.reload();
    await says(page, /33\s?%/u);

    await page.getByRole('button', { name: 'More to do' }).click();
    await page.getByRole('menuitem', { name: 'Share by a link' }).click();
    const sharing = page.getByRole('dialog', { name: 'Share Buying' });
    await sharing.getByLabel('What it is for').fill('Weekly mail');
    await sharing.getByRole('button', { name: 'Make a link' }).click();
    const link = await sharing.getByRole('group', { name: 'Link' }).innerText();
    assert.match(link.trim(), /#aev_s_\w+$/u);
    await sharing.getByRole('button', { name: 'Revoke Weekly mail' }).waitFor();
    await assertAccessibleInBoth(page, 'the links of an insight');
    const seen = await openPage(await openBrowser(t));
    await seen.page.goto(link.trim());
    await seen.page.getByRole('heading', { name: 'Buying' }).waitFor();
    await seen.page.close();
    await sharing.getByRole('button', { name: 'Revoke Weekly mail' }).click();
    await page.getByText('The link Weekly mail is revoked.').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Open', exact: true }).click();
    const list = page.getByRole('dialog', { name: 'Saved insights' });
    await list.getByLabel('Find an insight').fill('weekly fun');
    await list.getByRole('link', { name: /Buying/u }).waitFor();
    assertClean(problems);
    await page.close();
  });

  await t.test('who saved meanwhile is not saved over', async () => {
    const { insights } = await client.get<InsightsAnswer>('/api/insights');
    const id = insights[0]?.id ?? '';
    const { page, problems } = await open(`/explore/${id}`);
    await answered(page);
    const { question, display, name, version } = await client.get<InsightAnswer>(`/api/insights/${id}`);
    const changed = await client.ask(`/api/insights/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, question, display, tags: ['other'], version }),
    });
    assert.equal(changed.status, 200, changed.text);
    await page.getByRole('button', { name: 'Remove step 3' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const conflict = page.getByRole('dialog', { name: 'Somebody else saved this insight' });
    await conflict.getByText('changed').waitFor();
    await conflict.getByRole('button', { name: 'Save mine over it' }).click();
    await page.getByRole('button', { name: 'Saved' }).waitFor();
    await page.getByRole('button', { name: 'More to do' }).click();
    await page.getByRole('menuitem', { name: 'Versions' }).click();
    const versions = page.getByRole('dialog', { name: 'Versions' });
    await versions.getByText('Version 3').waitFor();
    await versions.getByRole('button', { name: 'Bring it back' }).last().click();
    await says(page, /33\s?%/u);
    assertClean(problems.filter((problem) => !problem.includes('409')));
    await page.close();
  });

  await t.test('a number leads to users, and events to their trace', async () => {
    const { page, problems } = await open(FUNNEL);
    await answered(page);
    await answer(page)
      .getByRole('button', { name: /dropped/u })
      .first()
      .click();
    const users = page.getByRole('dialog', { name: /Went no further than page_view/u });
    await users.getByRole('link', { name: 'finn' }).waitFor();
    assert.equal(await users.getByRole('listitem').count(), 2);
    await users.getByRole('link', { name: 'finn' }).click();
    await page.waitForURL(/\/users\/finn/u);
    await page.goBack();
    await page.goto(`${platform.url}/explore?q=(kind:trend,interval:total,range:last+7+days)`);
    await answered(page);
    await pick(page, page.getByRole('button', { name: 'Break down by' }), 'Country');
    await page.getByRole('tab', { name: 'Table' }).click();
    await answer(page).getByRole('button', { name: 'FR' }).first().click();
    const events = page.getByRole('dialog', { name: 'FR' });
    await events.getByRole('button', { name: 'page_view' }).first().click();
    await page.getByRole('dialog', { name: 'page_view' }).getByText('from receipt to queryable').waitFor();
    assertClean(problems);
    await page.close();
  });

  await t.test('filters are offered from what there is; SQL, JSON and files of the answer', async () => {
    const { page, problems } = await open('/explore?q=(kind:trend,types:!(page_view),range:last+7+days)');
    await answered(page);
    await page.getByRole('button', { name: 'Filter', exact: true }).first().click();
    await pick(page, page.getByRole('button', { name: /^Field:/u }), 'plan');
    await pick(page, page.getByRole('button', { name: 'Value of plan' }), 'pro');
    await until('the filter stands in the address', () =>
      Promise.resolve(decodeURIComponent(page.url()).includes('field:properties.plan,op:eq,value:pro')),
    );
    await page.getByRole('tab', { name: 'SQL' }).click();
    await page.getByRole('group', { name: 'SQL' }).getByText('SELECT').first().waitFor();
    await page.getByRole('tab', { name: 'JSON' }).click();
    const json = await page.getByRole('group', { name: 'the question as JSON' }).innerText();
    assert.match(json, /"op": "eq"/u);
    await page.getByRole('tab', { name: 'Chart' }).click();
    await answered(page);
    for (const [format, ending] of [
      ['CSV', 'csv'],
      ['PNG picture of the chart', 'png'],
    ] as const) {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export the answer as a file' }).click();
      await page.getByRole('menuitem', { name: format }).click();
      const file = await download;
      assert.ok(file.suggestedFilename().endsWith(`.${ending}`), file.suggestedFilename());
      assert.ok(readFileSync(await file.path()).length > 20);
    }
    await page.goBack();
    await page.getByRole('button', { name: 'Value of plan' }).waitFor({ state: 'hidden' });
    assertClean(problems);
    await page.close();
  });

  await t.test('what cannot be is said beside its control, and a bad address in words', async () => {
    const { page, problems } = await open('/explore?q=(kind:trend,window:5m,interval:1d)');
    await page
      .getByRole('form', { name: 'Question' })
      .getByText(/multiple|shorter|longer/u)
      .first()
      .waitFor();
    await page.goto(`${platform.url}/explore?q=(kind:trend`);
    await page.getByText('The address is damaged').waitFor();
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await answered(page);
    assertClean(problems.filter((problem) => !problem.includes('400')));
    await page.close();
  });

  await t.test('by keyboard alone', async () => {
    const { page, problems } = await open('/explore');
    await answered(page);
    await tabTo(page, page.getByRole('radio', { name: 'Trend' }));
    await page.keyboard.press('ArrowRight');
    await answer(page).getByText('Choose the event of step 1.').waitFor();
    for (const [number, type] of ['page_view', 'purchase'].entries()) {
      await tabTo(page, stepButton(page, number + 1));
      await page.keyboard.press('Enter');
      await page.getByRole('option', { name: type }).first().waitFor();
      await page.keyboard.type(type);
      await page.keyboard.press('Enter');
      await page.getByRole('listbox').waitFor({ state: 'hidden' });
    }
    await says(page, /33\s?%/u);
    assertClean(problems);
    await page.close();
  });

  await t.test('on a phone', async () => {
    const { page, problems } = await open(FUNNEL, PHONE);
    await answered(page);
    assert.equal(
      await page.getByText('Steps are done').count(),
      0,
      'the answer of what was opened comes first',
    );
    await page.getByRole('button', { name: 'Change the question' }).click();
    await page.getByText('Steps are done').waitFor();
    assert.equal(await scrollsSideways(page), false);
    await assertAccessibleInBoth(page, 'a funnel on a phone');
    assertClean(problems);
    await page.close();
  });

  await t.test('who may only look sees why nothing can be saved', async () => {
    const { organisations } = await client.get<{ organisations: { id: string }[] }>('/api/organisations');
    const viewer = await joined(platform, organisations[0]?.id ?? '', {
      ...{ email: 'viewer@explore.example', role: 'viewer' },
    });
    const { page, problems } = await openAs(t, platform.url, viewer.headers['cookie'] ?? '');
    await page.goto(`${platform.url}${FUNNEL}`);
    await answered(page);
    assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true);
    await page.getByText('Saving needs the permission insights:write').waitFor();
    await answer(page)
      .getByRole('button', { name: /dropped/u })
      .first()
      .click();
    await page.getByText('Single people are not for you').waitFor();
    assertClean(problems);
    await page.close();
  });

  await t.test('names, keys and values stay text', async () => {
    await client.send(
      ...FEW_PAYLOADS.map((payload, index) =>
        event(payload, payload, HOUR_MS, {
          context: { country: 'DE', page: payload },
          properties: { [payload]: payload, plan: FEW_PAYLOADS[(index + 1) % FEW_PAYLOADS.length] },
        }),
      ),
    );
    const { page, problems } = await open(
      '/explore?q=(kind:trend,by:!(type,properties.plan),range:last+7+days)',
    );
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    await answered(page);
    const [first] = FEW_PAYLOADS;
    await page.getByRole('tab', { name: 'Table' }).click();
    await answer(page).getByText(first).first().waitFor();
    await page.getByRole('button', { name: /^Event: Any event/u }).click();
    await page.getByRole('option', { name: first }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Filter', exact: true }).first().click();
    await pick(page, page.getByRole('button', { name: /^Field:/u }), 'Page');
    await pick(page, page.getByRole('button', { name: 'Value of Page' }), first);
    await answered(page);
    await page.getByRole('tab', { name: 'JSON' }).click();
    await page.getByRole('group', { name: 'the question as JSON' }).getByText(first).first().waitFor();
    assert.equal(dialogs, 0);
    assertClean(problems);
    await page.close();
  });

  await t.test('every kind of answer can be read by those who see little, wide and narrow', async () => {
    const questions = [
      'kind:trend,by:!(country)',
      'kind:funnel,by:!(country),steps:!(page_view,add_to_cart,purchase)',
      'kind:retention',
      'kind:paths,label:type',
      'kind:sessions',
      'kind:lifecycle',
      'kind:stickiness',
      'kind:revenue,events:purchase',
      'kind:attribution,conversion:purchase,channel:properties.plan,models:!(first,last,linear,time_decay,position,markov)',
      'kind:statistics,of:value,by:!(country)',
      'kind:experiment,exposure:page_view,variant:properties.plan,goal:purchase',
    ];
    for (const options of [{}, PHONE]) {
      const { page, problems } = await open('/explore', options);
      for (const question of questions) {
        await page.goto(`${platform.url}/explore?q=(${question},range:last+7+days)`);
        await answered(page);
        await assertAccessibleInBoth(page, question);
      }
      assertClean(problems);
      await page.close();
    }
  });

  await t.test('numbers are written by the rules of the reader, with the words of the page', async () => {
    await client.send(event('purchase', 'gus', HOUR_MS, { value: '1234567.5', currency: 'INR' }));
    await client.settled();
    const cases = [
      { locale: 'de-DE', share: '33\u00A0%', amount: '1.234.567,50\u00A0₹', short: '1,23M\u00A0₹' },
      { locale: 'en-IN', share: '33%', amount: '₹12,34,567.50', short: '₹1.23M' },
    ];
    for (const { locale, share, amount, short } of cases) {
      const { page, problems } = await open(FUNNEL, { locale });
      await answer(page).getByText(share, { exact: true }).first().waitFor();
      await page.goto(`${platform.url}/explore?q=(kind:revenue,events:purchase,range:last+7+days)`);
      await answer(page).getByText(short, { exact: true }).first().waitFor();
      await page.getByRole('tab', { name: 'Table' }).click();
      await answer(page).getByText(amount, { exact: true }).first().waitFor();
      assertClean(problems);
      await page.close();
    }
  });
});
