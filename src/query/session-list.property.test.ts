import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Filter } from '../contract/question.ts';
import {
  type ListedSession,
  oneSessionQuerySchema,
  type SessionListQuery,
  sessionListQuerySchema,
} from '../contract/session-list.ts';
import { PASSIVE_TYPES, sessionsRequestSchema } from '../contract/sessions.ts';
import { ApiError } from '../event/errors.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { WebSessions } from '../warehouse/web-sessions.ts';
import {
  type ModelSession,
  type ModelSessionEvent,
  modelSessions,
  textOfSession,
} from './testing/sessions-model.ts';
import { SessionTimes } from './testing/session-times.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { WEB_FILLING } from './web-fill.ts';

/**
 * The sessions of a list are those of a naive model: while events come, late ones too, while sessions are settled step by step, and whether or not rows of settled sessions are read.
 */

/** Seed of everything. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const random = new SeededRandom(SEED);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Some days around a change of the clocks. */
const START_MS = Date.UTC(2026, 9, 22);
const ROUNDS = 4;
const QUESTIONS_A_ROUND = 3;
const VIEWS = ['page_view', 'screen_view'];

const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;

interface ListedEvent extends ModelSessionEvent {
  readonly id: string;
  readonly referrer: string;
}

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

let nowMs = START_MS + 2 * DAY_MS;
let position = 0;
const events: ListedEvent[] = [];
const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };
const times = new SessionTimes(random);

const makeEvent = (index: number): ListedEvent => {
  const { session, timeMs: exactMs } = times.next(nowMs);
  // Steps of a second, so that some share an instant.
  const timeMs = Math.floor(exactMs / 1_000) * 1_000;
  return {
    ...{ id: `${position}-${index}`, project: pick(['mine', 'mine', 'mine', 'other']), position, timeMs },
    type: pick(['page_view', 'page_view', 'screen_view', 'click', 'page_leave']),
    user_id: random.chance(0.4) ? '' : `u${random.below(30)}`,
    session_id: random.chance(0.05) ? '' : session,
    page: pick(['/', '/a', "/d'o\t", '']),
    referrer: pick(['', 'https://news.example/', 'https://own.example/a']),
    device_type: pick(['mobile', 'desktop', '']),
    country: pick(['DE', 'FR', '']),
    ...{ currency: '', micros: null, properties: { plan: pick(['pro', 'free']) } },
  };
};

const load = async (record: readonly ListedEvent[]): Promise<void> => {
  const rows = record.map(({ timeMs, micros: _micros, position: _position, properties, ...rest }) => ({
    ...{ ...rest, time: timeMs, received_at: nowMs, properties: JSON.stringify(properties) },
  }));
  await bench.load('events', rows, position);
  events.push(...record);
  position++;
};

const filling = () =>
  new WebSessions({
    ...{ warehouse: bench.warehouse, filling: WEB_FILLING, clock, telemetry: quietTelemetry() },
    loaded: () => position,
    exclusive: (work) => work(),
  });

const byPlace = (a: ListedEvent, b: ListedEvent): number => a.timeMs - b.timeMs || a.position - b.position;

/** The text of the last event that has it; of events at one place the greatest. */
const latestUser = (session: ModelSession): string | null => {
  const named = (session.events as ListedEvent[]).filter(({ user_id: user }) => user !== '').sort(byPlace);
  const last = named.at(-1);
  if (last === undefined) return null;
  return (
    named
      .filter((event) => byPlace(event, last) === 0)
      .map(({ user_id: user }) => user)
      .sort()
      .at(-1) ?? null
  );
};

/** The referrer of the first view, none too; of views at one place the least. */
const firstReferrer = (session: ModelSession): string | null => {
  const views = (session.events as ListedEvent[]).filter(({ type }) => VIEWS.includes(type)).sort(byPlace);
  const [first] = views;
  if (first === undefined) return null;
  return (
    views
      .filter((event) => byPlace(event, first) === 0)
      .map(({ referrer }) => referrer)
      .sort()[0] || null
  );
};

const listedOf = (session: ModelSession): Omit<ListedSession, 'region' | 'os' | 'browser'> => {
  const endedMs = session.beganMs + session.durationMs;
  const users = new Set(session.events.map(({ user_id: user }) => user).filter((user) => user !== ''));
  return {
    session_id: session.events[0]?.session_id ?? '',
    began_at: new Date(session.beganMs).toISOString(),
    last_at: new Date(endedMs).toISOString(),
    duration_ms: session.durationMs,
    open: nowMs - endedMs <= 30 * MINUTE_MS,
    events: session.events.length,
    views: session.views,
    bounced: session.bounced,
    entry_page: session.entry ?? null,
    exit_page: session.exit ?? null,
    user_id: latestUser(session),
    users: users.size,
    referrer: firstReferrer(session),
    country: textOfSession(session, 'country'),
    device_type: textOfSession(session, 'device_type'),
  };
};

