import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type WebRequest, webRequestSchema } from '../contract/web.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import type { Warehouse } from '../warehouse/client.ts';
import { deleteProjectRows } from '../warehouse/delete-project.ts';
import { WebSessions } from '../warehouse/web-sessions.ts';
import { SessionTimes } from './testing/session-times.ts';
import { openTestWarehouse, type Row, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { WEB_FILLING } from './web-fill.ts';
import { WEB_RULES } from './web-rows.ts';

/**
 * Answers from settled sessions are those that events give: while events come, late ones too, while sessions are settled step by step, by processes that fail and begin again. The reference is the same question with one more passive
 * type that no event has, which is never answered from settled sessions; `web.property.test.ts` holds that to a naive model.
 */

/** Seed of everything. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const random = new SeededRandom(SEED);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Some days around a change of the clocks. */
const START_MS = Date.UTC(2026, 9, 22);
const ROUNDS = 5;
const QUESTIONS_A_ROUND = 2;
const PROJECTS = ['mine', 'mine', 'mine', 'other'];

const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

let nowMs = START_MS + 2 * DAY_MS;
let position = 0;
const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };

const times = new SessionTimes(random);

const makeEvent = (index: number): Row => {
  const { session, timeMs } = times.next(nowMs);
  const type = pick(['page_view', 'page_view', 'screen_view', 'click', 'page_leave']);
  const user = random.below(30);
  return {
    id: `${position}-${index}`,
    project: pick(PROJECTS),
    time: timeMs,
    received_at: nowMs,
    type,
    user_id: random.chance(0.4) ? '' : `u${user}`,
    session_id: random.chance(0.05) ? '' : session,
    page: pick(['/', '/a', '/b', "/d'o\t", '']),
    referrer: pick(['', '', 'https://www.google.co.uk/', 'https://own.example/a', 'https://news.example/']),
    device_type: pick(['mobile', 'desktop', '']),
    browser: pick(['Firefox', 'Safari', '']),
    os: pick(['iOS', 'Linux', '']),
    country: pick(['DE', 'FR', '']),
    properties: JSON.stringify({
      ...(random.chance(0.3)
        ? { utm_medium: pick(['cpc', 'email', 'x', '']), utm_source: pick(['news', "d'o", 'n\0']) }
        : {}),
      ...(random.chance(0.3) ? { anonymous_id: `a${user}` } : {}),
    }),
  };
};

/** A warehouse of which statements fail now and then, before or after they are done. */
const failing = (warehouse: Warehouse): Warehouse =>
  new Proxy(warehouse, {
    get(target, name: keyof Warehouse) {
      if (name !== 'command')
        return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
      return async (...given: Parameters<Warehouse['command']>) => {
        if (random.chance(0.04)) throw new Error('failed before');
        await target.command(...given);
        if (random.chance(0.04)) throw new Error('failed after');
      };
    },
  });

const openFilling = (warehouse = failing(bench.warehouse)): WebSessions =>
  new WebSessions({
    ...{ warehouse, filling: WEB_FILLING, clock, telemetry: quietTelemetry() },
    loaded: () => position,
    exclusive: (work) => work(),
    stepEventsMax: pick([20, 200, 100_000]),
  });

const question = (): WebRequest => {
  const toMs = pick([nowMs, nowMs - random.below(2 * DAY_MS), Math.floor(nowMs / DAY_MS) * DAY_MS]);
  const fromMs = toMs - pick([DAY_MS, 2 * DAY_MS, 1 + random.below(3 * DAY_MS)]);
  const asOf = random.chance(0.25)
    ? { as_of: { position: String(random.below(position)), at: new Date(nowMs).toISOString() } }
    : {};
  return webRequestSchema.parse({
    ...{
      kind: 'web',
      range: { from: fromMs, to: toMs },
      top: 1 + random.below(5),
      compare: random.chance(0.5),
    },
    ...{ own_hosts: pick([[], ['own.example'], ['own.example', 'google.co.uk']]), explain: true, ...asOf },
    ...(random.chance(0.3)
      ? { only: pick([{ countries: ['DE'] }, { pages: ['/a', null], channels: ['direct'] }]) }
      : {}),
    ...(random.chance(0.4) ? { interval: pick(['1h', '1d', '15m', 'total']) } : {}),
    timezone: pick(['UTC', 'Europe/Berlin', 'Asia/Kathmandu']),
  });
};

const bare = ({ explain: _explain, statistics: _statistics, ...answer }: Record<string, unknown>) => answer;

