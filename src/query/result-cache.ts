import { createHash } from 'node:crypto';
import type { QueryRequest } from '../contract/query.ts';
import type { Pinned } from './as-of.ts';
import { PANE_MS } from './time-range.ts';

/** Bytes that a character of a kept answer may take. */
const CHARACTER_BYTES = 2;
/** What an entry takes beside its text: its key and its place in the map. */
const ENTRY_BYTES = 256;
/** No answer takes more than this part of the whole. */
const SHARE_MAX = 0.25;

/** What an answer depends on beside the project and the request. */
export interface AnsweredAt {
  /** Governed records before this were queryable. */
  readonly governedLoaded: number;
  readonly nowMs: number;
}

/** Words of requests whose meaning moves with the clock, or may: cohorts are who did something of late. */
const NOW = /\b(?:now|last|cohorts?|members?)\b/u;

/** Whether an answer to a request is the same at any time, as long as nothing is loaded. */
const isTimeless = (request: QueryRequest, text: string): boolean =>
  request.kind === 'trend' &&
  typeof request.range === 'object' &&
  request.range.to !== undefined &&
  !NOW.test(text);

/**
 * The name of an answer. It changes with every load, unless the request is pinned to a position, and, unless the request has nothing to do with now or says what that is, with every pane of ten
 * seconds: answers that are kept are never out of date, and need not be taken back. What else an answer comes to depend on must become a part of it.
 */
export const answerKey = (
  project: string,
  request: QueryRequest,
  at: AnsweredAt,
  pinned?: Pinned,
): string => {
  const text = JSON.stringify(request);
  const isStill = pinned?.atMs !== undefined || isTimeless(request, text);
  const pane = isStill ? null : Math.floor(at.nowMs / PANE_MS);
  const loaded = pinned === undefined ? at.governedLoaded : null;
  return createHash('sha256')
    .update(JSON.stringify([project, loaded, pane, text]))
    .digest('base64');
};

/** Answers by name, within so many bytes: those that were asked for least recently go first. */
export class ResultCache {
  readonly #bytesMax: number;
  readonly #texts = new Map<string, string>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are taken, at most. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A copy of an answer that was kept. */
  get(key: string): unknown {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return JSON.parse(text);
  }

  /** Keeps an answer, unless it is too large. */
  put(key: string, answer: unknown): void {
    const text = JSON.stringify(answer);
    const bytes = bytesOf(text);
    if (bytes > this.#bytesMax * SHARE_MAX) return;
    this.#drop(key);
    this.#texts.set(key, text);
    this.#bytes += bytes;
    for (const oldest of this.#texts.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const text = this.#texts.get(key);
    if (text === undefined) return;
    this.#texts.delete(key);
    this.#bytes -= bytesOf(text);
  }
}

const bytesOf = (text: string): number => text.length * CHARACTER_BYTES + ENTRY_BYTES;
