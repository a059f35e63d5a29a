import { readSync } from 'node:fs';
import { checkPage, PAGE_BYTES, PAGE_WORDS } from './run-format.ts';

/** Where a page lies. `id` is unique among the files that share a cache. */
export interface PagedFile {
  readonly id: number;
  readonly fd: number;
}

/** A page in the cache: valid until the next look-up. */
export interface CachedPage {
  readonly words: Uint32Array;
  /** Entries in it; -1 when the page is damaged. */
  count: number;
}

interface Place extends CachedPage {
  readonly bytes: Uint8Array;
  id: number;
  number: number;
}

const HASH_MULTIPLIER = 0x9e3779b1;

/** A bounded cache of pages of run files, direct-mapped: a page has one place, which the latest takes. Reads are blocking, a page each. */
export class PageCache {
  readonly #places: Place[];
  readonly #mask: number;
  #misses = 0;

  /** `bytesMax` is rounded down to a power of two of pages. */
  constructor(bytesMax: number) {
    const pages = 2 ** Math.max(0, Math.floor(Math.log2(bytesMax / PAGE_BYTES)));
    const memory = new ArrayBuffer(pages * PAGE_BYTES);
    this.#mask = pages - 1;
    this.#places = Array.from({ length: pages }, (_, index) => ({
      bytes: new Uint8Array(memory, index * PAGE_BYTES, PAGE_BYTES),
      words: new Uint32Array(memory, index * PAGE_BYTES, PAGE_WORDS),
      ...{ id: -1, number: -1, count: 0 },
    }));
  }

  /** Pages read so far. */
  get misses(): number {
    return this.#misses;
  }

  /** The page, from memory or from the file. Throws Node's error when the file cannot be read. */
  page(file: PagedFile, number: number): CachedPage {
    const slot = (Math.imul(number + file.id, HASH_MULTIPLIER) >>> 8) & this.#mask;
    const place = this.#places[slot] as Place;
    if (place.id === file.id && place.number === number) return place;
    this.#misses++;
    place.id = -1;
    const size = readSync(file.fd, place.bytes, 0, PAGE_BYTES, number * PAGE_BYTES);
    place.count = size === PAGE_BYTES ? checkPage(place.words, place.bytes, number) : -1;
    place.id = file.id;
    place.number = number;
    return place;
  }
}
