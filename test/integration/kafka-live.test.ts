/** `--log kafka`: live streams read the broker, over kill -9 of the processor, and fill gaps from it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fetchKafka, startKafka } from '../../scripts/kafka.mjs';
import { Client } from '../support/client.ts';
import { LiveClient } from '../support/live.ts';
import { ADMIN_KEY, freePort, Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

const missing = await fetchKafka();
if (missing !== undefined && process.env['AEVUM_REQUIRE_KAFKA'] === '1')
  throw new Error(`Kafka is required: ${missing}`);

test('live streams of a platform on Kafka', { skip: missing ?? false, timeout: 300_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-kafka-live-'));
  after(() => rmSync(dataDir, { recursive: true, force: true }));
  const kafka = await startKafka();
  after(() => kafka.stop());
  const args = ['--log', 'kafka', '--kafka-brokers', kafka.broker];
  const platform = await Platform.start(dataDir, await freePort(), args);
  after(() => platform.kill('group'));
  const http = new Client(platform.url);
  const clients: LiveClient[] = [];
  after(() => clients.forEach((client) => client.close()));
  const connect = async (): Promise<LiveClient> => {
    const client = await LiveClient.open(platform.url, { key: ADMIN_KEY });
    clients.push(client);
    return client;
  };
  const idsOf = (client: LiveClient): string[] => client.events('s').map(({ id }) => id);

  const client = await connect();
  await client.subscribe('s');
  const sent: string[] = [];
  for (let round = 0; round < 6; round++) {
    const ids = Array.from({ length: 20 }, (_, index) => `k${round}.${index}`);
    await http.send(...ids.map((id) => ({ id, type: 'k' })));
    sent.push(...ids);
    if (round === 2) assert.ok(await platform.kill('processor'));
  }
  await until('all arrive', () => idsOf(client).length >= sent.length);
  assert.deepEqual(idsOf(client), sent);
  const half = client.all('events', 's')[0];
  assert.ok(half);
  const again = await connect();
  const { gap } = await again.subscribe('s', { after: half.position });
  assert.equal(gap, false);
  await until('the rest comes again', () => idsOf(again).length >= sent.length - half.events.length);
  assert.deepEqual(idsOf(again), sent.slice(half.events.length));
  const latest = await connect();
  await latest.subscribe('s', { recent: 5 });
  await until('the latest come', () => idsOf(latest).length === 5);
  assert.deepEqual(idsOf(latest), sent.slice(-5));
});
