import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createAuditLog } from '../access/audit.ts';
import { PLATFORM } from '../access/audit-entry.ts';
import { openCatalog } from '../catalog/catalog.ts';
import {
  type CohortAnswer,
  type CohortsAnswer,
  type CohortSize,
  cohortDefinitionSchema,
  newCohortSchema,
} from '../contract/cohorts.ts';
import { type TrendAnswer, trendRequestSchema } from '../contract/trend.ts';
import { ApiError } from '../event/errors.ts';
import { startTestServer } from '../http/testing/test-server.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { type CohortTree, noPropertyColumns } from '../query/ports.ts';
import { membershipOf } from '../query/cohort-membership.ts';
import { toStatement } from '../query/sql.ts';
import {
  openTestWarehouse,
  type Row,
  type TestWarehouse,
  testService,
} from '../query/testing/test-warehouse.ts';
import { registerCohortRoutes } from './routes.ts';
import { CohortStore } from './store.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
const clock = { nowMs: () => NOW_MS, monotonicMs: () => performance.now() };

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

const row = (project: string, type: string, user: string, timeMs: number, more: Row = {}): Row => ({
  ...{ project, type, user_id: user, time: timeMs, received_at: timeMs, properties: '{}' },
  ...{ id: `${project}-${type}-${user}-${timeMs}` },
  ...more,
});

const openStore = async () => {
  const catalog = await openCatalog(':memory:');
  const audit = createAuditLog({ catalog, clock, telemetry: quietTelemetry() });
  return { catalog, audit, store: new CohortStore({ catalog, audit, clock }) };
};

const saving = (project = 'p') => ({
  project,
  by: PLATFORM,
  moment: { atMs: NOW_MS, position: '5' },
});

const bought = (more: object = {}) => ({
  kind: 'did',
  event: 'purchase',
  ...more,
});
const cohort = (name: string, criteria: readonly object[], more: object = {}) =>
  newCohortSchema.parse({ name, definition: { criteria }, ...more });
const referring = (id: string) => ({ kind: 'cohort', cohort: id });

const fails = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ApiError, String(error));
  assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
  return true;
};

test('cohorts belong to their project, have versions, and every change is entered', async () => {
  const { catalog, audit, store } = await openStore();
  const made = await store.create(cohort('Buyers', [bought()]), saving());
  assert.deepEqual([made.version, made.frozen, made.updatedBy], [1, null, 'Aevum']);
  assert.deepEqual(await store.find('p', made.id), made);
  assert.equal(await store.find('other', made.id), undefined);
  assert.equal(await store.treeOf('other', made.id), undefined);
  const change = { ...cohort('All buyers', [bought({ at_least: 2 })]), version: 1 };
  assert.equal(await store.change(made.id, change, saving('other')), undefined);
  const changed = await store.change(made.id, change, saving());
  assert.deepEqual([changed?.version, changed?.name], [2, 'All buyers']);
  await assert.rejects(
    store.change(made.id, change, saving()),
    fails('conflict', /is at version 2, saved by Aevum/u),
  );
  await assert.rejects(
    store.create(cohort('All buyers', [bought()]), saving()),
    fails('conflict', /There is a cohort "All buyers" already/u),
  );
  await store.create(cohort('All buyers', [bought()]), saving('other'));
  assert.equal(await store.remove(made.id, saving('other')), undefined);
  assert.equal((await store.remove(made.id, saving()))?.id, made.id);
  assert.deepEqual(await store.list('p'), []);
  const entered = await catalog.db
    .selectFrom('audit')
    .select(['action', 'project'])
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    entered.map(({ action, project }) => `${action} ${project}`),
    ['cohort.created p', 'cohort.changed p', 'cohort.created other', 'cohort.removed p'],
  );
  assert.ok((await audit.head()).sequence >= 4);
  await catalog.close();
});

test('a project that is being removed gets no cohort any more', async () => {
  const { catalog, store } = await openStore();
  await catalog.db
    .insertInto('projects')
    .values({ id: 'p', name: 'p', created_at: 1, removing_at: 2 })
    .execute();
  await assert.rejects(
    store.create(cohort('A', [bought()]), saving()),
    fails('conflict', /is being removed/u),
  );
  await catalog.close();
});

