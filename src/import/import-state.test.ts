import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Session } from 'chdb';
import type { ImportAnswer } from '../contract/imports.ts';
import { createImportState, type ImportStatePorts } from './import-state.ts';
import type { RowRange } from './row-ranges.ts';

/** The statements run on the engine itself, on tables that have the columns they use. */
const folder = mkdtempSync(join(tmpdir(), 'aevum-import-state-'));
const session = new Session(folder);
after(() => {
  session.cleanup();
  rmSync(folder, { recursive: true, force: true });
});
session.query('CREATE DATABASE aevum');
session.query(
  "CREATE TABLE aevum.events (project String, id String, time DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY (project, id)",
);
session.query(
  'CREATE TABLE aevum.refused (project String, id String, outcome String) ENGINE = MergeTree ORDER BY (project, id)',
);

const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "\\'")}'`;
};

const ports: ImportStatePorts = {
  warehouse: {
    query: (sql, params) => {
      session.query('USE aevum');
      const bound = sql.replace(
        /\{(\w+):([\w()]+)\}/gu,
        (_, name: string, type: string) => `CAST(${literal(params[name])} AS ${type})`,
      );
      const text = session.query(bound, 'JSON');
      return Promise.resolve({ rows: text === '' ? [] : (JSON.parse(text) as { data: unknown[] }).data });
    },
  },
  settle: (timeoutMs) => Promise.resolve(timeoutMs > 0),
};
const state = createImportState(ports);

const store = (project: string, id: string, ...ranges: RowRange[]): void => {
  for (const [from, to] of ranges) {
    session.query(
      `INSERT INTO aevum.events SELECT '${project}', concat('${id}:', toString(number)), fromUnixTimestamp64Milli(toInt64(1000 * number)) FROM numbers(${from}, ${to - from + 1})`,
    );
  }
};
const refuse = (project: string, id: string, row: number, outcome = 'quarantined'): void =>
  void session.query(`INSERT INTO aevum.refused VALUES ('${project}', '${id}:${row}', '${outcome}')`);

const read = (id: string, from = 1, wait = 1): Promise<ImportAnswer> =>
  state.read('p', id, { from_row: from, wait_ms: wait });

test('an unknown import has no rows', async () => {
  assert.deepEqual(await read('nothing'), {
    id: 'nothing',
    settled: true,
    stored: 0,
    quarantined: 0,
    next_row: 1,
    last_row: 0,
    missing: { ranges: [], complete: true },
    quarantined_rows: { ranges: [], complete: true },
    first_timestamp: null,
    last_timestamp: null,
  });
  assert.equal((await read('nothing', 1, 0)).settled, false);
});

test('rows without gaps', async () => {
  store('p', 'whole', [1, 70_000]);
  store('other', 'whole', [70_001, 70_100]);
  store('p', 'whole-2', [1, 5]);
  const answer = await read('whole');
  assert.deepEqual(
    [answer.stored, answer.last_row, answer.next_row, answer.missing.ranges],
    [70_000, 70_000, 70_001, []],
  );
  assert.equal(answer.first_timestamp, '1970-01-01T00:00:01.000Z');
  assert.equal(answer.last_timestamp, '1970-01-01T19:26:40.000Z');
  assert.equal((await read('whole-2')).stored, 5);
});

test('gaps within buckets, over their borders, and whole buckets', async () => {
  store('p', 'gaps', [1, 10], [13, 65_530], [65_540, 131_072], [196_609, 300_000]);
  const answer = await read('gaps');
  assert.deepEqual(answer.missing, {
    ranges: [
      [11, 12],
      [65_531, 65_539],
      [131_073, 196_608],
    ],
    complete: true,
  });
  assert.deepEqual([answer.next_row, answer.last_row], [11, 300_000]);
  const page = await read('gaps', 65_535);
  assert.deepEqual(page.missing.ranges, [
    [65_535, 65_539],
    [131_073, 196_608],
  ]);
  const behind = await read('gaps', 300_001);
  assert.deepEqual([behind.missing.ranges, behind.next_row], [[], 300_001]);
});

test('quarantined rows are there, unless they were stored later', async () => {
  store('p', 'mixed', [1, 4], [7, 7]);
  for (const row of [5, 6, 7, 9]) refuse('p', 'mixed', row);
  refuse('p', 'mixed', 8, 'duplicate');
  const answer = await read('mixed');
  assert.deepEqual([answer.stored, answer.quarantined, answer.last_row], [5, 3, 9]);
  assert.deepEqual(answer.quarantined_rows, {
    ranges: [
      [5, 6],
      [9, 9],
    ],
    complete: true,
  });
  assert.deepEqual(answer.missing.ranges, [[8, 8]]);
});

test('a long list of gaps comes in pages', async () => {
  session.query(
    "INSERT INTO aevum.events SELECT 'p', concat('comb:', toString(2 * number + 1)), now64(3) FROM numbers(12000)",
  );
  const first = await read('comb');
  assert.equal(first.missing.ranges.length, 10_000);
  assert.equal(first.missing.complete, false);
  const second = await read('comb', (first.missing.ranges.at(-1)?.[1] ?? 0) + 1);
  assert.deepEqual([second.missing.ranges.length, second.missing.complete], [1_999, true]);
});

test('ids are found whole, in this project only', async () => {
  store('p', 'own', [1, 3]);
  store('other', 'own', [4, 4]);
  refuse('p', 'own', 5);
  refuse('p', 'own', 6, 'duplicate');
  const ids = ['own:2', 'own:4', 'own:5', 'own:6', 'own', "it's", 'own:2'];
  assert.deepEqual(await state.known('p', ids), { settled: true, known: [0, 2, 6] });
});
