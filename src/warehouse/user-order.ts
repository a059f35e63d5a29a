import { cpus } from 'node:os';
import type { Clock } from '../lib/clock.ts';
import { Duties } from '../lib/duties.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { Warehouse } from './client.ts';

/**
 * Fills `user_events`, the events of users in the order of users, from `events`, in the background: so that it costs loading nothing. Why, with measurements:
 * `docs/decisions/019-user-order.md`.
 *
 * Exactly once: a step copies the rows of the positions from `covered` up to another that is loaded, in one insert that becomes one part, so all of them or none. What is covered is told by the table itself, as its
 * highest position. A step that failed may still happen: the next one has the same token, so that only one of them counts, and what is covered is read again before and after it.
 */

/** What filling needs. */
export interface UserOrderOptions {
  readonly warehouse: Warehouse;
  /** Governed records before this are queryable. */
  readonly loaded: () => number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Pause between looks, milliseconds; default 10 s. */
  readonly everyMs?: number;
  /** Rows that a step takes at most, unless a single record has more; default 250,000. */
  readonly stepRowsMax?: number;
  /** Whether the machine has no time to spare; default: by the processors' idle time. */
  readonly isBusy?: () => boolean;
}

const EVERY_MS = 10_000;
const STEP_ROWS_MAX = 250_000;
const STEP_POSITIONS_MAX = 1_048_576;
const STEP_TIMEOUT_MS = 120_000;
/** How much longer than it worked a step rests: a share of half a core, or of a fiftieth while the machine has no time. */
const REST_CALM = 1;
const REST_BUSY = 49;
const REST_MS_MAX = 60_000;
/** Less of the processors' time idle than this, and the machine is busy. */
const IDLE_SHARE_MIN = 0.3;

const STEPPED = defineEvent<{ positions: number; rows: number; elapsedMs: number }>({
  name: 'user_order_stepped',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_user_order_rows_total',
      help: 'Events put into the order of users.',
      value: ({ rows }) => rows,
    },
    {
      kind: 'histogram',
      name: 'aevum_user_order_step_seconds',
      help: 'Duration of steps that put events into the order of users.',
      value: ({ elapsedMs }) => elapsedMs / 1_000,
    },
  ],
});

const BEHIND = defineEvent<{ positions: number }>({
  name: 'user_order_behind',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_user_order_behind_records',
      help: 'Loaded records whose events are not in the order of users yet. Look-ups of users find them in the events, more slowly.',
      value: ({ positions }) => positions,
    },
  ],
});

