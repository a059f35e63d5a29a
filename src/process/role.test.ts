import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../test/support/random.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { testSeed } from '../lib/testing/random.ts';
import type { LogWriter } from '../log/log.ts';
import { openSegmentWriter } from '../log/segment/segment-log.ts';
import { createWarehouse, type Warehouse } from '../warehouse/client.ts';
import { type EngineHandle, startEngine } from '../warehouse/engine/supervise.ts';
import { migrate } from '../warehouse/migrations.ts';
import { type WindowDefinition, windowMetric } from '../query/window-source.ts';
import type { WindowMetric } from '../window/metric.ts';
import { modelCounts, type ModelEvent, modelSessions, windowLines } from '../window/testing/model.ts';
import { type ProcessorHandle, startProcessor } from './supervise.ts';
import { WindowStore } from './windows/window-store.ts';
import { orphanTestSupervision } from './testing/orphan-supervision.ts';
import { appendRaw } from './testing/raw-records.ts';

/** The processor as it runs: its own process, segments on disk, the embedded engine. */

const WINDOWS: readonly WindowDefinition[] = [
  { kind: 'session', gapMs: 40 } as const,
  { kind: 'count', every: 70 } as const,
].map((window) => ({
  ...{ project: 'default', window, events: {}, of: undefined, timeZone: 'UTC' },
  by: { kind: 'text', name: 'type' } as const,
}));
const CONFIGURATION = {
  ...{ version: 1, uniqueWindowMs: 86_400_000 },
  windows: WINDOWS.map((definition) =>
    windowMetric(definition, { metric: definition.window.kind, version: 1 }),
  ),
};
const KILLS = 8;
/** How long it may take over ending before it is killed. */
const STOP_TIMEOUT_MS = 120_000;
const READY_MS = 180_000;

interface World {
  readonly dir: string;
  readonly raw: LogWriter;
  readonly engine: EngineHandle;
  readonly warehouse: Warehouse;
  readonly processor: ProcessorHandle;
  readonly log: string[];
}

const withWorld = async (use: (world: World) => Promise<void>): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-role-'));
  const ends: (() => Promise<void>)[] = [];
  try {
    await use(await makeWorld(dir, (end) => ends.unshift(end)));
  } finally {
    for (const end of ends) await end();
    rmSync(dir, { recursive: true, force: true });
  }
};

const makeWorld = async (dir: string, atEnd: (end: () => Promise<void>) => void): Promise<World> => {
  const telemetry = quietTelemetry();
  const log: string[] = [];
  const engine = await startEngine({
    ...{ dataDir: join(dir, 'warehouse'), memoryBytesMax: 1e9, secret: 'secret', telemetry },
  });
  atEnd(() => engine.stop());
  await engine.ready(READY_MS);
  const access = { url: engine.url, username: engine.username, password: engine.password, database: 'aevum' };
  const warehouse = createWarehouse({ ...access, telemetry });
  atEnd(() => warehouse.close());
  await migrate(warehouse);
  const raw = await openSegmentWriter({ dir, name: 'raw', clock: systemClock, telemetry, segmentBytes: 1e6 });
  atEnd(() => raw.close());
  const processor = startProcessor({
    options: {
      ...{ log: { kind: 'segments', dir }, stateDir: join(dir, 'state'), warehouse: access },
      ...{ loadIntervalMs: 20, governedBytesMax: 1e9, governedKeepBytes: 0 },
    },
    ...{ configuration: CONFIGURATION, telemetry, stopTimeoutMs: STOP_TIMEOUT_MS },
    log: (level, name, message) => log.push(`${level} ${name} ${message}`),
  });
  atEnd(() => processor.stop());
  await processor.ready;
  return { dir, raw, engine, warehouse, processor, log };
};

/** Some events come late. */
const lateMs = (id: string): number => (id.endsWith('7') ? 150 : 0);

const append = async ({ raw, processor }: World, ids: readonly string[]): Promise<void> => {
  const position = await appendRaw(
    raw,
    ids.map((id) => ({ id, receivedAtMs: Date.now() - lateMs(id), type: `t${id.length}` })),
  );
  processor.rawDurable(position + 1);
};

const loaded = async ({ raw, processor, log }: World): Promise<void> => {
  const { next } = await raw.extent();
  for (const limit = Date.now() + READY_MS; processor.progress.rawLoaded < next; await pause(10))
    assert.ok(
      Date.now() < limit,
      `${JSON.stringify(processor.progress)} of ${next}\n${log.slice(-20).join('\n')}`,
    );
};

/** The windows that are kept are those of the events that are stored. */
const assertWindows = async ({ warehouse, processor, log }: World, about: string): Promise<void> => {
  const isDone = (): boolean =>
    processor.windows.length === WINDOWS.length &&
    processor.windows.every(({ next }) => (next ?? 0) >= processor.progress.governedNext);
  for (const limit = Date.now() + READY_MS; !isDone(); await pause(10))
    assert.ok(Date.now() < limit, `${JSON.stringify(processor.windows)}\n${log.slice(-20).join('\n')}`);
  const { rows } = await warehouse.query<Omit<ModelEvent, 'amount' | 'currency'>>(
    'SELECT type AS key, toUnixTimestamp64Milli(time) AS timeMs, position, id FROM events',
  );
  const events = rows.map((row) => ({ ...row, amount: null, currency: '' }));
  const store = new WindowStore(warehouse, AbortSignal.timeout(READY_MS));
  for (const [index, { window }] of WINDOWS.entries()) {
    const metric = { ...CONFIGURATION.windows[index], window: { kind: 'session', gapMs: 0 } } as WindowMetric;
    const kept = windowLines(await store.newest(metric, 1_000_000));
    const wanted =
      window.kind === 'session' ? modelSessions(events, window.gapMs) : modelCounts(events, window.every);
    assert.deepEqual(kept, windowLines(wanted), `${window.kind}, ${about}`);
  }
};

