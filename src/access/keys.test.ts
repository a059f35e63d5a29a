import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { AuditError, createAuditLog } from './audit.ts';
import { type AuditActor, PLATFORM } from './audit-entry.ts';
import { isMadeKey } from './key-format.ts';
import { KeyTermsError } from './key-terms.ts';
import { type KeyRing, type NewKey, openKeyRing } from './keys.ts';
import type { Scope } from './permissions.ts';

const ADA: AuditActor = { kind: 'user', id: 'user_1', name: 'Ada' };
const WRITE: NewKey = { project: 'shop', scopes: ['ingest'], name: 'page', by: ADA };

interface Bench {
  readonly catalog: Catalog;
  readonly keys: KeyRing;
  readonly clock: { ms: number };
  readonly entries: () => Promise<string[]>;
}

const open = async (t: TestContext): Promise<Bench> => {
  const catalog = await openCatalog(':memory:');
  await catalog.db.insertInto('projects').values({ id: 'shop', name: 'shop', created_at: 1 }).execute();
  const clock = { ms: 1_000 };
  const around = {
    catalog,
    clock: { nowMs: () => clock.ms, monotonicMs: () => 0 },
    telemetry: quietTelemetry(),
  };
  const keys = await openKeyRing({ ...around, audit: createAuditLog(around) });
  t.after(async () => {
    await keys.close();
    await catalog.close();
  });
  const entries = async () => {
    const rows = await catalog.db.selectFrom('audit').selectAll().orderBy('sequence').execute();
    return rows.map(({ action, object, actor_id: actor }) => `${actor} ${action} ${object}`);
  };
  return { catalog, keys, clock, entries };
};

test('a key has the scopes that it was made with, and its letter says the most of them', async (t) => {
  const { keys } = await open(t);
  const cases: [readonly Scope[], string, readonly Scope[]][] = [
    [['ingest'], 'aev_w_', ['ingest']],
    [['read'], 'aev_r_', ['read']],
    [['sql', 'read'], 'aev_r_', ['read', 'sql']],
    [['read', 'ingest', 'ingest'], 'aev_m_', ['ingest', 'read']],
    [['admin'], 'aev_a_', ['admin']],
  ];
  for (const [scopes, beginning, kept] of cases) {
    const { key, info } = await keys.create({ ...WRITE, scopes });
    assert.ok(key.startsWith(beginning), key);
    assert.ok(isMadeKey(key));
    assert.deepEqual(info.scopes, kept);
  }
});

test('a key that ends is refused from then on, wherever it is asked about', async (t) => {
  const { keys, clock } = await open(t);
  const { key, info } = await keys.create({ ...WRITE, expiresAtMs: 5_000 });
  const principal = keys.authenticate(key);
  assert.ok(principal);
  clock.ms = 4_999;
  assert.deepEqual([keys.stillHolds(principal), keys.isActive(info.id)], [true, true]);
  clock.ms = 5_000;
  assert.deepEqual([keys.stillHolds(principal), keys.isActive(info.id)], [false, false]);
  assert.equal(keys.authenticate(key), undefined);
  assert.equal(keys.refusalOf(key), 'expired');
  assert.equal(keys.refusalOf('aev_w_nobody'), 'unknown');
  await keys.revoke('shop', info.id, ADA);
  assert.equal(keys.refusalOf(key), 'revoked');
});

test('keys that nobody could use as they are meant are not made', async (t) => {
  const { keys, entries } = await open(t);
  const bad: [Partial<NewKey>, RegExp][] = [
    [{ scopes: [] }, /needs a scope/],
    [{ expiresAtMs: 1_000 }, /expired already/],
    [{ origins: ['https://a.example/'] }, /not an origin/],
    [{ origins: ['https://a.example'], scopes: ['ingest', 'read'] }, /only send events/],
    [{ origins: Array.from({ length: 51 }, (_, at) => `https://a${at}.example`) }, /at most 50/],
  ];
  for (const [change, message] of bad)
    await assert.rejects(keys.create({ ...WRITE, ...change }), (error: unknown) => {
      assert.ok(error instanceof KeyTermsError);
      assert.match(error.message, message);
      return true;
    });
  assert.deepEqual(await entries(), []);
});

