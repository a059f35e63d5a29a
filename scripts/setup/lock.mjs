/** One set-up of a checkout at a time: a file that holds the process id of who works. */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 250;

/** Takes the lock at `path`, waiting while a living process holds it; `onWait(pid)` is called once. Resolves with the function that gives it back. */
export const takeLock = async (path, onWait) => {
  mkdirSync(dirname(path), { recursive: true });
  for (let told = false; ; ) {
    if (tryLock(path)) return () => rmSync(path, { force: true });
    const holder = holderOf(path);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      removeStale(path, holder);
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(RETRY_MS);
  }
};

/** A link, not a write: the lock appears with its content or not at all. */
const tryLock = (path) => {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
};

/** Moves the lock of a dead holder away; puts it back if another process took it over in between. */
const removeStale = (path, holder) => {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (holderOf(aside) !== holder) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
};

const holderOf = (path) => {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};
