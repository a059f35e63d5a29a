import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import type { DirectoryLock } from '../../lib/dir-lock.ts';
import { errorCode, type FilePort, type OpenFile } from '../../lib/file-port.ts';
import type { Telemetry } from '../../lib/telemetry.ts';
import { AppendQueue, type WaitingAppend } from '../append-queue.ts';
import {
  LogError,
  type LogExtent,
  type LogRecord,
  type LogWriter,
  type Position,
  type ReadResult,
  type RecordHeader,
} from '../log.ts';
import type { Watermark } from '../watermark.ts';
import { LOG_COMMITTED, LOG_FAILED, LOG_FULL, LOG_HICCUP } from './events.ts';
import {
  encodeFrameHeader,
  FRAME_HEADER_BYTES,
  type FrameFields,
  frameBytes,
  KIND,
  paddingOf,
} from './frame.ts';
import type { SegmentReading } from './reader.ts';
import type { Segment, SegmentList } from './segment.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-header.ts';
import type { Spare } from './spare.ts';
import { MARK } from './survey.ts';

/** One group commit takes at most this much, unless a single record is longer: bounds how long the first of them waits for the last. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024;
/** Smaller groups are copied into one buffer, which is cheaper than a list of parts. */
const STAGING_BYTES = 1024 * 1024;
/** The second segment of a topic is this long, each further one twice as long, up to `segmentBytes`: a small topic takes little space. */
export const SEGMENT_BYTES_START = 4 * 1024 * 1024;

/**
 * Above this pace, bytes a second, segments are not zeroed ahead: commits are large then, so that what each costs for a file that grows counts for little, and writing everything twice counts
 * for more (docs/decisions/015-zeroing-in-calm.md). The pace is taken over windows of this length.
 */
const FLOOD_BYTES_PER_SECOND = 16 * 1024 * 1024;
const PACE_WINDOW_MS = 1_000;

/** The limits of a writer; see `SegmentWriterOptions`. */
export interface WriterLimits {
  readonly segmentBytes: number;
  readonly bytesMax: number;
  readonly pendingBytesMax: number;
  readonly recordBytesMax: number;
}

/** The segment being written. `file` must be used by the writer only. */
export interface Current {
  readonly segment: Segment;
  readonly file: OpenFile;
  readonly salt: number;
  /** Where the next frame goes. */
  offset: number;
  /** Size at which the next segment is begun. */
  readonly plannedBytes: number;
  /** Begun while so much was written that it was not zeroed ahead. */
  readonly isOfFlood: boolean;
}

/** What writing needs of the topic. */
export interface WriterParts {
  readonly topic: string;
  readonly files: FilePort;
  readonly list: SegmentList;
  readonly reading: SegmentReading;
  readonly watermark: Watermark;
  readonly spare: Spare;
  readonly lock: DirectoryLock;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly limits: WriterLimits;
  readonly epoch: number;
  /** Undefined: the first append begins a segment. */
  readonly current: Current | undefined;
  readonly next: Position;
  /** The position at which the topic was found to end, if it is not `next`: those between were given up. */
  readonly found: Position;
  /** Bytes of the segments before the current one. */
  readonly sealedBytes: ReadonlyMap<Segment, number>;
}

interface Pending extends WaitingAppend {
  readonly header: RecordHeader;
  readonly payload: readonly Uint8Array[];
  readonly appendedAtMs: number;
}

/**
 * Writes a topic. Modes: `open`; `failed`, entered from any write or fsync error but a full disk; `closed`, entered by close() from either. Neither is left again. A full disk
 * or topic is no mode: each append finds out for itself.
 */
