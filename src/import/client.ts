import { setTimeout as pause } from 'node:timers/promises';
import { type ImportAnswer, IMPORT_LIMITS, type KnownIdsAnswer } from '../contract/imports.ts';
import { connectionProblem, isPassingStatus, retryAfterMsOf, retryPauseMs } from '../lib/retry.ts';
import { ImportError } from './row.ts';
import type { RowRange } from './row-ranges.ts';

/** The HTTP requests of an import: sending bodies, and asking what is there already. */

/** Where to send, and as whom. */
export interface ImportTarget {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  /** An admin key. */
  readonly key: string;
}

/** What the server says about one event of a body that it will not store. */
export interface Rejection {
  /** Place in the body, from 0. */
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** What became of a body. `refused`: the server cannot take this body as it is; smaller ones may do. */
export type SendResult =
  | { readonly kind: 'taken'; readonly accepted: number; readonly rejected: readonly Rejection[] }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** Patience with a server that is busy, restarting or away, milliseconds in all for one request. */
export const RETRY_TIME_MAX_MS = 120_000;
/** Longest wait for one answer. */
const ANSWER_TIME_MAX_MS = 60_000;

/** Codes of answers that say: not in this form (413, 400). */
const BODY_CODES: ReadonlySet<string> = new Set([
  'body_too_large',
  'too_many_events',
  'invalid_json',
  'invalid_encoding',
]);

/** How a client behaves in time; replaced in tests. */
export interface ClientOptions {
  readonly retryTimeMaxMs?: number;
  /** Hears of every pause before a request is repeated. */
  readonly onRetry?: (why: string, pauseMs: number) => void;
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

/** Sends one import's requests. Every request is safe to repeat: rows have ids, and an id is stored once. */
export class ImportClient {
  readonly #target: ImportTarget;
  readonly #options: ClientOptions;

  constructor(target: ImportTarget, options: ClientOptions = {}) {
    this.#target = target;
    this.#options = options;
  }

  /** Sends a JSON array of events as a declared backfill. Throws ImportError when the server cannot be moved to take it. */
  async send(importId: string, body: string): Promise<SendResult> {
    const answer = await this.#request(
      'POST',
      `/api/events/batch?backfill=${encodeURIComponent(importId)}`,
      body,
    );
    if (answer.status === 202) return takenOf(answer.body);
    const { code, message } = errorOf(answer);
    if (BODY_CODES.has(code) || answer.status === 413) return { kind: 'refused', code, message };
    throw this.#refusal(answer);
  }

  /** What is there of an import. Asks again until everything acknowledged is counted. */
  async state(importId: string, fromRow = 1): Promise<ImportAnswer> {
    return this.#settled(`/api/imports/${encodeURIComponent(importId)}?from_row=${fromRow}`, undefined);
  }

  /** All missing and all quarantined rows of an import, however many pages they take. */
  async fullState(importId: string): Promise<ImportAnswer> {
    const first = await this.state(importId);
    const missing = await this.#allRanges(importId, first, (answer) => answer.missing);
    const quarantined = await this.#allRanges(importId, first, (answer) => answer.quarantined_rows);
    return {
      ...first,
      missing: { ranges: missing, complete: true },
      quarantined_rows: { ranges: quarantined, complete: true },
    };
  }

  /** Which of the ids are stored or quarantined already: places in the list. */
  async known(importId: string, ids: readonly string[]): Promise<ReadonlySet<number>> {
    const path = `/api/imports/${encodeURIComponent(importId)}/known`;
    const known = new Set<number>();
    for (const [from, to] of slicesOf(ids)) {
      const answer = await this.#settled<KnownIdsAnswer>(path, JSON.stringify({ ids: ids.slice(from, to) }));
      for (const index of answer.known) known.add(from + index);
    }
    return known;
  }

  async #allRanges(
    importId: string,
    first: ImportAnswer,
    pick: (answer: ImportAnswer) => ImportAnswer['missing'],
  ): Promise<[number, number][]> {
    const all = [...pick(first).ranges];
    for (let page = pick(first); !page.complete; ) {
      const behind: RowRange = page.ranges.at(-1) ?? [0, 0];
      page = pick(await this.state(importId, behind[1] + 1));
      all.push(...page.ranges);
    }
    return all;
  }

