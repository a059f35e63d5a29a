import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import type { Filter } from '../contract/question.ts';
import {
  WEB_LISTS,
  WEB_NUMBERS,
  type WebAnswer,
  type WebColumns,
  type WebNumbers,
  type WebOnly,
  webRequestSchema,
} from '../contract/web.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { modelSessions } from './testing/sessions-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { modelLists, modelOnly, type ModelWebEvent, modelWebNumbers } from './testing/web-model.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 2_000;
const QUESTIONS = 30;
const LOAD_ROWS = 250;
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 9, 24);
const DAYS = 4;
const NOW_MS = START_MS + DAYS * DAY_MS;
const TYPES = ['page_view', 'screen_view', 'click', 'page_leave'];
const REFERRERS = [
  '',
  'https://www.google.co.uk/',
  'https://l.facebook.com/x?y',
  'https://news.example/',
  'https://own.example/a',
  'https://mail.google.com/',
];
const MEDIUMS = [undefined, '', 'cpc', 'Email', 'social', 'x'];

const makeEvents = (random: SeededRandom): ModelWebEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  const starts = Array.from(
    { length: 500 },
    () => START_MS + Math.floor((random.next() * DAYS * DAY_MS) / QUARTER_MS) * QUARTER_MS,
  );
  const campaign = (): Record<string, unknown> => {
    const medium = pick(MEDIUMS);
    const source = pick([undefined, 'news', "d'o", 'n\0', '\0']);
    const place = random.next();
    if (place < 0.6) return {};
    if (place < 0.75) return { utm_medium: medium, utm_source: source, utm_term: pick([undefined, 't']) };
    if (place < 0.9) return { 'context.utm_medium': medium, 'context.utm_content': pick(['c', 5]) };
    return { 'context.campaign': { medium, source, name: pick(['autumn', '']) } };
  };
  return Array.from({ length: EVENTS }, (_, index) => {
    const session = Math.floor(random.next() * starts.length);
    const properties = {
      ...campaign(),
      ...(random.next() < 0.3 ? { anonymous_id: `a${session % 40}` } : {}),
    };
    return {
      project: random.next() < 0.9 ? 'mine' : 'other',
      position: Math.floor(index / LOAD_ROWS),
      timeMs: (starts[session] ?? 0) + Math.floor(random.next() * 5) * 60_000,
      type: pick(TYPES),
      user_id: random.next() < 0.5 ? '' : `u${session % 30}`,
      session_id: random.next() < 0.1 ? '' : `s${session}`,
      page: pick(['/', '/a', '/b', "/d'o", '']),
      referrer: pick(REFERRERS),
      device_type: pick(['mobile', 'desktop', '']),
      browser: pick(['Firefox', 'Safari', '']),
      os: pick(['iOS', 'Linux', '']),
      country: pick(['DE', 'FR', 'US', '']),
      currency: '',
      micros: null,
      properties: JSON.parse(JSON.stringify(properties)) as Record<string, unknown>,
    };
  });
};

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED));

before(async () => {
  bench = await openTestWarehouse();
  for (let at = 0; at < EVENTS; at += LOAD_ROWS) {
    const rows = events
      .slice(at, at + LOAD_ROWS)
      .map(({ timeMs, micros: _micros, position: _position, properties, ...rest }, index) => ({
        ...rest,
        id: String(at + index),
        time: timeMs,
        received_at: NOW_MS,
        properties: JSON.stringify(properties),
      }));
    await bench.load('events', rows, at / LOAD_ROWS);
  }
});
after(() => bench.close());

const filters: fc.Arbitrary<Filter> = fc.record({
  field: fc.constantFrom('country', 'page', 'type'),
  op: fc.constantFrom('eq' as const, 'neq' as const),
  value: fc.constantFrom('DE', '/a', 'click'),
});

const only = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constant('channels'), fc.subarray(['search', 'direct', 'paid'], { minLength: 1 })),
      fc.tuple(fc.constant('sources'), fc.subarray(['news.example', null], { minLength: 1 })),
      fc.tuple(fc.constant('utm_sources'), fc.subarray(['news', "d'o", null], { minLength: 1 })),
      fc.tuple(fc.constant('pages'), fc.subarray(['/a', "/d'o", null], { minLength: 1 })),
      fc.tuple(fc.constant('exit_pages'), fc.subarray(['/a', '/b', null], { minLength: 1 })),
      fc.tuple(fc.constant('countries'), fc.subarray(['DE', 'FR', null], { minLength: 1 })),
    ),
    { maxLength: 2 },
  )
  .map((lists) => Object.fromEntries(lists) as WebOnly);

