/**
 * The log: the spine between the stages. A topic is an ordered sequence of records; every consumer is nothing but a position.
 *
 * Order: records are read in the order in which their appends were called. Positions increase, but need not be dense: Kafka's transactions and a torn tail (which may have held
 * records, so its positions are never used again) leave holes. A hole is no gap. Never compute the position of a record from that of another one.
 * Concurrency: one writer a topic, any number of readers, also in other processes. Appends may be called while others are in flight; they
 * are made durable together (group commit) and resolve in order.
 * Durability: `append` resolves only when the record would survive a power loss. A record that was never acknowledged may still be read after a
 * crash, whole or not at all.
 * Failure: see `LogError.code`. After `failed` the writer accepts nothing more (it is never known what a failed fsync wrote); open the
 * topic anew.
 */

/** Position of a record within its topic: a non-negative safe integer. */
export type Position = number;

/** What a record says of itself, beside its payload. Kept in the frame, so that it is read without decoding the payload. */
export interface RecordHeader {
  /** Rows in the payload, refused ones included. */
  readonly rows: number;
  /** Governed records: the inclusive range of raw positions that this record decides. Raw records: absent. */
  readonly covers?: { readonly from: Position; readonly to: Position };
}

/** A record as read back. `payload` may be a view that stays valid only until the next read of the same reader. */
export interface LogRecord {
  readonly position: Position;
  /** When the writer appended it, milliseconds since the epoch by the writer's clock. */
  readonly appendedAtMs: number;
  readonly header: RecordHeader;
  readonly payload: Uint8Array;
}

/** A stretch of a topic that could not be read. Reported with the read that passes over it, never silent. */
export interface LogGap {
  readonly from: Position;
  /** First position after the gap. */
  readonly to: Position;
  /** Why, in words for an operator: file and byte offset included. */
  readonly detail: string;
}

/** An answer to `read`: possibly empty. Reading goes on at `next`; while that is before `end`, there is more to read at once. */
export interface ReadResult {
  readonly records: readonly LogRecord[];
  readonly gaps: readonly LogGap[];
  readonly next: Position;
  /** The position after the last record that was durable when this was read. */
  readonly end: Position;
}

/** What a topic holds now. */
export interface LogExtent {
  /** First readable position. */
  readonly first: Position;
  /** The position after the last durable record: the next to be read at the end. */
  readonly next: Position;
  readonly bytes: number;
}

/** Reading side of a topic. */
export interface LogReader {
  /**
   * Records from `from` on, in order, up to about `bytesMax` of payload (at least one record if there is any). Returns at once, with no records when there are
   * none; see `changed`. Only durable records are returned.
   * A `from` before the first record kept is answered with a gap up to it.
   */
  read(from: Position, bytesMax: number): Promise<ReadResult>;
  /** Resolves when there may be something to read at `from`, or after `timeoutMs`. */
  changed(from: Position, timeoutMs: number): Promise<void>;
  /** The last durable record, or undefined in an empty topic. */
  last(): Promise<LogRecord | undefined>;
  extent(): Promise<LogExtent>;
  close(): Promise<void>;
}

/**
 * Writing side of a topic; there is one at a time. Opening a second one either fences the first, whose appends are refused from then on with `fenced` (Kafka, memory), or is
 * itself refused with `fenced` while the first lives (segments: the directory is locked).
 */
export interface LogWriter extends LogReader {
  /**
   * Appends one record; resolves with its position once it is durable. The payload parts are written one after another and must not be changed
   * until then. Rejects with LogError.
   */
  append(header: RecordHeader, payload: readonly Uint8Array[]): Promise<Position>;
  /** Gives back the space of records before `before` (whole segments only, so some may stay). Never removes the last record. */
  trim(before: Position): Promise<void>;
}

/**
 * `full`: the topic's byte limit or the disk is full; nothing was written; try again later. `failed`: an I/O error, this writer is done. `fenced`: another writer
 * took over. `closed`: after close(). `too_large`: one record over the limit. `busy`: too many bytes wait to be written; try again later.
 */
export type LogErrorCode = 'full' | 'failed' | 'fenced' | 'closed' | 'too_large' | 'busy';

/** The only error class that a log throws. */
export class LogError extends Error {
  readonly code: LogErrorCode;
  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LogError';
    this.code = code;
  }
}
