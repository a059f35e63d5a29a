import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckedJson, writeCheckedJson, writeFileAtomic, writeFileAtomicSync } from './atomic-file.ts';

const withDir = async (use: (dir: string) => Promise<void> | void): Promise<void> => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-atomic-'));
  try {
    await use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
};

test('replaces the content, privately, and leaves nothing else behind', () =>
  withDir(async (dir) => {
    const path = join(dir, 'file');
    await writeFileAtomic(path, 'one');
    writeFileAtomicSync(path, Buffer.from('two'));
    await writeFileAtomic(path, 'three');
    assert.equal(readFileSync(path, 'utf8'), 'three');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dir), ['file']);
  }));

test('a failed write leaves the old content', () =>
  withDir(async (dir) => {
    const path = join(dir, 'missing', 'file');
    await assert.rejects(writeFileAtomic(path, 'x'), { code: 'ENOENT' });
  }));

test('checked JSON comes back, and every flipped byte is noticed', () =>
  withDir(async (dir) => {
    const path = join(dir, 'state.json');
    assert.deepEqual(readCheckedJson(path), { kind: 'absent' });
    const value = { from: 1, to: 2, token: '1-2', text: 'ä\n' };
    await writeCheckedJson(path, value);
    assert.deepEqual(readCheckedJson(path), { kind: 'value', value });
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x01;
      writeFileSync(path, damaged);
      assert.equal(readCheckedJson(path).kind, 'damaged', `byte ${at}`);
    }
    writeFileSync(path, bytes.subarray(0, bytes.length - 3));
    assert.equal(readCheckedJson(path).kind, 'damaged');
  }));
