import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createAuditLog } from '../access/audit.ts';
import { PLATFORM } from '../access/audit-entry.ts';
import { openCatalog } from '../catalog/catalog.ts';
import {
  METRIC_LIMITS,
  type MetricDefinitionsAnswer,
  type MetricSaved,
  newMetricSchema,
} from '../contract/metrics.ts';
import { ApiError } from '../event/errors.ts';
import { startTestServer } from '../http/testing/test-server.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { registerMetricRoutes } from './routes.ts';
import { MetricStore } from './store.ts';

/** Nothing is kept ready. */
const NOTHING_KEPT = { states: async () => new Map() };

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const clock = { nowMs: () => NOW_MS, monotonicMs: () => performance.now() };

const openStore = async (t: TestContext, path = ':memory:') => {
  const catalog = await openCatalog(path);
  t.after(() => catalog.close());
  const audit = createAuditLog({ catalog, clock, telemetry: quietTelemetry() });
  return { catalog, store: new MetricStore({ catalog, audit, clock }) };
};

const saving = (project = 'p') => ({ project, by: PLATFORM });
const metric = (name: string, more: object = {}) => newMetricSchema.parse({ name, title: name, ...more });
const SESSIONS = { window: { kind: 'session', gap: '30m' } };

const fails = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ApiError, String(error));
  assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
  return true;
};

test('metrics belong to their project, have versions, and every change is entered and told', async (t) => {
  const { catalog, store } = await openStore(t);
  let told = 0;
  const end = store.onChange(() => told++);
  const made = await store.create(metric('orders'), saving());
  assert.deepEqual([made.version, made.project, made.updatedBy], [1, 'p', 'Aevum']);
  assert.deepEqual(await store.find('p', made.id), made);
  assert.deepEqual(await store.metricOf('p', made.id), made);
  assert.deepEqual(await store.metricOf('p', 'orders'), made);
  for (const name of [made.id, 'orders']) assert.equal(await store.metricOf('other', name), undefined);
  const change = { ...metric('all_orders'), version: 1 };
  assert.equal(await store.change(made.id, change, saving('other')), undefined);
  const changed = await store.change(made.id, change, saving());
  assert.deepEqual([changed?.version, changed?.definition], [2, metric('all_orders')]);
  assert.equal(await store.metricOf('p', 'orders'), undefined);
  assert.deepEqual(await store.metricOf('p', made.id), changed);
  await assert.rejects(
    store.change(made.id, change, saving()),
    fails('conflict', /is at version 2, saved by Aevum; the change was made from version 1\. Read it again/u),
  );
  await assert.rejects(
    store.create(metric('all_orders'), saving()),
    fails('conflict', /There is a metric "all_orders" already/u),
  );
  await store.create(metric('all_orders'), saving('other'));
  assert.equal((await store.all()).length, 2);
  assert.equal(await store.remove(made.id, saving('other')), undefined);
  assert.equal(told, 3);
  end();
  assert.equal((await store.remove(made.id, saving()))?.id, made.id);
  assert.equal(told, 3);
  assert.deepEqual(await store.list('p'), []);
  const entered = await catalog.db
    .selectFrom('audit')
    .select(['action', 'project', 'detail'])
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    entered.map(({ action, project }) => `${action} ${project}`),
    ['metric.created p', 'metric.changed p', 'metric.created other', 'metric.removed p'],
  );
  assert.deepEqual(JSON.parse(entered[0]?.detail ?? ''), {
    name: 'orders',
    window: 'tumbling',
    version: '1',
  });
});

test('metrics are there after a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'aevum-metrics-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'catalog.sqlite');
  const first = await openStore(t, path);
  const made = await first.store.create(metric('orders', SESSIONS), saving());
  await first.catalog.close();
  const second = await openStore(t, path);
  assert.deepEqual(await second.store.list('p'), [made]);
});