interface Asked {
  readonly query: Omit<SessionListQuery, 'limit' | 'timezone'> & { readonly limit: number };
  readonly fromMs: number;
  readonly toMs: number;
  readonly filter: Filter | undefined;
  readonly asOf: number | undefined;
}

const question = (): Asked => {
  const toMs = pick([nowMs, nowMs - random.below(2 * DAY_MS), Math.floor(nowMs / DAY_MS) * DAY_MS]);
  const fromMs = toMs - pick([DAY_MS, 2 * DAY_MS, 1 + random.below(3 * DAY_MS)]);
  const filter = random.chance(0.3)
    ? { field: pick(['properties.plan', 'page']), op: 'eq' as const, value: pick(['pro', '/a']) }
    : undefined;
  const asOf = random.chance(0.25) ? random.below(position) : undefined;
  const some = <T extends object>(part: () => T, chance = 0.2): Partial<T> =>
    random.chance(chance) ? part() : {};
  return {
    ...{ fromMs, toMs, filter, asOf },
    query: {
      ...{ since: String(fromMs), until: String(toMs), limit: pick([7, 40, 200]) },
      ...some(() => ({ user_id: `u${random.below(30)}` })),
      ...some(() => ({ entry_page: pick(['/', "/d'o\t"]) })),
      ...some(() => ({ exit_page: pick(['/', '/a']) })),
      ...some(() => ({ country: 'DE' })),
      ...some(() => ({ device_type: 'mobile' })),
      ...some(() => ({ min_duration_ms: pick([1, MINUTE_MS, HOUR_MS]) })),
      ...some(() => ({ min_events: 1 + random.below(4) })),
      ...some(() => ({ bounced: pick(['true', 'false'] as const) })),
      ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
      ...(asOf === undefined ? {} : { as_of: String(asOf) }),
    },
  };
};

const expectedOf = ({ query, fromMs, toMs, filter, asOf }: Asked) => {
  const seen = events.filter((event) => asOf === undefined || event.position <= asOf);
  const types = { types: undefined, views: VIEWS, passive: PASSIVE_TYPES };
  return modelSessions(seen, 'mine', { ...types, filter, fromMs, toMs })
    .filter(
      (session) =>
        query.user_id === undefined || session.events.some(({ user_id: user }) => user === query.user_id),
    )
    .map(listedOf)
    .filter(
      (one) =>
        (query.entry_page === undefined || one.entry_page === query.entry_page) &&
        (query.exit_page === undefined || one.exit_page === query.exit_page) &&
        (query.country === undefined || one.country === query.country) &&
        (query.device_type === undefined || one.device_type === query.device_type) &&
        one.duration_ms >= (query.min_duration_ms ?? 0) &&
        one.events >= (query.min_events ?? 0) &&
        (query.bounced === undefined || one.bounced === (query.bounced === 'true')),
    );
};

const inOrder = <T extends Pick<ListedSession, 'began_at' | 'session_id'>>(sessions: readonly T[]): T[] =>
  [...sessions].sort(
    (a, b) => b.began_at.localeCompare(a.began_at) || a.session_id.localeCompare(b.session_id),
  );

const listed = async (
  service: ReturnType<typeof testService>,
  query: Asked['query'],
): Promise<Omit<ListedSession, 'region' | 'os' | 'browser'>[]> => {
  const found: ListedSession[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await service.sessions(
      'mine',
      sessionListQuerySchema.parse({ ...query, ...(cursor === undefined ? {} : { cursor }) }),
    );
    assert.ok(page.sessions.length <= query.limit);
    assert.ok(page.next_cursor === null || page.sessions.length === query.limit);
    found.push(...page.sessions);
    cursor = page.next_cursor;
  }
  const beginnings = found.map(({ began_at: began }) => began);
  assert.deepEqual(beginnings, [...beginnings].sort().reverse());
  return found.map(({ region: _region, os: _os, browser: _browser, ...rest }) => rest);
};

test(`lists of sessions agree with a naive model (seed ${SEED})`, { timeout: 600_000 }, async () => {
  const settling = filling();
  for (let round = 0; round < ROUNDS; round++) {
    for (let records = random.below(4); records >= 0; records--)
      await load(Array.from({ length: 10 + random.below(60) }, (_, index) => makeEvent(index)));
    for (let steps = random.below(12); steps > 0; steps--) await settling.step();
    for (let asked = 0; asked < QUESTIONS_A_ROUND; asked++) {
      const one = question();
      const expected = inOrder(expectedOf(one));
      const where = `round ${round}, AEVUM_TEST_SEED=${SEED}, ${JSON.stringify(one)}`;
      for (const keptSessionsMin of [0, Number.POSITIVE_INFINITY]) {
        const service = testService(bench, { nowMs, next: position, keptSessionsMin });
        assert.deepEqual(inOrder(await listed(service, one.query)), expected, `${where}, ${keptSessionsMin}`);
      }
    }
    await checkWhole(pick(times.names));
    nowMs += random.below(10 * HOUR_MS);
  }
});

