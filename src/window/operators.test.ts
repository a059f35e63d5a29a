import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { CountOperator } from './count-operator.ts';
import { SessionOperator } from './session-operator.ts';
import {
  gathered,
  inOrder,
  modelCounts,
  type ModelEvent,
  modelSessions,
  stretchOf,
  windowLines,
} from './testing/model.ts';
import type { Stretch, Window, WindowChange, WindowNeed, WindowOperator } from './window.ts';

const GAP_MS = 100;
const ROUNDS = 150;

/** Where changes are written, as the warehouse keeps them: by key and id. */
class Table {
  readonly #rows = new Map<string, WindowChange>();
  lookups = 0;

  write(changes: readonly WindowChange[]): void {
    for (const change of changes) {
      const name = `${change.key}/${change.id}`;
      const before = this.#rows.get(name);
      assert.ok(before === undefined || before.lastPosition <= change.lastPosition, `${name} goes back`);
      this.#rows.set(name, change);
    }
  }

  get windows(): Window[] {
    return [...this.#rows.values()].filter(({ isRemoved }) => !isRemoved);
  }

  find({ keys, fromMs, toMs, touches }: WindowNeed): Window[] {
    this.lookups++;
    return this.windows.filter(
      (window) =>
        keys.includes(window.key) && window.endMs >= fromMs && window.startMs <= toMs && touches(window),
    );
  }

  last(windows: readonly Window[] = this.windows): Window[] {
    return [...Map.groupBy(windows, ({ key }) => key).values()].map(
      (ofKey) => ofKey.toSorted((a, b) => b.id - a.id)[0] as Window,
    );
  }
}

interface Running {
  readonly make: () => WindowOperator;
  readonly find: (table: Table, need: WindowNeed) => Window[];
  readonly refill: (table: Table, operator: WindowOperator) => void;
  readonly step: (events: readonly ModelEvent[]) => Stretch[];
}

const take = (
  operator: WindowOperator,
  table: Table,
  stretches: readonly Stretch[],
  find: Running['find'],
) => {
  const need = operator.needs(stretches);
  if (need !== undefined) operator.restore(find(table, need));
  operator.add(stretches);
};

/** Runs the events through an operator in steps, with restarts, and steps that were lost before they were written. */
const run = (
  random: SeededRandom,
  events: readonly ModelEvent[],
  { make, find, refill, step }: Running,
): Table => {
  const table = new Table();
  let operator = make();
  for (let at = 0; at < events.length; ) {
    const next = at + 1 + random.below(8);
    take(operator, table, step(events.slice(at, next)), find);
    if (random.chance(0.15)) {
      const isWritten = random.chance(0.5);
      if (isWritten) table.write(operator.changes());
      operator = make();
      refill(table, operator);
      if (!isWritten) continue;
    } else {
      table.write(operator.changes());
      operator.settle(random.chance(0.2) ? (events[at]?.timeMs ?? 0) : Number.NEGATIVE_INFINITY);
    }
    at = next;
  }
  return table;
};

const randomEvents = (random: SeededRandom): ModelEvent[] => {
  const keys = 1 + random.below(5);
  const spreadMs = GAP_MS * (1 + random.below(60));
  return Array.from({ length: 1 + random.below(80) }, (_, position) => ({
    key: `k${random.below(keys)}`,
    timeMs: random.below(spreadMs) - spreadMs / 2,
    position,
    id: `e${random.below(1_000)}`,
    amount: random.chance(0.5) ? BigInt(random.below(2_000_000) - 1_000_000) : null,
    currency: random.chance(0.5) ? 'EUR' : 'USD',
  }));
};

/** Gives events positions in the order in which they come, several of them the same. */
const arriving = (random: SeededRandom, events: readonly ModelEvent[]): ModelEvent[] => {
  let position = 0;
  return inOrder(
    events
      .toSorted(() => random.next() - 0.5)
      .map((event) => ({ ...event, position: (position += random.below(3) === 0 ? 1 : 0) })),
  );
};

test('sessions are the same in whatever order events come, however they are cut into steps, and over restarts', () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  let lookups = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const events = arriving(random, randomEvents(random));
    const windowsMax = random.chance(0.3) ? 1_000 : 1 + random.below(8);
    const table = run(random, events, {
      make: () => new SessionOperator({ gapMs: GAP_MS, windowsMax }),
      find: (from, need) => from.find(need),
      refill: (from, operator) => {
        const newest = from.windows.toSorted((a, b) => b.endMs - a.endMs).slice(0, windowsMax);
        operator.fill(newest, newest.length < windowsMax);
      },
      step: (some) => {
        const stretches = some.map(stretchOf);
        return random.chance(0.5) ? gathered(stretches, GAP_MS) : stretches;
      },
    });
    const wanted = windowLines(modelSessions(events, GAP_MS));
    assert.deepEqual(windowLines(table.windows), wanted, `seed ${seed}, round ${round}`);
    lookups += table.lookups;
  }
  assert.ok(lookups > 0);
});

