import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { OPERATOR_PERMISSIONS } from '../../src/access/permissions.ts';
import { LIVE_CLOSE_CODES, type LiveRequest } from '../../src/contract/live.ts';
import { applyTrendChange } from '../../src/contract/live-apply.ts';
import type { CreatedKey } from '../../src/contract/keys.ts';
import type { TrendAnswer } from '../../src/contract/trend.ts';
import { Client } from '../support/client.ts';
import { LiveClient, type LiveOptions } from '../support/live.ts';
import { ADMIN_KEY, freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';

let folder: string;
let platform: Platform;
let http: Client;
const clients: LiveClient[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aevum-live-'));
  platform = await Platform.start(join(folder, 'data'), await freePort());
  http = new Client(platform.url);
});

after(async () => {
  for (const client of clients) client.close();
  await platform.kill('group');
  await rm(folder, { recursive: true, force: true });
});

const connect = async (options: LiveOptions = { key: ADMIN_KEY }): Promise<LiveClient> => {
  const client = await LiveClient.open(platform.url, options);
  clients.push(client);
  return client;
};

const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

/** Ids that no other test uses. */
let round = 0;
const freshIds = (count: number): string[] => {
  round += 1;
  return Array.from({ length: count }, (_, index) => `e${round}-${index}`);
};

test('publish, acknowledge, subscribe, unsubscribe', async () => {
  const client = await connect();
  assert.deepEqual((await client.first('ready')).project, 'default');
  await client.subscribe('s');
  const [one = '', two = '', three = '', four = ''] = freshIds(4);
  client.send({
    op: 'publish',
    id: 'p1',
    event: { id: one, type: 'a', value: '12345678901.123456', currency: 'EUR' },
  });
  client.send({ op: 'publish', id: 'p2', events: [{ id: two, type: 'b' }, 7, { id: three, type: 'c' }] });
  const ack = await client.first('ack', 'p2');
  assert.equal(ack.accepted, 2);
  assert.match(String(ack.position), /^\d+$/u);
  assert.deepEqual(
    ack.rejected.map(({ index, code }) => [index, code]),
    [[1, 'not_an_object']],
  );
  await until('all three arrive', () => client.events('s').length === 3);
  assert.deepEqual(idsOf(client.events('s')), [one, two, three]);
  assert.equal(client.missed('s'), 0);
  await http.settled();
  const listed = await http.events({ limit: '10' });
  for (const event of client.events('s'))
    assert.deepEqual(
      event,
      listed.find(({ id }) => id === event.id),
    );
  client.send({ op: 'unsubscribe', id: 's' });
  await client.first('unsubscribed', 's');
  await http.send({ id: four, type: 'd' });
  await http.settled();
  await client.subscribe('later', { recent: 2 });
  await until('the latest arrive', () => client.events('later').length === 2);
  assert.deepEqual(idsOf(client.events('later')), [three, four]);
  assert.equal(client.events('s').length, 3);
});

test('numbers of published events stay exact', async () => {
  const client = await connect();
  const [id = ''] = freshIds(1);
  client.socket.send(
    `{"op":"publish","id":"p","event":{"id":"${id}","type":"n","properties":{"n":12345678901234567890,"m":1e400}}}`,
  );
  assert.equal((await client.first('ack', 'p')).accepted, 1);
  await http.settled();
  const reply = await http.ask('/api/events?type=n');
  assert.match(reply.text, /"n":12345678901234567890/u);
});

