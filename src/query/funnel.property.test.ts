import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import {
  type FunnelRequest,
  type FunnelResult,
  funnelRequestSchema,
  type FunnelTimes,
  type FunnelUser,
  funnelUsersRequestSchema,
} from '../contract/funnel.ts';
import type { Filter, Selector } from '../contract/question.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { rowOfEvent } from './testing/event-rows.ts';
import {
  type ModelAttempt,
  modelAttempts,
  type ModelFunnelRequest,
  modelGroups,
  modelResult,
} from './testing/funnel-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import type { ModelEvent } from './testing/trend-model.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 2_500;
const QUESTIONS = 60;
const LISTS = 12;
const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
const FIRST_MS = Date.UTC(2026, 9, 24);
const HOURS = 48;
/** Times are few, so that many events share a millisecond. */
const TICK_MS = HOUR_MS / 4;
const TYPES = ['a', 'b', 'c', "it's"];

const makeEvents = (random: SeededRandom): ModelEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;
  return Array.from({ length: EVENTS }, () => ({
    project: random.chance(0.85) ? 'mine' : 'other',
    timeMs: FIRST_MS + random.below((HOURS * HOUR_MS) / TICK_MS) * TICK_MS,
    type: pick(TYPES),
    user_id: random.chance(0.1) ? '' : `u${random.below(150)}`,
    session_id: random.chance(0.2) ? '' : `s${random.below(400)}`,
    country: pick(['DE', 'FR', '', "d'Ivoire"]),
    currency: '',
    micros: null,
    properties: JSON.parse(JSON.stringify({ plan: pick(['pro', 'free', '', null, undefined]) })) as Record<
      string,
      unknown
    >,
  }));
};

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED));

before(async () => {
  bench = await openTestWarehouse();
  for (let at = 0; at < EVENTS; at += 500) {
    const rows = events.slice(at, at + 500).map((event, index) => rowOfEvent(event, String(at + index)));
    await bench.load('events', rows, at / 500);
  }
});
after(() => bench.close());

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    field: fc.constantFrom('country', 'properties.plan'),
    op: fc.constantFrom('eq' as const, 'neq' as const),
    value: fc.constantFrom('DE', 'pro', ''),
  }),
  fc.record({ field: fc.constant('properties.plan'), op: fc.constant('exists' as const) }),
);

/** Steps that overlap, repeat and match nothing. */
const selectors: fc.Arbitrary<Selector> = fc.oneof(
  { arbitrary: fc.constantFrom(...TYPES), weight: 4 },
  fc.record({ types: fc.subarray(TYPES, { minLength: 1, maxLength: 2 }) }),
  fc.record({ filter: filters }),
  fc.record({ types: fc.constantFrom<string[][]>(['a'], ['b']), filter: filters }),
  fc.constantFrom<Selector[]>('never', {}),
);

/** Windows as texts with their milliseconds. */
const windows = fc.constantFrom<[string, number]>(
  ['30m', HOUR_MS / 2],
  ['2h', 2 * HOUR_MS],
  ['12h', 12 * HOUR_MS],
  ['3d', 72 * HOUR_MS],
);

const exclusions = (steps: number) =>
  fc.array(
    fc
      .tuple(selectors, fc.integer({ min: 1, max: steps - 1 }), fc.nat(), fc.boolean())
      .map(([of, after_, offset, whole]) => ({
        events: of,
        after: after_,
        ...(whole ? {} : { before: after_ + 1 + (offset % (steps - after_)) }),
      })),
    { maxLength: 2 },
  );

const ranges = fc
  .tuple(
    fc.integer({ min: -10, max: HOURS * 4 }),
    // Short ones lie within most windows.
    fc.oneof(fc.integer({ min: 1, max: HOURS * 4 }), fc.integer({ min: 1, max: 40 })),
  )
  .map(([from, length]) => ({ from: FIRST_MS + from * TICK_MS, to: FIRST_MS + (from + length) * TICK_MS }));

const isRepeated = (steps: readonly Selector[]): boolean =>
  new Set(steps.map((step) => JSON.stringify(typeof step === 'string' ? { types: [step] } : step))).size <
  steps.length;

const questions = fc
  .array(selectors, { minLength: 2, maxLength: 4 })
  .chain((steps) =>
    fc.record({
      steps: fc.constant(steps),
      order: fc.constantFrom(...(['ordered', 'ordered', 'strict', 'any'] as const)),
      window: windows,
      actor: fc.constantFrom('user' as const, 'session' as const),
      exclusions: fc.oneof({ arbitrary: fc.constant([]), weight: 2 }, exclusions(steps.length)),
      filter: fc.option(filters, { nil: undefined }),
      by: fc.option(
        fc.uniqueArray(fc.constantFrom('country', 'properties.plan', 'type'), { minLength: 1, maxLength: 2 }),
        { nil: undefined },
      ),
      top: fc.integer({ min: 1, max: 4 }),
      range: ranges,
    }),
  )
  .filter(({ steps, order }) => order !== 'any' || !isRepeated(steps));

