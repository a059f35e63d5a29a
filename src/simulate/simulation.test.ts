import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, NOW_MS } from '../event/testing/decoding.ts';
import { RING_USER_PREFIX } from './card-ring.ts';
import { BROKEN_VERSION } from './event-text.ts';
import type { Incident, IncidentKind } from './incident.ts';
import { createSimulation, type SimulatedEvent, type SimulationOptions, USUAL_SHARES } from './simulation.ts';

const HOUR_MS = 3_600_000;
const CLEAN = { duplicate: 0, late: 0, stale: 0, malformed: 0 };
const USUAL: SimulationOptions = { seed: 7, startMs: NOW_MS, ratePerSecond: 200 };

const take = (count: number, options: Partial<SimulationOptions> = {}): SimulatedEvent[] => {
  const simulation = createSimulation({ ...USUAL, ...options });
  return Array.from({ length: count }, () => simulation.next());
};

/** All events of a time. */
const during = (ms: number, options: Partial<SimulationOptions> = {}): SimulatedEvent[] => {
  const { startMs } = { ...USUAL, ...options };
  const simulation = createSimulation({ ...USUAL, ...options });
  const events: SimulatedEvent[] = [];
  for (let event = simulation.next(); event.atMs < startMs + ms; event = simulation.next()) {
    events.push(event);
  }
  return events;
};

interface Sent {
  readonly id: string;
  readonly timestamp: string;
  readonly type: string;
  readonly version: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly context: { readonly country: string; readonly page?: string; readonly referrer?: string };
  readonly properties: Readonly<Record<string, unknown>>;
  readonly value?: number | string;
  readonly currency?: string;
}
const sentOf = ({ json }: SimulatedEvent): Sent => JSON.parse(json) as Sent;

const countBy = <T>(list: readonly T[], key: (each: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const each of list) counts[key(each)] = (counts[key(each)] ?? 0) + 1;
  return counts;
};

const isNear = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * expected,
    `${what}: ${actual} is not within ${tolerance * 100} % of ${expected}`,
  );

test('the same options give the same bytes, another seed gives others', () => {
  const incidents: Incident[] = [{ kind: 'spike', fromMs: NOW_MS + 2_000, untilMs: NOW_MS + 5_000 }];
  const first = take(5_000, { incidents });
  assert.deepEqual(take(5_000, { incidents }), first);
  const others = new Set(take(5_000, { incidents, seed: 8 }).map(({ json }) => json));
  const common = first.filter(({ json, reason }) => others.has(json) && reason !== 'not_an_object');
  assert.deepEqual(common, []);
});

test('ids are unique but for declared duplicates, which repeat a stored event byte for byte', () => {
  const stored = new Map<string, string>();
  for (const event of take(100_000)) {
    if (event.reason === 'not_an_object') continue;
    const { id } = sentOf(event);
    if (event.outcome === 'duplicate') assert.equal(stored.get(id), event.json);
    else assert.ok(!stored.has(id), `${id} was there before`);
    if (event.outcome === 'stored') stored.set(id, event.json);
  }
});

test('the shares of what is not as it should be are obeyed', () => {
  const count = 150_000;
  const events = take(count);
  const counts = countBy(events, ({ outcome }) => outcome);
  isNear(counts['duplicate'] ?? 0, USUAL_SHARES.duplicate * count, 0.1, 'duplicates');
  isNear(counts['stale'] ?? 0, USUAL_SHARES.stale * count, 0.15, 'stale');
  isNear(counts['quarantined'] ?? 0, USUAL_SHARES.malformed * count, 0.15, 'malformed');
  const late = events.filter(
    (event) => event.outcome === 'stored' && event.atMs - Date.parse(sentOf(event).timestamp) >= 60_000,
  );
  isNear(late.length, USUAL_SHARES.late * count, 0.1, 'late');
  assert.deepEqual(
    countBy(take(20_000, { shares: CLEAN }), ({ outcome }) => outcome),
    { stored: 20_000 },
  );
});

test('the decoder of the platform judges every event as declared', () => {
  const incidents: Incident[] = [{ kind: 'broken_deploy', fromMs: NOW_MS, untilMs: NOW_MS + HOUR_MS }];
  const shares = { ...USUAL_SHARES, stale: 0.05, malformed: 0.05 };
  for (const event of take(8_000, { incidents, shares, ratePerSecond: 1_000 })) {
    const { rejected } = decode(`[${event.json}]`);
    const expected = event.outcome === 'duplicate' ? undefined : event.reason;
    assert.equal(rejected[0]?.code, expected, event.json);
  }
});

test('the rate is obeyed, and events come in order', () => {
  for (const ratePerSecond of [1, 20, 3_000, 50_000]) {
    const events = take(20_000, { ratePerSecond });
    const lastMs = events.at(-1)?.atMs ?? 0;
    isNear((20_000 * 1000) / (lastMs - NOW_MS), ratePerSecond, 0.04, `events a second at ${ratePerSecond}`);
    assert.ok(events.every((event, index) => event.atMs >= (events[index - 1]?.atMs ?? NOW_MS)));
  }
});

test('the funnel narrows at each step, from the beginning on', () => {
  for (const count of [20_000, 80_000]) {
    const types = countBy(take(count, { shares: CLEAN }).map(sentOf), ({ type }) => type);
    const steps = ['page_view', 'add_to_cart', 'checkout', 'purchase'].map((type) => types[type] ?? 0);
    steps.reduce((wider, narrower) => {
      assert.ok(narrower > 0 && narrower < wider * 0.8, String(steps));
      return narrower;
    });
    for (const type of ['click', 'search', 'newsletter', 'signup', 'payment_failed']) {
      assert.ok((types[type] ?? 0) > 0, type);
    }
  }
});

