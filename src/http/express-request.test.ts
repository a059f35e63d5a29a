import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { type ExpressRequest, ExpressReader } from './express-request.ts';

const LINES = ['Host: a', 'Authorization: Bearer k', 'Content-Type: application/json', 'X-API-Key: x'];

const requestOf = (lines: readonly string[], body = '{}', first = 'POST /api/events HTTP/1.1'): string =>
  [first, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');

const read = (text: string): ExpressRequest | undefined => new ExpressReader().read(Buffer.from(text));

test('a plain request is read: its path, the headers that count, where its body begins', () => {
  const text = requestOf([...LINES, 'User-Agent: me (you; 1.0)', 'accept:*/*', 'X-Empty:'], '{"ü":1}');
  const request = read(text);
  assert.deepEqual(request?.head, {
    path: '/api/events',
    authorization: 'Bearer k',
    apiKey: 'x',
    contentType: 'application/json',
    origin: undefined,
  });
  assert.equal(Buffer.from(text).toString('utf8', request?.bodyStart), '{"ü":1}');
  assert.equal(read(requestOf(['host:a', 'connection: Keep-Alive']))?.head.authorization, undefined);
  assert.equal(
    read(requestOf(['Host: a'], '', 'POST /api/events/batch HTTP/1.1'))?.head.path,
    '/api/events/batch',
  );
});

test('whatever is unusual is not read', () => {
  const plain = requestOf(LINES);
  const unusual: Record<string, string> = {
    'another method': plain.replace('POST', 'GET'),
    'another version': plain.replace('HTTP/1.1', 'HTTP/1.0'),
    'a query': plain.replace('/api/events', '/api/events?x=1'),
    'a full address': plain.replace('/api/events', 'http://a/api/events'),
    'no host': requestOf(LINES.slice(1)),
    'an empty host': requestOf(['Host:', ...LINES.slice(1)]),
    'two hosts': requestOf([...LINES, 'host: b']),
    'two keys': requestOf([...LINES, 'authorization: Bearer other']),
    'no length': plain.replace(/Content-Length: \d+\r\n/, ''),
    'two lengths': requestOf([...LINES, 'Content-Length: 2']),
    'a signed length': plain.replace('Content-Length: 2', 'Content-Length: +2'),
    'a list as length': plain.replace('Content-Length: 2', 'Content-Length: 2, 2'),
    'a hexadecimal length': plain.replace('Content-Length: 2', 'Content-Length: 0x2'),
    'a body cut off': plain.slice(0, -1),
    'more than one request': plain + plain,
    chunks: requestOf([...LINES, 'Transfer-Encoding: chunked']),
    'a compressed body': requestOf([...LINES, 'Content-Encoding: gzip']),
    'a wish to be asked': requestOf([...LINES, 'Expect: 100-continue']),
    'the last on its connection': requestOf([...LINES, 'Connection: close']),
    'another protocol': requestOf([...LINES, 'Connection: Upgrade', 'Upgrade: websocket']),
    'a space before the colon': requestOf([...LINES, 'X-A : b']),
    'a folded line': requestOf([...LINES, 'X-A: b\r\n  c']),
    'a line end without its return': requestOf([...LINES, 'X-A: b\nTransfer-Encoding: chunked']),
    'a return without its line end': requestOf([...LINES, 'X-A: b\rc']),
    'a NUL': requestOf([...LINES, 'X-A: b\0c']),
    'a byte beyond ASCII': requestOf([...LINES, 'X-A: ü']),
    'a line without a name': requestOf([...LINES, ': b']),
    'a line without a colon': requestOf([...LINES, 'X-A']),
    'a head too long': requestOf([...LINES, `X-A: ${'x'.repeat(5_000)}`]),
    'a head cut off': plain.slice(0, 40),
    nothing: '',
  };
  for (const [what, text] of Object.entries(unusual)) assert.equal(read(text), undefined, what);
});

const NAMES = [
  'Host',
  'X-API-Key',
  'authorization',
  'Content-Type',
  'X-A',
  'Content-Length',
  'connection',
  'te',
  'Origin',
];
const VALUES = [
  'a',
  'Bearer k',
  '1',
  '2',
  ' padded ',
  '',
  'close',
  'keep-alive',
  'a\tb',
  'ü',
  '"q"',
  'x'.repeat(90),
];

const headerLine = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(':', ': ', ' : ', ':\t'), fc.constantFrom(...VALUES))
  .map(([name, colon, value]) => `${name}${colon}${value}`);
const requests = fc
  .record({
    lines: fc.array(headerLine, { maxLength: 4 }),
    isPlain: fc.boolean(),
    body: fc.constantFrom('', '{}', '{"id":"é"}', 'x\r\n\r\ny'),
    // At times one byte of it is changed.
    change: fc.option(fc.tuple(fc.nat(200), fc.constantFrom(' ', '\r', '\n', ':', '0', 'Z')), { freq: 2 }),
  })
  .map(({ lines, isPlain, body, change }) => {
    const text = requestOf(
      isPlain ? ['Host: a', ...lines.filter((line) => !/^host/i.test(line))] : lines,
      body,
    );
    return change === null ? text : text.slice(0, change[0]) + change[1] + text.slice(change[0] + 1);
  });

test('what is read is what Node reads', async (t) => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ request, body: Buffer.concat(chunks) });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const seen: { request: IncomingMessage; body: Buffer }[] = [];
  let accepted = 0;
  const check = async (text: string): Promise<void> => {
    const bytes = Buffer.from(text);
    const request = new ExpressReader().read(bytes);
    if (request === undefined) return;
    accepted += 1;
    seen.length = 0;
    const socket = connect(port, '127.0.0.1');
    socket.end(bytes);
    socket.resume();
    await once(socket, 'close');
    assert.equal(seen.length, 1, 'one request');
    const { url, headers, method } = seen[0]?.request ?? {};
    const { path, authorization, apiKey, contentType, origin } = request.head;
    assert.deepEqual(
      [
        method,
        url,
        headers?.authorization,
        headers?.['x-api-key'],
        headers?.['content-type'],
        headers?.origin,
      ],
      ['POST', path, authorization, apiKey, contentType, origin],
    );
    assert.deepEqual(seen[0]?.body, bytes.subarray(request.bodyStart));
  };
  await fc.assert(fc.asyncProperty(requests, check), { numRuns: 600 });
  // Some 65 are, give or take 8.
  assert.ok(accepted > 25, `only ${accepted} were plain`);
});

test('a head that comes again is known, and read as if it came for the first time', () => {
  fc.assert(
    fc.property(
      fc.array(requests, { minLength: 1, maxLength: 3 }),
      fc.infiniteStream(fc.nat()),
      (kinds, picks) => {
        const reader = new ExpressReader();
        for (const pick of picks.take(8)) {
          const text = kinds[pick % kinds.length] ?? '';
          assert.deepEqual(reader.read(Buffer.from(text)), read(text));
        }
      },
    ),
  );
  const reader = new ExpressReader();
  const first = reader.read(Buffer.from(requestOf(LINES, '{}')));
  const second = reader.read(Buffer.from(requestOf(LINES, '{"longer":"body"}')));
  assert.ok(first !== undefined);
  assert.equal(second?.head, first.head);
  for (const wrong of [
    'Content-Length: 999',
    'Content-Length: 2x',
    'Content-Length: ',
    'Content-Length: 000000002',
  ])
    assert.equal(
      reader.read(Buffer.from(requestOf(LINES).replace('Content-Length: 2', wrong))),
      undefined,
      wrong,
    );
});
