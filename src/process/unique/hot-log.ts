import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HALF } from '../../event/layout.ts';
import { crc32 } from '../../lib/crc32.ts';
import type { FilePort, OpenFile } from '../../lib/file-port.ts';
import type { Position } from '../../log/log.ts';
import { ENTRY_BYTES, ENTRY_WORDS, FINGERPRINT_WORDS } from './entry.ts';
import { FrameBuffer } from './frame-buffer.ts';
import { bytesOf } from './run-format.ts';

/**
 * The entries of one hot table in the order in which they came, so that a restart need not read the governed topic for them. What is missing at its end is
 * read from there: the log is written behind, and synced now and then.
 *
 *     header   24 bytes: "AEVH", version, governed position of the first frame (8), crc32 of those 16, 0
 *     frames   16 bytes: number of entries, crc32 of the rest of the frame, governed position after it (8); then the entries, 5 words each
 *
 * All numbers are little endian. A file exists only if the log before it was complete and synced, or its table sealed. A torn tail is cut off.
 *
 * Modes: waiting (its file may not be made yet; frames gather in memory) -> open -> closed; from waiting and open also -> dead, when writing failed or too
 * much gathered: then frames are forgotten, and the governed topic keeps what they hold until the table is sealed.
 */

const MAGIC = 0x48564541;
const FORMAT_VERSION = 1;
/** A shorter file was not completely made. */
export const HOT_LOG_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;
const FRAME_HEADER_WORDS = FRAME_HEADER_BYTES / 4;
const WRITE_BYTES = 1024 * 1024;
/** Frames that may wait to be written. */
const WAITING_BYTES_MAX = 128 * 1024 * 1024;

const POSITION_DIGITS = 16;

/** Name of the file of the hot log that begins at a governed position. */
export const hotLogName = (from: Position): string =>
  `hot-${String(from).padStart(POSITION_DIGITS, '0')}.log`;

/** The position that a file's name states, or undefined if it is not a hot log's name. */
export const fromOfHotLogName = (name: string): Position | undefined => {
  const match = /^hot-(\d{16})\.log$/.exec(name);
  return match === null ? undefined : Number(match[1]);
};

/** What a hot log on disk holds. */
export interface HotLogContent {
  /** Governed records before this are in it. */
  readonly next: Position;
  /** Where writing goes on. */
  readonly bytes: number;
  /** The entries of each frame. */
  readonly frames: readonly Uint32Array[];
  /** Set if bytes after the last whole frame were ignored: a crash leaves such a tail. */
  readonly torn: boolean;
}

/** Reads a hot log; undefined when its header is damaged. Throws Node's error when it cannot be read. */
export const readHotLog = (path: string, from: Position): HotLogContent | undefined => {
  const bytes = readFileSync(path);
  if (
    bytes.length < HOT_LOG_HEADER_BYTES ||
    bytes.compare(header(from), 0, HOT_LOG_HEADER_BYTES, 0, HOT_LOG_HEADER_BYTES) !== 0
  )
    return undefined;
  const frames: Uint32Array[] = [];
  let at = HOT_LOG_HEADER_BYTES;
  let next = from;
  while (at + FRAME_HEADER_BYTES <= bytes.length) {
    const count = bytes.readUInt32LE(at);
    const end = at + FRAME_HEADER_BYTES + count * ENTRY_BYTES;
    if (end > bytes.length || bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at + 8, end), count)) break;
    next = Number(bytes.readBigUInt64LE(at + 8));
    frames.push(new Uint32Array(bytes.buffer.slice(...rangeIn(bytes, at + FRAME_HEADER_BYTES, end))));
    at = end;
  }
  return { next, bytes: at, frames, torn: at < bytes.length };
};

const rangeIn = (bytes: Buffer, from: number, to: number): [number, number] => [
  bytes.byteOffset + from,
  bytes.byteOffset + to,
];

