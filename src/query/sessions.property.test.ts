import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import type { Filter } from '../contract/question.ts';
import {
  SESSION_NUMBERS,
  type SessionNumbers,
  type SessionPage,
  type SessionsAnswer,
  type SessionsRequest,
  sessionsRequestSchema,
} from '../contract/sessions.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import {
  modelBuckets,
  modelNumbers,
  type ModelSession,
  type ModelSessionEvent,
  modelSessions,
  modelTop,
  textOfSession,
} from './testing/sessions-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 3_000;
const QUESTIONS = 100;
const LOAD_ROWS = 300;
const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 9, 27, 12, 0, 5);
/** The days around a change of the clocks. */
const START_MS = Date.UTC(2026, 9, 24);
const DAYS = 3;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'];
const TYPES = ['page_view', 'screen_view', 'click', 'page_leave'];
const PAGES = ['/', '/a', "/d'o", ''];
const DEVICES = ['mobile', 'desktop', ''];
const PLANS = ['pro', '', 5, null, undefined];

const makeEvents = (random: SeededRandom): ModelSessionEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  const sessions = Array.from({ length: 900 }, () => ({
    startMs: START_MS + Math.floor((random.next() * DAYS * DAY_MS) / QUARTER_MS) * QUARTER_MS,
    // Most are short, some outlast the day that sessions are followed.
    lengthMs: random.next() < 0.1 ? 2.5 * DAY_MS : HOUR_MS,
  }));
  return Array.from({ length: EVENTS }, (_, index) => {
    const session = Math.floor(random.next() * sessions.length);
    const { startMs = 0, lengthMs = 0 } = sessions[session] ?? {};
    const properties = { plan: pick(PLANS) };
    return {
      project: random.next() < 0.85 ? 'mine' : 'other',
      position: Math.floor(index / LOAD_ROWS),
      // Coarse steps, so that events share a millisecond within and across loads.
      timeMs: startMs + Math.floor(random.next() * 6) * Math.floor(lengthMs / 6),
      type: pick(TYPES),
      user_id: random.next() < 0.3 ? '' : `u${Math.floor(random.next() * 40)}`,
      session_id: random.next() < 0.1 ? '' : `s${session}`,
      page: pick(PAGES),
      device_type: pick(DEVICES),
      country: pick(['DE', '']),
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

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    field: fc.constantFrom('page', 'type', 'properties.plan', 'device_type'),
    op: fc.constantFrom('eq' as const, 'neq' as const),
    value: fc.constantFrom('/a', 'click', 'pro', 'mobile', '', 5),
  }),
  fc.record({ field: fc.constantFrom('user_id', 'properties.plan'), op: fc.constant('not_exists' as const) }),
);

/** Multiples of a quarter of an hour. */
const quarters = (min: number, max: number) =>
  fc.integer({ min: min / QUARTER_MS, max: max / QUARTER_MS }).map((count) => count * QUARTER_MS);

const requests = fc
  .record({
    types: fc.option(fc.subarray(TYPES, { minLength: 1 }), { nil: undefined }),
    filter: fc.option(filters, { nil: undefined }),
    views: fc.subarray(['page_view', 'screen_view'], { minLength: 1 }),
    passive: fc.subarray(['page_leave', 'click']),
    by: fc.option(
      fc.uniqueArray(fc.constantFrom('device_type', 'properties.plan', 'page', 'user_id'), {
        minLength: 1,
        maxLength: 2,
      }),
      { nil: undefined },
    ),
    top: fc.integer({ min: 1, max: 4 }),
    pages: fc.integer({ min: 1, max: 3 }),
    interval: fc.constantFrom('15m' as const, '1h' as const, '1d' as const, '1w' as const, 'total' as const),
    timezone: fc.constantFrom(...ZONES),
    // Half of the ranges begin and end where sessions do.
    from: fc.oneof(quarters(-DAY_MS, (DAYS + 1) * DAY_MS), fc.integer({ min: -DAY_MS, max: DAYS * DAY_MS })),
    length: fc.oneof(quarters(QUARTER_MS, 3 * DAY_MS), fc.integer({ min: 1, max: 3 * DAY_MS })),
    liveMinutes: fc.integer({ min: 1, max: 60 }),
    nowMs: fc.oneof(
      quarters(0, DAYS * DAY_MS).map((at) => START_MS + at),
      fc.integer({ min: START_MS, max: START_MS + DAYS * DAY_MS }),
    ),
  })
  .map(({ types, filter, views, by, from, length, liveMinutes, nowMs, ...rest }) => ({
    nowMs,
    request: sessionsRequestSchema.parse({
      kind: 'sessions',
      ...rest,
      ...(types === undefined ? {} : { types }),
      ...(filter === undefined ? {} : { filter }),
      ...(by === undefined ? {} : { by }),
      views: { types: views },
      live_minutes: liveMinutes,
      range: { from: START_MS + from, to: START_MS + from + length },
    }),
  }));

const TOLERANCE = 0.002;

