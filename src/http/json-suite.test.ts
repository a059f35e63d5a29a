import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rawExchange, startTestServer, type TestServer } from './testing/test-server.ts';

/** Nicolas Seriot's JSON test suite over HTTP: `n_` must be refused, `y_` accepted as JSON, `i_` may be either. Nothing may be a failure of ours. */
const DIR = join(import.meta.dirname, '../../../shared/data/json-test-suite/test_parsing');
const SKIP = existsSync(DIR) ? false : 'the suite is not on this machine';
const files = SKIP === false ? readdirSync(DIR).filter((name) => name.endsWith('.json')) : [];

const check = (file: string, route: string, status: number): void => {
  const where = `${file} to ${route} was answered ${status}`;
  assert.ok(status < 500, where);
  if (file.startsWith('n_')) assert.equal(status, 400, where);
  if (file.startsWith('y_')) assert.notEqual(status, 400, where);
};

const statusOf = async (server: TestServer, path: string, body: Uint8Array): Promise<number> =>
  (await server.post(path, body as Uint8Array<ArrayBuffer>)).status;

test('every file as the body of one event', { skip: SKIP }, async (t) => {
  const server = await startTestServer(t);
  assert.ok(files.length > 300);
  for (const file of files)
    check(file, 'single', await statusOf(server, '/api/events', readFileSync(join(DIR, file))));
});

test('every file as the body of a batch', { skip: SKIP }, async (t) => {
  const server = await startTestServer(t);
  for (const file of files)
    check(file, 'batch', await statusOf(server, '/api/events/batch', readFileSync(join(DIR, file))));
});

test('every file as the properties of an event', { skip: SKIP }, async (t) => {
  const server = await startTestServer(t);
  for (const file of files) {
    const body = Buffer.concat([
      Buffer.from('{"id":"s","type":"t","properties":'),
      readFileSync(join(DIR, file)),
      Buffer.from('}'),
    ]);
    if (Buffer.from(body).includes('\uFEFF')) continue;
    check(file, 'properties', await statusOf(server, '/api/events', body));
  }
});

test('every file split into chunks of one byte', { skip: SKIP }, async (t) => {
  const server = await startTestServer(t);
  const head = `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${server.credentials.write_key}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  for (const file of files) {
    const body = readFileSync(join(DIR, file));
    if (body.length > 2_000) continue;
    const chunks = [...body].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]),
    );
    const answer = await rawExchange(server.port, [
      Buffer.concat([Buffer.from(head), ...chunks, Buffer.from('0\r\n\r\n')]),
    ]);
    check(file, 'single in chunks', Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 599));
  }
});
