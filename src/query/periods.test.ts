import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { lifecycleRequestSchema } from '../contract/lifecycle.ts';
import type { QueryRequest } from '../contract/query.ts';
import { queryRequestSchema } from '../contract/query.ts';
import { type RetentionAnswer, retentionRequestSchema } from '../contract/retention.ts';
import { stickinessRequestSchema } from '../contract/stickiness.ts';
import { ApiError } from '../event/errors.ts';
import { parseRequest } from '../http/parse-request.ts';
import {
  calendarOf,
  completenessOf,
  endsOf,
  extended,
  labelsOf,
  periodPlaceSql,
  startsBefore,
} from './periods.ts';
import { integerArray, sql, toStatement } from './sql.ts';
import { openTestWarehouse, type Row, type TestWarehouse, testService } from './testing/test-warehouse.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

const event = (project: string, user: string, timeMs: number, more: Row = {}): Row => ({
  project,
  id: `${project}-${user}-${timeMs}`,
  user_id: user,
  time: timeMs,
  received_at: timeMs,
  type: 'visit',
  properties: '{}',
  ...more,
});

const ask = <Request extends QueryRequest>(project: string, request: Request, nowMs = NOW_MS) =>
  testService(bench, { nowMs }).query(project, request);

const retention = (project: string, request: object, nowMs = NOW_MS): Promise<RetentionAnswer> =>
  ask(project, retentionRequestSchema.parse({ kind: 'retention', ...request }), nowMs);

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

test('the calendar has the whole periods that a range touches, up to the running one', () => {
  const now = at('2026-10-26T12:00:00+01:00');
  const range = { fromMs: at('2026-10-24T23:30:00+02:00'), toMs: now + 30 * DAY_MS };
  const days = calendarOf('day', range, 'Europe/Berlin', now);
  assert.deepEqual(labelsOf(days), [
    '2026-10-24T00:00:00+02:00',
    '2026-10-25T00:00:00+02:00',
    '2026-10-26T00:00:00+01:00',
  ]);
  assert.deepEqual(completenessOf(days, now), [true, true, false]);
  assert.deepEqual(completenessOf(days, days.endMs), [true, true, true]);
  assert.deepEqual(
    endsOf(days).map((endMs, index) => (endMs - (days.starts[index] ?? 0)) / 3_600_000),
    [24, 25, 24],
  );
  const months = calendarOf('month', range, 'Europe/Berlin', now);
  assert.deepEqual(labelsOf(months), ['2026-10-01T00:00:00+02:00']);
  assert.equal(extended(months, 2).endMs, at('2027-01-01T00:00:00+01:00'));
  assert.deepEqual(startsBefore(months, 2), [
    at('2026-08-01T00:00:00+02:00'),
    at('2026-09-01T00:00:00+02:00'),
  ]);
  assert.deepEqual(calendarOf('day', { fromMs: now + 1, toMs: now + 2 }, 'UTC', now).starts, []);
});

test('the place of an instant among periods is the same by division and by search', async () => {
  const day = at('2026-10-20T00:00:00Z');
  const cases: Record<string, readonly number[]> = {
    'one, and what is before': [day - 1, day],
    'of one width': [day - 1, day, day + DAY_MS, day + 2 * DAY_MS],
    'of one width, before 1970': [-4 * DAY_MS - 1, -4 * DAY_MS, -3 * DAY_MS, -2 * DAY_MS],
    'of two widths': [day - 1, day, day + DAY_MS, day + DAY_MS + 82_800_000],
  };
  for (const [name, starts] of Object.entries(cases)) {
    const instants = starts.flatMap((ms) => [ms - DAY_MS * 3, ms - 1, ms, ms + 1, ms + DAY_MS * 9]);
    const { text, params } = toStatement(sql`SELECT ${periodPlaceSql(starts)} AS place
      FROM (SELECT fromUnixTimestamp64Milli(arrayJoin(${integerArray(instants)}), 'UTC') AS time, rowNumberInAllBlocks() AS row) ORDER BY row`);
    const { rows } = await bench.warehouse.query<{ place: number }>(text, params, { class: 'reader' });
    assert.deepEqual(
      rows.map(({ place }) => place),
      instants.map((ms) =>
        Math.max(
          0,
          starts.findLastIndex((start) => start <= ms),
        ),
      ),
      name,
    );
  }
});

