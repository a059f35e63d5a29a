import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { AuditAnswer } from '../contract/audit.ts';
import type { CreatedKey, KeysAnswer } from '../contract/keys.ts';
import { type TestServer, startTestServer } from './testing/test-server.ts';

const DAY_MS = 86_400_000;
const EVENT = '{"type":"page_view"}';

interface Bench {
  readonly server: TestServer;
  readonly clock: { ms: number };
  /** Asks with the admin key. */
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Response>;
}

const open = async (t: TestContext): Promise<Bench> => {
  const clock = { ms: Date.UTC(2026, 10, 20) };
  const server = await startTestServer(t, {
    clock: { nowMs: () => clock.ms, monotonicMs: () => performance.now() },
  });
  const ask = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${server.credentials.admin_key}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { server, clock, ask };
};

const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { error: { code: string } }).error.code;

const made = async (answer: Response): Promise<CreatedKey> => {
  assert.equal(answer.status, 201, await answer.clone().text());
  return (await answer.json()) as CreatedKey;
};

test('keys are made by kind or by scopes, and listed with their terms', async (t) => {
  const { ask } = await open(t);
  const byKind = await made(await ask('POST', '/api/keys', { kind: 'read', name: 'a' }));
  assert.deepEqual(byKind.info.scopes, ['read']);
  const terms = {
    scopes: ['ingest'],
    name: 'b',
    expires_at: '2026-12-24T00:00:00Z',
    origins: ['https://*.example.com'],
  };
  const byScope = await made(await ask('POST', '/api/keys', terms));
  const { keys } = (await (await ask('GET', '/api/keys')).json()) as KeysAnswer;
  const listed = keys.find(({ id }) => id === byScope.info.id);
  assert.deepEqual(listed, byScope.info);
  assert.equal(listed?.expires_at, '2026-12-24T00:00:00.000Z');
  assert.deepEqual(listed.origins, ['https://*.example.com']);
});

test('what cannot be a key is refused with what is wrong', async (t) => {
  const { ask } = await open(t);
  const bad = [
    { name: 'a' },
    { name: 'a', kind: 'read', scopes: ['read'] },
    { name: 'a', scopes: [] },
    { name: 'a\u001b[31m', scopes: ['read'] },
    { name: 'a', scopes: ['root'] },
    { name: 'a', scopes: ['read'], origins: ['https://a.example'] },
    { name: 'a', scopes: ['ingest'], origins: ['a.example'] },
    { name: 'a', scopes: ['ingest'], expires_at: '2026-11-19T00:00:00Z' },
    { name: 'a', scopes: ['ingest'], expires_at: 'tomorrow' },
  ];
  for (const body of bad) {
    const answer = await ask('POST', '/api/keys', body);
    assert.deepEqual([answer.status, await codeOf(answer)], [400, 'invalid_request'], JSON.stringify(body));
  }
});

test('each fault is told at its place, with what would be right', async (t) => {
  const { ask } = await open(t);
  const cases: readonly (readonly [unknown, string])[] = [
    [
      { kind: 'wirte', name: 'a' },
      'kind: "wirte" is not understood. Use one of write, read, admin. Did you mean "write"?',
    ],
    [{ kind: 'read' }, 'name: is missing. It takes a string.'],
    [{ kind: 'read', name: 7 }, 'name: 7 is not a string.'],
    [{ kind: 'read', nmae: 'a' }, 'name: is missing. It takes a string. (and 1 more, see details)'],
    [{ kind: 'read', name: '' }, 'name: must have at least 1 character.'],
    [{ name: 'a' }, 'Give either "kind" or "scopes".'],
    [undefined, 'The request has no body. Send the fields as JSON.'],
  ];
  for (const [body, message] of cases) {
    const answer = await ask('POST', '/api/keys', body);
    assert.equal(answer.status, 400);
    const { error } = (await answer.json()) as { error: { message: string } };
    assert.equal(error.message, message);
  }
  const twice = await ask('GET', '/api/audit?limit=1&limit=2');
  assert.match(await twice.text(), /limit: is given 2 times\. Give it once\./);
});

