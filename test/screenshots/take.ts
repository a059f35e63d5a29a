/**
 * Pictures of every page of the dashboard as people see it: with data, without any, and when the server fails; on screens of several sizes, in light and in dark.
 *
 *     node_modules/.bin/node test/screenshots/take.ts [--out <folder>] [--sizes phone,tablet,desktop,wide] [--schemes light,dark] [--states full,empty,error] [--only <page,...>] [--data-dir <folder>] [--whole] [--locale <tag>]
 *
 * Without --out those that the documentation keeps are taken anew (docs/screenshots). With --data-dir the demo in it is used, or made there and left; otherwise a smaller one is made for this. With --whole a picture reaches to the end of the page instead of that of the screen. Numbers are written as --locale has them, else as American English does. What goes wrong on a page, or is wider than the screen, is printed.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import type { DemoAnswer } from '../../src/contract/demo.ts';
import { buildDashboard, isDashboardBuilt } from '../../scripts/setup/dashboard.mjs';
import { launchChromium } from '../support/chromium.ts';
import { untilDemoLive } from '../support/demo.ts';
import { freePort, Platform } from '../support/platform.ts';
import { signIn } from '../support/sign-in.ts';
import { until } from '../support/until.ts';
import { nothingWaits } from '../support/waiting.ts';

const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 768, height: 1_024 },
  desktop: { width: 1_440, height: 900 },
  wide: { width: 1_920, height: 1_080 },
} as const;
type Size = keyof typeof SIZES;

const SCHEMES = ['light', 'dark'] as const;
const STATES = ['full', 'empty', 'error'] as const;
type State = (typeof STATES)[number];
type Scheme = (typeof SCHEMES)[number];

/** What the documentation keeps: these pages with data, and the live page without any or without a server, on these screens. */
const DOCUMENTED = {
  pages: [
    'live',
    'event',
    'web',
    'board',
    'explore',
    'explore-funnel',
    'sql',
    'users',
    'user',
    'sessions',
    'sessions-single',
    'session',
    'cohorts',
    'data',
    'ledger',
    'system',
    'settings',
  ],
  pagesInTrouble: ['live'],
  screens: ['desktop-light', 'desktop-dark', 'phone-dark'],
};
const DOCUMENTS = new URL('../../docs/screenshots/', import.meta.url).pathname;

/** Questions are answered, or a picture shows that they are not. */
const ANSWERED_MS = 60_000;
/** What is there is drawn, and what moved stands still. */
const SETTLE_MS = 1_500;
/** No picture is higher; a stream could go on for ever. */
const WHOLE_HEIGHT_MAX = 8_000;
const DEMO = { days: 30, events: 300_000, rate: 20 } as const;
const FULL = 'demo';
const EMPTY = 'default';
/** The name of the board that is shown. */
const BOARD = 'Commerce';

const FUNNEL = '(kind:funnel,steps:!(page_view,add_to_cart,checkout,purchase),range:last+7+days)';

interface Place {
  readonly name: string;
  readonly path: string;
  /** What is done there first. */
  readonly act?: (page: Page) => Promise<void>;
}

/** Opens the newest event of the stream. */
const openEvent = (page: Page): Promise<void> => page.getByRole('option').first().click();

/** Where pages are that need to know what is stored. */
const placesOf = async (browser: Browser, platform: Platform): Promise<Place[]> => {
  const { url } = platform;
  const context = await browser.newContext();
  await signIn(context, platform.url);
  const get = async <T>(path: string, data?: object): Promise<T> => {
    const answer = await context.request.fetch(`${url}${path}`, {
      ...{ params: { project: FULL }, headers: { origin: url } },
      ...(data === undefined ? {} : { method: 'POST', data }),
    });
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const { users } = await get<{ users: { user_id: string }[] }>('/api/users');
  const { sessions } = await get<{ sessions: { session_id: string }[] }>('/api/sessions');
  const { boards } = await get<{ boards: { id: string; name: string }[] }>('/api/boards');
  const { id: board } =
    boards.find(({ name }) => name === BOARD) ??
    (await get<{ id: string }>('/api/boards', { template: 'commerce', name: BOARD }));
  await context.close();
  return [
    { name: 'live', path: '/' },
    { name: 'event', path: '/', act: openEvent },
    { name: 'web', path: '/web' },
    { name: 'boards', path: '/boards' },
    { name: 'board', path: `/boards/${board}` },
    { name: 'wall', path: `/boards/${board}?wall=1` },
    { name: 'explore', path: '/explore' },
    { name: 'explore-funnel', path: `/explore?q=${FUNNEL}` },
    { name: 'sql', path: '/sql' },
    { name: 'users', path: '/users' },
    { name: 'user', path: `/users/${encodeURIComponent(users[0]?.user_id ?? '')}` },
    { name: 'sessions', path: '/sessions' },
    { name: 'sessions-single', path: '/sessions/single' },
    { name: 'session', path: `/sessions/one/${encodeURIComponent(sessions[0]?.session_id ?? '')}` },
    { name: 'cohorts', path: '/cohorts' },
    { name: 'data', path: '/data' },
    { name: 'ledger', path: '/data/ledger' },
    { name: 'refused', path: '/data/refused' },
    { name: 'lateness', path: '/data/lateness' },
    { name: 'imports', path: '/data/imports' },
    { name: 'exports', path: '/data/exports' },
    { name: 'storage', path: '/data/storage' },
    { name: 'system', path: '/system' },
    { name: 'settings', path: '/settings' },
  ];
};

const untilFull = async (platform: Platform): Promise<void> => {
  const { state } = await platform.json<DemoAnswer>('/api/demo');
  if (state === 'absent') await platform.json('/api/demo', DEMO);
  await untilDemoLive(platform);
};

const withPlatform = async (
  dataDir: string | undefined,
  work: (platform: Platform) => Promise<void>,
): Promise<void> => {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'aevum-screenshots-')));
  const platform = await Platform.start(folder, await freePort());
  try {
    await untilFull(platform);
    await work(platform);
  } finally {
    await platform.stop();
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
  }
};

