import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAuditLog } from './audit.ts';
import { PLATFORM } from './audit-entry.ts';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import type { Clock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { CredentialError, type CredentialOptions, ensureCredentials } from './credentials.ts';
import { hashKey, isMadeKey, isMistypedKey, makeKey, prefixOf, presetProblem } from './key-format.ts';
import { type KeyRing, openKeyRing } from './keys.ts';
import { PERMISSION_NAMES } from './permissions.ts';
import { permissionsOfKey } from './principal.ts';
import { tokenOf } from './token.ts';

const clock: Clock = { nowMs: () => 1_000, monotonicMs: () => 0 };

const folder = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-access-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
};

interface Bench {
  catalog: Catalog;
  keys: KeyRing;
  ensure(presets?: CredentialOptions['presets']): ReturnType<typeof ensureCredentials>;
}

const open = async (t: TestContext, dir: string): Promise<Bench> => {
  const catalog = await openCatalog(join(dir, 'catalog.sqlite'));
  const telemetry = quietTelemetry();
  const audit = createAuditLog({ catalog, clock, telemetry });
  const keys = await openKeyRing({ catalog, audit, clock, telemetry });
  t.after(async () => {
    await keys.close();
    await catalog.close();
  });
  const path = join(dir, 'credentials.json');
  return {
    catalog,
    keys,
    ensure: (presets = {}) => ensureCredentials({ catalog, keys, clock, path, presets }),
  };
};

test('a made key says its kind, has 160 random bits and proves that it is not mistyped', () => {
  const key = makeKey(['ingest']);
  assert.match(key, /^aev_w_[0-9A-Za-z]{33}$/);
  assert.notEqual(key, makeKey(['ingest']));
  assert.ok(isMadeKey(key));
  for (let at = 0; at < key.length; at++) {
    const typo = `${key.slice(0, at)}${key[at] === 'x' ? 'y' : 'x'}${key.slice(at + 1)}`;
    assert.equal(isMadeKey(typo), false, `a typo at ${at} goes unnoticed`);
  }
  assert.ok(isMistypedKey(key.slice(0, -1)));
  assert.equal(isMistypedKey('a preset key'), false);
  assert.equal(prefixOf(key), key.slice(0, 12));
  assert.equal(prefixOf('short-preset-key'), 'shor');
});

test('preset keys are judged before they are used', () => {
  assert.equal(presetProblem('0123456789abcdef'), undefined);
  assert.equal(presetProblem(makeKey(['admin'])), undefined);
  assert.match(presetProblem('short') ?? '', /at least 16/);
  assert.match(presetProblem('with a space in it') ?? '', /visible ASCII/);
  assert.match(presetProblem('with:a:colon:in:it') ?? '', /no colon/);
  assert.match(presetProblem(makeKey(['ingest']).slice(0, -1)) ?? '', /mistyped/);
  assert.match(presetProblem('x'.repeat(300)) ?? '', /at most 256/);
});

test('the key is found in each of the headers that may carry it', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.equal(tokenOf('Bearer abc', undefined), 'abc');
  assert.equal(tokenOf('bearer  abc ', undefined), 'abc');
  assert.equal(tokenOf(basic('abc:'), undefined), 'abc');
  assert.equal(tokenOf(basic('abc:ignored'), undefined), 'abc');
  assert.equal(tokenOf(basic('abc'), undefined), 'abc');
  assert.equal(tokenOf(basic(':password'), undefined), undefined);
  assert.equal(tokenOf(undefined, ' abc '), 'abc');
  assert.equal(tokenOf('Bearer first', 'second'), 'first');
  assert.equal(tokenOf('Digest whatever', 'second'), 'second');
  assert.equal(tokenOf(undefined, ''), undefined);
  assert.equal(tokenOf(undefined, undefined), undefined);
});

test('a key is stored as its hash only, works until it is revoked, and survives a restart', async (t) => {
  const dir = folder(t);
  const first = await open(t, dir);
  await first.ensure();
  const { key, info } = await first.keys.create({
    project: 'default',
    scopes: ['read'],
    name: 'board',
    by: PLATFORM,
  });
  assert.deepEqual(first.keys.authenticate(key)?.permissions, permissionsOfKey('default', ['read']));
  assert.equal(first.keys.authenticate(`${key}x`), undefined);
  const stored = await first.catalog.db.selectFrom('keys').selectAll().where('id', '=', info.id).execute();
  assert.equal(stored[0]?.hash, hashKey(key));
  assert.ok(!JSON.stringify(stored).includes(key));
  const second = await open(t, dir);
  assert.equal(second.keys.authenticate(key)?.project, 'default');
  assert.equal(await second.keys.revoke('other', info.id, PLATFORM), false);
  const revoking = second.keys.revoke('default', info.id, PLATFORM);
  assert.equal(second.keys.authenticate(key), undefined, 'revoking takes effect before it is written');
  assert.equal(await revoking, true);
  await first.keys.refresh();
  assert.equal(first.keys.authenticate(key), undefined, 'another process sees it after a refresh');
});

