import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MetricWindowsAnswer } from '../contract/metric-windows.ts';
import type { KeyedWindow } from '../contract/metrics.ts';
import { queryRequestSchema } from '../contract/query.ts';
import { ApiError } from '../event/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { WindowStore } from '../process/windows/window-store.ts';
import { WindowWorker } from '../process/windows/window-worker.ts';
import { writeTable } from '../table/format.ts';
import { modelCounts, type ModelEvent, modelSessions, type ModelWindow } from '../window/testing/model.ts';
import { axisOf } from './buckets.ts';
import { Inquiry } from './insight.ts';
import type { KeyedMetric } from './metric-windows.ts';
import { tabulator } from './insights.ts';
import { parseRequest } from '../http/parse-request.ts';
import { noPropertyColumns, type SavedMetric } from './ports.ts';
import { loadedUpTo, openTestWarehouse, testService, type TestWarehouse } from './testing/test-warehouse.ts';
import { listWindows, readWindowSeries, windowMetricOf } from './window-reading.ts';

const TIME_MS = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GAP_MS = 10 * MINUTE_MS;
const POSITIONS = 16;
const RANGE = { fromMs: TIME_MS + HOUR_MS, toMs: TIME_MS + 4 * HOUR_MS };
const MICRO = 1_000_000;

const SEED = testSeed();
const random = new SeededRandom(SEED);

let world: TestWarehouse;
let stored: readonly ModelEvent[] = [];
before(async () => {
  world = await openTestWarehouse();
  stored = await loadEvents();
});
after(() => world.close());

const metricOf = (id: string, window: KeyedWindow, more: object = {}): KeyedMetric => ({
  ...{ id, project: 'p', version: 1, createdAtMs: 0, updatedAtMs: 0, updatedBy: 'ada' },
  definition: {
    ...{ name: id, title: id, description: '', unit: '', dimensions: [], timezone: 'UTC', rollup: 'auto' },
    events: { types: ['order'] },
    measures: [
      { measure: 'count', hidden: false },
      { measure: { kind: 'sum', of: 'value' }, hidden: false },
      { measure: { kind: 'max', of: 'value' }, hidden: false },
    ],
    window,
    ...more,
  },
});

const inquiryOf = (next: number, asOf?: number): Inquiry =>
  new Inquiry({
    project: 'p',
    standing: { ...loadedUpTo(next), pending: [], nowMs: TIME_MS },
    pinned: asOf === undefined ? undefined : { position: asOf, atMs: undefined },
    columns: noPropertyColumns,
    read: ({ text, params }) => world.warehouse.query(text, params),
    elapsedMs: () => 0,
    staleLimitMs: HOUR_MS,
  });

const loadEvents = async (): Promise<ModelEvent[]> => {
  const all: ModelEvent[] = [];
  for (let position = 0; position < POSITIONS; position++) {
    const events = Array.from({ length: 1 + random.below(8) }, (_, index): ModelEvent => {
      const lateMs = random.chance(0.2) ? random.below(3 * HOUR_MS) : 0;
      return {
        ...{ key: `u${random.below(5)}`, position, id: `${position}-${index}` },
        timeMs: TIME_MS + position * 15 * MINUTE_MS + random.below(15 * MINUTE_MS) - lateMs,
        amount: random.chance(0.5) ? BigInt(random.below(1_000) * MICRO) : null,
        currency: random.chance(0.5) ? 'EUR' : '',
      };
    });
    all.push(...events);
    await world.load(
      'events',
      events.map(({ key, id, timeMs, amount, currency }) => ({
        ...{ project: 'p', id, time: timeMs, type: 'order', user_id: key, currency },
        received_at: TIME_MS + position * 15 * MINUTE_MS,
        value: amount === null ? null : String(Number(amount) / MICRO),
      })),
      position,
    );
  }
  return all;
};

/** What the windows of a model are as they are listed. */
const listOf = (windows: readonly ModelWindow[]) =>
  windows
    .filter(({ startMs }) => startMs >= RANGE.fromMs && startMs < RANGE.toMs)
    .map(({ key, startMs, endMs, events, tallies }) => ({
      ...{ key, startMs, endMs, events },
      values: tallies.map(({ currency, count, sum, min, max }) => ({
        ...{ currency, count, sum: Number(sum) / MICRO },
        ...{ min: Number(min) / MICRO, max: Number(max) / MICRO },
      })),
    }))
    .map((window) => JSON.stringify(window))
    .sort();