test('cohorts refer to each other, but not in a circle, to what is not there, or too deep', async () => {
  const { catalog, store } = await openStore();
  const first = await store.create(cohort('A', [bought()]), saving());
  const second = await store.create(cohort('B', [referring(first.id)]), saving());
  const circle = store.change(first.id, { ...cohort('A', [referring(second.id)]), version: 1 }, saving());
  await assert.rejects(circle, fails('invalid_request', /"A" would refer to itself: "A" -> "B" -> "A"/u));
  const self = store.change(first.id, { ...cohort('A', [referring(first.id)]), version: 1 }, saving());
  await assert.rejects(self, fails('invalid_request', /"A" would refer to itself: "A" -> "A"/u));
  await assert.rejects(
    store.create(cohort('C', [referring(first.id)]), saving('other')),
    fails('invalid_request', /There is no cohort "coh_/u),
  );
  await assert.rejects(store.remove(first.id, saving()), fails('conflict', /"B" refers to this one/u));
  let last = second.id;
  for (const name of ['C', 'D', 'E'])
    last = (await store.create(cohort(name, [referring(last)]), saving())).id;
  await assert.rejects(
    store.create(cohort('F', [referring(last)]), saving()),
    fails('invalid_request', /at most 5 levels deep: "F" -> "E" -> "D" -> "C" -> "B" -> "A"/u),
  );
  await assert.rejects(
    store.change(
      first.id,
      { ...cohort('A', [referring((await store.create(cohort('Z', [bought()]), saving())).id)]), version: 1 },
      saving(),
    ),
    fails('invalid_request', /5 levels deep: "E" -> "D" -> "C" -> "B" -> "A" -> "Z"/u),
  );
  const deepest = await store.treeOf('p', last);
  assert.equal(JSON.stringify(deepest).split('"criteria"').length - 1, 5);
  await catalog.close();
});

test('what cohorts are made up of is bounded, and so is what is kept of one', async () => {
  const { catalog, store } = await openStore();
  let last = (await store.create(cohort('0', [bought()]), saving())).id;
  const four = () => Array.from({ length: 4 }, () => referring(last));
  for (const name of ['1', '2']) last = (await store.create(cohort(name, four()), saving())).id;
  await assert.rejects(
    store.create(cohort('3', four()), saving()),
    fails('invalid_request', /"3" would be made up of more than 30 cohorts/u),
  );
  const values = Array.from({ length: 1_000 }, (_, index) => `a value with the number ${index}`);
  const long = { kind: 'property', is: { field: 'country', op: 'in', values } };
  await assert.rejects(
    store.create(cohort('Long', [long]), saving()),
    fails('invalid_request', /characters; at most 20,000 are taken/u),
  );
  await catalog.close();
});

test('a static cohort stays as it was, whatever is loaded or changed later; a live one follows', async () => {
  const { catalog, store } = await openStore();
  const project = 'frozen';
  await bench.load('events', [row(project, 'purchase', 'ada', NOW_MS - DAY_MS)], 5);
  const at5 = { ...saving(project), moment: { atMs: NOW_MS, position: '5' } };
  const inner = await store.create(cohort('Inner', [bought()]), at5);
  const fixed = await store.create(cohort('Fixed', [referring(inner.id)], { mode: 'static' }), at5);
  const live = await store.create(cohort('Live', [referring(inner.id)]), at5);
  const early = await store.create(cohort('Early', [bought()], { mode: 'static' }), {
    ...at5,
    moment: { atMs: NOW_MS, position: null },
  });
  const service = testService(bench, { nowMs: NOW_MS, cohorts: store });
  const sizes = async () => {
    const all = [fixed, live, early].map(async ({ id }) => {
      const tree = await store.treeOf(project, id);
      assert.ok(tree);
      return (await service.cohortSize(project, tree)).size;
    });
    return Promise.all(all);
  };
  assert.deepEqual(await sizes(), [1, 1, 0]);
  await bench.load('events', [row(project, 'purchase', 'bob', NOW_MS - 2 * DAY_MS)], 6);
  assert.deepEqual(await sizes(), [1, 2, 0]);
  await store.change(inner.id, { ...cohort('Inner', [{ kind: 'did', event: 'never' }]), version: 1 }, at5);
  assert.deepEqual(await sizes(), [1, 0, 0]);
  const at6 = { ...at5, moment: { atMs: NOW_MS, position: '6' } };
  await store.change(fixed.id, { ...cohort('Fixed', [bought()], { mode: 'static' }), version: 1 }, at6);
  assert.deepEqual(await sizes(), [2, 0, 0]);
  await catalog.close();
});

test('a stretch ends now, and begins behind the instant that lies so long ago', async () => {
  const project = 'edges';
  const times = { early: NOW_MS - DAY_MS, late: NOW_MS - DAY_MS + 1, now: NOW_MS, future: NOW_MS + 1 };
  const rows = Object.entries(times).map(([user, timeMs]) => row(project, 'visit', user, timeMs));
  await bench.load('events', rows, 8);
  const members = async (criterion: object) => {
    const tree = {
      definition: cohortDefinitionSchema.parse({ criteria: [criterion] }),
      frozen: null,
      nested: {},
    };
    return (await membersOf(tree, project)).join(' ');
  };
  assert.equal(await members({ kind: 'did', within: '1d' }), 'late now');
  assert.equal(await members({ kind: 'did_not', event: 'visit', within: '1d' }), 'early');
  assert.equal(await members({ kind: 'first_seen', within: '1d' }), 'late now');
  assert.equal(await members({ kind: 'first_seen', before: '1d' }), 'early');
});

test('an answer that was kept is not given for a cohort that was changed', async () => {
  const { catalog, store } = await openStore();
  const project = 'kept';
  await bench.load('events', [row(project, 'purchase', 'ada', NOW_MS - DAY_MS)], 7);
  const made = await store.create(cohort('Buyers', [bought()]), saving(project));
  const service = testService(bench, { nowMs: NOW_MS, cohorts: store, cacheBytesMax: 1_000_000 });
  const filter = { op: 'in_cohort', cohort: made.id };
  const range = { from: '2026-11-01', to: '2026-11-20' };
  const request = trendRequestSchema.parse({ kind: 'trend', interval: 'total', range, filter });
  const count = async () => (await service.query(project, request)).series[0]?.total;
  assert.deepEqual([await count(), await count()], [1, 1]);
  const nobody = { ...cohort('Buyers', [bought({ at_least: 2 })]), version: 1 };
  await store.change(made.id, nobody, saving(project));
  assert.equal(await count(), 0);
  await catalog.close();
});

test('the sub-query is confined to the project, however the cohort is made up', () => {
  const definition = cohortDefinitionSchema.parse({
    match: 'any',
    criteria: [
      bought(),
      referring('inner'),
      { kind: 'property', is: { field: 'country', op: 'eq', value: "x' OR 1" } },
    ],
  });
  const inner = {
    definition: cohortDefinitionSchema.parse({ criteria: [bought()] }),
    frozen: null,
    nested: {},
  };
  const tree = { definition, frozen: null, nested: { inner } };
  const context = { columns: noPropertyColumns, nowMs: NOW_MS, asOf: undefined, timeZone: 'UTC' };
  const { text, params } = toStatement(membershipOf(tree, 'mine').sql(context));
  const [confined, reads] = [text.match(/project = \{p0:String\}/gu), text.match(/FROM events/gu)];
  assert.deepEqual([confined?.length, reads?.length, params['p0']], [2, 2, 'mine']);
  assert.doesNotMatch(text, /OR 1|mine/u);
});

test('what a definition cannot mean is refused where it stands', async (t) => {
  const { server, body } = await serve(t);
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ kind: 'first_seen' }, /definition\.criteria\.0: "first_seen" needs "within" or "before"/u],
    [bought({ within: 'a while' }), /definition\.criteria\.0\.within: "a while" is not a duration/u],
    [{ kind: 'property', is: { field: 'timestamp', op: 'exists' } }, /A time is no property/u],
    [{ kind: 'property', is: { field: 'contry', op: 'exists' } }, /Did you mean "country"/u],
    [{ kind: 'property', is: { op: 'in_cohort', cohort: 'x' } }, /Name another cohort by/u],
    [bought({ event: { filter: { op: 'in_cohort', cohort: 'x' } } }), /another one is named by a criterion/u],
    [referring('coh_none'), /There is no cohort "coh_none" in this project/u],
  ];
  for (const [criterion, message] of cases) {
    const answer = await server.post(
      '/api/cohorts',
      body({ name: 'X', definition: { criteria: [criterion] } }),
      asAdmin(server),
    );
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    assert.deepEqual([answer.status, error.code], [400, 'invalid_request'], error.message);
    assert.match(error.message, message);
  }
});

