import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { type DirectoryLock, DirectoryLockedError } from '../../lib/dir-lock.ts';
import { type FilePort, nodeFiles, type OpenFile } from '../../lib/file-port.ts';
import type { Telemetry } from '../../lib/telemetry.ts';
import { LogError, type LogReader, type LogWriter, type Position } from '../log.ts';
import { Watermark } from '../watermark.ts';
import { LOG_CORRUPTION, LOG_HICCUP, LOG_OPENED, LOG_TAIL_DROPPED } from './events.ts';
import { FRAME_HEADER_BYTES, PAYLOAD_BYTES_LIMIT } from './frame.ts';
import { SegmentReading } from './reader.ts';
import { type Segment, SegmentList } from './segment.ts';
import { Spare } from './spare.ts';
import { positionBehind, surveySegment } from './survey.ts';
import { type Current, SEGMENT_BYTES_START, SegmentWriter, type WriterLimits } from './writer.ts';

/**
 * The log as segment files of one directory: `<dir>/<name>/`. Format: `docs/reference/log-format.md`.
 *
 * One writer at a time: the directory is locked, and opening a second writer is refused with `fenced`, naming the process that holds it. The lock goes with its process,
 * so a writer that was killed is in nobody's way.
 */

/** Defaults of the options below. */
export const SEGMENT_BYTES_DEFAULT = 64 * 1024 * 1024;
export const LOG_BYTES_MAX_DEFAULT = 16 * 1024 * 1024 * 1024;
export const PENDING_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
export const RECORD_BYTES_MAX_DEFAULT = 256 * 1024 * 1024;

/** Added to the epoch when the last segment's is unreadable: more openings than that without a new segment do not happen. */
const EPOCH_LEAP = 1_000_000;

/** Which topic to read, and how much of it. */
export interface SegmentReaderOptions {
  readonly dir: string;
  /** The topic: a directory of its own within `dir`. */
  readonly name: string;
  readonly telemetry: Telemetry;
  readonly files?: FilePort;
  /**
   * What may be read. `told` (default): records before the position given to `durableTo`. `found`: also everything intact that is on the disk when this opens; for a topic
   * without a writer, for checks.
   */
  readonly durable?: 'told' | 'found';
}

/** Which topic to write, within which bounds. */
export interface SegmentWriterOptions {
  readonly dir: string;
  readonly name: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly files?: FilePort;
  /** Length of a segment file. A longer record gets a segment of its own. */
  readonly segmentBytes?: number;
  /** Bytes that the topic may take; above, appends are refused with `full`. */
  readonly bytesMax?: number;
  /** Bytes that may wait to be written; above, appends are refused with `busy`. */
  readonly pendingBytesMax?: number;
  /** The longest record; longer ones are refused with `too_large`. */
  readonly recordBytesMax?: number;
}

/** A reader that is told how far the topic is durable: by the writer, from another process. */
export interface SegmentReader extends LogReader {
  /** The topic is durable up to (not including) `next`. Going back is ignored. */
  durableTo(next: Position): void;
}

/** Opens a topic for reading, in any process. It need not exist yet. */
export const openSegmentReader = async (options: SegmentReaderOptions): Promise<SegmentReader> => {
  const files = options.files ?? nodeFiles;
  const list = new SegmentList(files, join(options.dir, options.name));
  await list.refresh();
  const watermark = new Watermark(0);
  const usedBytes = async (): Promise<number> => {
    await list.refresh();
    const sizes = await Promise.all(list.all.map((segment) => files.sizeOf(segment.path).catch(() => 0)));
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  };
  const reading = new SegmentReading({
    topic: options.name,
    list,
    watermark,
    telemetry: options.telemetry,
    usedBytes,
  });
  if (options.durable === 'found') watermark.advance(await foundEnd(list));
  return Object.assign(reading, { durableTo: (next: Position) => watermark.advance(next) });
};

const foundEnd = async (list: SegmentList): Promise<Position> => {
  for (const segment of list.all.toReversed()) {
    const survey = await surveySegment(segment);
    if (survey !== undefined) return survey.end.expected;
  }
  return list.last?.base ?? 0;
};

