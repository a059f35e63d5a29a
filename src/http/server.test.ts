import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createMemoryLog } from '../log/memory/memory-log.ts';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { ListenError } from './server.ts';
import { rawExchange, startTestServer, type TestServer } from './testing/test-server.ts';
import { stallingLog } from '../collect/testing/stalling-log.ts';

const GRACE_MS = 120_000;
const EVENT = '{"id":"e1","type":"page_view"}';

const requestText = (server: TestServer, body: string, headers = ''): string =>
  `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${server.credentials.write_key}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const statusesOf = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status ?? '');

/** Events are taken in: at once, or, where a request may run into a tight limit, some time. */
const takenIn = (server: TestServer, body = EVENT, headers: Record<string, string> = {}): Promise<true> =>
  until('an event is taken in', async () => {
    const answer = await server.post('/api/events', body, headers);
    await answer.body?.cancel();
    if (answer.status !== 202) throw new Error(String(answer.status));
    return true;
  });

/** An open connection over which this was sent. */
const sending = async (t: TestContext, { port }: TestServer, text: string): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(text);
  return socket;
};

test('pipelined requests are answered in order', async (t) => {
  const server = await startTestServer(t);
  const bodies = ['{"id":"a","type":"t"}', '{', '{"id":"b","type":"t"}', '{"id":"c"}'];
  const text = bodies
    .map((body, index) => requestText(server, body, index === 3 ? 'Connection: close\r\n' : ''))
    .join('');
  assert.deepEqual(statusesOf(await rawExchange(server.port, [text])), ['202', '400', '202', '422']);
});

test('a request split at every byte is read all the same', async (t) => {
  const server = await startTestServer(t);
  const text = requestText(server, '{"id":"ü","type":"t"}', 'Connection: close\r\n');
  const bytes = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
  assert.deepEqual(statusesOf(await rawExchange(server.port, bytes)), ['202']);
});

test('a chunked body is read whatever the chunks', async (t) => {
  const server = await startTestServer(t);
  const head = `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${server.credentials.write_key}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  const chunks = EVENT.split('').map((character) => `1\r\n${character}\r\n`);
  assert.deepEqual(statusesOf(await rawExchange(server.port, [head, ...chunks, '0\r\n\r\n'])), ['202']);
});

test('a slow client is answered 408, whether it dawdles over the headers or the body', async (t) => {
  const limits = { headersTimeoutMs: 200, requestTimeoutMs: 400, timeoutCheckIntervalMs: 50 };
  const server = await startTestServer(t, { http: { limits } });
  const slowHeaders = await rawExchange(
    server.port,
    ['POST /api/events HTTP/1.1\r\nHost: a\r\n', 'X-A: b\r\n', 'X-B: c\r\n'],
    { pauseMs: 200 },
  );
  assert.match(slowHeaders, /^HTTP\/1\.1 408 [\s\S]*request_timeout/);
  const slowBody = await rawExchange(server.port, [requestText(server, EVENT).slice(0, -5), '"', 'x'], {
    pauseMs: 400,
  });
  assert.match(slowBody, /^HTTP\/1\.1 408 [\s\S]*request_timeout/);
  await takenIn(server);
});

