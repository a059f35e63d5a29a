import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { forgetLostParts } from './deduplication-log.ts';

/** A table on disk: folders of parts and files of its log. */
const makeTable = async (parts: readonly string[], logs: Readonly<Record<string, string>>) => {
  const storeDir = await mkdtemp(join(tmpdir(), 'aevum-dedup-'));
  const table = join(storeDir, 'store', 'abc', 'abc-table');
  const logDir = join(table, 'deduplication_logs');
  await mkdir(logDir, { recursive: true });
  for (const part of [...parts, 'detached', 'tmp_insert_202611_9_9_0']) await mkdir(join(table, part));
  for (const [name, content] of Object.entries(logs)) await writeFile(join(logDir, name), content);
  return {
    storeDir,
    log: (name: string) => readFile(join(logDir, name), 'utf8'),
    names: () => readdir(logDir),
    [Symbol.asyncDispose]: () => rm(storeDir, { recursive: true }),
  };
};

const FIRST = 'deduplication_log_1.txt';
const added = (part: string): string => `1\t${part}\t${part}_token\n`;
const dropped = (part: string): string => `2\t${part}\t${part}_token\n`;

test('lines of parts that are there, that were merged and that were dropped stay', async () => {
  const lines = [
    added('202611_1_1_0'),
    added('202611_3_3_0'),
    added('202611_7_7_0'),
    added('all_4_4_0'),
    dropped('202611_2_2_0'),
  ].join('');
  await using table = await makeTable(['202611_1_1_0', '202611_2_5_1', '202611_6_9_2_12', 'all_4_4_0'], {
    [FIRST]: lines,
  });
  assert.equal(await forgetLostParts(table.storeDir), 0);
  assert.equal(await table.log(FIRST), lines);
});

test('lines of parts that are nowhere go, in every file, and the others stay as they are', async () => {
  await using table = await makeTable(['202611_1_1_0'], {
    [FIRST]: added('202611_1_1_0') + added('202611_2_2_0'),
    // Of another partition the block 1 is another part, and what was not renamed is not there.
    'deduplication_log_2.txt': added('202610_1_1_0') + dropped('202610_8_8_0') + added('202611_9_9_0'),
    'deduplication_log_3.txt': '',
  });
  assert.equal(await forgetLostParts(table.storeDir), 3);
  assert.equal(await table.log(FIRST), added('202611_1_1_0'));
  assert.equal(await table.log('deduplication_log_2.txt'), dropped('202610_8_8_0'));
  assert.equal(await table.log('deduplication_log_3.txt'), '');
  assert.equal(await forgetLostParts(table.storeDir), 0);
});

test('lines that were cut off and what an interrupted mending left go', async () => {
  for (const tail of ['1\t20', '1', '\0\0\0\0\0\0', '1\t202611_1_1_0\t']) {
    await using table = await makeTable(['202611_1_1_0'], {
      [FIRST]: added('202611_1_1_0') + tail,
      [`${FIRST}.tmp`]: added('202611_1_1_0'),
    });
    assert.equal(await forgetLostParts(table.storeDir), 1);
    assert.equal(await table.log(FIRST), added('202611_1_1_0'));
    assert.deepEqual(await table.names(), [FIRST]);
  }
});

test('a store that is not there yet has nothing to forget', async () => {
  assert.equal(await forgetLostParts(join(tmpdir(), 'aevum-no-such-store')), 0);
});