  async #settled<T extends { readonly settled: boolean }>(
    path: string,
    body: string | undefined,
  ): Promise<T> {
    const startedMs = performance.now();
    for (;;) {
      const answer = await this.#request(body === undefined ? 'GET' : 'POST', path, body);
      if (answer.status !== 200) throw this.#refusal(answer);
      const read = answer.body as T;
      if (read.settled) return read;
      if (performance.now() - startedMs > this.#retryTimeMs()) {
        throw new ImportError(
          'The server is still loading what it acknowledged before, so it is not known where to go on. Wait until it has caught up (see /api/health), then run the same command again.',
        );
      }
    }
  }

  /** One request, repeated with growing pauses while the server asks for it or cannot be reached. */
  async #request(method: string, path: string, body: string | undefined): Promise<Answer> {
    const startedMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#attempt(method, path, body);
      const isFinal = !(outcome instanceof Error) && !isPassingStatus(outcome.status);
      if (isFinal) return outcome;
      this.#options.signal?.throwIfAborted();
      const why = outcome instanceof Error ? connectionProblem(outcome) : errorOf(outcome).message;
      const pauseMs = retryPauseMs(attempt, outcome instanceof Error ? undefined : outcome.retryAfterMs);
      if (performance.now() - startedMs + pauseMs > this.#retryTimeMs()) {
        throw new ImportError(`The server at ${this.#target.url} does not take the rows: ${why}`, {
          cause: outcome,
        });
      }
      this.#options.onRetry?.(why, pauseMs);
      await pause(pauseMs, undefined, signalOption(this.#options.signal));
    }
  }

  async #attempt(method: string, path: string, body: string | undefined): Promise<Answer | Error> {
    const timeout = AbortSignal.timeout(ANSWER_TIME_MAX_MS);
    try {
      const response = await fetch(new URL(path, this.#target.url), {
        method,
        headers: { authorization: `Bearer ${this.#target.key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body }),
        signal: timeout,
      });
      return {
        status: response.status,
        body: parsed(await response.text()),
        retryAfterMs: retryAfterMsOf(response.headers.get('retry-after')),
      };
    } catch (error) {
      return error as Error;
    }
  }

  #retryTimeMs(): number {
    return this.#options.retryTimeMaxMs ?? RETRY_TIME_MAX_MS;
  }

  #refusal(answer: Answer): ImportError {
    const { message } = errorOf(answer);
    if (answer.status === 401 || answer.status === 403) {
      return new ImportError(
        `The server refuses the key: ${message} An import needs an admin key: --key, AEVUM_ADMIN_KEY, or credentials.json in the data directory.`,
      );
    }
    if (answer.status === 404) {
      return new ImportError(
        `The server at ${this.#target.url} does not know about imports: is it an Aevum of this version? (${message})`,
      );
    }
    return new ImportError(`The server at ${this.#target.url} answers ${answer.status}: ${message}`);
  }
}

/** Characters of the ids in one look-up: the server takes questions of up to a MiB. */
const LOOKUP_CHARS_MAX = 150_000;

/** Slices of a list of ids, `[from, to)`, each small enough for one look-up. */
const slicesOf = (ids: readonly string[]): [number, number][] => {
  const slices: [number, number][] = [];
  let chars = 0;
  ids.forEach((id, index) => {
    const current = slices.at(-1);
    chars += id.length;
    if (current === undefined || index - current[0] >= IMPORT_LIMITS.idsMax || chars > LOOKUP_CHARS_MAX) {
      slices.push([index, index + 1]);
      chars = id.length;
    } else current[1] = index + 1;
  });
  return slices;
};

const signalOption = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 200);
  }
};

const errorOf = (answer: Answer): { code: string; message: string } => {
  const { error } = (answer.body ?? {}) as { error?: { code?: unknown; message?: unknown } };
  const message = typeof error?.message === 'string' ? error.message : `status ${answer.status}`;
  return { code: typeof error?.code === 'string' ? error.code : '', message };
};

const takenOf = (body: unknown): SendResult => {
  const { accepted, rejected } = body as { accepted: number; rejected?: Rejection[] };
  return { kind: 'taken', accepted, rejected: rejected ?? [] };
};

/** Who answers at a URL: an Aevum, something else, or nobody. */
export const probe = async (url: string): Promise<'aevum' | 'other' | 'nobody'> => {
  try {
    const response = await fetch(new URL('/api/ready', url), {
      signal: AbortSignal.timeout(PROBE_TIME_MAX_MS),
    });
    const body = parsed(await response.text());
    return typeof body === 'object' && body !== null ? 'aevum' : 'other';
  } catch (error) {
    return error instanceof TypeError ? 'nobody' : 'other';
  }
};

const PROBE_TIME_MAX_MS = 5_000;
