/** What an event says beyond its type: whatever JSON can hold. */
export type Properties = Readonly<Record<string, unknown>>;

/** Whether events may be sent. `pending`: they are held in memory until it is known. */
export type Consent = 'granted' | 'pending' | 'denied';

/** What may be said of one event beside its type and properties. */
export interface EventOptions {
  /** Events with one id are stored once. Default: a new UUIDv7. */
  readonly id?: string;
  /** When it happened: milliseconds since 1970, a Date, or ISO 8601 with zone. Default: now. */
  readonly timestamp?: number | string | Date;
  /** Default: the user of the last `identify` (browsers), else the anonymous id. */
  readonly userId?: string;
  /** Default: that of this browser; none in Node. */
  readonly anonymousId?: string;
  /** Default: the session of this browser; none in Node. */
  readonly sessionId?: string;
  /** Revenue, exact to six decimals; as text to be exact beyond a double. */
  readonly value?: number | string;
  /** Three letters. */
  readonly currency?: string;
  /** Default: the option `source`. */
  readonly source?: string;
  /** Of the event's schema. */
  readonly version?: string;
  /** Laid over what is known by itself (browsers: page, referrer, language and so on). */
  readonly context?: Properties;
}

/** What went wrong. `code` is stable, `message` says what to do. */
export interface ClientError {
  /**
   * One of the platform's codes, or of this client's own: `queue_full`, `invalid_event` (both not sent), `unreachable` (kept, and sent later), `not_saved`
   * (kept in memory only).
   */
  readonly code: string;
  readonly message: string;
  /** HTTP status, if there was an answer. */
  readonly status?: number | undefined;
  /** Whether these events are gone. If not, they still wait and will be sent. */
  readonly lost: boolean;
  /** Ids of the events that it is about. */
  readonly ids: readonly string[];
}

/** What became of the events since this client was made. */
export interface Stats {
  /** In the queue, not yet acknowledged. */
  readonly waiting: number;
  /** On the platform's disk. */
  readonly accepted: number;
  /** Refused by the platform, each reported to `onError`. */
  readonly refused: number;
  /** Never queued: there was no room, or it was no event that can be sent. Each was reported. */
  readonly dropped: number;
  /** Attempts to send that failed and were, or will be, repeated. */
  readonly retries: number;
}

/** Where waiting events survive: the part of the Web Storage interface that is used. Calls are synchronous; what throws counts as not saved. */
export interface EventStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** How patiently a failed request is repeated. */
export interface RetryOptions {
  /** Attempts in a row, after which `unreachable` is reported and a minute's pause made. Default 6. */
  readonly maxAttempts?: number;
  /** First pause, milliseconds; doubled each time up to 30 s, shortened by up to half at random. `Retry-After` counts if it is longer. Default 500. */
  readonly backoffMs?: number;
}

/** Options of a client. */
export interface ClientOptions {
  /** Where the platform is: `https://events.example.com`. */
  readonly url: string;
  /** A write key (`aev_w_...`): it may stand in pages. */
  readonly writeKey: string;
  /** `source` of the events. Default: `web` in browsers, `server` in Node. */
  readonly source?: string;
  /** Laid over the context of every event: the version of an app, say. */
  readonly context?: Properties;
  /** Events a request; so many waiting are sent at once. Default 100. */
  readonly batchSize?: number;
  /** The longest that an event waits for others, milliseconds. Default 1000. */
  readonly flushInterval?: number;
  /** Of bodies from 1 KiB on. Default `gzip`. */
  readonly compression?: 'gzip' | 'none';
  readonly retry?: RetryOptions;
  /** For the answer to a request, milliseconds. Default 10000. */
  readonly timeoutMs?: number;
  /** Events that may wait; further ones are dropped and reported. Default 1000 in browsers, 10000 in Node. */
  readonly queueEventsMax?: number;
  /** Bytes of the events that may wait. Default 2 MiB in browsers, 64 MiB in Node. */
  readonly queueBytesMax?: number;
  /** Where waiting events survive the page or process. Default: localStorage in browsers, none in Node. `null`: none. */
  readonly storage?: EventStorage | null;
  /** Until `consent` is called, now or earlier with this storage. Default `granted`. */
  readonly consent?: Consent;
  /** Told of everything that is refused, dropped or delayed. What it throws is ignored. */
  readonly onError?: (error: ClientError) => void;
}

/** The client. All calls return at once, but for the two that say when sending is done. */
export interface Client {
  /** Something happened. Answers the event's id, or undefined if it was not queued (no consent, no room, not JSON). */
  track(type: string, properties?: Properties, options?: EventOptions): string | undefined;
  /** Who it is from now on (browsers), and what is known of them: an event `identify` with the property `traits`. */
  identify(userId: string, traits?: Properties, options?: EventOptions): string | undefined;
  /** A page was seen: an event `page_view`. */
  page(properties?: Properties, options?: EventOptions): string | undefined;
  /** Two ids are one person: an event `alias` of the first with the property `previous_id`, by default the id used so far. */
  alias(userId: string, previousId?: string, options?: EventOptions): string | undefined;
  /** Says whether events may be sent; remembered if there is a storage. `denied` forgets what waits and all ids. */
  consent(state: Consent): void;
  /** Sends what waits, and resolves when that is done, or given up for now, with the number of events that still wait. Never rejects. */
  flush(): Promise<number>;
  /** `flush`, for `timeoutMs` at most (default 10000); then nothing is sent any more. */
  shutdown(timeoutMs?: number): Promise<number>;
  /** The user is gone: forgets who it was, begins a new anonymous id and session. What waits is still sent. */
  reset(): void;
  stats(): Stats;
}