test('windows are those of the events up to a position, whatever is kept of them', async () => {
  const sources = new Set<string>();
  for (const [id, window] of [
    ['sessions', { kind: 'session', gap: '10m', by: 'user_id' }],
    ['counts', { kind: 'count', every: 4, by: 'user_id' }],
    ['all', { kind: 'count', every: 9 }],
  ] as const) {
    const metric = metricOf(id, window);
    const worker = new WindowWorker({
      ...{
        metric: windowMetricOf(metric),
        store: new WindowStore(world.warehouse, AbortSignal.timeout(600_000)),
      },
      ...{ windowsMax: () => 3, latenessMs: () => HOUR_MS, clock: systemClock, telemetry: quietTelemetry() },
      stepEventsMax: 25,
    });
    const model = (asOf: number): ModelWindow[] => {
      const seen = stored.filter(({ position }) => position <= asOf);
      if (window.kind === 'session') return modelSessions(seen, GAP_MS);
      return modelCounts('by' in window ? seen : seen.map((event) => ({ ...event, key: '' })), window.every);
    };
    for (const kept of [0, POSITIONS / 2, POSITIONS]) {
      while ((worker.state.next ?? 0) < kept) await worker.step(kept);
      for (const asOf of kept === 0 ? [3, undefined] : [kept - 1, random.below(kept), undefined]) {
        const loaded = kept === POSITIONS ? kept : kept + 2_000; // so much that nobody waits for it
        const list = await listWindows(
          { metric, key: undefined, range: RANGE, limit: 1_000 },
          inquiryOf(loaded, asOf),
        );
        sources.add(list.source);
        const about = `seed ${SEED}, ${id}, as of ${asOf}, ${kept} kept, from ${list.source}`;
        const plain = list.result
          .map(({ key, startMs, endMs, events: n, values }) =>
            JSON.stringify({ key, startMs, endMs, events: n, values }),
          )
          .sort();
        assert.deepEqual(plain, listOf(model(asOf ?? list.asOf)), about);
        if (asOf !== undefined) assert.equal(list.asOf, asOf);
      }
    }
  }
  const nothing = await listWindows(
    { metric: metricOf('all', { kind: 'count', every: 9 }), key: undefined, range: RANGE, limit: 1 },
    inquiryOf(POSITIONS, -1),
  );
  assert.deepEqual(nothing, { result: [], asOf: -1, source: 'events' });
  assert.deepEqual([...sources].sort(), ['events', 'metric_windows']);
});

test('a series tells of the windows that begin in each bucket, and of which may change', async () => {
  const metric = metricOf('series', { kind: 'session', gap: '10m', by: 'user_id' });
  const axis = axisOf('1h', RANGE, 'UTC');
  const inquiry = inquiryOf(POSITIONS);
  const list = await listWindows({ metric, key: undefined, range: RANGE, limit: 1_000 }, inquiry);
  for (const summary of ['avg', 'sum', 'max', 'median'] as const) {
    const { result, source } = await readWindowSeries({ metric, range: RANGE, axis, summary }, inquiry);
    assert.equal(source, 'events'); // nothing is kept of this one
    const whole = result.counts.find(({ bucket }) => bucket === null);
    assert.equal(whole?.windows, list.result.length);
    assert.equal(whole?.open, list.result.filter(({ isOpen }) => isOpen).length);
    assert.ok(whole.open > 0 && whole.open < whole.windows);
    for (const { bucket, windows, open } of result.counts) {
      if (bucket === null) continue;
      const fromMs = RANGE.fromMs + bucket * HOUR_MS;
      const own = list.result.filter(({ startMs }) => startMs >= fromMs && startMs < fromMs + HOUR_MS);
      assert.deepEqual([windows, open], [own.length, own.filter(({ isOpen }) => isOpen).length]);
      const put = {
        avg: (all: readonly number[]) => all.reduce((a, b) => a + b, 0) / all.length,
        sum: (all: readonly number[]) => all.reduce((a, b) => a + b, 0),
        max: (all: readonly number[]) => Math.max(...all),
        median: (all: readonly number[]) => {
          const sorted = all.toSorted((a, b) => a - b);
          const at = (sorted.length - 1) / 2;
          return ((sorted[Math.floor(at)] ?? 0) + (sorted[Math.ceil(at)] ?? 0)) / 2;
        },
      }[summary];
      const near = (value: number | null | undefined, wanted: number) =>
        assert.ok(Math.abs((value ?? Number.NaN) - wanted) < 1e-6, `${summary}: ${value}, not ${wanted}`);
      near(
        result.durations.find((each) => each.bucket === bucket)?.ms,
        put(own.map(({ startMs, endMs }) => endMs - startMs)),
      );
      const of = (measure: number, currency?: string) =>
        result.values.find(
          (each) => each.bucket === bucket && each.measure === measure && each.currency === currency,
        )?.value;
      near(of(0), put(own.map((each) => each.events)));
      const euros = own.flatMap(({ values }) => values.filter(({ currency }) => currency === 'EUR'));
      if (euros.length > 0) near(of(1, 'EUR'), put(euros.map(({ sum }) => sum)));
      if (euros.length > 0) near(of(2, 'EUR'), put(euros.map(({ max }) => max)));
    }
  }
  const [one] = list.result;
  const ofKey = await listWindows({ metric, key: one?.key, range: RANGE, limit: 2 }, inquiry);
  assert.deepEqual(ofKey.result, list.result.filter(({ key }) => key === one?.key).slice(0, 2));
});

