import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { sql } from 'kysely';
import { PLATFORM } from './audit-entry.ts';
import { createAuditLog } from './audit.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { type KeyRing, openKeyRing } from './keys.ts';
import { DEFAULT_PROJECT, isOperator } from './principal.ts';
import { createProjects, PROJECT_NAME, type Projects, PROJECTS_MAX } from './projects.ts';
import { ProjectError } from './project-error.ts';

interface Bench {
  readonly catalog: Catalog;
  readonly keys: KeyRing;
  readonly projects: Projects;
  nowMs: number;
}

const open = async (t: TestContext, path = ':memory:'): Promise<Bench> => {
  const state = { nowMs: 1_000 };
  const clock = { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs };
  const catalog = await openCatalog(path);
  const telemetry = quietTelemetry();
  const audit = createAuditLog({ catalog, clock, telemetry });
  const keys = await openKeyRing({ catalog, audit, clock, telemetry });
  t.after(async () => {
    await keys.close();
    await catalog.close();
  });
  return Object.assign(state, { catalog, keys, projects: createProjects({ catalog, keys, audit, clock }) });
};

test('a project is made with a write key of its own, and both are there after a restart', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-projects-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'catalog.sqlite');
  const bench = await open(t, path);
  await bench.projects.create('shop', PLATFORM);
  bench.nowMs = 2_000;
  const { project, writeKey } = await bench.projects.create('app-2', PLATFORM);
  assert.deepEqual(project, {
    id: 'app-2',
    name: 'app-2',
    organisation: 'default',
    createdAtMs: 2_000,
    timezone: null,
    isBeingRemoved: false,
  });
  assert.match(writeKey, /^aev_w_/);
  const again = await open(t, path);
  assert.deepEqual(await again.projects.list(null), [
    { ...project, id: 'shop', name: 'shop', createdAtMs: 1_000 },
    project,
  ]);
  assert.deepEqual(await again.projects.list('app-2'), [project]);
  assert.deepEqual(await again.projects.list('none'), []);
  const principal = again.keys.authenticate(writeKey);
  assert.deepEqual([principal?.project, [...(principal?.permissions ?? [])]], ['app-2', ['events:send']]);
});

test('a name is taken once, also by two who ask at the same time', async (t) => {
  const { projects, keys } = await open(t);
  const tried = await Promise.allSettled([
    projects.create('shop', PLATFORM),
    projects.create('shop', PLATFORM),
  ]);
  assert.deepEqual(tried.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await assert.rejects(projects.create('shop', PLATFORM), (error: unknown) => {
    assert.ok(error instanceof ProjectError);
    assert.match(error.message, /a project "shop" already/);
    return true;
  });
  assert.equal(keys.list('shop').length, 1);
});

test('a project that gets no key is not made', async (t) => {
  const { catalog, projects, keys } = await open(t);
  await sql`CREATE TRIGGER no_keys BEFORE INSERT ON keys BEGIN SELECT RAISE(ABORT, 'no'); END`.execute(
    catalog.db,
  );
  await assert.rejects(projects.create('shop', PLATFORM), /no/);
  assert.deepEqual([await projects.list(null), keys.list('shop')], [[], []]);
  await sql`DROP TRIGGER no_keys`.execute(catalog.db);
  assert.equal((await projects.create('shop', PLATFORM)).project.name, 'shop');
});

test('there are not more projects than the bound', async (t) => {
  const { catalog, projects } = await open(t);
  const rows = Array.from({ length: PROJECTS_MAX }, (_, at) => ({ id: `p${at}`, name: '', created_at: at }));
  await catalog.db.insertInto('projects').values(rows).execute();
  await assert.rejects(projects.create('one-more', PLATFORM), /1,000 projects/);
});

test('names are lower-case letters, digits and hyphens between them', () => {
  for (const name of ['a', '7', 'shop', 'shop-2', 'a--b', '2026']) assert.match(name, PROJECT_NAME);
  for (const name of ['', '-', 'a-', '-a', 'Shop', 'a b', 'a_b', 'ä', 'a/b', 'a\n', '..'])
    assert.doesNotMatch(name, PROJECT_NAME);
});

test('only admin keys of the first project are the operator of all', async (t) => {
  const { keys, catalog, projects } = await open(t);
  await catalog.db.insertInto('projects').values({ id: DEFAULT_PROJECT, name: '', created_at: 1 }).execute();
  await projects.create('shop', PLATFORM);
  const isTheOperators = async (project: string, kind: 'read' | 'admin') => {
    const { key } = await keys.create({ project, scopes: [kind], name: 'k', by: PLATFORM });
    const principal = keys.authenticate(key);
    return principal !== undefined && isOperator(principal);
  };
  assert.equal(await isTheOperators(DEFAULT_PROJECT, 'admin'), true);
  assert.equal(await isTheOperators(DEFAULT_PROJECT, 'read'), false);
  assert.equal(await isTheOperators('shop', 'admin'), false);
});
