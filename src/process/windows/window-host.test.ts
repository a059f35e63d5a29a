import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../lib/clock.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../../lib/testing/random.ts';
import { until } from '../../lib/testing/until.ts';
import { openTestWarehouse, type TestWarehouse } from '../../query/testing/test-warehouse.ts';
import { windowMetric, type WindowDefinition } from '../../query/window-source.ts';
import { modelCounts, type ModelEvent, modelSessions, windowLines } from '../../window/testing/model.ts';
import type { WindowKind, WindowMetric, WindowState } from '../../window/metric.ts';
import { WindowHost, type WindowHostParts } from './window-host.ts';
import { WindowStore } from './window-store.ts';
import { WindowWorker } from './window-worker.ts';

const TIME_MS = Date.UTC(2026, 10, 20, 12);
const GAP_MS = 60_000;
const FOREVER = new AbortController().signal;
const WAIT_MS = 120_000;

let world: TestWarehouse;
before(async () => {
  world = await openTestWarehouse();
});
after(() => world.close());

interface Stored extends ModelEvent {
  readonly user: string;
  readonly type: string;
}

const KINDS: readonly (WindowKind & { readonly isByUser: boolean })[] = [
  { kind: 'session', gapMs: GAP_MS, isByUser: true },
  { kind: 'count', every: 3, isByUser: true },
  { kind: 'count', every: 7, isByUser: false },
];

const definitionOf = (
  project: string,
  { isByUser, ...window }: (typeof KINDS)[number],
): WindowDefinition => ({
  ...{ project, window, events: { types: ['order', 'visit'] }, timeZone: 'UTC' },
  by: isByUser ? { kind: 'text', name: 'user_id' } : undefined,
  of: { kind: 'value', name: 'value' },
});

const wantedOf = (events: readonly Stored[], kind: (typeof KINDS)[number]): string[] => {
  const own = events
    .filter(({ type, user }) => type !== 'other' && (!kind.isByUser || user !== ''))
    .map((event) => ({ ...event, key: kind.isByUser ? event.user : '' }));
  return windowLines(kind.kind === 'session' ? modelSessions(own, kind.gapMs) : modelCounts(own, kind.every));
};

const storedOf = async (metric: WindowMetric): Promise<string[]> =>
  windowLines(
    await new WindowStore(world.warehouse, FOREVER).newest(
      { ...metric, window: { kind: 'session', gapMs: 0 } },
      100_000,
    ),
  );

/** Loads random events of a project from a position on; a record a position, some of them without events. */
const loadRandom = async (
  random: SeededRandom,
  project: string,
  from: number,
  records: number,
): Promise<Stored[]> => {
  const all: Stored[] = [];
  for (let position = from; position < from + records; position++) {
    const events = Array.from(
      { length: random.chance(0.2) ? 0 : 1 + random.below(12) },
      (_, index): Stored => {
        const amount = random.chance(0.4) ? BigInt(random.below(1_000_000_000)) : null;
        // Most of about now, some much later than their time.
        const lateMs = random.chance(0.2) ? random.below(60 * GAP_MS) : 0;
        return {
          ...{
            user: random.chance(0.1) ? '' : `u${random.below(6)}`,
            key: '',
            position,
            id: `${position}-${index}`,
          },
          ...{ type: random.chance(0.15) ? 'other' : random.chance(0.5) ? 'order' : 'visit' },
          timeMs: TIME_MS + position * 20_000 + random.below(30_000) - lateMs,
          ...{ amount, currency: random.chance(0.5) ? 'EUR' : '' },
        };
      },
    );
    all.push(...events);
    if (events.length === 0) continue;
    const rows = events.map(({ user, id, type, timeMs, amount, currency }) => ({
      ...{
        project,
        id,
        time: timeMs,
        received_at: TIME_MS + position * 20_000,
        type,
        user_id: user,
        currency,
      },
      value:
        amount === null ? null : `${amount / 1_000_000n}.${String(amount % 1_000_000n).padStart(6, '0')}`,
    }));
    await world.load('events', rows, position);
  }
  return all;
};

