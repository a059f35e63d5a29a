import type { ServerResponse } from 'node:http';
import { observe } from '../lib/telemetry.ts';
import type { LiveFilter } from '../contract/live.ts';
import type { EventBatch, Loss } from './event-batch.ts';
import type { Grant } from './grant.ts';
import { type LiveHub, type Subscribed, subscribeEvents } from './hub.ts';
import { ENDED, READ_FAILED } from './telemetry.ts';

/** A comment is sent this often, so that nobody in between takes the connection for dead. */
const HEARTBEAT_MS = 15_000;
/** A client that has taken nothing of what waits for it for so many heartbeats is gone. */
const STUCK_BEATS_MAX = 4;
/** When a client is to come back after its connection ended, milliseconds. */
const RECONNECT_MS = 1_000;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
  // Nginx would hold everything back.
  'x-accel-buffering': 'no',
} as const;

/** What a stream is asked for. */
export interface StreamRequest {
  readonly filter: LiveFilter;
  readonly after?: string | undefined;
  readonly recent?: number | undefined;
}

/** One event stream (SSE): a subscription to events for everything that speaks HTTP. */
export class EventStream {
  readonly #hub: LiveHub;
  readonly #grant: Grant;
  readonly #response: ServerResponse;
  readonly #endHeartbeat: () => void;
  readonly #subscribed: Subscribed;
  #isEnding = false;
  #stuckBeats = 0;

  /** Throws ApiError, with nothing answered yet, if there are too many subscriptions. */
  constructor(
    hub: LiveHub,
    grant: Grant,
    request: StreamRequest,
    response: ServerResponse,
    onClosed: () => void,
  ) {
    this.#hub = hub;
    this.#grant = grant;
    this.#response = response;
    const sink = {
      isFull: () => response.writableLength > hub.census.bufferBytesMax,
      events: (batch: EventBatch, loss: Loss) => this.#deliver(batch, loss),
    };
    this.#subscribed = subscribeEvents(hub, grant.principal.project, request, sink, {
      start: (position, gap) => this.#start(position, gap),
      failed: (error) => {
        hub.telemetry.emit(READ_FAILED, { error });
        response.destroy();
      },
    });
    this.#endHeartbeat = hub.timers.every(HEARTBEAT_MS, () => void this.#beat());
    // What is wrong with the socket; `close` follows.
    response.on('error', () => undefined);
    response.on('close', () => {
      this.#endHeartbeat();
      this.#subscribed.end();
      onClosed();
    });
  }

  /** Ends the answer; the client comes back. */
  close(): Promise<void> {
    this.#isEnding = true;
    this.#subscribed.end();
    this.#response.end();
    return Promise.resolve();
  }

  /** Without a farewell. */
  terminate(): void {
    this.#response.destroy();
  }

  #start(position: number, gap: boolean): void {
    this.#response.writeHead(200, HEADERS);
    this.#response.write(`retry: ${RECONNECT_MS}\nid: ${position}\n\n${gap ? LOST : ''}`);
  }

  #deliver(batch: EventBatch, { missed, gap }: Loss): void {
    const response = this.#response;
    if (missed > 0 || gap)
      response.write(`event: missed\ndata: ${JSON.stringify({ missed, ...(gap ? { gap } : {}) })}\n\n`);
    response.write(batch.events.length > 0 ? batch.stream() : `id: ${batch.position}\n\n`, () => {
      this.#stuckBeats = 0;
    });
    observe(this.#hub.counters.events, 1);
  }

  /** Called when who may do what has changed: ends a stream whose key or session is over, or may less than when it was opened. */
  async recheck(): Promise<void> {
    if (this.#hasEnded() || (await this.#grant.isValid()) || this.#hasEnded()) return;
    this.#hub.telemetry.emit(ENDED, { reason: 'revoked' });
    await this.close();
  }

  #hasEnded(): boolean {
    return this.#isEnding || this.#response.destroyed;
  }

  async #beat(): Promise<void> {
    const response = this.#response;
    if (response.destroyed) return;
    if (response.writableLength > 0 && (this.#stuckBeats += 1) >= STUCK_BEATS_MAX) {
      this.#hub.telemetry.emit(ENDED, { reason: 'silent' });
      this.terminate();
      return;
    }
    await this.recheck();
    // Nothing is written any more if that has ended it.
    if (this.#hasEnded()) return;
    if (response.headersSent && response.writableLength === 0 && !response.destroyed) {
      this.#stuckBeats = 0;
      response.write(': heartbeat\n\n');
      this.#subscribed.refresh();
    }
  }
}

const LOST = 'event: missed\ndata: {"missed":0,"gap":true}\n\n';
