/** First paint of every page, with nothing in the browser's cache, and what the browser loads for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Platform } from '../../test/support/platform.ts';
import { figure, median } from '../lib/report.ts';
import { signedIn } from './browser.ts';

const ROUNDS = 5;
const PAINT_MAX_MS = 1_000;
const BUNDLE_MAX_KB = 250;
/** The live page never stops asking: what was largest after so long is what counts. */
const SETTLE_MS = 2_000;

const PATHS = [
  '/',
  '/web',
  '/boards',
  '/explore',
  '/sql',
  '/users',
  '/sessions',
  '/cohorts',
  '/data',
  '/system',
  '/settings',
];

interface Paint {
  /** Since the navigation began. */
  readonly firstMs: number;
  /** The largest thing that was painted within two seconds of loading. */
  readonly largestMs: number;
  /** Of scripts, as they came over the wire. */
  readonly scriptBytes: number;
}

/** Runs in the page. */
const PAINT_OF_PAGE = `new Promise((resolve) => {
  new PerformanceObserver((list, observer) => {
    observer.disconnect();
    const largest = list.getEntries().at(-1)?.startTime ?? 0;
    const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN;
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.split('?')[0].endsWith('.js'));
    resolve({ firstMs: first, largestMs: largest, scriptBytes: scripts.reduce((sum, each) => sum + each.encodedBodySize, 0) });
  }).observe({ type: 'largest-contentful-paint', buffered: true });
})`;

const paintOf = async (page: Page, url: string): Promise<Paint> => {
  await page.goto(url, { waitUntil: 'load' });
  await sleep(SETTLE_MS);
  return await page.evaluate<Paint>(PAINT_OF_PAGE);
};

/** Opens every page so many times, each time in a browser that has seen nothing, in alternating order. Returns whether all limits hold. */
export const measurePaint = async (
  browser: Browser,
  platform: Platform,
  project: string,
): Promise<boolean> => {
  const seen = new Map<string, Paint[]>(PATHS.map((path) => [path, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const path of round % 2 === 0 ? PATHS : PATHS.toReversed()) {
      const page = await signedIn(browser, platform);
      const paint = await paintOf(page, `${platform.url}${path}?project=${project}`);
      // The first time warms up the server's files.
      if (round > 0) seen.get(path)?.push(paint);
      await page.context().close();
    }
  }
  return [...seen].map((each) => report(...each)).every(Boolean);
};

const report = (path: string, paints: readonly Paint[]): boolean => {
  const holds = [
    figure(
      `${path}: first paint, the longest of ${ROUNDS}`,
      Math.max(...paints.map(({ firstMs }) => firstMs)),
      'ms',
      {
        atMost: PAINT_MAX_MS,
      },
    ),
  ];
  figure(`${path}: largest paint, median`, median(paints.map(({ largestMs }) => largestMs)), 'ms');
  const kilobytes = (paints[0]?.scriptBytes ?? Number.NaN) / 1_000;
  holds.push(
    figure(
      `${path}: scripts over the wire`,
      kilobytes,
      'kB',
      path === '/' ? { atMost: BUNDLE_MAX_KB } : undefined,
    ),
  );
  return holds.every(Boolean);
};
