import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import {
  type MetricAnswer,
  type MetricDefinition,
  metricRequestSchema,
  newMetricSchema,
} from '../contract/metrics.ts';
import { trendRequestSchema } from '../contract/trend.ts';
import { ApiError } from '../event/errors.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { writeTable } from '../table/format.ts';
import { tabulator } from './insights.ts';
import { checkMetric } from './metric-check.ts';
import { namesPeople } from './personal-kinds.ts';
import type { CohortSource, MetricSource, SavedMetric } from './ports.ts';
import { parseRequest } from '../http/parse-request.ts';
import { openTestWarehouse, type Row, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import {
  filters,
  isNear,
  loadModelEvents,
  makeEvents,
  STRETCHES,
  TYPES,
  ZONES,
} from './testing/trend-data.ts';
import { EXAMPLES_NOW_MS, examplePage, loadExamples, rounded, shownOf } from './testing/worked-examples.ts';
import { apply, bucketOf, expand, holds, type ModelEvent, textOf } from './testing/trend-model.ts';

const SEED = testSeed();
const EVENTS = 1_200;
const QUESTIONS = 40;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED), EVENTS);

before(async () => {
  bench = await openTestWarehouse();
  await loadModelEvents(bench, events, NOW_MS);
});
after(() => bench.close());

const metric = (part: object, version = 1): SavedMetric => {
  const definition = newMetricSchema.parse({ name: 'm', title: 'M', ...part });
  checkMetric(definition);
  return {
    ...{ id: 'met_1', project: 'mine', version, definition },
    ...{ createdAtMs: 0, updatedAtMs: 0, updatedBy: 'ada' },
  };
};

const sourceOf = (saved: SavedMetric | undefined): MetricSource => ({
  metricOf: async (project, name) =>
    saved?.project === project && [saved.id, saved.definition.name].includes(name) ? saved : undefined,
});

const asking = (part: object = {}) =>
  metricRequestSchema.parse({ kind: 'metric', metric: 'm', range: 'last 24 hours', ...part });

const ask = (
  saved: SavedMetric | undefined,
  part: object = {},
  service: object = {},
): Promise<MetricAnswer> =>
  testService(bench, { nowMs: NOW_MS, metrics: sourceOf(saved), ...service }).query('mine', asking(part));

const fails = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ApiError, String(error));
  assert.deepEqual([error.code, message.test(error.message)], ['invalid_request', true], error.message);
  return true;
};

/** Windows with how far ranges go, and the steps of those that slide. */
const WINDOWS = [
  [{ kind: 'tumbling', size: '10s' }, HOUR_MS],
  [{ kind: 'tumbling', size: '15m' }, DAY_MS],
  [{ kind: 'tumbling', size: '1d' }, 20 * DAY_MS],
  [{ kind: 'tumbling', size: '1w' }, 60 * DAY_MS],
  [{ kind: 'tumbling', size: '1M' }, 300 * DAY_MS],
  [{ kind: 'sliding', size: '5m', every: '30s' }, HOUR_MS, 10],
  [{ kind: 'sliding', size: '6h', every: '1h' }, 3 * DAY_MS, 6],
  [{ kind: 'sliding', size: '7d', every: '1d' }, 20 * DAY_MS, 7],
  [{ kind: 'cumulative', every: '15m' }, DAY_MS],
  [{ kind: 'cumulative', every: '1d' }, 20 * DAY_MS],
] as const;

const measures = fc.constantFrom(
  'count' as const,
  'unique_users' as const,
  ...(['sum', 'avg', 'max'] as const).map((kind) => ({ kind, of: 'properties.n' })),
  { kind: 'sum' as const, of: 'value' },
  { kind: 'rate' as const, per: 'hour' as const },
);

const typesArbitrary = fc.option(fc.subarray(TYPES, { minLength: 1 }), { nil: undefined });
const filterArbitrary = fc.option(filters, { nil: undefined, freq: 1 });