const one = async (warehouse: Warehouse, sql: string): Promise<Record<string, number>> =>
  (await warehouse.query<Record<string, number>>(sql)).rows[0] ?? {};

test('killed at any moment, the processor decides and loads each event once', { timeout: 300_000 }, () =>
  withWorld(async (world) => {
    const seed = testSeed();
    const random = seededRandom(seed);
    const sent = new Set<string>();
    let received = 0;
    let kills = 0;
    let isEnding = false;
    const killing = (async () => {
      while (kills < KILLS) {
        await pause(random() * 700);
        const { pid } = world.processor;
        if (pid === undefined) continue;
        process.kill(pid, 'SIGKILL');
        kills++;
      }
      isEnding = true;
    })();
    for (let record = 0; !isEnding; record++) {
      const ids = Array.from({ length: Math.ceil(random() * 200) }, () => {
        const isRepeated = random() < 0.2;
        return isRepeated
          ? `id-${Math.floor(random() * record * 100)}`
          : `id-${record * 100 + Math.floor(random() * 100)}`;
      });
      await append(world, ids);
      received += ids.length;
      for (const id of ids) sent.add(id);
      await pause(random() * 20);
    }
    await killing;
    await loaded(world);
    const events = await one(world.warehouse, 'SELECT count() AS rows, uniqExact(id) AS ids FROM events');
    assert.deepEqual(events, { rows: sent.size, ids: sent.size }, `seed ${seed}, ${kills} kills`);
    const ledger = await one(
      world.warehouse,
      `SELECT sumIf(events, account = 'received') AS received, sumIf(events, account = 'stored') AS stored,
         sumIf(events, account = 'duplicate') AS duplicate FROM ledger`,
    );
    assert.deepEqual(
      ledger,
      { received, stored: sent.size, duplicate: received - sent.size },
      `seed ${seed}, ${kills} kills`,
    );
    const records = await one(
      world.warehouse,
      'SELECT count() AS rows, uniqExact(raw_position) AS positions, sum(stored) AS stored FROM records',
    );
    const { next } = await world.raw.extent();
    assert.deepEqual(records, { rows: next, positions: next, stored: sent.size });
    const rollup = await one(world.warehouse, 'SELECT sum(events) AS events FROM rollup_10s');
    assert.deepEqual(rollup, { events: sent.size });
    await assertWindows(world, `seed ${seed}, ${kills} kills`);
    console.log(`seed ${seed}: ${kills} kills, ${received} received, ${sent.size} stored`);
  }),
);

test('while the engine is dead events are decided; it catches up by itself', { timeout: 300_000 }, () =>
  withWorld(async (world) => {
    await append(world, ['a', 'b']);
    await loaded(world);
    process.kill(world.engine.pid ?? 0, 'SIGKILL');
    for (let record = 0; record < 30; record++) {
      await append(world, [`c-${record}`, 'a']);
      await pause(5);
    }
    await loaded(world);
    assert.deepEqual(await one(world.warehouse, 'SELECT count() AS rows, uniqExact(id) AS ids FROM events'), {
      ...{ rows: 32, ids: 32 },
    });
  }),
);

test('stops cleanly: what is decided is saved, nothing is decided again', { timeout: 300_000 }, () =>
  withWorld(async (world) => {
    await append(world, ['a', 'b']);
    await loaded(world);
    const startedMs = performance.now();
    await world.processor.stop();
    assert.ok(performance.now() - startedMs < STOP_TIMEOUT_MS, 'it was killed');
    assert.equal(world.processor.state, 'stopped');
    assert.ok(readdirSync(join(world.dir, 'state', 'unique')).some((name) => name.startsWith('hot-')));
  }),
);

test('ends when its parent is killed; a successor waits for it and goes on', {
  timeout: 300_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-role-'));
  const parent = fork(new URL('./testing/parent.ts', import.meta.url), [dir], { execPath: process.execPath });
  const [pid] = (await once(parent, 'message')) as [number];
  parent.kill('SIGKILL');
  const successor = startProcessor(orphanTestSupervision(dir));
  try {
    await successor.ready;
    assert.ok(isGone(pid));
    assert.equal(successor.state, 'running');
  } finally {
    await successor.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});

/** Whether a process has ended (it may still be a zombie). */
const isGone = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return true;
  }
};

test('a process that cannot start is tried again, and says why', { timeout: 300_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-role-'));
  const file = join(dir, 'a-file');
  writeFileSync(file, '');
  const supervision = orphanTestSupervision(dir);
  const states: string[] = [];
  const processor = startProcessor({
    ...supervision,
    options: { ...supervision.options, stateDir: join(file, 'state') },
    onState: (state) => states.push(state),
  });
  while (states.filter((state) => state === 'waiting').length < 2) await pause(20);
  assert.match(processor.trouble ?? '', /ENOTDIR|EEXIST|not a directory/);
  await processor.stop();
  assert.equal(processor.state, 'stopped');
  await assert.rejects(processor.ready);
  rmSync(dir, { recursive: true, force: true });
});