export class SegmentWriter implements LogWriter {
  readonly #parts: WriterParts;
  readonly #staging = Buffer.allocUnsafeSlow(STAGING_BYTES);
  readonly #sealedBytes: Map<Segment, number>;
  #mode: 'open' | 'failed' | 'closed' = 'open';
  #failure: LogError | undefined;
  #current: Current | undefined;
  #next: Position;
  #found: Position;
  #markDue = true;
  /** Of the last record, if this writer wrote it. */
  #lastPosition: Position | undefined;
  readonly #queue = new AppendQueue<Pending>({
    bytesMax: (firstBytes) => this.#groupBytesMax(firstBytes),
    commit: (group) => this.#commitOrRefuse(group),
  });
  #paceSinceMs: number;
  #paceBytes = 0;
  #isFlood = false;
  /** Work on sealed segments that nobody waits for but close(). */
  #retiring: Promise<void> = Promise.resolve();

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#current = parts.current;
    this.#next = parts.next;
    this.#found = parts.found;
    this.#sealedBytes = new Map(parts.sealedBytes);
    this.#paceSinceMs = parts.clock.monotonicMs();
  }

  /** Makes the opening durable by a mark, unless the disk is full: then the first append that finds space does. Rejects with `failed`. */
  async begin(): Promise<void> {
    try {
      await this.#writeMarkIfDue();
    } catch (error) {
      await this.#refuseGroup([], error);
    }
    this.#prepareSpare();
    if (this.#failure !== undefined) throw this.#failure;
  }

  append(header: RecordHeader, payload: readonly Uint8Array[]): Promise<Position> {
    let payloadBytes = 0;
    for (const part of payload) payloadBytes += part.length;
    const bytes = frameBytes(payloadBytes);
    const refusal = this.#refusal(payloadBytes, bytes);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const appendedAtMs = Math.max(0, this.#parts.clock.nowMs());
      this.#queue.push({ header, payload, appendedAtMs, bytes, resolve, reject });
    });
  }

  async trim(before: Position): Promise<void> {
    if (this.#mode === 'closed') throw this.#closedError();
    const { list, files } = this.#parts;
    const keepFrom = Math.min(before, this.#lastPosition ?? (await this.last())?.position ?? 0);
    const surplus = list.all.filter(
      (segment) => (list.after(segment)?.base ?? Number.MAX_SAFE_INTEGER) <= keepFrom,
    );
    if (surplus.length === 0) return;
    try {
      for (const segment of surplus) {
        list.remove(segment);
        this.#sealedBytes.delete(segment);
        await segment.unlink();
      }
      await files.syncDirectory(list.dir);
    } catch (error) {
      throw new LogError('failed', `log ${this.#parts.topic} could not be trimmed: ${String(error)}`, {
        cause: error,
      });
    }
  }

  read(from: Position, bytesMax: number): Promise<ReadResult> {
    return this.#parts.reading.read(from, bytesMax);
  }

  changed(from: Position, timeoutMs: number): Promise<void> {
    return this.#parts.reading.changed(from, timeoutMs);
  }

  last(): Promise<LogRecord | undefined> {
    return this.#parts.reading.last();
  }

  async extent(): Promise<LogExtent> {
    return { ...(await this.#parts.reading.extent()), bytes: this.#usedBytes() };
  }

  /** What was appended before is still made durable (or refused); then a closing mark, and everything is let go. */
  async close(): Promise<void> {
    if (this.#mode === 'closed') return;
    const failed = this.#mode === 'failed';
    this.#mode = 'closed';
    await this.#queue.idle();
    if (!failed && this.#failure === undefined)
      await this.#writeMark(MARK.closed).catch((error) => this.#hiccup('closing mark', error));
    await this.#retiring;
    await this.#parts.spare.close();
    await this.#current?.file.close();
    await this.#parts.reading.close();
    this.#parts.lock.release();
  }

  #usedBytes(): number {
    let bytes = this.#current?.offset ?? 0;
    for (const sealed of this.#sealedBytes.values()) bytes += sealed;
    return bytes;
  }

  #closedError(): LogError {
    return new LogError('closed', `log ${this.#parts.topic} is closed`);
  }

  /** Why an append cannot be taken in, if it cannot. */
  #refusal(payloadBytes: number, bytes: number): LogError | undefined {
    const { topic, limits } = this.#parts;
    if (this.#mode === 'closed') return this.#closedError();
    if (this.#failure !== undefined) return this.#failure;
    if (payloadBytes > limits.recordBytesMax) {
      return new LogError(
        'too_large',
        `a record of ${payloadBytes} bytes is over the limit of ${limits.recordBytesMax}`,
      );
    }
    const busy = this.#queue.busy(topic, bytes, limits.pendingBytesMax);
    if (busy !== undefined) return busy;
    if (this.#usedBytes() + this.#queue.bytes + bytes <= limits.bytesMax) return undefined;
    const reason = `the topic's limit of ${limits.bytesMax} bytes is reached`;
    this.#parts.telemetry.emit(LOG_FULL, { topic, reason, records: 1 });
    return new LogError('full', `log ${topic} is full: ${reason}`);
  }

  async #commitOrRefuse(group: readonly Pending[]): Promise<void> {
    try {
      await this.#commit(group);
    } catch (error) {
      await this.#refuseGroup(group, error);
    }
  }

  /** At most what still fits into the segment; an append that does not fit begins the next one. */
  #groupBytesMax(firstBytes: number): number {
    const room = (this.#current?.plannedBytes ?? 0) - (this.#current?.offset ?? 0);
    return Math.min(GROUP_BYTES_MAX, firstBytes > room ? this.#segmentBytesFor(firstBytes) : room);
  }

  async #commit(group: readonly Pending[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const startedMs = this.#parts.clock.monotonicMs();
    let bytes = 0;
    for (const pending of group) bytes += pending.bytes;
    await this.#writeMarkIfDue();
    const current = await this.#currentFor(bytes);
    await current.file.writeDurably(this.#encode(group, current, bytes), current.offset);
    this.#acknowledge(group, current);
    this.#takePace(bytes);
    const ms = this.#parts.clock.monotonicMs() - startedMs;
    this.#parts.telemetry.emit(LOG_COMMITTED, { topic: this.#parts.topic, records: group.length, bytes, ms });
  }

  #encode(group: readonly Pending[], current: Current, bytes: number): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    const headers = Buffer.allocUnsafe(group.length * FRAME_HEADER_BYTES);
    let distance = 0;
    group.forEach((pending, at) => {
      const fields: FrameFields = {
        kind: KIND.record,
        rows: pending.header.rows,
        covers: pending.header.covers,
        position: this.#next + at,
        appendedAtMs: pending.appendedAtMs,
        epoch: this.#parts.epoch,
        groupDistance: distance,
        keyId: 0,
      };
      encodeFrameHeader(headers, at * FRAME_HEADER_BYTES, fields, pending.payload, current.salt);
      parts.push(
        headers.subarray(at * FRAME_HEADER_BYTES, (at + 1) * FRAME_HEADER_BYTES),
        ...pending.payload,
      );
      let payloadBytes = 0;
      for (const part of pending.payload) payloadBytes += part.length;
      parts.push(paddingOf(payloadBytes));
      distance += pending.bytes;
    });
    return bytes <= STAGING_BYTES ? [this.#staged(parts)] : parts;
  }

  #staged(parts: readonly Uint8Array[]): Uint8Array {
    let at = 0;
    for (const part of parts) {
      this.#staging.set(part, at);
      at += part.length;
    }
    return this.#staging.subarray(0, at);
  }

  #acknowledge(group: readonly Pending[], current: Current): void {
    const first = this.#next;
    let offset = current.offset;
    group.forEach((pending, at) => {
      current.segment.index.offer(first + at, offset);
      offset += pending.bytes;
    });
    current.offset = offset;
    this.#next = first + group.length;
    this.#lastPosition = this.#next - 1;
    this.#found = this.#next;
    this.#parts.watermark.advance(this.#next);
    this.#queue.resolve(group, first);
  }

  /** The segment that takes so many bytes: the current one, or a new one. */
  async #currentFor(bytes: number): Promise<Current> {
    const current = this.#current;
    const holdsNothing = current?.segment.base === this.#next;
    const fits = current !== undefined && current.offset + bytes <= current.plannedBytes;
    // After a flood: on to a segment into which small commits are cheap.
    const isOutdated = current?.isOfFlood === true && !this.#isFlood && this.#parts.spare.isReady;
    if (current !== undefined && (holdsNothing || (fits && !isOutdated))) return current;
    return this.#roll(bytes);
  }

  #takePace(bytes: number): void {
    this.#paceBytes += bytes;
    const nowMs = this.#parts.clock.monotonicMs();
    const elapsedMs = nowMs - this.#paceSinceMs;
    if (elapsedMs < PACE_WINDOW_MS) return;
    this.#isFlood = this.#paceBytes * 1_000 > FLOOD_BYTES_PER_SECOND * elapsedMs;
    this.#paceSinceMs = nowMs;
    this.#paceBytes = 0;
    this.#prepareSpare();
  }

  /** Length of the segment after the current one, if it must take so many bytes of frames. */
  #segmentBytesFor(bytes: number): number {
    const previous = this.#current?.plannedBytes ?? 0;
    const wanted = Math.min(this.#parts.limits.segmentBytes, Math.max(SEGMENT_BYTES_START, previous * 2));
    return Math.max(wanted, SEGMENT_HEADER_BYTES + bytes);
  }

  #prepareSpare(): void {
    if (!this.#isFlood) this.#parts.spare.prepare(this.#segmentBytesFor(0));
  }

  /** Begins a new segment. It gets its name only once its header is durable. */
  async #roll(bytes: number): Promise<Current> {
    const { files, list, spare, epoch, clock } = this.#parts;
    const salt = randomBytes(4).readUInt32LE();
    const plannedBytes = this.#segmentBytesFor(bytes);
    const taken = await spare.take();
    const base = this.#next;
    const header = { base, continues: this.#found, salt, epoch, createdAtMs: Math.max(0, clock.nowMs()) };
    try {
      await taken.file.writev([encodeSegmentHeader(header)], 0);
      await taken.file.datasync();
    } catch (error) {
      await spare.discard(taken);
      throw error;
    }
    const path = join(list.dir, `${base.toString().padStart(16, '0')}.seg`);
    await this.#critically(() => files.rename(taken.path, path));
    await this.#critically(() => files.syncDirectory(list.dir));
    this.#retire();
    this.#current = {
      segment: list.add(base),
      file: taken.file,
      salt,
      offset: SEGMENT_HEADER_BYTES,
      plannedBytes,
      isOfFlood: this.#isFlood,
    };
    this.#markDue = false;
    this.#prepareSpare();
    return this.#current;
  }

  /** Lets the current segment go: gives back its unused zeros and writes its index, in the background. */
  #retire(): void {
    const old = this.#current;
    if (old === undefined) return;
    this.#sealedBytes.set(old.segment, old.offset);
    this.#retiring = this.#retiring.then(async () => {
      try {
        await old.file.truncate(old.offset);
        await old.segment.saveIndex();
      } catch (error) {
        this.#hiccup('tidying a sealed segment', error);
      }
      await old.file.close();
    });
  }

  async #writeMarkIfDue(): Promise<void> {
    if (!this.#markDue || this.#current === undefined) return;
    await this.#writeMark(MARK.opened);
    this.#markDue = false;
    this.#parts.watermark.advance(this.#next);
  }

  async #writeMark(rows: number): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    const fields: FrameFields = {
      kind: KIND.mark,
      rows,
      position: this.#next,
      appendedAtMs: Math.max(0, this.#parts.clock.nowMs()),
      covers: { from: this.#found, to: this.#next },
      epoch: this.#parts.epoch,
      groupDistance: 0,
      keyId: 0,
    };
    const frame = new Uint8Array(FRAME_HEADER_BYTES);
    encodeFrameHeader(frame, 0, fields, [], current.salt);
    await current.file.writev([frame], current.offset);
    await current.file.datasync();
    current.offset += FRAME_HEADER_BYTES;
    this.#found = this.#next;
  }

  /** Runs a step after which the state on disk is unknown if it fails, even for want of space. */
  async #critically(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  /** Rejects a group that was not written: with `full` if what was written of it could be undone. */
  async #refuseGroup(group: readonly Pending[], error: unknown): Promise<void> {
    this.#queue.reject(group, await this.#refusalFor(group.length, error));
  }

  async #refusalFor(records: number, error: unknown): Promise<LogError> {
    if (this.#failure !== undefined) return this.#failure;
    if (errorCode(error) !== 'ENOSPC' && errorCode(error) !== 'EDQUOT') return this.#fail(error);
    try {
      await this.#current?.file.truncate(this.#current.offset);
      await this.#current?.file.datasync();
    } catch (undoError) {
      return this.#fail(undoError);
    }
    const { topic, telemetry } = this.#parts;
    telemetry.emit(LOG_FULL, { topic, reason: 'no space left on the disk', records });
    return new LogError('full', `log ${topic}: no space left on the disk`, { cause: error });
  }

  /** Gives up for good. Which bytes behind the last commit are on disk is unknown, and asking again (fsync) would lie: the segment is sealed in front of them. */
  async #fail(error: unknown): Promise<LogError> {
    if (this.#failure !== undefined) return this.#failure;
    const { topic, telemetry, list } = this.#parts;
    const failure = new LogError('failed', `log ${topic}: writing failed: ${String(error)}`, {
      cause: error,
    });
    this.#failure = failure;
    if (this.#mode === 'open') this.#mode = 'failed';
    telemetry.emit(LOG_FAILED, {
      topic,
      file: this.#current?.segment.path ?? list.dir,
      reason: String(error),
    });
    const current = this.#current;
    await current?.segment
      .seal(list.dir, current.offset)
      .catch((sealError) => this.#hiccup('seal file', sealError));
    return failure;
  }

  #hiccup(what: string, error: unknown): void {
    this.#parts.telemetry.emit(LOG_HICCUP, { topic: this.#parts.topic, what, reason: String(error) });
  }
}
