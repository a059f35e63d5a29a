import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulation } from '../simulate/simulation.ts';
import type { Deliver } from './deliver.ts';
import type { DemoJob, DemoProgress } from './messages.ts';
import { type DemoPlan, historyOf } from './plan.ts';
import { sendHistory, sendLive } from './traffic.ts';

const PLAN: DemoPlan = { seed: 9, startedMs: Date.UTC(2026, 10, 21), days: 2, events: 3_000, rate: 400 };
const JOB: DemoJob = {
  url: 'http://127.0.0.1:1',
  key: 'not used',
  plan: PLAN,
  backfilled: 0,
  isFilled: false,
  limits: { eventsMax: 200, bytesMax: 100_000 },
};

const wholeHistory = (): string[] => {
  const simulation = createSimulation(historyOf(PLAN));
  const lines: string[] = [];
  for (let event = simulation.next(); event.atMs < PLAN.startedMs; event = simulation.next())
    lines.push(event.json);
  return lines;
};

/** Sends what is left with three lanes; answers what was delivered and what was told. */
const sent = async (
  job: DemoJob,
  around: (lines: readonly string[]) => Promise<void> | void = () => undefined,
  signal = new AbortController().signal,
): Promise<{ bodies: (readonly string[])[]; told: DemoProgress[] }> => {
  const bodies: (readonly string[])[] = [];
  const told: DemoProgress[] = [];
  const deliver: Deliver = async (lines) => {
    bodies.push(lines);
    await around(lines);
  };
  const lanes = [deliver, deliver, deliver];
  await sendHistory({ job, lanes, signal, onProgress: (progress) => told.push(progress) });
  return { bodies, told };
};

test('the whole history goes out in order, within the bounds of a request', async () => {
  const { bodies, told } = await sent(JOB);
  assert.deepEqual(bodies.flat(), wholeHistory());
  for (const lines of bodies) {
    assert.ok(lines.length <= JOB.limits.eventsMax);
    assert.ok(lines.join('\n').length <= JOB.limits.bytesMax);
  }
  assert.deepEqual(told.at(-1), { backfilled: bodies.flat().length, isFilled: true });
  const byBytes = await sent({ ...JOB, limits: { eventsMax: 200, bytesMax: 5_000 } });
  assert.ok(byBytes.bodies.every((lines) => lines.join('\n').length <= 5_000));
  assert.deepEqual(byBytes.bodies.flat(), wholeHistory());
});

test('what was told can be gone on from: no event is left out, and none before it comes again', async () => {
  const whole = wholeHistory();
  const stopping = new AbortController();
  let delivered = 0;
  const { told } = await sent(
    JOB,
    () => {
      delivered += 1;
      if (delivered === 6) stopping.abort();
    },
    stopping.signal,
  );
  const { backfilled = 0, isFilled } = told.at(-1) ?? {};
  assert.equal(isFilled, false);
  assert.ok(backfilled > 0 && backfilled < whole.length);
  const rest = await sent({ ...JOB, backfilled });
  assert.deepEqual(rest.bodies.flat(), whole.slice(backfilled));
});

test('an acknowledgement counts only when all before it have come', async () => {
  const gate = Promise.withResolvers<void>();
  let isFirst = true;
  const told: DemoProgress[] = [];
  const deliver: Deliver = () => {
    if (!isFirst) return Promise.resolve();
    isFirst = false;
    return gate.promise;
  };
  const sending = sendHistory({
    job: JOB,
    lanes: [deliver, deliver, deliver],
    signal: new AbortController().signal,
    onProgress: (progress) => told.push(progress),
  });
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told.length, 0);
  gate.resolve();
  await sending;
  assert.equal(told.at(-1)?.isFilled, true);
});

test('a refusal ends it', async () => {
  const refuse = (): Promise<void> => Promise.reject(new Error('refused'));
  await assert.rejects(sent(JOB, refuse), /refused/);
});

test('nothing is sent of a history that is all in', async () => {
  const { bodies, told } = await sent({ ...JOB, isFilled: true });
  assert.deepEqual([bodies, told], [[], []]);
});

test('live events are sent when they are due, until it is told to end', async () => {
  const stopping = new AbortController();
  const got: string[] = [];
  const startedMs = Date.now();
  const deliver: Deliver = (lines) => {
    got.push(...lines);
    if (got.length >= 100) stopping.abort();
    return Promise.resolve();
  };
  await sendLive({ job: JOB, deliver, signal: stopping.signal });
  const simulated = (100 / PLAN.rate) * 1000;
  assert.ok(Date.now() - startedMs >= simulated / 2, 'they came before they were due');
  assert.ok(got.length >= 100);
});
