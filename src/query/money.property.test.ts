import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import {
  ATTRIBUTION_MODELS,
  type AttributionAnswer,
  type AttributionRequest,
  attributionRequestSchema,
} from '../contract/attribution.ts';
import type { Filter, Selector } from '../contract/question.ts';
import { type RevenueAnswer, type RevenueRequest, revenueRequestSchema } from '../contract/revenue.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { modelAttribution, type PlacedEvent } from './testing/attribution-model.ts';
import { modelRevenue } from './testing/revenue-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { loadPlacedEvents } from './testing/trend-data.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 3_000;
const QUESTIONS = 60;
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
/** Around a change of the clocks in Berlin and New York. */
const FIRST_MS = Date.UTC(2026, 9, 22);
const DAYS = 16;
/** Times are multiples of this, so that there are ties. */
const TICK_MS = 3_600_000 / 2;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'];
const TYPES = ['page_view', 'purchase', 'refund', "it's"];
const CHANNELS = ['mail', 'ads', '', 'social', 'x y', null, undefined, 7];

const makeEvents = (random: SeededRandom): PlacedEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  return Array.from({ length: EVENTS }, (_, index) => {
    const type = pick(TYPES);
    return {
      id: `e${Math.floor(random.next() * 1e9)}-${index}`,
      position: Math.floor(index / 400),
      project: random.next() < 0.85 ? 'mine' : 'other',
      timeMs: FIRST_MS + Math.floor(random.next() * ((DAYS * DAY_MS) / TICK_MS)) * TICK_MS,
      type,
      user_id: random.next() < 0.1 ? '' : `u${Math.floor(random.next() * 90)}`,
      session_id: random.next() < 0.2 ? '' : `s${Math.floor(random.next() * 400)}`,
      country: pick(['DE', 'FR', '', "d'Ivoire"]),
      currency: pick(['EUR', 'USD', '']),
      micros:
        random.next() < 0.2
          ? null
          : random.next() < 0.05
            ? 0n
            : BigInt(Math.floor(random.next() * 1e9) - (type === 'refund' ? 1e9 : 5e7)),
      properties: JSON.parse(
        JSON.stringify({ channel: pick(CHANNELS), plan: pick(['pro', 'free', null]) }),
      ) as Record<string, unknown>,
    };
  });
};

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED));

before(async () => {
  bench = await openTestWarehouse();
  await loadPlacedEvents(bench, events, NOW_MS);
});
after(() => bench.close());

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    field: fc.constantFrom('country', 'properties.plan'),
    op: fc.constantFrom('eq' as const, 'neq' as const),
    value: fc.constantFrom('DE', 'pro', ''),
  }),
  fc.record({ field: fc.constantFrom('user_id', 'properties.plan'), op: fc.constant('exists' as const) }),
);

const selectors: fc.Arbitrary<Selector> = fc.oneof(
  fc.constantFrom(...TYPES),
  fc.record({ types: fc.subarray(TYPES, { minLength: 1 }) }),
  fc.record({ filter: filters }),
  fc.constant({}),
);

const ranges = fc
  .tuple(fc.integer({ min: 0, max: DAYS * 24 }), fc.integer({ min: 1, max: DAYS * 24 }))
  .map(([from, hours]) => {
    const fromMs = FIRST_MS + from * 3_600_000;
    return { fromMs, toMs: fromMs + hours * 3_600_000 };
  });

const isNear = (a: number | null | undefined, b: number | null | undefined): boolean =>
  (a ?? null) === (b ?? null) ||
  (typeof a === 'number' &&
    typeof b === 'number' &&
    Math.abs(a - b) <= Math.max(1e-6, 1e-9 * Math.max(Math.abs(a), Math.abs(b))));

const near = (actual: number | null | undefined, expected: number | null | undefined, what: string): void =>
  assert.ok(isNear(actual, expected), `${what}: ${actual}, expected ${expected}`);

const FIGURES = [
  'revenue',
  'gross',
  'refunded',
  'orders',
  'refunds',
  'buyers',
  'average_order',
  'arpu',
  'arppu',
] as const;

