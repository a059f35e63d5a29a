import type { Block } from '../event/block.ts';
import { BlockBuilder } from '../event/block-builder.ts';
import { concatBlocks, emptyBlock, filterBlock, rowViews, stringsAt, timesOf } from '../event/blocks.ts';
import { columnIndex, EVENTS, LEDGER, RECORDS, REFUSED, REFUSED_COLUMN } from '../event/columns.ts';
import { type ReasonCode, REASONS } from '../event/outcome.ts';
import { decodeRawRecord, type GovernedRecord, type RawRecord, RecordError } from '../event/record.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { LogRecord, Position } from '../log/log.ts';
import { canonicalEvent } from './canonical-event.ts';
import { PROCESS_UNREADABLE } from './events.ts';
import { LedgerSums, minuteOf } from './ledger.ts';
import type { ConfigurationSnapshot } from './messages.ts';
import type { BatchCommit, Pipeline } from './pipeline.ts';
import type { RefusedSamples } from './refused-samples.ts';
import { WorkBatch } from './work-batch.ts';

/** What deciding needs. */
export interface Governing {
  readonly pipeline: Pipeline;
  readonly samples: RefusedSamples;
  readonly configuration: ConfigurationSnapshot;
  readonly nowMs: number;
  readonly telemetry: Telemetry;
}

/** What was decided of some raw records: to be appended, then committed. */
export interface Decision {
  readonly record: GovernedRecord;
  /** Rows decided, refused ones included. */
  readonly rows: number;
  readonly rawRecords: number;
  readonly commit: BatchCommit;
}

/** A raw record as it was read. */
interface RawInput {
  readonly position: Position;
  readonly appendedAtMs: number;
  readonly raw: RawRecord;
  /** Rows that the header claims, when the payload cannot be decoded. */
  readonly unreadableRows: number;
}

const EMPTY_RAW: RawRecord = {
  events: emptyBlock(EVENTS),
  refused: emptyBlock(REFUSED),
  received: emptyBlock(LEDGER),
};

/** Decides raw records, for good. The decision holds no bytes of them. Throws RecordError only for records of a newer version. */
export const govern = (records: readonly LogRecord[], governing: Governing): Decision => {
  const inputs = records.map((record) => decode(record, governing.telemetry));
  const batch = new WorkBatch(concatOwned(inputs.map(({ raw }) => raw.events)));
  const commit = governing.pipeline.run(batch, governing.configuration);
  const keep = batch.keep();
  const events = keep === undefined ? batch.events : filterBlock(batch.events, keep);
  const sums = new LedgerSums();
  for (const { raw } of inputs) sums.addEntries(raw.received);
  sums.addStored(events);
  const refused = concatBlocks(REFUSED, [
    ...inputs.map((input) => refusedAtReceipt(input, sums, governing.samples)),
    refusedBySteps(batch, inputs, sums, governing.samples),
    unreadable(inputs, sums),
  ]);
  const record = { events, refused, ledger: sums.build(), records: recordsOf(inputs, keep, governing) };
  const rows = inputs.reduce((sum, input) => sum + rowsOf(input), 0);
  return { record, rows, rawRecords: inputs.length, commit };
};

const rowsOf = ({ raw, unreadableRows }: RawInput): number =>
  raw.events.rows + raw.refused.rows + unreadableRows;

const decode = ({ position, appendedAtMs, header, payload }: LogRecord, telemetry: Telemetry): RawInput => {
  try {
    return { position, appendedAtMs, raw: decodeRawRecord(payload), unreadableRows: 0 };
  } catch (error) {
    // One of a newer version is whole: skipping it would lose events that the newer program can read.
    if (!(error instanceof RecordError) || error.code === 'newer') throw error;
    const { rows } = header;
    telemetry.emit(PROCESS_UNREADABLE, { topic: 'raw', position, rows, detail: error.message });
    return { position, appendedAtMs, raw: EMPTY_RAW, unreadableRows: rows };
  }
};

/** All rows in memory of our own: the payloads they come from may be overwritten by the next read. */
const concatOwned = (blocks: readonly Block<typeof EVENTS>[]): Block<typeof EVENTS> => {
  const all = concatBlocks(EVENTS, blocks);
  return blocks.includes(all) ? { ...all, columns: all.columns.map((column) => column.slice()) } : all;
};

/** Books the rows that the collector refused, and keeps those to be kept, with their position. */
const refusedAtReceipt = (
  { raw, position }: RawInput,
  sums: LedgerSums,
  samples: RefusedSamples,
): Block<typeof REFUSED> => {
  const { refused } = raw;
  if (refused.rows === 0) return refused;
  sums.addRefused(refused);
  const project = stringsAt(refused, REFUSED_COLUMN.project);
  const outcome = stringsAt(refused, REFUSED_COLUMN.outcome);
  const received = timesOf(refused, REFUSED_COLUMN.receivedAt);
  const keep = Uint8Array.from({ length: refused.rows }, (_, row) =>
    samples.keeps(project(row), received[row] as number, outcome(row)) ? 1 : 0,
  );
  const kept = filterBlock(refused, keep);
  const positions = new BigUint64Array(kept.rows).fill(BigInt(position));
  const columns = kept.columns.map((column, index) =>
    index === REFUSED_COLUMN.rawPosition ? new Uint8Array(positions.buffer) : column.slice(),
  );
  return { table: REFUSED, rows: kept.rows, columns };
};

