import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventsAnswerSchema, quarantineAnswerSchema, traceAnswerSchema } from '../contract/events.ts';
import { funnelAnswerSchema, funnelUsersAnswerSchema } from '../contract/funnel.ts';
import { ledgerAnswerSchema } from '../contract/ledger.ts';
import { pathsAnswerSchema } from '../contract/paths.ts';
import { promotionAnswerSchema, propertiesAnswerSchema } from '../contract/properties.ts';
import { queryJobSchema } from '../contract/query-jobs.ts';
import { trendAnswerSchema } from '../contract/trend.ts';
import { userAnswerSchema, userProfileSchema, usersAnswerSchema } from '../contract/users.ts';
import { KEY_KINDS } from '../access/key-format.ts';
import { OPERATOR_PERMISSIONS, ROLE_PERMISSIONS } from '../access/permissions.ts';
import { permissionsOfKey, type Principal } from '../access/principal.ts';
import { createApp } from '../http/app.ts';
import { startTestServer } from '../http/testing/test-server.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { openPromotions } from '../warehouse/promotion.ts';
import { systemClock } from '../lib/clock.ts';
import { WarehouseError, type WarehouseErrorCode } from '../warehouse/warehouse-error.ts';
import { createAuditLog } from '../access/audit.ts';
import { AuditReads } from '../access/audit-reads.ts';
import { openCatalog } from '../catalog/catalog.ts';
import type { QueryWarehouse } from './ports.ts';
import { QueryJobs } from './jobs.ts';
import { registerQueryRoutes } from './routes.ts';
import { openTestJobStore } from './testing/job-store.ts';
import { openTestWarehouse, testService } from './testing/test-warehouse.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);

/** Keys of the form `<project>-<kind>`. The admin of `mine` administers all projects. */
const authenticator = {
  authenticate(key: string): Principal | undefined {
    const [project = '', kind = ''] = key.split('-');
    const actor = { kind: 'key', id: key, name: key } as const;
    if (kind === 'viewer')
      return { project, keyId: key, permissions: ROLE_PERMISSIONS.viewer, role: 'viewer', actor };
    if (!Object.hasOwn(KEY_KINDS, kind)) return undefined;
    const { scopes } = KEY_KINDS[kind as keyof typeof KEY_KINDS];
    const permissions = key === 'mine-admin' ? OPERATOR_PERMISSIONS : permissionsOfKey(project, scopes);
    return { project, keyId: key, permissions, role: null, actor };
  },
  stillHolds: () => false,
  refusalOf: () => 'unknown' as const,
};

