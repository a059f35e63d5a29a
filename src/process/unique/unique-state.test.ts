import assert from 'node:assert/strict';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fc } from '../../../test/support/fast-check.ts';
import type { Clock } from '../../lib/clock.ts';
import { errorCode, type FilePort, nodeFiles } from '../../lib/file-port.ts';
import { Telemetry } from '../../lib/telemetry.ts';
import { until } from '../../lib/testing/until.ts';
import { eventsOf } from '../testing/events.ts';
import { createInlineBuilder, createWorkerBuilder, type RunBuilder } from './builder.ts';
import { FingerprintBatch } from './entry.ts';
import { Fingerprinter } from './fingerprint.ts';
import { UniqueState } from './unique-state.ts';

/** Few slots and runs, so that a few hundred ids go through every stage. */
const SMALL = { hotBitsMax: 6, runsMax: 2, pageCacheBytes: 8192 };
const WINDOW_SECONDS = 100;
const START_SECONDS = 1_800_000_000;

interface Row {
  readonly id: string;
  readonly seconds: number;
}

interface Governed {
  readonly rows: readonly Row[];
}

/** A governed topic as an array, the state under test on a directory, and what plain maps say. */
class World {
  readonly governed: Governed[] = [];
  readonly model = new Map<string, number>();
  readonly events: string[] = [];
  readonly clock: Clock & { ms: number } = { ms: 0, nowMs: () => 0, monotonicMs: () => this.clock.ms };
  dir: string;
  files: FilePort = nodeFiles;
  builder: RunBuilder = createInlineBuilder();
  readonly #dirs: string[] = [];
  #state: UniqueState | undefined;

  constructor() {
    this.dir = this.#newDir();
  }

  get state(): UniqueState {
    assert.ok(this.#state !== undefined);
    return this.#state;
  }

  async open(): Promise<void> {
    const telemetry = new Telemetry((_level, name) => this.events.push(name));
    this.builder = createInlineBuilder();
    const { dir, clock, files, builder } = this;
    const governedNext = this.governed.length;
    this.#state = await UniqueState.open({ dir, governedNext, clock, telemetry, files, builder, ...SMALL });
    await this.replay();
  }

  /** What the processor does on start: missing ranges, then the tail. */
  async replay(): Promise<void> {
    const state = this.state;
    const ranges = [...state.missing];
    for (const { from, next } of ranges) {
      for (const { rows } of this.governed.slice(from, next)) {
        await state.makeRoom(rows.length);
        state.restore(this.#batch(rows));
      }
    }
    if (ranges.length > 0) await state.restored(ranges);
    for (let next = state.next + 1; next <= this.governed.length; next++) {
      const rows = this.governed[next - 1]?.rows ?? [];
      await state.makeRoom(rows.length);
      state.insert(next, this.#batch(rows));
      state.maintain();
    }
  }

  /** Decides on rows, has all but `refusedLater` stored, and compares with the model. */
  async decide(rows: readonly Row[], refusedLater: (index: number) => boolean = () => false): Promise<void> {
    const state = this.state;
    await state.makeRoom(rows.length);
    const batch = this.#batch(rows);
    const duplicate = new Uint8Array(rows.length);
    const count = state.claim(batch, WINDOW_SECONDS, duplicate);
    const inBatch = new Map(this.model);
    const expected = rows.map(({ id, seconds }) => {
      const stored = inBatch.get(id);
      const isDuplicate = stored !== undefined && seconds - stored <= WINDOW_SECONDS;
      if (!isDuplicate) inBatch.set(id, seconds);
      return isDuplicate ? 1 : 0;
    });
    assert.deepEqual([...duplicate], expected);
    assert.equal(count, expected.filter((byte) => byte === 1).length);
    const stored = Uint8Array.from(rows, (_, index) =>
      duplicate[index] === 1 || refusedLater(index) ? 0 : 1,
    );
    const kept = rows.filter((_, index) => stored[index] === 1);
    this.governed.push({ rows: kept });
    state.commit(this.governed.length, batch, duplicate, kept.length === rows.length ? undefined : stored);
    for (const { id, seconds } of kept) this.model.set(id, seconds);
    state.maintain();
  }

  async restart(): Promise<void> {
    await this.state.close();
    await this.open();
  }

  /** kill -9: what is on disk at this moment is all there is. */
  async crash(): Promise<void> {
    const copy = this.#copyOfDir();
    await this.state.close();
    this.dir = copy;
    await this.open();
  }

  file(prefix: string): string {
    const name = readdirSync(this.dir).find((found) => found.startsWith(prefix));
    assert.ok(name !== undefined, `no ${prefix} among ${readdirSync(this.dir).join(', ')}`);
    return join(this.dir, name);
  }

  async end(): Promise<void> {
    await this.#state?.close();
    for (const dir of this.#dirs) rmSync(dir, { recursive: true, force: true });
  }

  /** Files that are not needed any more are removed in the background: one may go away in the middle of the copy. */
  #copyOfDir(): string {
    for (let attempt = 1; ; attempt++) {
      const copy = this.#newDir();
      try {
        cpSync(this.dir, copy, { recursive: true });
        return copy;
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || attempt === 10) throw error;
      }
    }
  }

  #newDir(): string {
    const dir = mkdtempSync(join(tmpdir(), 'aevum-unique-'));
    this.#dirs.push(dir);
    return dir;
  }

  #batch(rows: readonly Row[]): FingerprintBatch {
    const batch = new FingerprintBatch();
    const events = eventsOf(rows.map(({ id, seconds }) => ({ id, receivedAtMs: seconds * 1000 + 7 })));
    new Fingerprinter(this.state.key).compute(events, batch);
    return batch;
  }
}