test('terms are kept in the catalogue', async (t) => {
  const { keys, catalog } = await open(t);
  const origins = ['https://shop.example.com', 'https://*.example.org'];
  const { key } = await keys.create({ ...WRITE, expiresAtMs: 9_000, origins });
  await catalog.db.updateTable('keys').set({ name: 'other' }).execute();
  const clock = { nowMs: () => 2_000, monotonicMs: () => 0 };
  const around = { catalog, clock, telemetry: quietTelemetry() };
  const ring = await openKeyRing({ ...around, audit: createAuditLog(around) });
  t.after(() => ring.close());
  const [info] = ring.list('shop');
  assert.deepEqual([info?.expiresAtMs, info?.origins, info?.name], [9_000, origins, 'other']);
  assert.deepEqual(ring.authenticate(key)?.origins, origins);
});

test('a rotated key lives on for a while, and its successor is like it', async (t) => {
  const { keys, clock, entries } = await open(t);
  const origins = ['https://shop.example.com'];
  const old = await keys.create({ ...WRITE, origins, expiresAtMs: 101_000 });
  clock.ms = 50_000;
  const rotation = { project: 'shop', id: old.info.id, graceMs: 10_000, by: ADA };
  const made = await keys.rotate(rotation);
  assert.ok(made);
  assert.deepEqual([made.info.name, made.info.origins, made.info.expiresAtMs], ['page', origins, 150_000]);
  assert.ok(keys.authenticate(old.key) && keys.authenticate(made.key));
  clock.ms = 60_000;
  assert.equal(keys.authenticate(old.key), undefined);
  assert.equal(keys.refusalOf(old.key), 'expired');
  assert.ok(keys.authenticate(made.key));
  assert.equal(await keys.rotate(rotation), undefined, 'an ended key has no successor');
  assert.equal(await keys.rotate({ ...rotation, project: 'other', id: made.info.id }), undefined);
  assert.deepEqual(await entries(), [
    `user_1 key.created ${old.info.id}`,
    `user_1 key.rotated ${old.info.id}`,
  ]);
});

test('a rotation never makes a key live longer', async (t) => {
  const { keys, clock } = await open(t);
  const old = await keys.create({ ...WRITE, expiresAtMs: 6_000 });
  clock.ms = 5_000;
  await keys.rotate({ project: 'shop', id: old.info.id, graceMs: 1e9, by: ADA });
  clock.ms = 6_000;
  assert.equal(keys.authenticate(old.key), undefined);
});

test('no key is made, replaced or revoked without its entry', async (t) => {
  const { keys, catalog, entries } = await open(t);
  const { key, info } = await keys.create(WRITE);
  await sql`DROP TABLE audit_head`.execute(catalog.db);
  await assert.rejects(keys.create(WRITE));
  await assert.rejects(keys.rotate({ project: 'shop', id: info.id, graceMs: 0, by: ADA }));
  await assert.rejects(keys.revoke('shop', info.id, ADA));
  assert.deepEqual(
    keys.list('shop').map(({ id, revokedAtMs, expiresAtMs }) => [id, revokedAtMs, expiresAtMs]),
    [[info.id, null, null]],
  );
  assert.ok(keys.authenticate(key), 'what is not revoked goes on working');
  assert.equal((await entries()).length, 1);
});

test('a catalogue that takes nothing is told as such', async (t) => {
  const { keys, catalog } = await open(t);
  await sql`PRAGMA query_only = ON`.execute(catalog.db);
  await assert.rejects(keys.create({ ...WRITE, by: PLATFORM }), AuditError);
  await sql`PRAGMA query_only = OFF`.execute(catalog.db);
});

test('a second revocation is no entry', async (t) => {
  const { keys, entries } = await open(t);
  const { info } = await keys.create(WRITE);
  assert.equal(await keys.revoke('shop', info.id, ADA), true);
  assert.equal(await keys.revoke('shop', info.id, ADA), true);
  assert.equal(await keys.revoke('shop', 'key_none', ADA), false);
  assert.equal(await keys.revoke('other', info.id, ADA), false);
  assert.equal((await entries()).length, 2);
});