test('filters', async () => {
  const client = await connect();
  await client.subscribe('type', { filter: { type: ['view', 'buy'] } });
  await client.subscribe('user', { filter: { user_id: ['ada'] } });
  await client.subscribe('both', {
    filter: { type: ['buy'], source: ['web'], properties: { plan: ['pro', 3] } },
  });
  const ids = freshIds(6);
  const fields = [
    { type: 'view', user_id: 'ada' },
    { type: 'buy', source: 'web', properties: { plan: 'pro' } },
    { type: 'buy', source: 'web', properties: { plan: 3 } },
    { type: 'buy', source: 'app', properties: { plan: 'pro' } },
    { type: 'other', user_id: 'ada', properties: { plan: ['pro'] } },
    // For all of them: what came before it has come.
    { type: 'buy', user_id: 'ada', source: 'web', properties: { plan: 'pro' } },
  ];
  await http.send(...fields.map((each, index) => ({ id: ids[index], ...each })));
  const [a, b, c, d, e, last] = ids;
  for (const id of ['type', 'user', 'both'])
    await until(`the last one arrives at "${id}"`, () => client.events(id).at(-1)?.id === last);
  assert.deepEqual(idsOf(client.events('type')), [a, b, c, d, last]);
  assert.deepEqual(idsOf(client.events('user')), [a, e, last]);
  assert.deepEqual(idsOf(client.events('both')), [b, c, last]);
});

test('who may connect', async () => {
  await assert.rejects(connect({ key: 'nobody' }), /refused with 401/u);
  await assert.rejects(connect({ query: '?ticket=none' }), /refused with 401/u);
  await assert.rejects(connect({ key: ADMIN_KEY, query: '?project=other' }), /refused with 403/u);
  const stranger = await connect({});
  stranger.send({ op: 'subscribe', id: 's', kind: 'events' });
  assert.equal((await stranger.first('error', 's')).code, 'missing_key');
  stranger.send({ op: 'auth', key: 'no such key' });
  await until('it is cut off', () => stranger.closed !== undefined);
  assert.equal(stranger.closed, LIVE_CLOSE_CODES.notSignedIn);
  const writer = await connect({});
  writer.send({ op: 'auth', key: WRITE_KEY });
  assert.deepEqual((await writer.first('ready')).permissions, ['events:send']);
  writer.send({ op: 'subscribe', id: 's', kind: 'events' });
  assert.equal((await writer.first('error', 's')).code, 'missing_scope');
});

test('a ticket opens one connection', async () => {
  const reply = await http.ask('/api/live/ticket', { method: 'POST' });
  assert.equal(reply.status, 200, reply.text);
  const { ticket, expires_in: seconds } = JSON.parse(reply.text) as { ticket: string; expires_in: number };
  assert.equal(seconds, 30);
  const client = await connect({ query: `?ticket=${ticket}` });
  assert.equal((await client.first('ready')).project, 'default');
  await assert.rejects(connect({ query: `?ticket=${ticket}` }), /refused with 401/u);
  assert.equal((await http.ask('/api/live/ticket', { method: 'POST', key: 'nobody' })).status, 401);
});

