import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { PLATFORM } from '../access/audit-entry.ts';
import { rowViews } from '../event/blocks.ts';
import { type ErrorCode, ERRORS } from '../event/errors.ts';
import { rawExchange, startTestServer } from './testing/test-server.ts';

const EVENT = '{"id":"e1","type":"page_view","user_id":"u1"}';

const errorOf = async (
  response: Response,
): Promise<{ code: ErrorCode; message: string; details?: Record<string, unknown> }> => {
  const { error } = (await response.json()) as { error: { code: ErrorCode; message: string } };
  assert.equal(response.status, ERRORS[error.code].status, `${error.code} came as ${response.status}`);
  assert.equal(
    response.headers.has('retry-after'),
    ERRORS[error.code].retryable,
    `Retry-After of ${error.code}`,
  );
  return error;
};

test('one event is answered with 202 and its position once it is in the log', async (t) => {
  const server = await startTestServer(t);
  const response = await server.post('/api/events', EVENT);
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { accepted: 1, position: '0', rejected: [] });
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  const [record] = await server.records();
  assert.ok(record !== undefined);
  const [row] = rowViews(record.events);
  assert.equal(row?.['project'], 'default');
  assert.equal(row?.['id'], 'e1');
  const [ledger] = rowViews(record.received);
  assert.deepEqual(
    [ledger?.['project'], ledger?.['account'], ledger?.['events']],
    ['default', 'received', 1],
  );
  assert.equal(Number(ledger?.['minute']) % 60_000, 0);
});

test('a batch comes as an array, in an envelope or by lines; bad events do not spoil it and are kept', async (t) => {
  const server = await startTestServer(t);
  const bodies: [string, string][] = [
    ['application/json', `[${EVENT},{"id":"bad"},5]`],
    ['application/json', `{"events":[${EVENT},{"id":"bad"},5]}`],
    ['application/json', `${EVENT}\n{"id":"bad"}\n5\n`],
    ['application/x-ndjson', `${EVENT}\n\n{"id":"bad"}\n5`],
  ];
  for (const [type, body] of bodies) {
    const response = await server.post('/api/events/batch', body, { 'content-type': type });
    assert.equal(response.status, 202);
    const answer = (await response.json()) as {
      accepted: number;
      rejected: { index: number; id: string; code: string }[];
    };
    assert.equal(answer.accepted, 1);
    assert.deepEqual(
      answer.rejected.map(({ index, id, code }) => [index, id, code]),
      [
        [1, 'bad', 'missing_type'],
        [2, null, 'not_an_object'],
      ],
    );
  }
  for (const { refused, received } of await server.records()) {
    assert.deepEqual(
      rowViews(refused).map(({ reason, body }) => [reason, body]),
      [
        ['missing_type', '{"id":"bad"}'],
        ['not_an_object', '5'],
      ],
    );
    assert.deepEqual(
      rowViews(received).map(({ events }) => events),
      [3],
    );
  }
});

test('a batch without events is answered without a position, and leaves no record', async (t) => {
  const server = await startTestServer(t);
  const response = await server.post('/api/events/batch', '[]');
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { accepted: 0, position: null, rejected: [] });
  assert.equal((await server.records()).length, 0);
});

test('the one event of the single route is answered 422 when it is refused, and kept all the same', async (t) => {
  const server = await startTestServer(t);
  const error = await errorOf(
    await server.post('/api/events', '{"id":"old","type":"a","timestamp":"2022-01-01T00:00:00Z"}'),
  );
  assert.equal(error.code, 'event_refused');
  assert.match(error.message, /aevum import/);
  assert.deepEqual(error.details, { code: 'too_old', id: 'old', position: '0' });
  const [record] = await server.records();
  assert.equal(record?.refused.rows, 1);
});

test('a declared backfill takes old events, with an admin key only and on the batch route only', async (t) => {
  const server = await startTestServer(t);
  const old = '[{"id":"old","type":"a","timestamp":"2022-01-01T00:00:00Z"}]';
  const admin = { authorization: `Bearer ${server.credentials.admin_key}` };
  const answer = await server.post('/api/events/batch?backfill=shop', old, admin);
  assert.deepEqual(await answer.json(), { accepted: 1, position: '0', rejected: [] });
  assert.equal(
    (await errorOf(await server.post('/api/events/batch?backfill=shop', old))).code,
    'missing_scope',
  );
  for (const path of [
    '/api/events?backfill=shop',
    '/api/events/batch?backfill=',
    '/api/events/batch?backfil=x',
    '/api/events/batch?backfill=a&backfill=b',
    `/api/events/batch?backfill=${'x'.repeat(300)}`,
  ])
    assert.equal((await errorOf(await server.post(path, old, admin))).code, 'invalid_request', path);
});

