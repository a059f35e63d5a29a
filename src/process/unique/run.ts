import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { lastAtMost } from '../../lib/ascending.ts';
import { compareAt, ENTRY_WORDS, FINGERPRINT_WORDS, NOT_STORED } from './entry.ts';
import { BlockedFilter } from './filter.ts';
import { mappedWords } from './mapped-words.ts';
import type { PageCache } from './page-cache.ts';
import {
  bytesOf,
  checkPage,
  decodeFooter,
  FOOTER_BYTES,
  indexChecksumOf,
  PAGE_BYTES,
  PAGE_WORDS,
  type RunSummary,
  runName,
} from './run-format.ts';
import type { BuiltRun } from './run-writer.ts';

/** A run file is not what was written. */
export class DamagedRunError extends Error {
  constructor(path: string, detail: string) {
    super(`${path} is damaged: ${detail}`);
    this.name = 'DamagedRunError';
  }
}

let lastId = 0;

/** A run open for look-ups: filter and fences in memory, pages on disk. */
export class Run {
  readonly id: number;
  readonly fd: number;
  readonly path: string;
  readonly summary: RunSummary;
  readonly filter: BlockedFilter;
  readonly #fences: Uint32Array;
  /** Pages that turned out to be damaged: read as empty. */
  readonly damagedPages = new Set<number>();

  private constructor(fd: number, path: string, built: BuiltRun) {
    this.id = ++lastId;
    this.fd = fd;
    this.path = path;
    this.summary = built.summary;
    this.filter = new BlockedFilter(built.filter);
    this.#fences = built.fences;
  }

  /** Opens a run that was just built, whose index is at hand. */
  static built(dir: string, built: BuiltRun): Run {
    const path = join(dir, runName(built.summary));
    return new Run(openSync(path, 'r'), path, built);
  }

  /** Opens a run from its file. Throws DamagedRunError, or Node's error when it cannot be read. */
  static open(path: string): Run {
    const fd = openSync(path, 'r');
    try {
      return new Run(fd, path, readIndex(fd, path));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Bytes in memory. */
  get bytes(): number {
    return this.filter.bytes + this.#fences.byteLength;
  }

  /** Closes the file and gives the memory back at once: filters are too large to wait for the garbage collector. No look-up may follow. */
  close(): void {
    closeSync(this.fd);
    for (const { buffer } of [this.filter.words, this.#fences])
      if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }

  /** Seconds of an entry, or NOT_STORED. A damaged page counts as empty and is noted in `damagedPages`. */
  secondsOf(cache: PageCache, source: Uint32Array, from: number): number {
    const fences = this.#fences;
    const w0 = source[from] as number;
    // An entry may be on an earlier page than the last whose fence is its first word: equal first words can straddle pages.
    for (let number = lastAtMost(fences, w0); number >= 0; number--) {
      const found = this.#searchPage(cache, number, source, from);
      if (found !== NOT_STORED) return found;
      if ((fences[number] as number) < w0) return NOT_STORED;
    }
    return NOT_STORED;
  }

  #searchPage(cache: PageCache, number: number, source: Uint32Array, from: number): number {
    const page = cache.page(this, number);
    if (page.count < 0) {
      this.damagedPages.add(number);
      return NOT_STORED;
    }
    const words = page.words;
    let low = 0;
    let high = page.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = middle * ENTRY_WORDS;
      const order = compareAt(words, at, source, from);
      if (order === 0) return words[at + FINGERPRINT_WORDS] as number;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return NOT_STORED;
  }
}

const readIndex = (fd: number, path: string): BuiltRun => {
  const fileBytes = fstatSync(fd).size;
  const footer = decodeFooter(readAt(fd, Buffer.alloc(FOOTER_BYTES), Math.max(0, fileBytes - FOOTER_BYTES)));
  if (typeof footer === 'string') throw new DamagedRunError(path, footer);
  const { pages, filterWords } = footer;
  const expected = pages * (PAGE_BYTES + 4) + filterWords * 4 + FOOTER_BYTES;
  if (fileBytes !== expected)
    throw new DamagedRunError(path, `it has ${fileBytes} bytes instead of ${expected}`);
  const fences = new Uint32Array(pages);
  const filter = mappedWords(filterWords);
  readAt(fd, bytesOf(fences), pages * PAGE_BYTES);
  readAt(fd, bytesOf(filter), pages * (PAGE_BYTES + 4));
  if (indexChecksumOf(fences, filter) !== footer.indexChecksum)
    throw new DamagedRunError(path, 'the checksum of its index is wrong');
  return { summary: footer, fences, filter };
};

const readAt = <T extends Uint8Array>(fd: number, target: T, offset: number): T => {
  let done = 0;
  while (done < target.length) {
    const size = readSync(fd, target, done, target.length - done, offset + done);
    if (size === 0) break;
    done += size;
  }
  return target;
};

/** Pages read at once by a scan. */
const SCAN_PAGES = 64;

/** Reads the entries of a run in order, page by page; damaged pages are passed over and counted. Blocking. */
export class RunScanner {
  readonly #fd: number;
  readonly #pages: number;
  readonly #bytes = new Uint8Array(SCAN_PAGES * PAGE_BYTES);
  readonly #words = new Uint32Array(this.#bytes.buffer);
  #firstPage = 0;
  #pagesRead = 0;
  #page = -1;
  #inPage = 0;
  #count = 0;
  damagedPages = 0;

  constructor(path: string, pages: number) {
    this.#fd = openSync(path, 'r');
    this.#pages = pages;
  }

  /** The words among which `at` is an offset. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Offset of the current entry; valid after `next` was true. */
  at = 0;

  /** Goes to the next entry; false at the end. */
  next(): boolean {
    this.#inPage++;
    while (this.#inPage >= this.#count) {
      if (!this.#nextPage()) return false;
    }
    this.at = (this.#page - this.#firstPage) * PAGE_WORDS + this.#inPage * ENTRY_WORDS;
    return true;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #nextPage(): boolean {
    this.#page++;
    if (this.#page >= this.#pages) return false;
    if (this.#page >= this.#firstPage + this.#pagesRead) {
      this.#firstPage = this.#page;
      this.#pagesRead = Math.min(SCAN_PAGES, this.#pages - this.#page);
      readAt(this.#fd, this.#bytes.subarray(0, this.#pagesRead * PAGE_BYTES), this.#page * PAGE_BYTES);
    }
    const index = this.#page - this.#firstPage;
    const words = this.#words.subarray(index * PAGE_WORDS, (index + 1) * PAGE_WORDS);
    const bytes = this.#bytes.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES);
    this.#count = checkPage(words, bytes, this.#page);
    this.#inPage = 0;
    if (this.#count < 0) this.damagedPages++;
    return true;
  }
}