const FAILED = defineEvent<{ error: unknown }>({
  name: 'user_order_failed',
  level: 'warn',
  message: ({ error }) =>
    `Putting events into the order of users failed and will be tried again: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_user_order_failures_total',
      help: 'Steps of putting events into the order of users that failed.',
    },
  ],
});

/** The columns of `user_events` that are those of `events`. `traits` is the one more. */
export const USER_EVENT_COLUMNS =
  'project, user_id, time, position, id, type, session_id, country, region, device_type, os, browser, currency, value';

/** The traits that an event tells of its user, as JSON: of those of the type `identify`. */
export const TRAITS_SQL = "if(type = 'identify', JSONExtractRaw(properties, 'traits'), '')";

const ROWS = "FROM events WHERE user_id != '' AND position >= {from:UInt64} AND position < {to:UInt64}";

/** One block, so one part: a step is there whole or not at all, and its token counts. Sorting is what makes it one: without, the engine hands on block by block, each with a token of its own. By position, because that costs next to nothing. */
const STEP_SETTINGS = {
  max_threads: 1,
  max_insert_threads: '1',
  max_block_size: '16777216',
  max_insert_block_size: '16777216',
  min_insert_block_size_rows: '16777216',
  min_insert_block_size_bytes: '0',
  async_insert: 0,
  insert_deduplicate: 1,
  // Rows of one position may stand either way: that is the same to the token.
  deduplicate_insert_select: 'enable_even_for_bad_queries',
} as const;

/** Events by user. Get one by `openUserOrder`. */
export class UserOrder {
  readonly #options: UserOrderOptions;
  readonly #duties = new Duties();
  readonly #closing = new AbortController();
  readonly #isBusy: () => boolean;
  /** Records before this are in the order of users; undefined: the table has to be asked. */
  #next: number | undefined;
  /** A step from here may have happened, or may yet. */
  #doubtful: number | undefined;
  /** Up to here there was nothing to copy when it was looked last. */
  #emptyTo = -1;
  #stepPositions = 16;
  /** Steps and what must not meet one happen one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: UserOrderOptions) {
    this.#options = options;
    this.#isBusy = options.isBusy ?? busyMeter();
  }

  /** Events of records before this are in `user_events`, all others in `events` only. 0 as long as it is not known. */
  covered(): number {
    return this.#next ?? 0;
  }

  /** Begins to fill. */
  start(): void {
    this.#duties.every(
      this.#options.everyMs ?? EVERY_MS,
      () => this.catchUp(),
      (error) => {
        if (!this.#closing.signal.aborted) this.#options.telemetry.emit(FAILED, { error });
      },
      0,
    );
  }

  /** Ends the step under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#duties.stop();
    await this.#last.catch(() => undefined);
  }

  /** Runs work that no step may meet, such as the removal of rows. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Takes steps until everything that is loaded is covered. */
  async catchUp(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const startedMs = this.#options.clock.monotonicMs();
      const isAtEnd = await this.exclusive(() => this.#step());
      this.#options.telemetry.emit(BEHIND, { positions: this.#options.loaded() - this.covered() });
      if (isAtEnd) return;
      const elapsedMs = this.#options.clock.monotonicMs() - startedMs;
      await rest(Math.min(elapsedMs * (this.#isBusy() ? REST_BUSY : REST_CALM), REST_MS_MAX), signal);
    }
  }

  /** One step; true if there was nothing to do. */
  async #step(): Promise<boolean> {
    const loaded = this.#options.loaded();
    if (loaded <= Math.max(this.#next ?? -1, this.#emptyTo)) return true;
    const from = await this.#start();
    if (from >= loaded) return true;
    const { to, rows } = await this.#extent(from, loaded);
    const startedMs = this.#options.clock.monotonicMs();
    if (rows > 0) await this.#copy(from, to);
    // Where a step may be under way the place to begin is left for good only by a step that counted.
    else if (this.#doubtful === undefined) this.#next = to;
    else {
      this.#emptyTo = to;
      return true;
    }
    const elapsedMs = this.#options.clock.monotonicMs() - startedMs;
    this.#options.telemetry.emit(STEPPED, { positions: to - from, rows, elapsedMs });
    return this.covered() >= loaded;
  }

  /** Where a step begins. An earlier process may have left a step under way, so the first one is doubtful as well. */
  async #start(): Promise<number> {
    if (this.#next !== undefined && this.#doubtful === undefined) return this.#next;
    const isFirst = this.#next === undefined;
    this.#next = await this.#ask();
    if (isFirst) this.#doubtful = this.#next;
    return this.#next;
  }

  async #copy(from: number, to: number): Promise<void> {
    const wasDoubtful = this.#doubtful === from;
    this.#doubtful = from;
    await this.#options.warehouse.command(
      `INSERT INTO user_events (${USER_EVENT_COLUMNS}, traits) SELECT ${USER_EVENT_COLUMNS}, ${TRAITS_SQL} ${ROWS} ORDER BY position`,
      { from, to },
      {
        signal: this.#closing.signal,
        timeoutMs: STEP_TIMEOUT_MS,
        settings: { ...STEP_SETTINGS, insert_deduplication_token: `user-events-${from}` },
      },
    );
    // Of two steps from one place the earlier may be the one that counted, and it may have gone less far.
    this.#next = wasDoubtful ? await this.#ask() : to;
    this.#doubtful = undefined;
  }

  /** How far a step goes: about as many rows as it may take. */
  async #extent(from: number, loaded: number): Promise<{ to: number; rows: number }> {
    const rowsMax = this.#options.stepRowsMax ?? STEP_ROWS_MAX;
    for (;;) {
      const to = Math.min(from + this.#stepPositions, loaded);
      const found = await this.#options.warehouse.query<{ n: number | string }>(
        `SELECT count() AS n ${ROWS}`,
        { from, to },
        { class: 'control', signal: this.#closing.signal },
      );
      const rows = Number(found.rows[0]?.n ?? 0);
      if (rows === 0 && to < loaded && this.#doubtful !== undefined) {
        this.#stepPositions *= 2;
        continue;
      }
      if (rows <= rowsMax || to - from === 1) {
        if (rows < rowsMax / 4) this.#stepPositions = Math.min(this.#stepPositions * 2, STEP_POSITIONS_MAX);
        return { to, rows };
      }
      this.#stepPositions = Math.max(1, Math.floor((to - from) / 2));
    }
  }

  /** What the table covers. */
  async #ask(): Promise<number> {
    const { rows } = await this.#options.warehouse.query<{ n: number | string; position: number | string }>(
      'SELECT count() AS n, max(position) AS position FROM user_events',
      {},
      { class: 'control', signal: this.#closing.signal },
    );
    const [row] = rows;
    return row === undefined || Number(row.n) === 0 ? 0 : Number(row.position) + 1;
  }
}

const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });

/** Tells whether the processors had little idle time since it was asked last. */
const busyMeter = (): (() => boolean) => {
  const read = (): { idle: number; all: number } =>
    cpus().reduce(
      ({ idle, all }, { times }) => ({
        idle: idle + times.idle,
        all: all + times.idle + times.user + times.nice + times.sys + times.irq,
      }),
      { idle: 0, all: 0 },
    );
  let before = read();
  return () => {
    const now = read();
    const share = now.all === before.all ? 1 : (now.idle - before.idle) / (now.all - before.all);
    before = now;
    return share < IDLE_SHARE_MIN;
  };
};

/** Fills the order of users until closed. */
export const openUserOrder = (options: UserOrderOptions): UserOrder => {
  const order = new UserOrder(options);
  order.start();
  return order;
};
