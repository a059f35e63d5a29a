import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cohortDefinitionSchema } from '../contract/cohorts.ts';
import { eventsQuerySchema } from '../contract/events.ts';
import { newMetricSchema } from '../contract/metrics.ts';
import { positionQuerySchema } from '../contract/positions.ts';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { usersQuerySchema } from '../contract/users.ts';
import { ApiError } from '../event/errors.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import type { CohortSource, CohortTree, MetricSource } from './ports.ts';
import type { QueryService } from './service.ts';
import { openTestWarehouse, type Row, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import type { QueryOptions, QueryParameters } from '../warehouse/client.ts';

/**
 * An answer as of a position over all events is the answer over a warehouse that holds the events up to there and no others: for every kind of question. Here each such warehouse is a project of its
 * own, with copies of those events at the same positions.
 */

/** Seed of the data and of the positions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const random = new SeededRandom(SEED);
const RECORDS = 24;
const DAY_MS = 86_400_000;
/** Some days behind a change of the clocks. */
const NOW_MS = Date.UTC(2026, 9, 28, 12);
const LATER_MS = NOW_MS + 400 * DAY_MS;
const AT = new Date(NOW_MS).toISOString();
/** Two within the events, and the last one. */
const POSITIONS = [random.below(RECORDS / 2), RECORDS / 2 + random.below(RECORDS / 2 - 1), RECORDS - 1];
/** The order of users is filled up to there: positions lie before and behind it. */
const ORDERED = Math.floor(RECORDS / 2);
const userOrder = { covered: () => ORDERED, mayName: () => true };
const USER_COLUMNS =
  'user_id, time, position, id, type, session_id, country, region, device_type, os, browser, currency, value';

const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;

const TYPES = ['page_view', 'page_view', 'add_to_cart', 'purchase', 'identify', 'seen'] as const;

const makeEvent = (position: number, index: number): Row => {
  const type = pick(TYPES);
  const user = random.below(12);
  // Times have nothing to do with positions: events come late.
  const timeMs =
    NOW_MS - random.below(random.chance(0.8) ? 10 : 60) * DAY_MS - random.below(24 * 12) * (DAY_MS / 288);
  return {
    id: `${position}-${index}`,
    time: random.chance(0.1) ? NOW_MS - random.below(20 * 60_000) : timeMs,
    received_at: NOW_MS,
    type,
    user_id: random.chance(0.1) ? '' : `u${user}`,
    session_id: random.chance(0.1) ? '' : `s${user}-${random.below(4)}`,
    country: pick(['DE', 'FR', '']),
    page: pick(['/', '/a', '/b', '']),
    referrer: pick(['', 'https://www.google.com/x', 'https://blog.example/']),
    device_type: pick(['mobile', 'desktop']),
    currency: type === 'purchase' ? pick(['EUR', 'USD']) : '',
    value: type === 'purchase' ? (random.below(100_000) / 100 - 50).toFixed(2) : null,
    properties: JSON.stringify({
      plan: pick(['pro', 'free', null]),
      n: random.below(400) / 8,
      variant: pick(['a', 'b']),
      utm_source: pick(['news', 'ads', undefined]),
    }),
  };
};

const projectOf = (position: number): string => `until-${position}`;

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
  for (let position = 0; position < RECORDS; position++) {
    const events = Array.from({ length: 5 + random.below(20) }, (_, index) => makeEvent(position, index));
    const projects = ['all', ...POSITIONS.filter((until) => position <= until).map(projectOf)];
    const rows = projects.flatMap((project) => events.map((event) => ({ ...event, project })));
    await bench.load('events', rows, position);
  }
  await bench.warehouse.command(`INSERT INTO user_events (project, ${USER_COLUMNS}, traits)
    SELECT project, ${USER_COLUMNS}, if(type = 'identify', JSONExtractRaw(properties, 'traits'), '') FROM events
    WHERE user_id != '' AND position < ${ORDERED}`);
});
after(() => bench.close());

const tree = (criteria: readonly unknown[], part: Partial<CohortTree> = {}): CohortTree => ({
  definition: cohortDefinitionSchema.parse({ criteria }),
  frozen: null,
  nested: {},
  ...part,
});

const buyers = tree([{ kind: 'did', event: 'purchase', within: '20d' }]);
const planned = [{ kind: 'property', is: { field: 'properties.plan', op: 'eq', value: 'pro' } }];

/** A static one, frozen between the positions. */
const frozen = tree(planned, { frozen: { atMs: NOW_MS - DAY_MS, position: String(ORDERED) } });

