import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../lib/clock.ts';
import { Telemetry } from '../lib/telemetry.ts';
import { LogError, type LogReader, type LogWriter } from '../log/log.ts';
import { createMemoryTopic, type MemoryTopic } from '../log/memory/memory-log.ts';
import { type LoadedUsers, userHash } from './loaded-users.ts';
import type { Progress } from './messages.ts';
import type { Step } from './step.ts';
import { normalise } from './steps/normalise.ts';
import { unique } from './steps/unique.ts';
import { TEST_TIME_MS } from './testing/events.ts';
import { appendRaw } from './testing/raw-records.ts';
import { RecordingTarget } from './testing/recording-target.ts';
import { createInlineBuilder } from './unique/builder.ts';
import { startWork, type Work, type WorkParts } from './work.ts';

const CONFIGURATION = { version: 7, uniqueWindowMs: 60_000 };
const clock: Clock = { nowMs: () => TEST_TIME_MS + 5, monotonicMs: () => performance.now() };

/** Topics, state directory and warehouse that outlive the work on them. */
class World {
  /** What the clock of the raw topic shows. */
  receivedMs = clock.nowMs();
  readonly raw: MemoryTopic = createMemoryTopic({ clock: { ...clock, nowMs: () => this.receivedMs } });
  readonly governed: MemoryTopic;
  readonly target = new RecordingTarget();
  readonly stateDir = mkdtempSync(join(tmpdir(), 'aevum-work-'));
  readonly log: string[] = [];
  readonly troubles: (string | null)[] = [];
  progress: Progress = { rawDecided: 0, rawLoaded: 0, governedNext: 0, governedLoaded: 0 };
  readonly users: LoadedUsers[] = [];
  work: Work | undefined;
  rawWriter: LogWriter | undefined;
  wrapGoverned: (writer: LogWriter) => LogWriter = (writer) => writer;

  constructor(governedBytesMax = 1e9) {
    this.governed = createMemoryTopic({ clock, bytesMax: governedBytesMax });
  }

  async start(parts: Partial<WorkParts> = {}): Promise<Work> {
    const options = { stateDir: this.stateDir, loadIntervalMs: 1, governedKeepBytes: 0 };
    this.work = await startWork(options, CONFIGURATION, {
      raw: await this.raw.openReader(),
      governed: this.wrapGoverned(await this.governed.openWriter()),
      governedForLoading: await this.governed.openReader(),
      ...{ onGovernedDurable: () => undefined, target: this.target, builder: createInlineBuilder(), clock },
      telemetry: new Telemetry((_level, name) => this.log.push(name)),
      onProgress: (progress) => (this.progress = progress),
      onUsers: (users) => this.users.push(users),
      onTrouble: (what) => this.troubles.push(what),
      unique: { hotBitsMax: 8, runsMax: 2 },
      ...parts,
    });
    return this.work;
  }

  async writer(): Promise<LogWriter> {
    this.rawWriter ??= await this.raw.openWriter();
    return this.rawWriter;
  }

  /** Waits until all raw records are loaded. */
  async loaded(): Promise<void> {
    const { next } = await (await this.writer()).extent();
    await this.until(
      () => this.progress.rawLoaded >= next,
      () => JSON.stringify(this.progress),
    );
  }

  async until(isTrue: () => boolean, what: () => string = () => 'nothing happened'): Promise<void> {
    for (const limit = Date.now() + 120_000; !isTrue(); await pause(2))
      assert.ok(Date.now() < limit, `${what()} ${this.log.join(' ')}`);
  }
}

const withWorld = async (use: (world: World) => Promise<void>, bytesMax?: number): Promise<void> => {
  const world = new World(bytesMax);
  try {
    await use(world);
  } finally {
    await world.work?.stop();
    rmSync(world.stateDir, { recursive: true, force: true });
  }
};

const named = (...ids: string[]) => ids.map((id) => ({ id }));

test('which users loaded events name is told before it is told that they are loaded, without a gap', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    const early: boolean[] = [];
    const tell = (users: LoadedUsers) => {
      early.push(world.progress.governedLoaded < users.to);
      world.users.push(users);
    };
    await world.start({ onUsers: tell });
    await appendRaw(raw, [
      { id: 'a', user: 'ada' },
      { id: 'b', user: 'ben' },
      { id: 'c', user: 'ada' },
    ]);
    await world.loaded();
    await appendRaw(raw, [{ id: 'd' }]);
    await world.loaded();
    const hashes = ['ada', 'ben'].map(userHash).toSorted((a, b) => a - b);
    assert.deepEqual(
      world.users.map((users) => [users.from, users.to, [...users.hashes]]),
      [
        [0, 1, hashes],
        [1, 2, []],
      ],
    );
    assert.deepEqual(early, [true, true]);
    // What a load that failed has to do again is told when it is done.
    const load = world.target.load.bind(world.target);
    world.target.load = () => Promise.reject(new Error('down'));
    await appendRaw(raw, [{ id: 'e', user: 'eve' }]);
    await world.until(() => world.progress.governedNext === 3);
    await world.work?.stop();
    assert.equal(world.users.length, 2);
    world.target.load = load;
    await world.start({ onUsers: tell });
    await world.loaded();
    const last = world.users.at(-1);
    assert.deepEqual([last?.to, [...(last?.hashes ?? [])]], [3, [userHash('eve')]]);
  }));