test('what a key was good for holds until the key is revoked or read anew', async (t) => {
  const bench = await open(t, folder(t));
  await bench.ensure();
  const { keys } = bench;
  const { key, info } = await keys.create({
    project: 'default',
    scopes: ['ingest'],
    name: 'n',
    by: PLATFORM,
  });
  const principal = keys.authenticate(key);
  assert.ok(principal !== undefined);
  assert.equal(keys.stillHolds(principal), true);
  assert.equal(keys.stillHolds({ ...principal }), false, 'a principal that was made up');
  await keys.revoke('default', info.id, PLATFORM);
  assert.equal(keys.stillHolds(principal), false);
});

test('the time of last use is kept', async (t) => {
  const dir = folder(t);
  const first = await open(t, dir);
  const credentials = await first.ensure();
  first.keys.authenticate(credentials?.write_key ?? '');
  await first.keys.close();
  const second = await open(t, dir);
  const used = second.keys.list('default').map(({ name, lastUsedAtMs }) => [name, lastUsedAtMs]);
  assert.deepEqual(Object.fromEntries(used), { 'first write key': 1_000, 'first admin key': null });
});

test('first start makes a project, a write key and an admin key, in a file that only the owner can read', async (t) => {
  const dir = folder(t);
  const first = await open(t, dir);
  const made = await first.ensure();
  assert.ok(made !== undefined && isMadeKey(made.write_key) && isMadeKey(made.admin_key));
  const path = join(dir, 'credentials.json');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), made);
  assert.deepEqual([...(first.keys.authenticate(made.write_key)?.permissions ?? [])], ['events:send']);
  assert.deepEqual(
    [...(first.keys.authenticate(made.admin_key)?.permissions ?? [])].toSorted(),
    PERMISSION_NAMES.toSorted(),
  );
  const second = await open(t, dir);
  assert.deepEqual(await second.ensure(), made);
  assert.equal(second.keys.list('default').length, 2);
});

test('a first start that was cut off between file and catalog loses no key', async (t) => {
  const dir = folder(t);
  const first = await open(t, dir);
  const made = await first.ensure();
  await first.catalog.db.deleteFrom('keys').execute();
  const second = await open(t, dir);
  assert.deepEqual(await second.ensure(), made);
  assert.ok(second.keys.authenticate(made?.write_key ?? ''));
});

test('a deleted file is not made again, for its keys are not known any more', async (t) => {
  const dir = folder(t);
  const first = await open(t, dir);
  const made = await first.ensure();
  rmSync(join(dir, 'credentials.json'));
  assert.equal(await first.ensure(), undefined);
  assert.ok(first.keys.authenticate(made?.write_key ?? ''));
});

test('a damaged file is refused with words', async (t) => {
  const dir = folder(t);
  const first = await open(t, dir);
  await first.ensure();
  for (const text of ['{', '[]', 'null', '{"project":"default"}']) {
    writeFileSync(join(dir, 'credentials.json'), text);
    await assert.rejects(first.ensure(), /credentials\.json is damaged/);
  }
});

test('preset keys are used, replace earlier ones, and a revoked or misused one is refused', async (t) => {
  const dir = folder(t);
  const bench = await open(t, dir);
  const { keys } = bench;
  const ensure = (presets?: CredentialOptions['presets']) => bench.ensure(presets);
  const made = await ensure();
  const preset = 'preset-write-key-0001';
  const after = await ensure({ write: preset });
  assert.deepEqual(after, { ...made, write_key: preset });
  assert.deepEqual([...(keys.authenticate(preset)?.permissions ?? [])], ['events:send']);
  assert.equal(keys.authenticate(made?.write_key ?? ''), undefined);
  assert.deepEqual(await ensure({ write: preset }), after);
  await assert.rejects(ensure({ write: made?.write_key }), /was revoked/);
  await assert.rejects(ensure({ write: made?.admin_key }), /must differ/);
  const other = await keys.create({ project: 'default', scopes: ['read'], name: 'board', by: PLATFORM });
  await assert.rejects(ensure({ admin: other.key }), /other rights \(read\)/);
  await assert.rejects(ensure({ admin: 'short' }), CredentialError);
});

test('credentials that cannot be read stop the start', { skip: process.getuid?.() === 0 }, async (t) => {
  const dir = folder(t);
  const first = await open(t, dir);
  await first.ensure();
  chmodSync(join(dir, 'credentials.json'), 0o000);
  await assert.rejects(first.ensure(), /cannot be read/);
});
