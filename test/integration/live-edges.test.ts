import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type TestContext, test } from 'node:test';
import { PLATFORM } from '../../src/access/audit-entry.ts';
import type { KeyRing } from '../../src/access/keys.ts';
import { LIVE_CLOSE_CODES, LIVE_LIMITS } from '../../src/contract/live.ts';
import { ApiError } from '../../src/event/errors.ts';
import { rawExchange } from '../../src/http/testing/test-server.ts';
import type { TestEvent } from '../../src/process/testing/events.ts';
import { LiveClient, type LiveOptions } from '../support/live.ts';
import { type LiveServer, PUBLIC_URL, startLiveServer } from '../support/live-server.ts';
import { until } from '../support/until.ts';

/** What happens at the bounds of live streams and with clients that do not behave. Nothing here waits for a clock: timers go off when the test says so. */

const CHECK_MS = 30_000;
const SIGN_IN_MS = 10_000;
const HEARTBEAT_MS = 15_000;

const connect = async (t: TestContext, server: LiveServer, options?: LiveOptions): Promise<LiveClient> => {
  const client = await LiveClient.open(server.url, options ?? { key: server.adminKey });
  t.after(() => client.close());
  return client;
};

/** An event stream as it is read so far. */
const listen = async (t: TestContext, server: LiveServer, query = '') => {
  const ending = new AbortController();
  t.after(() => ending.abort());
  const answer = await fetch(`${server.url}/api/events/stream${query}`, {
    headers: { authorization: `Bearer ${server.adminKey}` },
    signal: ending.signal,
  });
  const heard = { status: answer.status, text: '', isOver: false, leave: () => ending.abort() };
  void (async () => {
    try {
      for await (const chunk of answer.body ?? []) heard.text += Buffer.from(chunk).toString();
    } catch {
      // Ended by one side or the other.
    }
    heard.isOver = true;
  })();
  return heard;
};

/** Bytes to ask for a WebSocket, or for an event stream, without a library that behaves. */
const upgradeText = (server: LiveServer, path = '/ws/events'): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.adminKey}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

const many = (count: number, type: string, bytes = 10): TestEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: `${type}-${index}`, type, properties: JSON.stringify({ x: 'x'.repeat(bytes) }) },
  }));

const idsOf = (client: LiveClient, id: string): string[] => client.events(id).map((event) => event.id);

test('a client that answers no pings is cut off and counted; one that does stays', async (t) => {
  const server = await startLiveServer(t);
  const [dead, alive] = [await connect(t, server), await connect(t, server)];
  dead.socket.pause();
  server.timers.fire(CHECK_MS);
  await once(alive.socket, 'ping');
  // A pong precedes what is sent behind it.
  await alive.subscribe('after the pong');
  server.timers.fire(CHECK_MS);
  await until('one is left', () => server.count('aevum_live_connections') === 1);
  assert.equal(server.count('aevum_live_ended_total', 'silent'), 1);
  await alive.subscribe('still there');
});

