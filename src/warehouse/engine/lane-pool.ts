import { randomUUID } from 'node:crypto';
import { setImmediate as afterSending } from 'node:timers/promises';
import { CODES, EngineError } from './engine-error.ts';
import type { LaneKind } from './engine-options.ts';
import { Lane, type SessionPlace, type SessionStart } from './lane.ts';

/** The lanes that a statement can run on: those that requests name, and one for statements of users that may see no row. */
export type PooledLane = LaneKind | 'rehearsal';

/** Requests that may wait for a lane of a kind; further ones are refused. */
const WAITING_MAX: Readonly<Record<PooledLane, number>> = {
  ...{ load: 512, read: 512, control: 512 },
  ...{ sql: 64, rehearsal: 64 },
};

const PROCESSES = `SELECT Settings['log_comment'], toFloat64(read_rows), toFloat64(total_rows_approx), toFloat64(greatest(memory_usage, 0))
  FROM system.processes WHERE Settings['log_comment'] != ''`;

/** How many lanes there are of the kinds of which there may be more than one, and where sessions for statements of users begin. */
export interface LanePoolOptions {
  readonly readLanes: number;
  readonly sqlLanes: number;
  readonly sqlStart: Required<SessionStart>;
  /** Of those that may see no row: the very state that their statements run in, the statement under way named `id`. */
  readonly rehearsalStart: (id: string) => Required<SessionStart>;
}

interface Waiter {
  readonly take: (lane: Lane) => void;
}

/** Lanes of one kind, each lent to one request at a time, in the order of asking. */
class LaneGroup {
  readonly #idle: Lane[];
  readonly #waiting = new Set<Waiter>();
  readonly #waitingMax: number;
  readonly lanes: readonly Lane[];

  constructor(lanes: Lane[], waitingMax: number) {
    this.lanes = lanes;
    this.#waitingMax = waitingMax;
    this.#idle = [...lanes];
  }

  borrow(signal: AbortSignal): Promise<Lane> {
    signal.throwIfAborted();
    const lane = this.#idle.pop();
    if (lane !== undefined) return Promise.resolve(lane);
    if (this.#waiting.size >= this.#waitingMax)
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

/** All sessions of the engine: one to load, some to read, some for statements of users, one to control, and one more that only ends statements and looks at them. */
export class LanePool {
  readonly #groups: Readonly<Record<PooledLane, LaneGroup>>;
  readonly #killer: Lane;
  #killing: Promise<void> = Promise.resolve();
  readonly #renewing = new Set<Promise<void>>();

  constructor(place: SessionPlace, { readLanes, sqlLanes, sqlStart, rehearsalStart }: LanePoolOptions) {
    const group = (kind: PooledLane, count: number, open = () => new Lane(place)): LaneGroup =>
      new LaneGroup(Array.from({ length: count }, open), WAITING_MAX[kind]);
    this.#killer = new Lane(place);
    this.#groups = {
      load: group('load', 1),
      read: group('read', readLanes),
      control: group('control', 1),
      sql: group('sql', sqlLanes, () => new Lane(place, sqlStart)),
      rehearsal: group('rehearsal', sqlLanes, () => new Lane(place, rehearsalStart(randomUUID()), true)),
    };
  }

  /** Lends a lane to `work`. Waits for a free one; `signal` ends the waiting, not the work. */
  async use<T>(kind: PooledLane, signal: AbortSignal, work: (lane: Lane) => Promise<T>): Promise<T> {
    const group = this.#groups[kind];
    const lane = await group.borrow(signal);
    try {
      signal.throwIfAborted();
      return await work(lane);
    } finally {
      this.#giveBack(group, lane);
    }
  }

  /** Resolves once no session is being made ready. */
  async settle(): Promise<void> {
    await Promise.all(this.#renewing);
  }

  /** Nobody waits for a session to be made ready but who wants the lane next: it is done once the answer has gone. */
  #giveBack(group: LaneGroup, lane: Lane): void {
    if (!lane.isSpent) return group.giveBack(lane);
    const renewed = afterSending()
      .then(() => lane.renew())
      .then(() => {
        this.#renewing.delete(renewed);
        group.giveBack(lane);
      });
    this.#renewing.add(renewed);
  }

  /** Asks the engine to end the statements whose `log_comment` is `id`. Always asynchronous: a synchronous KILL of a stream never returns. */
  kill(id: string): Promise<void> {
    const where = `Settings['log_comment'] = '${id.replaceAll(/[^\w-]/g, '')}'`;
    const options = { format: 'Null', database: undefined, settings: new Map<string, string>() };
    const next = this.#killing.then(() => this.#killer.run(`KILL QUERY WHERE ${where} ASYNC`, options));
    this.#killing = next.then(
      () => undefined,
      () => undefined,
    );
    return this.#killing;
  }

  /** How far the statements are that run, as rows of JSON: `log_comment`, rows read, rows in all, bytes of memory. Throws EngineError. */
  async look(): Promise<string> {
    const options = {
      format: 'JSONCompactEachRow',
      database: undefined,
      settings: new Map<string, string>(),
    };
    const next = this.#killing.then(() => this.#killer.run(PROCESSES, options));
    // One statement at a time on this lane too.
    this.#killing = next.then(
      () => undefined,
      () => undefined,
    );
    return Buffer.from((await next).bytes).toString('utf8');
  }

  close(): void {
    for (const group of Object.values(this.#groups)) for (const lane of group.lanes) lane.close();
    this.#killer.close();
  }
}
