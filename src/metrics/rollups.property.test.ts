import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MetricAnswer, metricDefinitionSchema, metricRequestSchema } from '../contract/metrics.ts';
import type { TrendSeries } from '../contract/trend.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import type { SavedMetric } from '../query/ports.ts';
import { openTestWarehouse, type TestWarehouse, testService } from '../query/testing/test-warehouse.ts';
import { isNear, makeEvents, rowsOf, STRETCHES, TYPES } from '../query/testing/trend-data.ts';
import { DerivedTables } from '../warehouse/derived-tables.ts';
import { MetricRollups } from './rollups.ts';

/** Seed of the data, the questions and the moments. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
const QUARTER_MS = 900_000;
const LOADS = 6;
const EVENTS = 150;
const QUESTIONS = 8;
/** Sums of floating-point numbers differ in their last digits with the order in which they are added. */
const TOLERANCE = 1e-9;

let bench: TestWarehouse;
const random = new SeededRandom(SEED);
let loaded = 0;
let saved: SavedMetric[] = [];
let tables: DerivedTables;
let rollups: MetricRollups;

const metricOf = (id: string, part: object, version = 1): SavedMetric => ({
  ...{ id: `met_${id}`, project: 'mine', version, createdAtMs: 0, updatedAtMs: 0, updatedBy: 'ada' },
  definition: metricDefinitionSchema.parse({ name: id, title: id, rollup: 'always', ...part }),
});

const HOURLY = { kind: 'tumbling', size: '1h' };

const METRICS = [
  metricOf('money', {
    events: { types: TYPES.slice(0, 3), filter: { field: 'properties.n', op: 'gte', value: -50 } },
    measures: [
      { measure: { kind: 'sum', of: 'value' } },
      { measure: { kind: 'avg', of: 'value' } },
      { measure: { kind: 'min', of: 'value' } },
      { measure: { kind: 'max', of: 'value' } },
      { measure: { kind: 'quantile', of: 'value', level: 0.9 } },
      { measure: 'count', types: ['purchase'] },
    ],
    dimensions: ['country', 'properties.plan', 'type'],
    window: HOURLY,
  }),
  metricOf('people', {
    measures: [
      { measure: 'unique_users', hidden: true },
      { measure: 'unique_sessions', filter: { field: 'country', op: 'neq', value: 'DE' } },
      { measure: { kind: 'unique', of: 'properties.ref' } },
      { measure: { kind: 'sum', of: 'properties.n' } },
      { measure: { kind: 'quantile', of: 'properties.n', level: 0.5 } },
      { measure: { kind: 'rate', per: 'hour' } },
    ],
    formula: ['B / A'],
    dimensions: ['properties.plan', 'properties.absent', 'currency'],
    window: { kind: 'sliding', size: '1h', every: '15m' },
    timezone: 'Europe/Berlin',
  }),
  metricOf('running', {
    events: { filter: { field: 'properties.plan', op: 'exists' } },
    dimensions: ['user_id'],
    window: { kind: 'cumulative', every: '5m' },
  }),
];

/** As a process that begins. */
const open = (): void => {
  tables = new DerivedTables({
    ...{ warehouse: bench.warehouse, loaded: () => loaded, clock: systemClock, telemetry: quietTelemetry() },
    retiredMs: 0,
  });
  rollups = new MetricRollups({
    ...{ warehouse: bench.warehouse, tables, clock: systemClock, telemetry: quietTelemetry() },
    metrics: async () => saved,
  });
};

before(async () => {
  bench = await openTestWarehouse();
  open();
});
after(() => bench.close());

const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;