/** One session has all its events, in their order. */
const checkWhole = async (id: string): Promise<void> => {
  const service = testService(bench, { nowMs, next: position });
  const types = { types: undefined, views: VIEWS, passive: PASSIVE_TYPES, filter: undefined };
  const [expected] = modelSessions(...([events.filter(({ session_id: of }) => of === id), 'mine'] as const), {
    ...types,
    fromMs: 0,
    toMs: nowMs + DAY_MS,
  });
  if (expected === undefined) {
    const query = oneSessionQuerySchema.parse({});
    await assert.rejects(
      service.session('mine', id, query),
      (error) => error instanceof ApiError && error.code === 'not_found',
    );
    return;
  }
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = oneSessionQuerySchema.parse({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    const page = await service.session('mine', id, query);
    const { region: _region, os: _os, browser: _browser, ...session } = page.session;
    assert.deepEqual(session, listedOf(expected));
    ids.push(...page.events.map((event) => event.id));
    cursor = page.next_cursor;
  }
  const inTurn = (expected.events as ListedEvent[]).sort(
    (a, b) => byPlace(a, b) || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
  );
  assert.deepEqual(
    ids,
    inTurn.map(({ id: of }) => of),
  );
};

test('a session over midnight, and one that a late event lengthens, are as the insight counts them', async () => {
  nowMs = Date.UTC(2030, 0, 5, 12);
  const at = (text: string, session_id: string, part: object = {}): ListedEvent => ({
    ...{ ...makeEvent(0), id: `${text} ${session_id}`, project: 'night', type: 'page_view', page: '/' },
    ...{ timeMs: Date.parse(text), session_id, user_id: 'ada', position, ...part },
  });
  await load([
    at('2030-01-03T23:50:00Z', 'over midnight', { page: '/in' }),
    at('2030-01-04T00:10:00Z', 'over midnight', { page: '/out' }),
    at('2030-01-04T09:00:00Z', 'late'),
    at('2030-01-05T11:45:00Z', 'now'),
  ]);
  const settling = filling();
  await settling.catchUp();
  const day = { since: '2030-01-04T00:00:00Z', until: '2030-01-05T00:00:00Z' };
  const look = async (query: object) => {
    const service = testService(bench, { nowMs, next: position, keptSessionsMin: 0 });
    const { sessions } = await service.sessions('night', sessionListQuerySchema.parse(query));
    const request = sessionsRequestSchema.parse({
      ...{ kind: 'sessions', interval: 'total' },
      range: 'since' in query ? { from: query.since, to: (query as typeof day).until } : 'last 7 days',
    });
    const { total } = await service.query('night', request);
    assert.equal(sessions.length, total.sessions);
    return sessions.map((one) => [one.session_id, one.duration_ms, one.entry_page, one.exit_page, one.open]);
  };
  assert.deepEqual(await look({}), [
    ['now', 0, '/', '/', true],
    ['late', 0, '/', '/', false],
    ['over midnight', 20 * MINUTE_MS, '/in', '/out', false],
  ]);
  assert.deepEqual(await look(day), [['late', 0, '/', '/', false]]);
  const answerAt = String(position - 1);
  // It came a day late: the session began on the day before after all.
  await load([at('2030-01-03T23:59:00Z', 'late', { page: '/before' })]);
  assert.deepEqual(await look(day), []);
  const late = ['late', 9 * HOUR_MS + MINUTE_MS, '/before', '/', false];
  assert.deepEqual((await look({}))[1], late);
  await settling.catchUp();
  assert.deepEqual((await look({}))[1], late);
  const service = testService(bench, { nowMs, next: position, keptSessionsMin: 0 });
  const pinned = await service.sessions('night', sessionListQuerySchema.parse({ ...day, as_of: answerAt }));
  assert.deepEqual([pinned.sessions.length, pinned.as_of], [1, answerAt]);
});

test('a list refuses what it does not understand', async () => {
  const service = testService(bench, { nowMs });
  const refuses = (query: object, message: RegExp) =>
    assert.rejects(
      service.sessions('mine', sessionListQuerySchema.parse(query)),
      (error) => error instanceof ApiError && error.code === 'invalid_request' && message.test(error.message),
    );
  await refuses({ cursor: 'x' }, /cursor: is not a cursor/u);
  await refuses({ range: 'ever' }, /range: "ever" is not a range/u);
  await refuses({ range: 'today', since: 'now-1h' }, /range: stands instead of "since"/u);
  await refuses({ until: 'now' }, /until: needs "since"/u);
  await refuses({ filter: 'plan=pro' }, /filter: is not JSON/u);
  await refuses({ timezone: 'Mars' }, /timezone: "Mars" is not a time zone/u);
});
