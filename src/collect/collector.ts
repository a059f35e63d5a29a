import type { Principal } from '../access/principal.ts';
import type { Block } from '../event/block.ts';
import type { LEDGER } from '../event/columns.ts';
import {
  type DecodeResult,
  decodeEvents,
  type Framing,
  JsonSyntaxError,
  TooManyEventsError,
} from '../event/decode-json.ts';
import { ApiError, type ErrorCode } from '../event/errors.ts';
import type { EventLimits } from '../event/limits.ts';
import type { ReasonCode } from '../event/outcome.ts';
import { createUuidV7Source } from '../event/uuid.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { LogError, type LogErrorCode, type LogWriter, type Position } from '../log/log.ts';
import { type CollectAnswer, OpenBatch, type SealedBatch } from './open-batch.ts';
import { RateLimiter, type RateLimit } from './rate-limit.ts';
import { createReceiptClock } from './receipt-clock.ts';
import { COMMITTED, LOG_RECOVERED, LOG_TROUBLE, REJECTED, TURNED_AWAY, WAITING } from './telemetry.ts';

export type { CollectAnswer } from './open-batch.ts';

/** A raw record takes in no more bodies beyond these: bounds what processing must hold at once. A record may exceed them by one body. */
const RECORD_BYTES_MAX = 8 * 1024 * 1024;
const RECORD_ROWS_MAX = 50_000;
/** With so much at hand, waiting for more requests to share the commit gains nothing; with less, each record's fixed costs here, in the processor and on disk weigh more than the wait. */
const COMMIT_AT_ONCE_BYTES = 256 * 1024;
const COMMIT_AT_ONCE_REQUESTS = 32;
/** What a client is told to wait when the disk is full or failing, seconds. */
const LOG_RETRY_SECONDS = 5;

/** What a Collector needs. */
export interface CollectorOptions {
  /** The raw topic. */
  readonly log: LogWriter;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly limits: EventLimits;
  /** How old a live event may be when received, milliseconds. */
  readonly staleLimitMs: number;
  /** How far in the future a live event may be when received, milliseconds. */
  readonly futureLimitMs: number;
  /** Commits start at least this far apart, milliseconds, unless enough has gathered: so that single events share them when few arrive. */
  readonly commitIntervalMs: number;
  /** Bytes of bodies that may wait to be durable. A single larger body is taken when nothing else waits. */
  readonly queueBytesMax: number;
  /** A key; off if undefined. */
  readonly rateLimit?: RateLimit | undefined;
  /** Whether a key, by its id, is still in force: it may be revoked while a body is on its way. */
  readonly isActiveKey: (keyId: string) => boolean;
  /** Told of every record as soon as it is durable, before its requests are answered. Must not throw. */
  readonly onDurable?: (position: Position, received: Block<typeof LEDGER>) => void;
  /** Told when the log stops taking writes, and (null) when it takes them again. For health and readiness. */
  readonly onTrouble?: (trouble: LogTrouble | null) => void;
}