const makeRequest = (metric: SavedMetric, isPinned: boolean) => {
  const { dimensions, window } = metric.definition;
  const fromMs = pick(STRETCHES) + random.below(3 * 96) * QUARTER_MS + random.below(90) * 10_000;
  const toMs = fromMs + 2 * QUARTER_MS + random.below(8 * 360) * 10_000;
  const by = random.chance(0.6) ? [pick(dimensions)] : undefined;
  const narrowed = pick(dimensions);
  return metricRequestSchema.parse({
    ...{ kind: 'metric', metric: metric.id, range: { from: fromMs, to: toMs }, by, top: 1 + random.below(4) },
    interval: window.kind === 'sliding' ? undefined : pick([undefined, '1h', 'total']),
    filter: random.chance(0.4)
      ? pick([
          { field: narrowed, op: 'exists' },
          { not: { field: narrowed, op: 'eq', value: pick(['pro', '', 'EUR', 'DE', 'u7']) } },
        ])
      : undefined,
    as_of: isPinned ? String(loaded - 1) : undefined,
  });
};

const service = () =>
  testService(bench, {
    ...{ nowMs: NOW_MS, next: loaded, kept: rollups },
    metrics: { metricOf: async (_project, id) => saved.find((metric) => metric.id === id) },
  });

const nameOf = ({ id, group, currency, other }: TrendSeries): string =>
  JSON.stringify([id, group, currency, other]);

const assertSame = (kept: MetricAnswer, events: MetricAnswer): void => {
  assert.deepEqual(kept.buckets, events.buckets);
  assert.deepEqual(kept.series.map(nameOf).sort(), events.series.map(nameOf).sort());
  for (const series of events.series) {
    const other = kept.series.find((one) => nameOf(one) === nameOf(series));
    assert.equal(other?.total_exact, series.total_exact, nameOf(series));
    for (const [index, value] of [series.total, ...series.values].entries()) {
      const keptValue = [other?.total ?? null, ...(other?.values ?? [])][index] ?? null;
      assert.ok(isNear(keptValue, value, TOLERANCE), `${nameOf(series)}: ${keptValue}, expected ${value}`);
    }
  }
};

/** Asks both ways; tells whether what is kept was read. */
const compare = async (isPinned = false): Promise<boolean> => {
  const request = makeRequest(pick(saved), isPinned);
  const [kept, events] = await Promise.all([
    service().query('mine', request),
    service().query('mine', { ...request, source: 'events' }),
  ]);
  assertSame(kept, events);
  return kept.series.some(({ source }) => source === 'rollup_metric') || kept.source === 'rollup_metric';
};

const there = async (): Promise<string[]> => {
  const { rows } = await bench.warehouse.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'aevum' AND name LIKE 'rollup_metric_%' ORDER BY name",
    {},
    { class: 'control' },
  );
  return rows.map(({ name }) => name);
};

test(`a kept metric answers as the events do: back-filled, beside loads and steps, after restarts (seed ${SEED})`, {
  timeout: 300_000,
}, async (t) => {
  let asked = 0;
  let read = 0;
  const failures: unknown[] = [];
  let isLoaded = false;
  let isOver = false;
  const load = async (): Promise<void> => {
    await bench.load('events', rowsOf(makeEvents(random, EVENTS), NOW_MS, loaded * EVENTS), loaded);
    loaded += 1;
  };
  // Half of the history is there when the metrics are made.
  for (let position = 0; position < LOADS / 2; position++) await load();
  saved = METRICS;
  await rollups.sync();
  await tables.catchUp();
  const filling = (async () => {
    while (!isOver) {
      await tables.catchUp();
      await sleep(random.below(20));
      if (isLoaded || !random.chance(0.1)) continue;
      open();
      await rollups.sync();
    }
  })().catch((error: unknown) => failures.push(error));
  const asking = (async () => {
    while (!isLoaded || asked < QUESTIONS) {
      // Both see the same though more is loaded between them.
      if (await compare(true)) read += 1;
      asked += 1;
    }
  })().catch((error: unknown) => failures.push(error));
  try {
    for (let position = LOADS / 2; position < LOADS; position++) await load();
  } finally {
    isLoaded = true;
    await asking;
    isOver = true;
    await Promise.all([filling, asking]);
  }
  assert.deepEqual(failures, []);
  t.diagnostic(`${read} of ${asked} answers from what is kept`);
  for (let question = 0; question < 3; question++) assert.ok(await compare(), 'what is kept is not read');
});

