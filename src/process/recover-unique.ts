import { decodeGovernedRecord, RecordError } from '../event/record.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { LogReader, Position } from '../log/log.ts';
import { PROCESS_UNREADABLE } from './events.ts';
import { FingerprintBatch } from './unique/entry.ts';
import { UNIQUE_LOST } from './unique/events.ts';
import { Fingerprinter } from './unique/fingerprint.ts';
import type { PositionRange } from './unique/recover.ts';
import type { UniqueState } from './unique/unique-state.ts';

const READ_BYTES = 16 * 1024 * 1024;

/** What reading the governed topic again needs. */
export interface UniqueSource {
  readonly unique: UniqueState;
  /** The governed topic; not used by anybody else meanwhile. */
  readonly governed: LogReader;
  readonly telemetry: Telemetry;
}

/** Brings the state up to the end of the governed topic: first what damage took from it, then the tail that it has not seen. */
export const recoverUnique = async (source: UniqueSource): Promise<void> => {
  await restoreMissing(source);
  const { unique } = source;
  const { next } = await source.governed.extent();
  await readIds(source, { from: unique.next, next }, (after, batch) => {
    unique.insert(after, batch);
    unique.maintain();
  });
};

/** Reads the ids of damaged parts of the state again, as far as the governed topic is kept. */
export const restoreMissing = async (source: UniqueSource): Promise<void> => {
  const { unique } = source;
  const ranges = [...unique.missing];
  if (ranges.length === 0) return;
  for (const range of ranges) await readIds(source, range, (_after, batch) => unique.restore(batch));
  await unique.restored(ranges);
};

type TakeIds = (after: Position, batch: FingerprintBatch) => void;

const readIds = async (source: UniqueSource, range: PositionRange, take: TakeIds): Promise<void> => {
  const { unique, governed, telemetry } = source;
  const prints = new Fingerprinter(unique.key);
  const batch = new FingerprintBatch();
  let at = range.from;
  while (at < range.next) {
    const { records, gaps, next } = await governed.read(at, READ_BYTES);
    for (const { from, to, detail } of gaps) {
      const lostNext = Math.min(to, range.next);
      if (from < lostNext) telemetry.emit(UNIQUE_LOST, { from, next: lostNext, reason: detail });
    }
    for (const { position, header, payload } of records) {
      if (position >= range.next) break;
      try {
        prints.compute(decodeGovernedRecord(payload).events, batch);
      } catch (error) {
        if (!(error instanceof RecordError) || error.code === 'newer') throw error;
        batch.reset(0);
        const { rows } = header;
        telemetry.emit(PROCESS_UNREADABLE, { topic: 'governed', position, rows, detail: error.message });
        telemetry.emit(UNIQUE_LOST, { from: position, next: position + 1, reason: error.message });
      }
      await unique.makeRoom(batch.rows);
      take(position + 1, batch);
    }
    if (next <= at) return;
    at = next;
  }
};
