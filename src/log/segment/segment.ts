import { join } from 'node:path';
import { errorCode, type FilePort, type OpenFile } from '../../lib/file-port.ts';
import { crc32 } from '../../lib/crc32.ts';
import type { Position } from '../log.ts';
import type { ReadAt } from './scan.ts';
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts';
import { SparseIndex } from './sparse-index.ts';

/** The files of a topic: `<base>.seg`, and beside a segment perhaps `<base>.idx` (where frames are) and `<base>.sealed` (not to be read beyond). */

const BASE_DIGITS = 16;
const SEGMENT_SUFFIX = '.seg';
const INDEX_SUFFIX = '.idx';
const SEAL_SUFFIX = '.sealed';
const SEAL_BYTES = 12;
const OPEN_FILES_MAX = 8;
const ASK_SIZE_BYTES = 512 * 1024;

/** Suffix of files that are not part of a topic yet, or no more: removed when it is opened for writing. */
export const TEMPORARY_SUFFIX = '.tmp';

/** Reads a small file whole. */
const readFile = async (files: FilePort, path: string): Promise<Uint8Array> => {
  const file = await files.open(path, 'read');
  try {
    const bytes = new Uint8Array(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
};

/** One segment file as readers see it. Opened when first read; many may read it at once. */
export class Segment {
  readonly base: Position;
  readonly path: string;
  /** Fills as the segment is written or scanned. */
  readonly index = new SparseIndex();
  readonly #files: FilePort;
  readonly #stem: string;
  /** From the seal file: nothing from this byte on counts (its fsync failed). */
  #sealedAt: number | undefined;
  #opening:
    | Promise<{ file: OpenFile; header: SegmentHeader | undefined; damagedAt: number | undefined }>
    | undefined;
  #users = 0;
  #indexAsked = false;

  constructor(files: FilePort, dir: string, base: Position) {
    this.base = base;
    this.#files = files;
    this.#stem = join(dir, base.toString().padStart(BASE_DIGITS, '0'));
    this.path = this.#stem + SEGMENT_SUFFIX;
  }

  get idle(): boolean {
    return this.#users === 0;
  }

  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  get sealedAt(): number | undefined {
    return this.#sealedAt;
  }

  /** Runs `work` with the segment open. `header` is undefined if both of its copies are damaged; `damagedAt`: one is. */
  async use<T>(
    work: (read: ReadAt, header: SegmentHeader | undefined, damagedAt: number | undefined) => Promise<T>,
  ): Promise<T> {
    this.#users += 1;
    try {
      const { file, header, damagedAt } = await this.#opened();
      return await work((offset, bytes) => this.#read(file, offset, bytes), header, damagedAt);
    } finally {
      this.#users -= 1;
    }
  }

  async #opened() {
    this.#opening ??= this.#open();
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    await opening?.then(
      ({ file }) => file.close(),
      () => undefined,
    );
  }

  /** Loads the index beside the segment, once. Returns a reason if there is one that is damaged. */
  async loadIndex(): Promise<string | undefined> {
    if (this.#indexAsked) return undefined;
    this.#indexAsked = true;
    try {
      const index = SparseIndex.decode(await readFile(this.#files, this.#stem + INDEX_SUFFIX));
      if (index === undefined) return 'the checksum of the index does not match';
      this.index.adopt(index);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') return String(error);
    }
    return undefined;
  }

  get indexPath(): string {
    return this.#stem + INDEX_SUFFIX;
  }

  /** Writes the index beside the segment; synced, so that a power loss leaves none rather than half of one. */
  async saveIndex(): Promise<void> {
    const temporary = this.indexPath + TEMPORARY_SUFFIX;
    const file = await this.#files.open(temporary, 'create');
    try {
      await file.writev([this.index.encode()], 0);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#files.rename(temporary, this.indexPath);
  }

  /** Notes, durably, that nothing from `offset` on counts: in a file of its own, because this one must not be synced any more. */
  async seal(dir: string, offset: number): Promise<void> {
    this.#sealedAt = offset;
    const bytes = Buffer.alloc(SEAL_BYTES);
    bytes.writeBigUInt64LE(BigInt(offset), 0);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 8)), 8);
    const file = await this.#files.open(this.#stem + SEAL_SUFFIX, 'create');
    try {
      await file.writev([bytes], 0);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#files.syncDirectory(dir);
  }

  /** Reads the seal file. One that is damaged was never finished: its writer died before it told anybody that it had failed. */
  async loadSeal(): Promise<void> {
    const bytes = Buffer.from(await readFile(this.#files, this.#stem + SEAL_SUFFIX));
    if (bytes.length !== SEAL_BYTES || crc32(bytes.subarray(0, 8)) !== bytes.readUInt32LE(8)) return;
    this.#sealedAt = Number(bytes.readBigUInt64LE(0));
  }

  /**
   * Makes a seal that was found durable: a writer killed while sealing leaves one that is in the page cache only. Were the topic to go on in another segment first, a power loss
   * could drop the seal, and what is behind it would come back in the place of the records acknowledged since.
   */
  async syncSeal(): Promise<void> {
    const file = await this.#files.open(this.#stem + SEAL_SUFFIX, 'write');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** Removes the segment's files. Whoever has it open can go on reading. */
  async unlink(): Promise<void> {
    await this.#files.unlink(this.path);
    for (const suffix of [INDEX_SUFFIX, SEAL_SUFFIX]) {
      await this.#files.unlink(this.#stem + suffix).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      });
    }
  }

  async #open() {
    const file = await this.#files.open(this.path, 'read');
    try {
      const start = new Uint8Array(SEGMENT_HEADER_BYTES);
      const decoded = decodeSegmentHeader(start.subarray(0, await file.read(start, 0)));
      return { file, header: decoded?.header, damagedAt: decoded?.damagedAt };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #read(file: OpenFile, offset: number, bytes: number): Promise<Uint8Array> {
    // A large buffer for a short file would cost more than asking for its size.
    const end = Math.min(this.#sealedAt ?? Infinity, bytes < ASK_SIZE_BYTES ? Infinity : await file.size());
    const target = Buffer.allocUnsafeSlow(Math.max(0, Math.min(bytes, end - offset)));
    return target.subarray(0, await file.read(target, offset));
  }
}

const baseOf = (name: string, suffix: string): Position | undefined => {
  const digits = name.slice(0, -suffix.length);
  return name.endsWith(suffix) && /^\d+$/.test(digits) ? Number(digits) : undefined;
};

/** The segments of a topic, in order. */
export class SegmentList {
  readonly dir: string;
  readonly #files: FilePort;
  #segments: Segment[] = [];
  #openInOrder: Segment[] = [];
  /** Counts changes, so that a look at the directory notices that it was overtaken by one. */
  #version = 0;

  constructor(files: FilePort, dir: string) {
    this.dir = dir;
    this.#files = files;
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get first(): Segment | undefined {
    return this.#segments[0];
  }

  get last(): Segment | undefined {
    return this.#segments.at(-1);
  }

  /** The segment in which a position would be. Undefined: it is before the first one. */
  find(position: Position): Segment | undefined {
    return this.#segments.findLast((segment) => segment.base <= position);
  }

  after(segment: Segment): Segment | undefined {
    return this.#segments.find((other) => other.base > segment.base);
  }

  /** A segment that the writer has just begun. */
  add(base: Position): Segment {
    this.#version += 1;
    const known = this.#segments.find((other) => other.base === base);
    if (known !== undefined) return known;
    const segment = new Segment(this.#files, this.dir, base);
    this.#segments = [...this.#segments, segment];
    return segment;
  }

  /** Takes a segment off the list; its files stay. */
  remove(segment: Segment): void {
    this.#version += 1;
    this.#segments = this.#segments.filter((other) => other !== segment);
    this.#openInOrder = this.#openInOrder.filter((other) => other !== segment);
    void segment.close();
  }

  /** Looks at the directory again. Returns the names of left-over temporary files. */
  async refresh(): Promise<readonly string[]> {
    for (;;) {
      const version = this.#version;
      const names = await this.#names();
      const segments = await this.#segmentsOf(names);
      if (version !== this.#version) continue;
      const gone = this.#segments.filter((segment) => !segments.includes(segment));
      this.#segments = segments;
      for (const segment of gone) this.remove(segment);
      return names.filter((name) => name.endsWith(TEMPORARY_SUFFIX));
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await this.#files.list(this.dir);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async #segmentsOf(names: readonly string[]): Promise<Segment[]> {
    const known = new Map(this.#segments.map((segment) => [segment.base, segment]));
    const segments: Segment[] = [];
    for (const name of names) {
      const base = baseOf(name, SEGMENT_SUFFIX);
      if (base !== undefined) segments.push(known.get(base) ?? new Segment(this.#files, this.dir, base));
    }
    segments.sort((a, b) => a.base - b.base);
    for (const name of names) {
      const segment = segments.find(({ base }) => base === baseOf(name, SEAL_SUFFIX));
      if (segment !== undefined && segment.sealedAt === undefined) await segment.loadSeal();
    }
    return segments;
  }

  /** Call after using a segment: closes the files used least recently when too many are open. */
  touched(segment: Segment): void {
    const open = [...this.#openInOrder.filter((other) => other !== segment && other.isOpen), segment];
    const surplus = open.filter((other) => other.idle && other !== segment);
    for (const idle of surplus.slice(0, Math.max(0, open.length - OPEN_FILES_MAX))) void idle.close();
    this.#openInOrder = open.filter((other) => other.isOpen);
  }

  async close(): Promise<void> {
    await Promise.all(this.#segments.map((segment) => segment.close()));
  }
}
