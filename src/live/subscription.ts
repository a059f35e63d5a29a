import { EventBatch, type Loss } from './event-batch.ts';
import type { EventFilter } from './filter.ts';

/** The way to one client, as a subscription to events sees it. */
export interface EventSink {
  /** Too much waits to be taken by the client already. */
  isFull(): boolean;
  events(batch: EventBatch, loss: Loss): void;
}

/** What came of a delivery. */
export type Delivery = 'delivered' | 'missed';

/**
 * One subscriber to events. It never makes anybody wait: what its client is too slow for is counted, and told with the next message that the client can take.
 *
 * Modes: `behind` (it is brought up to the feed from the log, at its own pace) -> `live`; from both: `ended`.
 */
export class EventSubscription {
  readonly project: string;
  readonly filter: EventFilter;
  /** Of what comes live it wants no more than so many a second; undefined: all. */
  readonly perSecond: number | undefined;
  mode: 'behind' | 'live' | 'ended' = 'behind';
  /** Everything up to here is delivered or counted as missed. */
  position = -1;
  readonly #sink: EventSink;
  #missed = 0;
  #gap = false;
  #leftOut = 0;

  constructor(project: string, filter: EventFilter, sink: EventSink, perSecond?: number) {
    this.project = project;
    this.filter = filter;
    this.perSecond = perSecond;
    this.#sink = sink;
  }

  /** What those have in common who get the same. */
  get groupKey(): string {
    return `${this.perSecond ?? 'all'} ${this.filter.key}`;
  }

  get isFull(): boolean {
    return this.#sink.isFull();
  }

  /** Whether the client has to be told of something that it did not get. */
  get owes(): boolean {
    return this.#missed > 0 || this.#gap;
  }

  deliver(batch: EventBatch): Delivery {
    if (this.#sink.isFull()) {
      this.miss(batch.events.length, batch.position);
      return 'missed';
    }
    this.position = batch.position;
    this.#sink.events(batch, { missed: this.#missed, gap: this.#gap, leftOut: this.#leftOut });
    this.#missed = 0;
    this.#leftOut = 0;
    this.#gap = false;
    return 'delivered';
  }

  /** So many events up to a position were not delivered. */
  miss(count: number, position: number): void {
    this.#missed += count;
    this.position = position;
  }

  /** So many events up to a position were more than it wants. It is told with the next delivery. */
  leaveOut(count: number, position: number): void {
    this.#leftOut += count;
    this.position = position;
  }

  /** Something is not in the log any more; nobody knows how many events. */
  passOver(): void {
    this.#gap = true;
  }

  /** Tells what is owed, if the client can take it now. */
  settle(): boolean {
    if (!this.owes || this.#sink.isFull()) return false;
    this.deliver(new EventBatch(this.position, []));
    return true;
  }
}
