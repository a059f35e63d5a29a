import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { PATIENCE_MS } from '../lib/testing/until.ts';
import { Exchanges } from './exchange.ts';
import { WarehouseError } from './warehouse-error.ts';

type Answerer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Somebody on the other side, and a way to them. */
const opposite = async (context: TestContext, answer: Answerer): Promise<Exchanges> => {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => answer(request, response, body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const exchanges = new Exchanges({
    url: `http://127.0.0.1:${port}`,
    username: 'somebody',
    password: 'p@ss:wörd',
  });
  context.after(() => {
    exchanges.close();
    server.closeAllConnections();
    server.close();
  });
  return exchanges;
};

const ask = (exchanges: Exchanges, sql: string, signal?: AbortSignal, giveUpMs = PATIENCE_MS) =>
  exchanges.ask({ sql, search: new URLSearchParams({ a: 'b c' }), headers: {}, giveUpMs, signal });

const fails = (work: Promise<unknown>, code: string): Promise<void> =>
  assert.rejects(work, (error) => error instanceof WarehouseError && error.code === code);

test('what is asked arrives, and what is answered comes back, exceptions too', async (context) => {
  const exchanges = await opposite(context, ({ url, headers }, response, body) => {
    response.statusCode = body === 'bad' ? 400 : 200;
    if (body === 'bad') response.setHeader('X-ClickHouse-Exception-Code', '62');
    response.end(JSON.stringify([url, headers.authorization, body]));
  });
  const authorization = `Basic ${Buffer.from('somebody:p@ss:wörd').toString('base64')}`;
  const { headers, ...answer } = await ask(exchanges, 'SELECT „1“');
  assert.deepEqual(answer, {
    isOk: true,
    code: Number.NaN,
    text: JSON.stringify(['/?a=b+c', authorization, 'SELECT „1“']),
  });
  assert.equal(headers.connection, 'keep-alive');
  const { isOk, code } = await ask(exchanges, 'bad');
  assert.deepEqual([isOk, code], [false, 62]);
});

test('a kept connection that was closed meanwhile is no failure', async (context) => {
  let asked = 0;
  const exchanges = await opposite(context, ({ socket }, response) => {
    asked += 1;
    if (asked === 2) socket.resetAndDestroy();
    else response.end('answer');
  });
  assert.equal((await ask(exchanges, 'first')).text, 'answer');
  assert.equal((await ask(exchanges, 'second')).text, 'answer');
  assert.equal(asked, 3);
});

test('a connection that breaks is one, and is not tried for ever', async (context) => {
  let asked = 0;
  const exchanges = await opposite(context, ({ socket }) => {
    asked += 1;
    socket.resetAndDestroy();
  });
  await fails(ask(exchanges, 'first'), 'unavailable');
  assert.equal(asked, 1);
});

test('an answer that breaks off', async (context) => {
  const exchanges = await opposite(context, ({ socket }, response) => {
    response.setHeader('Content-Length', 100);
    response.write('half of', () => socket.destroy());
  });
  await fails(ask(exchanges, 'first'), 'unavailable');
});

test('who gives up gets no answer, nor who comes too late', async (context) => {
  const caller = new AbortController();
  const closed: Promise<unknown>[] = [];
  const exchanges = await opposite(context, ({ socket }, _response, body) => {
    closed.push(once(socket, 'close'));
    if (body === 'leaves') caller.abort();
  });
  await fails(ask(exchanges, 'leaves', caller.signal), 'cancelled');
  await fails(ask(exchanges, 'left before', caller.signal), 'cancelled');
  await fails(ask(exchanges, 'late', undefined, 1), 'timeout');
  await Promise.all(closed);
});
