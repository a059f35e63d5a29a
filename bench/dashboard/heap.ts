/** What pages that are left open on the wall come to hold: the live page and a board, for as long as is asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Platform } from '../../test/support/platform.ts';
import { readProcesses } from '../lib/processes.ts';
import { figure } from '../lib/report.ts';
import { heapShares, type HeapShares, memoryReader, type PageMemory, signedIn } from './browser.ts';

const SAMPLE_MS = 30_000;
const WARM_MINUTES = 10;
const MINUTE_MS = 60_000;
const SLOPE_MAX = 1;
const MEGABYTE = 1_000_000;
const KILOBYTE = 1_000;

interface Sample extends PageMemory {
  readonly atMinutes: number;
}

/** By how many percent of their mean values grow in an hour, by least squares. */
const slopePerHour = (samples: readonly Sample[], value: (sample: Sample) => number): number => {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [meanAt, meanValue] = [mean(({ atMinutes }) => atMinutes), mean(value)];
  const covariance = mean((sample) => (sample.atMinutes - meanAt) * (value(sample) - meanValue));
  const variance = mean(({ atMinutes }) => (atMinutes - meanAt) ** 2);
  return (covariance / variance / meanValue) * 60 * 100;
};

interface Watched {
  readonly name: string;
  readonly page: Page;
  readonly read: () => Promise<PageMemory>;
  readonly samples: Sample[];
  /** What it is made of: when it is warm, and at the end. */
  readonly shares: HeapShares[];
}

const watch = async (browser: Browser, platform: Platform, name: string, path: string): Promise<Watched> => {
  const page = await signedIn(browser, platform);
  await page.goto(`${platform.url}${path}`);
  return { name, page, read: await memoryReader(page), samples: [], shares: [] };
};

/** Looks at what heaps are made of, apart from the samples: a snapshot leaves something behind. */
const weigh = async (watched: readonly Watched[]): Promise<void> => {
  for (const { page, shares } of watched) shares.push(await heapShares(page));
};

const report = ({ name, samples, shares }: Watched): boolean => {
  const settled = samples.filter(({ atMinutes }) => atMinutes >= WARM_MINUTES);
  const [first, last] = [settled[0], settled.at(-1)];
  if (first === undefined || last === undefined || settled.length < 3) {
    console.log(`${name}: too short to tell; the first ${WARM_MINUTES} minutes do not count`);
    return false;
  }
  figure(`${name}: heap after ${WARM_MINUTES} minutes`, first.heapBytes / MEGABYTE, 'MB');
  figure(`${name}: heap at the end`, last.heapBytes / MEGABYTE, 'MB');
  figure(`${name}: nodes after ${WARM_MINUTES} minutes`, first.nodes, '');
  figure(`${name}: nodes at the end`, last.nodes, '');
  figure(`${name}: listeners at the end`, last.listeners, '');
  const [warm, end] = shares;
  if (warm !== undefined && end !== undefined) {
    const grown = (share: keyof HeapShares): number => (end[share] - warm[share]) / KILOBYTE;
    figure(`${name}: objects and texts of the program since`, grown('program'), 'kB');
    figure(`${name}: compiled code since`, grown('compiled'), 'kB');
    figure(`${name}: what the browser keeps for the page since`, grown('browser'), 'kB');
  }
  return figure(
    `${name}: slope of the heap`,
    slopePerHour(settled, ({ heapBytes }) => heapBytes),
    '%/h',
    { atMost: SLOPE_MAX },
  );
};

/** Leaves the live page and a board of the template `web` on the wall for so many minutes. Events must be coming in. Returns whether neither grows. */
export const measureHeap = async (
  browser: Browser,
  platform: Platform,
  minutes: number,
): Promise<boolean> => {
  const board = await platform.json<{ readonly id: string }>('/api/boards', { template: 'web' });
  const watched = [
    await watch(browser, platform, 'live page', '/'),
    await watch(browser, platform, 'board', `/boards/${board.id}?wall=1`),
  ];
  const begun = performance.now();
  let isWarm = false;
  while (performance.now() - begun < minutes * MINUTE_MS) {
    await sleep(SAMPLE_MS);
    const atMinutes = (performance.now() - begun) / MINUTE_MS;
    for (const { read, samples, name } of watched) {
      const sample = { ...(await read()), atMinutes };
      samples.push(sample);
      console.log(
        `${atMinutes.toFixed(1)} min  ${name}: ${(sample.heapBytes / MEGABYTE).toFixed(2)} MB, ${sample.nodes} nodes, ${sample.listeners} listeners`,
      );
    }
    if (atMinutes >= WARM_MINUTES && !isWarm) {
      isWarm = true;
      await weigh(watched);
    }
    const rss = readProcesses(platform.pid).map(({ rssBytes }) => `${Math.round(rssBytes / MEGABYTE)} MB`);
    console.log(`${atMinutes.toFixed(1)} min  processes: ${rss.join(', ')}`);
  }
  if (isWarm) await weigh(watched);
  return watched.map(report).every(Boolean);
};
