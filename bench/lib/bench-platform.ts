import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, Platform } from '../../test/support/platform.ts';

/** A platform on an empty data dir for one bench, and the questions that benches ask it. */

/** Where benches put their data: a real disk, not a memory file system. */
export const SCRATCH = process.env['AEVUM_BENCH_DIR'] ?? '/tmp';

/** Runs `work` against a fresh platform, or one on a copy of the data folder `copyOf`, which is stopped and removed afterwards. */
export const withPlatform = async <T>(
  work: (platform: Platform, dataDir: string) => Promise<T>,
  args: readonly string[] = [],
  copyOf?: string,
): Promise<T> => {
  const dataDir = await mkdtemp(join(SCRATCH, 'aevum-bench-'));
  if (copyOf !== undefined) await cp(copyOf, dataDir, { recursive: true });
  const platform = await Platform.start(dataDir, await freePort(), args);
  try {
    return await work(platform, dataDir);
  } finally {
    await platform.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

interface TrendAnswer {
  readonly series: readonly { readonly total: number }[];
}

/** Stored events as a `trend` query tells, over the last day. */
export const storedEvents = async (platform: Platform): Promise<number> => {
  const answer = await platform.json<TrendAnswer>('/api/query', {
    kind: 'trend',
    measure: { kind: 'count' },
    interval: 'total',
    range: 'last 24 hours',
  });
  return answer.series.reduce((sum, series) => sum + series.total, 0);
};

/** Waits until a query answers `expected` events; returns when that was, in monotonic milliseconds. */
export const untilVisible = async (
  platform: Platform,
  expected: number,
  limitMs: number,
): Promise<number> => {
  const limit = performance.now() + limitMs;
  for (;;) {
    const seen = await storedEvents(platform);
    if (seen >= expected) return performance.now();
    if (performance.now() > limit)
      throw new Error(`only ${seen} of ${expected} events were visible after ${limitMs} ms`);
    await sleep(20);
  }
};
