import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { quietTelemetry, type Telemetry } from '../lib/telemetry.ts';
import { createAuditLog } from './audit.ts';
import { type AuditRead, AuditReads } from './audit-reads.ts';

const READ: AuditRead = {
  actor: { kind: 'key', id: 'key_1', name: 'Team' },
  action: 'personal.read',
  project: 'shop',
  object: 'listEvents',
};

interface Bench {
  readonly catalog: Catalog;
  readonly reads: AuditReads;
  readonly telemetry: Telemetry;
  /** Object and count of what is entered. */
  readonly entered: () => Promise<(readonly [string, string])[]>;
}

const open = async (t: TestContext): Promise<Bench> => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const telemetry = quietTelemetry();
  const audit = createAuditLog({ catalog, telemetry, clock: { nowMs: () => 1, monotonicMs: () => 0 } });
  const reads = new AuditReads({ audit, telemetry, everyMs: 1e9 });
  t.after(() => reads.close());
  const entered = async () => {
    const rows = await catalog.db.selectFrom('audit').selectAll().orderBy('sequence').execute();
    return rows.map(({ object, detail }) => [object, detail] as const);
  };
  return { catalog, reads, telemetry, entered };
};

test('the first read is entered at once, further ones are counted until the minute ends', async (t) => {
  const { reads, entered } = await open(t);
  await reads.note(READ);
  await reads.note(READ);
  await reads.note({ ...READ, object: 'traceEvent' });
  await reads.note(READ);
  const atOnce = [
    ['listEvents', '{}'],
    ['traceEvent', '{}'],
  ];
  assert.deepEqual(await entered(), atOnce);
  await reads.enter();
  assert.deepEqual(await entered(), [...atOnce, ['listEvents', '{"more":2}']]);
  await reads.enter();
  assert.equal((await entered()).length, 3);
  await reads.note(READ);
  assert.deepEqual((await entered()).at(-1), ['listEvents', '{}']);
});

test('refused attempts are counted together, and the first few places they came from are told', async (t) => {
  const { reads, entered } = await open(t);
  const attempt = { ...READ, action: 'session.refused', object: 'password', outcome: 'refused' } as const;
  for (let at = 0; at < 100; at++) await reads.note({ ...attempt, from: `10.0.0.${at}` });
  await reads.enter();
  const some = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => `10.0.0.${at}`).join(' ');
  assert.deepEqual(await entered(), [
    ['password', '{"from":"10.0.0.0"}'],
    ['password', `{"more":99,"from":"${some}"}`],
  ]);
  await reads.note({ ...attempt, from: '10.0.0.7' });
  await reads.note({ ...attempt, from: '10.0.0.9' });
  await reads.enter();
  assert.deepEqual((await entered()).slice(2), [
    ['password', '{"from":"10.0.0.7"}'],
    ['password', '{"more":1,"from":"10.0.0.9"}'],
  ]);
});

test('nothing is lost when it is closed', async (t) => {
  const { reads, entered } = await open(t);
  await Promise.all(Array.from({ length: 50 }, () => reads.note(READ)));
  await reads.close();
  assert.deepEqual(await entered(), [
    ['listEvents', '{}'],
    ['listEvents', '{"more":49}'],
  ]);
});

test('while nothing can be entered, reads go on and are entered later', async (t) => {
  const { catalog, reads, entered } = await open(t);
  await sql`PRAGMA query_only = ON`.execute(catalog.db);
  await reads.note(READ);
  await reads.note(READ);
  await reads.enter();
  await sql`PRAGMA query_only = OFF`.execute(catalog.db);
  await reads.note(READ);
  assert.deepEqual(await entered(), []);
  await reads.enter();
  assert.deepEqual(await entered(), [['listEvents', '{"more":3}']]);
});

test('what can never be entered is counted as lost', async (t) => {
  const { catalog, reads, telemetry } = await open(t);
  await sql`PRAGMA query_only = ON`.execute(catalog.db);
  await reads.note(READ);
  await reads.close();
  const lost = telemetry.snapshot().find(({ name }) => name === 'aevum_audit_reads_lost_total');
  assert.equal(lost?.value, 1);
});