/** The saved cohorts: live, static, one that joins them, and a static one of another that was frozen later. */
const COHORTS: Readonly<Record<string, CohortTree>> = {
  live: buyers,
  frozen,
  joined: tree(
    [
      { kind: 'first_seen', before: '1d' },
      { kind: 'cohort', cohort: 'live', member: false },
    ],
    { nested: { live: buyers } },
  ),
  layered: tree([{ kind: 'cohort', cohort: 'frozen', member: false }], {
    ...{ frozen: { atMs: NOW_MS, position: '5' }, nested: { frozen } },
  }),
};
/** The saved metrics by name: one of each kind of windows. */
const METRICS: Readonly<Record<string, unknown>> = {
  tumbling: { measures: [{ measure: { kind: 'sum', of: 'value' } }], dimensions: ['country'] },
  sliding: {
    ...{ events: 'purchase', window: { kind: 'sliding', size: '6h', every: '1h' }, formula: ['A / B'] },
    measures: [{ measure: 'unique_users' }, { measure: 'count', hidden: true }],
  },
  cumulative: { measures: [{ measure: 'unique_users' }], window: { kind: 'cumulative', every: '1h' } },
  sessions: { measures: [{ measure: { kind: 'sum', of: 'value' } }], window: { kind: 'session', gap: '6h' } },
};
const metrics: MetricSource = {
  metricOf: async (project, name) => ({
    ...{ id: `met_${name}`, project, version: 1, createdAtMs: 0, updatedAtMs: 0, updatedBy: 'ada' },
    definition: newMetricSchema.parse({ ...(METRICS[name] as object), name, title: name }),
  }),
};

const cohorts: CohortSource = { treeOf: async (_project, id) => COHORTS[id] };

type Kind = QueryRequest['kind'];
type Question = Readonly<Record<string, unknown>>;

const IN_COHORT = (cohort: string): Question => ({ filter: { op: 'in_cohort', cohort } });
const STEPS: Question = { steps: ['page_view', 'add_to_cart', 'purchase'], window: '3d' };

/** Of every kind some questions. A kind that is not here does not compile; what a new kind reads belongs here too. */
const QUESTIONS: Readonly<Record<Kind, readonly Question[]>> = {
  trend: [
    { range: 'last 7 days', interval: '1d', timezone: 'Europe/Berlin' },
    { range: 'all time', interval: 'total', by: ['type'], top: 2 },
    { range: 'last 3 days', interval: '1h', measure: { kind: 'sum', of: 'value' }, compare: 'previous_week' },
    { range: 'last 7 days', interval: '1d', measure: 'unique_users', window: '3d', by: ['country'] },
    { range: 'this month', cumulative: true, per: 'active_user', ...IN_COHORT('live') },
    {
      ...{ range: 'last 30 days', interval: '1w', formula: ['A / B'] },
      series: [{ types: ['purchase'] }, { measure: { kind: 'avg', of: 'properties.n' } }],
    },
  ],
  metric: [
    { metric: 'tumbling', range: 'last 14 days', by: ['country'], top: 1, interval: '1w' },
    { metric: 'sliding', range: 'last 3 days', ...IN_COHORT('live') },
    { metric: 'cumulative', range: 'last 7 days', interval: 'auto' },
    { metric: 'sessions', range: 'last 7 days', interval: '1d' },
  ],
  metric_windows: [{ metric: 'sessions', range: 'last 14 days', limit: 5 }],
  funnel: [
    { ...STEPS, range: 'last 14 days', by: ['country'] },
    { ...STEPS, order: 'strict', actor: 'session', range: 'all time' },
    { ...STEPS, order: 'any', exclusions: [{ events: 'seen' }], ...IN_COHORT('layered') },
  ],
  funnel_users: [{ ...STEPS, step: 1, outcome: 'dropped', limit: 3, range: 'last 14 days' }],
  paths: [
    { range: 'last 14 days', label: 'page', from: 'page_view', window: '2d' },
    { range: 'last 14 days', to: 'purchase', collapse: 'none', window: '2d', ...IN_COHORT('joined') },
  ],
  sessions: [
    { range: 'last 14 days', by: ['country'], interval: '1d', live_minutes: 30 },
    { range: 'last 14 days', interval: 'total', ...IN_COHORT('live') },
  ],
  web: [
    { range: 'last 7 days', live_minutes: 30, top: 2 },
    { range: 'last 30 days', compare: false },
  ],
  revenue: [
    { events: 'purchase', range: 'last 14 days', interval: '1d', by: ['country'], top: 1 },
    { events: 'purchase', range: 'last 60 days', interval: 'total', ...IN_COHORT('frozen') },
  ],
  attribution: [
    {
      ...{ conversion: 'purchase', channel: 'properties.utm_source', range: 'last 14 days', top: 1 },
      models: ['first', 'last', 'linear', 'time_decay', 'position', 'markov'],
    },
  ],
  statistics: [
    { of: 'properties.n', with: 'value', by: ['type'], top: 2, bins: 4, range: 'last 30 days' },
    { of: 'value', range: 'all time', ...IN_COHORT('joined') },
  ],
  experiment: [
    { exposure: 'seen', variant: 'properties.variant', goal: 'purchase', range: 'last 30 days' },
    {
      ...{ exposure: {}, variant: 'country', goal: 'purchase', range: 'last 14 days' },
      ...{ measure: 'sum', of: 'value', currency: 'EUR' },
    },
  ],
  retention: [
    { period: 'day', periods: 5, range: 'last 10 days', by: ['country'], top: 1 },
    { period: 'week', periods: 3, range: 'last 8 weeks', mode: 'unbounded', cohorts: 'recurring' },
    { period: 'day', periods: 3, range: 'last 10 days', cohorts: 'first_in_range', ...IN_COHORT('live') },
  ],
  lifecycle: [{ period: 'day', range: 'last 10 days', timezone: 'Europe/Berlin' }],
  stickiness: [{ period: 'day', range: 'last 10 days', ...IN_COHORT('live') }],
};

