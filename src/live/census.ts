import { LIVE_LIMITS } from '../contract/live.ts';
import { ApiError } from '../event/errors.ts';
import { type MetricState, observe, type Telemetry } from '../lib/telemetry.ts';
import { CONNECTIONS, SUBSCRIPTIONS } from './telemetry.ts';

/** What may wait for one client; and for all together, as long as they are not very many. */
const BUFFER_BYTES_MAX = 1024 * 1024;
const BUFFER_BYTES_TOTAL = 256 * 1024 * 1024;

/** Kinds of connections and of subscriptions. */
export type Counted = 'websocket' | 'stream' | 'events' | 'trend';

/** How many there may be. */
export interface CensusLimits {
  readonly connectionsMax: number;
  readonly waitingMax: number;
  readonly subscriptionsMax: number;
}

/** Counts what is open, and bounds it. */
export class Census {
  readonly #limits: CensusLimits;
  readonly #counts: Record<Counted, number> = { websocket: 0, stream: 0, events: 0, trend: 0 };
  #waiting = 0;
  readonly #gauges: Readonly<Record<Counted, MetricState>>;

  constructor(telemetry: Telemetry, limits: CensusLimits = LIVE_LIMITS) {
    this.#limits = limits;
    this.#gauges = {
      websocket: telemetry.series(CONNECTIONS, { kind: 'websocket' }),
      stream: telemetry.series(CONNECTIONS, { kind: 'stream' }),
      events: telemetry.series(SUBSCRIPTIONS, { kind: 'events' }),
      trend: telemetry.series(SUBSCRIPTIONS, { kind: 'trend' }),
    };
  }

  /** With more than this waiting for a client it is slow: it gets nothing more until that is less. */
  get bufferBytesMax(): number {
    const { websocket, stream } = this.#counts;
    return Math.min(BUFFER_BYTES_MAX, BUFFER_BYTES_TOTAL / Math.max(1, websocket + stream));
  }

  /** One more connection; the answered function takes it off again, once. Throws ApiError if there are enough. */
  connect(kind: 'websocket' | 'stream'): () => void {
    const { websocket, stream } = this.#counts;
    return this.#add(kind, websocket + stream, this.#limits.connectionsMax, 'connections');
  }

  /** One more connection on which nobody has signed in; the answered function is for when somebody has, or it is gone. */
  wait(): () => void {
    const { waitingMax } = this.#limits;
    if (this.#waiting >= waitingMax)
      throw new ApiError(
        'too_many_subscriptions',
        `${waitingMax} connections wait for their first message already. Try again in some seconds, or connect with a key in a header, a session or a ticket.`,
      );
    this.#waiting += 1;
    let isWaiting = true;
    return () => {
      if (isWaiting) this.#waiting -= 1;
      isWaiting = false;
    };
  }

  /** One more subscription, likewise. */
  subscribe(kind: 'events' | 'trend'): () => void {
    const { events, trend } = this.#counts;
    return this.#add(kind, events + trend, this.#limits.subscriptionsMax, 'subscriptions');
  }

  #add(kind: Counted, there: number, max: number, what: string): () => void {
    if (there >= max)
      throw new ApiError('too_many_subscriptions', `${max} live ${what} are open already. Try again later.`);
    this.#change(kind, 1);
    let isOpen = true;
    return () => {
      if (isOpen) this.#change(kind, -1);
      isOpen = false;
    };
  }

  #change(kind: Counted, by: number): void {
    this.#counts[kind] += by;
    observe(this.#gauges[kind], this.#counts[kind]);
  }
}
