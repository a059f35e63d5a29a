import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { BatchSender, SendError, type SenderOptions } from './sender.ts';

/** The sender against real sockets; what answers decides by the body. */

type Handler = (body: string, response: ServerResponse, request: IncomingMessage) => void;

const KEY = 'some-key';

const senderFor = async (
  t: TestContext,
  handler: Handler,
  options: Partial<SenderOptions> = {},
): Promise<BatchSender> => {
  const server = createServer((request, response) => {
    void text(request).then(
      (body) => handler(body, response, request),
      () => undefined,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sender = new BatchSender({ url: `http://127.0.0.1:${port}`, key: KEY, ...options });
  t.after(() => {
    sender.close();
    server.closeAllConnections();
    server.close();
  });
  return sender;
};

const linesOf = (body: string): string[] => body.trimEnd().split('\n');

const answer = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

const takeAll = (body: string, response: ServerResponse): void =>
  answer(response, 202, { accepted: linesOf(body).length, rejected: [] });

test('a batch goes as lines, with the key and the declaration; the answer is counted', async (t) => {
  const seen: (string | undefined)[] = [];
  const sender = await senderFor(
    t,
    (body, response, request) => {
      seen.push(
        request.method,
        request.url,
        request.headers.authorization,
        request.headers['content-type'],
        body,
      );
      answer(response, 202, { accepted: 1, rejected: [{ index: 1, code: 'too_old', message: 'old' }] });
    },
    { backfill: 'days of old' },
  );
  await sender.send(['{"a":1}', '{"a":2}']);
  await sender.drain();
  assert.deepEqual(seen, [
    'POST',
    '/api/events/batch?backfill=days+of+old',
    `Bearer ${KEY}`,
    'application/x-ndjson',
    '{"a":1}\n{"a":2}\n',
  ]);
  const { answered, accepted, rejected, rejectedBy, unanswered, requests } = sender.counts;
  assert.deepEqual([answered, accepted, rejected, unanswered, requests], [2, 1, 1, 0, 1]);
  assert.deepEqual([...rejectedBy], [['too_old', 1]]);
});

test('what is refused for now and what is cut goes again with the same bytes, and is counted', async (t) => {
  const bodies: string[] = [];
  const troubles: (string | null)[] = [];
  const sender = await senderFor(
    t,
    (body, response) => {
      bodies.push(body);
      if (bodies.length === 1)
        answer(response, 429, { error: { message: 'slower' } }, { 'retry-after': '0' });
      else if (bodies.length === 2) answer(response, 503, { error: { message: 'the disk is full' } });
      else if (bodies.length === 3) response.destroy();
      else takeAll(body, response);
    },
    { onTrouble: (why) => void troubles.push(why) },
  );
  await sender.send(['{"a":1}', '{"a":2}']);
  await sender.drain();
  assert.deepEqual(
    bodies,
    Array.from({ length: 4 }, () => '{"a":1}\n{"a":2}\n'),
  );
  const { accepted, repeatedBusy, repeatedCut, requests } = sender.counts;
  assert.deepEqual([accepted, repeatedBusy, repeatedCut, requests], [2, 2, 1, 4]);
  assert.deepEqual([troubles[0], troubles[1], troubles.at(-1)], ['slower', 'the disk is full', null]);
});

test('no more batches are under way than allowed', async (t) => {
  const waiting: (() => void)[] = [];
  const sender = await senderFor(
    t,
    (body, response) => {
      waiting.push(() => takeAll(body, response));
      if (waiting.length === 2) for (const finish of waiting.splice(0)) finish();
    },
    { inFlightMax: 2 },
  );
  for (let batch = 0; batch < 8; batch++) {
    await sender.send([`{"batch":${batch}}`]);
    assert.ok(sender.inFlight < 2, `${sender.inFlight} under way after room was promised`);
    if (batch % 2 === 1) await sender.drain();
  }
  assert.equal(sender.counts.accepted, 8);
});

test('a batch that is too large goes in halves', async (t) => {
  const sizes: number[] = [];
  const sender = await senderFor(t, (body, response) => {
    const { length } = linesOf(body);
    sizes.push(length);
    if (length > 4) answer(response, 413, { error: { message: 'too large' } });
    else if (length > 2) answer(response, 400, { error: { code: 'too_many_events', message: 'too many' } });
    else takeAll(body, response);
  });
  await sender.send(['1', '2', '3', '4', '5']);
  await sender.drain();
  assert.deepEqual(sizes, [5, 3, 2, 1, 2]);
  assert.equal(sender.counts.accepted, 5);
});

test('a refused key ends it with the words of the server', async (t) => {
  const sender = await senderFor(t, (_body, response) =>
    answer(response, 401, { error: { code: 'unauthorized', message: 'This key is not known.' } }),
  );
  await sender.send(['1', '2']).catch(() => undefined);
  const refused = (error: unknown): boolean =>
    error instanceof SendError && error.status === 401 && /refuses the key: This key/.test(error.message);
  await assert.rejects(sender.drain(), refused);
  await assert.rejects(sender.send(['3']), refused);
  assert.deepEqual([sender.counts.unanswered, sender.counts.requests], [2, 1]);
});

test('patience ends, and the message says who did not take what', async (t) => {
  const sender = await senderFor(
    t,
    (_body, response) => answer(response, 503, { error: { message: 'stopping' } }),
    { patienceMs: 250 },
  );
  await sender.send(['1']);
  await assert.rejects(sender.drain(), /does not take the events: stopping/);
});

test('the signal ends the waiting; what was not taken is counted', async (t) => {
  const stopping = new AbortController();
  const sender = await senderFor(
    t,
    (_body, response) => {
      answer(response, 503, { error: { message: 'full' } }, { 'retry-after': '60' });
    },
    { signal: stopping.signal, onTrouble: (why) => void (why !== null && stopping.abort()) },
  );
  await sender.send(['1', '2', '3']);
  await sender.drain();
  assert.deepEqual([sender.counts.unanswered, sender.counts.answered], [3, 0]);
});
