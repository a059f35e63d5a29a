import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { after, afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../lib/clock.ts';
import {
  type ImportEnvironment,
  type ImportOptions,
  type ImportOutcome,
  previewImport,
  runImport,
} from './importer.ts';
import { ImportError } from './row.ts';
import { hashFile } from './source.ts';
import { FakeServer } from './testing/fake-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'aevum-importer-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let server: FakeServer;
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(() => server.stop());

const fileOf = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** A table of `rows` rows, long enough for many bodies. */
const table = (name: string, rows: number, bad: Readonly<Record<number, string>> = {}): string => {
  const lines = Array.from(
    { length: rows },
    (_, index) => bad[index + 1] ?? `${index + 1},2020-01-01T00:00:00,u${index % 10}`,
  );
  return fileOf(name, `n,at,user\n${lines.join('\n')}\n`);
};
const TABLE: Omit<ImportOptions, 'file'> = { type: 'sale', maps: ['timestamp=at', 'user_id=user'] };

interface Run extends ImportOutcome {
  readonly said: string;
}

const run = async (options: ImportOptions, more: Partial<ImportEnvironment> = {}): Promise<Run> => {
  let said = '';
  const outcome = await runImport(options, {
    stdin: Readable.from([]),
    output: { isTerminal: false, columns: 80, write: (text) => void (said += text) },
    clock: systemClock,
    signal: new AbortController().signal,
    connect: () => Promise.resolve({ url: server.url, key: server.key }),
    ...more,
  });
  return { ...outcome, said };
};

const rowsStored = (id: string): number[] =>
  [...server.stored.keys()]
    .filter((key) => key.startsWith(`${id}:`))
    .map((key) => Number(key.slice(id.length + 1)));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const sorted = (rows: number[]): number[] => rows.sort((a, b) => a - b);

test('a file is imported in bodies of at most 5,000 rows, a few at a time', async () => {
  const file = table('plain.csv', 12_001);
  server.intercept = () => delay(20).then(() => undefined);
  const outcome = await run({ file, ...TABLE });
  const id = await hashFile(file, () => undefined);
  assert.equal(outcome.kind, 'done');
  assert.equal(outcome.importId, id);
  assert.deepEqual(
    [outcome.tally.read, outcome.tally.accepted, outcome.tally.quarantined],
    [12_001, 12_001, 0],
  );
  assert.deepEqual(sorted(rowsStored(id)), upTo(12_001));
  assert.deepEqual(server.backfills, [id, id, id]);
  assert.equal(server.parallelMax, 3);
  assert.deepEqual(server.stored.get(`${id}:7`), {
    id: `${id}:7`,
    timestamp: Date.UTC(2020, 0, 1),
    type: 'sale',
    user_id: 'u6',
    properties: { n: 7 },
  });
  assert.deepEqual(
    [outcome.tally.firstTimeMs, outcome.tally.lastTimeMs],
    [Date.UTC(2020, 0, 1), Date.UTC(2020, 0, 1)],
  );
  assert.equal(outcome.state?.stored, 12_001);
});

test('bad rows are quarantined with their reason and original text', async () => {
  const file = table('bad.csv', 10, { 3: '3,soon,u2', 5: '5,2020-01-01', 8: '8,2020-01-01,"x"y' });
  const { tally, importId } = await run({ file, ...TABLE, maps: [...(TABLE.maps ?? []), 'value=n'] });
  assert.deepEqual([tally.accepted, tally.quarantined], [7, 3]);
  assert.deepEqual(
    tally.reasons().map(({ code, rows, examples }) => [code, rows, examples]),
    [
      ['unreadable_row', 2, [5, 8]],
      ['invalid_timestamp', 1, [3]],
    ],
  );
  assert.match(tally.reasons()[1]?.message ?? '', /^timestamp \(at\): "soon" is not a time/u);
  assert.deepEqual(server.refused.get(`${importId}:5`), {
    id: `${importId}:5`,
    type: 'sale',
    value: 'import: the row has 2 columns, the header has 3',
    properties: {
      row: 5,
      line: 6,
      problem: 'the row has 2 columns, the header has 3',
      original: '5,2020-01-01',
    },
  });
});

test('an import that was cut off goes on, without sending a row twice', async () => {
  const file = table('cut.csv', 30_000);
  // Body 3 never arrives, body 4 does but its answer is lost, then the server is gone for good.
  server.intercept = (request) =>
    request === 3 || request > 4
      ? { status: 400, code: 'nonsense' }
      : request === 4
        ? 'take and hang up'
        : undefined;
  await assert.rejects(run({ file, ...TABLE }), ImportError);
  const before = server.stored.size;
  assert.ok(before >= 10_000 && before < 30_000);
  server.intercept = () => undefined;
  const outcome = await run({ file, ...TABLE });
  assert.match(outcome.said, /Going on: [\d,]+ rows/u);
  assert.equal(outcome.tally.before, before);
  assert.equal(outcome.tally.accepted, 30_000 - before);
  assert.deepEqual(sorted(rowsStored(outcome.importId)), upTo(30_000));
  assert.equal(server.duplicates, 0);
});

test('an answer that is lost is asked for again, and the row is stored once', async () => {
  const file = table('lost.csv', 6_000);
  server.intercept = (request) =>
    request === 1 ? 'take and hang up' : request === 2 ? 'hang up' : undefined;
  const outcome = await run({ file, ...TABLE });
  assert.equal(outcome.tally.accepted, 6_000);
  assert.equal(server.stored.size, 6_000);
});

test('a complete file is not imported again unless asked', async () => {
  const file = table('again.csv', 100, { 50: 'nonsense' });
  await run({ file, ...TABLE });
  const second = await run({ file, ...TABLE });
  assert.equal(second.kind, 'complete_before');
  assert.equal(second.tally.before, 100);
  const third = await run({ file, ...TABLE, again: true });
  assert.equal(third.importId, `${second.importId}-2`);
  assert.equal(server.stored.size, 198);
  const fourth = await run({ file, ...TABLE, again: true });
  assert.equal(fourth.importId, `${second.importId}-3`);
});

test('--again goes on with a second import that was cut off', async () => {
  const file = table('again-cut.csv', 20_000);
  const { importId } = await run({ file, ...TABLE });
  let fails = true;
  let requests = 0;
  server.intercept = () => (fails && ++requests > 2 ? { status: 400, code: 'nonsense' } : undefined);
  await assert.rejects(run({ file, ...TABLE, again: true }));
  fails = false;
  const outcome = await run({ file, ...TABLE, again: true });
  assert.equal(outcome.importId, `${importId}-2`);
  assert.deepEqual(sorted(rowsStored(`${importId}-2`)), upTo(20_000));
  assert.equal(server.duplicates, 0);
});

test('quarantined rows are sent again with another mapping when asked', async () => {
  const file = fileOf('retry.csv', 'n,at\n1,2020-01-01\n2,02.01.2020\n3,03.01.2020\n');
  const first = await run({ file, type: 'sale', maps: ['timestamp=at'] });
  assert.deepEqual([first.tally.accepted, first.tally.quarantined], [1, 2]);
  const options: ImportOptions = { file, type: 'sale', maps: ['timestamp=at'], dateFormat: 'DD.MM.YYYY' };
  assert.equal((await run(options)).kind, 'complete_before');
  const retried = await run({ ...options, retryQuarantined: true });
  assert.deepEqual([retried.tally.before, retried.tally.accepted], [1, 2]);
  assert.deepEqual([server.stored.size, server.duplicates], [3, 0]);
});

test('a busy server is waited for; a refusal of the key is final', async () => {
  const file = table('busy.csv', 10);
  server.intercept = (request) =>
    request === 1
      ? { status: 503, code: 'queue_full', headers: { 'retry-after': '0' } }
      : request === 2
        ? { status: 429, code: 'rate_limited' }
        : undefined;
  assert.equal((await run({ file, ...TABLE })).tally.accepted, 10);
  const wrongKey = run(
    { file: table('key.csv', 10), ...TABLE },
    { connect: () => Promise.resolve({ url: server.url, key: 'wrong' }) },
  );
  await assert.rejects(wrongKey, /needs an admin key/u);
});

test('a body that is too large is split; a row that is too large alone is quarantined in short', async () => {
  server.bodyBytesMax = 20_000;
  const file = table('large.csv', 500, { 250: `250,2020-01-01,${'x'.repeat(30_000)}` });
  const { tally, importId } = await run({ file, ...TABLE });
  assert.deepEqual([tally.accepted, tally.quarantined], [499, 1]);
  const kept = server.refused.get(`${importId}:250`) as { properties: { original: string } };
  assert.match(kept.properties.original, /^250,2020-01-01,x+…$/u);
  assert.ok(kept.properties.original.length < 2_000);
});

test('events with ids of their own are asked for before they are sent', async () => {
  const lines = upTo(20_000).map((n) => `{"id":"e${n}","type":"a","timestamp":"2020-01-01T00:00:00Z"}`);
  const file = fileOf('own.ndjson', lines.join('\n'));
  let fails = true;
  server.intercept = (request) =>
    fails && (request === 1 || request > 2) ? { status: 400, code: 'nonsense' } : undefined;
  await assert.rejects(run({ file }));
  assert.equal(server.stored.size, 5_000);
  fails = false;
  const outcome = await run({ file });
  assert.deepEqual([outcome.tally.before, outcome.tally.accepted], [5_000, 15_000]);
  assert.deepEqual([server.stored.size, server.duplicates], [20_000, 0]);
  assert.equal((await run({ file })).kind, 'complete_before');
  await assert.rejects(run({ file, again: true }), ImportError);
});

test('events pass through as they are; rows without id get one', async () => {
  const file = fileOf(
    'pass.json',
    '[{"type":"a","timestamp":"2020-01-01T00:00:00Z","properties":{"x":1.50}},\n{"id":"own","type":"b"},{"type":5}, 7]',
  );
  const { tally, importId } = await run({ file });
  assert.deepEqual([...server.stored.keys()], [`${importId}:1`, 'own']);
  assert.deepEqual(
    tally.reasons().map(({ code, examples }) => [code, examples]),
    [
      ['missing_type', [3]],
      ['unreadable_row', [4]],
    ],
  );
});

test('standard input is imported, and said to be not resumable', async () => {
  const stdin = new PassThrough();
  const running = run({ file: '-', ...TABLE }, { stdin });
  stdin.end('n,at,user\n1,2020-01-01,a\n');
  const outcome = await running;
  assert.equal(outcome.tally.accepted, 1);
  assert.equal(outcome.isResumable, false);
  assert.match(outcome.said, /cannot be resumed/u);
  await assert.rejects(run({ file: '-', ...TABLE, again: true }), /need a file/u);
});

test('an interrupted import stops after the bodies under way, and can go on', async () => {
  const file = table('stop.csv', 40_000);
  const controller = new AbortController();
  server.intercept = async (request) => {
    if (request === 3) controller.abort();
    await delay(20);
    return undefined;
  };
  const outcome = await run({ file, ...TABLE }, { signal: controller.signal });
  assert.equal(outcome.kind, 'interrupted');
  assert.equal(outcome.tally.accepted, server.stored.size);
  assert.ok(server.stored.size < 40_000);
  server.intercept = () => undefined;
  await run({ file, ...TABLE });
  assert.deepEqual([server.stored.size, server.duplicates], [40_000, 0]);
});

test('a file that changes while it is imported is said so', async () => {
  const file = table('changing.csv', 6_000);
  server.intercept = (request) => {
    if (request === 1) writeFileSync(file, 'n,at,user\n', { flag: 'a' });
    return undefined;
  };
  await assert.rejects(run({ file, ...TABLE }), /changed while it was imported/u);
});

test('a bad mapping or file is found before the server is asked', async () => {
  const connect = (): Promise<never> => Promise.reject(new Error('must not be called'));
  await assert.rejects(
    run({ file: table('m.csv', 1), type: 'x', maps: ['timestamp=when'] }, { connect }),
    /no column "when"/u,
  );
  await assert.rejects(run({ file: join(folder, 'none.csv') }, { connect }), /There is no file/u);
  await assert.rejects(
    run({ file: fileOf('rows.ndjson', '{"a":1}\n{"a":2}\n') }, { connect }),
    /The rows are not events/u,
  );
});

test('a dry run shows the first events and sends nothing', async () => {
  const file = table('dry.csv', 100, { 2: 'x' });
  const preview = await previewImport({ file, ...TABLE }, Readable.from([]));
  assert.equal(preview.format, 'csv');
  assert.deepEqual(preview.columns, ['n', 'at', 'user']);
  assert.equal(preview.events.length, 5);
  assert.deepEqual(JSON.parse(preview.events[0]?.json ?? ''), {
    id: '<file>:1',
    timestamp: Date.UTC(2020, 0, 1),
    type: 'sale',
    user_id: 'u0',
    properties: { n: 1 },
  });
  assert.match(preview.events[1]?.problem ?? '', /1 columns/u);
  assert.equal(server.stored.size, 0);
});
