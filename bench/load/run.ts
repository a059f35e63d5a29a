import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { rowViews } from '../../src/event/blocks.ts';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { createWarehouse, type Warehouse } from '../../src/warehouse/client.ts';
import { type EngineHandle, startEngine } from '../../src/warehouse/engine/supervise.ts';
import { migrate } from '../../src/warehouse/migrations.ts';
import { openPromotions } from '../../src/warehouse/promotion.ts';
import { makeEvents, nativeBody } from '../../src/warehouse/testing/rows.ts';
import { conditions, figure, median } from '../lib/report.ts';

/**
 * Loading: the same rows as Native blocks by token, as the product does, and as `INSERT ... FORMAT JSONEachRow` with ClickHouse's defaults, into the same table of the
 * same engine over the same HTTP. The order is reversed each round. Then what promoted properties add, and the engine at rest.
 */

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '50000' },
    loads: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    dir: { type: 'string', default: '/tmp' },
  },
});

const ROWS = Number(options.rows);
const LOADS = Number(options.loads);
const ROUNDS = Number(options.rounds);
const MIB = 1024 * 1024;
const MEMORY_BYTES = 700 * MIB;
const NOW_MS = Date.UTC(2026, 10, 20, 12);
const IDLE_MS = 10_000;
/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;
const UTIME_FIELD = 11;

const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[UTIME_FIELD]) + Number(fields[UTIME_FIELD + 1])) * MS_PER_TICK;
};

const rssMib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

interface Prepared {
  readonly native: readonly Uint8Array[][];
  readonly json: readonly string[];
}

const prepare = (): Prepared => {
  const blocks = Array.from({ length: LOADS }, (_unused, seed) =>
    makeEvents({ rows: ROWS, seed, fromMs: NOW_MS + seed * 1_000 }),
  );
  return {
    native: blocks.map((block, index) => nativeBody(block, index)),
    json: blocks.map((block, index) =>
      rowViews(block)
        .map((row) => JSON.stringify({ ...row, position: index, raw_position: index }))
        .join('\n'),
    ),
  };
};

interface Measured {
  readonly rowsPerSecond: number;
  readonly cpuMicrosPerRow: number;
}

const measure = async (
  engine: EngineHandle,
  warehouse: Warehouse,
  work: (load: number) => Promise<unknown>,
): Promise<Measured> => {
  const pid = engine.pid ?? 0;
  await warehouse.command('TRUNCATE TABLE events');
  await warehouse.command('TRUNCATE TABLE rollup_10s');
  const cpu = cpuMs(pid);
  const startedAt = performance.now();
  for (let load = 0; load < LOADS; load += 1) await work(load);
  const elapsedMs = performance.now() - startedAt;
  const { rows } = await warehouse.query<{ n: number }>('SELECT count() AS n FROM events');
  if (rows[0]?.n !== ROWS * LOADS) throw new Error(`${rows[0]?.n} rows instead of ${ROWS * LOADS}`);
  return {
    rowsPerSecond: (ROWS * LOADS * 1_000) / elapsedMs,
    cpuMicrosPerRow: ((cpuMs(pid) - cpu) * 1_000) / (ROWS * LOADS),
  };
};

const report = (name: string, runs: readonly Measured[]): number => {
  const rate = median(runs.map(({ rowsPerSecond }) => rowsPerSecond));
  figure(`${name}: rows a second`, rate, '/s');
  figure(
    `${name}: engine, processor time a row`,
    median(runs.map(({ cpuMicrosPerRow }) => cpuMicrosPerRow)),
    'us',
  );
  return rate;
};

const byText = (client: ClickHouseClient, json: readonly string[], load: number): Promise<unknown> =>
  client
    .exec({
      query: 'INSERT INTO events FORMAT JSONEachRow',
      values: Readable.from([json[load] ?? ''], { objectMode: false }),
      clickhouse_settings: { date_time_input_format: 'best_effort', input_format_parallel_parsing: 1 },
    })
    .then(({ stream }) => stream.resume());

const compare = async (
  engine: EngineHandle,
  warehouse: Warehouse,
  client: ClickHouseClient,
  prepared: Prepared,
): Promise<void> => {
  let tokens = 0;
  const variants = {
    native: (load: number): Promise<unknown> =>
      warehouse.load('events', prepared.native[load] ?? [], `${(tokens += 1)}`),
    json: (load: number): Promise<unknown> => byText(client, prepared.json, load),
  };
  const runs: Record<keyof typeof variants, Measured[]> = { native: [], json: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const names = ['native', 'json'] as const;
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const measured = await measure(engine, warehouse, variants[name]);
      // The first round warms up.
      if (round > 0) runs[name].push(measured);
    }
  }
  const native = report('Native by token', runs.native);
  const json = report('JSONEachRow', runs.json);
  figure('Native : JSONEachRow', native / json, 'times');
  await promoted(engine, warehouse, variants.native);
};

const promoted = async (
  engine: EngineHandle,
  warehouse: Warehouse,
  load: (load: number) => Promise<unknown>,
): Promise<void> => {
  const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
  const promotions = await openPromotions({ warehouse, clock, telemetry: quietTelemetry(), budget: 20 });
  for (const keys of [
    ['plan', 'items'],
    ['ref', 'beta', 'a', 'b', 'c', 'd', 'e', 'f'],
  ]) {
    for (const key of keys) await promotions.promote(key);
    const count = (await promotions.list('default', { withColumns: true, withNumbers: true })).budget
      .promoted;
    report(`Native, ${count} properties promoted`, [
      await measure(engine, warehouse, load),
      await measure(engine, warehouse, load),
    ]);
  }
  await promotions.close();
};

const rest = async (engine: EngineHandle, when: string): Promise<void> => {
  const pid = engine.pid ?? 0;
  const cpu = cpuMs(pid);
  await sleep(IDLE_MS);
  figure(`Engine at rest ${when}: resident`, rssMib(pid), 'MiB');
  figure(`Engine at rest ${when}: of a core`, ((cpuMs(pid) - cpu) * 100) / IDLE_MS, '%');
};

console.log(conditions());
console.log(`${ROUNDS} rounds of ${LOADS} loads of ${ROWS} rows`);
const dataDir = await mkdtemp(join(options.dir, 'aevum-load-'));
const telemetry = quietTelemetry();
const engine = await startEngine({
  dataDir,
  memoryBytesMax: MEMORY_BYTES,
  secret: randomBytes(16).toString('hex'),
  telemetry,
});
const { url, username, password } = engine;
const warehouse = createWarehouse({ url, username, password, database: 'aevum', telemetry });
const client = createClient({ url, username, password, database: 'aevum' });
try {
  await migrate(warehouse);
  await rest(engine, 'fresh');
  await compare(engine, warehouse, client, prepare());
  await rest(engine, 'after loading');
} finally {
  await client.close();
  await warehouse.close();
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
}
