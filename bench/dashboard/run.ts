/**
 * The dashboard in a real Chromium at 2,000 events/s: first paint, frames, and what it holds after an hour.
 *
 *     node_modules/.bin/node bench/dashboard/run.ts [--rate 2000] [--minutes 60] [--interpreted] [paint] [frames] [heap]
 *
 * With --interpreted the browser compiles no scripts to machine code, which leaves what the pages themselves keep.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { buildDashboard, isDashboardBuilt } from '../../scripts/setup/dashboard.mjs';
import { freePort, MAIN, Platform, WRITE_KEY } from '../../test/support/platform.ts';
import { dataOf, PROJECT } from '../answers/data.ts';
import { withPlatform } from '../lib/bench-platform.ts';
import { projectKey } from '../lib/project-key.ts';
import { conditions } from '../lib/report.ts';
import { withBrowser } from './browser.ts';
import { measureFrames } from './frames.ts';
import { measureHeap } from './heap.ts';
import { measurePaint } from './paint.ts';

const PARTS = ['paint', 'frames', 'heap'];
/** Millions of events of the project whose pages are opened. */
const MILLIONS = 1;
/** Without the compilers of V8: its interpreter and what it learns of shapes stay. */
const INTERPRETED = '--js-flags=--no-sparkplug --no-maglev --no-turbofan';

/** Sends events of a shop, into the project of `key`, while `work` goes on. Throws when sending ended by itself. */
const withEvents = async <T>(
  { url }: Platform,
  { rate, key = WRITE_KEY }: { readonly rate: number; readonly key?: string },
  work: () => Promise<T>,
): Promise<T> => {
  const args = ['simulate', '--url', url, '--key', key, '--rate', String(rate), '--seed', '1'];
  const sender = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
  const ended = once(sender, 'exit').then(([code]) => {
    throw new Error(`sending events ended with ${String(code)}`);
  });
  try {
    return await Promise.race([work(), ended]);
  } finally {
    ended.catch(() => undefined);
    sender.kill('SIGINT');
  }
};

const onData = async (work: (platform: Platform) => Promise<boolean>): Promise<boolean> => {
  const platform = await Platform.start(await dataOf(MILLIONS), await freePort());
  try {
    return await work(platform);
  } finally {
    await platform.stop();
  }
};

/** Events come into a project that has a month of them already, so that no chart grows because its time fills. */
const onGrowingData = async (
  rate: number,
  work: (platform: Platform) => Promise<boolean>,
): Promise<boolean> =>
  withPlatform(
    async (platform, dataDir) => {
      const key = await projectKey(dataDir, PROJECT, 'ingest');
      return await withEvents(platform, { rate, key }, () => work(platform));
    },
    [],
    await dataOf(MILLIONS),
  );

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rate: { type: 'string', default: '2000' },
      minutes: { type: 'string', default: '60' },
      interpreted: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}: ${PARTS.join(', ')}`);
  const parts = positionals.length === 0 ? PARTS : positionals;
  const [rate, minutes] = [Number(values.rate), Number(values.minutes)];
  if (!isDashboardBuilt()) {
    const problem = await buildDashboard(process.execPath);
    if (problem !== undefined) throw new Error(problem);
  }
  console.log(conditions());
  const holds: boolean[] = [];
  await withBrowser(values.interpreted ? [INTERPRETED] : [], async (browser) => {
    if (parts.includes('paint'))
      holds.push(await onData((platform) => measurePaint(browser, platform, PROJECT)));
    if (parts.includes('frames'))
      holds.push(
        await withPlatform((platform) =>
          withEvents(platform, { rate }, () => measureFrames(browser, platform)),
        ),
      );
    if (parts.includes('heap'))
      holds.push(
        await onGrowingData(rate, (platform) =>
          measureHeap(browser, platform, { project: PROJECT, minutes }),
        ),
      );
  });
  if (!holds.every(Boolean)) process.exitCode = 1;
};

await main();