test('a project has so many metrics, few of them with windows that the events make', async (t) => {
  const { catalog, store } = await openStore(t);
  for (let index = 0; index < METRIC_LIMITS.keyedMax; index++)
    await store.create(metric(`sessions_${index}`, SESSIONS), saving());
  await assert.rejects(
    store.create(metric('one_more', SESSIONS), saving()),
    fails('conflict', /has 20 metrics with windows of sessions or counts; at most 20 are kept/u),
  );
  const plain = await store.create(metric('plain'), saving());
  await assert.rejects(
    store.change(plain.id, { ...metric('plain', SESSIONS), version: 1 }, saving()),
    fails('conflict', /at most 20/u),
  );
  await store.create(metric('one_more', SESSIONS), saving('other'));
  const row = await catalog.db.selectFrom('metrics').selectAll().executeTakeFirstOrThrow();
  for (let index = await store.list('p').then((all) => all.length); index < METRIC_LIMITS.metricsMax; index++)
    await catalog.db
      .insertInto('metrics')
      .values({ ...row, id: `met_${index}`, name: `m_${index}`, project: 'p' })
      .execute();
  await assert.rejects(
    store.create(metric('one_more'), saving()),
    fails('conflict', /has 500 metrics; at most 500 are kept/u),
  );
});

test('a project that is being removed gets no metric any more', async (t) => {
  const { catalog, store } = await openStore(t);
  const kept = await store.create(metric('kept'), saving('other'));
  await store.create(metric('of_removed'), saving());
  await catalog.db
    .insertInto('projects')
    .values({ id: 'p', name: 'p', created_at: 1, removing_at: 2 })
    .execute();
  assert.deepEqual(await store.all(), [kept], 'nobody works on those that it has');
  await assert.rejects(store.create(metric('a'), saving()), fails('conflict', /is being removed/u));
});