/** Opens a topic for writing; makes it if it does not exist. Rejects with LogError: `fenced` if it has a writer, `failed` for I/O errors. */
export const openSegmentWriter = async (options: SegmentWriterOptions): Promise<LogWriter> => {
  const files = options.files ?? nodeFiles;
  const dir = join(options.dir, options.name);
  const startedMs = options.clock.monotonicMs();
  let lock: DirectoryLock | undefined;
  try {
    await files.makeDirectory(dir);
    lock = files.lock(dir, `log ${options.name}`);
    const { writer, segments, epoch, next } = await recover(options, files, dir, lock);
    const ms = options.clock.monotonicMs() - startedMs;
    options.telemetry.emit(LOG_OPENED, { topic: options.name, next, segments, epoch, ms });
    return writer;
  } catch (error) {
    lock?.release();
    if (error instanceof LogError) throw error;
    const code = error instanceof DirectoryLockedError ? 'fenced' : 'failed';
    throw new LogError(
      code,
      `log ${options.name} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
};

const limitsOf = (options: SegmentWriterOptions): WriterLimits => ({
  segmentBytes: options.segmentBytes ?? SEGMENT_BYTES_DEFAULT,
  bytesMax: options.bytesMax ?? LOG_BYTES_MAX_DEFAULT,
  pendingBytesMax: options.pendingBytesMax ?? PENDING_BYTES_MAX_DEFAULT,
  recordBytesMax: Math.min(options.recordBytesMax ?? RECORD_BYTES_MAX_DEFAULT, PAYLOAD_BYTES_LIMIT),
});

const recover = async (options: SegmentWriterOptions, files: FilePort, dir: string, lock: DirectoryLock) => {
  const { name: topic, telemetry, clock } = options;
  const list = new SegmentList(files, dir);
  for (const leftOver of await list.refresh()) await files.unlink(join(dir, leftOver));
  // A writer that was killed may have named a segment without getting to sync that.
  await files.syncDirectory(dir);
  const limits = limitsOf(options);
  const end = await endOfTopic(list, files, options).catch(async (error: unknown) => {
    await list.close();
    throw error;
  });
  const sealedBytes = new Map<Segment, number>();
  for (const segment of list.all) {
    if (segment !== end.current?.segment) sealedBytes.set(segment, await files.sizeOf(segment.path));
  }
  const watermark = new Watermark(end.found);
  const hiccup = (error: unknown): void =>
    telemetry.emit(LOG_HICCUP, { topic, what: 'preparing the next segment', reason: String(error) });
  const usedBytes = () => Promise.resolve(0);
  const reading = new SegmentReading({ topic, list, watermark, telemetry, usedBytes });
  const spare = new Spare(files, dir, hiccup);
  const { found, next, epoch, current } = end;
  const writer = new SegmentWriter({
    topic,
    files,
    list,
    reading,
    watermark,
    spare,
    lock,
    clock,
    telemetry,
    limits,
    epoch,
    current,
    next,
    found,
    sealedBytes,
  });
  await writer.begin().catch(async (error: unknown) => {
    await writer.close();
    throw error;
  });
  return { writer, segments: list.all.length, epoch, next };
};

interface EndOfTopic {
  readonly current: Current | undefined;
  /** Where the topic ends, and where it goes on (further, if something unreadable is between). */
  readonly found: Position;
  readonly next: Position;
  readonly epoch: number;
}

const endOfTopic = async (
  list: SegmentList,
  files: FilePort,
  options: SegmentWriterOptions,
): Promise<EndOfTopic> => {
  const last = list.last;
  if (last === undefined) return { current: undefined, found: 0, next: 0, epoch: 1 };
  const { name: topic, telemetry } = options;
  const survey = await surveySegment(last);
  const bytes = await files.sizeOf(last.path);
  if (survey === undefined) {
    const reason = 'both copies of its header are damaged: the whole segment is unreadable';
    telemetry.emit(LOG_CORRUPTION, { topic, file: last.path, offset: 0, reason });
    const next = positionBehind(last.base, bytes, FRAME_HEADER_BYTES);
    return { current: undefined, found: next, next, epoch: EPOCH_LEAP };
  }
  for (const { offset, reason } of survey.damages)
    telemetry.emit(LOG_CORRUPTION, { topic, file: last.path, offset, reason });
  const { end, torn, salt } = survey;
  const found = end.expected;
  const epoch = end.epoch + 1;
  if (last.sealedAt !== undefined) {
    await last.syncSeal();
    // The file keeps its name, so the next segment needs another position, even if nothing in this one counts.
    const next = Math.max(found, last.base + 1);
    return { current: undefined, found, next, epoch };
  }
  const plannedBytes = Math.max(
    bytes,
    Math.min(SEGMENT_BYTES_START, options.segmentBytes ?? SEGMENT_BYTES_DEFAULT),
  );
  const file = await files.open(last.path, 'write');
  await settle(file, torn === undefined ? undefined : end.offset).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  const current = { segment: last, file, salt, offset: end.offset, plannedBytes, isOfFlood: false };
  if (torn === undefined) return { current, found, next: found, epoch };
  telemetry.emit(LOG_TAIL_DROPPED, { topic, file: last.path, offset: end.offset, ...torn });
  return { current, found, next: positionBehind(found, torn.bytes, FRAME_HEADER_BYTES), epoch };
};

/**
 * Cuts off a torn tail, if there is one, and makes the rest durable as it was found. What was found need not be: a writer that was killed between its write and its fdatasync
 * leaves intact frames that are in the page cache only. Were the opening mark written behind them first, a power loss could keep the mark and drop them, and the next
 * survey would take records that nobody was told of for acknowledged ones that are lost: it relies on nothing being written before all that is in front of it is durable.
 */
const settle = async (file: OpenFile, cutAt: number | undefined): Promise<void> => {
  if (cutAt !== undefined) await file.truncate(cutAt);
  await file.datasync();
};
