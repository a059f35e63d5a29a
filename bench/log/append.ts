import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { openSegmentWriter } from '../../src/log/segment/segment-log.ts';

/**
 * Appends to the segment log, beside a raw loop of write and fdatasync on the same disk in the same run. Rounds alternate the order; the medians are printed.
 * Run: node_modules/.bin/node bench/log/append.ts [directory]
 */

const ROUNDS = 3;
const ROUND_MS = 700;
const MIB = 1024 * 1024;

/** Between two commits of the paced variants. */
const PACE_MS = 15;

interface Measured {
  readonly commitsPerSecond: number;
  readonly recordsPerSecond: number;
  readonly mibPerSecond: number;
  /** Of one commit or append, median. */
  readonly p50Ms: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const measured = (commits: number, times: readonly number[], bytes: number, ms: number): Measured => ({
  commitsPerSecond: (commits / ms) * 1000,
  recordsPerSecond: (times.length / ms) * 1000,
  mibPerSecond: (times.length * bytes) / MIB / (ms / 1000),
  p50Ms: median(times),
});

/** The raw loop: one write and one fdatasync after another, into a growing file. */
const rawLoop = async (dir: string, bytes: number, paceMs = 0): Promise<Measured> => {
  const payload = Buffer.alloc(bytes, 'x');
  const fd = openSync(join(dir, 'raw'), 'w');
  const startedMs = performance.now();
  const times: number[] = [];
  while (performance.now() - startedMs < ROUND_MS) {
    const beganMs = performance.now();
    writeSync(fd, payload);
    fdatasyncSync(fd);
    times.push(performance.now() - beganMs);
    if (paceMs > 0) await pause(paceMs);
  }
  const ms = performance.now() - startedMs;
  closeSync(fd);
  return measured(times.length, times, bytes, ms);
};

/** The log, with so many appends in flight at a time. */
const logLoop = async (dir: string, bytes: number, streams: number, paceMs = 0): Promise<Measured> => {
  const payload = Buffer.alloc(bytes, 'x');
  const telemetry = quietTelemetry();
  const log = await openSegmentWriter({ dir, name: 'bench', clock: systemClock, telemetry });
  const startedMs = performance.now();
  const times: number[] = [];
  const stream = async () => {
    while (performance.now() - startedMs < ROUND_MS) {
      const beganMs = performance.now();
      await log.append({ rows: 1 }, [payload]);
      times.push(performance.now() - beganMs);
      if (paceMs > 0) await pause(paceMs);
    }
  };
  await Promise.all(Array.from({ length: streams }, stream));
  const ms = performance.now() - startedMs;
  const commits = telemetry.snapshot().find(({ name }) => name === 'aevum_log_commits_total')?.value ?? 0;
  await log.close();
  return measured(commits, times, bytes, ms);
};

const inFreshDir = async (work: (dir: string) => Promise<Measured>): Promise<Measured> => {
  const dir = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'aevum-bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
};

const VARIANTS: readonly (readonly [string, (dir: string) => Promise<Measured>])[] = [
  ['raw write + fdatasync, 256 B', (dir) => rawLoop(dir, 256)],
  ['log, 256 B, 1 in flight', (dir) => logLoop(dir, 256, 1)],
  ['log, 256 B, 64 in flight', (dir) => logLoop(dir, 256, 64)],
  ['log, 256 B, 1000 in flight', (dir) => logLoop(dir, 256, 1000)],
  ['raw write + fdatasync, 1 MiB', (dir) => rawLoop(dir, MIB)],
  ['log, 1 MiB, 1 in flight', (dir) => logLoop(dir, MIB, 1)],
  ['log, 1 MiB, 8 in flight', (dir) => logLoop(dir, MIB, 8)],
  ['raw 1 MiB, paced', (dir) => rawLoop(dir, MIB, PACE_MS)],
  ['log, 1 MiB, paced', (dir) => logLoop(dir, MIB, 1, PACE_MS)],
];

const results = new Map<string, Measured[]>(VARIANTS.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of round % 2 === 0 ? VARIANTS : VARIANTS.toReversed()) {
    results.get(name)?.push(await inFreshDir(run));
  }
}
for (const [name, rounds] of results) {
  const of = (key: keyof Measured, digits = 0) =>
    median(rounds.map((round) => round[key]))
      .toFixed(digits)
      .padStart(8);
  console.log(
    `${name.padEnd(32)} ${of('commitsPerSecond')} commits/s ${of('recordsPerSecond')} records/s ${of('mibPerSecond', 1)} MiB/s ${of('p50Ms', 2)} ms p50`,
  );
}
