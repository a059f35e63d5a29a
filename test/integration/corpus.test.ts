/** Input made to break things, through the whole platform: the JSON test suite as bodies and as properties, the big list of naughty strings in every field. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { StoredEvent } from '../../src/contract/event.ts';
import { CONTEXT_COLUMNS } from '../../src/event/columns.ts';
import { assertBalanced, Client } from '../support/client.ts';
import { freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';

const DATA = join(import.meta.dirname, '../../../shared/data');
const SUITE = join(DATA, 'json-test-suite/test_parsing');
const STRINGS = join(DATA, 'bad_strings/blns.json');
const absent = [SUITE, STRINGS].find((path) => !existsSync(path));
const BATCH_EVENTS = 100;
const LANES = 4;
/** Of so many strings one is looked up as an id. */
const TRACED_EVERY = 8;

/** Does something with each, a few at a time. */
const forEach = async <T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> => {
  const entries = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of entries) await work(item, index);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
};

const none = { timestamp: '', received_at: '', position: '' } as StoredEvent;

const bytesOf = (name: string): Buffer<ArrayBuffer> => Buffer.from(readFileSync(join(SUITE, name)));

/** All but the empty one: empty fields are absent ones. */
const stringsOf = (): string[] =>
  (JSON.parse(readFileSync(STRINGS, 'utf8')) as string[]).filter((naughty) => naughty !== '');

/** An event with a string in every field that takes any: as it must read back, apart from what the server adds. */
const eventOf = (naughty: string, index: number) => ({
  id: naughty,
  type: naughty,
  source: naughty,
  version: naughty,
  user_id: naughty,
  session_id: naughty,
  context: Object.fromEntries(CONTEXT_COLUMNS.map((name) => [name, naughty])),
  properties: { index, same: naughty, list: [naughty, { [naughty]: naughty }], [naughty]: naughty },
});

/** Sends a body in two pieces at every third place or so, and in single bytes if it is short; resolves with the status. */
const inPieces = async (port: number, body: Buffer): Promise<number> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(
    `POST /api/events HTTP/1.1\r\nHost: a\r\nX-API-Key: ${WRITE_KEY}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
  );
  const step = Math.max(1, Math.ceil(body.length / 16));
  for (let from = 0; from < body.length; from += step) {
    const piece = body.subarray(from, from + step);
    socket.write(
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
    );
    await turn();
  }
  socket.write('0\r\n\r\n');
  const answer = await text(socket);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 599);
};

describe('corpora', {
  skip: absent === undefined ? false : `${absent} is not here`,
  timeout: 300_000,
}, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-corpus-'));
  const files =
    absent === undefined ? readdirSync(SUITE).map((name) => ({ name, bytes: bytesOf(name) })) : [];
  let platform: Platform;
  let client: Client;
  let pids: readonly unknown[];

  const running = (): readonly unknown[] => [
    platform.pid,
    platform.pidOf('processor'),
    platform.pidOf('engine'),
  ];
  before(async () => {
    platform = await Platform.start(dataDir, await freePort());
    client = new Client(platform.url);
    pids = running();
  });
  after(async () => {
    await platform?.kill('group');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const judge = (name: string, status: number): void => {
    assert.ok(status < 500, `${name} was answered ${status}`);
    if (name.startsWith('n_')) assert.equal(status, 400, `${name} was answered ${status}`);
    if (name.startsWith('y_')) assert.ok([202, 422].includes(status), `${name} was answered ${status}`);
  };

  test('every file of the JSON test suite as a body, of one event and of a batch', async () => {
    assert.ok(files.length > 300);
    await forEach(files, async ({ name, bytes }) => {
      judge(name, (await client.post(bytes)).status);
      judge(name, (await client.post(bytes, '/batch')).status);
    });
  });

  test('every file, arriving in pieces', async () => {
    await forEach(files, async ({ name, bytes }) => judge(name, await inPieces(platform.port, bytes)));
  });

  test('every file as the properties of an event; valid objects read back as they were', async () => {
    const objects = new Map<string, unknown>();
    await forEach(files, async ({ name, bytes }) => {
      const id = `suite/${name}`;
      const body = Buffer.concat([
        Buffer.from('{"properties":'),
        bytes,
        Buffer.from(`,"type":"suite","id":${JSON.stringify(id)}}`),
      ]);
      const { status } = await client.post(body);
      judge(name, status);
      if (status === 202 && name.startsWith('y_')) objects.set(id, JSON.parse(bytes.toString()));
    });
    assert.ok(objects.size >= 10, `only ${objects.size} were objects`);
    await client.settled();
    const events = new Map(
      (await client.events({ type: 'suite', limit: '1000' })).map((event) => [event.id, event]),
    );
    for (const [id, properties] of objects)
      assert.deepEqual(events.get(id)?.properties, properties ?? {}, id);
  });

  const strings = absent === undefined ? [...new Set(stringsOf())] : [];
  const sent = strings.map((naughty, index) => eventOf(naughty, index));

  test('naughty strings in every field: stored and returned exactly', async () => {
    assert.ok(strings.length > 450);
    for (let from = 0; from < sent.length; from += BATCH_EVENTS) {
      const batch = sent.slice(from, from + BATCH_EVENTS);
      const { accepted, rejected } = await client.send(...batch);
      assert.deepEqual([accepted, rejected], [batch.length, []]);
    }
    await client.settled();
    const pages = await client.events({ limit: '1000', since: '2000-01-01' });
    const stored = new Map(pages.map((event) => [event.id, event]));
    for (const event of sent) {
      const {
        timestamp: _time,
        received_at: _received,
        position: _position,
        ...fields
      } = stored.get(event.id) ?? none;
      assert.deepEqual(fields, event);
    }
  });

  test('naughty strings as filters find their events and no others', async () => {
    await forEach(sent, async ({ id, type, user_id: user, session_id: session }, index) => {
      const found = await client.events({ type, user_id: user, session_id: session });
      assert.deepEqual(
        found.map((event) => event.id),
        [id],
      );
      // A URL cannot carry these two as a part of its path: clients resolve them.
      if (index % TRACED_EVERY === 0 && id !== '.' && id !== '..')
        assert.equal((await client.trace(id)).state, 'stored', id);
    });
    assert.equal(await client.count({ types: strings.slice(0, 100) }), 100);
    for (const field of ['user_id', 'source', 'context.page', 'id'])
      assert.equal(await client.count({ filter: { field, op: 'in', values: strings } }), sent.length, field);
  });

  test('naughty strings as names and values of properties in filters and break-downs', async () => {
    await forEach(strings, async (naughty) => {
      const field = `properties[${JSON.stringify(naughty)}]`;
      assert.equal(await client.count({ filter: { field, op: 'eq', value: naughty } }), 1, field);
    });
    const { series } = await client.trend({
      by: ['properties.same'],
      top: 1_000,
      filter: { field: 'properties.same', op: 'exists' },
    });
    assert.equal(series.length, strings.length);
    assert.deepEqual(new Set(series.map(({ group }) => group?.['properties.same'])), new Set(strings));
  });

  test('nothing crashed meanwhile', async () => {
    assertBalanced(await client.settled());
    await until('health is green', async () => (await client.health()).status === 'green');
    assert.deepEqual(running(), pids);
    const { text: exposition } = await client.ask('/metrics');
    assert.doesNotMatch(exposition, /^aevum_http_failures_total(?:\{.*\})? [1-9]/m);
    assert.equal(await platform.stop(), 0, platform.output);
  });
});