const quarters = (min: number, max: number) =>
  fc.integer({ min: min / QUARTER_MS, max: max / QUARTER_MS }).map((count) => count * QUARTER_MS);

const requests = fc
  .record({
    filter: fc.option(filters, { nil: undefined }),
    types: fc.option(fc.subarray(TYPES, { minLength: 2 }), { nil: undefined }),
    ownHosts: fc.constantFrom([], ['own.example'], ['own.example', 'google.co.uk']),
    top: fc.integer({ min: 1, max: 6 }),
    compare: fc.boolean(),
    only,
    top_of: fc.constantFrom({}, { pages: 2, countries: 1, systems: 6 }),
    interval: fc.option(fc.constantFrom('15m' as const, '1h' as const, '1d' as const, 'total' as const), {
      nil: undefined,
    }),
    from: quarters(DAY_MS / 2, 3 * DAY_MS),
    length: quarters(QUARTER_MS, 2 * DAY_MS),
  })
  .map(({ filter, types, ownHosts, interval, from, length, ...rest }) => ({
    from: START_MS + from,
    to: START_MS + from + length,
    request: webRequestSchema.parse({
      kind: 'web',
      ...rest,
      ...(filter === undefined ? {} : { filter }),
      ...(types === undefined ? {} : { types }),
      ...(interval === undefined ? {} : { interval }),
      own_hosts: ownHosts,
      range: { from: START_MS + from, to: START_MS + from + length },
    }),
  }));

const WIDTH_MS = { '15m': QUARTER_MS, '1h': 4 * QUARTER_MS, '1d': DAY_MS, total: Number.POSITIVE_INFINITY };

/** Each bucket has the numbers of the sessions that began in it, within its period. */
const assertOverTime = (
  { over_time: over, previous_range: previous }: WebAnswer,
  { from, to }: { readonly from: number; readonly to: number },
  between: (fromMs: number, toMs: number) => WebNumbers,
): void => {
  if (over === undefined) return;
  const widthMs = WIDTH_MS[over.interval as keyof typeof WIDTH_MS];
  const check = (buckets: readonly (string | null)[], columns: WebColumns, fromMs: number, toMs: number) => {
    for (const [index, label] of buckets.entries()) {
      const start = Date.parse(label ?? '');
      const expected =
        label === null ? undefined : between(Math.max(start, fromMs), Math.min(start + widthMs, toMs));
      for (const name of WEB_NUMBERS)
        assert.equal(columns[name][index], expected?.[name] ?? null, `${name} of ${label}`);
    }
  };
  check(over.buckets, over.values, from, to);
  assert.equal(over.previous === null, previous === null);
  if (over.previous !== null) check(over.previous.buckets, over.previous.values, from - (to - from), from);
};

test(`web analytics agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  await fc.assert(
    fc.asyncProperty(requests, async ({ request, from, to }) => {
      const answer = await service.query('mine', request);
      const { compare: isCompared, types, filter, passive, own_hosts: ownHosts, top } = request;
      const views = ['page_view', 'screen_view'];
      const sessions = modelOnly(
        modelSessions(events, 'mine', {
          ...{ types, filter, views, passive },
          fromMs: isCompared ? from - (to - from) : from,
          toMs: to,
        }),
        request.only,
        { views, ownHosts },
      );
      const between = (fromMs: number, toMs: number) =>
        modelWebNumbers(
          sessions
            .filter(({ beganMs }) => beganMs >= fromMs && beganMs < toMs)
            .map((session) => ({ session, views: session.views })),
        );
      const numbers = (isNow: boolean) => (isNow ? between(from, to) : between(from - (to - from), from));
      assert.deepEqual(answer.total, { ...numbers(true), previous: isCompared ? numbers(false) : null });
      const expected = modelLists(sessions, {
        ...{ views, ownHosts, top, isCompared },
        topOf: request.top_of,
        fromMs: from,
      });
      assertOverTime(answer, { from, to }, between);
      for (const list of WEB_LISTS) assert.deepEqual(answer.lists[list], expected[list], list);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});