/** A store that sometimes fails, before it wrote or after. */
class FaultyStore extends WindowStore {
  readonly #random: SeededRandom;
  constructor(random: SeededRandom) {
    super(world.warehouse, FOREVER);
    this.#random = random;
  }
  override async write(...args: Parameters<WindowStore['write']>): Promise<void> {
    if (this.#random.chance(0.15)) throw new Error('before it was written');
    await super.write(...args);
    if (this.#random.chance(0.15)) throw new Error('after it was written');
  }
}

test('windows are those of all events, over lost steps, restarts and windows that are not in memory', async () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  const project = `random-${seed}`;
  const events: Stored[] = [];
  const workers = KINDS.map((kind, index) => ({
    kind,
    metric: windowMetric(definitionOf(project, kind), { metric: `${project}-${index}`, version: 1 }),
  }));
  const hire = (metric: WindowMetric): WindowWorker =>
    new WindowWorker({
      ...{
        metric,
        store: new FaultyStore(random),
        clock: { ...systemClock, monotonicMs: () => (clockMs += 20_000) },
      },
      ...{
        windowsMax: () => 4,
        latenessMs: () => 10 * GAP_MS,
        telemetry: quietTelemetry(),
        stepEventsMax: 20,
      },
    });
  let clockMs = 0;
  const hired = workers.map(({ metric }) => hire(metric));
  for (let round = 0, position = 0; round < 3; round++) {
    events.push(...(await loadRandom(random, project, position, 6)));
    position += 6;
    for (const [index, { kind, metric }] of workers.entries()) {
      for (let tries = 0; (hired[index]?.state.next ?? 0) < position; tries++) {
        assert.ok(tries < 200, `seed ${seed}: it does not come forward: ${hired[index]?.state.trouble}`);
        if (random.chance(0.1)) hired[index] = hire(metric);
        await hired[index]?.step(position);
      }
      assert.deepEqual(
        await storedOf(metric),
        wantedOf(events, kind),
        `seed ${seed}, ${kind.kind}, ${events.length} events`,
      );
    }
  }
});

test('a step that an earlier process left under way counts once, and its rows hold', async () => {
  const random = new SeededRandom(7);
  const project = 'under-way';
  const events = await loadRandom(random, project, 60, 6);
  const [kind] = KINDS as [(typeof KINDS)[number]];
  const metric = windowMetric(definitionOf(project, kind), { metric: project, version: 1 });
  const make = (store: WindowStore): WindowWorker =>
    new WindowWorker({
      ...{ metric, store, clock: systemClock, windowsMax: () => 100, latenessMs: () => 0 },
      telemetry: quietTelemetry(),
    });
  let late: (() => Promise<void>) | undefined;
  class SlowStore extends WindowStore {
    override async write(...args: Parameters<WindowStore['write']>): Promise<void> {
      late ??= () => super.write(...args);
      throw new Error('the process ended');
    }
  }
  const ended = make(new SlowStore(world.warehouse, FOREVER));
  await ended.step(63);
  assert.equal(ended.state.trouble, 'the process ended');
  const next = make(new WindowStore(world.warehouse, FOREVER));
  await late?.();
  while ((next.state.next ?? 0) < 66) await next.step(66);
  assert.deepEqual(await storedOf(metric), wantedOf(events, kind));
  await late?.();
  assert.deepEqual(await storedOf(metric), wantedOf(events, kind));
});

test('where a step may be under way the next one is written, though it goes less far and finds nothing', async () => {
  const project = 'less-far';
  const [kind] = KINDS as [(typeof KINDS)[number]];
  const metric = windowMetric(definitionOf(project, kind), { metric: project, version: 1 });
  const events = [100, 102, 103].map(
    (position): Stored => ({
      ...{ user: 'u', key: '', position, id: `${position}`, type: 'order', amount: null, currency: '' },
      // What comes last happened first.
      timeMs: TIME_MS - position * 1_000,
    }),
  );
  for (const { position, id, timeMs: time, type, user: user_id } of events)
    await world.load('events', [{ project, id, time, received_at: TIME_MS, type, user_id }], position);
  let late: (() => Promise<void>) | undefined;
  class SlowStore extends WindowStore {
    override async extent(from: number, to: number) {
      const extent = await super.extent(from, to);
      return late === undefined || to - from === 1 ? extent : { ...extent, events: Number.MAX_SAFE_INTEGER };
    }
    override async write(...args: Parameters<WindowStore['write']>): Promise<void> {
      if (args[2].next !== 104 || late !== undefined) return super.write(...args);
      late = () => super.write(...args);
      throw new Error('it takes too long');
    }
  }
  let clockMs = 0;
  const worker = new WindowWorker({
    ...{ metric, store: new SlowStore(world.warehouse, FOREVER), windowsMax: () => 100, latenessMs: () => 0 },
    ...{ clock: { ...systemClock, monotonicMs: () => (clockMs += 100) }, telemetry: quietTelemetry() },
  });
  const stepTo = async (end: number, next: number): Promise<void> => {
    for (let tries = 0; (worker.state.next ?? 0) < next; tries++) {
      assert.ok(tries < 300, `it does not come forward: ${worker.state.trouble}`);
      await worker.step(end);
    }
  };
  await stepTo(101, 101);
  await worker.step(104);
  assert.equal(worker.state.trouble, 'it takes too long');
  await stepTo(104, 102);
  await late?.();
  await stepTo(104, 104);
  assert.deepEqual(await storedOf(metric), wantedOf(events, kind));
});

const withHost = async (
  more: Partial<WindowHostParts>,
  metrics: readonly WindowMetric[],
  use: (host: WindowHost, reached: (next: number) => Promise<readonly WindowState[]>) => Promise<void>,
): Promise<void> => {
  const parts = {
    warehouse: world.warehouse,
    clock: systemClock,
    telemetry: quietTelemetry(),
    onStates: () => undefined,
  };
  const host = new WindowHost({ ...parts, everyMs: 20, ...more });
  host.configure({ metrics, latenessMs: 0 });
  host.start();
  const reached = async (next: number): Promise<readonly WindowState[]> => {
    for (const limit = Date.now() + WAIT_MS; ; await sleep(10)) {
      const { states } = host;
      if (states.length > 0 && states.every((state) => (state.next ?? 0) >= next)) return states;
      assert.ok(Date.now() < limit, JSON.stringify(states));
    }
  };
  try {
    await use(host, reached);
  } finally {
    await host.stop();
  }
};

const ownersOf = async (project: string): Promise<string[]> =>
  (await new WindowStore(world.warehouse, FOREVER).owners())
    .filter((owner) => owner.project === project)
    .map(({ metric, version }) => `${metric} ${version}`)
    .sort();

test('a metric made while events come covers those before it, a changed one is made anew, a removed one is gone', async () => {
  const project = 'host';
  const random = new SeededRandom(11);
  const [sessions, counts] = KINDS as [(typeof KINDS)[number], (typeof KINDS)[number]];
  const first = windowMetric(definitionOf(project, sessions), { metric: 'host-a', version: 1 });
  const wider = { ...sessions, gapMs: 5 * GAP_MS } as (typeof KINDS)[number];
  const changed = windowMetric(definitionOf(project, wider), { metric: 'host-a', version: 2 });
  const second = windowMetric(definitionOf(project, counts), { metric: 'host-b', version: 1 });
  const events = await loadRandom(random, project, 100, 6);
  await withHost({ stepEventsMax: 60 }, [first], async (host, reached) => {
    host.loaded(106);
    const [state] = await reached(106);
    assert.deepEqual([state?.next, state?.end, state?.stuckMs, state?.trouble], [106, 106, 0, null]);
    assert.deepEqual(await storedOf(first), wantedOf(events, sessions));
    // Made while events keep coming.
    host.configure({ metrics: [first, second], latenessMs: 0 });
    for (let position = 106; position < 112; position++) {
      events.push(...(await loadRandom(random, project, position, 1)));
      host.loaded(position + 1);
    }
    await reached(112);
    await until('both are told of', () => host.states.length === 2);
    await reached(112);
    assert.deepEqual(await storedOf(second), wantedOf(events, counts));
    host.configure({ metrics: [changed], latenessMs: 0 });
    await until('it is the changed one', async () => (await ownersOf(project)).join() === 'host-a 2');
    await reached(112);
    assert.deepEqual(await storedOf(changed), wantedOf(events, wider));
  });
  // Another process goes on where this one was.
  await withHost({}, [changed], async (host, reached) => {
    events.push(...(await loadRandom(random, project, 112, 2)));
    host.loaded(114);
    await reached(114);
    assert.deepEqual(await storedOf(changed), wantedOf(events, wider));
    host.configure({ metrics: [], latenessMs: 0 });
    await until('it is gone', async () => (await ownersOf(project)).length === 0);
  });
});

test('an engine that does not answer holds nothing up but the windows, which say so', async () => {
  const [kind] = KINDS as [(typeof KINDS)[number]];
  await loadRandom(new SeededRandom(5), 'broken', 50, 5);
  const metric = windowMetric(definitionOf('broken', kind), { metric: 'broken', version: 1 });
  const broken = { ...metric, statement: { ...metric.statement, text: 'SELECT nothing' } };
  await withHost({}, [broken], async (host) => {
    host.loaded(63);
    await until('it says so', () => typeof host.states[0]?.trouble === 'string');
    await until('it says for how long', () => (host.states[0]?.stuckMs ?? 0) > 0);
    assert.equal(host.states[0]?.next, 0);
  });
});
