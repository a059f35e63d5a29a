import { randomUUID } from 'node:crypto';
import { after, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { CHROMIUM_PLACES, chromiumPath, launchChromium } from './chromium.ts';
import { childrenOf } from './processes.ts';

const STOP_TIMEOUT_MS = 10_000;
/** Waiting for something on a page. The machine may be busy, or stand still for seconds. */
const ACTION_TIMEOUT_MS = 60_000;
const PROBLEMS_MAX = 100;

/**
 * Whether a test may go on: there is a Chromium. If not, the test is marked as skipped, or fails where AEVUM_REQUIRE_CHROMIUM=1.
 * @example if (!needsChromium(t)) return;
 */
export const needsChromium = (t: TestContext): boolean => {
  if (chromiumPath() !== undefined) return true;
  const named = process.env['AEVUM_CHROMIUM'];
  const reason =
    named === undefined || named === ''
      ? `no Chromium at ${CHROMIUM_PLACES[0]}: install it (apt-get install chromium), or name one with AEVUM_CHROMIUM`
      : `AEVUM_CHROMIUM names ${named}, which does not exist`;
  if (process.env['AEVUM_REQUIRE_CHROMIUM'] === '1') throw new Error(reason);
  t.skip(reason);
  return false;
};

// Chromium ignores a switch that it does not know; it tells this process's from others'.
const MARK = `--aevum-test=${randomUUID()}`;
let shared: Promise<Browser> | undefined;

/** A Chromium, one for all tests of a file: to start one takes seconds. What a test opened in it is gone when the test is over, and so is what its pages kept. */
export const openBrowser = async (t: TestContext): Promise<Browser> => {
  shared ??= launchChromium([MARK]);
  const browser = await shared;
  t.after(() => Promise.all(browser.contexts().map((context) => context.close())));
  return browser;
};

/** Ends the Chromium, whatever became of it. Done when the tests of a file are over. */
export const closeBrowser = async (): Promise<void> => {
  const opened = shared;
  if (opened === undefined) return;
  shared = undefined;
  const closed = opened.then((browser) => browser.close()).catch(() => undefined);
  await Promise.race([closed, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  endMarked(MARK);
};
after(closeBrowser);

/** Ends what is left of a browser that did not close. Its processes share a group. */
const endMarked = (mark: string): void => {
  if (process.platform !== 'linux') return;
  for (const { pid, command } of childrenOf(process.pid)) {
    if (!command.includes(mark)) continue;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
};

/** A page, and what went wrong on it. */
export interface OpenPage {
  readonly page: Page;
  /** Exceptions, errors on the console (violations of the content security policy are among them) and requests that got no answer, as they happen; no more than 100. */
  readonly problems: string[];
}

/** Opens a page with nothing of earlier ones: own cookies, own storage. American English and UTC unless told otherwise. */
export const openPage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> => {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', ...options });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  const note = (text: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push(text);
  };
  page.on('pageerror', (error) => note(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('requestfailed', (request) =>
    note(`${request.method()} ${request.url()}: ${request.failure()?.errorText ?? 'failed'}`),
  );
  return { page, problems };
};
