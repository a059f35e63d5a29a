/**
 * kill -9 of the whole group, of the processor and of the engine, at random moments under load. Senders keep their own ledger of acknowledged ids
 * (`load.ts`); at the end the warehouse's files are read by an engine of the test's own and compared with it: every acknowledged id stored exactly once,
 * rollups equal to raw counts, the ledger adds up. `AEVUM_CRASH_ROUNDS` sets the rounds a role (3 unless set; .ci/run takes 20), `AEVUM_CRASH_SEED` repeats a run.
 */
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testSeed } from '../../src/lib/testing/random.ts';
import { Client } from '../support/client.ts';
import { freePort, Platform, type Role } from '../support/platform.ts';
import { seededRandom } from '../support/random.ts';
import { EVERY, readStored } from '../support/stored.ts';
import { until } from '../support/until.ts';
import { Load } from './load.ts';

const ROUNDS = Number(process.env['AEVUM_CRASH_ROUNDS'] ?? 3);
const SEED = Number(process.env['AEVUM_CRASH_SEED'] ?? testSeed());
const SENDERS = 6;
const KILL_AFTER_MS = { from: 150, to: 1_500 };
const KILL_RETRY_MS = 20;
const SETTLE_LIMIT_MS = 180_000;

interface LedgerAnswer {
  readonly balanced: boolean;
  readonly total: {
    readonly received: number;
    readonly stored: number;
    readonly duplicate: number;
    readonly pending: number;
  };
}

const settled = async (platform: Platform): Promise<LedgerAnswer> => {
  const limit = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const ledger = await platform.json<LedgerAnswer>('/api/ledger').catch(() => undefined);
    if (ledger !== undefined && ledger.total.pending === 0 && ledger.total.received > 0) return ledger;
    if (Date.now() > limit)
      throw new Error(`events are still pending: ${JSON.stringify(ledger)}\n${platform.output}`);
    await sleep(100);
  }
};

/** Metrics whose windows are kept while processes die. */
const KEPT = {
  session: { window: { kind: 'session', gap: '1s', by: 'user_id' } },
  count: { window: { kind: 'count', every: EVERY } },
} as const;

const defineMetrics = async (url: string): Promise<void> => {
  const client = new Client(url);
  for (const [name, definition] of Object.entries(KEPT)) {
    const body = JSON.stringify({ name, title: name, ...definition });
    const headers = { 'content-type': 'application/json' };
    const reply = await client.ask('/api/metric-definitions', { method: 'POST', body, headers });
    assert.equal(reply.status, 201, reply.text);
  }
};

/** Waits until the windows that are kept hold all that is loaded. */
const windowsKept = async (url: string): Promise<void> => {
  const client = new Client(url);
  for (const metric of Object.keys(KEPT))
    await until(
      `the windows of ${metric} are kept`,
      async () => {
        const body = JSON.stringify({ kind: 'metric', metric, range: 'last 1 hour' });
        const headers = { 'content-type': 'application/json' };
        const { text } = await client.ask('/api/query', { method: 'POST', body, headers });
        return (JSON.parse(text) as { source?: string }).source === 'metric_windows';
      },
      SETTLE_LIMIT_MS,
    );
};

const runRounds = async (
  role: Role,
  dataDir: string,
): Promise<{ load: Load; ledger: LedgerAnswer; kills: number }> => {
  const random = seededRandom(SEED);
  const port = await freePort();
  let platform = await Platform.start(dataDir, port);
  await defineMetrics(platform.url);
  const load = new Load(platform.url, `${role}-${SEED}`, SENDERS);
  let kills = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(KILL_AFTER_MS.from + random() * (KILL_AFTER_MS.to - KILL_AFTER_MS.from));
    // Between a death and the restart there is nothing to kill: the next moment will do.
    while (!(await platform.kill(role))) await sleep(KILL_RETRY_MS);
    kills += 1;
    if (role === 'group') platform = await Platform.start(dataDir, port);
  }
  // A slow machine has acknowledged little by now.
  await until('several windows are full', () => load.acknowledged.size > 3 * EVERY, SETTLE_LIMIT_MS);
  await load.finish();
  const ledger = await settled(platform);
  await windowsKept(platform.url);
  assert.equal(await platform.stop(), 0, platform.output);
  return { load, ledger, kills };
};

for (const role of ['group', 'processor', 'engine'] as const) {
  describe(`kill -9 of the ${role}, ${ROUNDS} rounds, seed ${SEED}`, () => {
    let dataDir = '';
    before(async () => {
      dataDir = await mkdtemp(join(tmpdir(), `aevum-crash-${role}-`));
    });
    after(() => rm(dataDir, { recursive: true, force: true }));

    test('every acknowledged event is stored exactly once and the books agree', async (context) => {
      const { load, ledger, kills } = await runRounds(role, dataDir);
      const stored = await readStored(dataDir);
      const missing = [...load.acknowledged].filter((id) => !stored.ids.has(id));
      const doubled = [...stored.ids].filter(([, times]) => times !== 1);
      const foreign = [...stored.ids.keys()].filter((id) => !load.sent.has(id));
      context.diagnostic(
        `${kills} kills, ${load.acknowledged.size} acknowledged, ${load.retries} retries, ${ledger.total.duplicate} duplicates found`,
      );
      assert.equal(kills, ROUNDS);
      assert.ok(load.acknowledged.size > 0);
      assert.deepEqual(missing.slice(0, 10), [], `${missing.length} acknowledged ids are lost`);
      assert.deepEqual(doubled.slice(0, 10), [], `${doubled.length} ids are stored more than once`);
      assert.deepEqual(foreign.slice(0, 10), [], `${foreign.length} ids were never sent`);
      assert.deepEqual(stored.rollup, stored.raw, 'the rollup differs from the raw counts');
      assert.ok(stored.wanted.session.length > 1 && stored.wanted.count.length > 1);
      assert.deepEqual(stored.windows, stored.wanted, 'windows differ from those of the raw events');
      assert.equal(ledger.total.stored, stored.ids.size);
      assert.equal(ledger.total.received, ledger.total.stored + ledger.total.duplicate);
      assert.ok(ledger.balanced);
    });
  });
}