test('windows of properties take numbers, and events that move with the clock are refused', () => {
  const window: KeyedWindow = { kind: 'count', every: 2 };
  const moving = { types: ['order'], filter: { field: 'timestamp', op: 'gte', value: 'now-7d' } };
  assert.throws(
    () => windowMetricOf(metricOf('moving', window, { events: moving })),
    (error) => error instanceof ApiError && /must stand still/u.test(error.message),
  );
  const still = { types: ['order'], filter: { field: 'timestamp', op: 'gte', value: '2026-11-20' } };
  const of = { measures: [{ measure: { kind: 'avg', of: 'properties.n' }, hidden: false }], events: still };
  assert.match(windowMetricOf(metricOf('still', window, of)).statement.text, /JSONExtract/u);
});

test('single windows are listed as an answer and as a table, those that begin last first', async () => {
  const metric = metricOf('listed', { kind: 'session', gap: '10m', by: 'user_id' });
  const all = metricOf('everybody', { kind: 'count', every: 9 });
  const daily = { ...metric, definition: { ...metric.definition, window: { kind: 'tumbling', size: '1d' } } };
  const saved = new Map<string, SavedMetric>([
    ...[metric, all].map((each) => [each.id, each] as const),
    ['daily', daily as SavedMetric],
  ]);
  const service = testService(world, {
    ...{ nowMs: TIME_MS, next: POSITIONS, metrics: { metricOf: async (_, name) => saved.get(name) } },
  });
  const asking = (more: object) =>
    parseRequest(queryRequestSchema, {
      ...{ kind: 'metric_windows', metric: 'listed', range: { from: RANGE.fromMs, to: RANGE.toMs } },
      ...more,
    });
  const request = asking({ limit: 3, explain: true });
  const answer = (await service.query('p', request)) as MetricWindowsAnswer;
  const { result } = await listWindows(
    { metric, key: undefined, range: RANGE, limit: 3 },
    inquiryOf(POSITIONS),
  );
  assert.deepEqual(
    answer.windows.map(({ key, start, events, final }) => [key, Date.parse(start), events, !final]),
    result.map(({ key, startMs, events, isOpen }) => [key, startMs, events, isOpen]),
  );
  assert.deepEqual([answer.more, answer.as_of, answer.source], [true, String(POSITIONS - 1), 'events']);
  assert.match(answer.explain?.sql ?? '', /ORDER BY start DESC/u);
  const file = writeTable(tabulator(request)(answer), 'csv', 'name');
  const [head = '', ...lines] = String(file.body).trim().split('\r\n');
  assert.equal(head, 'key,start,end,events,final,currency,count,sum,avg,min,max');
  assert.equal(
    lines.length,
    answer.windows.reduce((sum, { measured }) => sum + Math.max(1, measured.length), 0),
  );
  const one = answer.windows[0]?.key;
  const own = (await service.query('p', asking({ key: one }))) as MetricWindowsAnswer;
  assert.ok(own.windows.length > 0 && own.windows.every(({ key }) => key === one) && !own.more);
  const ofAll = (await service.query('p', asking({ metric: 'everybody' }))) as MetricWindowsAnswer;
  assert.ok(ofAll.windows.length > 0 && ofAll.windows.every(({ key }) => key === null));
  const refused = (more: object, message: RegExp) =>
    assert.rejects(
      service.query('p', asking(more)),
      (error) => error instanceof ApiError && message.test(error.message),
    );
  await refused({ metric: 'daily' }, /has windows of the clock/u);
  await refused({ metric: 'everybody', key: 'ada' }, /key: "everybody" counts all events together/u);
  await refused({ metric: 'nothing' }, /There is no metric/u);
});