test('what is taken in as history is counted by its name', async (t) => {
  const notes: unknown[] = [];
  const server = await startTestServer(t, { http: { imports: { note: (body) => notes.push(body) } } });
  const admin = { authorization: `Bearer ${server.credentials.admin_key}` };
  const body = `[${EVENT},{"id":"bad"},5]`;
  await server.post('/api/events/batch?backfill=my%20file', body, admin);
  const packed = { ...admin, 'content-encoding': 'gzip' };
  await server.post('/api/events/batch?backfill=my%20file', gzipSync(body), packed);
  await server.post('/api/events/batch?backfill=my%20file', '[{', admin);
  await server.post('/api/events/batch', body, admin);
  const note = { project: 'default', name: 'my file', sentBy: 'first admin key', accepted: 1, rejected: 2 };
  assert.deepEqual(notes, [
    { ...note, bytes: body.length },
    { ...note, bytes: body.length },
  ]);
});

test('a body that is not JSON says where', async (t) => {
  const server = await startTestServer(t);
  const body = `[${EVENT},\n  {"id":}]`;
  const error = await errorOf(await server.post('/api/events/batch', body));
  assert.equal(error.code, 'invalid_json');
  assert.match(error.message, /line 2, column 9/);
  assert.deepEqual(error.details, { byte_offset: body.indexOf('}]'), line: 2, column: 9 });
  assert.equal((await errorOf(await server.post('/api/events', ''))).code, 'invalid_json');
  assert.equal((await server.records()).length, 0);
});

test('keys: none, unknown, mistyped, revoked, and of the wrong kind are told apart', async (t) => {
  const server = await startTestServer(t);
  const send = async (headers: Record<string, string>) => {
    const response = await fetch(`${server.url}/api/events`, { method: 'POST', body: EVENT, headers });
    return response.status === 202 ? { code: 'accepted', message: '' } : errorOf(response);
  };
  const key = server.credentials.write_key;
  const basic = Buffer.from(`${key}:`).toString('base64');
  for (const headers of [
    { authorization: `Bearer ${key}` },
    { 'x-api-key': key },
    { authorization: `Basic ${basic}` },
  ])
    assert.equal((await send(headers)).code, 'accepted');
  assert.equal((await send({})).code, 'missing_key');
  assert.equal((await send({ authorization: 'Bearer something-else-entirely' })).code, 'unknown_key');
  assert.match((await send({ 'x-api-key': key.slice(0, -1) })).message, /mistyped or cut off/);
  const read = await server.keys.create({ project: 'default', scopes: ['read'], name: 'r', by: PLATFORM });
  const refused = await send({ 'x-api-key': read.key });
  assert.equal(refused.code, 'missing_scope');
  assert.match(refused.message, /needs a write key .* this is a read key/);
  const write = await server.keys.create({ project: 'default', scopes: ['ingest'], name: 'w', by: PLATFORM });
  assert.equal((await send({ 'x-api-key': write.key })).code, 'accepted');
  await server.keys.revoke('default', write.info.id, PLATFORM);
  assert.equal((await send({ 'x-api-key': write.key })).code, 'unknown_key');
});

test('content types: JSON of any kind, NDJSON, plain text and none; others are refused with a hint', async (t) => {
  const server = await startTestServer(t);
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'Application/Cloudevents+JSON',
    'text/plain;charset=UTF-8',
    'application/x-ndjson',
    '',
  ])
    assert.equal((await server.post('/api/events', EVENT, { 'content-type': type })).status, 202, type);
  const noType = `POST /api/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-API-Key: ${server.credentials.write_key}\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`;
  assert.match(await rawExchange(server.port, [noType]), /^HTTP\/1\.1 202 /);
  for (const [type, hint] of [
    ['application/x-www-form-urlencoded', /curl -d/],
    ['text/html', /text\/html/],
    ['application/json; charset=latin1', /latin1/],
  ] as const) {
    const error = await errorOf(await server.post('/api/events', EVENT, { 'content-type': type }));
    assert.equal(error.code, 'unsupported_media_type');
    assert.match(error.message, hint);
  }
});

const compressors = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  deflate: deflateSync,
} as const;

