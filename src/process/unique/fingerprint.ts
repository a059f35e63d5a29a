import type { Block } from '../../event/block.ts';
import { columnBytes } from '../../event/blocks.ts';
import { ByteCopier } from '../../event/byte-copier.ts';
import { columnIndex, EVENTS } from '../../event/columns.ts';
import { byteAt, HALF, stringEnd, textStart, viewOf } from '../../event/layout.ts';
import { SipHash128 } from '../../lib/siphash.ts';
import { FINGERPRINT_WORDS, type FingerprintBatch } from './entry.ts';

const PROJECT = columnIndex(EVENTS, 'project');
const ID = columnIndex(EVENTS, 'id');
const RECEIVED_AT = columnIndex(EVENTS, 'received_at');

const SECONDS_MAX = 0xffff_ffff;
const SHORT_STRING_BYTES = 0x80;

/**
 * Turns rows into keyed 128-bit fingerprints of project, NUL and id (a project's name contains no NUL), straight from the columns' bytes. The first word is never
 * 0, which marks an empty slot of the hot table.
 */
export class Fingerprinter {
  readonly #hash: SipHash128;
  readonly #copier = new ByteCopier();
  /** The project that the scratch memory begins with, and its size: rows come in stretches of one project. */
  #projectSize = -1;

  constructor(key: Uint8Array) {
    this.#hash = new SipHash128(key);
  }

  /** Fingerprints and times of all rows of a block. */
  compute(events: Block<typeof EVENTS>, batch: FingerprintBatch): void {
    const rows = events.rows;
    batch.reset(rows);
    const projects = columnBytes(events, PROJECT);
    const ids = columnBytes(events, ID);
    let projectAt = 0;
    let idAt = 0;
    for (let row = 0; row < rows; row++) {
      const projectStart = textStart(projects, projectAt);
      projectAt = stringEnd(projects, projectAt);
      this.#setProject(projects, projectStart, projectAt);
      const size = byteAt(ids, idAt);
      const isShort = size < SHORT_STRING_BYTES;
      const idStart = isShort ? idAt + 1 : textStart(ids, idAt);
      idAt = isShort ? idStart + size : stringEnd(ids, idAt);
      this.#digest(ids, idStart, idAt, batch.words, row * FINGERPRINT_WORDS);
    }
    this.#copier.forget();
    secondsOf(columnBytes(events, RECEIVED_AT), rows, batch.seconds);
  }

  #setProject(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    let same = size === this.#projectSize;
    const scratch = this.#hash.bytes;
    for (let index = 0; same && index < size; index++) same = scratch[index] === bytes[start + index];
    if (same) return;
    this.#hash.reserve(size + 1);
    this.#hash.bytes.set(bytes.subarray(start, end));
    this.#hash.bytes[size] = 0;
    this.#hash.keepPrefix(size + 1);
    this.#projectSize = size;
  }

  #digest(bytes: Uint8Array, start: number, end: number, out: Uint32Array, at: number): void {
    const prefix = this.#projectSize + 1;
    const total = prefix + end - start;
    this.#hash.reserve(total);
    this.#copier.copy(bytes, start, end, this.#hash.bytes, this.#hash.view, prefix);
    this.#hash.digest(total, out, at);
    if (out[at] === 0) out[at] = 1;
  }
}

/** Whole seconds of a time column, kept within what an entry can hold. */
const secondsOf = (times: Uint8Array, rows: number, seconds: Uint32Array): void => {
  const view = viewOf(times);
  let low = 0;
  let high = 0;
  let current = 1;
  for (let row = 0; row < rows; row++) {
    const nextLow = view.getUint32(row * 8, true);
    const nextHigh = view.getInt32(row * 8 + 4, true);
    if (row === 0 || nextLow !== low || nextHigh !== high) {
      low = nextLow;
      high = nextHigh;
      current = Math.min(Math.max(Math.floor((high * HALF + low) / 1000), 1), SECONDS_MAX);
    }
    seconds[row] = current;
  }
};
