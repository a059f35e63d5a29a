import type { Block } from '../event/block.ts';
import { columnIndex } from '../event/columns.ts';
import { stringsAt, timesOf } from '../event/blocks.ts';
import { decodeRawRecord } from '../event/record.ts';
import type { LogReader, LogRecord, Position } from '../log/log.ts';
import type { PendingReceipt } from './trace.ts';

/** Bytes of the raw log that one look-up reads: some seconds of full load. What lies beyond is answered as not known yet. */
export const LOOKUP_BYTES_MAX = 64 * 1024 * 1024;

const READ_BYTES = 8 * 1024 * 1024;

/** Finds receipts of an id in the raw log from `from` on: what is durable and not loaded yet. */
export type PendingLookup = (project: string, id: string, from: Position) => Promise<PendingReceipt[]>;

/** A look-up that reads the raw topic. */
export const createPendingLookup = (reader: Pick<LogReader, 'read'>): PendingLookup =>
  async function findPending(project, id, from) {
    const found: PendingReceipt[] = [];
    let at = from;
    for (let left = LOOKUP_BYTES_MAX; left > 0; ) {
      const { records, next } = await reader.read(at, Math.min(left, READ_BYTES));
      if (records.length === 0 && next === at) break;
      for (const record of records) {
        left -= record.payload.length;
        found.push(...receiptsIn(record, project, id));
      }
      at = next;
    }
    return found;
  };

const receiptsIn = (record: LogRecord, project: string, id: string): PendingReceipt[] => {
  const idBytes = Buffer.from(id);
  const { payload } = record;
  // Most records do not hold the id: looking for its bytes is far cheaper than decoding.
  if (!Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).includes(idBytes)) return [];
  const { events, refused } = decodeRawRecord(payload);
  return [...receiptsOf(events, record, project, id), ...receiptsOf(refused, record, project, id)];
};

const receiptsOf = (block: Block, record: LogRecord, project: string, id: string): PendingReceipt[] => {
  if (block.rows === 0) return [];
  const column = (name: string) => columnIndex(block.table, name);
  const ids = stringsAt(block, column('id'));
  const projects = stringsAt(block, column('project'));
  const rows: number[] = [];
  for (let row = 0; row < block.rows; row++) if (ids(row) === id && projects(row) === project) rows.push(row);
  if (rows.length === 0) return [];
  const types = stringsAt(block, column('type'));
  const times = timesOf(block, column('time'));
  const receipts = timesOf(block, column('received_at'));
  return rows.map((row) => ({
    type: types(row),
    timeMs: times[row] ?? 0,
    receivedMs: receipts[row] ?? 0,
    rawPosition: record.position,
    loggedMs: record.appendedAtMs,
  }));
};