test('compressed bodies of every encoding, small and large', async (t) => {
  const server = await startTestServer(t);
  const noise = Array.from(
    { length: 3_000 },
    (_, i) => `{"id":"n${i}","type":"t","properties":{"r":"${Math.random()}${Math.random()}"}}`,
  );
  const large = `[${noise.join()}]`;
  for (const [encoding, compress] of [...Object.entries(compressors), ['deflate', deflateRawSync] as const]) {
    const small = await server.post('/api/events', compress(EVENT) as Uint8Array<ArrayBuffer>, {
      'content-encoding': encoding,
    });
    assert.equal(small.status, 202, encoding);
    const many = await server.post('/api/events/batch', compress(large) as Uint8Array<ArrayBuffer>, {
      'content-encoding': encoding,
    });
    assert.equal(((await many.json()) as { accepted: number }).accepted, 3_000, encoding);
  }
  assert.equal((await server.post('/api/events', EVENT, { 'content-encoding': 'identity' })).status, 202);
});

test('damaged, cut off, unknown and stacked encodings are refused', async (t) => {
  const server = await startTestServer(t);
  const post = (body: Uint8Array, encoding: string) =>
    server.post('/api/events', body as Uint8Array<ArrayBuffer>, { 'content-encoding': encoding });
  for (const [encoding, compress] of Object.entries(compressors)) {
    const body = compress(EVENT.repeat(50));
    assert.equal(
      (await errorOf(await post(body.subarray(0, body.length - 5), encoding))).code,
      'invalid_encoding',
      `${encoding} cut off`,
    );
    assert.equal(
      (await errorOf(await post(Buffer.from(EVENT), encoding))).code,
      'invalid_encoding',
      `${encoding} that is none`,
    );
  }
  for (const encoding of ['compress', 'gzip, br', 'gzip,gzip', 'constructor'])
    assert.equal(
      (await errorOf(await post(gzipSync(EVENT), encoding))).code,
      'unsupported_encoding',
      encoding,
    );
});

test('a bomb is stopped at the limit, in every encoding', async (t) => {
  const server = await startTestServer(t);
  const zeros = Buffer.alloc(256 * 1024 * 1024);
  for (const [encoding, compress] of Object.entries({ ...compressors, br: brotliBomb })) {
    const bomb = compress(zeros);
    const before = process.memoryUsage().rss;
    const response = await server.post('/api/events/batch', bomb as Uint8Array<ArrayBuffer>, {
      'content-encoding': encoding,
    });
    const error = await errorOf(response);
    assert.equal(error.code, 'body_too_large', encoding);
    assert.match(error.message, /after decompression/);
    const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
    assert.ok(grownMiB < 120, `${encoding}: memory grew by ${grownMiB} MiB`);
  }
});

/** The default quality takes long over so many zeros. */
const brotliBomb = (input: Uint8Array): Buffer => brotliCompressSync(input, { params: { 1: 1 } });

test('bodies over the limit are refused, announced or not, and the connection survives short ones', async (t) => {
  const server = await startTestServer(t, { http: { bodyBytesMax: 1_000 } });
  const padded = (bytes: number): string => `{"id":"p","type":"t","x":"${'x'.repeat(bytes - 28)}"}`;
  assert.equal((await server.post('/api/events', padded(1_000))).status, 202);
  assert.equal((await errorOf(await server.post('/api/events', padded(1_001)))).code, 'body_too_large');
  const head = `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${server.credentials.write_key}\r\n`;
  const chunk = `400\r\n${'x'.repeat(0x400)}\r\n`;
  const chunked = await rawExchange(server.port, [
    `${head}Transfer-Encoding: chunked\r\n\r\n`,
    ...Array<string>(100).fill(chunk),
    '0\r\n\r\n',
  ]);
  assert.match(chunked, /^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*body_too_large/i);
  const short = `${head}Content-Length: 2000\r\n\r\n${'x'.repeat(2000)}`;
  const good = `${head}Connection: close\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`;
  const both = await rawExchange(server.port, [short, good]);
  assert.match(both, /HTTP\/1\.1 413 [\s\S]*HTTP\/1\.1 202 /);
});

test('a client that asks before sending is answered before it sends', async (t) => {
  const server = await startTestServer(t, { http: { bodyBytesMax: 1_000 } });
  const head = (bytes: number, key: string) =>
    `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${key}\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`;
  const key = server.credentials.write_key;
  const sent = await rawExchange(server.port, [head(EVENT.length, key), EVENT], { pauseMs: 50 });
  assert.match(sent, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 /);
  assert.match(await rawExchange(server.port, [head(5_000, key)]), /^HTTP\/1\.1 413 /);
  assert.match(await rawExchange(server.port, [head(10, 'no-such-key')]), /^HTTP\/1\.1 401 /);
});

