import { BlockBuilder } from '../../event/block-builder.ts';
import { columnIndex, LEDGER, REFUSED } from '../../event/columns.ts';
import { encodeRawRecord, type RawRecord } from '../../event/record.ts';
import type { LogWriter, Position } from '../../log/log.ts';
import { minuteOf } from '../ledger.ts';
import { eventsOf, TEST_TIME_MS, type TestEvent } from './events.ts';

/** For tests and benches: raw records as the collector writes them. */

/** An event that the collector refused. */
export interface TestRefusal {
  readonly id: string;
  readonly outcome: 'stale' | 'quarantined';
  readonly reason: string;
  readonly receivedAtMs?: number;
}

const receivedEntries = (
  times: readonly { receivedAtMs?: number; project?: string }[],
): RawRecord['received'] => {
  const builder = new BlockBuilder(LEDGER);
  for (const { receivedAtMs = TEST_TIME_MS, project = 'default' } of times) {
    builder.text(columnIndex(LEDGER, 'project'), project);
    builder.int64(columnIndex(LEDGER, 'minute'), minuteOf(receivedAtMs));
    builder.text(columnIndex(LEDGER, 'account'), 'received');
    builder.uint64(columnIndex(LEDGER, 'events'), 1);
    builder.endRow();
  }
  return builder.build();
};

/** A raw record of accepted events and refused ones. */
export const rawOf = (events: readonly TestEvent[], refusals: readonly TestRefusal[] = []): RawRecord => {
  const refused = new BlockBuilder(REFUSED);
  for (const { id, outcome, reason, receivedAtMs = TEST_TIME_MS } of refusals) {
    refused.text(columnIndex(REFUSED, 'project'), 'default');
    refused.text(columnIndex(REFUSED, 'id'), id);
    refused.int64(columnIndex(REFUSED, 'received_at'), receivedAtMs);
    refused.text(columnIndex(REFUSED, 'outcome'), outcome);
    refused.text(columnIndex(REFUSED, 'reason'), reason);
    refused.endRow();
  }
  return {
    events: eventsOf(events),
    refused: refused.build(),
    received: receivedEntries([...events, ...refusals]),
  };
};

/** Appends a raw record. */
export const appendRaw = (
  log: LogWriter,
  events: readonly TestEvent[],
  refusals: readonly TestRefusal[] = [],
): Promise<Position> =>
  log.append({ rows: events.length + refusals.length }, encodeRawRecord(rawOf(events, refusals)));