test('what was just decided is loaded from memory; after a restart, from the topic', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    let read = 0;
    const counting = async (): Promise<LogReader> => {
      const reader = await world.governed.openReader();
      const readOn = reader.read.bind(reader);
      return Object.assign(reader, {
        read: async (from: number, bytesMax: number) => {
          const result = await readOn(from, bytesMax);
          read += result.records.length;
          return result;
        },
      });
    };
    await world.start({ governedForLoading: await counting() });
    for (const id of ['a', 'b', 'c']) {
      await appendRaw(raw, named(id));
      await world.loaded();
    }
    assert.deepEqual([world.target.ids(), read], [['a', 'b', 'c'], 0]);
    const load = world.target.load.bind(world.target);
    world.target.load = () => Promise.reject(new Error('down'));
    await appendRaw(raw, named('d'));
    await world.until(() => world.progress.governedNext === 4);
    await world.work?.stop();
    world.target.load = load;
    await world.start({ governedForLoading: await counting() });
    await world.loaded();
    assert.deepEqual([world.target.ids(), read > 0], [['a', 'b', 'c', 'd'], true]);
  }));

test('what is received is stored once, refused with a reason, and booked twice', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    await appendRaw(raw, named('a', 'b', 'a'));
    await appendRaw(
      raw,
      [...named('b', 'c'), { id: 'd', type: '' }],
      [
        { id: 'old', outcome: 'stale', reason: 'too_old' },
        { id: 'bad', outcome: 'quarantined', reason: 'invalid_field' },
      ],
    );
    await world.start();
    await world.loaded();
    assert.deepEqual(world.target.ids(), ['a', 'b', 'c']);
    assert.deepEqual(world.target.ledger(), {
      received: 8,
      stored: 3,
      'duplicate/duplicate_id': 2,
      'stale/too_old': 1,
      'quarantined/invalid_field': 1,
      'quarantined/missing_type': 1,
    });
    const refused = world.target.rows.refused.map(({ id, reason, raw_position: at }) => [id, reason, at]);
    assert.deepEqual(
      refused.toSorted((x, y) => String(x).localeCompare(String(y))),
      [
        ['a', 'duplicate_id', 0],
        ['b', 'duplicate_id', 1],
        ['bad', 'invalid_field', 1],
        ['d', 'missing_type', 1],
        ['old', 'too_old', 1],
      ],
    );
    assert.deepEqual(
      world.target.rows.events.map(({ raw_position: at }) => at),
      [0, 0, 1],
    );
    const records = world.target.rows.records.map(({ raw_position, rows, stored, configuration }) => [
      ...[raw_position, rows, stored, configuration],
    ]);
    assert.deepEqual(records, [
      [0, 3, 2, 7],
      [1, 5, 1, 7],
    ]);
    const body = world.target.rows.refused.find(({ id }) => id === 'd')?.['body'];
    assert.deepEqual(JSON.parse(String(body)), { id: 'd', timestamp: TEST_TIME_MS });
  }));

test('a governed record decides what was received in one minute', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    const minuteMs = Math.ceil(world.receivedMs / 60_000) * 60_000;
    for (const afterMs of [-2, -1, 0, 59_999, 60_000, 200_000]) {
      world.receivedMs = minuteMs + afterMs;
      await appendRaw(raw, named(`at ${afterMs}`));
    }
    await world.start();
    await world.loaded();
    const positions = world.target.rows.records.map(({ position }) => Number(position));
    assert.deepEqual(positions, [0, 0, 1, 1, 2, 3]);
    assert.equal(world.target.ids().length, 6);
  }));

test('duplicates are all counted, and kept as samples', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    await appendRaw(
      raw,
      Array.from({ length: 500 }, () => ({ id: 'same' })),
    );
    await world.start();
    await world.loaded();
    assert.equal(world.target.ledger()['duplicate/duplicate_id'], 499);
    assert.equal(world.target.rows.refused.length, 100);
  }));

