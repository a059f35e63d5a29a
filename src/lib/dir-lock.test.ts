import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DirectoryLockedError, lockDirectory } from './dir-lock.ts';

const withDir = async (work: (dir: string) => Promise<void> | void): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-lock-'));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
};

test('a directory is locked once, also within a process, and again after its release', () =>
  withDir((dir) => {
    const lock = lockDirectory(join(dir, 'made', 'here'), 'a test');
    assert.throws(() => lockDirectory(join(dir, 'made', 'here'), 'a test'), DirectoryLockedError);
    lockDirectory(dir, 'another').release();
    lock.release();
    lock.release();
    lockDirectory(join(dir, 'made', 'here'), 'a test').release();
  }));

test('the error names the process that holds the lock, and the lock dies with it', () =>
  withDir(async (dir) => {
    const module = JSON.stringify(join(import.meta.dirname, 'dir-lock.ts'));
    const code = `const { lockDirectory } = await import(${module});
      lockDirectory(${JSON.stringify(dir)}, 'the child');
      // Nobody refers to the lock here: it holds all the same.
      gc(); await new Promise((resolve) => setTimeout(resolve, 20)); gc();
      console.log('locked'); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await Promise.race([once(child.stdout, 'data'), ended]);
      assert.throws(
        () => lockDirectory(dir, 'the data directory'),
        (error) =>
          error instanceof DirectoryLockedError &&
          error.holderPid === child.pid &&
          error.message.includes(`${child.pid}`),
      );
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    lockDirectory(dir, 'the data directory').release();
  }));
