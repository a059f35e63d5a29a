import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TrendAnswer, type TrendRequest, trendRequestSchema } from '../contract/trend.ts';
import { ApiError } from '../event/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import type { Derived } from '../warehouse/derived.ts';
import { DerivedTables } from '../warehouse/derived-tables.ts';
import { ROLLUP_15M } from '../warehouse/rollup-15m.ts';
import { ROLLUP_15M_TABLE } from '../warehouse/schema.ts';
import type { QueryService } from './service.ts';
import { CURRENCIES, makeEvents, rowsOf, STRETCHES, TYPES, ZONES } from './testing/trend-data.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

/** Seed of the data, the questions and the moments. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const LOADS = 12;
const EVENTS = 150;
const QUESTIONS = 8;

let bench: TestWarehouse;
const random = new SeededRandom(SEED);
/** Records that are loaded. */
let loaded = 0;
/** The process that fills the rollup at present. */
let filler: { readonly tables: DerivedTables; readonly rollup: Derived };

const openFiller = () => {
  const tables = new DerivedTables({
    warehouse: bench.warehouse,
    loaded: () => loaded,
    clock: systemClock,
    telemetry: quietTelemetry(),
  });
  return { tables, rollup: tables.add({ ...ROLLUP_15M, stepRowsMax: 2 * EVENTS }) };
};

before(async () => {
  bench = await openTestWarehouse();
  filler = openFiller();
});
after(() => bench.close());

const pick = <T>(items: readonly [T, ...T[]] | readonly T[]): T => items[random.below(items.length)] as T;

/** A question that the rollup answers. */
const makeRequest = (): TrendRequest => {
  const fromMs = pick(STRETCHES) + (random.below(4 * 96) - 96) * QUARTER_MS + random.below(90) * 10_000;
  const toMs = fromMs + 2 * QUARTER_MS + random.below(4 * 8_640) * 10_000;
  return trendRequestSchema.parse({
    kind: 'trend',
    measure: pick([
      'count',
      'unique_users',
      'unique_sessions',
      { kind: 'sum', of: 'value' },
      { kind: 'avg', of: 'value' },
    ]),
    interval: toMs - fromMs > DAY_MS ? pick(['1h', '1d', '1w', 'total']) : pick(['15m', '1h', 'total']),
    range: { from: fromMs, to: toMs },
    timezone: pick(ZONES),
    types: random.chance(0.3) ? [pick(TYPES), pick(TYPES)] : undefined,
    filter: random.chance(0.3) ? { field: 'currency', op: 'neq', value: pick(CURRENCIES) } : undefined,
    by: random.chance(0.5) ? [pick(['type', 'currency'])] : undefined,
    top: 1 + random.below(4),
    cumulative: random.chance(0.2),
    compare: random.chance(0.2) ? 'previous_week' : undefined,
  });
};

const ask = (
  service: QueryService,
  request: TrendRequest,
  source: TrendRequest['source'],
): Promise<TrendAnswer> => service.query('mine', { ...request, source });

const numbersOf = ({ series, buckets }: TrendAnswer): unknown => ({ series, buckets });

const serviceNow = (): QueryService =>
  testService(bench, { nowMs: NOW_MS, next: loaded, coarse: filler.rollup });

/** Fails unless the rollup of 15 minutes answers as the events do; tells whether it was asked. */
const checkAsOf = async (position: number): Promise<boolean> => {
  const request = { ...makeRequest(), as_of: String(position) };
  const service = serviceNow();
  const [coarse, events] = await Promise.all([
    ask(service, request, 'rollup_15m').catch((error: unknown) => {
      // It is further than the position, not filled at all, or cuts a bucket of another zone.
      assert.ok(error instanceof ApiError && error.code === 'invalid_request', String(error));
      return undefined;
    }),
    ask(service, request, 'events'),
  ]);
  if (coarse !== undefined) assert.deepEqual(numbersOf(coarse), numbersOf(events));
  return coarse?.source === 'rollup_15m';
};

test(`at the seam all sources answer the same, while events come and the rollup is filled (seed ${SEED})`, {
  timeout: 300_000,
}, async (t) => {
  let isOver = false;
  const failures: unknown[] = [];
  const beside = (work: () => Promise<void>) =>
    (async () => {
      while (!isOver) await work();
    })().catch((error: unknown) => failures.push(error));
  const left: Promise<unknown>[] = [];
  const filling = beside(async () => {
    await filler.tables.catchUp();
    await sleep(random.below(10));
    // As if the process had died in a step, which happens all the same, now or later.
    if (!random.chance(0.3)) return;
    left.push(filler.rollup.step(new AbortController().signal).catch(() => undefined));
    await sleep(random.below(5));
    filler = openFiller();
  });
  let asked = 0;
  const asking = beside(async () => {
    if (loaded === 0) return sleep(1);
    if (await checkAsOf(loaded - 1)) asked += 1;
  });
  try {
    for (let position = 0; position < LOADS; position++) {
      await bench.load('events', rowsOf(makeEvents(random, EVENTS), NOW_MS, position * EVENTS), position);
      loaded = position + 1;
    }
  } finally {
    isOver = true;
    await Promise.all([filling, asking]);
    await Promise.allSettled(left);
  }
  assert.deepEqual(failures, []);
  t.diagnostic(`${asked} answers from the rollup beside loads and steps`);
});

test(`the rollups and the events answer the same, wherever the seam lies (seed ${SEED})`, {
  timeout: 300_000,
}, async () => {
  let asked = 0;
  for (const upTo of [Math.ceil(LOADS / 3), LOADS]) {
    await bench.warehouse.command('DROP TABLE rollup_15m SYNC');
    await bench.warehouse.command(ROLLUP_15M_TABLE);
    loaded = upTo;
    filler = openFiller();
    await filler.tables.catchUp();
    loaded = LOADS;
    for (let question = 0; question < QUESTIONS; question++) {
      const request = makeRequest();
      const service = serviceNow();
      const events = await ask(service, request, 'events');
      for (const source of ['rollup_10s', 'rollup_15m'] as const) {
        const answer = await ask(service, request, source).catch((error: unknown) => {
          assert.ok(source === 'rollup_15m' && error instanceof ApiError, String(error));
          return undefined;
        });
        if (answer === undefined) continue;
        asked += 1;
        assert.equal(answer.source, source);
        assert.deepEqual(numbersOf(answer), numbersOf(events));
      }
    }
  }
  assert.ok(asked > 2 * QUESTIONS, `${asked} answers`);
});