test('a key that is revoked while a body is on its way takes nothing in any more', async (t) => {
  const server = await startTestServer(t);
  const { key, info } = await server.keys.create({
    project: 'default',
    scopes: ['ingest'],
    name: 'phone',
    by: PLATFORM,
  });
  const headers = {
    ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...{ 'content-length': EVENT.length, expect: '100-continue' },
  };
  const sending = request(`${server.url}/api/events`, { method: 'POST', headers });
  t.after(() => sending.destroy());
  sending.flushHeaders();
  // By then the key was looked at.
  await once(sending, 'continue');
  await server.keys.revoke('default', info.id, PLATFORM);
  sending.end(EVENT);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 401);
  assert.match(await text(answer), /unknown_key/);
  assert.deepEqual(await server.records(), []);
});

test('browsers may send from any origin, and see when to come back', async (t) => {
  const server = await startTestServer(t, { collector: { rateLimit: { perSecond: 0.001, burst: 1 } } });
  for (const path of ['/api/events', '/api/events/batch']) {
    const preflight = await fetch(server.url + path, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /Authorization/);
  }
  await server.post('/api/events', EVENT);
  const limited = await server.post('/api/events', EVENT);
  assert.equal((await errorOf(limited)).code, 'rate_limited');
  assert.equal(limited.headers.get('retry-after'), '1000');
  assert.equal(limited.headers.get('access-control-expose-headers'), 'Date, Retry-After');
});

test('a write key may stand in the address of the batch route, where a page that goes cannot set headers', async (t) => {
  const server = await startTestServer(t);
  const { write_key: write, admin_key: admin } = server.credentials;
  const send = (query: string, headers: Record<string, string> = {}, route = '/api/events/batch') =>
    fetch(`${server.url}${route}?${query}`, { method: 'POST', body: `[${EVENT}]`, headers });
  const sent = await send(`key=${write}`, { origin: 'https://shop.example' });
  assert.equal(sent.status, 202);
  assert.equal(sent.headers.get('access-control-allow-origin'), '*');
  assert.equal(sent.headers.get('access-control-expose-headers'), 'Date, Retry-After');
  assert.equal((await server.records()).length, 1);

  assert.equal((await errorOf(await send('key=no-such-key'))).code, 'unknown_key');
  assert.equal((await errorOf(await send('key='))).code, 'missing_key');
  assert.match((await errorOf(await send(`key=${admin}`))).message, /Only a write key/);
  assert.match((await errorOf(await send(`key=${write}&key=${write}`))).message, /more than once/);
  assert.match((await errorOf(await send(`key=${write}`, {}, '/api/events'))).message, /not known here/);
  assert.equal((await errorOf(await send(`key=${write}&backfill=x`))).code, 'missing_scope');
  const header = { authorization: 'Bearer no-such-key' };
  assert.equal((await errorOf(await send(`key=${write}`, header))).code, 'unknown_key');
  assert.equal((await server.records()).length, 1);
});

test('too many events are refused as a whole', async (t) => {
  const server = await startTestServer(t);
  const error = await errorOf(
    await server.post('/api/events/batch', `[${Array<string>(10_001).fill('{}').join()}]`),
  );
  assert.equal(error.code, 'too_many_events');
  assert.equal((await server.records()).length, 0);
});

test('before and after its time the server answers 503', async (t) => {
  const server = await startTestServer(t);
  for (const phase of ['starting', 'stopping'] as const) {
    server.phase = phase;
    const response = await server.post('/api/events', EVENT);
    assert.equal(response.headers.get('connection'), phase === 'stopping' ? 'close' : 'keep-alive');
    assert.equal((await errorOf(response)).code, phase);
  }
});

test('what fails inside is told as an incident, without a stack', async (t) => {
  const server = await startTestServer(t);
  server.collector.collect = () => Promise.reject(new Error('secret detail'));
  const error = await errorOf(await server.post('/api/events', EVENT));
  assert.equal(error.code, 'internal');
  assert.ok(!JSON.stringify(error).includes('secret'));
  const line = server.lines.find(({ name }) => name === 'http_request_failed');
  assert.ok(
    line?.message.includes(String(error.details?.['incident'])) && line.message.includes('secret detail'),
  );
});
