import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { applyTrendChange } from '../contract/live-apply.ts';
import type { LiveAnswer } from '../contract/live.ts';
import { type TrendAnswer, trendRequestSchema } from '../contract/trend.ts';
import { ApiError } from '../event/errors.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import type { SharedMessage } from './shared-message.ts';
import { TrendHub } from './trend-hub.ts';

const REQUEST = trendRequestSchema.parse({ kind: 'trend', range: 'last 5 minutes' });
const ABSOLUTE = trendRequestSchema.parse({
  kind: 'trend',
  range: { from: '2026-11-01', to: '2026-11-02' },
});

const answerOf = (total: number): TrendAnswer => ({
  ...{ kind: 'trend', source: 'events', as_of: String(total), interval: '10s' },
  freshness: { answered_at: '', pending_events: 0, pending_since: null },
  range: { from: '', to: '', timezone: 'UTC' },
  buckets: ['a'],
  incomplete: { first: false, last: false },
  series: [{ group: null, other: false, total, values: [total] }],
  statistics: { elapsed_ms: 1, rows_read: null, bytes_read: null },
});

/** A hub on a clock that stands still until it is moved, over questions whose answer is how often was asked. */
const open = (t: TestContext) => {
  const state = { nowMs: 1_700_000_000_000, loaded: 1, asked: 0, failure: undefined as unknown };
  const hub = new TrendHub({
    service: {
      query: () => {
        state.asked += 1;
        return state.failure === undefined
          ? Promise.resolve(answerOf(state.asked))
          : Promise.reject(state.failure);
      },
    },
    loaded: () => state.loaded,
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
    telemetry: quietTelemetry(),
  });
  t.after(() => hub.close());
  const settle = async (): Promise<void> => {
    hub.look();
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  };
  return Object.assign(state, { hub, settle });
};

/** A client that applies what it is told. */
class Follower {
  full = false;
  answer: TrendAnswer | undefined;
  readonly ops: string[] = [];
  readonly failures: boolean[] = [];
  isFull(): boolean {
    return this.full;
  }
  message(shared: SharedMessage): void {
    const message = JSON.parse(Buffer.concat(shared.parts('t')).toString()) as LiveAnswer;
    this.ops.push(message.op);
    if (message.op === 'trend') this.answer = message.answer;
    else if (message.op === 'trend_change' && this.answer !== undefined)
      this.answer = applyTrendChange(this.answer, message);
  }
  failed(_error: unknown, isFinal: boolean): void {
    this.failures.push(isFinal);
  }
  get total(): number | null | undefined {
    return this.answer?.series[0]?.total;
  }
}

test('one question for all, asked when something was loaded, at most once a second', async (t) => {
  const bench = open(t);
  const followers = Array.from({ length: 50 }, () => new Follower());
  for (const follower of followers) bench.hub.follow('default', REQUEST, follower);
  await bench.settle();
  assert.equal(bench.asked, 1);
  bench.nowMs += 2_000;
  await bench.settle();
  assert.equal(bench.asked, 1, 'nothing was loaded');
  for (let loads = 0; loads < 20; loads++) {
    bench.loaded += 1;
    bench.nowMs += 100;
    await bench.settle();
  }
  assert.ok(bench.asked <= 4, `${bench.asked} questions in two seconds`);
  for (const follower of followers) {
    assert.equal(follower.total, bench.asked);
    assert.equal(follower.ops.filter((op) => op === 'trend').length, 1);
  }
  const before = bench.asked;
  bench.hub.follow('other project', REQUEST, new Follower());
  await bench.settle();
  assert.equal(bench.asked, before + 1);
});

test('a window that moves is asked anew, one that does not is not', async (t) => {
  const bench = open(t);
  const [moving, fixed] = [new Follower(), new Follower()];
  bench.hub.follow('default', REQUEST, moving);
  bench.hub.follow('default', ABSOLUTE, fixed);
  await bench.settle();
  for (let panes = 0; panes < 3; panes++) {
    bench.nowMs += 10_000;
    await bench.settle();
  }
  assert.deepEqual([moving.ops.length, fixed.ops.length], [4, 1]);
});

test('who is too slow for a change gets the whole answer later', async (t) => {
  const bench = open(t);
  const [quick, slow] = [new Follower(), new Follower()];
  bench.hub.follow('default', REQUEST, quick);
  bench.hub.follow('default', REQUEST, slow);
  await bench.settle();
  for (slow.full = true; bench.loaded < 4; bench.loaded += 1) {
    bench.nowMs += 1_000;
    await bench.settle();
  }
  await bench.settle();
  slow.full = false;
  await bench.settle();
  assert.deepEqual(slow.ops, ['trend', 'trend']);
  assert.equal(slow.total, quick.total);
});

test('a failure that passes is told once, and the trend goes on; one that does not pass ends it', async (t) => {
  const bench = open(t);
  const follower = new Follower();
  bench.hub.follow('default', REQUEST, follower);
  await bench.settle();
  bench.failure = new ApiError('warehouse_unavailable');
  bench.loaded += 1;
  for (let seconds = 0; seconds < 3; seconds++) {
    bench.nowMs += 1_000;
    await bench.settle();
  }
  assert.deepEqual(follower.failures, [false]);
  bench.failure = undefined;
  bench.nowMs += 1_000;
  await bench.settle();
  assert.equal(follower.total, bench.asked);
  bench.failure = new ApiError('result_too_large');
  bench.loaded += 1;
  bench.nowMs += 1_000;
  await bench.settle();
  assert.deepEqual(follower.failures, [false, true]);
  const asked = bench.asked;
  bench.loaded += 1;
  bench.nowMs += 1_000;
  await bench.settle();
  assert.equal(bench.asked, asked, 'nobody follows it any more');
});

test('what cannot be followed is refused', (t) => {
  const { hub } = open(t);
  assert.throws(() => hub.follow('default', { ...REQUEST, explain: true }, new Follower()), ApiError);
  assert.throws(() => hub.follow('default', { ...REQUEST, by: ['no such field'] }, new Follower()), ApiError);
  const refused = [
    { series: [{ measure: 'count', hidden: false }] },
    { formula: ['2 * A'] },
    { compare: 'previous_day' },
  ] as const;
  for (const part of refused) {
    const request = { ...REQUEST, ...structuredClone(part) } as typeof REQUEST;
    assert.throws(
      () => hub.follow('default', request, new Follower()),
      new RegExp(`query\\.${Object.keys(part)[0]}: is for POST /api/query`, 'u'),
    );
  }
});