test(`answers from settled sessions are those of events (seed ${SEED})`, { timeout: 600_000 }, async (t) => {
  let filling = openFilling();
  let [settled, removed] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    for (let record = random.below(4); record >= 0; record--) {
      const rows = Array.from({ length: 10 + random.below(60) }, (_, index) => makeEvent(index));
      await bench.load('events', rows, position);
      position++;
    }
    if (random.chance(0.3)) filling = openFilling();
    for (let steps = random.below(12); steps > 0; steps--) await filling.step().catch(() => undefined);
    if (round > 4 && removed === 0 && random.chance(0.2)) {
      await deleteProjectRows(bench.warehouse, 'other', AbortSignal.timeout(60_000));
      removed++;
    }
    const visitorsApartMin = pick([0, Number.POSITIVE_INFINITY]);
    const service = testService(bench, { nowMs, next: position, keptSessionsMin: 0, visitorsApartMin });
    for (let asked = 0; asked < QUESTIONS_A_ROUND; asked++) {
      const request = question();
      const reference = { ...request, passive: [...request.passive, 'no such type'] };
      const [answer, expected] = [
        await service.query('mine', request),
        await service.query('mine', reference),
      ];
      if (/kept as rows/u.test(JSON.stringify(answer.explain))) settled++;
      assert.deepEqual(
        bare(answer as unknown as Record<string, unknown>),
        bare(expected as unknown as Record<string, unknown>),
        `round ${round}, visitors apart from ${visitorsApartMin}, AEVUM_TEST_SEED=${SEED}, ${JSON.stringify(request)}`,
      );
    }
    nowMs += random.below(10 * HOUR_MS);
  }
  t.diagnostic(`${settled} of ${ROUNDS * QUESTIONS_A_ROUND} from settled sessions`);
});

test('sessions that went on count once, few of them or more than are named one by one', {
  timeout: 300_000,
}, async () => {
  const SESSIONS = 300;
  const beganMs = nowMs;
  const eventOf = (session: number, timeMs: number): Row => ({
    ...{
      id: `${session}-${timeMs}`,
      project: 'resumed',
      time: timeMs,
      received_at: timeMs,
      type: 'page_view',
    },
    ...{ session_id: `s${session}`, user_id: `u${session % 200}`, page: timeMs === beganMs ? '/' : '/later' },
  });
  const sessions = Array.from({ length: SESSIONS }, (_, session) => session);
  await bench.load(
    'events',
    sessions.map((session) => eventOf(session, beganMs)),
    position,
  );
  position++;
  nowMs += HOUR_MS;
  await openFilling(bench.warehouse).catchUp();
  for (const [from, to] of [
    [0, 20],
    [20, SESSIONS - 50],
  ] as const) {
    await bench.load(
      'events',
      sessions.slice(from, to).map((session) => eventOf(session, nowMs)),
      position,
    );
    position++;
    const request = webRequestSchema.parse({
      ...{ kind: 'web', range: { from: beganMs, to: nowMs + 1 }, explain: true },
    });
    const service = testService(bench, { nowMs: nowMs + 1, next: position, keptSessionsMin: 0 });
    const { total, lists, explain } = await service.query('resumed', request);
    assert.match(explain?.source_reason ?? '', /kept as rows/u);
    assert.deepEqual(
      [total.sessions, total.views, total.visitors, total.bounces],
      [SESSIONS, SESSIONS + to, 200, SESSIONS - to],
    );
    assert.deepEqual(
      lists.pages.map(({ value, sessions: of }) => [value, of]),
      [
        ['/', SESSIONS],
        ['/later', to],
      ],
    );
  }
});

test('visitors of large entries are counted at once, or from a part of the rows, of others from all', {
  timeout: 300_000,
}, async () => {
  const { warehouse } = bench;
  const beganMs = Date.UTC(2030, 0, 2);
  const generation = '900000000000000-many';
  // 150,000 sessions of 50,000 visitors from DE, and 300,000 of as many visitors from FR; one of 1,000 came from a campaign.
  await warehouse.command(
    `INSERT INTO web_sessions (project, level, began, id, generation, views, bounced, visitor, seen, seen_views, of_country, utm_source)
     SELECT 'many', least(12, bitCount(bitXor(visitor, visitor - 1)) - 1), {began:Int64} + number, number + 1, {generation:String}, 1, 1,
       cityHash64(if(number < 150000, number % 50000, number)) AS visitor, ['/'], [1], if(number < 150000, 'DE', 'FR'), if(number % 1000 = 0, 'news', '')
     FROM numbers(450000)`,
    { began: beganMs, generation },
  );
  await warehouse.command(
    `INSERT INTO web_steps (kind, generation, position, settled, rules) SELECT 'mark', {generation:String}, {position:UInt64}, {settled:Int64}, {rules:String}`,
    { generation, position, settled: beganMs + DAY_MS, rules: WEB_RULES },
  );
  const range = { from: beganMs, to: beganMs + DAY_MS };
  const isAbout = (n: number, expected: number) =>
    assert.ok(Math.abs(n / expected - 1) < 0.02, `${n}, not ${expected}`);
  for (const visitorsApartMin of [0, 450_000 * 2]) {
    const service = testService(bench, { nowMs: beganMs + DAY_MS, next: position, visitorsApartMin });
    const request = webRequestSchema.parse({ kind: 'web', range, explain: true });
    const { total, lists, explain } = await service.query('many', request);
    assert.equal(/further ones count/u.test(explain?.source_reason ?? ''), visitorsApartMin === 0);
    isAbout(total.visitors, 350_000);
    assert.deepEqual([total.sessions, total.views, total.bounces], [450_000, 450_000, 450_000]);
    const [france, germany] = lists.countries;
    isAbout(france?.visitors ?? 0, 300_000);
    assert.ok(Math.abs((germany?.visitors ?? 0) - 50_000) <= 2);
    assert.equal(lists.utm_sources[0]?.visitors, 350);
    isAbout(lists.pages[0]?.visitors ?? 0, 350_000);
  }
});
