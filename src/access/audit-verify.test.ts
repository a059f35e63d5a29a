import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openCatalog, openCatalogToRead } from '../catalog/catalog.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { type AuditHead, type AuditLog, createAuditLog } from './audit.ts';
import { AuditChainError, type AuditKeeperOptions, keepAuditSmall, listArchives } from './audit-archive.ts';
import { type AuditRow, canonicalText, hashOfText } from './audit-entry.ts';
import { type AuditVerdict, verifyAudit } from './audit-verify.ts';

const ENTRIES = 60;
const KEPT = { entriesMax: 20, archiveEntries: 15 };
const SEED = testSeed();
const note = `repeat with AEVUM_TEST_SEED=${SEED}`;

interface Bench {
  readonly dir: string;
  readonly audit: AuditLog;
  readonly verify: (remembered?: AuditHead) => Promise<AuditVerdict>;
  readonly keep: (more?: Partial<AuditKeeperOptions>) => Promise<void>;
}

const folder = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-verify-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
};

const catalogIn = (dir: string): string => join(dir, 'catalog.sqlite');
const archivesIn = (dir: string): string => join(dir, 'audit');

const verifyIn = async (dir: string, remembered?: AuditHead): Promise<AuditVerdict> => {
  const catalog = openCatalogToRead(catalogIn(dir));
  try {
    return await verifyAudit({ catalog, dir: archivesIn(dir), remembered });
  } finally {
    await catalog.close();
  }
};

const open = async (t: TestContext): Promise<Bench> => {
  const dir = folder(t);
  const catalog = await openCatalog(catalogIn(dir));
  t.after(() => catalog.close());
  const telemetry = quietTelemetry();
  const audit = createAuditLog({ catalog, telemetry, clock: { nowMs: () => 1_000, monotonicMs: () => 0 } });
  const keep = (more: Partial<AuditKeeperOptions> = {}): Promise<void> =>
    keepAuditSmall({
      catalog,
      audit,
      telemetry,
      dir: archivesIn(dir),
      bytesMax: 1e9,
      ...KEPT,
      ...more,
    });
  return { dir, audit, keep, verify: (remembered) => verifyIn(dir, remembered) };
};

const fill = async (audit: AuditLog, entries: number): Promise<void> => {
  for (let index = 0; index < entries; index++)
    await audit.record({
      actor: { kind: 'key', id: `key_${index % 7}`, name: `Tëam "${index}" 🔑` },
      action: 'key.created',
      object: `key_${index}`,
      project: index % 3 === 0 ? null : 'shop',
      detail: { index },
    });
};

/** A log of 60 entries, 30 of them in two archives, that nobody has open. */
const closedLog = async (t: TestContext): Promise<string> => {
  const { dir, audit, keep } = await open(t);
  await fill(audit, ENTRIES);
  await keep();
  const copy = folder(t);
  cpSync(archivesIn(dir), archivesIn(copy), { recursive: true });
  const database = new DatabaseSync(catalogIn(dir));
  database.exec(`VACUUM INTO '${catalogIn(copy)}'`);
  database.close();
  return copy;
};

/** Changes the catalogue of a copy of a log by SQL and says what is found then. */
const after = async (
  t: TestContext,
  dir: string,
  change: (database: DatabaseSync) => void,
  remembered?: AuditHead,
): Promise<AuditVerdict> => {
  const copy = folder(t);
  cpSync(dir, copy, { recursive: true });
  const database = new DatabaseSync(catalogIn(copy));
  change(database);
  database.close();
  return verifyIn(copy, remembered);
};

const rowsOf = (database: DatabaseSync): AuditRow[] =>
  database.prepare('SELECT * FROM audit ORDER BY sequence').all() as unknown as AuditRow[];

test('a log that nobody touched is intact: empty, in the catalogue, and through archives', async (t) => {
  const { audit, keep, verify, dir } = await open(t);
  const empty = await verify();
  assert.deepEqual([empty.entries, empty.first, empty.fault], [0, null, null]);
  await fill(audit, ENTRIES);
  assert.deepEqual((await verify()).fault, null);
  await keep();
  const { entries, first, head, fault } = await verify();
  assert.deepEqual([entries, first, head.sequence, fault], [ENTRIES, 1, ENTRIES, null]);
  const archives = await listArchives(archivesIn(dir));
  assert.deepEqual(
    archives.map((archive) => [archive.first, archive.last]),
    [
      [1, 15],
      [16, 30],
    ],
  );
  assert.equal((await verify(head)).fault, null);
  assert.equal((await verify({ sequence: 20, hash: '' })).fault?.kind, 'forgotten');
});

const COLUMNS =
  'sequence at actor_kind actor_id actor_name organisation project action object outcome detail previous hash';

/** All entries as they are stored, types included. */
const dump = (database: DatabaseSync): string =>
  JSON.stringify(
    database
      .prepare(
        `SELECT ${COLUMNS.split(' ')
          .map((name) => `quote(${name})`)
          .join()} FROM audit ORDER BY sequence`,
      )
      .all(),
  );

const dumpOf = (dir: string): string => {
  const database = new DatabaseSync(catalogIn(dir));
  try {
    return dump(database);
  } finally {
    database.close();
  }
};

