import assert from 'node:assert/strict';
import { constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorCode, nodeFiles } from './file-port.ts';

test('the file system through the port: write, read, truncate, rename, list, unlink', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-files-'));
  try {
    const inner = join(dir, 'a', 'b');
    await nodeFiles.makeDirectory(inner);
    await nodeFiles.makeDirectory(inner);
    const file = await nodeFiles.open(join(inner, 'x'), 'create');
    await file.writev([Buffer.from('hello '), Buffer.alloc(0), Buffer.from('world')], 2);
    await file.datasync();
    const target = Buffer.alloc(20);
    assert.equal(await file.read(target, 1), 12);
    assert.equal(target.toString('latin1', 0, 12), '\0hello world');
    await file.truncate(7);
    assert.equal(await file.size(), 7);
    const reading = file.read(target, 0);
    await file.close();
    await file.close();
    assert.equal(await reading, 7);
    await assert.rejects(file.read(target, 0));
    await nodeFiles.rename(join(inner, 'x'), join(inner, 'y'));
    await nodeFiles.syncDirectory(inner);
    assert.deepEqual(await nodeFiles.list(inner), ['y']);
    assert.equal(await nodeFiles.sizeOf(join(inner, 'y')), 7);
    await nodeFiles.unlink(join(inner, 'y'));
    const missing = await nodeFiles.open(join(inner, 'y'), 'read').catch((error: unknown) => error);
    assert.equal(errorCode(missing), 'ENOENT');
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('a vector longer than the system takes at once is written whole', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-files-'));
  try {
    const file = await nodeFiles.open(join(dir, 'x'), 'create');
    const parts = Array.from({ length: 5000 }, (_, at) => Buffer.from(`${at},`));
    await file.writev(parts, 0);
    const target = Buffer.alloc(await file.size());
    await file.read(target, 0);
    assert.equal(target.toString(), parts.join(''));
    await file.close();
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('a durable write goes through a descriptor that syncs each write, where the system has one', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-files-'));
  t.after(() => rm(dir, { recursive: true }));
  const path = join(dir, 'x');
  const file = await nodeFiles.open(path, 'create');
  await file.writeDurably([Buffer.from('one')], 2);
  await file.writeDurably([Buffer.from('two'), Buffer.from('three')], 5);
  const target = Buffer.alloc(20);
  assert.equal(target.toString('latin1', 0, await file.read(target, 0)), '\0\0onetwothree');
  if (process.platform === 'linux')
    assert.equal(flagsOf(path).filter((flags) => (flags & constants.O_DSYNC) !== 0).length, 1);
  await file.close();
  if (process.platform === 'linux') assert.deepEqual(flagsOf(path), []);
  await assert.rejects(file.writeDurably([Buffer.from('late')], 0), /closed/);
});

/** The flags of this process's open descriptors of a file. */
const flagsOf = (path: string): number[] =>
  readdirSync('/proc/self/fd')
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false; // The one that lists them.
      }
    })
    .map((fd) => {
      const [, flags = ''] = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
      return Number.parseInt(flags, 8);
    });
