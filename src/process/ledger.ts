import type { Block } from '../event/block.ts';
import { BlockBuilder } from '../event/block-builder.ts';
import { columnBytes, numbersOf, stringsAt, timesOf } from '../event/blocks.ts';
import { columnIndex, EVENTS, LEDGER, REFUSED } from '../event/columns.ts';
import { byteAt, stringEnd, textStart } from '../event/layout.ts';
import { OUTCOMES } from '../event/outcome.ts';

/**
 * The ledger in double entry: what was received is booked where it enters, what became of it where that is decided, each per project and minute of receipt. In every
 * such minute `received = stored + duplicate + stale + quarantined + blocked + pending`.
 */

/** What an entry may be booked on. */
export const ACCOUNTS = ['received', ...OUTCOMES] as const;
export type Account = (typeof ACCOUNTS)[number];

const MINUTE_MS = 60_000;

/** The minute that a moment lies in, milliseconds. */
export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** One sum. */
export interface LedgerEntry {
  readonly project: string;
  readonly minute: number;
  readonly account: string;
  readonly reason: string;
  events: number;
}

const COLUMN = {
  project: columnIndex(LEDGER, 'project'),
  minute: columnIndex(LEDGER, 'minute'),
  account: columnIndex(LEDGER, 'account'),
  reason: columnIndex(LEDGER, 'reason'),
  events: columnIndex(LEDGER, 'events'),
} as const;

/** The entries of a block. */
export const ledgerEntries = (block: Block<typeof LEDGER>): LedgerEntry[] => {
  const project = stringsAt(block, COLUMN.project);
  const minutes = timesOf(block, COLUMN.minute);
  const account = stringsAt(block, COLUMN.account);
  const reason = stringsAt(block, COLUMN.reason);
  const events = numbersOf(block, COLUMN.events);
  return Array.from({ length: block.rows }, (_, row) => ({
    ...{ project: project(row), minute: minutes[row] as number, account: account(row), reason: reason(row) },
    events: events[row] as number,
  }));
};

/** Adds up entries until they are built as a block. */
export class LedgerSums {
  readonly #entries = new Map<string, LedgerEntry>();

  /** Books `events` events. */
  add(project: string, minute: number, account: string, reason: string, events: number): void {
    const key = `${minute}\0${account}\0${reason}\0${project}`;
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { project, minute, account, reason, events });
    else entry.events += events;
  }

  /** Books the entries of a block as they are. */
  addEntries(block: Block<typeof LEDGER>): void {
    if (block.rows === 0) return;
    for (const { project, minute, account, reason, events } of ledgerEntries(block))
      this.add(project, minute, account, reason, events);
  }

  /** Books rows as stored. */
  addStored(events: Block<typeof EVENTS>): void {
    forEachStretch(events, (project, minute, count) => this.add(project, minute, 'stored', '', count));
  }

  /** Books refused rows on the account of their outcome. */
  addRefused(refused: Block<typeof REFUSED>): void {
    if (refused.rows === 0) return;
    const project = stringsAt(refused, columnIndex(REFUSED, 'project'));
    const received = timesOf(refused, columnIndex(REFUSED, 'received_at'));
    const outcome = stringsAt(refused, columnIndex(REFUSED, 'outcome'));
    const reason = stringsAt(refused, columnIndex(REFUSED, 'reason'));
    for (let row = 0; row < refused.rows; row++)
      this.add(project(row), minuteOf(received[row] as number), outcome(row), reason(row), 1);
  }

  /** All sums, one row each. */
  build(): Block<typeof LEDGER> {
    const builder = new BlockBuilder(LEDGER, 64 * this.#entries.size);
    for (const { project, minute, account, reason, events } of this.#entries.values()) {
      builder.text(COLUMN.project, project);
      builder.int64(COLUMN.minute, minute);
      builder.text(COLUMN.account, account);
      builder.text(COLUMN.reason, reason);
      builder.uint64(COLUMN.events, events);
      builder.endRow();
    }
    return builder.build();
  }
}

const PROJECT = columnIndex(EVENTS, 'project');
const RECEIVED_AT = columnIndex(EVENTS, 'received_at');

/** Calls back for each stretch of rows of one project and minute: rows come request by request, so that there are few. */
const forEachStretch = (
  events: Block<typeof EVENTS>,
  found: (project: string, minute: number, rows: number) => void,
): void => {
  const { rows } = events;
  if (rows === 0) return;
  const projects = columnBytes(events, PROJECT);
  const received = timesOf(events, RECEIVED_AT);
  let at = 0;
  let begin = 0;
  let beginAt = 0;
  let minute = minuteOf(received[0] as number);
  for (let row = 0; row < rows; row++) {
    const time = received[row] as number;
    const isSame = time >= minute && time < minute + MINUTE_MS && isSameString(projects, beginAt, at);
    if (!isSame) {
      found(stringAt(projects, beginAt), minute, row - begin);
      begin = row;
      beginAt = at;
      minute = minuteOf(time);
    }
    at = stringEnd(projects, at);
  }
  found(stringAt(projects, beginAt), minute, rows - begin);
};

/** Whether the strings whose length prefixes are at two places are the same. */
const isSameString = (bytes: Uint8Array, left: number, right: number): boolean => {
  const size = stringEnd(bytes, left) - left;
  for (let index = 0; index < size; index++)
    if (byteAt(bytes, left + index) !== byteAt(bytes, right + index)) return false;
  return true;
};

const stringAt = (bytes: Uint8Array, at: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    textStart(bytes, at),
    stringEnd(bytes, at),
  );