test('counts go by the order of the log, however it is cut into steps, and over restarts', () => {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const events = arriving(random, randomEvents(random));
    const every = 1 + random.below(6);
    const keysMax = 1 + random.below(5);
    const table = run(random, events, {
      make: () => new CountOperator({ every, keysMax }),
      find: (from, { keys }) => from.last().filter(({ key }) => keys.includes(key)),
      refill: (from, operator) => {
        const newest = from
          .last()
          .toSorted((a, b) => b.lastPosition - a.lastPosition)
          .slice(0, keysMax);
        operator.fill(newest, newest.length < keysMax);
      },
      step: (some) => some.map(stretchOf),
    });
    assert.deepEqual(
      windowLines(table.windows),
      windowLines(modelCounts(events, every)),
      `seed ${seed}, round ${round}`,
    );
  }
});

const eventAt = (timeMs: number, position: number): Stretch =>
  stretchOf({ key: 'ada', timeMs, position, id: '', amount: null, currency: '' });

test('a late event joins two windows: one stays, the other is said to be gone', () => {
  const operator = new SessionOperator({ gapMs: GAP_MS, windowsMax: 10 });
  operator.add([eventAt(0, 0), eventAt(200, 1)]);
  assert.deepEqual(
    operator.changes().map(({ id, isRemoved }) => [id, isRemoved]),
    [
      [0, false],
      [200, false],
    ],
  );
  operator.settle(Number.NEGATIVE_INFINITY);
  operator.add([eventAt(100, 2)]);
  assert.deepEqual(
    operator.changes().map(({ id, startMs, endMs, events, lastPosition, isRemoved }) => ({
      ...{ id, startMs, endMs, events, lastPosition, isRemoved },
    })),
    [
      { id: 0, startMs: 0, endMs: 200, events: 3, lastPosition: 2, isRemoved: false },
      { id: 200, startMs: 200, endMs: 200, events: 1, lastPosition: 2, isRemoved: true },
    ],
  );
});

test('a pause of exactly the gap does not end a window', () => {
  const operator = new SessionOperator({ gapMs: GAP_MS, windowsMax: 10 });
  operator.add([eventAt(0, 0), eventAt(GAP_MS, 0), eventAt(2 * GAP_MS + 1, 0)]);
  assert.deepEqual(
    operator.changes().map(({ startMs, endMs }) => [startMs, endMs]),
    [
      [0, GAP_MS],
      [2 * GAP_MS + 1, 2 * GAP_MS + 1],
    ],
  );
});

test('windows leave memory when there are too many, and when no event can touch them any more', () => {
  const operator = new SessionOperator({ gapMs: GAP_MS, windowsMax: 100 });
  operator.add(
    Array.from({ length: 1_000 }, (_, index) => ({ ...eventAt(index * 1_000, index), key: `${index}` })),
  );
  operator.settle(Number.NEGATIVE_INFINITY);
  assert.deepEqual(operator.size, { windows: 75, keys: 75 });
  assert.equal(operator.needs([{ ...eventAt(999_000, 0), key: 'new' }]), undefined);
  const need = operator.needs([500, 1_000, 1_050].map((timeMs) => ({ ...eventAt(timeMs, 0), key: '1' })));
  assert.deepEqual(need?.keys, ['1']);
  // Windows between the events are not.
  const isNeeded = (key: string, startMs: number, endMs: number) => need?.touches({ key, startMs, endMs });
  assert.deepEqual(
    [isNeeded('1', 300, 400), isNeeded('1', 601, 899), isNeeded('1', 700, 900), isNeeded('1', 1_150, 1_200)],
    [true, false, true, true],
  );
  assert.deepEqual([isNeeded('1', 1_151, 1_200), isNeeded('2', 500, 500)], [false, false]);
  operator.settle(990_000 + GAP_MS);
  assert.deepEqual(operator.size, { windows: 9, keys: 9 });
});
