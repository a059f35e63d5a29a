import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../lib/clock.ts';
import { Intent } from './intent.ts';
import { createSimulation, type SimulationOptions, USUAL_SHARES } from './simulation.ts';
import { BATCH_EVENTS_MAX, BEHIND_MAX_MS, Traffic, type TrafficOptions } from './traffic.ts';

interface Sent {
  readonly atMs: number;
  readonly lines: readonly string[];
}

const CLEAN = { ...USUAL_SHARES, duplicate: 0, late: 0, stale: 0, malformed: 0 };

/** Goes on whenever it is looked at, and stands still with the machine. */
const tickingClock = (stepMs = 10): Clock => {
  let nowMs = Date.UTC(2026, 10, 20, 12);
  return { nowMs: () => (nowMs += stepMs), monotonicMs: () => nowMs };
};

const trafficOf = (
  simulation: Partial<SimulationOptions>,
  options: Partial<TrafficOptions>,
): { traffic: Traffic; sent: Sent[]; intent: Intent } => {
  const sent: Sent[] = [];
  const intent = new Intent();
  const clock = options.clock ?? tickingClock();
  const startMs = clock.nowMs();
  const traffic = new Traffic({
    source: createSimulation({ seed: 1, startMs, ratePerSecond: 500, shares: CLEAN, ...simulation }),
    send: async (lines) => void sent.push({ atMs: clock.nowMs(), lines }),
    intent,
    clock,
    signal: new AbortController().signal,
    eventsMax: Number.POSITIVE_INFINITY,
    untilMs: Number.POSITIVE_INFINITY,
    ...options,
  });
  return { traffic, sent, intent };
};

const timeOf = (line: string): number => Date.parse((JSON.parse(line) as { timestamp: string }).timestamp);

test('no event is sent before it happens, and it ends after so many', async () => {
  const { traffic, sent, intent } = trafficOf({}, { eventsMax: 200 });
  await traffic.keepTime();
  assert.equal(intent.events, 200);
  assert.equal(sent.flatMap(({ lines }) => lines).length, 200);
  for (const { atMs, lines } of sent) for (const line of lines) assert.ok(timeOf(line) <= atMs);
});

test('it ends at its time, and nothing is of later', async () => {
  const clock = tickingClock();
  const untilMs = clock.nowMs() + 300;
  const { traffic, sent } = trafficOf({}, { untilMs, clock });
  await traffic.keepTime();
  assert.ok(clock.nowMs() >= untilMs);
  const times = sent.flatMap(({ lines }) => lines).map(timeOf);
  assert.ok(times.length > 0 && Math.max(...times) <= untilMs);
});

test('what could not be sent for a while is left out, not made up for in a burst', async () => {
  const sizes: { readonly spanMs: number; readonly lines: number }[] = [];
  let calls = 0;
  let lateMs = 0;
  const ticking = tickingClock();
  const clock = { ...ticking, nowMs: () => ticking.nowMs() + lateMs };
  const { traffic, intent } = trafficOf(
    { ratePerSecond: 1_000 },
    {
      clock,
      untilMs: clock.nowMs() + 1_500,
      send: async (lines) => {
        const times = lines.map(timeOf);
        // The first is the one that was due when the stop began.
        sizes.push({ spanMs: Math.max(...times) - (times[1] ?? times[0] ?? 0), lines: lines.length });
        if (++calls === 3) lateMs = 700;
      },
    },
  );
  await traffic.keepTime();
  for (const { spanMs } of sizes) assert.ok(spanMs <= BEHIND_MAX_MS + 30, `a burst of ${spanMs} ms`);
  assert.ok(traffic.lostMs >= 500, `${traffic.lostMs} ms left out`);
  assert.ok(intent.events < 1_200, `${intent.events} events`);
});

test('a clock that is set back stops nothing', async () => {
  let offsetMs = 0;
  const ticking = tickingClock();
  const clock = { ...ticking, nowMs: () => ticking.nowMs() + offsetMs };
  const { traffic, sent } = trafficOf(
    {},
    {
      clock,
      eventsMax: 300,
      send: async (lines) => {
        sent.push({ atMs: clock.nowMs(), lines });
        if (sent.length === 5) offsetMs = -3_600_000;
      },
    },
  );
  await traffic.keepTime();
  const last = sent.at(-1)?.lines.at(-1) ?? '';
  assert.ok(timeOf(last) < ticking.nowMs() - 3_000_000);
});

test('a flood is of now, in full batches', async () => {
  const { traffic, sent, intent } = trafficOf(
    { ratePerSecond: 1_000_000 },
    { eventsMax: 7_000, clock: tickingClock(1) },
  );
  await traffic.flood();
  assert.equal(intent.events, 7_000);
  assert.deepEqual(
    sent.map(({ lines }) => lines.length),
    [BATCH_EVENTS_MAX, BATCH_EVENTS_MAX, BATCH_EVENTS_MAX, 1_000],
  );
  for (const { atMs, lines } of sent) assert.ok(Math.abs(timeOf(lines.at(-1) ?? '') - atMs) < 1_000);
});

test('the signal ends each way of sending', async () => {
  for (const way of ['keepTime', 'flood', 'replay'] as const) {
    const stopping = new AbortController();
    const send = async (): Promise<void> => stopping.abort();
    const { traffic, intent } = trafficOf({}, { signal: stopping.signal, send });
    await traffic[way]();
    assert.ok(intent.events > 0 && intent.events <= BATCH_EVENTS_MAX, way);
  }
});
