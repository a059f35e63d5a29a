import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { AuditError, type AuditLog, createAuditLog } from './audit.ts';
import { type AuditEntry, canonicalText, FIRST_PREVIOUS, hashOfText, type AuditRow } from './audit-entry.ts';

const ENTRY: AuditEntry = {
  actor: { kind: 'key', id: 'key_1', name: 'Team' },
  action: 'key.created',
  object: 'key_2',
  project: 'shop',
  detail: { scopes: 'read', expires: null },
};

interface Bench {
  readonly path: string;
  readonly catalog: Catalog;
  readonly audit: AuditLog;
  readonly troubles: (string | null)[];
}

const open = async (t: TestContext): Promise<Bench> => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-audit-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'catalog.sqlite');
  const catalog = await openCatalog(path);
  t.after(() => catalog.close());
  const troubles: (string | null)[] = [];
  const audit = createAuditLog({
    catalog,
    clock: { nowMs: () => 1_000, monotonicMs: () => 0 },
    telemetry: quietTelemetry(),
    onTrouble: (trouble) => troubles.push(trouble),
  });
  return { path, catalog, audit, troubles };
};

const rowsOf = (catalog: Catalog): Promise<AuditRow[]> =>
  catalog.db.selectFrom('audit').selectAll().orderBy('sequence').execute();

test('each entry holds the hash of the one before, and the head that of the last', async (t) => {
  const { catalog, audit } = await open(t);
  assert.deepEqual({ ...(await audit.head()) }, { sequence: 0, hash: FIRST_PREVIOUS });
  await audit.record(ENTRY);
  await audit.record({ ...ENTRY, project: null, outcome: 'refused' });
  const [first, second] = await rowsOf(catalog);
  assert.ok(first && second);
  assert.equal(first.previous, FIRST_PREVIOUS);
  assert.equal(second.previous, first.hash);
  assert.equal(second.hash, hashOfText(canonicalText(second)));
  assert.deepEqual({ ...(await audit.head()) }, { sequence: 2, hash: second.hash });
});

test('the encoding is the documented one', async (t) => {
  const { catalog, audit } = await open(t);
  await audit.record(ENTRY);
  const [row] = await rowsOf(catalog);
  const text = `[1,1,1000,"key","key_1","Team",null,"shop","key.created","key_2","done","{\\"scopes\\":\\"read\\",\\"expires\\":null}","${FIRST_PREVIOUS}"]`;
  assert.ok(row);
  assert.equal(canonicalText(row), text);
  assert.equal(row.hash, hashOfText(text));
});

test('texts are kept to what is stored and read back in one way', async (t) => {
  const { catalog, audit } = await open(t);
  const name = `line\nend \u0000 half \ud800 mark \ufffd ${'long '.repeat(100)}`;
  await audit.record({ ...ENTRY, actor: { ...ENTRY.actor, name }, detail: { why: name } });
  const [row] = await rowsOf(catalog);
  assert.ok(row);
  assert.equal(row.actor_name.slice(0, 26), 'line?end ? half ? mark ? l');
  assert.equal(row.actor_name.length, 300);
  assert.equal(row.hash, hashOfText(canonicalText(row)));
});

test('a change and its entry are made together or not at all', async (t) => {
  const { catalog, audit } = await open(t);
  const insert = (id: string) =>
    audit.change(
      async (transaction) => {
        await transaction.insertInto('projects').values({ id, name: id, created_at: 1 }).execute();
        return id;
      },
      (made) => ({ ...ENTRY, action: 'project.created', object: made }),
    );
  await insert('a');
  await assert.rejects(insert('a'), /UNIQUE/);
  const rows = await rowsOf(catalog);
  assert.deepEqual(
    rows.map(({ object }) => object),
    ['a'],
  );
  await audit.change(
    () => Promise.resolve(),
    () => undefined,
  );
  assert.equal((await audit.head()).sequence, 1);
});

test('what cannot be entered is not done, and said', async (t) => {
  const { catalog, audit, troubles } = await open(t);
  await sql`PRAGMA query_only = ON`.execute(catalog.db);
  const change = audit.change(
    () => Promise.resolve('done'),
    () => ENTRY,
  );
  await assert.rejects(change, (error: unknown) => {
    assert.ok(error instanceof AuditError);
    assert.match(error.message, /cannot be written .* not done/);
    return true;
  });
  await sql`PRAGMA query_only = OFF`.execute(catalog.db);
  await audit.record(ENTRY);
  await audit.record(ENTRY);
  assert.equal(troubles.length, 2);
  assert.match(troubles[0] ?? '', /readonly/);
  assert.equal(troubles[1], null);
});

test('trouble is over when entries can be written again, though nobody writes any', async (t) => {
  const { catalog, audit, troubles } = await open(t);
  await audit.probe();
  await sql`PRAGMA query_only = ON`.execute(catalog.db);
  await assert.rejects(audit.record(ENTRY), AuditError);
  await audit.probe();
  assert.equal(troubles.length, 1);
  await sql`PRAGMA query_only = OFF`.execute(catalog.db);
  await audit.probe();
  assert.equal(troubles[1], null);
  assert.deepEqual({ ...(await audit.head()) }, { sequence: 0, hash: FIRST_PREVIOUS });
});

test('a transaction that reads first is not broken by a writer of another process', async (t) => {
  const { path, catalog, audit } = await open(t);
  const other = new DatabaseSync(path, { timeout: 0 });
  t.after(() => other.close());
  await audit.change(
    async (transaction) => {
      await transaction.selectFrom('projects').selectAll().execute();
      assert.throws(() => other.exec("UPDATE audit_head SET hash = 'x'"), /locked/);
    },
    () => ENTRY,
  );
  assert.equal((await rowsOf(catalog)).length, 1);
});