/** Why nothing is taken in. */
export interface LogTrouble {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What may be said of a request beside its body. */
export interface CollectOptions {
  /** Name of a declared backfill: no event is too old or too far in the future. The caller has checked the right to it. */
  readonly backfill?: string | undefined;
}

/** Takes bodies of events in. */
export interface Collector {
  /**
   * Decodes a body and resolves once its events are durable. Rejects with ApiError: nothing of the body was taken in then, except for `log_failed`, where it
   * is not known. The body is read before the call returns and may be reused.
   */
  collect(
    body: Uint8Array,
    framing: Framing,
    principal: Principal,
    options?: CollectOptions,
  ): Promise<CollectAnswer>;
  /** Bytes of bodies that wait to be durable. */
  readonly waitingBytes: number;
  /** Resolves when what was taken in before the call is durable (or has failed). */
  flushed(): Promise<void>;
  /** Takes in nothing more and resolves when what was taken in is durable (or has failed). */
  close(): Promise<void>;
}

/** How a failure of the log is told: `full` and `busy` left nothing written and may pass; after the others this writer is done. */
const LOG_FAILURES: Readonly<Record<LogErrorCode, { readonly code: ErrorCode; readonly isFinal: boolean }>> =
  {
    full: { code: 'log_full', isFinal: false },
    busy: { code: 'queue_full', isFinal: false },
    too_large: { code: 'body_too_large', isFinal: false },
    failed: { code: 'log_failed', isFinal: true },
    fenced: { code: 'log_failed', isFinal: true },
    closed: { code: 'log_failed', isFinal: true },
  };

/**
 * Requests are decoded straight into one shared open batch. One commit at a time is under way; what arrives meanwhile gathers for the next. So single events cost a
 * fraction of an fsync each, and a lone one waits for nobody.
 *
 * Modes: `open`; `failed`, entered when the log says that it is done; `closing`, entered by close(). The last two are not left.
 */
class LogCollector implements Collector {
  readonly #options: CollectorOptions;
  readonly #receiptMs: () => number;
  readonly #newId: () => string;
  readonly #limiter: RateLimiter | undefined;
  readonly #open = new OpenBatch();
  readonly #sealed: SealedBatch[] = [];
  #mode: 'open' | 'failed' | 'closing' = 'open';
  #failure: ApiError | undefined;
  #trouble = false;
  #waitingBytes = 0;
  #isCommitting = false;
  #isImmediate = false;
  #timer: NodeJS.Timeout | undefined;
  #commitStartedMs = Number.NEGATIVE_INFINITY;
  #idle: (() => void) | undefined;
  /** Batches sealed, and batches whose commit has ended, since the start. */
  #sealedSum = 0;
  #endedSum = 0;
  #awaited: { readonly batches: number; readonly resolve: () => void }[] = [];

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#receiptMs = createReceiptClock(options.clock, options.telemetry);
    this.#newId = createUuidV7Source(options.clock);
    this.#limiter = options.rateLimit && new RateLimiter(options.rateLimit, options.clock);
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  collect(
    body: Uint8Array,
    framing: Framing,
    principal: Principal,
    options: CollectOptions = {},
  ): Promise<CollectAnswer> {
    try {
      this.#admit(body.length, principal);
      return this.#take(body, framing, principal, options);
    } catch (error) {
      return Promise.reject(this.#turnedAway(error));
    }
  }

  async flushed(): Promise<void> {
    const batches = this.#sealedSum + (this.#open.isEmpty ? 0 : 1);
    if (this.#endedSum >= batches) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited.push({ batches, resolve });
    await promise;
  }

  async close(): Promise<void> {
    if (this.#mode === 'open') this.#mode = 'closing';
    if (!this.#isCommitting && this.#open.isEmpty && this.#sealed.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    if (!this.#isCommitting) this.#commit();
    await promise;
  }

  #admit(bodyBytes: number, principal: Principal): void {
    if (this.#mode === 'closing') throw new ApiError('stopping');
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#options.isActiveKey(principal.keyId)) throw new ApiError('unknown_key');
    if (this.#waitingBytes > 0 && this.#waitingBytes + bodyBytes > this.#options.queueBytesMax)
      throw new ApiError('queue_full');
    const waitSeconds = this.#limiter?.waitSeconds(principal.keyId) ?? 0;
    if (waitSeconds > 0) throw new ApiError('rate_limited', undefined, { retryAfterSeconds: waitSeconds });
  }

  #take(
    body: Uint8Array,
    framing: Framing,
    principal: Principal,
    options: CollectOptions,
  ): Promise<CollectAnswer> {
    const { limits, staleLimitMs, futureLimitMs } = this.#options;
    if (this.#open.bytes + body.length > RECORD_BYTES_MAX && !this.#open.isEmpty) this.#seal();
    const { project } = principal;
    const isLive = options.backfill === undefined;
    const receivedAtMs = this.#receiptMs();
    const result = decodeEvents(body, framing, this.#open.sink, {
      project,
      receivedAtMs,
      staleMs: isLive ? staleLimitMs : null,
      futureMs: isLive ? futureLimitMs : null,
      limits,
      newId: this.#newId,
    });
    this.#limiter?.charge(principal.keyId, result.received);
    if (result.received === 0) return Promise.resolve({ accepted: 0, position: null, rejected: [] });
    const { accepted, rejected } = result;
    return new Promise((resolve, reject) => {
      this.#open.add(
        { accepted, rejected, resolve, reject },
        body.length,
        project,
        receivedAtMs,
        result.received,
      );
      this.#waitingBytes += body.length;
      if (rejected.length > 0) this.#countRejected(result);
      if (this.#open.bytes >= RECORD_BYTES_MAX || this.#open.rows >= RECORD_ROWS_MAX) this.#seal();
      this.#schedule();
    });
  }

  #seal(): void {
    this.#sealed.push(this.#open.seal());
    this.#sealedSum++;
  }

  /** Sees to it that a commit starts as soon as it should. */
  #schedule(): void {
    if (this.#isCommitting || this.#isImmediate) return;
    if (this.#sealed.length > 0 || this.#open.bytes >= COMMIT_AT_ONCE_BYTES) {
      this.#commit();
      return;
    }
    const dueMs =
      this.#open.requests >= COMMIT_AT_ONCE_REQUESTS
        ? 0
        : this.#commitStartedMs + this.#options.commitIntervalMs - this.#options.clock.monotonicMs();
    if (dueMs <= 0) {
      // Rather than now: requests that arrived in the same turn of the event loop come along.
      this.#isImmediate = true;
      setImmediate(this.#onImmediate);
    } else this.#timer ??= setTimeout(this.#onTimer, dueMs);
  }

  readonly #onImmediate = (): void => {
    this.#isImmediate = false;
    if (!this.#isCommitting) this.#commit();
  };

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    if (!this.#isCommitting) this.#commit();
  };

  #commit(): void {
    if (this.#sealed.length === 0 && !this.#open.isEmpty) this.#seal();
    const batch = this.#sealed.shift();
    if (batch === undefined) {
      this.#idle?.();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isCommitting = true;
    this.#commitStartedMs = this.#options.clock.monotonicMs();
    void this.#append(batch).finally(() => {
      this.#isCommitting = false;
      this.#waitingBytes -= batch.bytes;
      this.#ended();
      this.#options.telemetry.emit(WAITING, { bytes: this.#waitingBytes });
      if (this.#idle !== undefined) this.#commit();
      else if (this.#sealed.length > 0 || !this.#open.isEmpty) this.#schedule();
    });
  }

  /** A commit has ended: tells those who waited for it. */
  #ended(): void {
    this.#endedSum++;
    if (this.#awaited.length === 0) return;
    for (const { batches, resolve } of this.#awaited) if (batches <= this.#endedSum) resolve();
    this.#awaited = this.#awaited.filter(({ batches }) => batches > this.#endedSum);
  }

  async #append(batch: SealedBatch): Promise<void> {
    const { log, clock, telemetry } = this.#options;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const at = await log.append({ rows: batch.rows }, batch.payload);
      this.#options.onDurable?.(at, batch.received);
      const position = String(at);
      let acceptedSum = 0;
      for (const { accepted, rejected, resolve } of batch.waiters) {
        acceptedSum += accepted;
        resolve({ accepted, position, rejected });
      }
      this.#recovered();
      const ms = clock.monotonicMs() - this.#commitStartedMs;
      const { rows, bytes, waiters } = batch;
      telemetry.emit(COMMITTED, { requests: waiters.length, accepted: acceptedSum, rows, bytes, ms });
    } catch (error) {
      const told = this.#logFailure(error);
      for (const { reject } of batch.waiters) reject(told);
    }
  }

  #logFailure(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    const { code, isFinal } = LOG_FAILURES[error instanceof LogError ? error.code : 'failed'];
    const told = new ApiError(code, undefined, { retryAfterSeconds: LOG_RETRY_SECONDS, cause: error });
    if (isFinal) {
      this.#failure = told;
      if (this.#mode === 'open') this.#mode = 'failed';
    }
    if (code === 'log_full' || code === 'log_failed') this.#troubled(code, error);
    return told;
  }

  #troubled(code: ErrorCode, error: unknown): void {
    const trouble = { code, message: error instanceof Error ? error.message : String(error) };
    if (!this.#trouble) this.#options.telemetry.emit(LOG_TROUBLE, trouble);
    this.#trouble = true;
    this.#options.onTrouble?.(trouble);
  }

  #recovered(): void {
    if (!this.#trouble) return;
    this.#trouble = false;
    this.#options.telemetry.emit(LOG_RECOVERED, {});
    this.#options.onTrouble?.(null);
  }

  #countRejected({ rejected }: DecodeResult): void {
    const counts = new Map<ReasonCode, number>();
    for (const { code } of rejected) counts.set(code, (counts.get(code) ?? 0) + 1);
    for (const [code, events] of counts) this.#options.telemetry.emit(REJECTED, { code, events });
  }

  #turnedAway(error: unknown): unknown {
    const told = apiErrorOf(error);
    if (told instanceof ApiError) this.#options.telemetry.emit(TURNED_AWAY, { code: told.code });
    return told;
  }
}

/** What a client is told of a body that cannot be decoded; other errors stay what they are. */
export const apiErrorOf = (error: unknown): unknown => {
  if (error instanceof JsonSyntaxError) {
    const { message, byteOffset, line, column } = error;
    return new ApiError('invalid_json', message, { details: { byte_offset: byteOffset, line, column } });
  }
  if (error instanceof TooManyEventsError)
    return new ApiError('too_many_events', error.message, { details: { limit: error.limit } });
  return error;
};

/**
 * Makes the collector that writes to a raw topic.
 *
 * @example
 * const { accepted, position } = await collector.collect(body, 'batch', principal);
 */
export const createCollector = (options: CollectorOptions): Collector => new LogCollector(options);
