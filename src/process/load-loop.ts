import { setTimeout as pause } from 'node:timers/promises';
import { decodeGovernedRecord, RecordError } from '../event/record.ts';
import { busyMeter } from '../lib/busy-meter.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { LogReader, LogRecord, Position, ReadResult } from '../log/log.ts';
import {
  LOAD_DONE,
  LOAD_FAILED,
  LOAD_INTENT_LOST,
  LOAD_STARTED,
  PROCESS_GAP,
  PROCESS_UNREADABLE,
} from './events.ts';
import { type GovernedInput, type LoadBody, type LoadFloors, LOAD_TABLES, loadBodies } from './load-body.ts';
import { type LoadIntent, readIntent, tokenOf, writeIntent } from './load-intent.ts';
import { type LoadedUsers, usersOf } from './loaded-users.ts';
import type { RecentRecord, RecentRecords } from './recent-records.ts';

/**
 * Loads governed records into the warehouse: each row once. A load takes whole records and is written down before it is made (`load-intent.ts`); one that may have been made before is completed by what the tables hold
 * (`warehouse/load-again.ts`), or goes by a token that the warehouse recognises. Where to go on after a restart is what the warehouse holds; the intent finishes what was under way.
 *
 * Holds nothing but the load under way (and, within a bound, what was appended last: `recent-records.ts`): when the warehouse is down, the governed topic is the queue.
 */

/** Bounds of one load (one record may exceed them). */
const LOAD_BYTES_MAX = 48 * 1024 * 1024;
const LOAD_ROWS_MAX = 250_000;
/** Loading takes at most about a third of the time while that keeps loads less than this far apart: at high rates fewer, larger loads cost far less, merges included. */
const SPACING_PER_LOAD = 3;
const SPACING_MS_MAX = 700;
/** While the machine has no time to spare, loads are this many times as far apart: what a load costs is much the same however little is in it, and whoever asks meanwhile waits for it. */
const INTERVALS_WHEN_BUSY = 2.5;
/** Less of the processors' time idle than this, and it has none. */
const IDLE_SHARE_MIN = 0.1;
const IDLE_WAIT_MS = 200;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

/** The warehouse, as far as loading goes. */
export interface LoadTarget {
  /** Inserts rows; the same rows under the same token count once. Rejects with an error when it is not certain that they are in. */
  load(body: LoadBody, intent: LoadIntent): Promise<void>;
  /** Whether `loadAgain` goes by what the tables hold; otherwise by tokens. */
  readonly goesByPositions: boolean;
  /** The same for a load that may have been made before, in part or wholly. */
  loadAgain(body: LoadBody, intent: LoadIntent): Promise<void>;
  /** For each table the position after the highest that it holds; 0 when it is empty. */
  nextPositions(): Promise<LoadFloors>;
}

/** What a loader works with. It owns none of it. */
export interface LoaderParts {
  /** The governed topic; a reader of its own. */
  readonly governed: LogReader;
  /** What was appended to it last, as far as it is in memory. */
  readonly recent: RecentRecords;
  readonly target: LoadTarget;
  readonly stateDir: string;
  readonly loadIntervalMs: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Whether the machine has had no time to spare since it was asked last; default: by the processors' idle time. */
  readonly isBusy?: () => boolean;
  /** Told after each load: governed records before `governedLoaded`, raw records before `rawLoaded` are queryable. `rawLoaded` is undefined while that is not known. */
  readonly onLoaded: (governedLoaded: Position, rawLoaded: Position | undefined) => void;
  /** Told before `onLoaded` which users the events name that were loaded, unless there are too many events. */
  readonly onUsers: (users: LoadedUsers) => void;
  /** Told when loading does not succeed (why) and when it does again (null). */
  readonly onTrouble: (what: string | null) => void;
}

/** Nothing can be loaded before a person looks into it. Tried again all the same, slowly. */
class LoadRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LoadRefused';
  }
}

const NO_FLOORS: LoadFloors = { events: 0, refused: 0, ledger: 0, records: 0 };