test('a day that a zone skipped is no period', () => {
  const noon = at('2011-12-29T12:00:00-10:00');
  const days = calendarOf('day', { fromMs: noon, toMs: noon + 1 }, 'Pacific/Apia', NOW_MS);
  const more = extended(days, 2);
  assert.deepEqual(
    labelsOf(more).map((label) => label.slice(0, 10)),
    ['2011-12-29', '2011-12-31', '2012-01-01'],
  );
  assert.deepEqual(startsBefore({ ...days, starts: more.starts.slice(1) }, 2), [
    at('2011-12-28T00:00:00-10:00'),
    at('2011-12-29T00:00:00-10:00'),
  ]);
});

test('a project without events has empty cohorts, no rates and no actors', async () => {
  const range = { from: '2026-11-17', to: '2026-11-19' };
  const { series } = await retention('nobody', { range, periods: 1 });
  assert.deepEqual(
    series.map(({ size, cohorts, average }) => [
      size,
      cohorts.map(({ counts, rates }) => [counts, rates]),
      average,
    ]),
    [
      [
        0,
        [
          [
            [0, 0],
            [null, null],
          ],
          [
            [0, 0],
            [null, null],
          ],
        ],
        { sizes: [0, 0], rates: [null, null] },
      ],
    ],
  );
  assert.deepEqual((await retention('nobody', { range, by: ['country'] })).series, []);
  const lifecycle = await ask('nobody', lifecycleRequestSchema.parse({ kind: 'lifecycle', range }));
  assert.deepEqual(
    [lifecycle.actors.new, lifecycle.actors.active],
    [
      [0, 0],
      [0, 0],
    ],
  );
  const stickiness = await ask('nobody', stickinessRequestSchema.parse({ kind: 'stickiness', range }));
  assert.deepEqual([stickiness.actors, stickiness.histogram.mean], [0, null]);
  assert.deepEqual(stickiness.histogram.shares, [null, null]);
  assert.deepEqual(
    stickiness.windows.map(({ periods, ratios, ratio }) => [periods, ratios, ratio]),
    [
      [7, [null, null], null],
      [30, [null, null], null],
    ],
  );
});

test('all time of nothing is the running period', async () => {
  const { series, range } = await retention('nobody', { range: 'all time' });
  assert.deepEqual(
    series[0]?.cohorts.map(({ start, complete }) => [start, complete]),
    [['2026-11-20T00:00:00+00:00', false]],
  );
  assert.equal(range.to, '2026-11-21T00:00:00.000Z');
});

test('a range in the future has no periods', async () => {
  const range = { from: '2026-11-21', to: '2026-11-23' };
  const answer = await retention('nobody', { range });
  assert.deepEqual([answer.series[0]?.cohorts, answer.range.from], [[], '2026-11-21T00:00:00.000Z']);
  const lifecycle = await ask('nobody', lifecycleRequestSchema.parse({ kind: 'lifecycle', range }));
  assert.deepEqual([lifecycle.starts, lifecycle.actors.active], [[], []]);
  const stickiness = await ask('nobody', stickinessRequestSchema.parse({ kind: 'stickiness', range }));
  assert.deepEqual([stickiness.starts, stickiness.histogram.exactly, stickiness.actors], [[], [], 0]);
});

test('one actor, at the very edges of its days', async () => {
  const day = Date.UTC(2026, 10, 16);
  const times = [day - 1, day, day + DAY_MS - 1, day + 2 * DAY_MS];
  await bench.load(
    'events',
    times.map((timeMs) => event('edges', 'ada', timeMs)),
    1,
  );
  const ofCohorts = async (cohorts: string, from: string) =>
    (
      await retention('edges', { cohorts, range: { from, to: '2026-11-19' }, periods: 2 })
    ).series[0]?.cohorts.map(({ size, counts }) => [size, ...counts]);
  assert.deepEqual(await ofCohorts('first_ever', '2026-11-16'), [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, null],
  ]);
  assert.deepEqual(await ofCohorts('first_ever', '2026-11-15'), [
    [1, 1, 1, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, null],
  ]);
  assert.deepEqual(await ofCohorts('first_in_range', '2026-11-16'), [
    [1, 1, 0, 1],
    [0, 0, 0, 0],
    [0, 0, 0, null],
  ]);
  assert.deepEqual(await ofCohorts('recurring', '2026-11-16'), [
    [1, 1, 0, 1],
    [0, 0, 0, 0],
    [1, 1, 0, null],
  ]);
});