test('a client that sends and never reads is not kept for ever', async (t) => {
  const server = await startLiveServer(t);
  const socket = connectTcp(server.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write(upgradeText(server));
  await until('it is there', () => server.count('aevum_live_connections') === 1);
  // Each is refused with a message longer than itself, which nobody reads.
  const frames = Buffer.alloc(6 * 40_000, Buffer.from([0x81, 0x80, 0, 0, 0, 0]));
  let before = -1;
  await until('it is not listened to any more', () => {
    const refused = server.count('aevum_live_refused_total', 'invalid_json');
    const isStill = refused === before && socket.writableLength > 0;
    before = refused;
    if (socket.writableLength === 0) socket.write(frames);
    return isStill;
  });
  server.timers.fire(CHECK_MS);
  server.timers.fire(CHECK_MS);
  server.timers.fire(CHECK_MS);
  await until('it is gone', () => server.count('aevum_live_connections') === 0);
  assert.equal(server.count('aevum_live_ended_total', 'silent'), 1);
});

test('an event stream has heartbeats; one that nobody reads is cut off and counted', async (t) => {
  const server = await startLiveServer(t);
  const stream = await listen(t, server);
  await until('it begins', () => stream.text !== '');
  assert.equal(stream.text, 'retry: 1000\nid: -1\n\n');
  server.timers.fire(HEARTBEAT_MS);
  await until('the heart beats', () => stream.text.endsWith('\n\n: heartbeat\n\n'));
  await server.decide(many(1, 'a'));
  await until('an event comes', () => stream.text.includes('"a-0"'));
  server.timers.fire(HEARTBEAT_MS);
  await until('it beats again', () => stream.text.endsWith(': heartbeat\n\n'));
  stream.leave();
  await until('it is gone', () => server.count('aevum_live_connections') === 0);

  const deaf = connectTcp(server.port, '127.0.0.1').pause();
  t.after(() => deaf.destroy());
  deaf.on('error', () => undefined);
  deaf.write(
    `GET /api/events/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${server.adminKey}\r\n\r\n`,
  );
  await until('it is there', () => server.count('aevum_live_subscriptions') === 1);
  while (server.count('aevum_live_events_missed_total') === 0) {
    const before = server.count('aevum_live_events_total') + server.count('aevum_live_events_missed_total');
    await server.decide(many(400, 'b', 1_000));
    await until(
      'they are handed out or missed',
      () =>
        server.count('aevum_live_events_total') + server.count('aevum_live_events_missed_total') >=
        before + 400,
    );
  }
  for (let beats = 0; beats < 6; beats++) server.timers.fire(HEARTBEAT_MS);
  await until('it is cut off', () => server.count('aevum_live_connections') === 0);
  assert.equal(server.count('aevum_live_ended_total', 'silent'), 1);
  assert.equal(server.count('aevum_live_subscriptions'), 0);
});

test('more connections than the bound are refused with a clear answer and counted, until one leaves', async (t) => {
  const server = await startLiveServer(t, {
    limits: { connectionsMax: 2, waitingMax: 2, subscriptionsMax: 10 },
  });
  const first = await connect(t, server);
  await listen(t, server);
  const refused = await rawExchange(server.port, [upgradeText(server)]);
  assert.match(
    refused,
    /^HTTP\/1\.1 429 [\s\S]*"code":"too_many_subscriptions"[\s\S]*2 live connections are open already/,
  );
  const stream = await fetch(`${server.url}/api/events/stream`, {
    headers: { authorization: `Bearer ${server.adminKey}` },
  });
  assert.equal(stream.status, 429);
  assert.match(await stream.text(), /2 live connections are open already\. Try again later/);
  assert.equal(server.count('aevum_live_refused_total', 'too_many_subscriptions'), 2);
  first.close();
  await until('there is room', () => server.count('aevum_live_connections') === 1);
  await (await connect(t, server)).first('ready');
});

test('subscriptions are bounded for each connection and for all', async (t) => {
  const server = await startLiveServer(t, {
    limits: { connectionsMax: 10, waitingMax: 10, subscriptionsMax: 102 },
  });
  const greedy = await connect(t, server);
  const { subscriptionsPerConnection: most } = LIVE_LIMITS;
  for (let n = 0; n <= most; n++) greedy.send({ op: 'subscribe', id: `s${n}`, kind: 'events' });
  assert.match((await greedy.first('error', `s${most}`)).message, /One connection carries 100 subscriptions/);
  const other = await connect(t, server);
  for (const id of ['a', 'b', 'c']) other.send({ op: 'subscribe', id, kind: 'events' });
  assert.match((await other.first('error', 'c')).message, /102 live subscriptions are open already/);
  greedy.send({ op: 'unsubscribe', id: 's0' });
  await greedy.first('unsubscribed', 's0');
  await other.subscribe('d');
  greedy.close();
  await until('they are given back', () => server.count('aevum_live_subscriptions') === 3);
});

test('who does not sign in in time is cut off; who signs in has all the time', async (t) => {
  const server = await startLiveServer(t);
  const [silent, quick] = [await connect(t, server, {}), await connect(t, server, {})];
  quick.send({ op: 'auth', key: server.adminKey });
  await quick.first('ready');
  assert.equal(server.timers.fire(SIGN_IN_MS), 1);
  await until('it is closed', () => silent.closed !== undefined);
  assert.equal(silent.closed, LIVE_CLOSE_CODES.notSignedIn);
  assert.equal(server.count('aevum_live_ended_total', 'not_signed_in'), 1);
  await quick.subscribe('s');
});

test('strangers cannot take all places: those who have not signed in are bounded by themselves', async (t) => {
  const server = await startLiveServer(t, {
    limits: { connectionsMax: 9, waitingMax: 2, subscriptionsMax: 9 },
  });
  const [one, other] = [await connect(t, server, {}), await connect(t, server, {})];
  await assert.rejects(connect(t, server, {}), /refused with 429/);
  await connect(t, server);
  one.send({ op: 'auth', key: server.adminKey });
  await one.first('ready');
  const third = await connect(t, server, {});
  await assert.rejects(connect(t, server, {}), /refused with 429/);
  other.close();
  await until('it is gone', () => server.count('aevum_live_connections') === 3);
  await connect(t, server, {});
  third.send({ op: 'auth', key: server.adminKey });
  await third.first('ready');
});

test('one key is tried a connection, and nothing is done for a connection that is being closed', async (t) => {
  const server = await startLiveServer(t);
  const guesser = await connect(t, server, {});
  for (const key of ['wrong', server.adminKey]) guesser.send({ op: 'auth', key });
  guesser.send({ op: 'publish', id: 'p', event: { type: 'x' } });
  await until('it is closed', () => guesser.closed !== undefined);
  assert.deepEqual(
    guesser.answers.map(({ op }) => op),
    ['error'],
  );
  const binary = await connect(t, server);
  binary.socket.send(Buffer.from('{}'));
  binary.send({ op: 'publish', id: 'p', event: { type: 'x' } });
  await until('it is closed', () => binary.closed !== undefined);
  assert.equal(binary.closed, LIVE_CLOSE_CODES.notText);
  assert.equal(server.count('aevum_live_published_total'), 0);
});

test('a page of the public address may connect by a session; another may not, whatever it was sent to', async (t) => {
  const server = await startLiveServer(t);
  const cookie = await server.signIn();
  const own = await connect(t, server, { headers: { cookie, origin: PUBLIC_URL } });
  assert.equal((await own.first('ready')).project, 'default');
  for (const origin of [
    'https://events.example.com.evil.test',
    'http://events.example.com',
    'https://events.example.com:8443',
    'null',
  ])
    await assert.rejects(connect(t, server, { headers: { cookie, origin } }), /refused with 403/, origin);
  await assert.rejects(
    connect(t, server, {
      headers: { cookie, origin: 'http://events.example.com', host: 'events.example.com' },
    }),
    /refused with 403/,
    'the public address is told by https',
  );
  assert.equal(server.count('aevum_live_refused_total', 'foreign_origin'), 5);
});

const ENDS: Readonly<Record<string, (keys: KeyRing, id: string) => Promise<unknown>>> = {
  'is revoked': (keys, id) => keys.revoke('default', id, PLATFORM),
  'has expired': (keys, id) => keys.rotate({ project: 'default', id, graceMs: 0, by: PLATFORM }),
};

for (const [what, end] of Object.entries(ENDS))
  test(`a key that ${what} ends its connections, its streams, and its tickets`, async (t) => {
    const server = await startLiveServer(t);
    const { key, info } = await server.keys.create({
      project: 'default',
      scopes: ['read'],
      name: 'r',
      by: PLATFORM,
    });
    const client = await connect(t, server, { key });
    await client.subscribe('s');
    const stays = await connect(t, server);
    await stays.subscribe('s');
    const asked = { method: 'POST', headers: { authorization: `Bearer ${key}` } };
    const { ticket } = (await (await fetch(`${server.url}/api/live/ticket`, asked)).json()) as {
      ticket: string;
    };
    const stream = await fetch(`${server.url}/api/events/stream`, { headers: asked.headers });
    await end(server.keys, info.id);
    await assert.rejects(connect(t, server, { query: `?ticket=${ticket}` }), /refused with 401/);
    server.timers.fire(CHECK_MS);
    server.timers.fire(HEARTBEAT_MS);
    await until('it is closed', () => client.closed !== undefined);
    assert.equal(client.closed, LIVE_CLOSE_CODES.notSignedIn);
    assert.equal(await stream.text(), 'retry: 1000\nid: -1\n\n');
    assert.equal(server.count('aevum_live_ended_total', 'revoked'), 2);
    await server.decide(many(1, 'later'));
    await until('the other has it', () => stays.events('s').length === 1);
    assert.equal(client.events('s').length, 0);
  });

test('a slow subscriber is told how many it missed, and holds up nobody', async (t) => {
  const server = await startLiveServer(t);
  const [slow, quick] = [await connect(t, server), await connect(t, server)];
  await slow.subscribe('s');
  await quick.subscribe('s');
  slow.socket.pause();
  let sent = 0;
  while (server.count('aevum_live_events_missed_total') < 1_000) {
    await server.decide(many(500, `r${sent}`, 1_000));
    sent += 500;
    await until('the quick one has them', () => quick.events('s').length === sent);
  }
  slow.socket.resume();
  await until('all is accounted for', () => slow.events('s').length + slow.missed('s') === sent);
  assert.equal(slow.missed('s'), server.count('aevum_live_events_missed_total'));
  assert.equal(quick.missed('s'), 0);
  assert.equal(new Set(idsOf(slow, 's')).size, slow.events('s').length);
});

test('what lies behind is read as fast as the client takes it, and nothing is missed, repeated or out of order', async (t) => {
  const server = await startLiveServer(t);
  const sent: string[] = [];
  // Some records are delivered in many messages, so that a client may be full in the middle of one.
  for (const [round, count] of [1, 5_000, 3, 4_000].entries()) {
    const events = many(count, `r${round}`, 500);
    sent.push(...events.map(({ id }) => id));
    await server.decide(events);
  }
  const client = await connect(t, server);
  client.send({ op: 'subscribe', id: 'all', kind: 'events', after: '-1' });
  client.send({ op: 'subscribe', id: 'recent', kind: 'events', recent: 1_000 });
  client.socket.pause();
  await until('it has what it takes', () => server.count('aevum_live_events_total') > 1_000);
  client.socket.resume();
  await until(
    'all came',
    () => client.events('all').length >= sent.length && client.events('recent').length >= 1_000,
  );
  assert.deepEqual(idsOf(client, 'all'), sent);
  assert.deepEqual(idsOf(client, 'recent'), sent.slice(-1_000));
  await server.decide(many(1, 'new'));
  await until(
    'the new one came',
    () => idsOf(client, 'recent').includes('new-0') && idsOf(client, 'all').includes('new-0'),
  );
  assert.equal(client.missed('all') + client.missed('recent'), 0);
});

test('going on at a position that is not in the log any more says that there is a gap', async (t) => {
  const server = await startLiveServer(t);
  for (let n = 0; n < 6; n++) await server.decide(many(1, `r${n}`));
  await server.trim(4);
  const client = await connect(t, server);
  assert.deepEqual(await client.subscribe('s', { after: '1' }), {
    op: 'subscribed',
    id: 's',
    position: '3',
    gap: true,
  });
  assert.equal((await client.subscribe('near', { after: '3' })).gap, false);
  assert.equal((await client.subscribe('ahead', { after: '1000' })).gap, true);
  await until('what is there came', () => client.events('s').length === 2);
  assert.deepEqual(idsOf(client, 's'), ['r4-0', 'r5-0']);
  const stream = await listen(t, server, '?after=1');
  await until('it came', () => stream.text.includes('r5-0'));
  assert.match(stream.text, /^retry: 1000\nid: 3\n\nevent: missed\ndata: \{"missed":0,"gap":true\}\n\n/);
});

test('one long message reaches many clients whole, whatever ids they chose', async (t) => {
  const server = await startLiveServer(t);
  const clients = await Promise.all(Array.from({ length: 40 }, () => connect(t, server)));
  await Promise.all(clients.map((client, index) => client.subscribe(`id "${index}"`)));
  await server.decide(many(100, 'long', 2_000));
  await server.decide(many(1, 'short'));
  for (const [index, client] of clients.entries())
    await until('all came', () => client.events(`id "${index}"`).length === 101);
});

test('a filter is understood whatever its numbers look like; a publication keeps its digits', async (t) => {
  const server = await startLiveServer(t);
  const client = await connect(t, server);
  client.socket.send(
    '{"op":"subscribe","id":"5e3","kind":"events","filter":{"properties":{"n":[10e2,1.50]}},"recent":0.0}',
  );
  assert.equal((await client.first('subscribed', '5e3')).gap, false);
  await server.decide(
    ['1e3', '1000', '1.5', '1.500', '2'].map((n, index) => ({ id: `${index}`, properties: `{"n":${n}}` })),
  );
  await until('they came', () => client.events('5e3').length === 4);
  assert.deepEqual(idsOf(client, '5e3'), ['0', '1', '2', '3']);
});

test('what is nested too deeply is refused, and the connection stays', async (t) => {
  const server = await startLiveServer(t);
  const client = await connect(t, server);
  const deep = `${'['.repeat(400_000)}${']'.repeat(400_000)}`;
  client.socket.send(`{"op":"publish","id":"deep","event":{"type":"a","properties":{"x":${deep}}}}`);
  assert.match((await client.first('ack', 'deep')).rejected[0]?.message ?? '', /64 are the limit/);
  client.socket.send(
    `{"op":"publish","id":"digits","event":{"type":"a","properties":{"n":1e400,"x":${deep}}}}`,
  );
  assert.match((await client.first('error', 'digits')).message, /nested too deeply/);
  client.socket.send(`{"op":"subscribe","id":"sub","kind":"events","filter":${deep}}`);
  assert.equal((await client.first('error', 'sub')).code, 'invalid_request');
  await client.subscribe('s');
});

test('who follows a trend while the warehouse is away is told so, also who comes later', async (t) => {
  const query = () => Promise.reject(new ApiError('warehouse_unavailable'));
  const server = await startLiveServer(t, { query });
  const trend = { kind: 'trend', interval: '1h', range: 'last 24 hours' } as const;
  for (const id of ['first', 'second']) {
    const client = await connect(t, server);
    client.send({ op: 'subscribe', id, kind: 'trend', query: trend });
    const told = await client.first('error', id);
    assert.equal(told.code, 'warehouse_unavailable');
    assert.ok((told.retry_after ?? 0) > 0);
  }
});

test('a refused client that keeps its side open is let go', async (t) => {
  const server = await startLiveServer(t);
  const socket = connectTcp({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  socket.write(upgradeText(server, '/ws/nothing'));
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(socket, 'end');
  assert.match(text, /^HTTP\/1\.1 404 /);
  const failed = once(socket, 'error').catch((error: unknown) => [error]);
  const writing = setInterval(() => socket.write('x'), 5);
  t.after(() => clearInterval(writing));
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.match(String(error.code), /EPIPE|ECONNRESET/);
});