const withWorld = async (use: (world: World) => Promise<void>): Promise<void> => {
  const world = new World();
  try {
    await world.open();
    await use(world);
  } finally {
    await world.end();
  }
};

const rowsOf = (from: number, count: number, seconds = START_SECONDS): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: `id-${from + index}`, seconds }));

type Action =
  | {
      readonly kind: 'decide';
      readonly ids: readonly number[];
      readonly wait: number;
      readonly refuse: number;
    }
  | { readonly kind: 'restart' | 'crash' | 'settle' | 'sync' };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      ids: fc.array(fc.nat(600), { minLength: 5, maxLength: 30 }),
      wait: fc.integer({ min: -3, max: 8 }),
      refuse: fc.integer({ min: 0, max: 9 }),
    }),
  },
  fc.record({ kind: fc.constantFrom('restart' as const, 'crash' as const) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('settle' as const, 'sync' as const) }) },
);

test('decides as plain maps would, through seals, merges, expiry, restarts and crashes', async () => {
  let runsMost = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 60 }), (actions) =>
      withWorld(async (world) => {
        let seconds = START_SECONDS;
        for (const step of actions) {
          if (step.kind === 'decide') {
            seconds += step.wait * 10;
            const rows = step.ids.map((id) => ({ id: `id-${id}`, seconds }));
            await world.decide(rows, (index) => step.refuse === 0 && index % 3 === 0);
          } else if (step.kind === 'restart') await world.restart();
          else if (step.kind === 'crash') await world.crash();
          else if (step.kind === 'settle') await world.state.settled();
          else world.clock.ms += 5_000;
          runsMost = Math.max(runsMost, world.state.runs);
          assert.ok(world.state.durableNext <= world.governed.length);
        }
        assert.deepEqual(
          world.events.filter((name) => name !== 'unique_built'),
          [],
        );
      }),
    ),
    { numRuns: 30, endOnFailure: true },
  );
  assert.ok(runsMost >= 3, 'the test reached sealed and merged runs');
});

test('what is durable survives without the governed topic, before and behind seals', () =>
  withWorld(async (world) => {
    for (let batch = 0; batch < 20; batch++) await world.decide(rowsOf(batch * 10, 10));
    await world.state.settled();
    const durable = world.state.durableNext;
    assert.ok(durable > 0 && world.state.runs >= 1);
    for (let position = 0; position < durable; position++) world.governed[position] = { rows: [] };
    await world.crash();
    for (let batch = 0; batch < 20; batch++) await world.decide(rowsOf(batch * 10, 10));
    assert.equal(world.governed.at(-1)?.rows.length, 0);
  }));