test('any change of a row in the catalogue is found', async (t) => {
  const dir = await closedLog(t);
  const random = new SeededRandom(SEED);
  const before = dumpOf(dir);
  const columns = COLUMNS.split(' ');
  for (let round = 0; round < 60; round++) {
    const sequence = 31 + random.below(30);
    const column = columns[random.below(columns.length)] ?? '';
    const verdict = await after(t, dir, (database) => {
      const row = rowsOf(database).find((each) => each.sequence === sequence);
      const old = row?.[column as keyof AuditRow];
      const values = ['', 'x', 1, 2.5, null, Buffer.from('x'), `${old} `, 2 ** 53, Number(old) + 1];
      const value = values.filter((each) => each !== old)[random.below(values.length - 1)];
      try {
        database.prepare(`UPDATE audit SET "${column}" = ? WHERE sequence = ?`).run(value ?? null, sequence);
      } catch {
        // A second row of its number, or nothing where something must be.
      }
      // The value may be the old one in other words: then another change.
      if (dump(database) === before)
        database.exec(`UPDATE audit SET object = object || '!' WHERE sequence = ${sequence}`);
    });
    assert.ok(verdict.fault, `a change of ${column} of ${sequence} was not found; ${note}`);
  }
});

test('removed, inserted, replaced and cut off entries are told apart', async (t) => {
  const dir = await closedLog(t);
  const kindAfter = async (statement: string): Promise<unknown[]> => {
    const { fault } = await after(t, dir, (database) => database.exec(statement));
    return [fault?.kind, fault?.sequence];
  };
  assert.deepEqual(await kindAfter('DELETE FROM audit WHERE sequence IN (40, 41)'), ['missing', 40]);
  assert.deepEqual(await kindAfter('DELETE FROM audit WHERE sequence = 31'), ['missing', 31]);
  assert.deepEqual(await kindAfter('DELETE FROM audit WHERE sequence > 50'), ['truncated', 51]);
  assert.deepEqual(await kindAfter('DELETE FROM audit'), ['truncated', 31]);
  assert.deepEqual(await kindAfter("UPDATE audit_head SET hash = 'x'"), ['unexpected', 60]);
  assert.deepEqual(await kindAfter('UPDATE audit_head SET sequence = 59'), ['unexpected', 60]);
  assert.deepEqual(await kindAfter('UPDATE audit SET sequence = sequence + 100 WHERE sequence = 45'), [
    'missing',
    45,
  ]);
});

test('an entry that was replaced with its hash breaks the chain behind it', async (t) => {
  const dir = await closedLog(t);
  const forge = (database: DatabaseSync, sequence: number): string => {
    const row = rowsOf(database).find((each) => each.sequence === sequence);
    assert.ok(row);
    const hash = hashOfText(canonicalText({ ...row, object: 'forged' }));
    database.prepare("UPDATE audit SET object = 'forged', hash = ? WHERE sequence = ?").run(hash, sequence);
    return hash;
  };
  const inside = await after(t, dir, (database) => forge(database, 40));
  assert.deepEqual([inside.fault?.kind, inside.fault?.sequence], ['unlinked', 41]);
  const atEnd = await after(t, dir, (database) => forge(database, 60));
  assert.deepEqual([atEnd.fault?.kind, atEnd.fault?.sequence], ['unexpected', 60]);
  const inserted = await after(t, dir, (database) => {
    const row = rowsOf(database)[0];
    assert.ok(row);
    const forged = { ...row, sequence: 10 };
    const values = Object.values({ ...forged, hash: hashOfText(canonicalText(forged)) });
    database.prepare(`INSERT INTO audit VALUES (${values.map(() => '?').join()})`).run(...values);
  });
  assert.deepEqual([inserted.fault?.kind, inserted.fault?.sequence], ['unexpected', 10]);
});

test('a tail that was cut off together with the head is found only by a head that was remembered', async (t) => {
  const dir = await closedLog(t);
  const { head } = await verifyIn(dir);
  const cut = (database: DatabaseSync): void => {
    database.exec('DELETE FROM audit WHERE sequence > 50');
    database.exec('UPDATE audit_head SET sequence = 50, hash = (SELECT hash FROM audit WHERE sequence = 50)');
  };
  assert.equal((await after(t, dir, cut)).fault, null);
  const { fault } = await after(t, dir, cut, head);
  assert.deepEqual([fault?.kind, fault?.sequence], ['forgotten', 60]);
});

test('any change of a byte of an archive is found, and so is one that is not there', async (t) => {
  const dir = await closedLog(t);
  const random = new SeededRandom(SEED + 1);
  const archives = await listArchives(archivesIn(dir));
  for (let round = 0; round < 150; round++) {
    const { path } = archives[random.below(archives.length)] ?? { path: '' };
    const bytes = readFileSync(path);
    const at = random.below(bytes.length);
    const changed = Buffer.from(bytes);
    changed[at] = (bytes[at] ?? 0) ^ (1 + random.below(255));
    writeFileSync(path, changed);
    assert.ok((await verifyIn(dir)).fault, `byte ${at} of ${path} was changed; ${note}`);
    writeFileSync(path, bytes.subarray(0, at));
    assert.ok((await verifyIn(dir)).fault, `${path} was cut off at ${at}; ${note}`);
    writeFileSync(path, bytes);
  }
  const [first, second] = archives;
  assert.ok(first && second);
  rmSync(second.path);
  assert.deepEqual((await verifyIn(dir)).fault?.message, 'Entries 16 to 30 are missing.');
  rmSync(first.path);
  assert.deepEqual((await verifyIn(dir)).fault?.message, 'Entries 1 to 30 are missing.');
});