test('people return, pages have a long tail, money has the digits of its currency', () => {
  const events = take(100_000, { shares: CLEAN }).map(sentOf);
  const sessions = new Map(events.map((event) => [event.session_id, event.user_id]));
  const users = new Set(sessions.values());
  assert.ok(users.size < sessions.size * 0.75 && users.size > sessions.size * 0.4, 'users per session');
  const pages = Object.values(countBy(events, ({ context }) => context.page ?? '')).sort((a, b) => b - a);
  assert.ok(pages.length > 500, `${pages.length} pages`);
  assert.ok((pages[1] ?? 0) > 20 * (pages[200] ?? 0), 'a long tail');
  assert.ok(new Set(events.map((event) => event.currency)).size > 5, 'currencies');
  for (const { value, currency } of events) {
    if (currency === undefined) continue;
    const cents = Number(value) * (currency === 'JPY' ? 1 : 100);
    assert.ok(cents > 0 && Math.abs(cents - Math.round(cents)) < 1e-6, `${value} ${currency}`);
  }
});

test('the daily rhythm is that of the places where visitors live', () => {
  const options = { startMs: Date.UTC(2026, 10, 16), ratePerSecond: 0.2, rhythm: 'daily', shares: CLEAN };
  const week = during(7 * 24 * HOUR_MS, options as Partial<SimulationOptions>);
  isNear(week.length, 0.2 * 7 * 24 * 3600, 0.03, 'events of a week');
  const hourOf = ({ atMs }: SimulatedEvent): string => String(new Date(atMs).getUTCHours());
  const hours = countBy(week, hourOf);
  const quietest = Math.min(...Object.values(hours));
  const busiest = Math.max(...Object.values(hours));
  assert.ok(busiest > 2 * quietest, `${quietest} to ${busiest} an hour`);
  const germans = countBy(
    week.filter((event) => sentOf(event).context.country === 'DE'),
    hourOf,
  );
  assert.ok((germans['19'] ?? 0) > 4 * (germans['2'] ?? 0), 'evening and night in Germany');
});

/** What can only be seen while an incident is going on. */
const SIGNS: Readonly<Record<IncidentKind, (event: Sent) => boolean>> = {
  spike: ({ properties }) => properties['utm_campaign'] === 'front_page',
  checkout_outage: ({ properties }) => properties['reason'] === 'gateway_timeout',
  card_testing: (event) => event.user_id.startsWith(RING_USER_PREFIX),
  broken_deploy: ({ version }) => version === BROKEN_VERSION,
};

for (const kind of Object.keys(SIGNS) as IncidentKind[]) {
  test(`incident ${kind}: its signs are there within its time and at no other`, () => {
    const [fromMs, untilMs] = [NOW_MS + 60_000, NOW_MS + 120_000];
    const shares = CLEAN;
    const events = during(180_000, { incidents: [{ kind, fromMs, untilMs }], shares });
    const inside = events.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs);
    const shown = events.filter((event) => SIGNS[kind](sentOf(event)));
    assert.ok(shown.length > 20, `${shown.length} signs`);
    assert.ok(shown.every(({ atMs }) => atMs >= fromMs && atMs < untilMs));
    const expected = { spike: 5, checkout_outage: 1, card_testing: 1.5, broken_deploy: 1 }[kind];
    isNear(inside.length / (events.length - inside.length), expected / 2, 0.06, 'traffic within and without');
  });
}

test('while the checkout is out nobody buys', () => {
  const incidents: Incident[] = [
    { kind: 'checkout_outage', fromMs: NOW_MS, untilMs: NOW_MS + HOUR_MS },
    { kind: 'spike', fromMs: NOW_MS, untilMs: NOW_MS + HOUR_MS },
  ];
  const types = countBy(take(30_000, { incidents, shares: CLEAN }).map(sentOf), ({ type }) => type);
  assert.equal(types['purchase'], undefined);
  assert.ok((types['payment_failed'] ?? 0) > 100);
});

test('card testers are few, try small amounts and are nearly always declined', () => {
  const incidents: Incident[] = [{ kind: 'card_testing', fromMs: NOW_MS, untilMs: NOW_MS + HOUR_MS }];
  const tries = take(20_000, { incidents, shares: CLEAN }).map(sentOf).filter(SIGNS.card_testing);
  assert.ok(tries.length > 5_000, `${tries.length} tries`);
  assert.ok(new Set(tries.map((each) => each.user_id)).size <= 4);
  assert.ok(new Set(tries.map((each) => each.properties['card'])).size <= 40);
  assert.ok(tries.every(({ value }) => Number(value) >= 0.5 && Number(value) < 2));
  const declined = tries.filter(({ type }) => type === 'payment_failed');
  isNear(declined.length / tries.length, 0.97, 0.02, 'declined');
});

test('a broken deploy spoils purchases of the web shop and takes the page from its page views', () => {
  const incidents: Incident[] = [{ kind: 'broken_deploy', fromMs: NOW_MS, untilMs: NOW_MS + HOUR_MS }];
  const events = take(50_000, { incidents, shares: CLEAN });
  const broken = events.filter((event) => SIGNS.broken_deploy(sentOf(event)));
  for (const event of broken) {
    const { type, context } = sentOf(event);
    assert.equal(event.outcome, type === 'purchase' ? 'quarantined' : 'stored');
    assert.equal(context.page === undefined, type === 'page_view');
  }
  const others = events.filter((event) => !SIGNS.broken_deploy(sentOf(event)));
  assert.ok(others.length > 1_000 && others.every(({ outcome }) => outcome === 'stored'));
});
