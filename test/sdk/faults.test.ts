import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../sdk/js/src/node.ts';
import type { ClientError, ClientOptions } from '../../sdk/js/src/types.ts';
import { assertBalanced, Client } from '../support/client.ts';
import { WRITE_KEY } from '../support/platform.ts';
import { seededRandom } from '../support/random.ts';
import { type Fault, type FaultProxy, preparePlatform, startBehindProxy } from './fault-proxy.ts';

/** The client for Node against the platform, through a network that does everything networks do. */

const SEED = Number(process.env['AEVUM_TEST_SEED'] ?? 7);
const FAULTS: readonly Fault[] = ['none', 'none', 'cut', 'lost', 'torn', 'busy', 'slow'];
const CLIENTS = 3;
const EVENTS = 120;
const PAGE_ROWS = 1000;

const clientOf = (proxy: FaultProxy, options: Partial<ClientOptions> = {}) =>
  createClient({
    url: proxy.url,
    writeKey: WRITE_KEY,
    batchSize: 10,
    flushInterval: 20,
    timeoutMs: 5000,
    retry: { maxAttempts: 30, backoffMs: 5 },
    ...options,
  });

test('through cuts, 503, slow and lost answers every event is stored exactly once, in order', async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const { reader, proxy } = await startBehindProxy(t);
  const random = seededRandom(SEED);
  const seen = new Set<Fault>();
  proxy.faultOf = (request) => {
    // First each in its turn, so that none is missing, whatever the seed.
    const fault = FAULTS[request] ?? FAULTS[Math.floor(random() * FAULTS.length)] ?? 'none';
    seen.add(fault);
    return fault;
  };
  const errors: ClientError[] = [];
  const clients = Array.from({ length: CLIENTS }, () =>
    clientOf(proxy, { onError: (error) => errors.push(error) }),
  );
  const ids: string[][] = clients.map(() => []);
  for (let n = 0; n < EVENTS; n++) {
    for (const [at, client] of clients.entries())
      ids[at]?.push(client.track('step', { n }, { userId: `client-${at}` }) ?? assert.fail('not queued'));
    if (n % 10 === 0) await sleep(20);
  }
  const left = await Promise.all(clients.map((client) => client.shutdown(180_000)));
  assert.deepEqual(left, [0, 0, 0]);
  assert.deepEqual(
    errors.filter(({ lost }) => lost),
    [],
  );
  assert.deepEqual([...seen].sort(), [...new Set(FAULTS)].sort(), 'every fault has happened');
  const ledger = await reader.settled();
  assertBalanced(ledger);
  assert.equal(ledger.total.stored, CLIENTS * EVENTS);
  for (const at of clients.keys()) {
    const stored = await reader.events({ user_id: `client-${at}`, limit: String(PAGE_ROWS) });
    assert.deepEqual(stored.map(({ id }) => id).sort(), [...(ids[at] ?? [])].sort());
    const inOrder = stored
      .map(({ id, position }) => ({ id, position: Number(position) }))
      .sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
    assert.deepEqual(
      inOrder.map(({ id }) => id),
      ids[at],
      'positions are in the order of tracking',
    );
  }
  for (const client of clients) assert.equal(client.stats().accepted, EVENTS);
});

test('a platform that is killed and comes back loses nothing; refused events say why', async (t) => {
  const { start } = await preparePlatform(t);
  const platform = await start();
  const errors: ClientError[] = [];
  const client = createClient({
    url: platform.url,
    writeKey: WRITE_KEY,
    flushInterval: 10,
    retry: { maxAttempts: 100, backoffMs: 50 },
    onError: (error) => errors.push(error),
  });
  t.after(() => client.shutdown(0));
  for (let n = 0; n < 50; n++) client.track('before', { n });
  assert.equal(await client.flush(), 0);
  await platform.kill('group');
  for (let n = 0; n < 50; n++) client.track('while away', { n });
  await sleep(300);
  await start();
  assert.equal(await client.flush(), 0);
  assert.equal(errors.length, 0);
  const id = client.track('too old', {}, { timestamp: Date.now() - 48 * 3_600_000 });
  assert.equal(await client.flush(), 0);
  assert.deepEqual(
    errors.map((error) => [error.code, error.ids, error.lost]),
    [['too_old', [id], true]],
  );
  assert.match(errors[0]?.message ?? '', /aevum import/);
  const { total } = await new Client(platform.url).settled();
  assert.equal(total.stored, 100);
});

test('a wrong key is reported at once, with what to do', async (t) => {
  const { proxy } = await startBehindProxy(t);
  const errors: ClientError[] = [];
  const client = clientOf(proxy, { writeKey: 'no-such-key', onError: (error) => errors.push(error) });
  client.track('a');
  assert.equal(await client.shutdown(180_000), 0);
  assert.deepEqual(
    errors.map(({ code, status }) => [code, status]),
    [['unknown_key', 401]],
  );
});