test('goes on after a restart where it was, with what it knew', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    for (let round = 0; round < 10; round++) {
      await world.start();
      for (let record = 0; record < 5; record++) {
        const ids = Array.from({ length: 20 }, (_, index) => `${round}-${record}-${index}`);
        await appendRaw(raw, named(...ids, `${round - 1}-${record}-3`, '0-0-0'));
      }
      if (round % 3 === 0) await world.loaded();
      await world.work?.stop();
    }
    await world.start();
    await world.loaded();
    const ids = world.target.ids();
    assert.equal(new Set(ids).size, ids.length, 'nothing is stored twice');
    assert.equal(ids.length, 10 * 5 * 20 + 5);
    const { received, stored, 'duplicate/duplicate_id': duplicate } = world.target.ledger();
    assert.equal(received, 10 * 5 * 22);
    assert.equal((stored ?? 0) + (duplicate ?? 0), received);
  }));

test('a full governed topic holds processing up, visibly, and loses nothing', () =>
  withWorld(async (world) => {
    let isDown = true;
    world.target.onLoad = (_table, when) => {
      if (isDown && when === 'before') throw new Error('the engine is down');
    };
    const raw = await world.writer();
    await world.start({ batchBytesMax: 6_000 });
    for (let record = 0; record < 60; record++) {
      await appendRaw(
        raw,
        Array.from({ length: 50 }, (_, index) => ({ id: `${record}-${index}` })),
      );
      await pause(2);
    }
    await world.until(() => world.log.includes('process_blocked') && world.log.includes('load_failed'));
    assert.match(
      world.troubles.at(-1) ?? '',
      /deciding: .*loading: the engine is down|loading: the engine is down.*deciding/,
    );
    isDown = false;
    await world.loaded();
    assert.equal(new Set(world.target.ids()).size, 60 * 50);
    assert.equal(world.target.ids().length, 60 * 50);
    assert.equal(world.troubles.at(-1), null);
  }, 40_000));

test('a load whose answer was lost is made again and counts once', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    const failures = new Set(['events after', 'refused before', 'ledger after', 'records after']);
    world.target.onLoad = (table, when) => {
      if (failures.delete(`${table} ${when}`)) throw new Error(`${table} fails ${when}`);
    };
    await appendRaw(raw, named('a', 'b'), [{ id: 'c', outcome: 'stale', reason: 'too_old' }]);
    await world.start();
    await world.loaded();
    assert.deepEqual(world.target.ids(), ['a', 'b']);
    assert.equal(world.target.rows.records.length, 1);
    assert.equal(world.troubles.at(-1), null);
  }));

test('after a crash in the middle of a load it is completed', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    for (const table of ['events', 'refused', 'ledger', 'records'] as const) {
      let isDead = false;
      world.target.onLoad = (at, when) => {
        if (isDead || (at === table && when === 'after')) {
          isDead = true;
          throw new Error('dead');
        }
      };
      await appendRaw(raw, named(`before-${table}`), [{ id: table, outcome: 'stale', reason: 'too_old' }]);
      await world.start();
      await world.until(() => isDead);
      await world.work?.stop();
      world.target.onLoad = () => undefined;
      await appendRaw(raw, named(`after-${table}`));
      await world.start();
      await world.loaded();
      await world.work?.stop();
    }
    assert.equal(world.target.ids().length, 8);
    assert.equal(new Set(world.target.ids()).size, 8);
    assert.equal(world.target.rows.refused.length, 4);
    assert.equal(world.target.ledger()['received'], 12);
  }));

test('a lost intent: each table is completed from what it holds', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    await appendRaw(raw, named('a', 'b'));
    let isDead = false;
    world.target.onLoad = (table, when) => {
      if (isDead || (table === 'events' && when === 'after')) {
        isDead = true;
        throw new Error('dead');
      }
    };
    await world.start();
    await world.until(() => isDead);
    await world.work?.stop();
    writeFileSync(join(world.stateDir, 'load-intent.json'), 'rubbish');
    world.target.onLoad = () => undefined;
    await world.start();
    await world.loaded();
    assert.deepEqual(world.target.ids(), ['a', 'b']);
    assert.equal(world.target.rows.records.length, 1);
    assert.ok(world.log.includes('load_intent_lost'));
  }));

test('a warehouse that is ahead of the governed topic is not loaded into', () =>
  withWorld(async (world) => {
    world.target.rows.records.push({ position: 99 });
    await appendRaw(await world.writer(), named('a'));
    await world.start();
    await world.until(() => world.troubles.length > 0);
    assert.match(world.troubles[0] ?? '', /holds governed positions up to 100/);
    assert.equal(world.target.ids().length, 0);
  }));

