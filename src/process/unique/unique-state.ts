import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import { type FilePort, nodeFiles } from '../../lib/file-port.ts';
import type { Telemetry } from '../../lib/telemetry.ts';
import type { Position } from '../../log/log.ts';
import type { BuildJob, BuildResult, MergeInput } from './build.ts';
import type { RunBuilder } from './builder.ts';
import { ENTRY_WORDS, FINGERPRINT_WORDS, type FingerprintBatch, isWithin, WARM_ROWS } from './entry.ts';
import {
  UNIQUE_BUILD_FAILED,
  UNIQUE_BUILT,
  UNIQUE_DAMAGED,
  UNIQUE_HOT_LOG_DEAD,
  UNIQUE_SIZE,
} from './events.ts';
import { filterBitsFor } from './filter.ts';
import { HotLog } from './hot-log.ts';
import { HotTable } from './hot-table.ts';
import { PageCache } from './page-cache.ts';
import { endOf, type FoundState, type PositionRange, recoverState } from './recover.ts';
import { Run } from './run.ts';

/**
 * Which ids were stored within the window: exactly, within bounded memory, across restarts.
 *
 * A function of the governed log: an entry counts once the governed record that stores its event is durable (`commit`); until then it is only claimed. The newest entries are
 * in a hot table; a full one is sealed as a sorted run on disk with a Bloom filter in memory, and runs are merged down to a few. Entries carry their time of receipt, so
 * expiry is exact wherever an entry lies. `docs/exactly-once.md` argues why this survives a crash at any point.
 *
 * One caller; methods that answer at once may block for a read of a page or two.
 */

/** Slots of a hot table: 2^this, 20 bytes each. */
export const HOT_BITS_MAX_DEFAULT = 21;
/** Runs above this are merged. */
export const RUNS_MAX_DEFAULT = 6;
export const FILTER_BYTES_MAX_DEFAULT = 192 * 1024 * 1024;
/** Fits into the processor's second-level cache. More would seldom be hit: the ids of a batch lie on as many pages. */
export const PAGE_CACHE_BYTES_DEFAULT = 1024 * 1024;

/** A hot table fuller than this share of its room is sealed when it can be. */
const SEAL_AT = 0.6;
/** The hot log is synced this often while entries come; the governed topic is kept up to the last sync. */
const SYNC_INTERVAL_MS = 2_000;
/** A hot table whose log is dead is sealed after this time, however full. */
const DEAD_LOG_SEAL_MS = 30_000;
const SIZE_INTERVAL_MS = 10_000;
/** Entries are kept this much longer than the window: times of receipt are not quite in order, and a clock may be set back. */
const LATE_SECONDS = 600;
const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 30_000;

/** What the state of de-duplication needs. */
export interface UniqueOptions {
  readonly dir: string;
  /** End of the governed topic: a state that knows more than it is discarded. */
  readonly governedNext: Position;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly builder: RunBuilder;
  readonly files?: FilePort;
  readonly hotBitsMax?: number;
  readonly runsMax?: number;
  readonly filterBytesMax?: number;
  readonly pageCacheBytes?: number;
}

interface Hot {
  readonly table: HotTable;
  readonly log: HotLog;
  readonly from: Position;
}

interface Sealing extends Hot {
  readonly next: Position;
  readonly done: Promise<void>;
}

/** See the head of this file. */
export class UniqueState {
  readonly key: Uint8Array;
  readonly #options: UniqueOptions;
  readonly #cache: PageCache;
  /** Rows that a filter lets through. */
  #found = new Uint32Array(0);
  readonly #hotRoom: number;
  #runs: Run[];
  #hot: Hot;
  #sealing: Sealing | undefined;
  /** The last seal with all that follows it. */
  #sealed: Promise<void> = Promise.resolve();
  #merging: Promise<void> | undefined;
  /** The last removal of a run's file, with all before it. */
  #removed: Promise<void> = Promise.resolve();
  #spare: HotTable | undefined;
  #next: Position;
  #missing: PositionRange[];
  readonly #settle: () => void;
  readonly #closing = new AbortController();
  /** Batches claimed and not yet committed: meanwhile nothing may be sealed. */
  #outstanding = 0;
  /** Infinite until the first claim says otherwise: nothing expires before. */
  #windowSeconds = Number.POSITIVE_INFINITY;
  #newestSeconds = 0;
  #syncedMs: number;
  #sizedMs = 0;
  #deadSinceMs: number | undefined;