const questions = fc.record({
  window: fc.constantFrom(...WINDOWS),
  measure: measures,
  types: typesArbitrary,
  selected: filterArbitrary,
  own: filterArbitrary,
  filter: filterArbitrary,
  zone: fc.constantFrom(...ZONES),
  isOtherZone: fc.boolean(),
  start: fc.tuple(fc.constantFrom(...STRETCHES), fc.integer({ min: -DAY_MS, max: 4 * DAY_MS })),
  length: fc.double({ min: 0.01, max: 1, noNaN: true }),
  isBroken: fc.boolean(),
});
type Question = typeof questions extends fc.Arbitrary<infer Made> ? Made : never;

const stepOf = (window: Question['window'][0]): string =>
  'size' in window && !('every' in window) ? window.size : window.every;

/** Where each window begins and ends, written down naively: by looking for the beginning of the bucket before. */
const windowsOf = (question: Question, fromMs: number, toMs: number): [from: number, to: number][] => {
  const [window, , steps = 1] = question.window;
  const startOf = (ms: number): number => bucketOf(ms, stepOf(window), question.zone);
  const starts: number[] = [];
  for (let ms = toMs - 1; starts.length === 0 || (starts[0] ?? 0) > fromMs; ms = (starts[0] ?? 0) - 1)
    starts.unshift(startOf(ms));
  const endAfter = (ms: number): number => {
    let [low, high] = [ms, ms + 40 * DAY_MS];
    while (low + 1 < high) {
      const middle = Math.floor((low + high) / 2);
      if (startOf(middle) === ms) low = middle;
      else high = middle;
    }
    return high;
  };
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? endAfter(start);
    if (window.kind === 'cumulative') return [fromMs, end];
    let first = start;
    for (let step = 1; step < steps; step++) first = startOf(first - 1);
    return [first, end];
  });
};

const check = (answer: MetricAnswer, question: Question, fromMs: number, toMs: number): void => {
  const [window] = question.window;
  const windows = windowsOf(question, fromMs, toMs);
  assert.deepEqual(
    answer.windows.map(({ from, to }) => [Date.parse(from), Date.parse(to)]),
    windows,
  );
  for (const { to, final, closes_at: closesAt } of answer.windows) {
    assert.equal(Date.parse(closesAt), Date.parse(to) + DAY_MS + MINUTE_MS);
    assert.equal(final, Date.parse(closesAt) <= NOW_MS);
  }
  const measure = expand(question.measure);
  const isRate = typeof question.measure === 'object' && question.measure.kind === 'rate';
  const counts = (event: ModelEvent): boolean =>
    event.project === 'mine' &&
    (question.types === undefined || question.types.includes(event.type)) &&
    [question.selected, question.own, question.filter].every(
      (filter) => filter === undefined || holds(filter, event),
    );
  const counted = events.filter(counts);
  const checkSeries = (values: readonly (number | null)[], of: readonly ModelEvent[], what: string): void =>
    windows.forEach(([from, to], index) => {
      // What slides reaches back behind the range; of the others the range shows a part.
      const [low, high] =
        window.kind === 'sliding' ? [from, to] : [Math.max(from, fromMs), Math.min(to, toMs)];
      const expected = apply(
        measure,
        of.filter(({ timeMs }) => timeMs >= low && timeMs < high),
      );
      const wanted = isRate && expected !== null ? (expected * HOUR_MS) / (high - low) : expected;
      const found = values[index] ?? null;
      assert.ok(isNear(found, wanted, 1e-9), `${what} window ${index}: ${found}, expected ${wanted}`);
    });
  const isMoney = 'of' in measure && measure.of === 'value';
  if (!isMoney) {
    assert.deepEqual(
      answer.series.map(({ id }) => id),
      ['A'],
    );
    checkSeries(answer.series[0]?.values ?? [], counted, 'A');
    return;
  }
  for (const { currency, values } of answer.series)
    checkSeries(
      values,
      counted.filter((event) => textOf(event, 'currency') === currency),
      String(currency),
    );
};

