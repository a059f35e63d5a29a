import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Position } from '../../log/log.ts';
import { ENTRY_WORDS, FINGERPRINT_WORDS } from './entry.ts';
import { BlockedFilter } from './filter.ts';
import {
  bytesOf,
  encodeFooter,
  indexChecksumOf,
  PAGE_BYTES,
  PAGE_ENTRIES,
  PAGE_WORDS,
  type RunSummary,
  runName,
  sealPage,
} from './run-format.ts';

/** Pages gathered for one write. */
const BUFFER_PAGES = 64;
/** Written data is synced in steps of this, so that a long run does not hold up the log's own syncs at its end. */
const SYNC_EVERY_BYTES = 8 * 1024 * 1024;

/** Ending of a run that is being written. */
export const UNFINISHED_SUFFIX = '.tmp';

/** What a run is made with. */
export interface RunPlan {
  readonly dir: string;
  readonly from: Position;
  readonly next: Position;
  /** An upper bound of the entries to come. */
  readonly entriesMax: number;
  readonly filterBitsPerEntry: number;
}

/** A finished run, with what a reader keeps in memory. */
export interface BuiltRun {
  readonly summary: RunSummary;
  readonly fences: Uint32Array<ArrayBuffer>;
  readonly filter: Uint32Array<ArrayBuffer>;
}

/**
 * Writes a run, entry by entry in ascending order. Blocking: for a thread of its own. The file gets its name only when it is complete and synced; until
 * then a crash leaves nothing but a file to be removed.
 */
export class RunWriter {
  readonly #plan: RunPlan;
  readonly #path: string;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_PAGES * PAGE_BYTES);
  readonly #pages: Uint32Array[];
  readonly #fences: Uint32Array<ArrayBuffer>;
  readonly #filter: BlockedFilter;
  #page: Uint32Array;
  #inPage = 0;
  #pageCount = 0;
  #buffered = 0;
  #entries = 0;
  #written = 0;
  #synced = 0;
  #secondsMin = 0xffff_ffff;
  #secondsMax = 0;

  constructor(plan: RunPlan) {
    this.#plan = plan;
    this.#path = join(plan.dir, runName(plan));
    this.#filter = BlockedFilter.sized(plan.entriesMax, plan.filterBitsPerEntry);
    this.#fences = new Uint32Array(Math.ceil(plan.entriesMax / PAGE_ENTRIES));
    this.#pages = Array.from(
      { length: BUFFER_PAGES },
      (_, index) => new Uint32Array(this.#buffer.buffer, index * PAGE_BYTES, PAGE_WORDS),
    );
    this.#page = this.#pages[0] as Uint32Array;
    this.#fd = openSync(this.#path + UNFINISHED_SUFFIX, 'w', 0o600);
  }

  /** Takes the entry at `entries[at..at+5)`, which must come after the last one. */
  add(entries: Uint32Array, at: number): void {
    const page = this.#page;
    const to = this.#inPage * ENTRY_WORDS;
    for (let index = 0; index < ENTRY_WORDS; index++) page[to + index] = entries[at + index] as number;
    const seconds = entries[at + FINGERPRINT_WORDS] as number;
    if (this.#inPage === 0) this.#fences[this.#pageCount] = entries[at] as number;
    this.#filter.add(entries, at);
    if (seconds < this.#secondsMin) this.#secondsMin = seconds;
    if (seconds > this.#secondsMax) this.#secondsMax = seconds;
    this.#entries++;
    this.#inPage++;
    if (this.#inPage === PAGE_ENTRIES) this.#endPage();
  }

  /** Completes the file and gives it its name; durable when it returns. */
  finish(): BuiltRun {
    if (this.#inPage > 0) this.#endPage();
    this.#flush();
    const { from, next, dir } = this.#plan;
    const fences = this.#fences.slice(0, this.#pageCount);
    const filter = this.#filter.words as Uint32Array<ArrayBuffer>;
    const summary: RunSummary = {
      ...{ from, next, entries: this.#entries, pages: this.#pageCount, filterWords: filter.length },
      ...{ secondsMin: this.#secondsMin, secondsMax: this.#secondsMax },
    };
    this.#write(bytesOf(fences));
    this.#write(bytesOf(filter));
    this.#write(encodeFooter({ ...summary, indexChecksum: indexChecksumOf(fences, filter) }));
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    renameSync(this.#path + UNFINISHED_SUFFIX, this.#path);
    syncDirectory(dir);
    return { summary, fences, filter };
  }

  /** Gives up and removes what was written. */
  abandon(): void {
    closeSync(this.#fd);
    unlinkSync(this.#path + UNFINISHED_SUFFIX);
  }

  #endPage(): void {
    const bytes = this.#buffer.subarray(this.#buffered * PAGE_BYTES, (this.#buffered + 1) * PAGE_BYTES);
    sealPage(this.#page, bytes, this.#inPage, this.#pageCount);
    this.#pageCount++;
    this.#inPage = 0;
    this.#buffered++;
    if (this.#buffered === BUFFER_PAGES) this.#flush();
    this.#page = this.#pages[this.#buffered] as Uint32Array;
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered * PAGE_BYTES));
    this.#buffered = 0;
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    this.#written += bytes.length;
    if (this.#written - this.#synced < SYNC_EVERY_BYTES) return;
    fdatasyncSync(this.#fd);
    this.#synced = this.#written;
  }
}

const syncDirectory = (dir: string): void => {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