const header = (from: Position): Buffer => {
  const bytes = Buffer.alloc(HOT_LOG_HEADER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(FORMAT_VERSION, 4);
  bytes.writeBigUInt64LE(BigInt(from), 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
  return bytes;
};

/** Where a hot log stands in the directory. */
export interface HotLogPlace {
  readonly files: FilePort;
  readonly dir: string;
  readonly from: Position;
  /** Told once when the log dies. */
  readonly onDead: (error: unknown) => void;
}

/** Writes a hot log behind the table that it belongs to. No method rejects: a log that cannot be written dies, and says so by `onDead`. */
export class HotLog {
  readonly #place: HotLogPlace;
  readonly #path: string;
  #mode: 'waiting' | 'open' | 'dead' | 'closed' = 'waiting';
  #file: OpenFile | undefined;
  #offset = 0;
  readonly #frames = new FrameBuffer();
  #next: Position;
  #writtenNext: Position;
  #syncedNext: Position;
  /** All file operations, one after another. */
  #chain: Promise<void> = Promise.resolve();

  constructor(place: HotLogPlace) {
    this.#place = place;
    this.#path = join(place.dir, hotLogName(place.from));
    this.#next = place.from;
    this.#writtenNext = place.from;
    this.#syncedNext = place.from;
  }

  /** Governed records before this would survive a power loss in this log. */
  get syncedNext(): Position {
    return this.#syncedNext;
  }

  get isDead(): boolean {
    return this.#mode === 'dead';
  }

  get isSynced(): boolean {
    return this.#syncedNext === this.#next;
  }

  /** Makes the file. */
  create(): Promise<void> {
    return this.#run(async () => {
      const { files, dir, from } = this.#place;
      this.#file = await files.open(this.#path, 'create');
      await this.#file.writev([header(from)], 0);
      await this.#file.datasync();
      await files.syncDirectory(dir);
      this.#offset = HOT_LOG_HEADER_BYTES;
      this.#mode = 'open';
    });
  }

  /** Goes on with a file that was read. */
  resume(content: HotLogContent): Promise<void> {
    this.#next = content.next;
    return this.#run(async () => {
      this.#file = await this.#place.files.open(this.#path, 'write');
      if (content.torn) await this.#file.truncate(content.bytes);
      await this.#file.datasync();
      this.#offset = content.bytes;
      this.#writtenNext = content.next;
      this.#syncedNext = content.next;
      this.#mode = 'open';
    });
  }

  /**
   * Adds the entries of a governed record: those rows whose `keep` byte is 1, or all. `next` is the governed position after it.
   */
  append(next: Position, words: Uint32Array, seconds: Uint32Array, rows: number, keep?: Uint8Array): void {
    this.#next = next;
    if (this.#mode === 'dead' || this.#mode === 'closed') return;
    const frames = this.#frames;
    const room = frames.room(FRAME_HEADER_WORDS + rows * ENTRY_WORDS);
    frames.keep(encodeFrame(room, next, words, seconds, rows, keep));
    if (frames.bytes > WAITING_BYTES_MAX) this.#die(new Error('too much waits to be written'));
    else if (this.#mode === 'open' && frames.bytes >= WRITE_BYTES) void this.#run(() => this.#write());
  }

  /** Writes and syncs everything so far, if the file is open: `isSynced` tells. */
  sync(): Promise<void> {
    return this.#run(async () => {
      if (this.#mode !== 'open') return;
      await this.#write();
      const next = this.#writtenNext;
      await this.#file?.datasync();
      this.#syncedNext = next;
    });
  }

  /** Writes what is left and closes the file. */
  async close(): Promise<void> {
    await this.#chain;
    if (this.#mode === 'open') await this.sync();
    if (this.#mode !== 'dead') this.#mode = 'closed';
    await this.#file?.close();
  }

  /** Closes the file and removes it: its table was sealed. */
  async remove(): Promise<void> {
    this.#frames.clear();
    await this.#chain;
    if (this.#mode !== 'dead') this.#mode = 'closed';
    await this.#file?.close();
    if (this.#file === undefined) return;
    // Left behind, it would be recognised as superseded by its run and removed on the next start.
    await this.#place.files.unlink(this.#path).catch(() => undefined);
  }

  async #write(): Promise<void> {
    const { bytes } = this.#frames;
    const next = this.#next;
    await this.#frames.drain(async (parts) => this.#file?.writev(parts, this.#offset));
    this.#offset += bytes;
    this.#writtenNext = next;
  }

  #run(work: () => Promise<void>): Promise<void> {
    this.#chain = this.#chain.then(async () => {
      if (this.#mode === 'dead' || this.#mode === 'closed') return;
      await work().catch((error: unknown) => this.#die(error));
    });
    return this.#chain;
  }

  #die(error: unknown): void {
    if (this.#mode === 'dead') return;
    this.#mode = 'dead';
    this.#frames.clear();
    this.#place.onDead(error);
  }
}

/** Writes a frame to the beginning of `frame`, and answers how many words it has. */
const encodeFrame = (
  frame: Uint32Array,
  next: Position,
  words: Uint32Array,
  seconds: Uint32Array,
  rows: number,
  keep: Uint8Array | undefined,
): number => {
  let to = FRAME_HEADER_WORDS;
  for (let row = 0; row < rows; row++) {
    if (keep !== undefined && keep[row] !== 1) continue;
    const at = row * FINGERPRINT_WORDS;
    frame[to] = words[at] as number;
    frame[to + 1] = words[at + 1] as number;
    frame[to + 2] = words[at + 2] as number;
    frame[to + 3] = words[at + 3] as number;
    frame[to + 4] = seconds[row] as number;
    to += ENTRY_WORDS;
  }
  const bytes = bytesOf(frame).subarray(0, to * 4);
  const count = (to - FRAME_HEADER_WORDS) / ENTRY_WORDS;
  frame[0] = count;
  frame[2] = next % HALF;
  frame[3] = Math.floor(next / HALF);
  frame[1] = crc32(bytes.subarray(8), count);
  return to;
};