/** Every question fails, after the page knows who asks. */
const failAll = async (page: Page): Promise<void> => {
  await page.route(/\/api\/(?!(?:me|session)(?:\?|$)|projects|share)/, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/json',
      body: JSON.stringify({
        error: {
          code: 'warehouse_unavailable',
          message: 'The engine does not answer. Nothing is lost; ask again in a moment.',
        },
      }),
    }),
  );
};

const addressOf = ({ path }: Place, state: State): string =>
  `${path}${path.includes('?') ? '&' : '?'}project=${state === 'empty' ? EMPTY : FULL}`;

/** A page waits first for its own part of the program, then for answers. */
const untilAnswered = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor({ timeout: ANSWERED_MS });
  await sleep(SETTLE_MS);
  await until('nothing waits', () => nothingWaits(page), ANSWERED_MS).catch(() =>
    console.error(`${page.url()}: still waiting after ${ANSWERED_MS / 1_000} s`),
  );
  await sleep(SETTLE_MS);
};

interface Task {
  readonly browser: Browser;
  readonly platform: Platform;
  readonly places: readonly Place[];
  readonly out: string;
  /** Whether pictures reach to the end of the page. */
  readonly isWhole: boolean;
  readonly locale: string;
}

/** Makes the screen as high as the page, within bounds, and waits for what that brought into view. */
const showWhole = async (page: Page, width: number): Promise<void> => {
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  await page.setViewportSize({ width, height: Math.min(height, WHOLE_HEIGHT_MAX) });
  await untilAnswered(page);
};

/** Takes all pages in one state, on one screen, in one set of colours. */
const takeAll = async (
  { browser, platform, places, out, isWhole, locale }: Task,
  state: State,
  size: Size,
  colorScheme: Scheme,
): Promise<void> => {
  if (places.length === 0) return;
  const context = await browser.newContext({
    ...{ viewport: SIZES[size], colorScheme, locale, reducedMotion: 'reduce' },
    ...(size === 'phone' ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : {}),
  });
  await signIn(context, platform.url);
  const page = await context.newPage();
  const where = (): string => `${new URL(page.url()).pathname} ${state} ${size} ${colorScheme}`;
  page.on('pageerror', (error) => console.error(`${where()}: exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && state !== 'error') console.error(`${where()}: ${message.text()}`);
  });
  if (state === 'error') await failAll(page);
  for (const place of places) {
    await page.setViewportSize(SIZES[size]);
    await page.goto(`${platform.url}${addressOf(place, state)}`);
    await untilAnswered(page);
    if (state === 'full' && place.act !== undefined) {
      await place.act(page);
      await untilAnswered(page);
    }
    if (isWhole) await showWhole(page, SIZES[size].width);
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    if (overflow > 0) console.error(`${where()}: ${overflow} px wider than the screen`);
    const name = state === 'full' ? place.name : `${place.name}-${state}`;
    await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) });
  }
  await context.close();
};

const listOf = <T extends string>(
  text: string | undefined,
  all: readonly T[],
  what: string,
): readonly T[] => {
  if (text === undefined) return all;
  const asked = text.split(',');
  const unknown = asked.find((each) => !all.some((known) => known === each));
  if (unknown !== undefined) throw new Error(`there is no ${what} "${unknown}": ${all.join(', ')}`);
  return all.filter((each) => asked.includes(each));
};

/** Whether the documentation keeps it. */
const isDocumented = (name: string, state: State, size: Size, scheme: Scheme): boolean =>
  DOCUMENTED.screens.includes(`${size}-${scheme}`) &&
  (state === 'full' ? DOCUMENTED.pages : DOCUMENTED.pagesInTrouble).includes(name);

const main = async (): Promise<void> => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      out: text,
      sizes: text,
      schemes: text,
      states: text,
      only: text,
      'data-dir': text,
      whole: { type: 'boolean', default: false },
      locale: { type: 'string', default: 'en-US' },
    },
  });
  const problem = isDashboardBuilt() ? undefined : await buildDashboard(process.execPath);
  if (problem !== undefined) throw new Error(problem);
  const out = values.out ?? DOCUMENTS;
  await mkdir(out, { recursive: true });
  const sizes = listOf(values.sizes, Object.keys(SIZES) as Size[], 'size');
  const schemes = listOf(values.schemes, SCHEMES, 'scheme');
  const states = listOf(values.states, STATES, 'state');
  const browser = await launchChromium();
  const takePictures = async (platform: Platform): Promise<void> => {
    const all = await placesOf(browser, platform);
    const asked = listOf(
      values.only,
      all.map(({ name }) => name),
      'page',
    );
    for (const state of states)
      for (const size of sizes)
        for (const scheme of schemes) {
          const isWanted = ({ name }: Place): boolean =>
            asked.includes(name) && (values.out !== undefined || isDocumented(name, state, size, scheme));
          const task = {
            browser,
            platform,
            out,
            places: all.filter(isWanted),
            isWhole: values.whole,
            locale: values.locale,
          };
          await takeAll(task, state, size, scheme);
        }
  };
  try {
    await withPlatform(values['data-dir'], takePictures);
  } finally {
    await browser.close();
  }
};

await main();