test('an expired key is told apart from an unknown and a revoked one', async (t) => {
  const { server, ask, clock } = await open(t);
  const expires = new Date(clock.ms + DAY_MS).toISOString();
  const { key } = await made(
    await ask('POST', '/api/keys', { kind: 'admin', name: 'a', expires_at: expires }),
  );
  assert.equal((await server.get('/api/keys', key)).status, 200);
  assert.equal((await server.post('/api/events', EVENT, { authorization: `Bearer ${key}` })).status, 202);
  clock.ms += DAY_MS;
  for (const answer of [
    await server.get('/api/keys', key),
    await server.post('/api/events', EVENT, { authorization: `Bearer ${key}` }),
    await server.post('/v1/track', JSON.stringify({ event: 'e', userId: 'u', writeKey: key }), {
      authorization: '',
    }),
  ])
    assert.deepEqual([answer.status, await codeOf(answer)], [401, 'expired_key']);
});

test('a rotated key works beside its successor until it ends', async (t) => {
  const { server, ask, clock } = await open(t);
  const old = await made(await ask('POST', '/api/keys', { kind: 'write', name: 'page' }));
  const next = await made(await ask('POST', `/api/keys/${old.info.id}/rotate`, { grace_s: 60 }));
  const statusOf = async (key: string): Promise<number> =>
    (await server.post('/api/events', EVENT, { authorization: `Bearer ${key}` })).status;
  assert.deepEqual([await statusOf(old.key), await statusOf(next.key)], [202, 202]);
  clock.ms += 60_000;
  assert.deepEqual([await statusOf(old.key), await statusOf(next.key)], [401, 202]);
  assert.equal((await ask('POST', '/api/keys/key_none/rotate')).status, 404);
  assert.equal((await ask('POST', `/api/keys/${next.info.id}/rotate`)).status, 201, 'without a body');
  assert.equal((await ask('POST', `/api/keys/${next.info.id}/rotate`, { grace_s: -1 })).status, 400);
});

/** One plain request on a connection of its own, as the express lane takes it; answers with the status and whether the lane did. */
const express = async (
  server: TestServer,
  key: string,
  origins: readonly (string | undefined)[],
): Promise<string[]> => {
  const socket = connect(server.port, '127.0.0.1').setEncoding('latin1');
  const answers: string[] = [];
  try {
    for (const origin of origins) {
      const line = origin === undefined ? '' : `Origin: ${origin}\r\n`;
      socket.write(
        `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${key}\r\n${line}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`,
      );
      const text = await new Promise<string>((resolve, reject) => {
        socket
          .once('data', resolve)
          .once('error', reject)
          .once('close', () => resolve(''));
      });
      answers.push(`${text.slice(9, 12)} ${/^date: /m.test(text) ? 'express' : 'node'}`);
    }
  } finally {
    socket.destroy();
  }
  return answers;
};

test('a key with origins is for pages of these, on every way in', async (t) => {
  const { server, ask } = await open(t);
  const terms = {
    scopes: ['ingest'],
    name: 'page',
    origins: ['https://shop.example', 'https://*.example.org'],
  };
  const { key } = await made(await ask('POST', '/api/keys', terms));
  const segment = JSON.stringify({ event: 'e', userId: 'u', writeKey: key });
  const ways = [
    (origin: Record<string, string>) =>
      server.post('/api/events', EVENT, { authorization: `Bearer ${key}`, ...origin }),
    (origin: Record<string, string>) =>
      server.post('/api/events/batch', `[${EVENT}]`, { authorization: `Bearer ${key}`, ...origin }),
    (origin: Record<string, string>) =>
      fetch(`${server.url}/api/events/batch?key=${key}`, {
        method: 'POST',
        body: `[${EVENT}]`,
        headers: { ...origin, 'content-type': 'text/plain' },
      }),
    (origin: Record<string, string>) =>
      fetch(`${server.url}/v1/track`, { method: 'POST', body: segment, headers: origin }),
  ];
  for (const send of ways) {
    for (const origin of ['https://shop.example', 'https://a.b.example.org'])
      assert.ok((await send({ origin })).ok, origin);
    for (const origin of ['https://evil.example', 'https://example.org', 'null']) {
      const answer = await send({ origin });
      assert.deepEqual([answer.status, await codeOf(answer)], [403, 'origin_not_allowed'], origin);
    }
    assert.equal(await codeOf(await send({})), 'origin_not_allowed');
  }
  // Any page may ask whether it may: there is no key in that request.
  const preflight = await fetch(`${server.url}/api/events`, { method: 'OPTIONS' });
  assert.equal(preflight.status, 204);
});