test('what is not HTTP is answered 400, what has too long headers 431, and nothing breaks', async (t) => {
  const server = await startTestServer(t);
  const cases: [string, string][] = [
    ['hello\r\n\r\n', '400'],
    ['GET / HTTP/9.9\r\n\r\n', '400'],
    ['POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', '400'],
    ['POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', '400'],
    [
      'POST /api/events HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      '400',
    ],
    ['\x16\x03\x01\x02\x00\x01\x00\x01', '400'],
    [`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    ['GET /api/ready HTTP/1.1\r\n\r\n', '400'],
    ['GET /api/ready HTTP/1.1\r\nHost: not a host\r\nConnection: close\r\n\r\n', '400'],
  ];
  for (const [text, status] of cases)
    assert.equal(statusesOf(await rawExchange(server.port, [text]))[0], status, text.slice(0, 60));
  const badChunk = `${requestText(server, '').replace('Content-Length: 0', 'Transfer-Encoding: chunked')}zz\r\n`;
  assert.equal(statusesOf(await rawExchange(server.port, [badChunk]))[0], '400');
  assert.equal((await server.post('/api/events', EVENT)).status, 202);
});

test('a request that is broken off leaves nothing behind', async (t) => {
  const server = await startTestServer(t, { http: { limits: { readingBytesMax: 1_500 } } });
  const partial = requestText(server, `{"id":"x","type":"${'t'.repeat(2_000)}"}`).slice(0, -1_000);
  for (let i = 0; i < 20; i++) await rawExchange(server.port, [partial], { untilMs: 30 });
  assert.equal((await server.records()).length, 0);
  // What broken bodies held was given back.
  await takenIn(server, `{"id":"x","type":"t","p":"${'x'.repeat(1_000)}"}`);
});

test('bodies that are being read are bounded together', async (t) => {
  const server = await startTestServer(t, { http: { limits: { readingBytesMax: 3_000 } } });
  const partial = requestText(server, `{"id":"x","type":"${'t'.repeat(4_000)}"}`).slice(0, -2_000);
  const holding = await sending(t, server, partial);
  // Compressed or not is no matter; that it says so keeps it off the express lane, where a body that arrives whole is not held at all.
  const byNode = { 'content-encoding': 'identity' };
  const body = `{"id":"y","type":"t","p":"${'t'.repeat(1_500)}"}`;
  const refused = await until('the other body has come so far', async () => {
    const answer = await server.post('/api/events', body, byNode);
    return answer.status !== 202 && answer;
  });
  assert.equal(refused.status, 503);
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, 'queue_full');
  holding.destroy();
  await takenIn(server, body, byNode);
});

test('connections over the maximum are refused, the others live', async (t) => {
  const server = await startTestServer(t, { http: { limits: { connectionsMax: 2 } } });
  const sockets = [];
  for (let n = 0; n < 2; n += 1) {
    const socket = await sending(t, server, requestText(server, EVENT));
    await once(socket, 'data');
    sockets.push(socket);
  }
  assert.equal(await rawExchange(server.port, [requestText(server, EVENT)]), '');
  for (const socket of sockets) socket.destroy();
  await takenIn(server);
});

test('a port in use is told with words, and so is an address that is not ours', async (t) => {
  const taken = createTcpServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  assert.ok(typeof address === 'object' && address !== null);
  await assert.rejects(startTestServer(t, { http: { port: address.port } }), (error: unknown) => {
    assert.ok(error instanceof ListenError);
    assert.match(error.message, /is using it\..*--port/);
    return true;
  });
  await assert.rejects(
    startTestServer(t, { http: { host: '192.0.2.1' } }),
    /does not have the address.*--host/,
  );
});

test('closing lets requests under way finish and takes no new ones', async (t) => {
  const log = stallingLog(createMemoryLog({ clock: systemClock }));
  const server = await startTestServer(t, { log });
  await server.post('/api/events', EVENT);
  log.stall();
  const underWay = server.post('/api/events', '{"id":"last","type":"t"}');
  await until('it is under way', () => log.appends === 2);
  server.phase = 'stopping';
  const closing = server.server.close(GRACE_MS);
  await assert.rejects(server.post('/api/events', EVENT));
  log.resume();
  const answer = await underWay;
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get('connection'), 'close');
  const startedMs = performance.now();
  await closing;
  assert.ok(performance.now() - startedMs < GRACE_MS / 2, 'idle connections do not hold it up');
});

test('closing breaks off what does not finish in time', async (t) => {
  const log = stallingLog(createMemoryLog({ clock: systemClock }));
  const server = await startTestServer(t, { log });
  log.stall();
  const underWay = server.post('/api/events', EVENT).catch(() => 'broken off');
  await until('it is under way', () => log.appends === 1);
  await server.server.close(100);
  assert.equal(await underWay, 'broken off');
  log.resume();
});

test('a client that leaves before its answer does no harm, and its event is kept', async (t) => {
  const log = stallingLog(createMemoryLog({ clock: systemClock }));
  const server = await startTestServer(t, { log });
  log.stall();
  const leaving = await sending(t, server, requestText(server, EVENT));
  await until('it is under way', () => log.appends === 1);
  leaving.destroy();
  log.resume();
  await until('it is kept', async () => (await server.records()).length === 1);
  assert.deepEqual(server.lines, []);
});
