import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sql } from 'kysely';
import { CatalogError, openCatalog } from './catalog.ts';
import { readSetting, writeSetting } from './settings.ts';

const folder = (t: { after(fn: () => void): void }): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-catalog-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
};

test('a catalog keeps what was written when it is opened again', async (t) => {
  const path = join(folder(t), 'catalog.sqlite');
  const first = await openCatalog(path);
  await first.db.insertInto('projects').values({ id: 'p', name: 'P', created_at: 5 }).execute();
  await first.close();
  const second = await openCatalog(path);
  t.after(() => second.close());
  assert.deepEqual(
    { ...(await second.db.selectFrom('projects').selectAll().executeTakeFirst()) },
    {
      id: 'p',
      name: 'P',
      created_at: 5,
      removing_at: null,
      timezone: null,
      organisation: 'default',
    },
  );
});

test('durability settings are in force', async (t) => {
  const catalog = await openCatalog(join(folder(t), 'catalog.sqlite'));
  t.after(() => catalog.close());
  const mode = await sql<{ journal_mode: string }>`PRAGMA journal_mode`.execute(catalog.db);
  const synchronous = await sql<{ synchronous: number }>`PRAGMA synchronous`.execute(catalog.db);
  assert.equal(mode.rows[0]?.journal_mode, 'wal');
  assert.equal(synchronous.rows[0]?.synchronous, 2);
});

test('a transaction that fails leaves nothing, and the catalog goes on', async (t) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const attempt = catalog.db.transaction().execute(async (trx) => {
    await trx.insertInto('projects').values({ id: 'a', name: 'A', created_at: 1 }).execute();
    throw new Error('no');
  });
  await assert.rejects(attempt, /no/);
  assert.deepEqual(await catalog.db.selectFrom('projects').selectAll().execute(), []);
});

test('a key needs a project that exists', async (t) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const row = { id: 'k', project: 'none', name: '', hash: 'h', prefix: 'p', scopes: 'read', created_at: 1 };
  await assert.rejects(catalog.db.insertInto('keys').values(row).execute(), /FOREIGN KEY/);
});

test('changes of other connections are noticed, own ones are not', async (t) => {
  const path = join(folder(t), 'catalog.sqlite');
  const catalog = await openCatalog(path);
  t.after(() => catalog.close());
  catalog.changedByOthers();
  await writeSetting(catalog, 'a', 1, 0);
  assert.equal(catalog.changedByOthers(), false);
  const other = new DatabaseSync(path);
  other.exec("INSERT INTO projects (id, name, created_at) VALUES ('x', 'X', 1)");
  other.close();
  assert.equal(catalog.changedByOthers(), true);
  assert.equal(catalog.changedByOthers(), false);
});

test('a damaged file is refused with words', async (t) => {
  const path = join(folder(t), 'catalog.sqlite');
  writeFileSync(path, 'this is not a database, however long one looks at it'.repeat(100));
  await assert.rejects(openCatalog(path), (error: unknown) => {
    assert.ok(error instanceof CatalogError);
    assert.match(error.message, /catalog\.sqlite cannot be opened: .*not a database/);
    return true;
  });
});

test('the version of a setting counts changes, not writes', async (t) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  assert.equal(await readSetting(catalog, 'limits'), undefined);
  assert.equal(await writeSetting(catalog, 'limits', { a: 1 }, 10), 1);
  assert.equal(await writeSetting(catalog, 'limits', { a: 1 }, 20), 1);
  assert.equal(await writeSetting(catalog, 'limits', { a: 2 }, 30), 2);
  assert.deepEqual(await readSetting(catalog, 'limits'), { value: { a: 2 }, version: 2 });
});

test('a catalog of an earlier version is brought forward with all that is in it', async (t) => {
  const path = join(folder(t), 'catalog.sqlite');
  await (await openCatalog(path)).close();
  const older = new DatabaseSync(path);
  // What the sixth migration and those after it made, taken away again.
  older.exec(`
    DELETE FROM kysely_migration WHERE name >= '006';
    DROP TABLE query_jobs; DROP TABLE imports; DROP TABLE event_descriptions; DROP TABLE metrics; DROP TABLE export_runs; DROP TABLE exports; DROP TABLE annotations; DROP TABLE shares; DROP TABLE saved_versions; DROP TABLE saved_objects;
    DROP TABLE cohorts; DROP TABLE password_resets; DROP TABLE invitations; DROP TABLE memberships; DROP TABLE users; DROP TABLE organisations;
    DROP INDEX sessions_by_user; ALTER TABLE sessions DROP COLUMN user_id; ALTER TABLE projects DROP COLUMN organisation; ALTER TABLE projects DROP COLUMN timezone;
    INSERT INTO projects (id, name, created_at) VALUES ('default', 'Default', 1), ('shop', 'Shop', 2);
    INSERT INTO sessions (hash, created_at, expires_at) VALUES ('h', 1, 2);`);
  older.close();
  const catalog = await openCatalog(path);
  t.after(() => catalog.close());
  const projects = await catalog.db.selectFrom('projects').select(['id', 'organisation']).execute();
  assert.deepEqual(
    projects.map(({ id, organisation }) => [id, organisation]),
    [
      ['default', 'default'],
      ['shop', 'default'],
    ],
  );
  const [session] = await catalog.db.selectFrom('sessions').selectAll().execute();
  assert.equal(session?.user_id, null);
  assert.deepEqual(await catalog.db.selectFrom('users').selectAll().execute(), []);
});
