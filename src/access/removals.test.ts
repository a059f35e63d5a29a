import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createAuditLog } from './audit.ts';
import { PLATFORM } from './audit-entry.ts';
import { sql } from 'kysely';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { type KeyRing, openKeyRing } from './keys.ts';
import { ProjectError } from './project-error.ts';
import { ensureOrganisation } from './organisations.ts';
import { createProjects, type Projects } from './projects.ts';
import { OF_PROJECTS, ProjectRemovals } from './removals.ts';

const clock: Clock = { nowMs: () => 1_000, monotonicMs: () => 0 };

interface Bench {
  readonly catalog: Catalog;
  readonly keys: KeyRing;
  readonly projects: Projects;
  readonly removals: ProjectRemovals;
  /** What was done, in order. */
  readonly done: string[];
  close(): Promise<void>;
}

/** A platform's removals that stand still at a step, as if the process ended there. */
const open = async (t: TestContext, path: string, stillAt?: 'settle' | 'delete'): Promise<Bench> => {
  const catalog = await openCatalog(path);
  const telemetry = quietTelemetry();
  const audit = createAuditLog({ catalog, clock, telemetry });
  const keys = await openKeyRing({ catalog, audit, clock, telemetry });
  const projects = createProjects({ catalog, keys, audit, clock });
  const done: string[] = [];
  const step = (name: 'settle' | 'delete', what: string, signal: AbortSignal): Promise<void> => {
    done.push(what);
    if (name !== stillAt) return Promise.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
  };
  const removals = new ProjectRemovals({
    ...{ catalog, keys, clock, telemetry },
    settled: (signal) => step('settle', 'settled', signal),
    deleteRows: (project, signal) => step('delete', `deleted ${project}`, signal),
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await removals.stop();
    await keys.close();
    await catalog.close();
  };
  t.after(close);
  return { catalog, keys, projects, removals, done, close };
};

const pathFor = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-removals-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return join(dir, 'catalog.sqlite');
};

const names = async (projects: Projects): Promise<string[]> =>
  (await projects.list(null)).map(({ id, isBeingRemoved }) => (isBeingRemoved ? `${id} going` : id));

for (const stillAt of ['settle', 'delete'] as const)
  test(`a removal that ends at the step "${stillAt}" goes on with the next process`, async (t) => {
    const path = pathFor(t);
    const first = await open(t, path, stillAt);
    const { writeKey } = await first.projects.create('shop', PLATFORM);
    const removal = await first.removals.begin('shop', PLATFORM);
    assert.deepEqual([removal?.project.id, [...first.removals.ids]], ['shop', ['shop']]);
    assert.equal(first.keys.authenticate(writeKey), undefined, 'its keys are good for nothing at once');
    assert.deepEqual(await names(first.projects), ['shop going']);
    const again = await first.projects.create('shop', PLATFORM);
    assert.equal(again.project.id, 'shop~2');
    await first.close();

    const second = await open(t, path);
    await second.removals.resume();
    await Promise.all(second.removals.underWay.map(({ done }) => done));
    assert.deepEqual(second.done, ['settled', 'deleted shop']);
    assert.deepEqual(await names(second.projects), ['shop~2']);
    assert.deepEqual([...second.removals.ids], []);
    assert.equal(second.keys.list('shop').length, 0);
    assert.equal(second.keys.authenticate(again.writeKey)?.project, 'shop~2');
  });

test('a step that fails is tried again, and ids are never used twice', async (t) => {
  const { catalog, keys, projects } = await open(t, pathFor(t));
  let tries = 0;
  const removals = new ProjectRemovals({
    ...{ catalog, keys, clock, telemetry: quietTelemetry() },
    settled: () => Promise.resolve(),
    deleteRows: () =>
      ++tries === 1 ? Promise.reject(new Error('the warehouse is away')) : Promise.resolve(),
  });
  const ids: string[] = [];
  for (let round = 0; round < 3; round++) {
    ids.push((await projects.create('shop', PLATFORM)).project.id);
    await (await removals.begin('shop', PLATFORM))?.done;
  }
  assert.deepEqual(ids, ['shop', 'shop~2', 'shop~3']);
  assert.equal(tries, 4);
  assert.deepEqual(await names(projects), []);
  await removals.stop();
});

test('roles in a project and invitations to it go with it, those in others stay', async (t) => {
  const { catalog, projects, removals } = await open(t, pathFor(t), 'settle');
  const { db } = catalog;
  await ensureOrganisation(db, 1);
  for (const name of ['shop', 'app']) await projects.create(name, PLATFORM);
  const user = { id: 'user_1', email: 'a@b', email_key: 'a@b', name: 'A', password_hash: '' };
  const nulls = { signed_in_at: null, disabled_at: null };
  await db
    .insertInto('users')
    .values({ ...user, ...nulls, created_at: 1 })
    .execute();
  for (const project of ['shop', 'app', null]) {
    const what = { organisation: 'default', project, role: 'viewer', created_at: 1 };
    const id = `of ${project ?? 'all'}`;
    await db
      .insertInto('memberships')
      .values({ ...what, id, user_id: user.id })
      .execute();
    const invited = { email: 'c@d', email_key: 'c@d', invited_by: 'A', expires_at: 2, used_at: null };
    await db
      .insertInto('invitations')
      .values({ ...what, ...invited, id, hash: id })
      .execute();
  }
  await removals.begin('shop', PLATFORM);
  for (const table of ['memberships', 'invitations'] as const) {
    const rows = await db.selectFrom(table).select('id').orderBy('id').execute();
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['of all', 'of app'],
    );
  }
});

test('a project that is being removed gets no key, and is removed once', async (t) => {
  const { keys, projects, removals } = await open(t, pathFor(t), 'settle');
  await projects.create('shop', PLATFORM);
  const first = await removals.begin('shop', PLATFORM);
  const second = await removals.begin('shop', PLATFORM);
  assert.equal(second?.done, first?.done);
  await assert.rejects(
    keys.create({ project: 'shop', scopes: ['read'], name: 'late', by: PLATFORM }),
    ProjectError,
  );
  assert.equal(await removals.begin('none', PLATFORM), undefined);
  await assert.rejects(removals.begin('default', PLATFORM), ProjectError);
});

/** These outlive the project: who did what, and keys, which go last. */
const STAYING = ['audit', 'keys'];

test('no table of the catalogue that names projects is forgotten', async () => {
  const catalog = await openCatalog(':memory:');
  const { rows } = await sql<{ readonly name: string }>`SELECT m.name FROM sqlite_master m
    JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'project' ORDER BY m.name`.execute(
    catalog.db,
  );
  assert.deepEqual(rows.map(({ name }) => name).sort(), [...OF_PROJECTS, ...STAYING].sort());
  await catalog.close();
});
