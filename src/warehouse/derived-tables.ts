import { busyMeter } from '../lib/busy-meter.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { Warehouse } from './client.ts';
import { Derived, type DerivedDefinition } from './derived.ts';
import { quoteIdentifier } from './quote.ts';

/** Fills the tables that are derived from `events`: one step at a time, of the table that waits longest, with rests between. Tables may come and go meanwhile. */

/** What filling needs. */
export interface DerivedTablesOptions {
  readonly warehouse: Warehouse;
  /** Governed records before this are queryable. */
  readonly loaded: () => number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Pause between looks at a table that covers everything, milliseconds; default 10 s. */
  readonly everyMs?: number;
  /** How long a table that is dropped stays for queries that use it, milliseconds; default 60 s. */
  readonly retiredMs?: number;
  /** Whether the machine has no time to spare; default: by the processors' idle time. */
  readonly isBusy?: () => boolean;
}

const EVERY_MS = 10_000;
const EVERY_MS_MIN = 1_000;
const RETIRED_MS = 60_000;
const REST_MS_MAX = 60_000;
const RETRY_MS_MIN = 10_000;

const BEHIND = defineEvent<{ label: string; records: number }>({
  name: 'derived_behind',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_derived_behind_records',
      help: 'Loaded records whose events are not in a derived table yet, by table (of metrics: summed up). Questions find them in the events, more slowly.',
      value: ({ records }) => records,
      labels: ({ label }) => ({ table: label }),
    },
  ],
});

