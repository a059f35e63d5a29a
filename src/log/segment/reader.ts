import { errorCode } from '../../lib/file-port.ts';
import type { Telemetry } from '../../lib/telemetry.ts';
import {
  LogError,
  type LogExtent,
  type LogGap,
  type LogReader,
  type LogRecord,
  type Position,
  type ReadResult,
} from '../log.ts';
import type { Watermark } from '../watermark.ts';
import { LOG_CORRUPTION } from './events.ts';
import { continuesAt, type Frame, KIND } from './frame.ts';
import { type Cursor, type Damage, type ReadAt, walkSegment } from './scan.ts';
import type { Segment, SegmentList } from './segment.ts';
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts';

/** The smallest and the largest piece that is read at once (a single longer record is read whole). */
const CHUNK_BYTES_MIN = 128 * 1024;
const CHUNK_BYTES_MAX = 8 * 1024 * 1024;
const LAST_CHUNK_BYTES = 1024 * 1024;
/** Places at which reads ended, remembered so that the next read goes on there: one for each consumer of this reader. */
const CURSORS_MAX = 16;
/** Damaged places remembered so that each is reported once. */
const REPORTED_MAX = 10_000;
const TRIES_MAX = 5;

/** What reading needs of the topic. */
export interface ReaderParts {
  readonly topic: string;
  readonly list: SegmentList;
  readonly watermark: Watermark;
  readonly telemetry: Telemetry;
  /** Bytes that the topic takes. */
  readonly usedBytes: () => Promise<number>;
}

/** An answer to `read` in the making. `next` is what has been dealt with so far. */
class Answer {
  readonly records: LogRecord[] = [];
  readonly gaps: LogGap[] = [];
  readonly #bytesMax: number;
  #bytes = 0;
  #next: Position;

  constructor(from: Position, bytesMax: number) {
    this.#next = from;
    this.#bytesMax = bytesMax;
  }

