import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * A lock on a directory that the operating system releases when its holder dies, however it dies. Node has no flock; SQLite has one: an exclusive transaction on an
 * otherwise empty database file. Works between processes and within one. `lock-holder.json` beside it only tells people who holds it.
 */

/** A lock held. Releasing it twice does no harm. */
export interface DirectoryLock {
  release(): void;
}

/** Somebody else holds the lock. `holderPid` is undefined if the holder did not get to write it down. */
export class DirectoryLockedError extends Error {
  readonly dir: string;
  readonly holderPid: number | undefined;
  constructor(dir: string, purpose: string, holderPid: number | undefined) {
    const who = holderPid === undefined ? 'another process' : `process ${holderPid}`;
    const what = holderPid === process.pid ? 'this process itself already has it open' : `${who} is using it`;
    super(`${dir} is in use (${purpose}): ${what}. Stop that one first, or choose another directory.`);
    this.name = 'DirectoryLockedError';
    this.dir = dir;
    this.holderPid = holderPid;
  }
}

/** Every lock held. A database that nobody refers to any more is closed by the garbage collector, and its lock with it. */
const held = new Set<DatabaseSync>();

const LOCK_FILE = 'lock';
const HOLDER_FILE = 'lock-holder.json';
const SQLITE_BUSY = 5;

const holderOf = (dir: string): number | undefined => {
  try {
    const holder: unknown = JSON.parse(readFileSync(join(dir, HOLDER_FILE), 'utf8'));
    if (typeof holder !== 'object' || holder === null || !('pid' in holder)) return undefined;
    return typeof holder.pid === 'number' ? holder.pid : undefined;
  } catch {
    return undefined;
  }
};

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;

/**
 * Locks `dir` (made if missing) for this process. Throws DirectoryLockedError, at once, if it is locked already.
 * @param purpose what for, in words for the error message: "the data directory of aevum".
 */
export const lockDirectory = (dir: string, purpose: string): DirectoryLock => {
  mkdirSync(dir, { recursive: true });
  const database = new DatabaseSync(join(dir, LOCK_FILE), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) throw new DirectoryLockedError(dir, purpose, holderOf(dir));
    throw error;
  }
  held.add(database);
  writeFileSync(join(dir, HOLDER_FILE), `${JSON.stringify({ pid: process.pid, purpose })}\n`);
  return {
    release: () => {
      held.delete(database);
      if (database.isOpen) database.close();
    },
  };
};
