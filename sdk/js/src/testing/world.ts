import { gunzipSync, gzipSync } from 'node:zlib';
import { createCore, type Core } from '../core.ts';
import type { Environment } from '../environment.ts';
import type { ClientError, ClientOptions, EventStorage } from '../types.ts';

/** An event as it was sent. */
export interface SentEvent {
  readonly id: string;
  readonly timestamp: number;
  readonly type: string;
  readonly [name: string]: unknown;
}

/** A request as it was sent. */
export interface Sent {
  readonly url: string;
  readonly init: RequestInit;
  readonly events: readonly SentEvent[];
}

/** What a platform answers; an error: the network fails; never: it does not answer. */
export type Answer = (sent: Sent) => Response | Error | Promise<never>;

/** Takes everything. */
export const accept: Answer = ({ events }) =>
  Response.json({ accepted: events.length, position: '1', rejected: [] }, { status: 202 });

/** An answer that refuses the request. */
export const refuse =
  (status: number, headers: Record<string, string> = {}, code = 'some_code'): Answer =>
  () =>
    Response.json({ error: { code, message: 'What to do.' } }, { status, headers });

/** A storage in memory, with room for so many characters. */
export class MemoryStorage implements EventStorage {
  readonly items = new Map<string, string>();
  charactersMax = Number.POSITIVE_INFINITY;

  get length(): number {
    return this.items.size;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (value.length > this.charactersMax) throw new Error('QuotaExceededError');
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
  /** Names of stored events. */
  get events(): string[] {
    return [...this.items.keys()].filter((key) => key.includes('.e.'));
  }
}

/** The clock begins here. */
export const START_MS = Date.UTC(2026, 10, 20, 12);

/** A clock, a network and a storage under control. Several clients may live in one. */
export class World {
  nowMs = START_MS;
  answer: Answer = accept;
  readonly sent: Sent[] = [];
  readonly errors: ClientError[] = [];
  readonly storage = new MemoryStorage();
  campaign: Record<string, string> | undefined;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  /** A client of a page; `isNode`: of a process. */
  client(options: Partial<ClientOptions> = {}, isNode = false): Core {
    const defaults = { url: 'https://events.example/', writeKey: 'key', onError: this.#onError };
    return createCore({ ...defaults, ...options }, { ...this.#environment(), ...(isNode ? NODE : {}) });
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.callback();
      await settle();
    }
    this.nowMs = endMs;
  }

  /** Types of all events sent, request by request. */
  get types(): string[][] {
    return this.sent.map(({ events }) => events.map(({ type }) => type));
  }

  readonly #onError = (error: ClientError): void => {
    this.errors.push(error);
  };

  #environment(): Environment {
    return {
      source: 'web',
      queueEventsMax: 1000,
      queueBytesMax: 1024 * 1024,
      storage: this.storage,
      now: () => this.nowMs,
      random: () => 0,
      setTimeout: (callback, ms) => {
        const timer = { atMs: this.nowMs + ms, callback };
        this.#timers.push(timer);
        return timer;
      },
      clearTimeout: (timer) => {
        this.#timers = this.#timers.filter((each) => each !== timer);
      },
      fetch: (url, init) => this.#fetch(url, init),
      gzip: (text) => Promise.resolve(new Uint8Array(gzipSync(text))),
      context: () => ({ page: '/here' }),
      campaign: () => this.campaign,
    };
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    const text = init.body instanceof Uint8Array ? gunzipSync(init.body).toString() : (init.body as string);
    const sent = { url, init, events: JSON.parse(text) as SentEvent[] };
    this.sent.push(sent);
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
    const answer = this.answer(sent);
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.race([Promise.resolve(answer), aborted]);
  }
}

const NODE = {
  source: 'server',
  context: () => ({}),
  campaign: undefined,
  storage: null,
} as unknown as Partial<Environment>;

/** Everything that follows from what happened, without time. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};
