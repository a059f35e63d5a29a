import { setTimeout as pause } from 'node:timers/promises';
import { encodeGovernedRecord } from '../event/record.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import {
  LogError,
  type LogGap,
  type LogReader,
  type LogRecord,
  type LogWriter,
  type Position,
  type ReadResult,
} from '../log/log.ts';
import { PROCESS_BLOCKED, PROCESS_DECIDED, PROCESS_GAP } from './events.ts';
import { type Decision, govern } from './govern.ts';
import { minuteOf } from './ledger.ts';
import type { ConfigurationSnapshot } from './messages.ts';
import { Pipeline } from './pipeline.ts';
import { recoverUnique, restoreMissing } from './recover-unique.ts';
import type { RecentRecords } from './recent-records.ts';
import { RefusedSamples } from './refused-samples.ts';
import type { Step } from './step.ts';
import type { UniqueState } from './unique/unique-state.ts';

/**
 * Reads raw records in order, decides them, and appends what was decided as governed records: once and for all. Where to go on after a restart stands in the last governed
 * record. One batch is decided while the one before it is being made durable; they are appended, and their state committed, strictly in order.
 */

/** Bounds of one governed record. */
const BATCH_BYTES_MAX_DEFAULT = 32 * 1024 * 1024;
const BATCH_ROWS_MAX = 100_000;
/**
 * Having read all there was, the next batch starts at least this far after the start of the one before unless that was large: many small records are merged into one. Further apart while single
 * events come at ten thousands a second.
 */
const TICK_MS = 10;
const BUSY_TICK_MS = 25;
const BUSY_TICK_ROWS = 150;
const LARGE_BATCH_ROWS = 4_000;
const IDLE_WAIT_MS = 200;
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;
/** After this time a full topic that cannot be trimmed, because recent ids cannot be made durable, is given up: starting anew makes them durable. */
const STUCK_MS = 60_000;

/** What a processor works with. It owns none of it. */
export interface ProcessorParts {
  readonly raw: LogReader;
  readonly governed: LogWriter;
  readonly unique: UniqueState;
  /** Is given every governed record once it is durable. */
  readonly recent: RecentRecords;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly configuration: () => ConfigurationSnapshot;
  /** Told after each governed record: raw records before `rawDecided` are decided, the topic is durable up to `governedNext`. */
  readonly onDecided: (rawDecided: Position, governedNext: Position) => void;
  /** Told when the governed topic takes nothing (a reason) and when it does again (null). */
  readonly onBlocked: (reason: string | null) => void;
  /** Instead of the pipeline's own: for tests. */
  readonly steps?: readonly Step[];
  /** Raw bytes that are decided as one batch; default 32 MiB. */
  readonly batchBytesMax?: number;
}

/** A decision on its way into the governed topic. */
interface Appending {
  readonly decision: Decision;
  readonly done: Promise<void>;
}

interface Batch {
  readonly records: readonly LogRecord[];
  readonly next: Position;
}

/** What a tick did. */
interface Ticked {
  /** Rows decided; 0 when there was nothing to read. */
  readonly rows: number;
  /** More was durable than this tick read. */
  readonly isBehind: boolean;
}

/** See the head of this file. `run` once. */
export class Processor {
  readonly #parts: ProcessorParts;
  readonly #pipeline: Pipeline;
  readonly #samples = new RefusedSamples();
  readonly #stopping = new AbortController();
  #rawNext: Position;
  #appending: Appending | undefined;

  private constructor(parts: ProcessorParts, rawNext: Position) {
    this.#parts = parts;
    this.#rawNext = rawNext;
    const { unique, telemetry, steps } = parts;
    this.#pipeline = new Pipeline({ unique }, telemetry, steps);
  }

  /** Finds out where to go on, and brings the state up to the governed topic. */
  static async open(parts: ProcessorParts): Promise<Processor> {
    const last = await parts.governed.last();
    const rawNext = last?.header.covers === undefined ? 0 : last.header.covers.to + 1;
    await recoverUnique({ unique: parts.unique, governed: parts.governed, telemetry: parts.telemetry });
    return new Processor(parts, rawNext);
  }

  /** Raw records before this are decided or being decided. */
  get rawNext(): Position {
    return this.#rawNext;
  }