  get next(): Position {
    return this.#next;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a frame in; false: it does not fit any more. */
  add(frame: Frame, why: () => string): boolean {
    const continues = continuesAt(frame);
    if (continues > this.#next) this.gap(continues, why());
    if (frame.kind === KIND.mark) {
      this.skipTo(frame.position);
      return true;
    }
    if (frame.position < this.#next) return true;
    if (this.records.length > 0 && this.#bytes + frame.payload.length > this.#bytesMax) return false;
    this.records.push(recordOf(frame));
    this.#bytes += frame.payload.length;
    this.#next = frame.position + 1;
    return true;
  }

  /** Notes that nothing can be read up to `to`. */
  gap(to: Position, detail: string): void {
    if (to <= this.#next) return;
    this.gaps.push({ from: this.#next, to, detail });
    this.#next = to;
  }

  /** Goes on at `to`, where nothing was lost before it. */
  skipTo(to: Position): void {
    this.#next = Math.max(this.#next, to);
  }

  result(end: Position): ReadResult {
    return { records: this.records, gaps: this.gaps, next: this.#next, end };
  }
}

const recordOf = (frame: Frame): LogRecord => ({
  position: frame.position,
  appendedAtMs: frame.appendedAtMs,
  header: frame.covers === undefined ? { rows: frame.rows } : { rows: frame.rows, covers: frame.covers },
  payload: frame.payload,
});

interface Place {
  readonly segment: Segment;
  readonly cursor: Cursor;
}

/** Reads a topic's segments up to a watermark. Used by the writer itself and by readers in other processes. */
export class SegmentReading implements LogReader {
  readonly #topic: string;
  readonly #list: SegmentList;
  readonly #watermark: Watermark;
  readonly #telemetry: Telemetry;
  readonly #usedBytes: () => Promise<number>;
  readonly #places = new Map<Position, Place>();
  readonly #reported = new Set<string>();
  #chunkBytes = CHUNK_BYTES_MIN;
  #closed = false;

  constructor(parts: ReaderParts) {
    this.#topic = parts.topic;
    this.#list = parts.list;
    this.#watermark = parts.watermark;
    this.#telemetry = parts.telemetry;
    this.#usedBytes = parts.usedBytes;
  }

  async read(from: Position, bytesMax: number): Promise<ReadResult> {
    const answer = new Answer(from, bytesMax);
    const until = this.#watermark.next;
    await this.#guarded(async () => {
      while (answer.next < until && answer.records.length === 0) await this.#readOn(answer, until, bytesMax);
    });
    return answer.result(until);
  }

  changed(from: Position, timeoutMs: number): Promise<void> {
    return this.#watermark.wait(from, timeoutMs);
  }

  last(): Promise<LogRecord | undefined> {
    return this.#guarded(async () => {
      await this.#list.refresh();
      const until = this.#watermark.next;
      for (const segment of this.#list.all.filter(({ base }) => base < until).toReversed()) {
        const frame = await this.#using(segment, (read, header) =>
          this.#lastIn(segment, read, header, until),
        );
        if (frame !== undefined) return recordOf(frame);
      }
      return undefined;
    });
  }

  extent(): Promise<LogExtent> {
    return this.#guarded(async () => {
      if (this.#list.first === undefined) await this.#list.refresh();
      const next = this.#watermark.next;
      const first = Math.min(this.#list.first?.base ?? next, next);
      return { first, next, bytes: await this.#usedBytes() };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#watermark.close();
    await this.#list.close();
  }

  /** Runs an operation; I/O errors become LogErrors, and it is tried again when a file was trimmed away meanwhile. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      if (this.#closed) throw new LogError('closed', `log ${this.#topic} is closed`);
      try {
        return await work();
      } catch (error) {
        if (error instanceof LogError) throw error;
        if (errorCode(error) !== 'ENOENT' || tries === TRIES_MAX) {
          throw new LogError('failed', `log ${this.#topic} cannot be read: ${String(error)}`, {
            cause: error,
          });
        }
        this.#places.clear();
        await this.#list.refresh();
      }
    }
  }

  async #readOn(answer: Answer, until: Position, bytesMax: number): Promise<void> {
    const place = this.#places.get(answer.next);
    // Used once: if nothing more is there, the next try must look for the segment anew.
    this.#places.delete(answer.next);
    const segment = place?.segment ?? (await this.#segmentAt(answer.next));
    if (segment === undefined) {
      this.#before(answer, until);
      return;
    }
    await this.#using(segment, async (read, header) => {
      if (header === undefined) {
        await this.#endOf(segment, answer, until, {
          offset: 0,
          reason: 'both copies of its header are damaged',
        });
        return;
      }
      await this.#readSegment(segment, read, header, answer, until, bytesMax, place?.cursor);
    });
  }

  async #segmentAt(position: Position): Promise<Segment | undefined> {
    const found = this.#list.find(position);
    if (found !== undefined) return found;
    await this.#list.refresh();
    return this.#list.find(position);
  }

  /** Nothing is kept of the position asked for. */
  #before(answer: Answer, until: Position): void {
    const first = this.#list.first?.base ?? until;
    answer.gap(Math.min(first, until), `before the first position kept of ${this.#topic}, ${first}: trimmed`);
  }

  async #readSegment(
    segment: Segment,
    read: ReadAt,
    header: SegmentHeader,
    answer: Answer,
    until: Position,
    bytesMax: number,
    place: Cursor | undefined,
  ): Promise<void> {
    const start = place ?? this.#startIn(segment, header, answer.next);
    const chunkBytes = Math.min(this.#chunkBytes, Math.max(CHUNK_BYTES_MIN, bytesMax));
    let damage: Damage | undefined;
    let at = start;
    for await (const step of walkSegment(read, header.salt, start, {
      until,
      chunkBytes,
      searchBehindEnd: false,
    })) {
      const why = () =>
        this.#describe(segment, damage ?? { offset: at.offset, reason: 'records are missing' });
      const full = this.#take(segment, answer, step.frames, why);
      at = step.cursor;
      if (full) return;
      if (step.damage !== undefined) {
        damage = step.damage;
        this.#report(segment, damage.offset, damage.reason);
      }
      if (step.stop === 'until' && at.expected < until) answer.gap(until, why());
      if (step.stop === 'end' && at.expected < until)
        await this.#endOf(segment, answer, until, damage, { read, header, at });
      if (answer.records.length > 0) {
        if (step.damage === undefined && step.stop !== 'end')
          this.#remember(answer.next, { segment, cursor: at });
        return;
      }
    }
  }

  /** Adds frames to the answer. True: it is full, and where to go on is remembered. */
  #take(segment: Segment, answer: Answer, frames: readonly Frame[], why: () => string): boolean {
    for (const frame of frames) {
      segment.index.offer(frame.position, frame.offset);
      if (answer.add(frame, why)) continue;
      const cursor = { offset: frame.offset, expected: answer.next, epoch: frame.epoch };
      this.#remember(answer.next, { segment, cursor });
      this.#adapt(answer.bytes);
      return true;
    }
    this.#adapt(answer.bytes);
    return false;
  }

  /** Reads larger pieces when catching up, smaller ones when following the end. */
  #adapt(bytes: number): void {
    this.#chunkBytes = Math.min(CHUNK_BYTES_MAX, Math.max(CHUNK_BYTES_MIN, bytes * 2));
  }

  #remember(next: Position, place: Place): void {
    this.#places.delete(next);
    this.#places.set(next, place);
    if (this.#places.size <= CURSORS_MAX) return;
    for (const oldest of this.#places.keys()) {
      this.#places.delete(oldest);
      return;
    }
  }

  #startIn(segment: Segment, header: SegmentHeader, position: Position): Cursor {
    const entry = segment.index.find(position);
    if (entry === undefined)
      return { offset: SEGMENT_HEADER_BYTES, expected: segment.base, epoch: header.epoch };
    return { offset: entry.offset, expected: entry.position, epoch: header.epoch };
  }

  /** The segment holds nothing more, but the topic goes on: in the next segment, or something is missing here. */
  async #endOf(
    segment: Segment,
    answer: Answer,
    until: Position,
    damage: { readonly offset: number; readonly reason: string } | undefined,
    rest?: { readonly read: ReadAt; readonly header: SegmentHeader; readonly at: Cursor },
  ): Promise<void> {
    if (this.#list.after(segment) === undefined) await this.#list.refresh();
    const following = this.#list.after(segment);
    const continues = following === undefined ? until : await this.#continuesAt(following);
    if (continues > answer.next) {
      const resumed =
        damage === undefined &&
        rest !== undefined &&
        (await this.#searchBehind(segment, answer, until, rest));
      if (resumed) return;
      const place = damage ?? { offset: rest?.at.offset ?? 0, reason: 'the segment ends too early' };
      this.#report(segment, place.offset, place.reason);
      answer.gap(Math.min(continues, until), this.#describe(segment, place));
    }
    if (following !== undefined) answer.skipTo(Math.min(following.base, until));
  }

  async #continuesAt(segment: Segment): Promise<Position> {
    return this.#using(segment, (_read, header) => Promise.resolve(header?.continues ?? segment.base));
  }

  /** Zeros where data should be: looks for frames behind them. True: there are some, and the answer has them or knows where they are. */
  async #searchBehind(
    segment: Segment,
    answer: Answer,
    until: Position,
    rest: { readonly read: ReadAt; readonly header: SegmentHeader; readonly at: Cursor },
  ): Promise<boolean> {
    const options = { until, chunkBytes: CHUNK_BYTES_MIN, searchBehindEnd: true };
    for await (const step of walkSegment(rest.read, rest.header.salt, rest.at, options)) {
      const why = () =>
        this.#describe(segment, { offset: rest.at.offset, reason: 'zeros where a frame should be' });
      if (step.damage !== undefined) this.#report(segment, step.damage.offset, step.damage.reason);
      if (this.#take(segment, answer, step.frames, why) || answer.records.length > 0) return true;
    }
    return false;
  }

  async #lastIn(
    segment: Segment,
    read: ReadAt,
    header: SegmentHeader | undefined,
    until: Position,
  ): Promise<Frame | undefined> {
    if (header === undefined) return undefined;
    let last: Frame | undefined;
    const options = { until, chunkBytes: LAST_CHUNK_BYTES, searchBehindEnd: false };
    const start = this.#startIn(segment, header, until - 1);
    for await (const step of walkSegment(read, header.salt, start, options)) {
      for (const frame of step.frames) segment.index.offer(frame.position, frame.offset);
      last = step.frames.findLast((frame) => frame.kind === KIND.record) ?? last;
    }
    if (last !== undefined || start.offset === SEGMENT_HEADER_BYTES) return last;
    return this.#lastFromStart(read, header, segment, until);
  }

  /** As `#lastIn`, when the indexed part at the end is damaged. */
  async #lastFromStart(
    read: ReadAt,
    header: SegmentHeader,
    segment: Segment,
    until: Position,
  ): Promise<Frame | undefined> {
    let last: Frame | undefined;
    const start = { offset: SEGMENT_HEADER_BYTES, expected: segment.base, epoch: header.epoch };
    const options = { until, chunkBytes: LAST_CHUNK_BYTES, searchBehindEnd: false };
    for await (const step of walkSegment(read, header.salt, start, options)) {
      last = step.frames.findLast((frame) => frame.kind === KIND.record) ?? last;
    }
    return last;
  }

  /** Opens a segment for a piece of work; reports a damaged copy of its header, and loads its index. */
  async #using<T>(
    segment: Segment,
    work: (read: ReadAt, header: SegmentHeader | undefined) => Promise<T>,
  ): Promise<T> {
    try {
      return await segment.use(async (read, header, damagedAt) => {
        if (damagedAt !== undefined) {
          this.#report(segment, damagedAt, 'one copy of the header is damaged; the other one is used');
        }
        const indexFault = await segment.loadIndex();
        if (indexFault !== undefined) {
          this.#telemetry.emit(LOG_CORRUPTION, {
            topic: this.#topic,
            file: segment.indexPath,
            offset: 0,
            reason: indexFault,
          });
        }
        return await work(read, header);
      });
    } finally {
      this.#list.touched(segment);
    }
  }

  #describe(segment: Segment, damage: { readonly offset: number; readonly reason: string }): string {
    return `${segment.path} at byte ${damage.offset}: ${damage.reason}`;
  }

  #report(segment: Segment, offset: number, reason: string): void {
    const key = `${segment.base}:${offset}`;
    if (this.#reported.has(key) || this.#reported.size >= REPORTED_MAX) return;
    this.#reported.add(key);
    this.#telemetry.emit(LOG_CORRUPTION, { topic: this.#topic, file: segment.path, offset, reason });
  }
}