const questions = Object.entries(QUESTIONS).flatMap(([kind, list]) =>
  list.map((question) => ({ kind, ...question })),
);

/** What says when and from where an answer came, and not what it is. */
const FRAME = new Set(['as_of', 'freshness', 'statistics', 'explain']);

/** An answer without that. Sums of floating-point numbers depend on the order in which they were added up. */
const bare = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'number') return Number(value.toPrecision(9));
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => bare(item, depth + 1));
  const kept = Object.entries(value).filter(
    ([name, of]) =>
      !(depth === 0 && FRAME.has(name)) && !(name === 'source' && /^(?:rollup|events)/u.test(String(of))),
  );
  return Object.fromEntries(kept.map(([name, of]) => [name, bare(of, depth + 1)]));
};

const serviceAt = (nowMs: number, part: object = {}): QueryService =>
  testService(bench, { nowMs, next: RECORDS, cohorts, metrics, userOrder, ...part });

const note = `AEVUM_TEST_SEED=${SEED}`;

test('an answer as of a position is the one that there was when nothing else was loaded', async (t) => {
  t.diagnostic(note);
  // One asks long after, the other at that moment: "now" is pinned too.
  const [pinned, then] = [serviceAt(LATER_MS), serviceAt(NOW_MS)];
  for (const question of questions) {
    const position = pick(POSITIONS);
    const asOf = { position: String(position), at: AT };
    const request = queryRequestSchema.parse(question);
    const [answer, expected] = await Promise.all([
      pinned.query('all', { ...request, as_of: asOf }),
      then.query(projectOf(position), request),
    ]);
    assert.equal(answer.as_of, String(position));
    const what = `${JSON.stringify(question)} as of ${position}, ${note}`;
    assert.deepEqual(bare(answer), bare(expected), what);
  }
});