test('an unreadable raw record is passed over with a trace in ledger and refused rows', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    await appendRaw(raw, named('a'));
    await raw.append({ rows: 3 }, [Buffer.from('not a record')]);
    await appendRaw(raw, named('b'));
    await world.start();
    await world.loaded();
    assert.deepEqual(world.target.ids(), ['a', 'b']);
    assert.deepEqual(world.target.ledger(), {
      ...{ received: 5, stored: 2 },
      'quarantined/unreadable_record': 3,
    });
    assert.equal(world.target.rows.refused[0]?.['raw_position'], 1);
    assert.ok(world.log.includes('process_unreadable'));
  }));

test('a gap in the raw topic is reported and passed over', () =>
  withWorld(async (world) => {
    const raw = await world.writer();
    await appendRaw(raw, named('a'));
    await appendRaw(raw, named('b'));
    await raw.trim(1);
    await world.start();
    await world.loaded();
    assert.deepEqual(world.target.ids(), ['b']);
    assert.ok(world.log.includes('process_gap'));
    assert.equal(world.progress.rawDecided, 2);
  }));

test('a processor that is behind goes on at once: it reads the next record while the one before is still being appended', () =>
  withWorld(async (world) => {
    const raw = await world.raw.openReader();
    let readsBehind = 0;
    const secondRead = Promise.withResolvers<undefined>();
    const oneByOne: LogReader = Object.assign(Object.create(raw) as LogReader, {
      read: (from: number) => {
        readsBehind += 1;
        if (readsBehind === 2) secondRead.resolve(undefined);
        return raw.read(from, 1);
      },
      changed: (from: number, ms: number) => raw.changed(from, ms),
      extent: () => raw.extent(),
      close: () => raw.close(),
    });
    world.wrapGoverned = (writer) =>
      Object.assign(Object.create(writer) as LogWriter, {
        append: async (...record: Parameters<LogWriter['append']>) => {
          await secondRead.promise;
          return writer.append(...record);
        },
        extent: () => writer.extent(),
        last: () => writer.last(),
        read: (from: number, bytes: number) => writer.read(from, bytes),
        trim: (before: number) => writer.trim(before),
        close: () => writer.close(),
      });
    for (const id of ['a', 'b', 'c']) await appendRaw(await world.writer(), named(id));
    await world.start({ raw: oneByOne });
    try {
      await world.loaded();
    } finally {
      secondRead.resolve(undefined);
    }
    assert.deepEqual(
      world.target.rows.events.map(({ id }) => id),
      ['a', 'b', 'c'],
    );
  }));

test('a writer that failed ends the work, so that everything is opened anew', () =>
  withWorld(async (world) => {
    world.wrapGoverned = (writer) =>
      Object.assign(Object.create(writer) as LogWriter, {
        append: () => Promise.reject(new LogError('failed', 'EIO')),
        extent: () => writer.extent(),
        last: () => writer.last(),
        read: (from: number, bytes: number) => writer.read(from, bytes),
        close: () => writer.close(),
      });
    await appendRaw(await world.writer(), named('a'));
    const work = await world.start();
    await assert.rejects(work.done, { code: 'failed' });
  }));

test('a further step is one file and one line; what it refuses is not remembered as stored', () =>
  withWorld(async (world) => {
    const noBots: Step = {
      name: 'no_bots',
      reasons: ['invalid_field'],
      open: () =>
        function runNoBots(batch) {
          for (let row = 0; row < batch.rows; row++)
            if (row % 2 === 1 && !hasPassed) batch.refuse(row, 'invalid_field', 'A bot.');
          return undefined;
        },
    };
    let hasPassed = false;
    const raw = await world.writer();
    await appendRaw(raw, named('a', 'b', 'c', 'd'));
    await world.start({ steps: [normalise, unique, noBots] });
    await world.loaded();
    assert.deepEqual(world.target.ids(), ['a', 'c']);
    hasPassed = true;
    await appendRaw(raw, named('a', 'b', 'c', 'd'));
    await world.loaded();
    assert.deepEqual(world.target.ids(), ['a', 'c', 'b', 'd']);
    assert.equal(world.target.rows.refused[0]?.['detail'], 'A bot.');
  }));

test('an undeclared reason is a mistake that ends the work', () =>
  withWorld(async (world) => {
    const wrong: Step = {
      ...{ name: 'wrong', reasons: [] },
      open: () => (batch) => (batch.refuse(0, 'too_old'), undefined),
    };
    await appendRaw(await world.writer(), named('a'));
    const work = await world.start({ steps: [wrong] });
    await assert.rejects(work.done, TypeError);
  }));