test('a change of a byte of the catalogue is found, or changes no entry', async (t) => {
  const dir = await closedLog(t);
  const random = new SeededRandom(SEED + 2);
  const whole = readFileSync(catalogIn(dir));
  const before = dumpOf(dir);
  const places = [...whole.toString('latin1').matchAll(/key\.created/g)].map(({ index }) => index);
  let found = 0;
  for (let round = 0; round < 150; round++) {
    // Anywhere, and more often where entries are.
    const place = places[random.below(places.length)] ?? 0;
    const at = random.chance(0.4) ? random.below(whole.length) : place - 100 + random.below(300);
    const bytes = Buffer.from(whole);
    bytes[at] = (whole[at] ?? 0) ^ (1 + random.below(255));
    writeFileSync(catalogIn(dir), bytes);
    const isFound = await verifyIn(dir).then(
      ({ fault }) => fault !== null,
      () => true,
    );
    if (isFound) found++;
    else assert.equal(dumpOf(dir), before, `byte ${at} was changed; ${note}`);
  }
  assert.ok(found > 10, `only ${found} changes hit an entry; ${note}`);
});

test('a log whose recorded head was removed is not taken for whole', async (t) => {
  const dir = await closedLog(t);
  const { fault, head, entries } = await after(t, dir, (database) => database.exec('DELETE FROM audit_head'));
  assert.deepEqual(
    [fault?.kind, fault?.sequence, entries, head.sequence],
    ['truncated', ENTRIES, ENTRIES, ENTRIES],
  );
  assert.match(fault?.message ?? '', /recorded head of the log is missing/u);
  const both = await after(t, dir, (database) =>
    database.exec("DELETE FROM audit_head; UPDATE audit SET object = 'other' WHERE sequence = 40"),
  );
  assert.deepEqual(
    [both.fault?.kind, both.fault?.sequence],
    ['changed', 40],
    'what was changed is told first',
  );
});

test('moving entries to an archive may be cut off in between', async (t) => {
  const { dir, audit, keep, verify } = await open(t);
  await fill(audit, ENTRIES);
  const saved = join(dir, 'before.sqlite');
  const database = new DatabaseSync(catalogIn(dir));
  t.after(() => database.close());
  database.exec(`VACUUM INTO '${saved}'`);
  await keep({ entriesMax: 40 });
  // The archive is written, its entries still stand in the catalogue as well.
  const other = folder(t);
  cpSync(archivesIn(dir), archivesIn(other), { recursive: true });
  copyFileSync(saved, catalogIn(other));
  assert.deepEqual((await verifyIn(other)).fault, null);
  const catalog = await openCatalog(catalogIn(other));
  t.after(() => catalog.close());
  const telemetry = quietTelemetry();
  const clock = { nowMs: () => 0, monotonicMs: () => 0 };
  const again = createAuditLog({ catalog, telemetry, clock });
  const options = { catalog, audit: again, telemetry, dir: archivesIn(other), bytesMax: 1e9 };
  await keepAuditSmall({ ...options, ...KEPT });
  assert.deepEqual((await verifyIn(other)).entries, ENTRIES);
  assert.deepEqual((await verifyIn(other)).fault, null);
  assert.deepEqual((await verify()).fault, null);
});

test('what does not fit is not moved', async (t) => {
  const { dir, audit, keep } = await open(t);
  await fill(audit, ENTRIES);
  const database = new DatabaseSync(catalogIn(dir));
  t.after(() => database.close());
  database.exec("UPDATE audit SET object = 'other' WHERE sequence = 3");
  await assert.rejects(keep(), AuditChainError);
  assert.deepEqual(await listArchives(archivesIn(dir)), []);
  database.exec('DELETE FROM audit WHERE sequence > 50');
  await assert.rejects(keep(), /does not end with entry 60/);
});

test('beyond its bytes the oldest archives are deleted, which the chain tells', async (t) => {
  const { dir, audit, keep, verify } = await open(t);
  await fill(audit, ENTRIES);
  await keep();
  await keep({ bytesMax: 1 });
  const left = await listArchives(archivesIn(dir));
  assert.deepEqual(
    left.map(({ first }) => first),
    [16],
  );
  const { first, fault, head } = await verify();
  assert.deepEqual([first, fault, head.sequence], [16, null, ENTRIES + 1]);
  assert.equal((await verify({ sequence: 3, hash: 'x' })).fault?.kind, 'forgotten');
  await fill(audit, ENTRIES);
  await keep({ bytesMax: 1 });
  assert.equal((await verify()).fault, null);
});