const FAILED = defineEvent<{ label: string; error: unknown }>({
  name: 'derived_failed',
  level: 'warn',
  message: ({ label, error }) =>
    `Deriving ${label} from the events failed and will be tried again: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_derived_failures_total',
      help: 'Steps of filling or dropping derived tables that failed, by table.',
      labels: ({ label }) => ({ table: label }),
    },
  ],
});

/** A table with when it is its turn. */
interface Turn {
  readonly derived: Derived;
  dueMs: number;
  /** When it was looked at last, and how many records it was behind then. */
  lastMs: number;
  lastBehind: number;
  isAtEnd: boolean;
}

const labelOf = ({ definition: { table, label = table } }: Derived): string => label;

/** All derived tables. Get one by `openDerivedTables`. */
export class DerivedTables {
  readonly #options: DerivedTablesOptions;
  readonly #closing = new AbortController();
  readonly #isBusy: () => boolean;
  readonly #turns = new Map<string, Turn>();
  /** Tables to be dropped, with when. */
  readonly #retired = new Map<string, number>();
  /** Tables that are being dropped now. */
  readonly #dropping = new Set<string>();
  /** Steps and what must not meet one happen one at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #wake = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: DerivedTablesOptions) {
    this.#options = options;
    this.#isBusy = options.isBusy ?? busyMeter();
  }

  /** Has a table filled, which must be there. */
  add(definition: DerivedDefinition): Derived {
    const derived = new Derived(definition, this.#options);
    const nowMs = this.#options.clock.monotonicMs();
    this.#retired.delete(definition.table);
    this.#turns.set(definition.table, {
      derived,
      dueMs: nowMs,
      lastMs: nowMs,
      lastBehind: Number.POSITIVE_INFINITY,
      isAtEnd: false,
    });
    this.#wake.abort();
    return derived;
  }

  /** Fills a table no more, and drops it when no query of before uses it any more. What is left of it when the process ends is the caller's to drop. */
  drop(table: string): void {
    this.#turns.delete(table);
    const dueMs = this.#options.clock.monotonicMs() + (this.#options.retiredMs ?? RETIRED_MS);
    this.#retired.set(table, Math.min(dueMs, this.#retired.get(table) ?? dueMs));
    this.#wake.abort();
  }

  /** Whether a table is being dropped at this moment: what was made of it may be gone. */
  isDropping(table: string): boolean {
    return this.#dropping.has(table);
  }

  /** The tables that are filled. */
  get all(): readonly Derived[] {
    return [...this.#turns.values()].map(({ derived }) => derived);
  }

  /** Begins to fill. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the step under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#last.catch(() => undefined);
  }

  /** Runs work that no step may meet. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Removes a project's rows by `work`, from the tables that hold those of others too; those that are the project's alone are dropped. */
  removing(project: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    return this.exclusive(async () => {
      for (const { definition } of this.all.filter((derived) => derived.definition.project === project)) {
        this.#turns.delete(definition.table);
        await this.#dropNow(definition.table);
      }
      for (const derived of this.all)
        if (derived.definition.project === undefined) await derived.prepareRemoval(signal);
      await work();
    });
  }

  /** Takes steps, without rests, until every table covers everything that is loaded. Throws WarehouseError. */
  async catchUp(): Promise<void> {
    const { signal } = this.#closing;
    for (const derived of this.all)
      while (!signal.aborted) {
        const { isAtEnd } = await this.exclusive(() => derived.step(signal));
        this.#tellBehind(derived);
        if (isAtEnd) break;
      }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const nowMs = this.#options.clock.monotonicMs();
      const turns = [...this.#turns.values()];
      const waitMs = Math.min(...turns.map(({ dueMs }) => dueMs), ...this.#retired.values()) - nowMs;
      if (waitMs > 0) {
        this.#wake = new AbortController();
        await rest(Math.min(waitMs, this.#everyMs), AbortSignal.any([signal, this.#wake.signal]));
        continue;
      }
      await this.#dropRetired(nowMs);
      const [next] = turns.filter(({ dueMs }) => dueMs <= nowMs).sort((a, b) => a.lastMs - b.lastMs);
      if (next !== undefined) await this.#take(next);
    }
  }

  async #take(turn: Turn): Promise<void> {
    const { clock, telemetry } = this.#options;
    const { derived } = turn;
    const { signal } = this.#closing;
    const startedMs = clock.monotonicMs();
    try {
      // It may have been dropped while it waited for what is exclusive.
      const { isAtEnd, rows } = await this.exclusive(async () =>
        this.#isFilled(derived) ? derived.step(signal) : { isAtEnd: true, rows: 0 },
      );
      if (!this.#isFilled(derived)) return;
      this.#tellBehind(derived);
      this.#plan(turn, { isAtEnd, rows, startedMs });
    } catch (error) {
      turn.dueMs = clock.monotonicMs() + Math.max(RETRY_MS_MIN, this.#everyMs);
      if (!signal.aborted) telemetry.emit(FAILED, { label: labelOf(derived), error });
    }
  }

  #isFilled(derived: Derived): boolean {
    return this.#turns.get(derived.definition.table)?.derived === derived;
  }

  /**
   * When it is a table's turn again. Those that are behind share the rests: however many they are, they take no more of the machine than one. A table that rests longer than the one whose turn it was does so behind its own
   * steps only: it would never have a turn while the other is behind.
   */
  #plan(
    turn: Turn,
    { isAtEnd, rows, startedMs }: { isAtEnd: boolean; rows: number; startedMs: number },
  ): void {
    const nowMs = this.#options.clock.monotonicMs();
    const behind = turn.derived.behind();
    if (isAtEnd) turn.dueMs = nowMs + this.#untilNextLook(turn, rows, nowMs);
    else {
      const isBusy = this.#isBusy();
      turn.isAtEnd = false;
      const own = this.#restOf(turn, isBusy, behind);
      for (const other of this.#turns.values()) {
        if (other.isAtEnd) continue;
        const share = Math.min(own, this.#restOf(other, isBusy, other.derived.behind()));
        const restMs = (nowMs - startedMs) * (other === turn ? own : share);
        other.dueMs = Math.max(other.dueMs, nowMs + Math.min(restMs, REST_MS_MAX));
      }
    }
    turn.isAtEnd = isAtEnd;
    turn.lastBehind = behind;
    turn.lastMs = nowMs;
  }

  #restOf({ derived: { definition }, lastBehind }: Turn, isBusy: boolean, behind: number): number {
    const { calm, busy } = definition.rest;
    const fallsBehind = definition.tailRows !== undefined && behind > lastBehind;
    return isBusy && !fallsBehind ? busy : calm;
  }

  /** Sooner where many events come, so that questions find few of them in `events` only. */
  #untilNextLook({ derived, lastMs }: Turn, rows: number, nowMs: number): number {
    const { tailRows } = derived.definition;
    if (tailRows === undefined || rows === 0) return this.#everyMs;
    const untilFull = ((nowMs - lastMs) * tailRows) / rows;
    return Math.min(this.#everyMs, Math.max(EVERY_MS_MIN, untilFull));
  }

  async #dropRetired(nowMs: number): Promise<void> {
    for (const [table, dueMs] of this.#retired) {
      if (dueMs > nowMs) continue;
      try {
        // It may have been added again while it waited for what is exclusive.
        await this.exclusive(async () => (this.#retired.has(table) ? this.#dropNow(table) : undefined));
      } catch (error) {
        this.#retired.set(table, nowMs + RETRY_MS_MIN);
        if (!this.#closing.signal.aborted)
          this.#options.telemetry.emit(FAILED, { label: 'a dropped table', error });
      }
    }
  }

  async #dropNow(table: string): Promise<void> {
    this.#dropping.add(table);
    try {
      await this.#options.warehouse.command(`DROP TABLE IF EXISTS ${quoteIdentifier(table)} SYNC`);
      this.#retired.delete(table);
    } finally {
      this.#dropping.delete(table);
    }
  }

  #tellBehind(derived: Derived): void {
    const label = labelOf(derived);
    const records = this.all.reduce((sum, each) => sum + (labelOf(each) === label ? each.behind() : 0), 0);
    this.#options.telemetry.emit(BEHIND, { label, records });
  }

  get #everyMs(): number {
    return this.#options.everyMs ?? EVERY_MS;
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

/** Fills the tables that are added to it until it is closed. */
export const openDerivedTables = (options: DerivedTablesOptions): DerivedTables => {
  const tables = new DerivedTables(options);
  tables.start();
  return tables;
};
