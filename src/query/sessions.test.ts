import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { ApiError } from '../event/errors.ts';
import { parseRequest } from '../http/parse-request.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

/** What sessions and web analytics refuse, and what they answer where there is nothing or hardly anything. */

const NOW_MS = Date.UTC(2026, 10, 20, 12);

let bench: TestWarehouse;

before(async () => {
  bench = await openTestWarehouse();
  const row = { project: 'one', received_at: NOW_MS, user_id: 'u', session_id: 's', properties: '{}' };
  await bench.load(
    'events',
    [
      { ...row, id: 'a', type: 'page_view', page: '/', time: NOW_MS - 1_000 },
      { ...row, id: 'b', type: 'page_view', page: '/', time: NOW_MS - 1_000, session_id: '' },
      { ...row, id: 'c', type: 'page_view', page: '/', time: NOW_MS + 1_000, session_id: 'later' },
    ],
    1,
  );
});
after(() => bench.close());

const ask = (project: string, request: Record<string, unknown>) =>
  testService(bench, { nowMs: NOW_MS }).query(
    project,
    parseRequest(queryRequestSchema, request) as Extract<QueryRequest, { kind: 'sessions' | 'web' }>,
  );

const REFUSED: readonly (readonly [Record<string, unknown>, string, RegExp])[] = [
  [{ kind: 'sessions', interval: '10s', range: 'last 2 days' }, 'interval', /buckets/],
  [
    { kind: 'sessions', interval: '1h', range: 'last 300 days', by: ['country'], top: 50 },
    'top',
    /numbers, 9 a bucket/,
  ],
  [{ kind: 'sessions', by: ['timestamp'] }, 'by.0', /is a time/],
  [{ kind: 'sessions', pages: 1_000 }, 'pages', /at most 200/],
  [{ kind: 'sessions', live_minutes: 0 }, 'live_minutes', /at least 1/],
  [{ kind: 'sessions', views: { filter: { field: 'pag', op: 'exists' } } }, 'views.filter.field', /"page"/],
  [{ kind: 'web', filter: { field: 'contry', op: 'exists' } }, 'filter.field', /"country"/],
  [{ kind: 'web', top: 0 }, 'top', /at least 1/],
  [{ kind: 'web', top_of: { pages: 201 } }, 'top_of.pages', /at most 200/],
  [{ kind: 'web', interval: '15m', range: 'last 90 days' }, 'interval', /numbers; at most 90,000/],
  [{ kind: 'web', only: { channels: [] } }, 'only.channels', /at least 1|too small/i],
  [{ kind: 'web', only: { page: ['/'] } }, 'only', /page/],
  [{ kind: 'web', timezone: 'Mars' }, 'timezone', /is not a time zone/],
  [{ kind: 'web', range: { from: '1900-01-02', to: '1950-01-01' } }, 'compare', /outside the years/],
];

for (const [request, path, message] of REFUSED)
  test(`refuses ${JSON.stringify(request)}`, async () => {
    // Some mistakes are found while the request is read.
    const asking = async () => ask('one', request);
    await assert.rejects(asking, (error) => {
      assert.ok(error instanceof ApiError && error.code === 'invalid_request', String(error));
      const problems = error.details as { path: string; message: string }[];
      assert.ok(
        problems.some((problem) => problem.path === path && message.test(problem.message)),
        JSON.stringify(problems),
      );
      return true;
    });
  });

const NOTHING = {
  sessions: 0,
  bounces: 0,
  bounce_rate: null,
  views_per_session: null,
  duration_avg_ms: null,
};

for (const [project, range] of [
  ['none', 'last 7 days'],
  ['none', 'all time'],
  ['one', { from: '2020-01-01', to: '2020-01-02' }],
] as const)
  test(`nothing in ${project}, ${JSON.stringify(range)}`, async () => {
    const sessions = await ask(project, { kind: 'sessions', range, interval: 'total' });
    assert.ok(sessions.kind === 'sessions');
    const { total, series } = sessions;
    assert.deepEqual({ ...NOTHING, ...total }, total);
    assert.deepEqual([series.length, series[0]?.total, series[0]?.values.sessions], [1, total, [0]]);
    assert.deepEqual([sessions.entry_pages, sessions.exit_pages], [[], []]);
    const broken = await ask(project, { kind: 'sessions', range, interval: 'total', by: ['country'] });
    assert.ok(broken.kind === 'sessions');
    assert.deepEqual(broken.series, []);
    const web = await ask(project, { kind: 'web', range });
    assert.ok(web.kind === 'web');
    assert.deepEqual({ ...NOTHING, ...web.total }, web.total);
    assert.deepEqual(Object.values(web.lists).flat(), []);
  });

test('one session; events without a session and of the future', async () => {
  const sessions = await ask('one', { kind: 'sessions', range: 'last 1 hour', interval: 'total' });
  assert.ok(sessions.kind === 'sessions');
  // The range ends with the 10 seconds that are running.
  assert.deepEqual([sessions.total.sessions, sessions.total.duration_median_ms], [2, 0]);
  assert.deepEqual(sessions.live, { minutes: 5, sessions: 1, users: 1 });
  const without = await ask('one', { kind: 'sessions', range: 'last 1 hour', pages: 0 });
  assert.ok(without.kind === 'sessions');
  assert.deepEqual([without.entry_pages, without.exit_pages], [[], []]);
});