/** A stretch of the governed topic that belongs into one load. */
interface Portion {
  readonly inputs: readonly GovernedInput[];
  readonly next: Position;
  /** Raw records before this are in it or in an earlier one. */
  readonly rawNext: Position | undefined;
  /** No more fitted in: there may be a backlog. */
  readonly isFull: boolean;
}

/** A portion that is being read. */
interface Filling {
  inputs: (GovernedInput & { readonly isOwned?: true })[];
  next: Position;
  rawNext: Position | undefined;
  rows: number;
  bytes: number;
  isFull: boolean;
}

/** How long after the start of a load the next one may start, milliseconds. `isBehind`: there may be a backlog, which is not to wait. */
export const spacingOf = (load: {
  readonly intervalMs: number;
  readonly tookMs: number;
  readonly isBehind: boolean;
  readonly isBusy: boolean;
}): number => {
  if (load.isBehind) return load.intervalMs;
  const forLoadMs = Math.min(load.tookMs * SPACING_PER_LOAD, SPACING_MS_MAX);
  return Math.max(load.isBusy ? load.intervalMs * INTERVALS_WHEN_BUSY : load.intervalMs, forLoadMs);
};

/** See the head of this file. `run` once. */
export class Loader {
  readonly #parts: LoaderParts;
  readonly #isBusy: () => boolean;
  readonly #stopping = new AbortController();
  #next: Position = 0;
  #startedMs = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #inTrouble = false;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
    this.#isBusy = parts.isBusy ?? busyMeter(IDLE_SHARE_MIN);
  }

  /** Governed records before this are loaded, as far as is known. */
  get next(): Position {
    return this.#next;
  }

  /** Works until `stop`. Does not reject for anything that the warehouse does. */
  async run(): Promise<void> {
    await this.#persist(() => this.#begin());
    while (!this.#stopping.signal.aborted) {
      const portion = await this.#persist(() => this.#read(this.#next, Number.POSITIVE_INFINITY));
      if (portion === undefined) {
        await this.#parts.governed.changed(this.#next, IDLE_WAIT_MS);
        continue;
      }
      const intent = { from: this.#next, to: portion.next, token: tokenOf(this.#next, portion.next) };
      await this.#persist((attempt) => this.#load(intent, portion, { isAgain: attempt > 1 }));
      await this.#space(portion.isFull);
    }
  }

  /** Makes `run` end after the load under way (or at once, if that is failing). */
  stop(): void {
    this.#stopping.abort();
  }

  // --- Beginning ----------------------------------------------------------

  async #begin(): Promise<void> {
    const { stateDir, target, governed, telemetry } = this.#parts;
    const held = await target.nextPositions();
    const { next } = await governed.extent();
    const highest = Math.max(...LOAD_TABLES.map((table) => held[table]));
    if (highest > next)
      throw new LoadRefused(
        `the warehouse holds governed positions up to ${highest}, but the topic ends at ${next}: one of them was replaced or lost. Restore what belongs together, or begin with an empty data directory`,
      );
    const intent = this.#usableIntent(readIntent(stateDir), held, highest);
    const redo = intent !== undefined && intent.to > held.records;
    this.#next = held.records;
    telemetry.emit(LOAD_STARTED, { from: held.records, redo: redo || highest > held.records });
    if (redo) await this.#redo(intent, NO_FLOORS);
    else if (highest > held.records) {
      const to = highest;
      const floors = target.goesByPositions ? NO_FLOORS : held;
      await this.#redo({ from: held.records, to, token: `repair-${tokenOf(held.records, to)}` }, floors);
    } else this.#parts.onLoaded(this.#next, await this.#rawLoaded());
  }

  /** The intent, if it tells of the load that was under way. */
  #usableIntent(
    intent: ReturnType<typeof readIntent>,
    held: LoadFloors,
    highest: Position,
  ): LoadIntent | undefined {
    const lost = (detail: string): undefined => {
      this.#parts.telemetry.emit(LOAD_INTENT_LOST, { detail });
      return undefined;
    };
    if (intent === undefined || 'damage' in intent) {
      const why = intent?.damage ?? 'it is not there';
      const isNeeded = highest > held.records;
      return intent === undefined && !isNeeded
        ? undefined
        : lost(isNeeded ? `${why}; tables are completed from the highest position that each holds` : why);
    }
    if (intent.from <= held.records) return intent;
    return lost(
      `it begins at ${intent.from}, the warehouse ends at ${held.records}: the warehouse was replaced`,
    );
  }

  async #redo(intent: LoadIntent, floors: LoadFloors): Promise<void> {
    let at = intent.from;
    const inputs: GovernedInput[] = [];
    let rawNext: Position | undefined;
    while (at < intent.to) {
      const portion = await this.#read(at, intent.to);
      if (portion === undefined) throw new LoadRefused(`governed records from ${at} on are not there`);
      inputs.push(...portion.inputs.map(copyInput));
      rawNext = portion.rawNext ?? rawNext;
      at = portion.next;
    }
    await this.#load(intent, { inputs, next: intent.to, rawNext, isFull: true }, { isAgain: true, floors });
  }

  /** Raw records before this are loaded: those that the next governed record begins with are not. */
  async #rawLoaded(): Promise<Position | undefined> {
    const { governed } = this.#parts;
    const { next } = await governed.extent();
    if (this.#next >= next) {
      const last = await governed.last();
      return last?.header.covers === undefined ? 0 : last.header.covers.to + 1;
    }
    const { records } = await governed.read(this.#next, 1);
    return records[0]?.header.covers?.from;
  }

  // --- Loading ------------------------------------------------------------

  /** The records of one load from `from` on, not beyond `to`; undefined when there are none yet. Some bytes are valid only until the next read. */
  async #read(from: Position, to: Position): Promise<Portion | undefined> {
    const filling: Filling = { inputs: [], next: from, rawNext: undefined, rows: 0, bytes: 0, isFull: false };
    while (filling.next < to && !filling.isFull) {
      if (this.#takeRecent(filling, to)) break;
      const before = filling.next;
      const result = await this.#parts.governed.read(before, LOAD_BYTES_MAX - filling.bytes);
      if (result.next <= before) break;
      this.#take(filling, result, to);
      // One read answers with what stands together on disk; what it gave must outlive the next.
      const extent = filling.isFull ? undefined : await this.#parts.governed.extent();
      if (extent === undefined || extent.next <= filling.next || filling.next >= to) break;
      filling.inputs = filling.inputs.map((input) =>
        input.isOwned ? input : { ...copyInput(input), isOwned: true },
      );
    }
    return filling.next > from ? filling : undefined;
  }

  #take(filling: Filling, { records, gaps, next }: ReadResult, to: Position): void {
    filling.next = Math.min(next, to);
    for (const record of records) {
      if (record.position >= to) break;
      const { position, header, payload } = record;
      if (!fits(filling, { ...header, position, bytes: payload.length })) break;
      filling.inputs.push(...this.#decode(record));
    }
    if (filling.bytes >= LOAD_BYTES_MAX) filling.isFull = true;
    for (const gap of gaps) {
      if (gap.from < filling.next) this.#parts.telemetry.emit(PROCESS_GAP, { topic: 'governed', ...gap });
    }
  }

  /** Goes on with what is in memory; false if nothing of it comes next. It ends where the topic does. */
  #takeRecent(filling: Filling, to: Position): boolean {
    const before = filling.next;
    for (const recent of this.#parts.recent.from(before)) {
      const { position, record, bytes } = recent;
      if (position >= to) break;
      if (filling.rows > 0 && filling.bytes + bytes > LOAD_BYTES_MAX) filling.isFull = true;
      if (filling.isFull || !fits(filling, recent)) break;
      filling.next = position + 1;
      filling.inputs.push({ position, record, isOwned: true });
    }
    return filling.next > before;
  }

  #decode({ position, header, payload }: LogRecord): GovernedInput[] {
    try {
      return [{ position, record: decodeGovernedRecord(payload) }];
    } catch (error) {
      if (!(error instanceof RecordError) || error.code === 'newer') throw error;
      const { rows } = header;
      this.#parts.telemetry.emit(PROCESS_UNREADABLE, {
        ...{ topic: 'governed', position, rows },
        detail: error.message,
      });
      return [];
    }
  }

  async #load(
    intent: LoadIntent,
    portion: Portion,
    { isAgain, floors = NO_FLOORS }: { readonly isAgain: boolean; readonly floors?: LoadFloors },
  ): Promise<void> {
    const { clock, stateDir, target, telemetry, recent, onUsers, onLoaded } = this.#parts;
    this.#startedMs = clock.monotonicMs();
    const bodies = loadBodies(portion.inputs, floors);
    if (bodies.length > 0) await writeIntent(stateDir, intent);
    for (const body of bodies) await (isAgain ? target.loadAgain(body, intent) : target.load(body, intent));
    this.#tookMs = clock.monotonicMs() - this.#startedMs;
    this.#next = intent.to;
    recent.drop(intent.to);
    const users = usersOf(portion.inputs, intent);
    if (users !== undefined) onUsers(users);
    onLoaded(intent.to, portion.rawNext);
    telemetry.emit(LOAD_DONE, {
      ...{ from: intent.from, to: intent.to },
      rows: bodies.find(({ table }) => table === 'events')?.rows ?? 0,
      bytes: bodies.reduce((sum, { parts }) => parts.reduce((all, part) => all + part.length, sum), 0),
      ms: this.#tookMs,
    });
  }

  /** Does something until it succeeds, or `stop` (then the answer is undefined). */
  async #persist<T>(work: (attempt: number) => Promise<T>): Promise<T | undefined> {
    const { telemetry, onTrouble } = this.#parts;
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt++) {
      try {
        const result = await work(attempt);
        if (this.#inTrouble) onTrouble(null);
        this.#inTrouble = false;
        return result;
      } catch (error) {
        const retryMs =
          error instanceof LoadRefused
            ? RETRY_MS_MAX
            : Math.min(RETRY_MS_MIN * 2 ** (attempt - 1), RETRY_MS_MAX);
        const reason = error instanceof Error ? error.message : String(error);
        telemetry.emit(LOAD_FAILED, { reason, attempt, retryMs });
        onTrouble(reason);
        this.#inTrouble = true;
        await this.#pause(retryMs);
      }
    }
    return undefined;
  }

  /** Waits until the next load may start. */
  #space(isBehind: boolean): Promise<void> {
    const { clock, loadIntervalMs: intervalMs } = this.#parts;
    const isBusy = this.#isBusy();
    const spacingMs = spacingOf({ intervalMs, tookMs: this.#tookMs, isBehind, isBusy });
    return this.#pause(this.#startedMs + spacingMs - clock.monotonicMs());
  }

  async #pause(ms: number): Promise<void> {
    if (ms < 1) return;
    await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** Counts a record into a portion, unless that gets too many rows: then it is full, and ends before the record. */
const fits = (
  filling: Filling,
  { position, rows, bytes, covers }: Omit<RecentRecord, 'record' | 'covers'> & Partial<RecentRecord>,
): boolean => {
  if (filling.rows > 0 && filling.rows + rows > LOAD_ROWS_MAX) {
    filling.next = position;
    filling.isFull = true;
    return false;
  }
  filling.rows += rows;
  filling.bytes += bytes;
  filling.rawNext = covers === undefined ? filling.rawNext : covers.to + 1;
  return true;
};

/** A record in memory of its own, so that it outlives the next read. */
const copyInput = ({ position, record }: GovernedInput): GovernedInput => {
  const copy = <B extends { readonly columns: readonly Uint8Array[] }>(block: B): B => ({
    ...block,
    columns: block.columns.map((column) => column.slice()),
  });
  const { events, refused, ledger, records } = record;
  return {
    position,
    record: {
      ...{ events: copy(events), refused: copy(refused) },
      ...{ ledger: copy(ledger), records: copy(records) },
    },
  };
};