test('a session opens a connection from pages of this server only', async () => {
  const signedIn = await fetch(`${platform.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: platform.url },
    body: JSON.stringify({ key: ADMIN_KEY }),
  });
  assert.ok(signedIn.ok, await signedIn.text());
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const client = await connect({ headers: { cookie, origin: platform.url }, query: '?project=default' });
  assert.deepEqual(
    (await client.first('ready')).permissions.toSorted(),
    [...OPERATOR_PERMISSIONS].toSorted(),
  );
  client.send({ op: 'publish', id: 'p', event: { type: 'x' } });
  assert.equal((await client.first('error', 'p')).code, 'missing_scope');
  for (const headers of [
    { cookie },
    { cookie, origin: 'http://127.0.0.1:1' },
    { cookie, origin: 'null' },
    { cookie, origin: platform.url, 'sec-fetch-site': 'cross-site' },
  ])
    await assert.rejects(connect({ headers }), /refused with 403/u, JSON.stringify(headers));
  await assert.rejects(
    connect({ headers: { cookie, origin: platform.url }, query: '?project=none' }),
    /refused with 404/u,
  );
  const stream = await fetch(`${platform.url}/api/events/stream`, { headers: { cookie } });
  assert.equal(stream.status, 200);
  await stream.body?.cancel();
  const ended = await fetch(`${platform.url}/api/session`, {
    method: 'DELETE',
    headers: { cookie, origin: platform.url },
  });
  assert.ok(ended.ok);
  await assert.rejects(connect({ headers: { cookie, origin: platform.url } }), /refused with 401/u);
});

test('what is wrong is told, and the connection stays', async () => {
  const client = await connect();
  client.socket.send('{"op":');
  client.socket.send('{"op":"dance","id":"x"}');
  client.socket.send('{"op":"subscribe","id":"y","kind":"events","filter":{"typ":["a"]}}');
  client.socket.send('{"op":"subscribe","id":"z","kind":"trend","query":{"kind":"trend","interval":"2h"}}');
  client.socket.send('{"op":"publish","id":"w"}');
  await client.first('error', 'w');
  assert.deepEqual(
    client.all('error').map(({ id, code }) => [id, code]),
    [
      [undefined, 'invalid_json'],
      ['x', 'invalid_request'],
      ['y', 'invalid_request'],
      ['z', 'invalid_request'],
      ['w', 'invalid_request'],
    ],
  );
  await client.subscribe('s');
  client.send({ op: 'subscribe', id: 's', kind: 'events' });
  assert.equal((await client.first('error', 's')).code, 'conflict');
});

test('binary and oversize messages end the connection', async () => {
  const binary = await connect();
  binary.socket.send(Buffer.from('{}'));
  await until('it is closed', () => binary.closed !== undefined);
  assert.equal(binary.closed, LIVE_CLOSE_CODES.notText);
  const large = await connect();
  large.socket.send('x'.repeat(2 * 1024 * 1024));
  await until('it is closed', () => large.closed !== undefined);
  assert.equal(large.closed, LIVE_CLOSE_CODES.tooLarge);
});

test('an event stream: filter, ids, going on', async () => {
  const ids = freshIds(4);
  const type = `sse-${round}`;
  const events = ids.map((id) => ({ id, type, properties: { plan: 'pro' } }));
  const query = `?type=${type}&property.plan=pro`;
  const first = await readStream(query, {}, async (text) => {
    await http.send(...events.slice(0, 2));
    await until('two arrive', () => dataOf(text()).length === 2);
    return text();
  });
  const sent = dataOf(first);
  assert.deepEqual(idsOf(sent), ids.slice(0, 2));
  const lastId = [...first.matchAll(/^id: (.*)$/gmu)].at(-1)?.[1] ?? '';
  assert.equal(lastId, sent.at(-1)?.position);
  await http.send(...events.slice(2));
  const second = await readStream(query, { 'last-event-id': lastId }, async (text) => {
    await until('two more arrive', () => dataOf(text()).length === 2);
    return text();
  });
  assert.deepEqual(idsOf(dataOf(second)), ids.slice(2));
});

test('an event stream says what is wrong', async () => {
  for (const [query, status] of [
    ['?typ=a', 400],
    ['?after=x', 400],
    ['?ticket=none', 401],
  ] as const) {
    const reply = await http.ask(`/api/events/stream${query}`);
    assert.equal(reply.status, status, reply.text);
  }
  assert.equal((await http.ask('/api/events/stream', { key: WRITE_KEY })).status, 403);
});

/** The events that have arrived whole. */
const dataOf = (text: string): { id: string; position: string }[] =>
  [...text.matchAll(/^data: (.*)\n\n/gmu)].map(
    ([, json = '']) => JSON.parse(json) as { id: string; position: string },
  );

/** Reads an event stream until `work` is done. */
const readStream = async <T>(
  query: string,
  headers: Readonly<Record<string, string>>,
  work: (text: () => string) => Promise<T>,
): Promise<T> => {
  const end = new AbortController();
  const answer = await fetch(`${platform.url}/api/events/stream${query}`, {
    headers: { authorization: `Bearer ${ADMIN_KEY}`, ...headers },
    signal: end.signal,
  });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  let text = '';
  const reading = (async () => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  try {
    await until('the stream begins', () => text !== '');
    return await work(() => text);
  } finally {
    end.abort();
    await reading;
  }
};

test('a slow subscriber is told exactly how many it missed', { timeout: 600_000 }, async () => {
  const total = 12_000;
  const filler = 'x'.repeat(1_000);
  const fallBehind = async (): Promise<LiveClient | false> => {
    const client = await connect();
    const type = `slow-${(round += 1)}`;
    await client.subscribe('s', { filter: { type: [type] } });
    client.socket.pause();
    for (let at = 0; at < total; at += 1_000)
      await http.send(...Array.from({ length: 1_000 }, () => ({ type, properties: { filler } })));
    await http.settled();
    client.socket.resume();
    await until(
      'all are accounted for, or it is closed',
      () => client.closed !== undefined || client.events('s').length + client.missed('s') >= total,
    );
    return client.closed === undefined && client;
  };
  // Who answers no ping for a minute is cut off, and a busy machine may take as long over the events.
  const client = await until('it is told before it is cut off', fallBehind, 300_000);
  assert.equal(client.events('s').length + client.missed('s'), total);
  assert.ok(client.missed('s') > 0);
  const ids = idsOf(client.events('s'));
  assert.equal(new Set(ids).size, ids.length);
});

test('a trend that is followed says the same as asking anew, for one query', {
  timeout: 300_000,
}, async () => {
  const type = `trend-${(round += 1)}`;
  const query: TrendQuestion = {
    kind: 'trend',
    types: [type],
    by: ['country'],
    interval: '10s',
    range: 'last 5 minutes',
  };
  const followers = await Promise.all(Array.from({ length: 20 }, () => connect()));
  for (const follower of followers) follower.send({ op: 'subscribe', id: 't', kind: 'trend', query });
  await Promise.all(followers.map((follower) => follower.first('trend', 't')));
  const earlier = await evaluations();
  const startedMs = performance.now();
  let sent = 0;
  for (const country of ['DE', 'FR', 'DE', 'AT']) {
    await http.send(...Array.from({ length: (sent += 5) }, () => ({ type, context: { country } })));
    await http.settled();
    for (const follower of followers)
      await until('the follower has the same', async () => {
        // Asked every time: the window moves.
        const { series } = await http.trend(query);
        return isDeepStrictEqual(latestOf(follower).series, series);
      });
  }
  const asked = (await evaluations()) - earlier;
  // Once a second at most, for all of them together.
  const seconds = (performance.now() - startedMs) / 1_000;
  assert.ok(asked <= seconds + 2, `${asked} queries for one trend in ${seconds} s`);
  assert.ok(followers[0]?.all('trend', 't').length === 1, 'changes, not whole answers');
});

type TrendQuestion = Extract<LiveRequest, { readonly kind: 'trend' }>['query'];

const latestOf = (client: LiveClient): TrendAnswer => {
  const [first] = client.all('trend', 't');
  assert.ok(first);
  return client.all('trend_change', 't').reduce((now, change) => applyTrendChange(now, change), first.answer);
};

const evaluations = async (): Promise<number> => {
  const { text } = await http.ask('/metrics');
  return Number(/^aevum_live_trend_evaluations_total\{.*outcome="answered".*\} (\d+)$/mu.exec(text)?.[1]);
};

test('a revoked key ends what it opened', { timeout: 300_000 }, async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ kind: 'read', name: 'live' });
  const made = await http.ask('/api/keys', { method: 'POST', headers, body });
  assert.equal(made.status, 201, made.text);
  const { key, info } = JSON.parse(made.text) as CreatedKey;
  const client = await connect({ key });
  await client.subscribe('s');
  const stream = await fetch(`${platform.url}/api/events/stream`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const ended = stream.text();
  assert.equal((await http.ask(`/api/keys/${info.id}`, { method: 'DELETE' })).status, 200);
  await until('the connection is closed', () => client.closed !== undefined);
  assert.equal(client.closed, LIVE_CLOSE_CODES.notSignedIn);
  assert.match(await ended, /^retry: 1000/u);
});