const checkRevenue = (
  answer: RevenueAnswer,
  request: RevenueRequest,
  range: { fromMs: number; toMs: number },
): void => {
  const expected = modelRevenue(events, 'mine', request, range);
  const keyOf = (series: { group: unknown; other: boolean; currency: string | null }) =>
    JSON.stringify([series.group, series.other, series.currency]);
  assert.deepEqual(answer.series.map(keyOf).sort(), expected.map(keyOf).sort());
  const starts = answer.buckets.map((text) => Temporal.Instant.from(text).epochMilliseconds);
  for (const model of expected) {
    const series = answer.series.find((one) => keyOf(one) === keyOf(model));
    assert.ok(series);
    assert.equal(series.active_users, model.activeUsers);
    near(Number(series.revenue_exact), model.total.revenue, 'revenue_exact');
    for (const figure of FIGURES) {
      near(series.total[figure], model.total[figure], `total ${figure}`);
      for (const [at, figures] of model.values)
        near(
          series.values[figure][starts.indexOf(at)],
          figures[figure],
          `${figure} of ${new Date(at).toISOString()}`,
        );
    }
    series.values.orders.forEach((orders, index) => {
      if (!model.values.has(starts[index] ?? 0)) assert.equal(orders, 0);
    });
  }
};

test(`revenue agrees with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  const questions = fc.record({
    events: selectors,
    filter: fc.option(filters, { nil: undefined }),
    by: fc.option(
      fc.uniqueArray(fc.constantFrom('country', 'type', 'properties.channel'), {
        minLength: 1,
        maxLength: 2,
      }),
      { nil: undefined },
    ),
    top: fc.integer({ min: 1, max: 5 }),
    interval: fc.constantFrom('1h' as const, '1d' as const, '1w' as const, '1M' as const, 'total' as const),
    timezone: fc.constantFrom(...ZONES),
    range: ranges,
  });
  await fc.assert(
    fc.asyncProperty(questions, async ({ filter, by, range, ...rest }) => {
      const request = revenueRequestSchema.parse({
        kind: 'revenue',
        ...rest,
        range: { from: range.fromMs, to: range.toMs },
        ...(filter === undefined ? {} : { filter }),
        ...(by === undefined ? {} : { by }),
      });
      const answer = await service.query('mine', request);
      assert.ok(answer.kind === 'revenue');
      checkRevenue(answer, request, range);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

const checkAttribution = (
  answer: AttributionAnswer,
  request: AttributionRequest,
  range: { fromMs: number; toMs: number },
): void => {
  const expected = modelAttribution(events, 'mine', request, range);
  assert.equal(answer.attributed.conversions, expected.attributed);
  assert.equal(answer.unattributed.conversions, expected.unattributed);
  const names = answer.channels.map(({ channel, other }) => (other ? null : channel));
  assert.deepEqual(new Set(names), new Set(expected.touches.keys()));
  assert.equal(names.length, expected.touches.size);
  for (const { channel, touches, credits, removal_effect } of answer.channels) {
    const name = channel ?? 'the others';
    assert.equal(touches, expected.touches.get(channel), `touches of ${name}`);
    for (const model of request.models) {
      const wanted = expected.credits.get(channel)?.get(model);
      near(credits[model]?.conversions, wanted?.conversions ?? 0, `${model} of ${name}`);
      const money = new Map(credits[model]?.money.map(({ currency, value }) => [currency ?? '', value]));
      for (const currency of new Set([...money.keys(), ...(wanted?.money.keys() ?? [])]))
        near(money.get(currency) ?? 0, wanted?.money.get(currency) ?? 0, `${model} of ${name}, ${currency}`);
    }
    if (request.models.includes('markov') && typeof removal_effect === 'number')
      near(removal_effect, expected.effects.get(channel) ?? 0, `removal effect of ${name}`);
  }
};

test(`attribution agrees with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  const questions = fc.record({
    conversion: selectors,
    touches: selectors,
    channel: fc.constantFrom('properties.channel', 'country', 'type'),
    filter: fc.option(filters, { nil: undefined }),
    models: fc.subarray([...ATTRIBUTION_MODELS], { minLength: 1 }),
    lookback: fc.constantFrom('1d', '3d', '30d'),
    half_life: fc.constantFrom('1d', '7d'),
    actor: fc.constantFrom('user' as const, 'session' as const),
    top: fc.integer({ min: 1, max: 6 }),
    range: ranges,
  });
  await fc.assert(
    fc.asyncProperty(questions, async ({ filter, range, ...rest }) => {
      const request = attributionRequestSchema.parse({
        kind: 'attribution',
        ...rest,
        range: { from: range.fromMs, to: range.toMs },
        ...(filter === undefined ? {} : { filter }),
      });
      const answer = await service.query('mine', request);
      assert.ok(answer.kind === 'attribution');
      checkAttribution(answer, request, range);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});