test('unbounded looks at everything up to now, rolling is the same, later events change nothing', async () => {
  const day = Date.UTC(2026, 10, 1);
  const times = [day, day + 10 * DAY_MS, NOW_MS + 5 * DAY_MS];
  await bench.load(
    'events',
    times.map((timeMs) => event('later', 'ada', timeMs)),
    2,
  );
  const range = { from: '2026-11-01', to: '2026-11-02' };
  const rates = async (mode: string) => {
    const answer = await retention('later', { range, mode, periods: 3 });
    return [answer.mode, answer.series[0]?.average.rates];
  };
  assert.deepEqual(await rates('n_day'), ['n_day', [1, 0, 0, 0]]);
  assert.deepEqual(await rates('unbounded'), ['unbounded', [1, 1, 1, 1]]);
  assert.deepEqual(await rates('rolling'), await rates('unbounded'));
  const { series } = await retention('later', { range, mode: 'unbounded', periods: 12 });
  assert.deepEqual(series[0]?.cohorts[0]?.counts, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
});

test('of start events of one instant the earlier record names the group, then the lesser text', async () => {
  const from = Date.UTC(2026, 10, 17);
  const start = (user: string, country: string) =>
    event('ties', user, from, { country, id: `${user}-${country}` });
  await bench.load('events', [start('ada', 'FR'), start('bob', 'IT'), start('bob', 'ES')], 10);
  await bench.load('events', [start('ada', 'DE')], 11);
  const { series } = await retention('ties', { by: ['country'], range: { from: '2026-11-17' } });
  assert.deepEqual(
    series.map(({ group, size }) => [group?.['country'], size]),
    [
      ['ES', 1],
      ['FR', 1],
    ],
  );
});

test('what a request cannot mean is refused with what would fit', async () => {
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [
      { kind: 'retention', range: { from: '2020-01-01' } },
      'range',
      /is 2,\d\d\d days; at most 1,000 are taken/u,
    ],
    [{ kind: 'lifecycle', range: { from: '1900-01-01' }, period: 'week' }, 'range', /weeks; at most 1,000/u],
    [{ kind: 'retention', periods: 401 }, 'periods', /must be at most 400/u],
    [
      { kind: 'retention', periods: 400, range: 'last 300 days' },
      'periods',
      /301 cohorts followed for 400 periods in 1 groups would be 120,701 numbers/u,
    ],
    [{ kind: 'retention', by: ['country'], top: 1000, range: 'last 30 days' }, 'top', /Take fewer groups/u],
    [{ kind: 'retention', period: 'year' }, 'period', /Use one of day, week, month/u],
    [{ kind: 'retention', mode: 'on' }, 'mode', /Use one of n_day, unbounded, rolling/u],
    [{ kind: 'retention', start: { types: [] } }, 'start.types', /must have at least 1 entry/u],
    [
      { kind: 'retention', return: { filter: { field: 'contry', op: 'exists' } } },
      'return.filter.field',
      /"contry" is not a field\. Did you mean "country"/u,
    ],
    [{ kind: 'retention', timezone: 'Europe/Berlino' }, 'timezone', /is not a time zone/u],
    [{ kind: 'lifecycle', look_back: '12h' }, 'look_back', /too short; at least 1d/u],
    [{ kind: 'lifecycle', look_back: 'long' }, 'look_back', /is not a duration/u],
    [{ kind: 'stickiness', windows: [7, 7] }, 'windows.1', /must differ/u],
    [{ kind: 'stickiness', windows: [1] }, 'windows.0', /must be at least 2/u],
    [{ kind: 'stickiness', by: ['country'] }, '', /"by" is not known here/u],
  ];
  for (const [request, path, message] of cases) {
    await assert.rejects(
      async () => ask('nobody', parseRequest(queryRequestSchema, request)),
      (error: unknown) => {
        assert.ok(error instanceof ApiError && error.code === 'invalid_request', String(error));
        const [problem] = error.details as { path: string; message: string }[];
        assert.equal(problem?.path, path);
        assert.match(problem?.message ?? '', message);
        return true;
      },
    );
  }
});

test('the SQL is shown on request, without anything that a user wrote', async () => {
  const { explain } = await retention('nobody', {
    explain: true,
    start: "sign'up",
    filter: { field: 'properties.plan', op: 'eq', value: 'p`lan' },
  });
  assert.match(explain?.sql ?? '', /FROM events WHERE project = \{p\d+:String\}/u);
  assert.doesNotMatch(explain?.sql ?? '', /sign|p`lan|nobody/u);
  assert.ok(Object.values(explain?.parameters ?? {}).includes('nobody'));
});