type Question = typeof questions extends fc.Arbitrary<infer Value> ? Value : never;

const requestOf = ({
  window,
  filter,
  by,
  ...rest
}: Question): { request: FunnelRequest; model: ModelFunnelRequest } => {
  const request = funnelRequestSchema.parse({
    kind: 'funnel',
    ...rest,
    window: window[0],
    ...(filter === undefined ? {} : { filter }),
    ...(by === undefined ? {} : { by }),
  });
  return { request, model: { ...request, windowMs: window[1] } };
};

const attemptsOf = (question: Question): ModelAttempt[] => {
  const { from, to } = question.range;
  return modelAttempts(events, 'mine', requestOf(question).model, { fromMs: from, toMs: to });
};

/** Averages and interpolated quantiles are doubles: rounded to the microsecond. */
const roundTimes = (times: FunnelTimes | null): FunnelTimes | null => {
  if (times === null) return null;
  const round = (ms: number) => Math.round(ms * 1_000) / 1_000;
  return {
    ...times,
    average_ms: round(times.average_ms),
    median_ms: round(times.median_ms),
    p90_ms: round(times.p90_ms),
  };
};

const rounded = ({ entered, completed, conversion, excluded, steps, time_to_convert }: FunnelResult) => ({
  entered,
  completed,
  conversion,
  excluded,
  steps: steps.map((step) => ({ ...step, since_previous: roundTimes(step.since_previous) })),
  time_to_convert: roundTimes(time_to_convert),
});

test(`funnels agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  let completed = 0;
  await fc.assert(
    fc.asyncProperty(questions, async (question) => {
      const { request } = requestOf(question);
      const answer = await service.query('mine', request);
      const attempts = attemptsOf(question);
      const expected = modelResult(attempts, request.steps.length);
      completed += expected.completed;
      assert.deepEqual(rounded(answer.total), rounded(expected));
      if (request.by === undefined) return assert.deepEqual(answer.groups, []);
      const by = request.by;
      const groups = modelGroups(attempts, request.top);
      assert.deepEqual(
        answer.groups.map(({ group, other }) => [group, other]),
        groups.map(([key]) => {
          const texts = key === undefined ? [] : (JSON.parse(key) as (string | null)[]);
          const named = Object.fromEntries(by.map((field, index) => [field, texts[index] ?? null]));
          return [key === undefined ? null : named, key === undefined];
        }),
      );
      assert.deepEqual(
        answer.groups.map(rounded),
        groups.map(([, of]) => rounded(modelResult(of, request.steps.length))),
      );
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
  assert.ok(completed > 0, 'no funnel was completed by anybody');
});

/** Every page of a list, with pages so small that there are several. */
const listAll = async (request: object): Promise<FunnelUser[]> => {
  const service = testService(bench, { nowMs: NOW_MS });
  const users: FunnelUser[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await service.query(
      'mine',
      funnelUsersRequestSchema.parse({ ...request, limit: 7, ...(cursor ? { cursor } : {}) }),
    );
    users.push(...page.users);
    cursor = page.next_cursor;
  } while (cursor !== null && users.length <= EVENTS);
  return users;
};

test(`lists of those in a funnel agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(questions, fc.nat(), fc.boolean(), async (question, which, isDropped) => {
      const { top: _, kind: _kind, ...definition } = requestOf(question).request;
      const count = definition.steps.length;
      const step = isDropped ? 1 + (which % (count - 1)) : 1 + (which % count);
      const users = await listAll({
        ...definition,
        kind: 'funnel_users',
        step,
        outcome: isDropped ? 'dropped' : 'converted',
      });
      const expected = attemptsOf(question)
        .filter(({ out, events: done }) => !out && (isDropped ? done.length === step : done.length >= step))
        .sort(
          (a, b) => (b.events[0]?.timeMs ?? 0) - (a.events[0]?.timeMs ?? 0) || (a.actor < b.actor ? -1 : 1),
        );
      assert.deepEqual(
        users.map(({ id, steps_done, times }) => [id, steps_done, times.map((at) => Date.parse(at))]),
        expected.map(({ actor, events: done }) => [actor, done.length, done.map(({ timeMs }) => timeMs)]),
      );
    }),
    { seed: SEED, numRuns: LISTS },
  );
});
