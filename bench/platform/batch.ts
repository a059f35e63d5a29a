/**
 * The batch path: 1,000 events a request over HTTP, durable, through pipeline, de-duplication, load and rollup, until a query counts the last of them; load generator
 * included. Against it, in the same run and in alternating order, the rate at which the same engine loads the same rows into the same tables by
 * `INSERT ... FORMAT JSONEachRow`, large inserts one after another.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createClient } from '@clickhouse/client';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { createWarehouse } from '../../src/warehouse/client.ts';
import { startEngine } from '../../src/warehouse/engine/supervise.ts';
import { migrate } from '../../src/warehouse/migrations.ts';
import { WRITE_KEY } from '../../test/support/platform.ts';
import { untilVisible, withPlatform } from '../lib/bench-platform.ts';
import { loadInProcess } from '../lib/load-process.ts';
import { readProcesses, totalCpuSeconds } from '../lib/processes.ts';
import { conditions, figure, median } from '../lib/report.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const CONNECTIONS = 8;
const EVENTS_PER_REQUEST = 1_000;
const WARM_SECONDS = 4;
const SECONDS = 20;
const SECOND_RUN_ID = 1_000_000_000;
const MEMORY_BYTES = 1024 ** 3;
const PEER_ROWS = 600_000;
const PEER_ROWS_PER_INSERT = 50_000;

const TYPES = ['page_view', 'click', 'add_to_cart', 'checkout', 'purchase'] as const;
const COUNTRIES = ['DE', 'US', 'FR', 'GB', 'NL', 'JP', 'BR', 'IN'] as const;

/** The row that the platform makes of event `index` of the load generator's first template, as JSONEachRow. */
const peerRow = (index: number, nowMs: number): string => {
  const user = (index * 7919) % 50_000;
  const type = TYPES[index % TYPES.length] ?? '';
  const time = new Date(nowMs).toISOString().replace('T', ' ').replace('Z', '');
  return JSON.stringify({
    project: 'default',
    id: `evt_${String(index).padStart(12, '0')}`,
    time,
    received_at: time,
    type,
    source: 'web',
    user_id: `user_${user}`,
    session_id: `sess_${(user * 3 + (index % 3)).toString(36)}`,
    browser: 'Chrome',
    country: COUNTRIES[index % COUNTRIES.length],
    page: `/products/${index % 500}`,
    value: type === 'purchase' ? (index % 97) + 0.99 : null,
    currency: type === 'purchase' ? 'EUR' : '',
    properties: `{"plan":"pro","button":"buy-${index % 20}","ms":${index % 1000}}`,
    position: 1,
    raw_position: 1,
  });
};

const peerRate = async (): Promise<number> => {
  const dir = await mkdtemp(join(process.env['AEVUM_BENCH_DIR'] ?? '/tmp', 'aevum-bench-peer-'));
  const engine = await startEngine({
    dataDir: dir,
    memoryBytesMax: MEMORY_BYTES,
    secret: 'bench',
    telemetry: quietTelemetry(),
  });
  await engine.ready(60_000);
  const { url, username, password } = engine;
  const warehouse = createWarehouse({
    url,
    username,
    password,
    database: 'aevum',
    telemetry: quietTelemetry(),
  });
  await migrate(warehouse);
  const client = createClient({ url, username, password, database: 'aevum', request_timeout: 120_000 });
  const nowMs = Date.now();
  const bodies = Array.from({ length: PEER_ROWS / PEER_ROWS_PER_INSERT }, (_, insert) =>
    Buffer.from(
      Array.from({ length: PEER_ROWS_PER_INSERT }, (_row, row) =>
        peerRow(insert * PEER_ROWS_PER_INSERT + row, nowMs),
      ).join('\n'),
    ),
  );
  const started = performance.now();
  for (const body of bodies)
    await client
      .exec({ query: 'INSERT INTO events FORMAT JSONEachRow', values: Readable.from([body]) })
      .then(({ stream }) => stream.resume());
  const elapsedMs = performance.now() - started;
  const { rows } = await warehouse.query<{ stored: number }>('SELECT count() AS stored FROM events');
  if (rows[0]?.stored !== PEER_ROWS)
    throw new Error(`the peer stored ${rows[0]?.stored} of ${PEER_ROWS} rows`);
  await client.close();
  await warehouse.close();
  await engine.stop();
  await rm(dir, { recursive: true, force: true });
  return (PEER_ROWS * 1000) / elapsedMs;
};

interface OurRun {
  readonly visiblePerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly p99Ms: number;
  readonly cpuMicroseconds: number;
}

const ourRun = (): Promise<OurRun> =>
  withPlatform(async (platform) => {
    const run = (seconds: number, firstId: number) =>
      loadInProcess({
        port: platform.port,
        key: WRITE_KEY,
        connections: CONNECTIONS,
        eventsPerRequest: EVENTS_PER_REQUEST,
        seconds,
        requestsPerSecond: 0,
        firstId,
      });
    const warm = await run(WARM_SECONDS, 0);
    await untilVisible(platform, warm.events, 60_000);
    const cpuBefore = totalCpuSeconds(readProcesses(platform.pid));
    const started = performance.now();
    const summary = await run(SECONDS, SECOND_RUN_ID);
    const ended = await untilVisible(platform, warm.events + summary.events, 120_000);
    if (summary.failures > 0) console.log(`${summary.failures} of ${summary.requests} requests were refused`);
    const cpu = totalCpuSeconds(readProcesses(platform.pid)) - cpuBefore;
    return {
      visiblePerSecond: (summary.events * 1000) / (ended - started),
      acknowledgedPerSecond: summary.eventsPerSecond,
      p99Ms: summary.p99Ms,
      cpuMicroseconds: (cpu * 1e6) / summary.events,
    };
  });

console.log(conditions());
const ours: OurRun[] = [];
const peers: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const measureOurs = async (): Promise<void> => void ours.push(await ourRun());
  const measurePeer = async (): Promise<void> => void peers.push(await peerRate());
  for (const measure of round % 2 === 0 ? [measureOurs, measurePeer] : [measurePeer, measureOurs])
    await measure();
  console.log(
    `round ${round + 1}: platform ${Math.round(ours.at(-1)?.visiblePerSecond ?? 0)} events/s, peer ${Math.round(peers.at(-1) ?? 0)} rows/s`,
  );
}
const visible = median(ours.map((run) => run.visiblePerSecond));
figure('acknowledged', median(ours.map((run) => run.acknowledgedPerSecond)), 'events/s');
figure('visible in a query, load generator included', visible, 'events/s', { atLeast: 200_000 });
figure('acknowledge p99', median(ours.map((run) => run.p99Ms)), 'ms');
figure('CPU of all processes of the platform', median(ours.map((run) => run.cpuMicroseconds)), 'us/event');
figure('the same rows by INSERT FORMAT JSONEachRow', median(peers), 'rows/s');
figure('ratio', visible / median(peers), '', { atLeast: 2 });