const checkNumbers = (actual: SessionNumbers, sessions: readonly ModelSession[], where: string): void => {
  const expected = modelNumbers(sessions);
  for (const name of SESSION_NUMBERS) {
    const [a, b] = [actual[name], expected[name]];
    const tolerance = name === 'duration_median_ms' || name === 'duration_p90_ms' ? TOLERANCE : 0;
    assert.ok(
      a === b || (a !== null && b !== null && Math.abs(a - b) <= tolerance * b),
      `${where}: ${name} ${a}, expected ${b}`,
    );
  }
};

const checkPages = (
  actual: readonly SessionPage[],
  sessions: readonly ModelSession[],
  end: 'entry' | 'exit',
  top: number,
): void => {
  const { named, rest } = modelTop(
    sessions.filter((session) => session[end] !== undefined),
    top,
    (session) => session[end] ?? '',
  );
  const pageOf = (page: string | null, of: readonly ModelSession[]): SessionPage => {
    const bounces = of.filter(({ bounced }) => bounced).length;
    return { page, other: page === null, sessions: of.length, bounces, bounce_rate: bounces / of.length };
  };
  const expected = [
    ...named.map(([page, of]) => pageOf(page, of)),
    ...(rest.length === 0 ? [] : [pageOf(null, rest)]),
  ];
  assert.deepEqual(actual, expected, end);
};

const check = (answer: SessionsAnswer, request: SessionsRequest, nowMs: number): void => {
  assert.ok(typeof request.range === 'object');
  const question = {
    types: request.types,
    filter: request.filter,
    views: (request.views as { types: string[] }).types,
    passive: request.passive,
    fromMs: Number(request.range.from),
    toMs: Number(request.range.to),
  };
  const sessions = modelSessions(events, 'mine', question);
  checkNumbers(answer.total, sessions, 'total');
  checkPages(answer.entry_pages, sessions, 'entry', request.pages);
  checkPages(answer.exit_pages, sessions, 'exit', request.pages);
  checkSeries(answer, request, sessions);
  const live = events.filter(
    (event) =>
      event.project === 'mine' &&
      event.timeMs <= nowMs &&
      event.timeMs > nowMs - request.live_minutes * 60_000 &&
      modelSessions([{ ...event, session_id: 's' }], 'mine', {
        ...question,
        fromMs: event.timeMs,
        toMs: event.timeMs + 1,
      }).length === 1,
  );
  const distinct = (texts: string[]) => new Set(texts.filter((text) => text !== '')).size;
  assert.deepEqual(answer.live, {
    minutes: request.live_minutes,
    sessions: distinct(live.map(({ session_id }) => session_id)),
    users: distinct(live.map(({ user_id }) => user_id)),
  });
};

const checkSeries = (
  answer: SessionsAnswer,
  request: SessionsRequest,
  sessions: readonly ModelSession[],
): void => {
  const by = request.by ?? [];
  const keyOf = (session: ModelSession) =>
    by
      .map((field) => {
        const text = textOfSession(session, field);
        return text === null ? '' : field.startsWith('properties.') ? `=${text}` : text;
      })
      .join('\0');
  const groupOf = ([first]: readonly ModelSession[]) =>
    first === undefined ? null : Object.fromEntries(by.map((field) => [field, textOfSession(first, field)]));
  const { named, rest } = modelTop(sessions, by.length === 0 ? 1 : request.top, keyOf);
  const expected = [
    ...named.map(([, of]) => ({ group: by.length === 0 ? null : groupOf(of), other: false, of })),
    ...(rest.length === 0 ? [] : [{ group: null, other: true, of: rest }]),
    ...(by.length === 0 && sessions.length === 0 ? [{ group: null, other: false, of: [] }] : []),
  ];
  assert.deepEqual(
    answer.series.map(({ group, other }) => ({ group, other })),
    expected.map(({ group, other }) => ({ group, other })),
  );
  const starts = answer.buckets.map((text) => Temporal.Instant.from(text).epochMilliseconds);
  answer.series.forEach(({ total, values }, index) => {
    const of = expected[index]?.of ?? [];
    checkNumbers(total, of, `series ${index}`);
    for (const name of SESSION_NUMBERS) assert.equal(values[name].length, starts.length);
    const buckets =
      request.interval === 'total'
        ? new Map([[starts[0], of]])
        : modelBuckets(of, request.interval, request.timezone);
    starts.forEach((start, slot) => {
      const value = Object.fromEntries(SESSION_NUMBERS.map((name) => [name, values[name][slot]]));
      checkNumbers(
        value as SessionNumbers,
        buckets.get(start) ?? [],
        `series ${index}, ${answer.buckets[slot]}`,
      );
    });
    for (const start of buckets.keys()) assert.ok(starts.includes(start ?? 0));
  });
};

test(`sessions agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(requests, async ({ request, nowMs }) => {
      const answer = await testService(bench, { nowMs }).query('mine', request);
      check(answer, request, nowMs);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});
