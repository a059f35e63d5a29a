import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { openBrowser, openPage, type OpenPage } from './browser.ts';
import { Client } from './client.ts';
import { freePort, Platform } from './platform.ts';
import { signIn } from './sign-in.ts';
import { outsider } from './tenants.ts';

/** The live page as people see it: a platform of its own, a signed-in browser, and what is on the page. */

const DESKTOP: BrowserContextOptions = { viewport: { width: 1440, height: 900 } };
/** A phone with a small screen. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** A platform with nothing in it; it and its data are gone when the test is over. */
export const freshPlatform = async (
  t: TestContext,
  args: readonly string[] = [],
): Promise<{ platform: Platform; client: Client; dataDir: string }> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-dashboard-'));
  const started: Platform[] = [];
  t.after(async () => {
    await Promise.all(started.map((each) => each.kill('group')));
    rmSync(dataDir, { recursive: true, force: true });
  });
  const platform = await Platform.start(dataDir, await freePort(), args);
  started.push(platform);
  return { platform, client: new Client(platform.url), dataDir };
};

/** A signed-in page, and what went wrong on it. */
export const openDashboard = async (
  t: TestContext,
  url: string,
  { path = '/', ...options }: BrowserContextOptions & { readonly path?: string } = {},
): Promise<OpenPage> => {
  const { page, problems } = await openPage(await openBrowser(t), { ...DESKTOP, ...options });
  await signIn(page.context(), url);
  await page.goto(`${url}${path}`);
  return { page, problems };
};

/** A page of somebody who is signed in already, by the header of their cookie. Nothing is opened yet. */
export const openAs = async (t: TestContext, url: string, cookie: string): Promise<OpenPage> => {
  const opened = await openPage(await openBrowser(t));
  const [name = '', value = ''] = cookie.split('=');
  await opened.page.context().addCookies([{ name, value, url }]);
  return opened;
};

/** A page of somebody who is of no project of the platform's but their own, and the paths that it asks for. Nothing is opened yet. */
export const openOutsider = async (
  t: TestContext,
  platform: Platform,
): Promise<OpenPage & { readonly asked: readonly string[] }> => {
  const { headers } = await outsider(platform, 'elsewhere');
  const opened = await openAs(t, platform.url, headers['cookie'] ?? '');
  const asked: string[] = [];
  opened.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  return { ...opened, asked };
};

/** The dialogs that a page opens, as it opens them: what stored text asked for, if it became markup. */
export const dialogsOf = (page: Page): readonly string[] => {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return dialogs;
};

/** An event as a web page sends it. */
export const event = (
  type: string,
  fields: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  id: randomUUID(),
  type,
  source: 'web',
  user_id: 'ada',
  context: { page: '/pricing' },
  ...fields,
});

/** The stream of events. */
export const stream = (page: Page): Locator => page.getByRole('listbox', { name: 'Events, newest first' });

/** What is shown of the stream. */
export const rows = (page: Page): Locator => stream(page).getByRole('option');

/** Nothing went wrong. What the page itself gave up, because it is no longer of interest, did not. */
export const assertClean = (problems: readonly string[]): void =>
  assert.deepEqual(
    problems.filter((problem) => !problem.endsWith('net::ERR_ABORTED')),
    [],
  );

/** What may be wrong in one set of colours and not in another. */
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** What axe finds wrong with a page, by all rules or by these. To list what is right would take longer than to look; legacy is to need no page of its own, and to look into no frames, which ours have not. */
const findings = async (page: Page, rules?: readonly string[]): Promise<string[]> => {
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (rules === undefined ? axe : axe.withRules([...rules])).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
};

/** Nothing that a machine can find is wrong for people who do not see, or see little; of all rules, or of these. */
export const assertAccessible = async (page: Page, what: string, rules?: readonly string[]): Promise<void> =>
  assert.deepEqual(await findings(page, rules), [], what);

/** Looks so often: just after a change of colours Chromium has old and new ones beside each other for a moment. */
const LOOKS_MAX = 5;

/** The same in light and in dark. Between the two only colours differ. */
export const assertAccessibleInBoth = async (page: Page, what: string): Promise<void> => {
  for (const [colorScheme, rules] of [
    ['light', undefined],
    ['dark', RULES_OF_COLOURS],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    let found = await findings(page, rules);
    for (let looks = 1; found.length > 0 && looks < LOOKS_MAX; looks += 1)
      found = await findings(page, rules);
    assert.deepEqual(found, [], `${what}, ${colorScheme}`);
  }
};

/** Whether all of something is between the left and the right edge of the screen. */
export const isInSight = async (what: Locator): Promise<boolean> => {
  const box = await what.boundingBox();
  return box !== null && box.x >= 0 && box.x + box.width <= (what.page().viewportSize()?.width ?? 0);
};

/** Whether the page is wider than the screen. */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
