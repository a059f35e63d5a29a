import { CODES, EngineError } from './engine-error.ts';
import type { LaneKind } from './engine-options.ts';
import { Lane, type SessionPlace } from './lane.ts';

/** Requests that may wait for a lane of one kind; further ones are refused. */
const WAITING_MAX = 512;

interface Waiter {
  readonly take: (lane: Lane) => void;
}

/** Lanes of one kind, each lent to one request at a time, in the order of asking. */
class LaneGroup {
  readonly #idle: Lane[];
  readonly #waiting = new Set<Waiter>();
  readonly lanes: readonly Lane[];

  constructor(lanes: Lane[]) {
    this.lanes = lanes;
    this.#idle = [...lanes];
  }

  borrow(signal: AbortSignal): Promise<Lane> {
    signal.throwIfAborted();
    const lane = this.#idle.pop();
    if (lane !== undefined) return Promise.resolve(lane);
    if (this.#waiting.size >= WAITING_MAX)
      throw new EngineError(CODES.TOO_MANY_SIMULTANEOUS_QUERIES, 'Too many simultaneous queries');
    return this.#wait(signal);
  }

  giveBack(lane: Lane): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#idle.push(lane);
    else next.take(lane);
  }

  #wait(signal: AbortSignal): Promise<Lane> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        take: (lane) => {
          leave();
          resolve(lane);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', onAbort);
    });
  }
}

/** All sessions of the engine: one to load, some to read, one to control, and one more that only ends statements. */
export class LanePool {
  readonly #groups: Readonly<Record<LaneKind, LaneGroup>>;
  readonly #killer: Lane;
  #killing: Promise<unknown> = Promise.resolve();

  constructor(place: SessionPlace, readLanes: number) {
    const group = (count: number): LaneGroup =>
      new LaneGroup(Array.from({ length: count }, () => new Lane(place)));
    this.#killer = new Lane(place);
    this.#groups = { load: group(1), read: group(readLanes), control: group(1) };
  }

  /** Lends a lane to `work`. Waits for a free one; `signal` ends the waiting, not the work. */
  async use<T>(kind: LaneKind, signal: AbortSignal, work: (lane: Lane) => Promise<T>): Promise<T> {
    const group = this.#groups[kind];
    const lane = await group.borrow(signal);
    try {
      return await work(lane);
    } finally {
      group.giveBack(lane);
    }
  }

  /** Asks the engine to end the statements whose `log_comment` is `id`. Always asynchronous: a synchronous KILL of a stream never returns. */
  kill(id: string): Promise<unknown> {
    const where = `Settings['log_comment'] = '${id.replaceAll(/[^\w-]/g, '')}'`;
    const options = { format: 'Null', database: undefined, settings: new Map<string, string>() };
    const next = this.#killing.then(() => this.#killer.run(`KILL QUERY WHERE ${where} ASYNC`, options));
    this.#killing = next.catch(() => undefined);
    return this.#killing;
  }

  close(): void {
    for (const group of Object.values(this.#groups)) for (const lane of group.lanes) lane.close();
    this.#killer.close();
  }
}
