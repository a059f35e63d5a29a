import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import {
  type ExperimentAnswer,
  type ExperimentRequest,
  experimentRequestSchema,
} from '../contract/experiment.ts';
import { queryRequestSchema } from '../contract/query.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { PlacedEvent } from './testing/attribution-model.ts';
import { fieldText, selects } from './testing/revenue-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { loadPlacedEvents } from './testing/trend-data.ts';
import { holds } from './testing/trend-model.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 3_000;
const QUESTIONS = 60;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
const FIRST_MS = NOW_MS - 10 * DAY_MS;
const TYPES = ['seen', 'purchase', 'page_view'];

const makeEvents = (random: SeededRandom): PlacedEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  return Array.from({ length: EVENTS }, (_, index) => {
    const user = Math.floor(random.next() * 300);
    return {
      id: `e${Math.floor(random.next() * 1e9)}-${index}`,
      position: Math.floor(index / 500),
      project: random.next() < 0.9 ? 'mine' : 'other',
      // Half hours, so that there are ties.
      timeMs: FIRST_MS + Math.floor(random.next() * 480) * (HOUR_MS / 2),
      type: pick(TYPES),
      user_id: random.next() < 0.05 ? '' : `u${user}`,
      session_id: random.next() < 0.2 ? '' : `s${user % 50}`,
      country: pick(['DE', 'FR']),
      currency: pick(['EUR', 'USD']),
      micros: random.next() < 0.2 ? null : BigInt(Math.floor(random.next() * 1e8)),
      properties: JSON.parse(
        JSON.stringify({
          variant: random.next() < 0.05 ? pick(['a', 'b', 'c', '', null]) : ['a', 'b', 'c'][user % 3],
          items: Math.floor(random.next() * 5),
        }),
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

const inOrder = (a: PlacedEvent, b: PlacedEvent): number =>
  a.timeMs - b.timeMs || a.position - b.position || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));

/** What is measured of every actor of every variant, and how many saw several: each actor by itself, event by event. */
const modelExperiment = (
  request: ExperimentRequest,
  range: { readonly fromMs: number; readonly toMs: number },
  windowMs: number,
): { readonly mixed: number; readonly variants: Map<string, { measures: number[]; converted: number }> } => {
  const mine = events
    .filter(
      (event) => event.project === 'mine' && (request.filter === undefined || holds(request.filter, event)),
    )
    .sort(inOrder);
  const variants = new Map<string, { measures: number[]; converted: number }>();
  let mixed = 0;
  const byActor = Map.groupBy(mine, (event) => (request.actor === 'user' ? event.user_id : event.session_id));
  for (const [actor, own] of byActor) {
    const exposures = own.filter(
      (event) =>
        event.timeMs >= range.fromMs &&
        event.timeMs < range.toMs &&
        fieldText(event, request.variant) !== null &&
        selects(request.exposure, event),
    );
    const [first] = exposures;
    if (actor === '' || first === undefined) continue;
    const seen = new Set(exposures.map((event) => fieldText(event, request.variant)));
    if (seen.size > 1) {
      mixed++;
      continue;
    }
    const goals = own.filter(
      (event) =>
        selects(request.goal, event) && inOrder(event, first) > 0 && event.timeMs <= first.timeMs + windowMs,
    );
    const sum = goals.reduce((total, event) => {
      if (request.of === 'value')
        return event.currency === request.currency ? total + Number(event.micros ?? 0n) / 1e6 : total;
      return total + Number(event.properties['items']);
    }, 0);
    const measures = { conversion: goals.length > 0 ? 1 : 0, count: goals.length, sum };
    const name = fieldText(first, request.variant) ?? '';
    const variant = variants.get(name) ?? { measures: [], converted: 0 };
    variant.measures.push(measures[request.measure]);
    if (goals.length > 0) variant.converted++;
    variants.set(name, variant);
  }
  return { mixed, variants };
};

const near = (actual: number | null | undefined, expected: number, what: string): void =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, expected ${expected}`,
  );

test(`experiments agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  const questions = fc.record({
    exposure: fc.constantFrom<ExperimentRequest['exposure']>('seen', {}, { types: ['seen', 'page_view'] }),
    goal: fc.constantFrom<ExperimentRequest['goal']>('purchase', {}, 'absent'),
    measure: fc.constantFrom(
      { measure: 'conversion' as const },
      { measure: 'count' as const },
      { measure: 'sum' as const, of: 'value', currency: 'EUR' },
      { measure: 'sum' as const, of: 'properties.items' },
    ),
    window: fc.constantFrom(['1h', HOUR_MS] as const, ['1d', DAY_MS] as const, ['14d', 14 * DAY_MS] as const),
    actor: fc.constantFrom('user' as const, 'session' as const),
    filter: fc.constantFrom(undefined, { field: 'country', op: 'eq' as const, value: 'DE' }),
    from: fc.integer({ min: 0, max: 200 }),
    hours: fc.integer({ min: 1, max: 240 }),
  });
  await fc.assert(
    fc.asyncProperty(questions, async ({ measure, window, filter, from, hours, ...rest }) => {
      const fromMs = FIRST_MS + from * HOUR_MS;
      const range = { fromMs, toMs: fromMs + hours * HOUR_MS };
      const request = experimentRequestSchema.parse({
        kind: 'experiment',
        variant: 'properties.variant',
        ...rest,
        ...measure,
        window: window[0],
        range: { from: range.fromMs, to: range.toMs },
        ...(filter === undefined ? {} : { filter }),
      });
      const answer = await service.query('mine', request);
      assert.ok(answer.kind === 'experiment');
      const expected = modelExperiment(request, range, window[1]);
      assert.equal(answer.mixed, expected.mixed);
      assert.deepEqual(
        answer.variants.map(({ variant }) => variant),
        [...expected.variants.keys()].sort(),
      );
      for (const { variant, actors, converted, mean, deviation } of answer.variants) {
        const { measures, converted: wanted } = expected.variants.get(variant) ?? {
          measures: [],
          converted: 0,
        };
        assert.equal(actors, measures.length);
        assert.equal(converted, wanted);
        const average = measures.reduce((a, b) => a + b, 0) / measures.length;
        near(mean, average, 'mean');
        if (measures.length < 2) assert.equal(deviation, null);
        else
          near(
            deviation,
            Math.sqrt(measures.reduce((sum, x) => sum + (x - average) ** 2, 0) / (measures.length - 1)),
            'deviation',
          );
      }
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

/** Two variants whose measures are those of a printed example: per actor so many goal events. */
const loadCounts = async (
  project: string,
  counts: Readonly<Record<string, readonly number[]>>,
): Promise<void> => {
  const rows = Object.entries(counts).flatMap(([variant, of]) =>
    of.flatMap((count, actor) =>
      Array.from({ length: count + 1 }, (_, index) => ({
        id: `${project}-${variant}-${actor}-${index}`,
        project,
        type: index === 0 ? 'seen' : 'goal',
        user_id: `${variant}${actor}`,
        time: FIRST_MS + index,
        received_at: NOW_MS,
        properties: JSON.stringify({ variant }),
      })),
    ),
  );
  await bench.load('events', rows, 100);
};

const ask = async (project: string, rest: object): Promise<ExperimentAnswer> => {
  const request = parseRequest(queryRequestSchema, {
    kind: 'experiment',
    exposure: 'seen',
    variant: 'properties.variant',
    goal: 'goal',
    ...rest,
  });
  const answer = await testService(bench, { nowMs: NOW_MS }).query(project, request);
  assert.ok(answer.kind === 'experiment');
  return answer;
};

/** Two-sided tail of Student's t, by adding up the density. */
const tailByDensity = (t: number, degrees: number): number => {
  const density = (x: number) => (1 + (x * x) / degrees) ** (-(degrees + 1) / 2);
  const area = (to: number) => {
    const steps = 200_000;
    let sum = 0;
    for (let step = 0; step < steps; step++) sum += density(((step + 0.5) * to) / steps);
    return (sum * to) / steps;
  };
  return 1 - area(Math.abs(t)) / area(10_000);
};

test("the comparison is Welch's", async () => {
  const a = [17, 19, 20, 22, 22, 25, 21];
  const b = [19, 22, 23, 24, 25, 25];
  await loadCounts('welch', { a, b });
  const { variants } = await ask('welch', { measure: 'count' });
  const [control, other] = variants;
  const mean = (of: readonly number[]) => of.reduce((x, y) => x + y, 0) / of.length;
  const variance = (of: readonly number[]) =>
    of.reduce((s, x) => s + (x - mean(of)) ** 2, 0) / (of.length - 1);
  const [va, vb] = [variance(a) / a.length, variance(b) / b.length];
  const error = Math.sqrt(va + vb);
  const degrees = (va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
  const difference = mean(b) - mean(a);
  assert.ok(control?.is_control === true && control.variant === 'a');
  near(other?.compared?.difference, difference, 'difference');
  near(other?.compared?.relative, difference / mean(a), 'relative');
  const p = other?.compared?.p_value ?? Number.NaN;
  assert.ok(Math.abs(p - tailByDensity(difference / error, degrees)) < 1e-3, String(p));
  const { low = 0, high = 0 } = other?.compared?.interval ?? {};
  near((low + high) / 2, difference, 'middle of the interval');
  assert.ok(Math.abs(tailByDensity((high - low) / 2 / error, degrees) - 0.05) < 1e-3);
  assert.equal(other?.compared?.significant, false);
});

test('a split that is not the one that was meant raises the alarm', async () => {
  await loadCounts('split', {
    a: Array.from({ length: 300 }, () => 0),
    b: Array.from({ length: 200 }, () => 1),
  });
  const even = await ask('split', {});
  assert.equal(even.sample_ratio?.ok, false);
  assert.ok((even.sample_ratio?.p_value ?? 1) < 1e-5);
  const meant = await ask('split', { split: { a: 3, b: 2 } });
  assert.deepEqual(meant.sample_ratio, { p_value: 1, ok: true });
  // Everybody of one variant and nobody of the other: nothing varies, so nothing is tested.
  assert.equal(even.variants[1]?.compared?.p_value, null);
  assert.equal(even.variants[1]?.mean, 1);
  const missing = await ask('split', { split: { a: 3, b: 2, c: 5 } });
  assert.equal(missing.sample_ratio?.ok, false);
});

test('one variant, or none, is compared with nothing', async () => {
  await loadCounts('one', { only: [1, 0, 1] });
  const { variants, sample_ratio } = await ask('one', {});
  assert.equal(variants.length, 1);
  assert.equal(variants[0]?.compared, null);
  assert.equal(sample_ratio, null);
  assert.deepEqual(await ask('none', {}).then(({ variants: of }) => of), []);
});

test('what cannot be asked is refused at its place', async () => {
  await loadCounts('refusals', { a: [1], b: [0] });
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ measure: 'sum' }, /^of: is missing/u],
    [{ measure: 'sum', of: 'value' }, /^currency: is missing/u],
    [{ measure: 'sum', of: 'properties.n', currency: 'EUR' }, /^currency: A currency goes with/u],
    [{ measure: 'count', of: 'value' }, /^of: "count" has nothing to add up/u],
    [{ measure: 'sum', of: 'country' }, /^of: "country" is no number/u],
    [{ control: 'z' }, /^control: Nobody saw the variant "z"\. Seen were "a", "b"/u],
    [{ split: { a: 1, x: 2 } }, /^split: does not say how many were to see "b"/u],
    [{ window: '400d' }, /^window: 400d is too long/u],
    [{ variant: 'timestamp' }, /^variant\.0|^variant/u],
  ];
  for (const [rest, message] of cases) await assert.rejects(ask('refusals', rest), { message });
});
