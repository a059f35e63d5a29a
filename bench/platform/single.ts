/**
 * Single-event POST, durable: closed-loop rate against a bare `node:http` server answering 204 (both driven by the same generator, order alternated, fresh
 * processes), then p99 at 10,000 requests/s.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { freePort, WRITE_KEY } from '../../test/support/platform.ts';
import { withPlatform } from '../lib/bench-platform.ts';
import { loadInProcess, type LoadSummary } from '../lib/load-process.ts';
import { conditions, figure, median } from '../lib/report.ts';

/** As many as keep either server busy: with 64 ours waits for the disk a third of the time. */
const CONNECTIONS = 256;
const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = 8;
const FIXED_RATE = 10_000;

const serveBare = (): void => {
  createServer((request, response) => {
    request.on('data', () => undefined);
    request.on('end', () => response.writeHead(204).end());
  }).listen(Number(process.env['AEVUM_BENCH_BARE']), '127.0.0.1', () => process.send?.('ready'));
};

const load = (port: number, requestsPerSecond: number, firstId: number): Promise<LoadSummary> =>
  loadInProcess({
    port,
    key: WRITE_KEY,
    connections: CONNECTIONS,
    eventsPerRequest: 1,
    seconds: SECONDS,
    requestsPerSecond,
    firstId,
  });

const bareRate = async (): Promise<number> => {
  const port = await freePort();
  const server = fork(new URL(import.meta.url).pathname, [], {
    env: { ...process.env, AEVUM_BENCH_BARE: String(port) },
  });
  await once(server, 'message');
  const summary = await load(port, 0, 0);
  server.kill();
  return summary.requestsPerSecond;
};

const ourRate = (): Promise<number> =>
  withPlatform(async (platform) => {
    await load(platform.port, 0, 0);
    return (await load(platform.port, 0, 1_000_000_000)).requestsPerSecond;
  });

const main = async (): Promise<void> => {
  console.log(conditions());
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const measureBare = async (): Promise<void> => void bare.push(await bareRate());
    const measureOurs = async (): Promise<void> => void ours.push(await ourRate());
    for (const measure of round % 2 === 0 ? [measureBare, measureOurs] : [measureOurs, measureBare])
      await measure();
    console.log(`round ${round + 1}: bare ${bare.at(-1)} requests/s, platform ${ours.at(-1)} requests/s`);
  }
  figure('single POST, durable, closed loop', median(ours), 'requests/s', { atLeast: FIXED_RATE });
  figure('ratio to bare node:http answering 204', median(ours) / median(bare), '', { atLeast: 0.6 });
  const fixed = await withPlatform(async (platform) => {
    // A process that has just started compiles while it runs; what it does for hours is what counts.
    await load(platform.port, FIXED_RATE, 0);
    return load(platform.port, FIXED_RATE, 1_000_000_000);
  });
  figure('at 10,000 requests/s: reached', fixed.requestsPerSecond, 'requests/s');
  figure('at 10,000 requests/s: failures', fixed.failures, 'requests', { atMost: 0 });
  figure('at 10,000 requests/s: p50', fixed.p50Ms, 'ms');
  figure('at 10,000 requests/s: p99', fixed.p99Ms, 'ms', { atMost: 50 });
};

if (process.env['AEVUM_BENCH_BARE'] !== undefined) serveBare();
else await main();