test('runs are merged down, and expired ones go away', () =>
  withWorld(async (world) => {
    for (let batch = 0; batch < 60; batch++) {
      await world.decide(rowsOf(batch * 10, 10, START_SECONDS + batch));
      await world.state.settled();
    }
    assert.ok(world.state.runs <= SMALL.runsMax);
    for (let batch = 0; batch < 30; batch++) {
      await world.decide(rowsOf(batch * 10, 10, START_SECONDS + 1000 + batch));
      await world.state.settled();
    }
    assert.ok(world.state.entries <= 450, `${world.state.entries} entries are left`);
    const runFiles = readdirSync(world.dir).filter((name) => name.startsWith('run-'));
    assert.equal(runFiles.length, world.state.runs);
  }));

test('a flipped byte anywhere in a run is noticed, and its ids come back from the governed topic', () =>
  withWorld(async (world) => {
    for (let batch = 0; batch < 20; batch++) await world.decide(rowsOf(batch * 10, 10));
    await world.state.settled();
    await world.state.close();
    const path = world.file('run-');
    const bytes = readFileSync(path);
    const places = [
      0,
      19,
      200,
      1000,
      4080,
      4095,
      4097,
      bytes.length - 70,
      bytes.length - 30,
      bytes.length - 1,
    ];
    for (const place of places) {
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] ?? 0) ^ 0x10;
      writeFileSync(path, damaged);
      world.events.length = 0;
      await world.open();
      const duplicate = new Uint8Array(200);
      const rows = rowsOf(0, 200);
      // The first look finds the page damaged; its range is then read again.
      await probe(world, rows, duplicate);
      await world.replay();
      await probe(world, rows, duplicate.fill(0));
      assert.ok(world.events.includes('unique_damaged'), `byte ${place}`);
      assert.ok(
        duplicate.every((byte) => byte === 1),
        `byte ${place}: all ids are known again`,
      );
      await world.state.close();
      for (const name of readdirSync(world.dir))
        if (name.startsWith('hot-')) unlinkSync(join(world.dir, name));
      writeFileSync(path, bytes);
    }
    await world.open();
  }));

/** Asks without storing anything. */
const probe = async (world: World, rows: readonly Row[], duplicate: Uint8Array): Promise<void> => {
  const batch = new FingerprintBatch();
  const events = eventsOf(rows.map(({ id, seconds }) => ({ id, receivedAtMs: seconds * 1000 })));
  new Fingerprinter(world.state.key).compute(events, batch);
  await world.state.makeRoom(rows.length);
  world.state.claim(batch, WINDOW_SECONDS, duplicate);
  const nothing = new Uint8Array(rows.length);
  world.governed.push({ rows: [] });
  world.state.commit(world.governed.length, batch, duplicate, nothing);
};

test('a hot log cut off or damaged anywhere loses nothing that the governed topic has', () =>
  withWorld(async (world) => {
    for (let batch = 0; batch < 3; batch++) await world.decide(rowsOf(batch * 10, 10));
    await world.state.close();
    const path = world.file('hot-');
    const bytes = readFileSync(path);
    for (let size = 0; size < bytes.length; size += 37) {
      const flipped = Buffer.from(bytes);
      flipped[size] = (flipped[size] ?? 0) ^ 0x04;
      for (const content of [bytes.subarray(0, size), flipped]) {
        writeFileSync(path, content);
        await world.open();
        await world.decide(rowsOf(0, 30));
        assert.equal(world.governed.at(-1)?.rows.length, 0, `cut or damaged at ${size}`);
        await world.state.close();
        world.governed.length = 3;
      }
    }
    writeFileSync(path, bytes);
    await world.open();
  }));

test('a run that disappeared is noticed and read again', () =>
  withWorld(async (world) => {
    for (let batch = 0; batch < 30; batch++) {
      await world.decide(rowsOf(batch * 10, 10));
      await world.state.settled();
    }
    await world.state.close();
    const runs = readdirSync(world.dir)
      .filter((name) => name.startsWith('run-'))
      .toSorted();
    unlinkSync(join(world.dir, runs.at(-1) ?? ''));
    await world.open();
    assert.ok(world.events.includes('unique_damaged'));
    await world.decide(rowsOf(0, 300));
    assert.equal(world.governed.at(-1)?.rows.length, 0);
  }));

