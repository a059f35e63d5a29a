import type { Block } from '../event/block.ts';
import type { LEDGER } from '../event/columns.ts';
import { decodeRawRecord, RecordError } from '../event/record.ts';
import type { LogReader, Position } from '../log/log.ts';
import { type LedgerEntry, ledgerEntries } from './ledger.ts';

/** Entries held; above, neighbours are merged. */
const ENTRIES_MAX = 1_000_000;
const READ_BYTES = 16 * 1024 * 1024;

/** Pending events of one minute. */
export interface PendingMinute {
  readonly minute: number;
  readonly events: number;
}

interface PendingEntry {
  /** The raw record that brought these events, or the last of several. */
  position: Position;
  readonly project: string;
  readonly minute: number;
  events: number;
}

/**
 * What was received and is not yet queryable, per project and minute: the account `pending` of the ledger, which no table can have. Entries are added when a raw record is
 * durable, and go when it is loaded.
 *
 * Exact, until there are more than a million of them (hours of an outage): then neighbours count as pending until the last of them is loaded.
 */
export class PendingCounts {
  #entries: PendingEntry[] = [];
  /** Entries before this index are gone. */
  #begin = 0;
  #loadedNext: Position = 0;
  readonly #sums = new Map<string, Map<number, number>>();

  /** A raw record is durable at `position`, after all that were added before. */
  add(position: Position, received: Block<typeof LEDGER>): void {
    if (position < this.#loadedNext || received.rows === 0) return;
    for (const entry of ledgerEntries(received)) this.#addEntry(position, entry);
    if (this.#entries.length - this.#begin > ENTRIES_MAX) this.#condense();
  }

  /** Raw records before `rawNext` are loaded. Going back is ignored. */
  loaded(rawNext: Position): void {
    this.#loadedNext = Math.max(this.#loadedNext, rawNext);
    while (this.#begin < this.#entries.length) {
      const entry = this.#entries[this.#begin] as PendingEntry;
      if (entry.position >= this.#loadedNext) break;
      this.#book(entry.project, entry.minute, -entry.events);
      this.#begin++;
    }
    if (this.#begin * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#begin);
    this.#begin = 0;
  }

  /** The pending minutes of a project, oldest first. */
  of(project: string): PendingMinute[] {
    const minutes = this.#sums.get(project) ?? new Map<number, number>();
    return [...minutes].map(([minute, events]) => ({ minute, events })).sort((a, b) => a.minute - b.minute);
  }

  /** All pending events. */
  get total(): number {
    let total = 0;
    for (const minutes of this.#sums.values()) for (const events of minutes.values()) total += events;
    return total;
  }

  /** Reads the raw topic from `fromRaw` on, on start. Unreadable records are passed over: processing reports them. */
  async recover(reader: LogReader, fromRaw: Position): Promise<void> {
    this.#loadedNext = Math.max(this.#loadedNext, fromRaw);
    const { next: end } = await reader.extent();
    for (let at = fromRaw; at < end; ) {
      const { records, next } = await reader.read(at, READ_BYTES);
      for (const { position, payload } of records) this.#recoverRecord(position, payload);
      if (next <= at) return;
      at = next;
    }
  }

  #recoverRecord(position: Position, payload: Uint8Array): void {
    try {
      this.add(position, decodeRawRecord(payload).received);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
    }
  }

  #addEntry(position: Position, { project, minute, events }: LedgerEntry): void {
    this.#book(project, minute, events);
    this.#entries.push({ position, project, minute, events });
  }

  #book(project: string, minute: number, events: number): void {
    const minutes = this.#sums.get(project) ?? new Map<number, number>();
    this.#sums.set(project, minutes);
    const sum = (minutes.get(minute) ?? 0) + events;
    if (sum === 0) minutes.delete(minute);
    else minutes.set(minute, sum);
    if (minutes.size === 0) this.#sums.delete(project);
  }

  /** Merges neighbours of the same project and minute in pairs. */
  #condense(): void {
    const condensed: PendingEntry[] = [];
    const open = new Map<string, PendingEntry>();
    for (const entry of this.#entries.slice(this.#begin)) {
      const key = `${entry.minute}\0${entry.project}`;
      const partner = open.get(key);
      if (partner === undefined) {
        open.set(key, entry);
        continue;
      }
      open.delete(key);
      condensed.push({ ...entry, events: entry.events + partner.events });
    }
    condensed.push(...open.values());
    this.#entries = condensed.sort((a, b) => a.position - b.position);
    this.#begin = 0;
  }
}
