import { SharedMessage } from './shared-message.ts';

/** A batch holds no more, so that a slow subscriber misses little at a time. */
const BATCH_EVENTS_MAX = 500;
const BATCH_BYTES_MAX = 256 * 1024;

/** What a delivery says beside its events. */
export interface Loss {
  /** Events that were not delivered since the delivery before. */
  readonly missed: number;
  /** Besides, an unknown number was passed over. */
  readonly gap: boolean;
  /** Events that were not wanted: `per_second`. */
  readonly leftOut: number;
}

/** Events that some subscriptions get, in the forms in which they are sent: each is made once, when it is first wanted. */
export class EventBatch {
  /** Everything up to here is delivered with this batch; -1 before the first record. */
  readonly position: number;
  /** Each event as JSON. */
  readonly events: readonly string[];
  /** So many matching events behind `position` are delivered with this batch and those before it. */
  readonly beyond: number;
  #shared: SharedMessage | undefined;
  #ownOfMost: string | undefined;
  #stream: Buffer | undefined;

  constructor(position: number, events: readonly string[], beyond = 0) {
    this.position = position;
    this.events = events;
    this.beyond = beyond;
  }

  /** The message for a WebSocket, in one part or in two that follow each other. */
  message(id: string, { missed, gap, leftOut }: Loss): readonly Buffer[] {
    this.#shared ??= new SharedMessage('events', `"events":[${this.events.join(',')}]}`);
    const own =
      missed === 0 && !gap && leftOut === 0
        ? (this.#ownOfMost ??= this.#own(0, ''))
        : this.#own(missed, `${gap ? '"gap":true,' : ''}${leftOut === 0 ? '' : `"left_out":${leftOut},`}`);
    return this.#shared.parts(id, own);
  }

  #own(missed: number, more: string): string {
    return `"position":"${this.position}","missed":${missed},${more}`;
  }

  /** The text for an event stream: one message an event. Only the last one carries the position, so that a reader that goes on there has had them all. */
  stream(): Buffer {
    const last = this.events.length - 1;
    return (this.#stream ??= Buffer.from(
      this.events
        .map((event, index) => `${index === last ? `id: ${this.position}\n` : ''}data: ${event}\n\n`)
        .join(''),
    ));
  }
}

/**
 * Puts events into batches. A record that needs several is only behind its reader with the last of them: until then they carry the position before it, so that going on from
 * there repeats events rather than losing some.
 */
export class BatchBuilder {
  readonly batches: EventBatch[] = [];
  #events: string[] = [];
  #chars = 0;
  #position: number;
  #beyond: number;

  /** `position`: everything up to here is delivered already, and so many matching events behind it. */
  constructor(position: number, beyond = 0) {
    this.#position = position;
    this.#beyond = beyond;
  }

  add(event: string): void {
    if (this.#events.length >= BATCH_EVENTS_MAX || this.#chars + event.length > BATCH_BYTES_MAX)
      this.#flush();
    this.#events.push(event);
    this.#chars += event.length;
    this.#beyond += 1;
  }

  /** All events up to this position are added. */
  reached(position: number): void {
    if (position > this.#position) this.#beyond = 0;
    this.#position = position;
  }

  /** The batches; empty when there were no events. */
  finish(): readonly EventBatch[] {
    this.#flush();
    return this.batches;
  }

  #flush(): void {
    if (this.#events.length === 0) return;
    this.batches.push(new EventBatch(this.#position, this.#events, this.#beyond));
    this.#events = [];
    this.#chars = 0;
  }
}