test('without its key, and ahead of the governed topic, the state is discarded', () =>
  withWorld(async (world) => {
    await world.decide(rowsOf(0, 30));
    await world.state.close();
    const key = join(world.dir, 'unique-key.json');
    assert.equal(statSync(key).mode & 0o777, 0o600);
    truncateSync(key, 10);
    await world.open();
    assert.ok(world.events.includes('unique_discarded'));
    await world.decide(rowsOf(0, 40));
    assert.equal(world.governed.at(-1)?.rows.length, 10);
    await world.state.close();
    world.events.length = 0;
    world.governed.length = 0;
    world.model.clear();
    await world.open();
    assert.ok(world.events.includes('unique_discarded'));
    await world.decide(rowsOf(0, 10));
    assert.equal(world.governed.at(-1)?.rows.length, 10);
  }));

test('when the hot log cannot be written, the governed topic is kept and the table is sealed', () =>
  withWorld(async (world) => {
    await world.state.close();
    const broken = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    world.files = {
      ...nodeFiles,
      open: async (path, mode) => {
        const file = await nodeFiles.open(path, mode);
        return Object.assign(file, { writev: () => Promise.reject(broken) });
      },
    };
    await world.open();
    await world.decide(rowsOf(0, 10));
    world.clock.ms += 5_000;
    world.state.maintain();
    await until('the log is given up', () => world.events.includes('unique_hot_log_dead'));
    assert.equal(world.state.durableNext, 0);
    world.files = nodeFiles;
    world.clock.ms += 60_000;
    await world.state.settled();
    assert.equal(world.state.runs, 1);
    assert.equal(world.state.durableNext, 1);
    await world.decide(rowsOf(0, 20));
    await world.crash();
    await world.decide(rowsOf(0, 20));
  }));

test('a seal that fails is tried again; meanwhile the ids are known', () =>
  withWorld(async (world) => {
    await world.state.close();
    await world.open();
    const build = world.builder.build.bind(world.builder);
    let failures = 2;
    world.builder.build = (job) => (failures-- > 0 ? Promise.reject(new Error('ENOSPC')) : build(job));
    for (let batch = 0; batch < 12; batch++) await world.decide(rowsOf(batch * 10, 10));
    await world.decide(rowsOf(0, 30));
    await world.state.settled();
    assert.equal(world.events.filter((name) => name === 'unique_build_failed').length, 2);
    assert.ok(world.state.runs >= 1);
    await world.decide(rowsOf(0, 30));
  }));

test('the worker thread builds the same runs', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-unique-'));
  const telemetry = new Telemetry(() => undefined);
  const clock: Clock = { nowMs: () => 0, monotonicMs: () => performance.now() };
  const options = { dir, governedNext: 0, clock, telemetry, ...SMALL };
  const state = await UniqueState.open({ ...options, builder: createWorkerBuilder() });
  const prints = new Fingerprinter(state.key);
  const batch = new FingerprintBatch();
  const ask = async (round: number, next: number): Promise<number> => {
    const ids = Array.from({ length: 20 }, (_, index) => ({ id: `${round}-${index}` }));
    prints.compute(eventsOf(ids), batch);
    await state.makeRoom(20);
    const duplicate = new Uint8Array(20);
    const count = state.claim(batch, WINDOW_SECONDS, duplicate);
    state.commit(
      next,
      batch,
      duplicate,
      duplicate.map((byte) => 1 - byte),
    );
    state.maintain();
    return count;
  };
  for (let round = 0; round < 15; round++) assert.equal(await ask(round, round + 1), 0);
  await state.settled();
  assert.ok(state.runs > 0 && state.runs <= SMALL.runsMax);
  for (let round = 0; round < 15; round++) assert.equal(await ask(round, round + 16), 20);
  await state.close();
  rmSync(dir, { recursive: true });
});