test('a change is another table, what is removed goes, and each tells what it costs', async (t) => {
  const [money, people, running] = METRICS as [SavedMetric, SavedMetric, SavedMetric];
  saved = METRICS;
  open();
  await rollups.sync();
  await tables.catchUp();
  assert.deepEqual(await there(), [
    'rollup_metric_met_money_1',
    'rollup_metric_met_people_1',
    'rollup_metric_met_running_1',
  ]);
  const held = metricOf('held', { measures: [{ measure: 'count' }], dimensions: ['type'] });
  const never = metricOf('never', { dimensions: ['country'], rollup: 'never' });
  const cohort = metricOf('cohort', { events: { filter: { op: 'in_cohort', cohort: 'coh_1' } } });
  const auto = metricOf('auto', { dimensions: ['country'], rollup: 'auto', window: HOURLY });
  const states = await rollups.states([money, held, never, cohort, auto]);
  const state = states.get(money.id);
  assert.ok(
    state?.state === 'ready' && state.rows > 0 && state.bytes > 0 && state.filled === 1 && state.seconds >= 0,
  );
  for (const [metric, reason] of [
    [held, /rollups of all events/u],
    [never, /shall not/u],
    [cohort, /cohort/u],
    [auto, /asked 5 times/u],
  ] as const) {
    const { state: none, reason: why } = states.get(metric.id) ?? {};
    assert.equal(none, 'none');
    assert.match(why ?? '', reason);
  }
  // Asked often, and much read for it.
  for (let time = 0; time < 5; time++) rollups.asked(auto, 10_000_000);
  const changed = metricOf('money', { ...money.definition, dimensions: ['country'] }, 2);
  saved = [changed, people, auto];
  await rollups.sync();
  tables.start();
  t.after(() => tables.close());
  const limit = performance.now() + 120_000;
  const wanted = ['rollup_metric_met_auto_1', 'rollup_metric_met_money_2', 'rollup_metric_met_people_1'];
  while ((await there()).join() !== wanted.join())
    assert.ok(performance.now() < limit, (await there()).join());
  assert.equal(rollups.of(running), undefined);
  await tables.catchUp();
  await compare();
  await tables.removing('mine', new AbortController().signal, async () => undefined);
  assert.deepEqual(await there(), []);
  assert.equal(rollups.of(people), undefined);
  await compare();
});

test('of more metrics than are kept those that are there stay, however often others are asked', async () => {
  const own = new DerivedTables({
    ...{ warehouse: bench.warehouse, loaded: () => 0, clock: systemClock, telemetry: quietTelemetry() },
  });
  saved = [];
  const few = new MetricRollups({
    ...{ warehouse: bench.warehouse, tables: own, metrics: async () => saved, max: 1 },
    ...{ clock: systemClock, telemetry: quietTelemetry() },
  });
  const [first, second] = METRICS as [SavedMetric, SavedMetric];
  saved = [first];
  await few.sync();
  saved = [second, first];
  few.asked(second, 1_000_000_000);
  await few.sync();
  assert.deepEqual([few.of(first) !== undefined, few.of(second)], [true, undefined]);
  const state = (await few.states([second])).get(second.id);
  assert.match(state?.reason ?? '', /1 metrics are kept already/u);
  saved = [second];
  await few.sync();
  assert.deepEqual([few.of(first), few.of(second) !== undefined], [undefined, true]);
});

test('a metric is counted from the events until half of its table is filled', async () => {
  let known = 1;
  const own = new DerivedTables({
    ...{ warehouse: bench.warehouse, loaded: () => known, clock: systemClock, telemetry: quietTelemetry() },
  });
  // Of a field that no other rollup has, so that none answers it.
  const events = { filter: { field: 'country', op: 'exists' } };
  saved = [metricOf('half', { events, dimensions: ['country'], window: HOURLY })];
  rollups = new MetricRollups({
    ...{ warehouse: bench.warehouse, tables: own, metrics: async () => saved },
    ...{ clock: systemClock, telemetry: quietTelemetry() },
  });
  await rollups.sync();
  await own.catchUp();
  assert.ok(loaded > 2);
  assert.equal(await compare(), false);
  known = loaded;
  await own.catchUp();
  assert.equal(await compare(), true);
});