test(`every window of the clock means what a naive model says (seed ${SEED})`, {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(questions, async (question) => {
      const [window, longest] = question.window;
      const { zone, types, selected, own, measure } = question;
      const saved = metric({
        window,
        events: { types, filter: selected },
        measures: [{ measure, filter: own }],
        timezone: question.isOtherZone ? 'Asia/Tokyo' : zone,
      });
      const rough = question.start[0] + question.start[1];
      const whole = (ms: number): number => (question.isBroken ? ms : Math.floor(ms / 10_000) * 10_000);
      const fromMs = whole(rough);
      const toMs = Math.max(whole(fromMs + Math.ceil(question.length * longest)), fromMs + 10_000);
      const answer = await ask(saved, {
        ...{ range: { from: fromMs, to: toMs }, filter: question.filter },
        ...(question.isOtherZone ? { timezone: zone } : {}),
      });
      // What slides ends where a step ends.
      const isSliding = window.kind === 'sliding';
      const asked = isSliding ? [Date.parse(answer.range.from), Date.parse(answer.range.to)] : [fromMs, toMs];
      check(answer, question, asked[0] ?? fromMs, asked[1] ?? toMs);
      assert.deepEqual([answer.kind, answer.metric.id, answer.metric.window], ['metric', 'met_1', window]);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

const ORDERS: Partial<MetricDefinition> & object = {
  unit: 'EUR',
  events: 'purchase',
  measures: [
    { name: 'Revenue', measure: { kind: 'sum', of: 'value' }, hidden: false },
    { name: 'Buyers', measure: 'unique_users', hidden: true },
  ],
  formula: [{ name: 'Per buyer', formula: 'A / B' }],
  dimensions: ['country', 'properties.plan'],
  window: { kind: 'tumbling', size: '1h' },
  timezone: 'Europe/Berlin',
};
const [AUTUMN = 0] = STRETCHES.slice(1);
const RANGE = { from: AUTUMN, to: AUTUMN + 3 * DAY_MS };

test('a metric answers what the trend does that it stands for, with everything that trends can', async () => {
  const saved = metric(ORDERS);
  const service = testService(bench, { nowMs: NOW_MS, metrics: sourceOf(saved) });
  const filter = { field: 'properties.n', op: 'gt', value: 0 };
  const more = {
    ...{ range: RANGE, by: ['country'], top: 2, filter, interval: '1d', compare: 'previous_week' },
    smooth: { moving_average: 2 },
  };
  const answer = await service.query('mine', asking({ ...more, explain: true }));
  const { measures: series, formula, timezone } = saved.definition;
  const trend = await service.query(
    'mine',
    trendRequestSchema.parse({ kind: 'trend', ...more, types: ['purchase'], series, formula, timezone }),
  );
  for (const part of ['buckets', 'series', 'compared', 'incomplete', 'range', 'interval'] as const)
    assert.deepEqual(answer[part], trend[part]);
  assert.ok(answer.series.length > 0);
  assert.ok((answer.explain?.statements?.length ?? 0) > 1);
  assert.deepEqual(answer.metric, {
    ...{ id: 'met_1', name: 'm', title: 'M', unit: 'EUR', version: 1, window: ORDERS.window },
  });
  const request = asking(more);
  const file = writeTable(tabulator(request)(answer), 'csv', 'name');
  const [head = '', first = ''] = String(file.body).split('\r\n');
  assert.match(
    head,
    /^bucket,series,name,country,other,currency,value,compared_bucket,compared_value,final,closes_at$/u,
  );
  assert.match(first, /,true,2026-10-25T22:01:00\.000Z$/u);
});

test('the interval of a question is that of the window, or a longer one', async () => {
  const hourly = metric(ORDERS);
  const intervalOf = async (saved: SavedMetric, interval?: string) =>
    (await ask(saved, { range: RANGE, ...(interval === undefined ? {} : { interval }) })).interval;
  assert.equal(await intervalOf(hourly), '1h');
  assert.equal(await intervalOf(hourly, 'auto'), '1h');
  assert.equal(await intervalOf(hourly, '1w'), '1w');
  assert.equal(await intervalOf(hourly, 'total'), 'total');
  assert.equal(await intervalOf(metric({ window: { kind: 'tumbling', size: '10s' } }), 'auto'), '1h');
  assert.equal(await intervalOf(metric({ window: { kind: 'cumulative', every: '15m' } }), 'auto'), '1h');
  const sliding = metric({ window: { kind: 'sliding', size: '1h', every: '1m' } });
  assert.equal(await intervalOf(sliding, 'auto'), '1h');
  assert.equal(await intervalOf(sliding, '5m'), '5m');
  await assert.rejects(
    intervalOf(hourly, '15m'),
    fails(/interval: "m" has no windows of 15m: ask for one of 1h, 1d, 1w, 1M, total/u),
  );
  await assert.rejects(
    intervalOf(sliding, '1d'),
    fails(/no windows of 1d: ask for one of 1m, 5m, 15m, 1h, or/u),
  );
  await assert.rejects(intervalOf(sliding, 'total'), fails(/"m" slides: ask for one of 1m, 5m, 15m, 1h\./u));
});

test('a metric is broken down by its dimensions only, whatever they are called', async () => {
  const saved = metric(ORDERS);
  const answer = await ask(saved, {
    range: RANGE,
    by: ['context.country', 'properties.plan'],
    interval: 'total',
  });
  assert.ok(answer.series.some(({ group }) => group?.['context.country'] !== undefined));
  await assert.rejects(
    ask(saved, { by: ['user_id'] }),
    fails(/by\.0: "user_id" is no dimension of "m"\. Its dimensions are country, properties\.plan\. Add it/u),
  );
  await assert.rejects(ask(metric({}), { by: ['country'] }), fails(/It has none\. Add it/u));
  assert.ok(namesPeople(asking({ by: ['user_id'] })), 'a break-down by people names them');
});

test('a metric that is not there, of another project, or removed is refused', async () => {
  const gone = fails(
    /metric: There is no metric "m" in this project\. GET \/api\/metric-definitions lists them/u,
  );
  await assert.rejects(ask(undefined), gone);
  await assert.rejects(ask({ ...metric({}), project: 'other' }), gone);
  assert.equal((await ask(metric({}), { metric: 'met_1' })).metric.name, 'm');
});

const SESSIONS = {
  events: { types: ['purchase', 'page_view'] },
  measures: [
    { name: 'Events', measure: 'count' },
    { name: 'Spent', measure: { kind: 'sum', of: 'value' } },
  ],
  window: { kind: 'session', gap: '30m' },
  timezone: 'Europe/Berlin',
};

/** The sessions of users, written down naively. */
const sessionsOf = (gapMs: number): ModelEvent[][] => {
  const counted = events
    .filter(
      ({ project, type, user_id: id }) =>
        project === 'mine' && id !== '' && SESSIONS.events.types.includes(type),
    )
    .sort((a, b) => a.timeMs - b.timeMs);
  const byUser = Map.groupBy(counted, ({ user_id: id }) => id);
  return [...byUser.values()].flatMap((own) => {
    const sessions: ModelEvent[][] = [];
    for (const event of own) {
      const last = sessions.at(-1)?.at(-1);
      if (last !== undefined && event.timeMs - last.timeMs <= gapMs) sessions.at(-1)?.push(event);
      else sessions.push([event]);
    }
    return sessions;
  });
};

test(`windows of sessions are put together by the bucket that they begin in (seed ${SEED})`, async () => {
  const saved = metric(SESSIONS);
  const all = sessionsOf(HOUR_MS / 2);
  const put = {
    avg: (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length,
    sum: (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0),
    max: (numbers: readonly number[]) => Math.max(...numbers),
  };
  for (const summary of [undefined, 'sum', 'max'] as const) {
    const answer = await ask(saved, { range: RANGE, interval: '1d', summary, explain: true }, { next: 3 });
    assert.deepEqual([answer.source, answer.as_of], ['events', '2']);
    assert.match(answer.explain?.sql ?? '', /SELECT/u);
    const line = (id: string, currency?: string) =>
      answer.series.find((each) => each.id === id && each.currency === currency)?.values ?? [];
    answer.windows.forEach(({ from, to }, index) => {
      const [fromMs, toMs] = [Math.max(Date.parse(from), RANGE.from), Math.min(Date.parse(to), RANGE.to)];
      const begun = all.filter(
        ([first]) => first !== undefined && first.timeMs >= fromMs && first.timeMs < toMs,
      );
      assert.equal(line('windows')[index], begun.length);
      const near = (found: number | null | undefined, numbers: readonly number[], what: string): void => {
        const wanted = numbers.length === 0 ? null : put[summary ?? 'avg'](numbers);
        assert.ok(isNear(found ?? null, wanted, 1e-9), `${what} ${index}: ${found}, expected ${wanted}`);
      };
      near(
        line('A')[index],
        begun.map((session) => session.length),
        'events',
      );
      near(
        line('duration')[index],
        begun.map((session) => ((session.at(-1)?.timeMs ?? 0) - (session[0]?.timeMs ?? 0)) / 1_000),
        'duration',
      );
      const spent = begun
        .map((session) => session.filter(({ micros, currency }) => micros !== null && currency === 'EUR'))
        .filter((session) => session.length > 0)
        .map((session) => apply({ kind: 'sum', of: 'value' }, session) ?? 0);
      near(line('B', 'EUR')[index], spent, 'spent');
    });
    const file = writeTable(tabulator(asking({}))(answer), 'csv', 'name');
    assert.match(String(file.body), /^bucket,series,name,currency,value,final,closes_at\r\n/u);
  }
});

test('what cannot be asked of windows that are there already is refused', async () => {
  const saved = metric({ ...SESSIONS, window: { kind: 'count', every: 10 } });
  for (const [part, message] of [
    [{ filter: { field: 'country', op: 'exists' } }, /filter: is not for windows of kind "count"/u],
    [{ compare: 'previous_day' }, /compare: is not for/u],
    [{ smooth: { moving_average: 2 } }, /smooth: is not for/u],
    [{ source: 'events' }, /source: is not for/u],
    [{ by: ['country'] }, /by\.0: "country" is no dimension/u],
  ] as const)
    await assert.rejects(ask(saved, part), fails(message));
  await assert.rejects(
    ask(metric(ORDERS), { summary: 'max' }),
    fails(/summary: is for windows of sessions/u),
  );
});

test('a window is final when no live event of it may come any more', async () => {
  const saved = metric({ window: { kind: 'tumbling', size: '1h' } });
  const hour = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;
  const lastFinal = async (service: object = {}, part: object = {}): Promise<number | undefined> => {
    const { windows } = await ask(saved, { range: 'last 48 hours', ...part }, service);
    assert.deepEqual(
      [...windows].sort((a, b) => Number(b.final) - Number(a.final)),
      windows,
    );
    const last = windows.findLast(({ final }) => final);
    return last === undefined ? undefined : Date.parse(last.to);
  };
  assert.equal(await lastFinal(), hour(NOW_MS - DAY_MS) - HOUR_MS);
  const nowMs = NOW_MS + MINUTE_MS;
  assert.equal(await lastFinal({ nowMs }), hour(NOW_MS - DAY_MS));
  assert.equal(await lastFinal({ staleLimitMs: 2 * HOUR_MS }), hour(NOW_MS) - 3 * HOUR_MS);
  // Events that were received and are not loaded keep it open, if they were received before it closes.
  const waiting = (minute: number) => ({ nowMs, pending: () => [{ minute, events: 3 }] });
  assert.equal(await lastFinal(waiting(nowMs - 10_000)), hour(NOW_MS - DAY_MS) - HOUR_MS);
  assert.equal(await lastFinal(waiting(hour(NOW_MS) + MINUTE_MS)), hour(NOW_MS - DAY_MS));
  assert.equal(await lastFinal(waiting(nowMs - 60 * HOUR_MS)), undefined);
});

test('as of a position a window is final if what was received before it closed is seen', async () => {
  const saved = metric({ window: { kind: 'tumbling', size: '1h' } });
  const logged = (position: number, atMs: number): [Row[], number] => [
    [{ raw_position: position, logged_at: atMs, decided_at: atMs, rows: 1, stored: 1 }],
    position,
  ];
  await bench.load('records', ...logged(1_000, NOW_MS - 30 * HOUR_MS));
  await bench.load('records', ...logged(1_001, NOW_MS - 10 * HOUR_MS));
  const lastFinal = async (asOf: string): Promise<number> => {
    const part = { range: 'last 72 hours', as_of: asOf };
    const { windows } = await ask(saved, part, { next: 1_002 });
    return Date.parse(windows.findLast(({ final }) => final)?.to ?? '');
  };
  const closedBefore = (ms: number): number => Math.floor((ms - DAY_MS - MINUTE_MS) / HOUR_MS) * HOUR_MS;
  assert.equal(await lastFinal('1001'), closedBefore(NOW_MS));
  assert.equal(await lastFinal('1000'), closedBefore(NOW_MS - 10 * HOUR_MS));
  assert.equal(await lastFinal('999'), closedBefore(NOW_MS - 30 * HOUR_MS));
});

test('while it is changed and removed, every answer is that of the version that it names', async () => {
  const sizes = ['15m', '1h', '1d'] as const;
  let saved: SavedMetric | undefined = metric({ window: { kind: 'tumbling', size: sizes[0] } });
  const service = testService(bench, {
    ...{ nowMs: NOW_MS, cacheBytesMax: 10_000_000 },
    metrics: { metricOf: async () => saved },
  });
  const asked: Promise<MetricAnswer>[] = [];
  for (let version = 1; version <= 12; version++) {
    saved = metric({ window: { kind: 'tumbling', size: sizes[version % 3] } }, version);
    asked.push(
      service.query('mine', asking({ range: RANGE })),
      service.query('mine', asking({ range: RANGE })),
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  saved = undefined;
  await assert.rejects(service.query('mine', asking({ range: RANGE })), fails(/There is no metric/u));
  const versions = await Promise.all(asked);
  for (const {
    metric: { version, window },
    interval,
  } of versions)
    assert.deepEqual(
      [window, interval],
      [{ kind: 'tumbling', size: sizes[version % 3] }, sizes[version % 3]],
    );
  assert.ok(new Set(versions.map(({ metric: { version } }) => version)).size > 1);
});

test('cohorts of a definition are looked up, and the answer is kept until it may be another one', async () => {
  const saved = metric({
    events: { filter: { op: 'in_cohort', cohort: 'coh_1' } },
    window: { kind: 'tumbling', size: '1d' },
  });
  const cohorts: CohortSource = {
    treeOf: async (_project, id) =>
      id === 'coh_1'
        ? {
            definition: {
              match: 'all',
              criteria: [{ kind: 'did', event: { types: ['purchase'] }, at_least: 1 }],
            },
            ...{ frozen: null, nested: {} },
          }
        : undefined,
  };
  const service = testService(bench, {
    ...{ nowMs: NOW_MS, metrics: sourceOf(saved), cohorts, cacheBytesMax: 1_000_000 },
  });
  const first = await service.query('mine', asking({ range: RANGE }));
  const buyers = new Set(
    events
      .filter(({ project, type }) => project === 'mine' && type === 'purchase')
      .map(({ user_id: id }) => id),
  );
  const expected = events.filter(
    ({ project, user_id: id, timeMs }) =>
      project === 'mine' && id !== '' && buyers.has(id) && timeMs >= RANGE.from && timeMs < RANGE.to,
  );
  assert.equal(first.series[0]?.total, expected.length);
  const again = await service.query('mine', asking({ range: RANGE }));
  assert.equal(again.statistics.cached, true);
  await assert.rejects(ask(saved, {}), fails(/cohort: There is no cohort "coh_1"/u));
});

test('the examples of docs/metrics.md', async () => {
  const page = examplePage('../metrics.md');
  await loadExamples(bench, page, 900);
  const saved = page.metrics.map((definition) => ({
    ...metric(definition),
    ...{ id: `met_${String(definition['name'])}`, project: page.name },
  }));
  const service = testService(bench, {
    nowMs: EXAMPLES_NOW_MS,
    metrics: { metricOf: async (_, name) => saved.find(({ definition }) => definition.name === name) },
  });
  assert.equal(page.examples.length, saved.length);
  for (const example of page.examples) {
    const given = await service.query(page.name, parseRequest(metricRequestSchema, example.request));
    assert.deepEqual(shownOf(given, example), rounded(example.answer));
  }
});