test('the express lane heeds origins, and takes those that are allowed', async (t) => {
  const { server, ask } = await open(t);
  const { key } = await made(
    await ask('POST', '/api/keys', { scopes: ['ingest'], name: 'page', origins: ['https://shop.example'] }),
  );
  const good = 'https://shop.example';
  assert.deepEqual(await express(server, key, [good, good, 'https://evil.example']), [
    '202 express',
    '202 express',
    '403 node',
  ]);
  assert.deepEqual(await express(server, key, [undefined]), ['403 node']);
  const free = server.credentials.write_key;
  assert.deepEqual(await express(server, free, ['https://evil.example', undefined]), [
    '202 express',
    '202 express',
  ]);
});

test('an audit log that takes nothing refuses changes with 503, and nothing is changed', async (t) => {
  const { ask, server } = await open(t);
  const before = server.keys.list('default').length;
  await server.readOnly(true);
  const answer = await ask('POST', '/api/keys', { kind: 'read', name: 'a' });
  assert.deepEqual([answer.status, await codeOf(answer)], [503, 'audit_unavailable']);
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
  await server.readOnly(false);
  assert.equal(server.keys.list('default').length, before);
  assert.equal((await ask('POST', '/api/keys', { kind: 'read', name: 'a' })).status, 201);
});

test('the audit log is paged, narrowed down, and confined to the project', async (t) => {
  const { ask, server } = await open(t);
  const admin = server.keys.list('default').find(({ name }) => name === 'first admin key')?.id ?? '';
  for (const name of ['a', 'b', 'c']) await ask('POST', '/api/keys', { kind: 'read', name });
  const page = async (query: string): Promise<AuditAnswer> => {
    const answer = await ask('GET', `/api/audit?${query}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as AuditAnswer;
  };
  const newest = await page('limit=2&action=key.created');
  assert.deepEqual(
    newest.entries.map(({ detail, actor }) => [detail['name'], actor.kind, actor.id]),
    [
      ['c', 'key', admin],
      ['b', 'key', admin],
    ],
  );
  const older = await page(`limit=100&action=key.created&cursor=${newest.next_cursor}`);
  assert.deepEqual(
    older.entries.map(({ detail, actor }) => [detail['name'], actor.kind]),
    [
      ['a', 'key'],
      ['first admin key', 'system'],
      ['first write key', 'system'],
    ],
  );
  assert.deepEqual([older.next_cursor, older.oldest], [null, 1]);
  assert.match(older.head, /^\d+:[0-9a-f]{64}$/);
  assert.equal((await page(`actor=platform`)).entries.length, 2);
  assert.equal((await page('action=audit.read')).entries.length, 1, 'looking is an entry, once a minute');
  assert.equal((await page('since=2026-11-21T00:00:00Z')).entries.length, 0);
  assert.equal((await page('all=true&until=2026-11-21T00:00:00Z')).entries.length > 5, true);
  for (const query of ['limit=0', 'action=none', 'since=yesterday', 'cursor=x', 'other=1', 'limit=1&limit=2'])
    assert.equal((await ask('GET', `/api/audit?${query}`)).status, 400, query);
});

test('whoever administers one project sees its entries only', async (t) => {
  const { ask, server } = await open(t);
  await server.addProject('shop');
  const by = { kind: 'cli', id: 'test', name: 'test' } as const;
  const { key } = await server.keys.create({ project: 'shop', scopes: ['admin'], name: 'shop', by });
  await ask('POST', '/api/keys', { kind: 'read', name: 'of the default project' });
  const answer = await server.get('/api/audit', key);
  const { entries } = (await answer.json()) as AuditAnswer;
  assert.deepEqual([...new Set(entries.map(({ project }) => project))], ['shop']);
  const all = await server.get('/api/audit?all=true', key);
  assert.deepEqual([all.status, await codeOf(all)], [403, 'wrong_project']);
  assert.equal((await server.get('/api/audit', server.credentials.write_key)).status, 403);
});