const serve = async (t: TestContext) => {
  const bench = await openTestWarehouse();
  t.after(() => bench.close());
  const telemetry = quietTelemetry();
  const promotions = await openPromotions({
    warehouse: bench.warehouse,
    clock: systemClock,
    telemetry,
    budget: 5,
    everyMs: 50,
  });
  t.after(() => promotions.close());
  const service = testService(bench, { nowMs: NOW_MS, columns: promotions });
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const log = createAuditLog({ catalog, clock: systemClock, telemetry });
  const reads = new AuditReads({ audit: log, telemetry });
  t.after(() => reads.close());
  const audit = { log, reads };
  const app = createApp({ authenticator, clock: systemClock, telemetry, audit, phase: () => 'ready' });
  const { store } = await openTestJobStore(t);
  const jobs = await QueryJobs.open({ service, store, clock: systemClock, telemetry });
  t.after(() => jobs.close());
  registerQueryRoutes(app, { service, jobs, promotions });
  const call = async (path: string, key: string, init: RequestInit = {}) => {
    const body = typeof init.body === 'string' ? { 'content-length': String(init.body.length) } : undefined;
    const response = await app.request(path, {
      ...init,
      headers: {
        'content-type': 'application/json',
        ...(init.headers as Record<string, string> | undefined),
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
        ...body,
      },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const ask = (body: unknown, key: string) =>
    call('/api/query', key, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { bench, call, ask, audit };
};

const row = (project: string, id: string) => ({
  project,
  id,
  time: NOW_MS - 1_000,
  received_at: NOW_MS,
  type: `of ${project}`,
  user_id: project,
  properties: '{"plan":"pro","n":5}',
});

test('every route answers what the contract says, and only of the project of the key', {
  timeout: 300_000,
}, async (t) => {
  const { bench, call, ask } = await serve(t);
  await bench.load('events', [row('mine', 'a'), row('yours', 'b'), row('yours', 'a/b ?#%')], 0);
  await bench.load(
    'refused',
    ['mine', 'yours'].map((project) => ({
      project,
      id: `r-${project}`,
      received_at: NOW_MS,
      outcome: 'quarantined',
      reason: 'missing_type',
      body: project,
    })),
    0,
  );
  await bench.load(
    'ledger',
    ['received', 'stored'].flatMap((account) => [
      { project: 'mine', minute: NOW_MS, account, events: 1 },
      { project: 'yours', minute: NOW_MS, account, events: 2 },
    ]),
    0,
  );
  await bench.load(
    'ledger',
    ['mine', 'yours'].flatMap((project) =>
      ['received', 'quarantined'].map((account) => ({ project, minute: NOW_MS, account, events: 1 })),
    ),
    1,
  );
  const mine = 'mine-read';
  const yours = 'yours-read';

  const trend = await ask({ kind: 'trend', by: ['user_id'], interval: 'total' }, mine);
  assert.equal(trend.status, 200, trend.text);
  assert.deepEqual(
    trendAnswerSchema.parse(JSON.parse(trend.text)).series.map(({ group }) => group),
    [{ user_id: 'mine' }],
  );
  const events = eventsAnswerSchema.parse(JSON.parse((await call('/api/events', mine)).text));
  assert.deepEqual(
    events.events.map(({ id }) => id),
    ['a'],
  );
  assert.equal(
    traceAnswerSchema.parse(JSON.parse((await call('/api/events/a/trace', mine)).text)).state,
    'stored',
  );
  const odd = await call(`/api/events/${encodeURIComponent('a/b ?#%')}/trace`, yours);
  assert.equal(odd.status, 200, odd.text);
  assert.equal(traceAnswerSchema.parse(JSON.parse(odd.text)).id, 'a/b ?#%');
  for (const id of ['b', 'r-yours']) assert.equal((await call(`/api/events/${id}/trace`, mine)).status, 404);
  assert.deepEqual(
    quarantineAnswerSchema
      .parse(JSON.parse((await call('/api/quarantine', mine)).text))
      .rows.map(({ body }) => body),
    ['mine'],
  );
  const ledger = ledgerAnswerSchema.parse(JSON.parse((await call('/api/ledger', mine)).text));
  assert.deepEqual([ledger.total.stored, ledger.balanced], [1, true]);
  assert.equal(
    ledgerAnswerSchema.parse(JSON.parse((await call('/api/ledger?by=minute&since=now-5m', yours)).text)).total
      .stored,
    2,
  );
});

test('answers are files of any format, by name or by Accept', { timeout: 300_000 }, async (t) => {
  const { bench, call } = await serve(t);
  await bench.load('events', [row('mine', 'a'), row('mine', 'b')], 7);
  const request = { kind: 'trend', by: ['type'], interval: 'total', range: { from: NOW_MS - 60_000 } };
  const init = { method: 'POST', body: JSON.stringify(request) };
  const ask = (query: string, accept?: string) =>
    call(`/api/query${query}`, 'mine-read', {
      ...init,
      ...(accept === undefined ? {} : { headers: { accept } }),
    });
  const csv = await ask('?format=csv');
  assert.equal(csv.status, 200, csv.text);
  assert.equal(csv.text, 'bucket,type,other,value\r\n2026-11-20T11:59:00+00:00,of mine,false,2\r\n');
  assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
  assert.equal(
    csv.headers.get('content-disposition'),
    'attachment; filename="aevum-trend-2026-11-20T120000Z.csv"',
  );
  assert.match(csv.headers.get('x-aevum-as-of') ?? '', /^\d+$/u);
  assert.equal(csv.headers.get('x-aevum-pending-events'), '0');
  assert.equal((await ask('', 'text/csv')).text, csv.text);
  assert.equal((await ask('?format=json', 'text/csv')).headers.get('content-type'), 'application/json');
  assert.equal((await ask('', 'text/html, */*')).headers.get('content-type'), 'application/json');
  const lines = await ask('?format=ndjson');
  assert.deepEqual(JSON.parse(lines.text), {
    ...{ bucket: '2026-11-20T11:59:00+00:00', type: 'of mine', other: false, value: 2 },
  });
  for (const [format, start] of [
    ['parquet', 'PAR1'],
    ['arrow', 'ARROW1'],
  ] as const)
    assert.ok((await ask(`?format=${format}`)).text.startsWith(start), format);
  for (const query of ['?format=xml', '?form=csv', '?format=csv&format=json'])
    assert.equal((await ask(query)).status, 400, query);
});

test('a question can be asked now and answered later, to its own project only', {
  timeout: 300_000,
}, async (t) => {
  const { bench, call, audit } = await serve(t);
  await bench.load('events', [row('mine', 'a')], 0);
  const request = { kind: 'trend', interval: 'total', by: ['user_id'] };
  const start = (query: string, body: object = request) =>
    call(`/api/query${query}`, 'mine-read', { method: 'POST', body: JSON.stringify(body) });
  const taken = await start('?async=true');
  assert.equal(taken.status, 202, taken.text);
  const { id } = queryJobSchema.parse(JSON.parse(taken.text));
  let job = queryJobSchema.parse(JSON.parse((await call(`/api/query/${id}`, 'mine-read')).text));
  for (let looks = 0; job.state !== 'done' && looks < 6_000; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    job = queryJobSchema.parse(JSON.parse((await call(`/api/query/${id}`, 'mine-read')).text));
  }
  assert.deepEqual([job.state, job.progress.statements], ['done', 1]);
  const answer = await call(`/api/query/${id}/answer`, 'mine-read');
  assert.deepEqual(
    trendAnswerSchema.parse(JSON.parse(answer.text)).series.map(({ total }) => total),
    [1],
  );
  const csv = await call(`/api/query/${id}/answer?format=csv`, 'mine-read');
  assert.match(csv.text, /^bucket,user_id,other,value\r\n[^,]+,mine,false,1\r\n$/u);
  assert.equal((await call(`/api/query/${id}/answer`, 'mine-viewer')).status, 403);
  assert.equal((await call(`/api/query/${id}`, 'mine-viewer', { method: 'DELETE' })).status, 403);
  for (const [path, method] of [
    [`/api/query/${id}`, 'GET'],
    [`/api/query/${id}/answer`, 'GET'],
    [`/api/query/${id}`, 'DELETE'],
  ] as const) {
    const foreign = await call(path, 'yours-read', { method });
    const missing = await call(path.replace(id, 'q_none'), 'yours-read', { method });
    assert.deepEqual([foreign.status, foreign.text], [404, missing.text]);
  }
  assert.equal((await call(`/api/query/${id}`, 'mine-read', { method: 'DELETE' })).status, 200);
  assert.equal((await call(`/api/query/${id}`, 'mine-read')).status, 404);
  const other = queryJobSchema.parse(JSON.parse((await start('?async=true')).text)).id;
  assert.equal((await call(`/api/query/${other}`, 'mine-admin', { method: 'DELETE' })).status, 200);
  const { rows } = await audit.log.find({ limit: 20 });
  assert.deepEqual(
    rows.flatMap((entry) => (entry.action === 'query.ended' ? [[entry.actor_id, entry.object]] : [])),
    [['mine-admin', other]],
    'that of somebody else is entered, the own one is not',
  );
  assert.equal((await start('?async=true&format=csv')).status, 400);
  assert.equal((await start('?async=yes')).status, 400);
  assert.equal((await start('?async=true', { kind: 'trend', measure: 'many' })).status, 400);
});

test('break-downs that name people need the permission for it', { timeout: 300_000 }, async (t) => {
  const { ask, call } = await serve(t);
  for (const by of [['user_id'], ['country', 'session_id'], ['context.user_id']]) {
    const answer = await ask({ kind: 'trend', by }, 'mine-viewer');
    assert.equal(answer.status, 403, answer.text);
    assert.equal((await ask({ kind: 'trend', by }, 'mine-read')).status, 200);
  }
  assert.equal((await ask({ kind: 'trend', by: ['country'] }, 'mine-viewer')).status, 200);
  for (const field of ['user_id', 'session_id', 'id', 'context.user_id']) {
    const path = `/api/catalog/values?field=${field}`;
    const answer = await call(path, 'mine-viewer');
    assert.equal(answer.status, 403, answer.text);
    assert.equal((await call(path, 'mine-read')).status, 200);
  }
  for (const path of ['types', 'properties', 'values?field=country']) {
    const answer = await call(`/api/catalog/${path}`, 'mine-viewer');
    assert.equal(answer.status, 200, answer.text);
  }
});

test('funnels and paths are answered as the contract says; who is in a funnel only with the permission', {
  timeout: 300_000,
}, async (t) => {
  const { bench, ask } = await serve(t);
  await bench.load('events', [row('mine', 'a'), row('mine', 'b'), row('yours', 'c')], 0);
  const steps = ['of mine', 'of mine'];
  const funnel = await ask({ kind: 'funnel', steps, by: ['country'] }, 'mine-viewer');
  const { total } = funnelAnswerSchema.parse(JSON.parse(funnel.text));
  assert.deepEqual([total.entered, total.completed], [1, 1]);
  const paths = pathsAnswerSchema.parse(JSON.parse((await ask({ kind: 'paths' }, 'mine-viewer')).text));
  assert.deepEqual(
    paths.nodes.map(({ id }) => id),
    ['0:of mine'],
  );
  const list = { kind: 'funnel_users', steps, step: 2, outcome: 'converted' };
  assert.equal((await ask(list, 'mine-viewer')).status, 403);
  const { users } = funnelUsersAnswerSchema.parse(JSON.parse((await ask(list, 'mine-read')).text));
  assert.deepEqual(
    users.map(({ id }) => id),
    ['mine'],
  );
  for (const request of [
    { kind: 'funnel', steps, by: ['user_id'] },
    { kind: 'paths', label: 'session_id' },
  ])
    assert.equal((await ask(request, 'mine-viewer')).status, 403);
});

test('keys without the scope are refused', { timeout: 300_000 }, async (t) => {
  const { call, ask } = await serve(t);
  const write = 'mine-write';
  const read = 'mine-read';
  for (const path of [
    '/api/events',
    '/api/events/x/trace',
    '/api/ledger',
    '/api/quarantine',
    '/api/properties',
  ]) {
    assert.equal((await call(path, write)).status, 403, path);
    assert.equal((await call(path, 'aev_r_unknown')).status, 401, path);
    assert.equal((await call(path, '')).status, 401, path);
  }
  assert.equal((await ask({ kind: 'trend' }, write)).status, 403);
  for (const method of ['PUT', 'DELETE'])
    assert.equal((await call('/api/properties/plan/promotion', read, { method })).status, 403);
});

test('mistakes are told in one shape', { timeout: 300_000 }, async (t) => {
  const { call, ask } = await serve(t);
  const read = 'mine-read';
  const errorOf = ({ text }: { text: string }) =>
    (JSON.parse(text) as { error: { code: string; message: string; details?: unknown } }).error;
  const wrong = await ask({ kind: 'trend', interval: '2h' }, read);
  assert.equal(wrong.status, 400);
  assert.equal(errorOf(wrong).code, 'invalid_request');
  assert.deepEqual(
    (errorOf(wrong).details as { path: string }[]).map(({ path }) => path),
    ['interval'],
  );
  assert.equal(errorOf(await ask('{"kind":', read)).code, 'invalid_json');
  assert.equal(errorOf(await ask('[]', read)).code, 'invalid_request');
  assert.match(errorOf(await call('/api/query', read, { method: 'POST' })).message, /no body/);
  assert.equal(
    errorOf(await ask(`${'{"not":'.repeat(30_000)}1${'}'.repeat(30_000)}`, read)).code,
    'invalid_request',
  );
  assert.match(errorOf(await call('/api/events?limit=5&limit=6', read)).message, /given 2 times/);
  assert.match(errorOf(await call('/api/events?since=whenever', read)).message, /since: .*is not an instant/);
  assert.match(errorOf(await call('/api/events?cursor=abc', read)).message, /is not a cursor/);
  assert.match(errorOf(await call('/api/events?usr=x', read)).message, /"usr" is not known here/);
  assert.equal((await call('/api/events/nothing/trace', read)).status, 404);
});

test('a property is promoted, answers the same from its column, and is demoted', {
  timeout: 300_000,
}, async (t) => {
  const { bench, call, ask } = await serve(t);
  await bench.load(
    'events',
    [...Array(50).keys()].map((index) => ({
      ...row('mine', `e${index}`),
      properties:
        ['{"k.\'`":1.50}', '{"k.\'`":"x"}', '{"k.\'`":null}', '{}', '{"k.\'`":{"a":[1]}}'][index % 5] ?? '',
    })),
    0,
  );
  const admin = 'mine-admin';
  const request = { kind: 'trend', by: [`properties["k.'\`"]`], interval: 'total', explain: true };
  const answer = async () => trendAnswerSchema.parse(JSON.parse((await ask(request, admin)).text));
  const before = await answer();
  assert.match(before.explain?.sql ?? '', /JSONExtract/);
  const path = `/api/properties/${encodeURIComponent("k.'`")}/promotion`;
  const promoted = await call(path, admin, { method: 'PUT' });
  assert.equal(promoted.status, 202, promoted.text);
  assert.equal(promotionAnswerSchema.parse(JSON.parse(promoted.text)).property.pinned, true);
  // Another project neither decides about columns nor sees what this one asks for.
  for (const method of ['PUT', 'DELETE'])
    assert.match((await call(path, 'other-admin', { method })).text, /wrong_project/);
  const seen = await call('/api/properties', 'other-admin');
  // Nor does it learn how many columns all projects have.
  assert.deepEqual(JSON.parse(seen.text), { budget: { promoted: null, max: 5 }, properties: [] });
  const isReady = async () =>
    propertiesAnswerSchema.parse(JSON.parse((await call('/api/properties', admin)).text)).properties[0]
      ?.promotion === 'ready';
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 50));
  const after = await answer();
  assert.doesNotMatch(after.explain?.sql ?? '', /JSONExtract/);
  assert.deepEqual(after.series, before.series);
  assert.equal((await call(path, admin, { method: 'DELETE' })).status, 200);
  assert.equal((await call(path, admin, { method: 'DELETE' })).status, 404);
  assert.deepEqual((await answer()).series, before.series);
});

const FAILURES: readonly (readonly [WarehouseErrorCode, number, string, boolean])[] = [
  ['unavailable', 503, 'warehouse_unavailable', true],
  ['disk_full', 503, 'warehouse_unavailable', true],
  ['busy', 503, 'warehouse_busy', true],
  ['memory', 422, 'result_too_large', false],
  ['too_large', 422, 'result_too_large', false],
  ['timeout', 504, 'query_timeout', false],
  ['invalid', 500, 'internal', false],
];

test('failures of the warehouse are told without SQL', async (t) => {
  let code: WarehouseErrorCode = 'unavailable';
  const warehouse: QueryWarehouse = {
    query: () => Promise.reject(new WarehouseError(code, 'Syntax error near SELECT secret FROM events')),
  };
  const service = testService({ warehouse } as never, { nowMs: NOW_MS });
  const server = await startTestServer(t, {
    routes: (app) =>
      registerQueryRoutes(app, { service, jobs: undefined as never, promotions: undefined as never }),
  });
  for (const [failure, status, expected, retry] of FAILURES) {
    code = failure;
    const response = await server.get('/api/events', server.credentials.admin_key);
    const text = await response.text();
    assert.equal(response.status, status, failure);
    assert.ok(text.includes(expected) && !text.includes('SELECT'), text);
    assert.equal(response.headers.has('retry-after'), retry, failure);
  }
});

test('users are those of the project of the key, for who may see single people', {
  timeout: 300_000,
}, async (t) => {
  const { bench, call } = await serve(t);
  await bench.load('events', [row('mine', 'a'), { ...row('yours', 'b'), user_id: 'a/b ?#%' }], 0);
  const get = async (path: string, key: string) => {
    const { status, text } = await call(path, key);
    assert.equal(status, 200, text);
    return JSON.parse(text) as unknown;
  };
  const listed = usersAnswerSchema.parse(await get('/api/users', 'mine-read'));
  assert.deepEqual(
    listed.users.map(({ user_id }) => user_id),
    ['mine'],
  );
  const odd = encodeURIComponent('a/b ?#%');
  const user = userAnswerSchema.strict().parse(await get(`/api/users/${odd}`, 'yours-read'));
  assert.deepEqual(
    [user.user_id, user.events, user.types],
    ['a/b ?#%', 1, [{ type: 'of yours', events: 1 }]],
  );
  userProfileSchema.strict().parse(await get(`/api/users/${odd}/profile`, 'yours-read'));
  const timeline = eventsAnswerSchema.parse(await get(`/api/users/${odd}/timeline?limit=5`, 'yours-read'));
  assert.deepEqual(
    timeline.events.map(({ id }) => id),
    ['b'],
  );
  for (const path of ['', `/${odd}`, `/${odd}/profile`, `/${odd}/timeline`])
    assert.equal((await call(`/api/users${path}`, 'yours-viewer')).status, 403);
  for (const path of ['', '/profile']) {
    const { status, text } = await call(`/api/users/${odd}${path}`, 'mine-read');
    assert.equal(status, 404, text);
  }
  assert.deepEqual(eventsAnswerSchema.parse(await get(`/api/users/${odd}/timeline`, 'mine-read')).events, []);
  assert.equal((await call('/api/users?sort=age', 'mine-read')).status, 400);
});