/** The routes over a store, asked with one of two keys. */
const serve = async (t: TestContext) => {
  const { store } = await openStore(t);
  const server = await startTestServer(t, {
    routes: (app) => registerMetricRoutes(app, store, NOTHING_KEPT),
  });
  const { project, admin_key: admin } = server.credentials;
  const { key: reader } = await server.keys.create({ project, scopes: ['read'], name: 'r', by: PLATFORM });
  const send = async (method: string, path: string, body?: unknown, key: string = admin) => {
    const answer = await fetch(`${server.url}/api/metric-definitions${path}`, {
      ...{ method, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: await answer.json() };
  };
  return { store, project, reader, send };
};

const messageOf = ({ json }: { readonly json: unknown }): string =>
  (json as { readonly error?: { readonly message: string } }).error?.message ?? '';

test('metrics are defined, read, changed and removed by the routes, as permissions allow', async (t) => {
  const { send, reader } = await serve(t);
  const wanted = { name: 'orders', title: 'Orders', events: 'purchase', dimensions: ['country'] };
  const made = await send('POST', '', wanted);
  assert.equal(made.status, 201, messageOf(made));
  const saved = made.json as MetricSaved;
  assert.deepEqual(
    [saved.version, saved.unit, saved.window, saved.measures, saved.timezone, saved.rollup],
    [1, '', { kind: 'tumbling', size: '1d' }, [{ measure: 'count', hidden: false }], 'UTC', 'auto'],
  );
  assert.equal((await send('POST', '', wanted, reader)).status, 403);
  const list = (await send('GET', '', undefined, reader)).json as MetricDefinitionsAnswer;
  assert.deepEqual(list, { metrics: [saved] });
  const path = `/${saved.id}`;
  assert.deepEqual((await send('GET', path, undefined, reader)).json, saved);
  const changed = await send('PUT', path, { ...wanted, unit: 'orders', version: 1 });
  assert.deepEqual(changed.json, { ...saved, unit: 'orders', version: 2 });
  assert.equal((await send('PUT', path, { ...wanted, version: 1 })).status, 409);
  assert.equal((await send('PUT', '/met_none', { ...wanted, version: 1 })).status, 404);
  assert.equal((await send('PUT', path, { ...wanted, version: 2 }, reader)).status, 403);
  assert.equal((await send('DELETE', path, undefined, reader)).status, 403);
  assert.deepEqual((await send('DELETE', path)).json, { id: saved.id, removed: true });
  const missing = await send('GET', path);
  assert.equal(missing.status, 404);
  assert.match(messageOf(missing), /no metric of this id\. GET \/api\/metric-definitions lists them/u);
});

test('what no question could be asked of is refused, and said where it is wrong', async (t) => {
  const { send, store, project } = await serve(t);
  const sum = { kind: 'sum', of: 'value' };
  for (const [part, message] of [
    [{ name: 'Orders' }, /name: .*lower-case letters/u],
    [{ name: 'met_orders' }, /Names do not begin with "met_/u],
    [{ title: ' ' }, /title: must have at least 1 character/u],
    [{ measures: [{ measure: { kind: 'sum', of: 'country' } }] }, /measures\.0\.measure\.of: .*is text/u],
    [{ measures: [{ hidden: true }] }, /measures: are all hidden, and no formula/u],
    [{ measures: [{ filter: { field: 'colour', op: 'exists' } }] }, /measures\.0\.filter\.field: .*colour/u],
    [{ events: { filter: { field: 'colour', op: 'exists' } } }, /events\.filter\.field: .*colour/u],
    [{ formula: ['A / B'] }, /formula\.0: There is no series B/u],
    [{ dimensions: ['country', 'context.country'] }, /dimensions\.1: .*must differ/u],
    [{ dimensions: ['timestamp'] }, /dimensions\.0: .*is a time/u],
    [{ timezone: 'Berlin' }, /timezone: .*is not a time zone/u],
    [{ window: { kind: 'tumbling', size: '2h' } }, /window\.size: .*is not understood/u],
    [{ window: { kind: 'sliding', size: '5m', every: '2m' } }, /window\.every/u],
    [{ window: { kind: 'sliding', size: '7m', every: '5m' } }, /window: .*not a multiple of the interval/u],
    [{ window: { kind: 'sliding', size: '1M', every: '1d' } }, /window: .*not a multiple of the interval/u],
    [{ window: { kind: 'hopping' } }, /window\.kind/u],
    [{ window: { kind: 'session', gap: '2d' } }, /window\.gap: 2d is too long; at most 24h/u],
    [{ ...SESSIONS, formula: ['A'] }, /formula: .*take no formulas/u],
    [{ ...SESSIONS, dimensions: ['country'] }, /dimensions: .*have none/u],
    [{ ...SESSIONS, measures: [{ measure: 'unique_users' }] }, /take count, sum, avg, min and max/u],
    [{ ...SESSIONS, measures: [{ types: ['a'] }] }, /measures\.0: .*put types and filter into "events"/u],
    [
      { ...SESSIONS, measures: [{ measure: sum }, { measure: { kind: 'max', of: 'properties.n' } }] },
      /measures\.1\.measure\.of: .*measure one field: value, properties\.n are several/u,
    ],
    [
      { ...SESSIONS, events: { filter: { not: { op: 'in_cohort', cohort: 'coh_1' } } } },
      /events\.filter: .*take no cohorts/u,
    ],
    [{ window: { kind: 'count', every: 0 } }, /window\.every: must be at least 1/u],
    [{ colour: 'red' }, /"colour" is not known here/u],
    [
      { events: { filter: { field: 'country', op: 'in', values: Array(1000).fill('a'.repeat(30)) } } },
      /at most 20,000 are taken/u,
    ],
  ] as const) {
    const answer = await send('POST', '', { name: 'm', title: 'M', ...part });
    assert.equal(answer.status, 400, JSON.stringify(part));
    assert.match(messageOf(answer), message, JSON.stringify(part));
  }
  assert.deepEqual(await store.list(project), []);
});
