/** What pages that are left open on the wall come to hold: the live page and a board, for as long as is asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Platform } from '../../test/support/platform.ts';
import { readProcesses } from '../lib/processes.ts';
import { figure } from '../lib/report.ts';
import { heapShares, type HeapShares, memoryReader, type PageMemory, signedIn } from './browser.ts';

const SAMPLE_MS = 30_000;
const WARM_MINUTES = 10;
/** What the slope is told of: so long, and what comes after it by itself. */
const HOUR_MINUTES = 60;
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

interface Shares extends HeapShares {
  readonly atMinutes: number;
}

interface Watched {
  readonly name: string;
  readonly page: Page;
  readonly read: () => Promise<PageMemory>;
  readonly samples: Sample[];
  /** What it is made of: when it is warm, after the hour, and at the end. */
  readonly shares: Shares[];
}

const watch = async (browser: Browser, platform: Platform, name: string, path: string): Promise<Watched> => {
  const page = await signedIn(browser, platform);
  await page.goto(`${platform.url}${path}`);
  return { name, page, read: await memoryReader(page), samples: [], shares: [] };
};

/** Looks at what heaps are made of, apart from the samples: a snapshot leaves something behind. */
const weigh = async (watched: readonly Watched[], atMinutes: number): Promise<void> => {
  for (const { page, shares } of watched) shares.push({ ...(await heapShares(page)), atMinutes });
};

const report = ({ name, samples, shares }: Watched): boolean => {
  const settled = samples.filter(({ atMinutes }) => atMinutes >= WARM_MINUTES && atMinutes <= HOUR_MINUTES);
  const later = samples.filter(({ atMinutes }) => atMinutes > HOUR_MINUTES);
  const [first, last] = [settled[0], settled.at(-1)];
  if (first === undefined || last === undefined || settled.length < 3) {
    console.log(`${name}: too short to tell; the first ${WARM_MINUTES} minutes do not count`);
    return false;
  }
  figure(`${name}: heap after ${WARM_MINUTES} minutes`, first.heapBytes / MEGABYTE, 'MB');
  figure(`${name}: heap after ${Math.round(last.atMinutes)} minutes`, last.heapBytes / MEGABYTE, 'MB');
  figure(`${name}: nodes after ${WARM_MINUTES} minutes`, first.nodes, '');
  figure(`${name}: nodes at the end`, last.nodes, '');
  figure(`${name}: listeners at the end`, last.listeners, '');
  for (const [at, share] of shares.entries()) {
    const before = shares[at - 1];
    if (before === undefined) continue;
    const grown = (of: keyof HeapShares): number => (share[of] - before[of]) / KILOBYTE;
    const span = `${name}, minutes ${before.atMinutes.toFixed(0)} to ${share.atMinutes.toFixed(0)}`;
    figure(`${span}: objects and texts of the program`, grown('program'), 'kB');
    figure(`${span}: compiled code`, grown('compiled'), 'kB');
    figure(`${span}: what the browser keeps for the page`, grown('browser'), 'kB');
  }
  const slope = (of: readonly Sample[]): number => slopePerHour(of, ({ heapBytes }) => heapBytes);
  if (later.length >= 3)
    figure(`${name}: slope of the heap from minute ${HOUR_MINUTES} to the end`, slope(later), '%/h');
  return figure(`${name}: slope of the heap`, slope(settled), '%/h', { atMost: SLOPE_MAX });
};

/** Makes a board as somebody does who is signed in; answers its id. Throws where that is refused. */
const boardOf = async (browser: Browser, platform: Platform, project: string): Promise<string> => {
  const page = await signedIn(browser, platform);
  const answer = await page.context().request.post(`${platform.url}/api/boards?project=${project}`, {
    data: { template: 'web' },
    headers: { origin: platform.url },
  });
  if (!answer.ok()) throw new Error(`making a board answered ${answer.status()}: ${await answer.text()}`);
  const { id } = (await answer.json()) as { readonly id: string };
  await page.context().close();
  return id;
};

/** Leaves the live page and a board of the template `web` on the wall for so many minutes. Events must be coming into the project. Returns whether neither grows. */
export const measureHeap = async (
  browser: Browser,
  platform: Platform,
  { project, minutes }: { readonly project: string; readonly minutes: number },
): Promise<boolean> => {
  const board = await boardOf(browser, platform, project);
  const watched = [
    await watch(browser, platform, 'live page', `/?project=${project}`),
    await watch(browser, platform, 'board', `/boards/${board}?project=${project}&wall=1`),
  ];
  const begun = performance.now();
  let marks = [WARM_MINUTES, HOUR_MINUTES, minutes].filter((mark) => mark <= minutes);
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
    if (marks.some((mark) => atMinutes >= mark)) {
      await weigh(watched, atMinutes);
      marks = marks.filter((mark) => atMinutes < mark);
    }
    const rss = readProcesses(platform.pid).map(({ rssBytes }) => `${Math.round(rssBytes / MEGABYTE)} MB`);
    console.log(`${atMinutes.toFixed(1)} min  processes: ${rss.join(', ')}`);
  }
  return watched.map(report).every(Boolean);
};