/** Books the rows that steps refused, and makes rows of those to be kept. */
const refusedBySteps = (
  batch: WorkBatch,
  inputs: readonly RawInput[],
  sums: LedgerSums,
  samples: RefusedSamples,
): Block<typeof REFUSED> => {
  if (batch.refused === 0) return emptyBlock(REFUSED);
  const { events } = batch;
  const project = stringsAt(events, columnIndex(EVENTS, 'project'));
  const received = timesOf(events, columnIndex(EVENTS, 'received_at'));
  const keep = new Uint8Array(events.rows);
  const kept: KeptRefusal[] = [];
  let row = 0;
  for (const { raw, position } of inputs) {
    for (const end = row + raw.events.rows; row < end; row++) {
      const refusal = batch.refusalOf(row);
      if (refusal === undefined) continue;
      const { outcome } = REASONS[refusal.code];
      const receivedAtMs = received[row] as number;
      sums.add(project(row), minuteOf(receivedAtMs), outcome, refusal.code, 1);
      if (!samples.keeps(project(row), receivedAtMs, outcome)) continue;
      keep[row] = 1;
      kept.push({ ...refusal, position });
    }
  }
  return refusedRows(filterBlock(events, keep), kept);
};

interface KeptRefusal {
  readonly code: ReasonCode;
  readonly detail: string;
  readonly position: Position;
}

const refusedRows = (
  events: Block<typeof EVENTS>,
  refusals: readonly KeptRefusal[],
): Block<typeof REFUSED> => {
  const builder = new BlockBuilder(REFUSED);
  rowViews(events).forEach((view, row) => {
    const { code, detail, position } = refusals[row] as KeptRefusal;
    builder.text(REFUSED_COLUMN.project, String(view['project']));
    builder.text(REFUSED_COLUMN.id, String(view['id']));
    builder.int64(REFUSED_COLUMN.time, Number(view['time']));
    builder.int64(REFUSED_COLUMN.receivedAt, Number(view['received_at']));
    builder.text(REFUSED_COLUMN.type, String(view['type']));
    builder.text(REFUSED_COLUMN.outcome, REASONS[code].outcome);
    builder.text(REFUSED_COLUMN.reason, code);
    builder.text(REFUSED_COLUMN.detail, detail);
    builder.text(REFUSED_COLUMN.body, canonicalEvent(view));
    builder.uint64(REFUSED_COLUMN.rawPosition, position);
    builder.endRow();
  });
  return builder.build();
};

/**
 * A trace of records that could not be decoded: whose events they held is not known, so they are booked on the nameless project, received and quarantined alike, and
 * one row tells where they were.
 */
const unreadable = (inputs: readonly RawInput[], sums: LedgerSums): Block<typeof REFUSED> => {
  const builder = new BlockBuilder(REFUSED, 0);
  const { code, outcome, message } = REASONS.unreadable_record;
  for (const { position, appendedAtMs, unreadableRows } of inputs) {
    if (unreadableRows === 0) continue;
    const minute = minuteOf(appendedAtMs);
    sums.add('', minute, 'received', '', unreadableRows);
    sums.add('', minute, outcome, code, unreadableRows);
    builder.int64(REFUSED_COLUMN.time, appendedAtMs);
    builder.int64(REFUSED_COLUMN.receivedAt, appendedAtMs);
    builder.text(REFUSED_COLUMN.outcome, outcome);
    builder.text(REFUSED_COLUMN.reason, code);
    builder.text(REFUSED_COLUMN.detail, `${unreadableRows} events of raw record ${position}. ${message}`);
    builder.uint64(REFUSED_COLUMN.rawPosition, position);
    builder.endRow();
  }
  return builder.build();
};

const RECORDS_COLUMN = {
  rawPosition: columnIndex(RECORDS, 'raw_position'),
  loggedAt: columnIndex(RECORDS, 'logged_at'),
  decidedAt: columnIndex(RECORDS, 'decided_at'),
  configuration: columnIndex(RECORDS, 'configuration'),
  rows: columnIndex(RECORDS, 'rows'),
  stored: columnIndex(RECORDS, 'stored'),
} as const;

const recordsOf = (
  inputs: readonly RawInput[],
  keep: Uint8Array | undefined,
  { nowMs, configuration }: Governing,
): Block<typeof RECORDS> => {
  const builder = new BlockBuilder(RECORDS, 64 * inputs.length);
  let from = 0;
  for (const input of inputs) {
    const to = from + input.raw.events.rows;
    builder.uint64(RECORDS_COLUMN.rawPosition, input.position);
    builder.int64(RECORDS_COLUMN.loggedAt, input.appendedAtMs);
    builder.int64(RECORDS_COLUMN.decidedAt, nowMs);
    builder.uint64(RECORDS_COLUMN.configuration, configuration.version);
    builder.uint32(RECORDS_COLUMN.rows, rowsOf(input));
    builder.uint32(RECORDS_COLUMN.stored, keep === undefined ? to - from : countOnes(keep, from, to));
    builder.endRow();
    from = to;
  }
  return builder.build();
};

const countOnes = (bytes: Uint8Array, from: number, to: number): number => {
  let count = 0;
  for (let index = from; index < to; index++) count += bytes[index] as number;
  return count;
};
