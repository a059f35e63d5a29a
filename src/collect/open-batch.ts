import type { Block } from '../event/block.ts';
import { BlockBuilder } from '../event/block-builder.ts';
import { columnIndex, EVENTS, LEDGER, REFUSED } from '../event/columns.ts';
import type { BatchSink, RejectedEvent } from '../event/decode-json.ts';
import { encodeRawRecord } from '../event/record.ts';
import type { ApiError } from '../event/errors.ts';

const MINUTE_MS = 60_000;

const LEDGER_COLUMN = {
  project: columnIndex(LEDGER, 'project'),
  minute: columnIndex(LEDGER, 'minute'),
  account: columnIndex(LEDGER, 'account'),
  events: columnIndex(LEDGER, 'events'),
} as const;

/** What a request hears when its events are durable. */
export interface CollectAnswer {
  /** Events that will be stored, unless a later step finds a reason against it. */
  readonly accepted: number;
  /** Where in the raw log the request stands, as text; null if it held no events at all. */
  readonly position: string | null;
  readonly rejected: readonly RejectedEvent[];
}

/** A request whose events are in a batch, waiting to be durable. */
export interface Waiter {
  readonly accepted: number;
  readonly rejected: readonly RejectedEvent[];
  readonly resolve: (answer: CollectAnswer) => void;
  readonly reject: (error: ApiError) => void;
}

/** A batch that takes in no more: the bytes of one raw record, and who waits for it. */
export interface SealedBatch {
  readonly rows: number;
  /** Sum of the bodies, what the bound of the queue counts. */
  readonly bytes: number;
  readonly payload: readonly Uint8Array[];
  /** What of it was booked as received. */
  readonly received: Block<typeof LEDGER>;
  readonly waiters: readonly Waiter[];
}

interface ReceivedCount {
  readonly project: string;
  readonly minuteMs: number;
  events: number;
}

/** Collects the requests that will share one raw record. Emptied by `seal` and used again. */
export class OpenBatch {
  readonly sink: BatchSink = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
  readonly #ledger = new BlockBuilder(LEDGER);
  #waiters: Waiter[] = [];
  #bytes = 0;
  #received = new Map<string, ReceivedCount>();
  #last: ReceivedCount | undefined;

  /** Sum of the bodies taken in. */
  get bytes(): number {
    return this.#bytes;
  }

  get rows(): number {
    return this.sink.events.rows + this.sink.refused.rows;
  }

  get requests(): number {
    return this.#waiters.length;
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  /** Books a request whose rows the decoder has put into `sink`. */
  add(waiter: Waiter, bodyBytes: number, project: string, receivedAtMs: number, received: number): void {
    this.#waiters.push(waiter);
    this.#bytes += bodyBytes;
    this.#countOf(project, receivedAtMs - (receivedAtMs % MINUTE_MS)).events += received;
  }

  /** Builds the raw record and starts anew. */
  seal(): SealedBatch {
    const { rows } = this;
    const received = this.#buildLedger();
    const payload = encodeRawRecord({
      events: this.sink.events.build(),
      refused: this.sink.refused.build(),
      received,
    });
    const sealed = { rows, bytes: this.#bytes, payload, received, waiters: this.#waiters };
    this.#waiters = [];
    this.#bytes = 0;
    this.#received = new Map();
    this.#last = undefined;
    return sealed;
  }

  #buildLedger(): Block<typeof LEDGER> {
    for (const { project, minuteMs, events } of this.#received.values()) {
      this.#ledger.text(LEDGER_COLUMN.project, project);
      this.#ledger.int64(LEDGER_COLUMN.minute, minuteMs);
      this.#ledger.text(LEDGER_COLUMN.account, 'received');
      this.#ledger.uint64(LEDGER_COLUMN.events, events);
      this.#ledger.endRow();
    }
    return this.#ledger.build();
  }

  /** Mostly the one of the request before. */
  #countOf(project: string, minuteMs: number): ReceivedCount {
    const last = this.#last;
    if (last !== undefined && last.minuteMs === minuteMs && last.project === project) return last;
    const key = `${minuteMs} ${project}`;
    let count = this.#received.get(key);
    if (count === undefined) {
      count = { project, minuteMs, events: 0 };
      this.#received.set(key, count);
    }
    this.#last = count;
    return count;
  }
}
