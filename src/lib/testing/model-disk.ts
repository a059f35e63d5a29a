import { dirname } from 'node:path';
import { DirectoryLockedError } from '../dir-lock.ts';
import type { FilePort, OpenFile, OpenMode } from '../file-port.ts';
import type { SeededRandom } from './random.ts';

/**
 * A model of a disk that keeps only what POSIX promises. What was written is in the page cache; until it is synced, a power cut keeps, drops or tears each sector of it, in no
 * order, and each unsynced creation, rename, removal and size change likewise. A failed fsync leaves pages that look written and are not (fsyncgate).
 *
 * Deterministic: no real I/O; every operation is counted and can be the one at which the process is killed or the power is cut.
 */

const SECTOR_BYTES = 512;

/** What happens at an operation. `kill`, `power`: the operation is done in part, or not at all, and nothing after it. A code: it fails with that, once. */
export type Fate = 'kill' | 'power' | 'EIO' | 'ENOSPC';

interface Inode {
  cache: Buffer;
  stable: Buffer;
  readonly dirty: Set<number>;
}

type NameChange = {
  readonly dir: string;
  readonly removed?: string;
  readonly added?: string;
  readonly inode?: Inode;
};

const failure = (code: string, what: string): Error =>
  Object.assign(new Error(`${code}: ${what} (injected)`), { code });

/** The disk and the machine it is in. `boot` it to get at its files. */
export class ModelDisk {
  readonly #random: SeededRandom;
  #names = new Map<string, Inode>();
  #stableNames = new Map<string, Inode>();
  #changes: NameChange[] = [];
  #locks = new Set<string>();
  #boots = 0;
  #crashed = Promise.withResolvers<void>();
  #operations = 0;
  /** Decides the fate of the operation of that number, counted from the last boot. */
  fateOf: (operation: number, name: string) => Fate | undefined = () => undefined;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Operations since the last boot. */
  get operations(): number {
    return this.#operations;
  }

  /** Resolves when the machine running now is killed or loses power. */
  get crashed(): Promise<void> {
    return this.#crashed.promise;
  }

  /** Starts the machine (again): a file system whose every earlier user is dead. */
  boot(): FilePort {
    this.#boots += 1;
    this.#operations = 0;
    this.#locks.clear();
    this.#crashed = Promise.withResolvers<void>();
    return this.#portOf(this.#boots);
  }

  /** Changes stored bytes behind everybody's back. */
  corrupt(path: string, change: (bytes: Buffer) => void): void {
    const inode = this.#names.get(path);
    if (inode === undefined) throw failure('ENOENT', path);
    change(inode.cache);
    change(inode.stable);
  }

  /** A disk with the same files, all of them durable. Nobody has it booted. */
  clone(random: SeededRandom): ModelDisk {
    const disk = new ModelDisk(random);
    for (const [path, { cache }] of this.#names) {
      const inode: Inode = { cache: Buffer.from(cache), stable: Buffer.from(cache), dirty: new Set() };
      disk.#names.set(path, inode);
      disk.#stableNames.set(path, inode);
    }
    return disk;
  }

