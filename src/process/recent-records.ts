import type { GovernedRecord } from '../event/record.ts';
import type { Position } from '../log/log.ts';

/**
 * Governed records that were just appended, kept in memory until they are loaded: a loader that keeps up need not read back, check and decode what this process wrote a moment ago. Only a
 * short cut: whoever does not find a record here reads the topic.
 */

/** A governed record, durable, whose blocks are in memory of their own. */
export interface RecentRecord {
  readonly position: Position;
  /** Raw records that it decides: from the first to the last. */
  readonly covers: { readonly from: Position; readonly to: Position };
  readonly rows: number;
  /** Length of its payload. */
  readonly bytes: number;
  readonly record: GovernedRecord;
}

/** The most that is kept, by the length of the payloads: some tenths of a second at the machine's limit. */
const BYTES_MAX_DEFAULT = 64 * 1024 * 1024;

/** A stretch of the topic's end without a gap; the oldest go first when it gets too long. */
export class RecentRecords {
  readonly #bytesMax: number;
  #records: RecentRecord[] = [];
  #bytes = 0;

  constructor(bytesMax = BYTES_MAX_DEFAULT) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes in the newest record. */
  offer(record: RecentRecord): void {
    const last = this.#records.at(-1);
    if (last !== undefined && record.position !== last.position + 1) this.drop(Number.POSITIVE_INFINITY);
    this.#records.push(record);
    this.#bytes += record.bytes;
    let surplus = 0;
    for (let bytes = this.#bytes; bytes > this.#bytesMax; surplus += 1)
      bytes -= this.#records[surplus]?.bytes ?? 0;
    if (surplus > 0) this.drop((this.#records[surplus - 1] as RecentRecord).position + 1);
  }

  /** All from `from` on; none if that one is not here. */
  from(from: Position): readonly RecentRecord[] {
    const first = this.#records[0]?.position ?? Number.POSITIVE_INFINITY;
    return from < first ? [] : this.#records.slice(from - first);
  }

  /** Forgets those before a position. */
  drop(before: Position): void {
    const count = this.#records.findIndex(({ position }) => position >= before);
    const dropped = this.#records.splice(0, count < 0 ? this.#records.length : count);
    for (const { bytes } of dropped) this.#bytes -= bytes;
  }
}
