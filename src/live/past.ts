import type { Position } from '../log/log.ts';
import { BatchBuilder, type EventBatch } from './event-batch.ts';
import type { EventFilter } from './filter.ts';
import type { GovernedSource, ShownRecord } from './governed-source.ts';

const READ_BYTES = 1024 * 1024;
/** The latest events are looked for no further back than this. */
const RECENT_BYTES_MAX = 32 * 1024 * 1024;
const RECENT_RECORDS_FIRST = 64;
const RECENT_GROWTH = 8;

/** Which events of which project. */
export interface Wanted {
  readonly project: string;
  readonly filter: EventFilter;
}

/** A stretch of the past. */
export interface PastEvents {
  readonly batches: readonly EventBatch[];
  /** Everything before this is in the batches. */
  readonly next: Position;
  /** Something in between is not in the log any more. */
  readonly gap: boolean;
}

/** One of the latest events. */
interface Found {
  readonly position: Position;
  /** So many matching rows of its record stand before it. */
  readonly before: number;
}

/** The rows of a record that are wanted. */
export const matchingRows = ({ rows }: ShownRecord, { project, filter }: Wanted): number[] =>
  (rows.byProject().get(project) ?? []).filter((row) => filter.matches(rows, row));

/** Reads matching events that are behind the feed already. */
export class Past {
  readonly #source: GovernedSource;

  constructor(source: GovernedSource) {
    this.#source = source;
  }

  /** The first position that the log still has. */
  first(): Promise<Position> {
    return this.#source.first();
  }

  /** A stretch from `from` on, before `until`, without the first `beyond` matching events. */
  read(wanted: Wanted, from: Position, until: Position, beyond: number): Promise<PastEvents> {
    return this.#source.read(
      from,
      READ_BYTES,
      ({ records, gaps, next }) => {
        // Were they of a record that is not there any more, those that are there now are others.
        let skip = gaps.some((gap) => gap.from <= from) ? 0 : beyond;
        const builder = new BatchBuilder(from - 1, skip);
        for (const record of records) {
          const rows = matchingRows(record, wanted);
          for (const row of rows.slice(skip)) builder.add(record.rows.json(row));
          skip = Math.max(0, skip - rows.length);
          builder.reached(record.position);
        }
        builder.reached(next - 1);
        return { batches: builder.finish(), next, gap: gaps.length > 0 };
      },
      until,
    );
  }

  /** Where the latest events before `until` begin, at most `count`, as far as they are not too far back: behind this position and so many matching events. */
  async recent(
    wanted: Wanted,
    count: number,
    until: Position,
  ): Promise<{ readonly begin: Position; readonly beyond: number }> {
    const first = Math.min(await this.first(), until);
    for (let span = RECENT_RECORDS_FIRST; ; span *= RECENT_GROWTH) {
      const from = Math.max(first, until - span);
      const { found, bytes } = await this.#lookBack(wanted, count, from, until);
      if (found.length < count && from > first && bytes * RECENT_GROWTH <= RECENT_BYTES_MAX) continue;
      const [oldest = { position: until, before: 0 }] = found;
      return { begin: oldest.position - 1, beyond: oldest.before };
    }
  }

  async #lookBack(
    wanted: Wanted,
    count: number,
    from: Position,
    until: Position,
  ): Promise<{ readonly found: readonly Found[]; readonly bytes: number }> {
    let found: Found[] = [];
    let bytes = 0;
    for (let at = from; at < until; ) {
      const next = await this.#source.read(
        at,
        READ_BYTES,
        (range) => {
          for (const record of range.records) {
            bytes += record.bytes;
            const there = matchingRows(record, wanted).length;
            for (let before = Math.max(0, there - count); before < there; before++)
              found.push({ position: record.position, before });
          }
          return range.next;
        },
        until,
      );
      found = found.slice(-count);
      if (next <= at) break;
      at = next;
    }
    return { found, bytes };
  }
}
