/**
 * `--warehouse <url>`: the platform on a ClickHouse that it did not start. What stands for a running ClickHouse here is our embedded engine, started by itself: by its
 * protocol it is one (see docs/warehouse.md for what this does and does not show).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DoctorAnswer } from '../../src/contract/doctor.ts';
import type { RunningQueriesAnswer } from '../../src/contract/running.ts';
import { quietTelemetry } from '../../src/lib/telemetry.ts';
import { type EngineHandle, startEngine } from '../../src/warehouse/engine/supervise.ts';
import { Load } from '../crash/load.ts';
import { assertBalanced, Client, codeOf } from '../support/client.ts';
import { aevum } from '../support/command.ts';
import { freePort, Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const SECRET = 'p@ss/word:of the other';

describe('a warehouse of somebody else', { timeout: 300_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'aevum-warehouse-url-'));
  const dataDir = join(root, 'data');
  let engine: EngineHandle;
  let enginePort = 0;
  let platform: Platform;
  let client: Client;

  const startWarehouse = async (): Promise<void> => {
    engine = await startEngine({
      dataDir: join(root, 'clickhouse'),
      memoryBytesMax: 512 * MIB,
      secret: SECRET,
      telemetry: quietTelemetry(),
      port: enginePort,
    });
    enginePort = Number(new URL(engine.url).port);
  };
  const address = (secret: string): string =>
    `http://${engine.username}:${encodeURIComponent(secret)}@127.0.0.1:${enginePort}`;
  const start = async (): Promise<void> => {
    platform = await Platform.start(dataDir, await freePort(), [], { AEVUM_WAREHOUSE: address(SECRET) });
    client = new Client(platform.url);
  };

  before(startWarehouse);
  after(async () => {
    await platform?.kill('group');
    await engine?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test('events go there, and answers come from there', async () => {
    await start();
    assert.equal(platform.pidOf('engine'), undefined, 'an engine of its own was started all the same');
    assert.ok(!readdirSync(dataDir).includes('warehouse'));
    const load = new Load(platform.url, 'elsewhere', 2);
    await until('the load flows', () => load.acknowledged.size > 2_000);
    await load.finish();
    const ledger = await client.settled();
    assertBalanced(ledger);
    assert.equal(ledger.total.stored, load.acknowledged.size);
    assert.equal(await client.count(), load.acknowledged.size);
    assert.equal(await client.count({ source: 'events' }), load.acknowledged.size);
    const id = [...load.acknowledged][0] ?? '';
    assert.equal((await client.trace(id)).state, 'stored');
    const { checks } = await client.health();
    assert.ok(
      checks.every(({ name, status }) => name !== 'engine' && status === 'green'),
      JSON.stringify(checks),
    );
  });

  test('SQL of users is not run there, and says so', async () => {
    const headers = { 'content-type': 'application/json' };
    const reply = await client.ask('/api/sql', { method: 'POST', headers, body: '{"sql":"SELECT 1"}' });
    assert.deepEqual([reply.status, codeOf(reply)], [422, 'sql_unavailable'], reply.text);
  });

  test('it says what runs in it, and its tables are examined', async () => {
    const running = JSON.parse((await client.ask('/api/system/queries')).text) as RunningQueriesAnswer;
    assert.deepEqual([running.engine, running.total], ['ok', 0]);
    const reply = await client.ask('/api/system/doctor', { method: 'POST' });
    const { last } = JSON.parse(reply.text) as DoctorAnswer;
    for (const check of ['Engine', 'Tables', 'Loading']) {
      const finding = last?.findings.find((each) => each.check === check);
      assert.notEqual(finding?.state ?? 'failed', 'failed', JSON.stringify(finding));
    }
  });

  test('a restart goes on where it was', async () => {
    const { total } = await client.ledger();
    assert.equal(await platform.stop(), 0, platform.output);
    await start();
    assert.deepEqual((await client.settled()).total, total);
    await client.send({ id: 'after', type: 'after' }, { id: 'after', type: 'after' });
    assert.equal((await client.settled()).total.stored, total.stored + 1);
  });

  test('it goes away: events are acknowledged, questions wait; it comes back: all is there', async () => {
    const counted = await client.count();
    await engine.stop();
    await client.send({ id: 'meanwhile', type: 'meanwhile' });
    // Something new: what was asked a moment ago is answered from memory.
    const reply = await client.question({ types: ['never asked for'] });
    assert.deepEqual([reply.status, codeOf(reply)], [503, 'warehouse_unavailable']);
    assert.ok(Number(reply.headers.get('retry-after')) >= 1);
    await until('health tells', async () => (await client.health()).status === 'yellow');
    await startWarehouse();
    await until('it is loaded', async () => (await client.count()) === counted + 1);
    assertBalanced(await client.settled());
    await until('health is green again', async () => (await client.health()).status === 'green');
    assert.equal(await platform.stop(), 0);
  });

  test('a wrong password, or nobody there: said in one message', async () => {
    const said = async (url: string): Promise<string> => {
      const env = { AEVUM_WAREHOUSE: url };
      const { code, stderr } = await aevum(['start', '--data-dir', join(root, 'none'), '--port', '0'], {
        env,
      });
      assert.equal(code, 1, stderr);
      assert.doesNotMatch(stderr, /^\s+at /m, `a stack was printed:\n${stderr}`);
      assert.ok(!stderr.includes('secret-of-nobody'), 'the password was printed');
      return stderr;
    };
    assert.match(await said(address('secret-of-nobody')), /password|refuse|denied|authenticat/i);
    const nobody = `http://u:secret-of-nobody@127.0.0.1:${await freePort()}`;
    assert.match(await said(nobody), /127\.0\.0\.1:\d+.*(reach|answer)/is);
  });
});
