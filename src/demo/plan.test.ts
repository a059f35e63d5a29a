import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulation, type SimulatedEvent } from '../simulate/simulation.ts';
import { type DemoPlan, historyOf, liveOf } from './plan.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PLAN: DemoPlan = {
  seed: 5,
  startedMs: Date.UTC(2026, 10, 21, 9, 17, 3),
  days: 14,
  events: 30_000,
  rate: 20,
};

const historyEvents = (plan: DemoPlan): SimulatedEvent[] => {
  const simulation = createSimulation(historyOf(plan));
  const events: SimulatedEvent[] = [];
  for (let event = simulation.next(); event.atMs < plan.startedMs; event = simulation.next())
    events.push(event);
  return events;
};

test('history has at least as many events as wanted, and few more, whatever the days', () => {
  for (const days of [1, 3, 10, 14, 90])
    for (const seed of [1, 2, 3]) {
      const count = historyEvents({ ...PLAN, days, seed, events: 4_000 }).length;
      assert.ok(count >= 4_000 && count < 4_000 * 1.2, `${days} days, seed ${seed}: ${count}`);
    }
});

test('history reaches from the first hour to the last, is all to be stored, and holds no id twice', () => {
  const events = historyEvents(PLAN);
  const first = PLAN.startedMs - PLAN.days * DAY_MS;
  assert.ok((events[0]?.atMs ?? 0) < first + HOUR_MS);
  assert.ok((events.at(-1)?.atMs ?? 0) > PLAN.startedMs - HOUR_MS);
  assert.ok(events.every(({ outcome }) => outcome === 'stored'));
  assert.equal(
    new Set(events.map(({ json }) => (JSON.parse(json) as { id: string }).id)).size,
    events.length,
  );
});

test('history shows its incidents: a day with a spike is busier than the same day of the week after', () => {
  const perDay = new Map<number, number>();
  for (const { atMs } of historyEvents(PLAN)) {
    const daysBefore = Math.ceil((PLAN.startedMs - atMs) / DAY_MS);
    perDay.set(daysBefore, (perDay.get(daysBefore) ?? 0) + 1);
  }
  assert.ok((perDay.get(12) ?? 0) > 1.15 * (perDay.get(5) ?? 0), JSON.stringify([...perDay]));
});

test('what is live is other events each time that it begins, at the rate', () => {
  const take = (nowMs: number): SimulatedEvent[] => {
    const simulation = createSimulation(liveOf(PLAN, nowMs));
    return Array.from({ length: 2_000 }, () => simulation.next());
  };
  const [first, second] = [take(PLAN.startedMs), take(PLAN.startedMs + 1_000)];
  const seconds = ((first.at(-1)?.atMs ?? 0) - PLAN.startedMs) / 1000;
  assert.ok(seconds > 85 && seconds < 115, `2,000 events took ${seconds} s`);
  const known = new Set(first.map(({ json }) => json));
  assert.ok(second.filter(({ json, reason }) => known.has(json) && reason !== 'not_an_object').length === 0);
});
