/** `--log kafka`: the whole platform with its two topics in a real broker, over kill -9 of the group and of the processor. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fetchKafka, startKafka } from '../../scripts/kafka.mjs';
import { Load } from '../crash/load.ts';
import { assertBalanced, Client } from '../support/client.ts';
import { freePort, Platform } from '../support/platform.ts';
import { readStored } from '../support/stored.ts';
import { until } from '../support/until.ts';

const missing = await fetchKafka();
if (missing !== undefined && process.env['AEVUM_REQUIRE_KAFKA'] === '1')
  throw new Error(`Kafka is required: ${missing}`);

test('the platform on Kafka loses and doubles nothing', {
  skip: missing ?? false,
  timeout: 300_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-kafka-'));
  after(() => rmSync(dataDir, { recursive: true, force: true }));
  const kafka = await startKafka();
  after(() => kafka.stop());
  const args = ['--log', 'kafka', '--kafka-brokers', kafka.broker];
  const port = await freePort();

  let platform = await Platform.start(dataDir, port, args);
  after(() => platform.kill('group'));
  assert.ok(!readdirSync(dataDir).includes('log'), 'segments were written all the same');
  const load = new Load(platform.url, 'kafka', 4);
  await until('the load flows', () => load.acknowledged.size > 1_000);
  assert.ok(await platform.kill('processor'));
  const before = load.acknowledged.size;
  await until('the load goes on without the processor', () => load.acknowledged.size > before + 500);
  await platform.kill('group');
  platform = await Platform.start(dataDir, port, args);
  const resumed = load.acknowledged.size;
  await until('the load goes on after the restart', () => load.acknowledged.size > resumed + 500);
  await load.finish();

  assertBalanced(await new Client(platform.url).settled());
  assert.equal(await platform.stop(), 0, platform.output);
  const { ids } = await readStored(dataDir);
  assert.deepEqual([...load.acknowledged].filter((id) => ids.get(id) !== 1).slice(0, 10), []);
  assert.deepEqual([...ids].filter(([, times]) => times !== 1).slice(0, 10), []);
});
