/** How evenly a page is drawn while it draws live charts and while it is scrolled, against an empty page that is animated in the same browser. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Platform } from '../../test/support/platform.ts';
import { figure } from '../lib/report.ts';
import { signedIn } from './browser.ts';

const SECONDS = 15;
const WARM_MS = 5_000;
/** One frame at 60 a second. */
const FRAME_MS = 1_000 / 60;
const SHARE_OF_PEER = 0.95;
const WHEEL_PX = 60;

interface Frames {
  readonly perSecond: number;
  /** Share of frames that came later than one and a half frames after the one before. */
  readonly late: number;
  readonly longestMs: number;
  /** Milliseconds that tasks of more than 50 ms took in all. */
  readonly longTasksMs: number;
}

/** Runs in the page. Something must be moving, or a browser need not draw. */
const COUNT = `async ([seconds, frameMs]) => {
  const gaps = [];
  let longTasksMs = 0;
  const tasks = new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (longTasksMs += duration)));
  tasks.observe({ type: 'longtask' });
  const begun = performance.now();
  let before = begun;
  await new Promise((resolve) => {
    const frame = () => {
      const now = performance.now();
      gaps.push(now - before);
      before = now;
      if (now - begun >= seconds * 1000) resolve();
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  tasks.disconnect();
  return {
    perSecond: gaps.length / ((before - begun) / 1000),
    late: gaps.filter((gap) => gap > frameMs * 1.5).length / gaps.length,
    longestMs: Math.max(...gaps),
    longTasksMs,
  };
}`;

const count = async (page: Page): Promise<Frames> =>
  await page.evaluate<Frames>(`(${COUNT})([${SECONDS}, ${FRAME_MS}])`);

/** Counts while the wheel is turned over the middle of something, down and up again. */
const countScrolling = async (page: Page, over: string): Promise<Frames> => {
  await page.locator(over).first().hover();
  const turning = new AbortController();
  const wheel = (async (): Promise<void> => {
    for (let turn = 0; !turning.signal.aborted; turn += 1) {
      await page.mouse.wheel(0, turn % 60 < 30 ? WHEEL_PX : -WHEEL_PX);
      await sleep(FRAME_MS);
    }
  })();
  try {
    return await count(page);
  } finally {
    turning.abort();
    await wheel;
  }
};

const EMPTY = `data:text/html,<style>@keyframes m{to{transform:translateX(90vw)}}b{display:block;width:99px;height:99px;background:teal;animation:m 1s infinite alternate}</style><b></b>`;

const opened = async (browser: Browser, platform: Platform, path: string): Promise<Page> => {
  const page = await signedIn(browser, platform);
  await page.goto(`${platform.url}${path}`);
  await sleep(WARM_MS);
  return page;
};

const report = (name: string, frames: Frames, atLeast?: number): boolean => {
  const holds = figure(
    `${name}: frames`,
    frames.perSecond,
    '/s',
    atLeast === undefined ? undefined : { atLeast },
  );
  figure(`${name}: frames more than half a frame late`, frames.late * 100, '%');
  figure(`${name}: longest gap`, frames.longestMs, 'ms');
  figure(`${name}: in tasks of more than 50 ms`, frames.longTasksMs / SECONDS, 'ms/s');
  return holds;
};

/** Counts frames of the live page at rest and scrolled, and of a long list. Events must be coming in. Returns whether 60 frames a second are held as well as by an empty page. */
export const measureFrames = async (browser: Browser, platform: Platform): Promise<boolean> => {
  const empty = await (await browser.newContext()).newPage();
  await empty.goto(EMPTY);
  await sleep(WARM_MS);
  const peer = await count(empty);
  await empty.context().close();
  report('an empty page', peer);
  const atLeast = Number((peer.perSecond * SHARE_OF_PEER).toFixed(1));
  const live = await opened(browser, platform, '/');
  const holds = [report('live page', await count(live), atLeast)];
  holds.push(
    report('live page, stream scrolled', await countScrolling(live, '[role=listbox]:visible'), atLeast),
  );
  holds.push(report('live page scrolled', await countScrolling(live, 'h1'), atLeast));
  await live.context().close();
  const web = await opened(browser, platform, '/web');
  holds.push(report('web page scrolled', await countScrolling(web, 'h1'), atLeast));
  await web.context().close();
  return holds.every(Boolean);
};
