/**
 * Idle, then minutes at 50,000 events/s: memory of all processes (limit and flatness), parts, then what a clean restart takes. Minutes by the first argument
 * (10 by default).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WRITE_KEY } from '../../test/support/platform.ts';
import { storedEvents, untilVisible, withPlatform } from '../lib/bench-platform.ts';
import { loadInProcess } from '../lib/load-process.ts';
import { readProcesses, totalCpuSeconds, totalRssBytes } from '../lib/processes.ts';
import { conditions, figure } from '../lib/report.ts';

const MINUTES = Number(process.argv[2] ?? 10);
const EVENTS_PER_REQUEST = 500;
const EVENTS_PER_SECOND = 50_000;
const IDLE_SETTLE_MS = 15_000;
const IDLE_MEASURE_MS = 30_000;
const SAMPLE_MS = 10_000;
const MIB = 2 ** 20;

await withPlatform(async (platform) => {
  console.log(conditions());
  await sleep(IDLE_SETTLE_MS);
  const before = totalCpuSeconds(readProcesses(platform.pid));
  await sleep(IDLE_MEASURE_MS);
  const idle = readProcesses(platform.pid);
  figure('idle: memory of all processes', totalRssBytes(idle) / MIB, 'MiB', { atMost: 600 });
  figure('idle: share of a core', ((totalCpuSeconds(idle) - before) * 100_000) / IDLE_MEASURE_MS, '%', {
    atMost: 2,
  });

  const load = loadInProcess({
    port: platform.port,
    key: WRITE_KEY,
    connections: 16,
    eventsPerRequest: EVENTS_PER_REQUEST,
    seconds: MINUTES * 60,
    requestsPerSecond: EVENTS_PER_SECOND / EVENTS_PER_REQUEST,
    firstId: 0,
  });
  let done = false;
  void load.finally(() => (done = true));
  const samples: number[] = [];
  while (!done) {
    await sleep(SAMPLE_MS);
    const readings = readProcesses(platform.pid);
    samples.push(totalRssBytes(readings) / MIB);
    const parts = readings.map((one) => Math.round(one.rssBytes / MIB)).join(' + ');
    console.log(
      `${(samples.length * SAMPLE_MS) / 1000} s: ${Math.round(samples.at(-1) ?? 0)} MiB = ${parts}; visible ${await storedEvents(platform)}`,
    );
  }
  const summary = await load;
  const ended = performance.now();
  const visible = await untilVisible(platform, summary.events, 60_000);
  figure('sustained', summary.eventsPerSecond, 'events/s', { atLeast: EVENTS_PER_SECOND * 0.99 });
  figure('failures', summary.failures, 'requests', { atMost: 0 });
  figure('acknowledge p99', summary.p99Ms, 'ms');
  figure('visible after the end', visible - ended, 'ms');
  figure('memory of all processes, highest', Math.max(...samples), 'MiB', { atMost: 1500 });
  const half = Math.floor(samples.length / 2);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  figure('memory, second half to first half', mean(samples.slice(half)) / mean(samples.slice(0, half)), '', {
    atMost: 1.15,
  });
});
