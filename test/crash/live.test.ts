/** Live streams through the ends of processes: what subscribers see afterwards is what they would have seen. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { LIVE_CLOSE_CODES, LIVE_LIMITS } from '../../src/contract/live.ts';
import { Client } from '../support/client.ts';
import { LiveClient } from '../support/live.ts';
import { ADMIN_KEY, freePort, Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

let folder: string;
let port: number;
let platform: Platform;
const clients: LiveClient[] = [];

const start = async (): Promise<void> => {
  platform = await Platform.start(join(folder, 'data'), port);
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aevum-live-crash-'));
  port = await freePort();
  await start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  if (!(await platform.ready())) return;
  await until('nobody is subscribed', async () => {
    const { text } = await new Client(platform.url).ask('/metrics');
    return /^aevum_live_subscriptions\{.*kind="events".*\} 0$/mu.test(text);
  });
});

after(async () => {
  await platform.kill('group');
  await rm(folder, { recursive: true, force: true });
});

const connect = async (): Promise<LiveClient> => {
  const client = await LiveClient.open(platform.url, { key: ADMIN_KEY });
  clients.push(client);
  return client;
};

const idsOf = (client: LiveClient): string[] => client.events('s').map(({ id }) => id);

const send = async (from: number, count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, (_, index) => `c${from + index}`);
  await new Client(platform.url).send(...ids.map((id) => ({ id, type: 'crash' })));
  return ids;
};

test('kill -9 of the processor: subscribers stay and lose nothing', { timeout: 300_000 }, async () => {
  const client = await connect();
  await client.subscribe('s');
  const sent: string[] = [];
  for (let round = 0; round < 6; round++) {
    sent.push(...(await send(round * 50, 50)));
    if (round === 2) assert.ok(await platform.kill('processor'));
  }
  await until('all arrive', () => idsOf(client).length >= sent.length);
  assert.deepEqual(idsOf(client), sent);
  assert.equal(client.missed('s'), 0);
  assert.equal(client.closed, undefined);
});

test('kill -9 of everything: going on fills the gap, without loss or doubling', {
  timeout: 300_000,
}, async () => {
  const first = await connect();
  await first.subscribe('s');
  const sent = [...(await send(1_000, 30)), ...(await send(1_030, 30))];
  await until('something arrives', () => idsOf(first).length > 0);
  await platform.kill('group');
  await until('the connection is gone', () => first.closed !== undefined);
  await start();
  sent.push(...(await send(1_060, 30)));
  const position = first.all('events', 's').at(-1)?.position ?? '';
  const again = await connect();
  const { gap } = await again.subscribe('s', { after: position });
  assert.equal(gap, false);
  sent.push(...(await send(1_090, 30)));
  await until('the last one arrives', () => idsOf(again).includes(sent.at(-1) ?? ''));
  assert.deepEqual([...idsOf(first), ...idsOf(again)], sent);
});

test('the number of subscriptions is bounded', { timeout: 300_000 }, async () => {
  const perClient = LIVE_LIMITS.subscriptionsPerConnection;
  const many = await Promise.all(Array.from({ length: LIVE_LIMITS.subscriptionsMax / perClient }, connect));
  for (const client of many)
    for (let number = 0; number < perClient; number++)
      client.send({ op: 'subscribe', id: `${number}`, kind: 'events', filter: { type: [`t${number}`] } });
  await Promise.all(
    many.map((client) => until('all are confirmed', () => client.all('subscribed').length === perClient)),
  );
  const [one] = many;
  assert.ok(one);
  one.send({ op: 'subscribe', id: 'more', kind: 'events' });
  assert.match((await one.first('error', 'more')).message, /One connection carries 100/u);
  const last = await connect();
  last.send({ op: 'subscribe', id: 'more', kind: 'events' });
  const refused = await last.first('error', 'more');
  assert.equal(refused.code, 'too_many_subscriptions');
  assert.ok((refused.retry_after ?? 0) > 0);
  one.close();
  await until('there is room again', async () => {
    last.send({ op: 'subscribe', id: 's', kind: 'events' });
    return last.all('subscribed', 's').length > 0;
  });
});

test('stopping says goodbye within the time there is for that', { timeout: 300_000 }, async () => {
  const [polite, deaf] = [await connect(), await connect()];
  await polite.subscribe('s');
  await deaf.subscribe('s');
  deaf.socket.pause();
  const stream = await fetch(`${platform.url}/api/events/stream`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  const ended = stream.text().catch(() => 'broken off');
  // Anything else than 0 says that it took too long.
  const code = await platform.stop();
  assert.equal(code, 0, platform.output);
  await until('the client is told', () => polite.closed !== undefined);
  assert.equal(polite.closed, LIVE_CLOSE_CODES.goingAway);
  assert.match(await ended, /^retry: 1000/u);
});