  paths(): string[] {
    return [...this.#names.keys()];
  }

  /** The power goes: what was not synced is kept, dropped or torn. */
  cutPower(): void {
    for (const change of this.#changes) if (this.#random.chance(0.5)) applyChange(this.#stableNames, change);
    this.#changes = [];
    this.#names = new Map(this.#stableNames);
    for (const inode of new Set(this.#names.values())) this.#loseUnsynced(inode);
  }

  #loseUnsynced(inode: Inode): void {
    const size = this.#random.chance(0.5) ? inode.cache.length : inode.stable.length;
    const kept = Buffer.alloc(size);
    inode.stable.copy(kept);
    for (const sector of inode.dirty) {
      if (this.#random.chance(0.4)) continue;
      const from = sector * SECTOR_BYTES;
      const torn = this.#random.chance(0.2) ? this.#random.below(SECTOR_BYTES) : SECTOR_BYTES;
      inode.cache.copy(kept, from, from, Math.min(from + torn, size));
    }
    inode.stable = kept;
    inode.cache = Buffer.from(kept);
    inode.dirty.clear();
  }

  /** Runs an operation of the machine booted as number `boot`; `partly` does some of it, for one that is interrupted. Dead machines get no answer. */
  #operate<T>(
    boot: number,
    name: string,
    work: () => T,
    partly?: () => void,
    onEio?: () => void,
  ): Promise<T> {
    if (boot !== this.#boots) return new Promise(() => undefined);
    this.#operations += 1;
    const fate = this.fateOf(this.#operations, name);
    if (fate === undefined) return new Promise((resolve) => resolve(work()));
    if (fate === 'EIO') onEio?.();
    if (this.#random.chance(0.5)) partly?.();
    if (fate === 'EIO' || fate === 'ENOSPC') return Promise.reject(failure(fate, name));
    if (fate === 'power') this.cutPower();
    this.#boots += 1;
    this.#crashed.resolve();
    return new Promise(() => undefined);
  }

  #portOf(boot: number): FilePort {
    return {
      open: (path, mode) => this.#operate(boot, `open ${path}`, () => this.#open(boot, path, mode)),
      rename: (from, to) =>
        this.#operate(boot, `rename ${to}`, () => {
          this.#change({ dir: dirname(to), removed: from, added: to, inode: this.#inode(from) });
        }),
      unlink: (path) =>
        this.#operate(boot, `unlink ${path}`, () => {
          this.#inode(path);
          this.#change({ dir: dirname(path), removed: path });
        }),
      list: (dir) =>
        this.#operate(boot, `list ${dir}`, () =>
          [...this.#names.keys()]
            .filter((path) => dirname(path) === dir)
            .map((path) => path.slice(dir.length + 1)),
        ),
      sizeOf: (path) => this.#operate(boot, `stat ${path}`, () => this.#inode(path).cache.length),
      makeDirectory: (dir) => this.#operate(boot, `mkdir ${dir}`, () => undefined),
      syncDirectory: (dir) =>
        this.#operate(boot, `sync ${dir}`, () => {
          for (const change of this.#changes) if (change.dir === dir) applyChange(this.#stableNames, change);
          this.#changes = this.#changes.filter((change) => change.dir !== dir);
        }),
      lock: (dir, purpose) => {
        if (this.#locks.has(dir)) throw new DirectoryLockedError(dir, purpose, process.pid);
        this.#locks.add(dir);
        return { release: () => void (boot === this.#boots && this.#locks.delete(dir)) };
      },
    };
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw failure('ENOENT', path);
    return inode;
  }

  #change(change: NameChange): void {
    applyChange(this.#names, change);
    this.#changes.push(change);
  }

  #open(boot: number, path: string, mode: OpenMode): OpenFile {
    if (mode === 'create') {
      const inode: Inode = { cache: Buffer.alloc(0), stable: Buffer.alloc(0), dirty: new Set() };
      this.#change({ dir: dirname(path), added: path, inode });
    }
    return this.#fileOf(boot, path, this.#inode(path));
  }

  #fileOf(boot: number, path: string, inode: Inode): OpenFile {
    const file: OpenFile = {
      // In two: what a write that is durable when it returns may leave behind is what either may.
      writeDurably: async (parts, offset) => {
        await file.writev(parts, offset);
        await file.datasync();
      },
      read: (target, offset) =>
        this.#operate(boot, `read ${path}`, () =>
          inode.cache.copy(target, 0, Math.min(offset, inode.cache.length)),
        ),
      writev: (parts, offset) => {
        const bytes = Buffer.concat(parts);
        const partly = () => write(inode, bytes.subarray(0, this.#random.below(bytes.length + 1)), offset);
        return this.#operate(boot, `write ${path}`, () => write(inode, bytes, offset), partly);
      },
      datasync: () =>
        this.#operate(
          boot,
          `fsync ${path}`,
          () => sync(inode),
          undefined,
          () => inode.dirty.clear(),
        ),
      truncate: (bytes) => this.#operate(boot, `truncate ${path}`, () => truncate(inode, bytes)),
      size: () => this.#operate(boot, `stat ${path}`, () => inode.cache.length),
      close: () => Promise.resolve(),
    };
    return file;
  }
}

const applyChange = (names: Map<string, Inode>, change: NameChange): void => {
  if (change.removed !== undefined) names.delete(change.removed);
  if (change.added !== undefined && change.inode !== undefined) names.set(change.added, change.inode);
};

const write = (inode: Inode, bytes: Uint8Array, offset: number): void => {
  if (bytes.length === 0) return;
  const end = offset + bytes.length;
  if (end > inode.cache.length)
    inode.cache = Buffer.concat([inode.cache, Buffer.alloc(end - inode.cache.length)]);
  inode.cache.set(bytes, offset);
  for (let sector = Math.floor(offset / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector += 1)
    inode.dirty.add(sector);
};

/** Only what is dirty becomes stable: after a failed fsync the pages that it dropped never do. */
const sync = (inode: Inode): void => {
  const stable = Buffer.alloc(inode.cache.length);
  inode.stable.copy(stable);
  for (const sector of inode.dirty) {
    const from = sector * SECTOR_BYTES;
    inode.cache.copy(stable, from, from, Math.min(from + SECTOR_BYTES, inode.cache.length));
  }
  inode.stable = stable;
  inode.dirty.clear();
};

const truncate = (inode: Inode, bytes: number): void => {
  const kept = Buffer.alloc(bytes);
  inode.cache.copy(kept);
  inode.cache = kept;
  for (const sector of inode.dirty) if (sector * SECTOR_BYTES >= bytes) inode.dirty.delete(sector);
  inode.dirty.add(Math.floor(bytes / SECTOR_BYTES));
};