  /**
   * Works until `stop`. Rejects with LogError `failed`, `fenced` or `closed` when the governed topic is no longer ours to write: open everything anew. What was decided and not appended is
   * then decided again.
   */
  async run(): Promise<void> {
    const { unique } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      const startedMs = this.#parts.clock.monotonicMs();
      const { rows, isBehind } = await this.#tick();
      unique.maintain();
      if (rows === 0) {
        await this.#settle();
        unique.maintain();
        if (unique.missing.length > 0) await this.#restore();
        await this.#idle();
      } else if (!isBehind && rows < LARGE_BATCH_ROWS) {
        await this.#settle();
        const tickMs = rows < BUSY_TICK_ROWS ? TICK_MS : BUSY_TICK_MS;
        await this.#pause(tickMs - (this.#parts.clock.monotonicMs() - startedMs));
      }
    }
    await this.#settle();
  }

  /** Makes `run` end after the batch under way. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Decides what there is to read, as much of it as one batch may have, and starts to append it. */
  async #tick(): Promise<Ticked> {
    const result = await this.#parts.raw.read(
      this.#rawNext,
      this.#parts.batchBytesMax ?? BATCH_BYTES_MAX_DEFAULT,
    );
    const { records, next } = cut(result);
    this.#reportGaps(result.gaps, next);
    if (records.length === 0 && next === this.#rawNext) return { rows: 0, isBehind: false };
    await this.#makeRoom(records);
    const decision = await this.#decide({ records, next });
    const before = this.#appending;
    await before?.done;
    const covers = { from: this.#rawNext, to: next - 1 };
    this.#rawNext = next;
    const done = this.#append(decision, covers);
    // Awaited on the next tick; a rejection must not count as unhandled until then.
    done.catch(() => undefined);
    this.#appending = { decision, done };
    return { rows: Math.max(1, decision.rows), isBehind: next < result.end };
  }

  async #makeRoom(records: readonly LogRecord[]): Promise<void> {
    const { unique } = this.#parts;
    const rows = records.reduce((sum, { header }) => sum + header.rows, 0);
    if (unique.hasRoom(rows) && unique.missing.length === 0 && !unique.wantsQuiet) return;
    await this.#settle();
    unique.maintain();
    if (unique.missing.length > 0) await this.#restore();
    await unique.makeRoom(rows);
  }

  async #decide({ records }: Batch): Promise<Decision & { readonly ms: number }> {
    const { clock, telemetry, configuration } = this.#parts;
    const startedMs = clock.monotonicMs();
    const decision = govern(records, {
      ...{ pipeline: this.#pipeline, samples: this.#samples, telemetry },
      ...{ configuration: configuration(), nowMs: clock.nowMs() },
    });
    return { ...decision, ms: clock.monotonicMs() - startedMs };
  }

  /** Appends a decision, again and again while the topic is full, and commits its state. */
  async #append(
    decision: Decision & { readonly ms: number },
    covers: { from: Position; to: Position },
  ): Promise<void> {
    const { governed, unique, recent, clock, telemetry, onBlocked, onDecided } = this.#parts;
    const { record, rows, rawRecords, commit } = decision;
    const payload = encodeGovernedRecord(record);
    const bytes = payload.reduce((sum, part) => sum + part.length, 0);
    const startedMs = clock.monotonicMs();
    for (let retryMs = RETRY_MS_MIN; ; retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)) {
      try {
        const position = await governed.append({ rows, covers }, payload);
        commit(position + 1);
        recent.offer({ position, covers, rows, bytes, record });
        if (retryMs > RETRY_MS_MIN) onBlocked(null);
        onDecided(covers.to + 1, position + 1);
        break;
      } catch (error) {
        if (!isTransient(error)) throw error;
        // Stopping with the topic full: what is not appended is decided again after the next start.
        if (this.#stopping.signal.aborted) throw error;
        if (unique.isLogDead && clock.monotonicMs() - startedMs > STUCK_MS)
          throw new LogError('failed', `stuck: ${error.message}`, { cause: error });
        telemetry.emit(PROCESS_BLOCKED, { reason: error.message, retryMs });
        onBlocked(error.message);
        await this.#pause(retryMs);
      }
    }
    telemetry.emit(PROCESS_DECIDED, {
      ...{ rows, bytes, stored: record.events.rows, records: rawRecords },
      ...{ decideMs: decision.ms, appendMs: clock.monotonicMs() - startedMs },
    });
  }

  /** Resolves when nothing is on its way any more. */
  async #settle(): Promise<void> {
    const appending = this.#appending;
    this.#appending = undefined;
    await appending?.done.catch((error: unknown) => {
      if (this.#stopping.signal.aborted && isTransient(error)) return;
      throw error;
    });
  }

  async #restore(): Promise<void> {
    const { unique, governed, telemetry } = this.#parts;
    await restoreMissing({ unique, governed, telemetry });
  }

  #reportGaps(gaps: readonly LogGap[], next: Position): void {
    for (const { from, to, detail } of gaps) {
      if (from < next) this.#parts.telemetry.emit(PROCESS_GAP, { topic: 'raw', from, to, detail });
    }
  }

  /** Waits for raw records, not for long: `stop` and upkeep must not wait for traffic. */
  #idle(): Promise<void> {
    return this.#parts.raw.changed(this.#rawNext, IDLE_WAIT_MS);
  }

  async #pause(ms: number): Promise<void> {
    if (ms < 1) return;
    await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

const isTransient = (error: unknown): error is LogError =>
  error instanceof LogError && (error.code === 'full' || error.code === 'busy');

/**
 * As many of the records as one batch may have (at least one), and where reading goes on after them. All of one minute of receipt: so the end of every minute lies between two governed records, and a
 * position tells exactly what had been received by then.
 */
const cut = ({ records, next }: ReadResult): Batch => {
  let rows = 0;
  for (const [index, { header, position, appendedAtMs }] of records.entries()) {
    rows += header.rows;
    const following = records[index + 1];
    if (following === undefined) break;
    if (rows >= BATCH_ROWS_MAX || minuteOf(following.appendedAtMs) !== minuteOf(appendedAtMs))
      return { records: records.slice(0, index + 1), next: position + 1 };
  }
  return { records, next };
};