  private constructor(options: UniqueOptions, found: FoundState) {
    this.#options = options;
    this.key = found.key;
    this.#cache = new PageCache(options.pageCacheBytes ?? PAGE_CACHE_BYTES_DEFAULT);
    this.#hotRoom = 2 ** this.#hotBits;
    this.#runs = [...found.runs];
    this.#missing = [...found.missing];
    this.#settle = found.settle;
    this.#next = endOf(found);
    this.#hot = this.#newHot(this.#next);
    this.#syncedMs = options.clock.monotonicMs();
  }

  /** Opens the state in a directory, making it if it is new. Throws Node's error when the directory cannot be used. */
  static async open(options: UniqueOptions): Promise<UniqueState> {
    const found = await recoverState(options.dir, options.governedNext, options.telemetry);
    const state = new UniqueState(options, found);
    await state.#load(found);
    return state;
  }

  /** Governed records before this are in the state. */
  get next(): Position {
    return this.#next;
  }

  /** Governed records before this are not needed any more, even after a power loss. */
  get durableNext(): Position {
    if (this.#missing.length > 0) return Math.min(...this.#missing.map(({ from }) => from));
    const sealing = this.#sealing;
    if (sealing !== undefined && sealing.log.syncedNext < sealing.next) return sealing.log.syncedNext;
    return Math.max(this.#hot.log.syncedNext, this.#hot.from);
  }

  get entries(): number {
    const sealed = this.#runs.reduce((sum, { summary }) => sum + summary.entries, 0);
    return sealed + this.#hot.table.entries + (this.#sealing?.table.entries ?? 0);
  }

  get runs(): number {
    return this.#runs.length;
  }

  /** Bytes of memory of the structures. */
  get bytes(): number {
    const tables = [this.#hot.table, this.#sealing?.table, this.#spare];
    const hot = tables.reduce((sum, table) => sum + (table?.bytes ?? 0), 0);
    const cache = this.#options.pageCacheBytes ?? PAGE_CACHE_BYTES_DEFAULT;
    return this.#runs.reduce((sum, run) => sum + run.bytes, hot + cache);
  }

  /** Ranges of governed positions whose ids are to be read again (`restore`), then `restored`. */
  get missing(): readonly PositionRange[] {
    return this.#missing;
  }

  /** Whether the hot table should be sealed, for which nothing may be claimed and not committed. */
  get wantsQuiet(): boolean {
    return this.#sealing === undefined && this.#hot.table.entries > this.#hotRoom * SEAL_AT;
  }

  /** Whether `rows` rows can be claimed now. */
  hasRoom(rows: number): boolean {
    return this.#hot.table.entries === 0 || this.#hot.table.hasRoom(rows);
  }

  /** Resolves when `rows` rows can be claimed or inserted. Only while nothing is claimed and not committed. */
  async makeRoom(rows: number): Promise<void> {
    while (!this.hasRoom(rows)) {
      this.#seal();
      if (this.hasRoom(rows)) return;
      // Entries that were only restored cannot be sealed yet, as their run would have no range of its own: the table grows instead.
      if (this.#sealing === undefined) return;
      await this.#sealing.done;
    }
  }

  /**
   * Decides which rows are duplicates: sets their `duplicate` byte to 1, and claims the others. Answers the number of duplicates. Then `commit`, once the decision is
   * durable.
   */
  claim(batch: FingerprintBatch, windowSeconds: number, duplicate: Uint8Array): number {
    this.#windowSeconds = windowSeconds;
    this.#outstanding++;
    this.#hot.table.reserve(batch.rows);
    if (this.#found.length < batch.rows) this.#found = new Uint32Array(batch.seconds.length);
    for (const run of this.#runs) this.#markFromRun(run, batch, windowSeconds, duplicate);
    if (this.#sealing !== undefined) markFromTable(this.#sealing.table, batch, windowSeconds, duplicate);
    return claimFromTable(this.#hot.table, batch, windowSeconds, duplicate);
  }

  /**
   * The governed record before `next` stores the claimed rows of a batch; of those, rows whose `stored` byte is not 1 were refused after all.
   */
  commit(next: Position, batch: FingerprintBatch, duplicate: Uint8Array, stored?: Uint8Array): void {
    this.#outstanding--;
    const { table, log } = this.#hot;
    const { rows, words } = batch;
    if (stored !== undefined) {
      for (let row = 0; row < rows; row++) {
        const at = row * FINGERPRINT_WORDS;
        if (duplicate[row] !== 1 && stored[row] !== 1) table.revoke(words, at);
      }
    }
    log.append(next, words, batch.seconds, rows, stored);
    this.#advance(next, batch);
  }

  /** A governed record before `next` that was read back stores these rows. Room must have been made. */
  insert(next: Position, batch: FingerprintBatch): void {
    insertAll(this.#hot.table, batch);
    this.#hot.log.append(next, batch.words, batch.seconds, batch.rows);
    this.#advance(next, batch);
  }

  /** Rows of a governed record in a missing range. Room must have been made. */
  restore(batch: FingerprintBatch): void {
    insertAll(this.#hot.table, batch);
    this.#hot.log.append(this.#next, batch.words, batch.seconds, batch.rows);
  }

  /** These missing ranges are back, as far as they could be. */
  async restored(ranges: readonly PositionRange[]): Promise<void> {
    await this.#hot.log.sync();
    this.#missing = this.#missing.filter((range) => !ranges.includes(range));
    if (this.#missing.length === 0 && !this.#hot.log.isDead) this.#settle();
  }

  /** What is to be done now and then: call after each batch and while idle. Starts work in the background. */
  maintain(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#sealIfDue(nowMs);
    this.#dropExpired();
    if (this.#runs.length > this.#runsMax && this.#merging === undefined) this.#merging = this.#merge();
    if (nowMs - this.#syncedMs >= SYNC_INTERVAL_MS) {
      this.#syncedMs = nowMs;
      if (!this.#hot.log.isSynced) void this.#hot.log.sync();
    }
    if (nowMs - this.#sizedMs < SIZE_INTERVAL_MS) return;
    this.#sizedMs = nowMs;
    const { entries, runs, bytes } = this;
    this.#options.telemetry.emit(UNIQUE_SIZE, { entries, runs, bytes, pagesRead: this.#cache.misses });
  }

  /** Makes what is known durable, as far as it can be: afterwards `durableNext` is as high as possible. */
  flush(): Promise<void> {
    return this.#hot.log.sync();
  }

  /** Whether recent ids cannot be made durable: the governed topic must be kept until the hot table is sealed. */
  get isLogDead(): boolean {
    return this.#hot.log.isDead;
  }

  /** Resolves when no seal or merge is under way. For tests and tools. */
  async settled(): Promise<void> {
    for (;;) {
      this.maintain();
      if (this.#sealing === undefined && this.#merging === undefined) {
        await this.#removed;
        return this.#sealed;
      }
      await Promise.all([this.#sealed, this.#merging]);
    }
  }

  /** Syncs what is left and closes all files. A seal or merge under way is given up; it starts again after the next opening. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#options.builder.close();
    await Promise.all([this.#sealed, this.#merging]);
    await this.#removed;
    await this.#sealing?.log.close();
    await this.#hot.log.close();
    for (const run of this.#runs) run.close();
  }

  // --- Claiming -----------------------------------------------------------

  #markFromRun(run: Run, batch: FingerprintBatch, windowSeconds: number, duplicate: Uint8Array): void {
    const { rows, words, seconds } = batch;
    const wasWhole = run.damagedPages.size === 0;
    const size = run.filter.select(words, rows, this.#found);
    for (let index = 0; index < size; index++) {
      const row = this.#found[index] as number;
      if (duplicate[row] === 1) continue;
      const stored = run.secondsOf(this.#cache, words, row * FINGERPRINT_WORDS);
      if (isWithin(stored, seconds[row] as number, windowSeconds)) duplicate[row] = 1;
    }
    // Reading its range again brings back what any of its pages held: once is enough.
    if (wasWhole && run.damagedPages.size > 0) this.#noteDamage(run, 'a page of it is damaged');
  }

  #noteDamage({ path, summary }: Pick<Run, 'path' | 'summary'>, what: string): void {
    const { from, next } = summary;
    this.#missing.push({ from, next });
    this.#options.telemetry.emit(UNIQUE_DAMAGED, { file: path, detail: `${path}: ${what}`, from, next });
  }

  #advance(next: Position, { rows, seconds }: FingerprintBatch): void {
    this.#next = next;
    if (rows > 0) this.#newestSeconds = seconds[rows - 1] as number;
  }

  // --- Sealing ------------------------------------------------------------

  get #hotBits(): number {
    return this.#options.hotBitsMax ?? HOT_BITS_MAX_DEFAULT;
  }

  get #runsMax(): number {
    return this.#options.runsMax ?? RUNS_MAX_DEFAULT;
  }

  #newHot(from: Position, bits?: number): Hot {
    const table = this.#spare ?? new HotTable(this.#hotBits, bits);
    this.#spare = undefined;
    return { from, table, log: this.#newLog(from) };
  }

  #newLog(from: Position): HotLog {
    const onDead = (error: unknown): void => {
      this.#deadSinceMs ??= this.#options.clock.monotonicMs();
      this.#options.telemetry.emit(UNIQUE_HOT_LOG_DEAD, { reason: String(error) });
    };
    return new HotLog({ files: this.#options.files ?? nodeFiles, dir: this.#options.dir, from, onDead });
  }

  #sealIfDue(nowMs: number): void {
    const { table, log } = this.#hot;
    const isDeadLong =
      log.isDead && nowMs - (this.#deadSinceMs ?? nowMs) >= DEAD_LOG_SEAL_MS && table.entries > 0;
    if (this.wantsQuiet || isDeadLong) this.#seal();
  }

  /** Makes the hot table immutable and has it written; a new one takes over at once. */
  #seal(): void {
    if (this.#outstanding > 0 || this.#sealing !== undefined || this.#closing.signal.aborted) return;
    if (this.#hot.table.entries === 0 || this.#next === this.#hot.from) return;
    const old = this.#hot;
    const next = this.#next;
    this.#hot = this.#newHot(next, old.table.memory.bits);
    this.#deadSinceMs = undefined;
    const { log } = this.#hot;
    // The new log's file may exist only once the old one is complete, or its table is sealed: a restart relies on it.
    const complete = old.log.sync().then(() => {
      if (old.log.syncedNext === next) void log.create();
      return old.log.syncedNext === next;
    });
    const done = this.#writeSeal(old, next).then(async (isSealed) => {
      const wasComplete = await complete;
      if (!isSealed) return;
      if (!wasComplete) await log.create();
      await old.log.remove();
    });
    this.#sealing = { ...old, next, done };
    this.#sealed = Promise.all([this.#sealed, done]).then(() => undefined);
  }

  async #writeSeal({ table, from }: Hot, next: Position): Promise<boolean> {
    const filterBitsPerEntry = this.#filterBits();
    const { dir } = this.#options;
    const result = await this.#build({
      ...{ kind: 'seal', dir, from, next, filterBitsPerEntry },
      memory: table.memory,
    });
    if (result === undefined) return false;
    if (result.run !== null) this.#runs.push(Run.built(dir, result.run));
    table.clear();
    this.#spare = table;
    this.#sealing = undefined;
    return true;
  }

  #filterBits(): number {
    return filterBitsFor(this.entries, this.#options.filterBytesMax ?? FILTER_BYTES_MAX_DEFAULT);
  }

  /** Does a job, again and again until it succeeds or the state is closed. */
  async #build(job: BuildJob): Promise<BuildResult | undefined> {
    const { clock, telemetry, builder } = this.#options;
    for (
      let retryMs = RETRY_MS_MIN;
      !this.#closing.signal.aborted;
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
    ) {
      const startedMs = clock.monotonicMs();
      try {
        const result = await builder.build(job);
        const entries = result.run?.summary.entries ?? 0;
        telemetry.emit(UNIQUE_BUILT, { kind: job.kind, entries, ms: clock.monotonicMs() - startedMs });
        return result;
      } catch (error) {
        if (this.#closing.signal.aborted) return undefined;
        telemetry.emit(UNIQUE_BUILD_FAILED, { kind: job.kind, reason: String(error), retryMs });
        await pause(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  // --- Merging and expiring -----------------------------------------------

  async #merge(): Promise<void> {
    const pair = cheapestPair(this.#runs);
    if (pair !== undefined) await this.#mergePair(...pair);
    this.#merging = undefined;
  }

  async #mergePair(older: Run, newer: Run): Promise<void> {
    const expiredBefore = Math.max(0, this.#newestSeconds - this.#windowSeconds - LATE_SECONDS);
    const result = await this.#build({
      ...{ kind: 'merge', dir: this.#options.dir, inputs: [inputOf(older), inputOf(newer)] },
      ...{ expiredBefore, filterBitsPerEntry: this.#filterBits() },
    });
    if (result === undefined) return;
    const range = { from: older.summary.from, next: newer.summary.next };
    if (result.damagedPages > 0)
      this.#noteDamage({ path: older.path, summary: { ...older.summary, ...range } }, 'damaged in merging');
    const at = this.#runs.indexOf(older);
    if (result.run === null) {
      // All expired. The newer one stays for its name, which tells a restart how far the state goes.
      this.#runs.splice(at, 1);
      return this.#remove(older);
    }
    this.#runs.splice(at, 2, Run.built(this.#options.dir, result.run));
    void this.#remove(older);
    await this.#remove(newer);
  }

  /** Removes the oldest runs once all of their entries have expired; the newest stays, for its name. */
  #dropExpired(): void {
    if (this.#merging !== undefined) return;
    for (;;) {
      const [oldest, second] = this.#runs;
      if (oldest === undefined || second === undefined) return;
      if (this.#newestSeconds - oldest.summary.secondsMax <= this.#windowSeconds + LATE_SECONDS) return;
      this.#runs.shift();
      void this.#remove(oldest);
    }
  }

  /** Removes the file of a run behind the others before it: out of order, a crash would leave what looks like a hole. Large files take long, hence off this thread. */
  #remove(run: Run): Promise<void> {
    run.close();
    // Left behind, it is superseded by the run that contains it, or expired.
    const { files = nodeFiles } = this.#options;
    this.#removed = this.#removed.then(() => files.unlink(run.path).catch(() => undefined));
    return this.#removed;
  }

  // --- Opening ------------------------------------------------------------

  async #load({ hotLogs }: FoundState): Promise<void> {
    const last = hotLogs.at(-1);
    if (last === undefined) {
      await this.#hot.log.create();
      return;
    }
    for (const { content } of hotLogs)
      for (const entries of content.frames) insertEntries(this.#hot.table, entries);
    // Several logs (a crash while sealing) become one table, which goes on with the last log: sealed, it supersedes them all.
    const from = hotLogs[0]?.from ?? last.from;
    this.#hot = { from, table: this.#hot.table, log: this.#newLog(last.from) };
    await this.#hot.log.resume(last.content);
    const newest = last.content.frames.findLast((frame) => frame.length > 0);
    this.#newestSeconds = newest?.at(-1) ?? 0;
  }
}

const inputOf = ({ path, summary }: Run): MergeInput => ({ path, ...summary });

/** The two neighbours with the fewest entries: merging these moves the least. */
const cheapestPair = (runs: readonly Run[]): [Run, Run] | undefined => {
  let best: [Run, Run] | undefined;
  let bestEntries = Number.POSITIVE_INFINITY;
  runs.forEach((run, index) => {
    const following = runs[index + 1];
    if (following === undefined) return;
    const entries = run.summary.entries + following.summary.entries;
    if (entries >= bestEntries) return;
    best = [run, following];
    bestEntries = entries;
  });
  return best;
};

const markFromTable = (
  table: HotTable,
  { rows, words, seconds }: FingerprintBatch,
  windowSeconds: number,
  duplicate: Uint8Array,
): void => {
  for (let row = 0; row < rows; row++) {
    if (row % WARM_ROWS === 0) table.warm(words, row, Math.min(row + WARM_ROWS, rows));
    const stored = table.secondsOf(words, row * FINGERPRINT_WORDS);
    if (isWithin(stored, seconds[row] as number, windowSeconds)) duplicate[row] = 1;
  }
};

const claimFromTable = (
  table: HotTable,
  { rows, words, seconds }: FingerprintBatch,
  windowSeconds: number,
  duplicate: Uint8Array,
): number => {
  let duplicates = 0;
  for (let row = 0; row < rows; row++) {
    if (row % WARM_ROWS === 0) table.warm(words, row, Math.min(row + WARM_ROWS, rows));
    const at = row * FINGERPRINT_WORDS;
    if (duplicate[row] !== 1 && !table.claim(words, at, seconds[row] as number, windowSeconds))
      duplicate[row] = 1;
    duplicates += duplicate[row] as number;
  }
  return duplicates;
};

const insertAll = (table: HotTable, { rows, words, seconds }: FingerprintBatch): void => {
  table.reserve(rows);
  for (let row = 0; row < rows; row++) table.insert(words, row * FINGERPRINT_WORDS, seconds[row] as number);
};

const insertEntries = (table: HotTable, entries: Uint32Array): void => {
  table.reserve(entries.length / ENTRY_WORDS);
  for (let at = 0; at < entries.length; at += ENTRY_WORDS)
    table.insert(entries, at, entries[at + FINGERPRINT_WORDS] as number);
};
