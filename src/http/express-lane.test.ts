import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { PLATFORM } from '../access/audit-entry.ts';
import { stallingLog } from '../collect/testing/stalling-log.ts';
import { systemClock } from '../lib/clock.ts';
import { until } from '../lib/testing/until.ts';
import { createMemoryLog } from '../log/memory/memory-log.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const WAIT_MS = 120_000;

/** A connection on which answers are read one by one. */
class Line {
  readonly socket: Socket;
  #text = '';
  #wake: () => void = () => undefined;

  constructor(t: TestContext, { port }: TestServer) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.#text += chunk;
      this.#wake();
    });
    this.socket.on('end', () => this.#wake()).on('error', () => this.#wake());
    t.after(() => this.socket.destroy());
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** The next answer, head and body; '' when the server has closed. */
  async answer(): Promise<string> {
    const limit = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1] ?? 0);
      if (end > 3 && this.#text.length >= end + length) {
        const answer = this.#text.slice(0, end + length);
        this.#text = this.#text.slice(end + length);
        return answer;
      }
      if (this.socket.readableEnded || this.socket.destroyed) return this.#text;
      assert.ok(!limit.aborted, `no answer; so far: ${this.#text}`);
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), once(limit, 'abort')]);
    }
  }
}

const requestText = (server: TestServer, body: string, headers = ''): string =>
  `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${server.credentials.write_key}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const event = (id: string): string => `{"id":"${id}","type":"t"}`;
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);
/** Node writes its own headers with capitals. */
const isExpress = (answer: string): boolean => /^date: /m.test(answer);

test('a connection is express until something unusual comes, and goes on behind it', async (t) => {
  const server = await startTestServer(t);
  const line = new Line(t, server);
  const sent: [string, number, boolean][] = [
    [requestText(server, event('a')), 202, true],
    [requestText(server, event('bb')), 202, true],
    [requestText(server, '{'), 400, true],
    [requestText(server, '{"id":"ü"}'), 422, true],
    ['GET /api/ready HTTP/1.1\r\nHost: a\r\n\r\n', 200, false],
    [requestText(server, event('c')), 202, false],
    ['GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n', 404, false],
  ];
  for (const [text, status, express] of sent) {
    line.send(text);
    const answer = await line.answer();
    assert.deepEqual([statusOf(answer), isExpress(answer)], [status, express], text);
  }
  assert.equal((await server.records()).length, 4);
});

test('both ways answer alike', async (t) => {
  const server = await startTestServer(t);
  const told = async (body: string, headers: string): Promise<[number, string, string[]]> => {
    const line = new Line(t, server);
    line.send(requestText(server, body, headers));
    const [head = '', text = ''] = (await line.answer()).split('\r\n\r\n');
    const names = head
      .split('\r\n')
      .slice(1)
      .map((header) => header.toLowerCase());
    return [
      statusOf(head),
      text.replace(/"position":"\d+"/, ''),
      names.filter((name) => !/^date|^content-length/.test(name)).toSorted(),
    ];
  };
  for (const body of [event('a'), '{"id":"x"}', '[', '', '{"id":"é","type":5}'])
    assert.deepEqual(await told(body, ''), await told(body, 'Content-Encoding: identity\r\n'), body);
});

test('a wrong or revoked key is refused, also on a connection that it opened', async (t) => {
  const server = await startTestServer(t);
  const { key, info } = await server.keys.create({
    project: 'default',
    scopes: ['ingest'],
    name: 'n',
    by: PLATFORM,
  });
  const line = new Line(t, server);
  const text = requestText(server, event('a')).replace(server.credentials.write_key ?? '', key);
  line.send(text);
  assert.equal(statusOf(await line.answer()), 202);
  await server.keys.revoke('default', info.id, PLATFORM);
  line.send(text);
  assert.equal(statusOf(await line.answer()), 401);
  const stranger = new Line(t, server);
  stranger.send(text.replace(key, 'wrong'));
  assert.equal(statusOf(await stranger.answer()), 401);
});

test('what is sent before the answer is there waits for it', async (t) => {
  const log = stallingLog(createMemoryLog({ clock: systemClock }));
  const server = await startTestServer(t, { log });
  const line = new Line(t, server);
  log.stall();
  line.send(requestText(server, event('a')));
  while (log.appends === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const id of ['b', 'c']) line.send(requestText(server, event(id)));
  line.send('GET /api/ready HTTP/1.1\r\nHost: a\r\n\r\n');
  log.resume();
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push(statusOf(await line.answer()));
  assert.deepEqual(statuses, [202, 202, 202, 200]);
});

test('who says that no more will come is answered and let go', async (t) => {
  const server = await startTestServer(t);
  const line = new Line(t, server);
  line.socket.end(requestText(server, event('a')));
  assert.match(await line.answer(), /^HTTP\/1\.1 202 [^]*connection: close/);
  assert.equal(await line.answer(), '');
  const silent = new Line(t, server);
  silent.socket.end();
  assert.equal(await silent.answer(), '');
});

test('an idle connection is closed after its time', async (t) => {
  const server = await startTestServer(t, { http: { limits: { keepAliveTimeoutMs: 50 } } });
  const line = await until('a request is in time', async () => {
    const asked = new Line(t, server);
    asked.send(requestText(server, event('a')));
    return statusOf(await asked.answer()) === 202 && asked;
  });
  assert.equal(await line.answer(), '');
});

test('a server that closes lets idle connections go at once, and busy ones behind their answer', async (t) => {
  const log = stallingLog(createMemoryLog({ clock: systemClock }));
  const server = await startTestServer(t, { log });
  const [idle, busy] = [new Line(t, server), new Line(t, server)];
  idle.send(requestText(server, event('a')));
  assert.equal(statusOf(await idle.answer()), 202);
  log.stall();
  busy.send(requestText(server, event('b')));
  while (log.appends < 2) await new Promise((resolve) => setImmediate(resolve));
  const closed = server.server.close(WAIT_MS);
  assert.equal(await idle.answer(), '');
  log.resume();
  assert.match(await busy.answer(), /^HTTP\/1\.1 202 [^]*connection: close/);
  busy.socket.end();
  await closed;
});

test('a server that has waited long enough breaks off', async (t) => {
  const log = stallingLog(createMemoryLog({ clock: systemClock }));
  const server = await startTestServer(t, { log });
  const line = new Line(t, server);
  log.stall();
  line.send(requestText(server, event('a')));
  while (log.appends === 0) await new Promise((resolve) => setImmediate(resolve));
  await server.server.close(20);
  assert.equal(await line.answer(), '');
  log.resume();
});
