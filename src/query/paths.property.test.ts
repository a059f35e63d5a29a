import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { type PathsRequest, pathsRequestSchema } from '../contract/paths.ts';
import type { Filter, Selector } from '../contract/question.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { rowOfEvent } from './testing/event-rows.ts';
import { type ModelPathEvent, modelPaths, modelWalks } from './testing/paths-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 2_500;
const QUESTIONS = 60;
const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
const FIRST_MS = Date.UTC(2026, 9, 24);
const HOURS = 48;
/** Times are few, so that many events share a millisecond. */
const TICK_MS = HOUR_MS / 2;
const TYPES = ['start', 'view', 'buy', "it's"];
const PAGES = ['/', '/a', '/b', '/c?x=1', '#other', ''];

const makeEvents = (random: SeededRandom): ModelPathEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;
  return Array.from({ length: EVENTS }, (_, index) => ({
    position: Math.floor(index / 250),
    project: random.chance(0.85) ? 'mine' : 'other',
    timeMs: FIRST_MS + random.below((HOURS * HOUR_MS) / TICK_MS) * TICK_MS,
    type: pick(TYPES),
    user_id: random.chance(0.1) ? '' : `u${random.below(120)}`,
    session_id: random.chance(0.2) ? '' : `s${random.below(500)}`,
    page: pick(PAGES),
    country: pick(['DE', 'FR', '']),
    currency: '',
    micros: null,
    properties: JSON.parse(JSON.stringify({ tab: pick(['x', '', 7, null, undefined]) })) as Record<
      string,
      unknown
    >,
  }));
};

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED));

before(async () => {
  bench = await openTestWarehouse();
  for (const [position, load] of Map.groupBy(events, (event) => event.position)) {
    const rows = load.map((event, index) => rowOfEvent(event, `${position}-${index}`));
    await bench.load('events', rows, position);
  }
});
after(() => bench.close());

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    field: fc.constantFrom('country', 'type', 'page'),
    op: fc.constantFrom('eq' as const, 'neq' as const),
    value: fc.constantFrom('DE', 'view', '/a'),
  }),
);

const ends: fc.Arbitrary<{ from?: Selector; to?: Selector }> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom<Selector[]>(...TYPES, 'never', {}),
      fc.record({ types: fc.constantFrom(['view', 'buy']), filter: filters }),
    ),
    fc.constantFrom('from' as const, 'to' as const, undefined),
  )
  .map(([selector, side]) => (side === undefined ? {} : { [side]: selector }));

/** Windows as texts with their milliseconds. */
const windows = fc.constantFrom<[string, number]>(
  ['30m', HOUR_MS / 2],
  ['6h', 6 * HOUR_MS],
  ['3d', 72 * HOUR_MS],
);

const ranges = fc
  .tuple(fc.integer({ min: -10, max: HOURS * 2 }), fc.integer({ min: 1, max: HOURS * 2 }))
  .map(([from, length]) => ({ from: FIRST_MS + from * TICK_MS, to: FIRST_MS + (from + length) * TICK_MS }));

const questions = fc.record({
  ends,
  label: fc.constantFrom('type', 'page', 'properties.tab'),
  depth: fc.integer({ min: 1, max: 6 }),
  window: windows,
  collapse: fc.constantFrom(...(['none', 'repeats', 'loops'] as const)),
  actor: fc.constantFrom('user' as const, 'session' as const),
  filter: fc.option(filters, { nil: undefined }),
  top: fc.integer({ min: 1, max: 5 }),
  min_share: fc.constantFrom(0, 0.1, 0.25),
  range: ranges,
});

test(`paths agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(questions, async ({ ends: end, window, filter, ...rest }) => {
      const request: PathsRequest = pathsRequestSchema.parse({
        kind: 'paths',
        ...rest,
        ...end,
        window: window[0],
        ...(filter === undefined ? {} : { filter }),
      });
      const answer = await service.query('mine', request);
      const { from, to } = rest.range;
      const walks = modelWalks(events, 'mine', request, window[1], { fromMs: from, toMs: to });
      const { nodes, links } = modelPaths(walks, request);
      steps += links.size;
      assert.equal(answer.actors, walks.length);
      assert.deepEqual(
        answer.nodes.map(({ id, actors, dropped }) => [id, actors, dropped]),
        nodes,
      );
      assert.deepEqual(
        new Map(answer.links.map(({ source, target, actors }) => [`${source} > ${target}`, actors])),
        links,
      );
      const inLevels = answer.links.map(({ source, actors }) => [Number(/^\d+/u.exec(source)?.[0]), actors]);
      assert.deepEqual(
        inLevels,
        inLevels.toSorted(([a = 0, m = 0], [b = 0, n = 0]) => a - b || n - m),
      );
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
  assert.ok(steps > 0, 'no path had a step');
});