test('so are pages of users and of events, whatever was loaded since the first of them', async (t) => {
  t.diagnostic(note);
  const service = serviceAt(NOW_MS);
  for (const position of POSITIONS.slice(0, 2)) {
    for (const query of [
      {},
      { user_id: 'u1' },
      { session_id: 's1-1' },
      { type: 'purchase', until: 'now-1d' },
    ]) {
      let cursor: string | undefined;
      do {
        const part = { ...query, limit: '40', ...(cursor === undefined ? {} : { cursor }) };
        const asOf = String(position);
        const page = await service.events('all', eventsQuerySchema.parse({ ...part, as_of: asOf }));
        const expected = await service.events(projectOf(position), eventsQuerySchema.parse(part));
        assert.deepEqual(page, { ...expected, as_of: asOf }, `${JSON.stringify(part)} ${note}`);
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
    }
    const filter = JSON.stringify(IN_COHORT('live')['filter']);
    for (const query of [{}, { sort: 'events' }, { type: 'purchase' }, { filter, prefix: 'u' }]) {
      const part = { ...query, limit: '9' };
      const asOf = String(position);
      const page = await service.users('all', usersQuerySchema.parse({ ...part, as_of: asOf }));
      const expected = await service.users(projectOf(position), usersQuerySchema.parse(part));
      assert.deepEqual(page, { ...expected, as_of: asOf }, `${JSON.stringify(part)} ${note}`);
    }
  }
});

/** Tables of events, or of what was made of them. */
const TABLE =
  /\bFROM\s+(?<table>events|user_events|rollup\w*|metric(?!_windows)\w*|derived\w*)\b(?<rest>[^()]*)/gu;
const CONFINED = /^\s*WHERE project = \{p\d+:String\} AND position < \{p\d+:UInt64\}/u;

/** What a statement reads without saying up to where. */
const unconfined = (text: string): string[] =>
  [...text.matchAll(TABLE)]
    .filter(({ groups }) => !CONFINED.test(groups?.['rest'] ?? ''))
    .map(([part]) => part.slice(0, 200));

test('no statement of any kind reads events without saying up to where', async () => {
  const texts: string[] = [];
  const { warehouse } = bench;
  const watched = {
    ...bench,
    warehouse: {
      query: (text: string, params: QueryParameters, options?: QueryOptions) => {
        texts.push(text);
        return warehouse.query(text, params, options);
      },
    },
  } as unknown as TestWarehouse;
  const service = testService(watched, { nowMs: NOW_MS, next: RECORDS, cohorts, metrics, userOrder });
  for (const question of questions) {
    const from = texts.length;
    await service.query('all', { ...queryRequestSchema.parse(question), as_of: '7' });
    const reads = texts.slice(from).flatMap((text) => [...text.matchAll(TABLE)]);
    assert.ok(reads.length > 0, `nothing found in the statements of ${JSON.stringify(question)}`);
    for (const text of texts.slice(from)) assert.deepEqual(unconfined(text), [], JSON.stringify(question));
  }
  await service.users('all', usersQuerySchema.parse({ type: 'purchase', as_of: '7' }));
  await service.events('all', eventsQuerySchema.parse({ as_of: '7' }));
  for (const text of texts) assert.deepEqual(unconfined(text), []);
});

test('the rule finds what it is for', () => {
  const confined = 'SELECT 1 FROM events WHERE project = {p0:String} AND position < {p1:UInt64} AND 1';
  assert.deepEqual(unconfined(confined), []);
  for (const text of [
    'SELECT 1 FROM events WHERE project = {p0:String}',
    'SELECT 1 FROM events',
    'SELECT 1 FROM rollup_10s WHERE project = {p0:String}',
    `SELECT 1 FROM (${confined}) WHERE x IN (SELECT y FROM user_events WHERE project = {p0:String})`,
  ])
    assert.equal(unconfined(text).length, 1, text);
});

test('a position that is not loaded, and what is no position, is refused with what to do', async () => {
  const service = testService(bench, { nowMs: NOW_MS, next: 5 });
  const request = queryRequestSchema.parse({ kind: 'trend', interval: 'total', range: 'last 1 hour' });
  const refused = (asked: QueryRequest['as_of'], code: string, message: RegExp) =>
    assert.rejects(
      async () => service.query('all', { ...request, as_of: asked }),
      (error) => error instanceof ApiError && error.code === code && message.test(error.message),
    );
  await refused(
    '5',
    'position_not_loaded',
    /Position 5 is not loaded: the last one that is, is 4\. .*ask again/u,
  );
  await refused('99999999999999999999', 'position_not_loaded', /is not loaded/u);
  await refused({ position: '4', at: 'now-1d' }, 'invalid_request', /as_of\.at: must stand still/u);
  await refused({ position: '4', at: 'soon' }, 'invalid_request', /as_of\.at: "soon" is not an instant/u);
  for (const garbage of ['-1', '1.5', '', '007', ' 7', 7, null, { position: '7' }])
    assert.equal(
      queryRequestSchema.safeParse({ ...request, as_of: garbage }).success,
      false,
      JSON.stringify(garbage),
    );
});

test('an answer as of a position and a moment is kept for good, one as of a position for ten seconds', async () => {
  let [next, nowMs] = [10, NOW_MS];
  const service = testService(bench, {
    ...{ nowMs, cacheBytesMax: 1_000_000 },
    progress: () => ({ rawDecided: next, rawLoaded: next, governedNext: next, governedLoaded: next }),
    clock: { nowMs: () => nowMs, monotonicMs: () => 0 },
  } as Parameters<typeof testService>[1]);
  const request = queryRequestSchema.parse({ kind: 'trend', interval: '1d', range: 'last 7 days' });
  const isKept = async (asOf: QueryRequest['as_of']): Promise<boolean> => {
    const { statistics } = await service.query('all', { ...request, as_of: asOf });
    return statistics.cached === true;
  };
  const fixed = { position: '7', at: AT };
  assert.deepEqual([await isKept(fixed), await isKept('7'), await isKept(undefined)], [false, false, false]);
  next = 20;
  assert.deepEqual([await isKept(fixed), await isKept('7'), await isKept(undefined)], [true, true, false]);
  nowMs += 10_000;
  assert.deepEqual([await isKept(fixed), await isKept('7'), await isKept(undefined)], [true, false, false]);
  assert.equal(await isKept({ position: '8', at: AT }), false);
});

interface Commit {
  readonly position: number;
  readonly ms: number;
}

/** Commits in the order of the log, several decided as one, several in one millisecond. */
const makeCommits = (): readonly Commit[] => {
  let ms = NOW_MS - DAY_MS;
  return Array.from({ length: RECORDS }, (_, position) =>
    Array.from({ length: 1 + random.below(4) }, () => {
      if (random.chance(0.7)) ms += random.below(4);
      return { position, ms };
    }),
  ).flat();
};

/** The last time not after `atMs` that some position is exact at, and that position: tried one by one. */
const exactAt = (commits: readonly Commit[], atMs: number): { position: string; at: string } | undefined => {
  for (let cutMs = atMs; cutMs > (commits[0] as Commit).ms; cutMs--) {
    const received = commits.filter(({ ms }) => ms < cutMs);
    const rest = commits.filter(({ ms }) => ms >= cutMs);
    const last = Math.max(...received.map(({ position }) => position));
    if (received.length > 0 && rest.every(({ position }) => position > last))
      return { position: String(last), at: new Date(cutMs).toISOString() };
  }
  return undefined;
};

test('the position at a time holds everything that was received before it, and nothing after', async () => {
  const commits = makeCommits();
  for (let position = 0; position < RECORDS; position++) {
    const rows = commits.flatMap(({ position: of, ms }, raw) =>
      of === position ? [{ raw_position: raw, logged_at: ms, decided_at: ms + 9, rows: 1, stored: 1 }] : [],
    );
    await bench.load('records', rows, position);
  }
  const next = 1 + random.below(RECORDS);
  const loaded = commits.filter(({ position }) => position < next);
  const firstMs = (loaded[0] as Commit).ms;
  const lastMs = (loaded.at(-1) as Commit).ms;
  const service = testService(bench, { nowMs: NOW_MS, next });
  const of = (atMs: number) => service.position('all', positionQuerySchema.parse({ at: String(atMs) }));
  const { earliest, latest } = await service.position('all', positionQuerySchema.parse({}));
  assert.equal(latest, new Date(NOW_MS - 60_000).toISOString());
  const times = Array.from({ length: 24 }, () => firstMs + random.below(lastMs - firstMs + 3));
  for (const atMs of [firstMs - 1, firstMs, firstMs + 1, ...times, lastMs + 1]) {
    const wanted = exactAt(loaded, atMs);
    const what = `seed ${SEED} at ${atMs - firstMs} up to ${next}`;
    if (wanted === undefined) await assert.rejects(of(atMs), /lies before everything that is known/u, what);
    else assert.deepEqual(await of(atMs), { ...wanted, earliest, latest }, what);
  }
  assert.equal((await of(NOW_MS - 60_000)).position, String(next - 1));
  const early = (error: unknown) => error instanceof ApiError && error.code === 'position_not_loaded';
  await assert.rejects(of(NOW_MS - 59_999), early);
  await assert.rejects(of(NOW_MS + 1), /lies ahead/u);
  const pending = [{ minute: NOW_MS, events: 1 }];
  const waiting = testService(bench, { nowMs: NOW_MS, next, pending: () => pending });
  const asked = positionQuerySchema.parse({});
  const known = await waiting.position('all', asked).then((answer) => answer.latest);
  assert.ok(known === null || known === new Date(lastMs).toISOString(), known ?? '');
  const berlin = positionQuerySchema.parse({ at: '2026-10-28T12:30', timezone: 'Europe/Berlin' });
  assert.equal((await service.position('all', berlin)).at, '2026-10-28T11:30:00.000Z');
  const nothing = await testService(bench, { nowMs: NOW_MS, next: 0 }).position('all', asked);
  assert.deepEqual(nothing, { position: null, at: null, earliest: null, latest: null });
});
