import { join } from 'node:path';
import { errorCode, type FilePort, type OpenFile } from '../../lib/file-port.ts';
import { TEMPORARY_SUFFIX } from './segment.ts';

/**
 * The next segment's file, written full of zeros ahead of time: a commit into it then changes no metadata, and its fdatasync is 5 times cheaper (0.7 against 3.7 ms for
 * 1 MiB). The zeros are written in the background, a chunk at a time, each made durable before the next, so that commits never wait behind many dirty pages.
 */

const CHUNK_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** A file that can become a segment. */
export interface SpareFile {
  readonly file: OpenFile;
  readonly path: string;
}

/** Prepares one file at a time. */
export class Spare {
  readonly #files: FilePort;
  readonly #dir: string;
  readonly #hiccup: (error: unknown) => void;
  #number = 0;
  #stopping = false;
  #isReady = false;
  #preparing: Promise<SpareFile | undefined> | undefined;

  /** @param hiccup called when a file could not be prepared; the segment will then be made without. */
  constructor(files: FilePort, dir: string, hiccup: (error: unknown) => void) {
    this.#files = files;
    this.#dir = dir;
    this.#hiccup = hiccup;
  }

  /** Begins to prepare a file of this size, unless one is being prepared. */
  prepare(bytes: number): void {
    this.#preparing ??= this.#prepare(bytes);
  }

  /** Whether a file is zeroed as far as was asked for. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Takes the prepared file as far as it has come, or makes one. Rejects with the file system's error. */
  async take(): Promise<SpareFile> {
    this.#stopping = true;
    const prepared = await this.#preparing;
    this.#preparing = undefined;
    this.#stopping = false;
    this.#isReady = false;
    return prepared ?? this.#create();
  }

  /** Stops preparing and removes the file. */
  async close(): Promise<void> {
    this.#stopping = true;
    const prepared = await this.#preparing;
    if (prepared !== undefined) await this.discard(prepared);
  }

  /** Removes a file that was taken and did not become a segment. */
  async discard(spare: SpareFile): Promise<void> {
    await spare.file.close();
    await this.#files.unlink(spare.path).catch(this.#hiccup);
  }

  async #create(): Promise<SpareFile> {
    this.#number += 1;
    const path = join(this.#dir, `next-${this.#number}${TEMPORARY_SUFFIX}`);
    return { path, file: await this.#files.open(path, 'create') };
  }

  /** A full disk is no error here: what was zeroed is good, and commits will find out. After any other error the file is given up. */
  async #prepare(bytes: number): Promise<SpareFile | undefined> {
    let spare: SpareFile | undefined;
    try {
      spare = await this.#create();
      for (let offset = 0; offset < bytes && !this.#stopping; offset += CHUNK_BYTES) {
        await spare.file.writev([ZEROS.subarray(0, Math.min(CHUNK_BYTES, bytes - offset))], offset);
        await spare.file.datasync();
      }
      this.#isReady = !this.#stopping;
      return spare;
    } catch (error) {
      this.#hiccup(error);
      if (spare === undefined || errorCode(error) === 'ENOSPC') return spare;
      await this.discard(spare);
      return undefined;
    }
  }
}