const membersOf = async (tree: CohortTree, project: string): Promise<string[]> => {
  const context = { columns: noPropertyColumns, nowMs: NOW_MS, asOf: undefined, timeZone: 'UTC' };
  const { text, params } = toStatement(membershipOf(tree, project).sql(context));
  const { rows } = await bench.warehouse.query<{ readonly user_id: string }>(text.slice(1, -1), {
    ...params,
  });
  return rows.map(({ user_id }) => user_id).sort();
};

const asAdmin = (server: { readonly credentials: { readonly admin_key: string } }) => ({
  authorization: `Bearer ${server.credentials.admin_key}`,
  'content-type': 'application/json',
});

const serve = async (t: Parameters<typeof startTestServer>[0]) => {
  const { catalog, store } = await openStore();
  t.after(() => catalog.close());
  const service = testService(bench, { nowMs: NOW_MS, cohorts: store });
  const standing = () => ({ nowMs: NOW_MS, rawLoaded: 6, governedLoaded: 6, pending: [] });
  const server = await startTestServer(t, {
    routes: (app) => registerCohortRoutes(app, { cohorts: store, service, standing }),
  });
  return { server, service, body: (value: unknown) => JSON.stringify(value) };
};

test('cohorts are saved, listed, used, changed and removed over HTTP', async (t) => {
  const { server, service, body } = await serve(t);
  const project = server.credentials.project;
  await bench.load(
    'events',
    [row(project, 'purchase', 'ada', NOW_MS - DAY_MS), row(project, 'visit', 'bob', NOW_MS)],
    3,
  );
  const send = async (method: string, path: string, value?: unknown) => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: asAdmin(server),
      ...(value === undefined ? {} : { body: body(value) }),
    });
    const json: unknown = await answer.json();
    return { status: answer.status, json };
  };
  const wanted = { name: ' Buyers ', definition: { criteria: [{ kind: 'did', event: 'purchase' }] } };
  const { status, json } = await send('POST', '/api/cohorts', wanted);
  const made = json as CohortAnswer;
  assert.deepEqual(
    [status, made.name, made.mode, made.version, made.frozen],
    [201, 'Buyers', 'live', 1, null],
  );
  const path = `/api/cohorts/${made.id}`;
  assert.deepEqual((await send('GET', path)).json, made);
  assert.deepEqual(((await send('GET', '/api/cohorts')).json as CohortsAnswer).cohorts, [made]);
  const size = (await send('GET', `${path}/size`)).json as CohortSize;
  assert.deepEqual([size.id, size.version, size.size], [made.id, 1, 1]);
  const request = trendRequestSchema.parse({
    kind: 'trend',
    range: 'last 7 days',
    interval: 'total',
    filter: { not: { op: 'in_cohort', cohort: made.id } },
    explain: true,
  });
  const answer: TrendAnswer = await service.query(project, request);
  assert.deepEqual([answer.series[0]?.total, answer.source], [1, 'events']);
  const change = { ...wanted, mode: 'static', version: 1 };
  const changed = (await send('PUT', path, change)).json as CohortAnswer;
  assert.equal(changed.version, 2);
  assert.deepEqual(changed.frozen, { at: '2026-11-20T12:00:00.000Z', as_of: '5' });
  assert.equal((await send('PUT', path, change)).status, 409);
  assert.equal((await send('POST', '/api/cohorts', wanted)).status, 409);
  assert.equal((await send('DELETE', path)).status, 200);
  for (const [method, address] of [
    ['GET', path],
    ['GET', `${path}/size`],
    ['DELETE', path],
  ] as const)
    assert.equal((await send(method, address)).status, 404);
  await assert.rejects(
    service.query(project, request),
    fails('invalid_request', /filter\.not\.cohort: There is no cohort "coh_/u),
  );
});

test('the definitions on the page have the members that it says', async () => {
  const page = readFileSync(new URL('../../docs/cohorts.md', import.meta.url), 'utf8');
  const [, lines = ''] = /```ndjson events\n(.*?)```/su.exec(page) ?? [];
  const rows = lines
    .trim()
    .split('\n')
    .map((line, index) => {
      const {
        timestamp,
        type,
        user_id: user = '',
        properties = {},
      } = JSON.parse(line) as Record<string, string>;
      const more = { id: `page-${index}`, properties: JSON.stringify(properties) };
      return row('page', type ?? '', user, Date.parse(timestamp ?? ''), more);
    });
  await bench.load('events', rows, 4);
  const examples = [...page.matchAll(/```json cohort ([a-z ]+)\n(.*?)```/gsu)];
  assert.equal(examples.length, 4);
  for (const [, members = '', text = ''] of examples) {
    const tree = { definition: cohortDefinitionSchema.parse(JSON.parse(text)), frozen: null, nested: {} };
    assert.deepEqual(await membersOf(tree, 'page'), members.split(' '), text);
  }
  assert.ok(
    page.includes('500 cohorts a project, 20 criteria and 20,000 characters a cohort, 10 cohorts in one'),
  );
});
