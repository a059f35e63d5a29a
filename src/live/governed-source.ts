import { decodeGovernedRecord, RecordError } from '../event/record.ts';
import type { LogGap, LogReader, Position } from '../log/log.ts';
import { EventRows } from './event-rows.ts';

/** A reader of the governed topic. `durableTo` is there where somebody has to tell it how far it may read. */
export type GovernedReader = LogReader & { durableTo?(next: Position): void };

/** One record, while it may be looked at. */
export interface ShownRecord {
  readonly position: Position;
  readonly appendedAtMs: number;
  /** Only valid until the function that is shown the record returns. */
  readonly rows: EventRows;
  readonly bytes: number;
}

/** What was read. */
export interface ShownRange {
  readonly next: Position;
  readonly gaps: readonly LogGap[];
  readonly records: readonly ShownRecord[];
}

/**
 * Reads the governed topic and shows its records to one reader at a time: what a log hands out may only be used until the next read.
 */
export class GovernedSource {
  readonly #open: () => Promise<GovernedReader>;
  #reader: Promise<GovernedReader> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #durable: Position = 0;

  /** `open` is called when something is first read. */
  constructor(open: () => Promise<GovernedReader>) {
    this.#open = open;
  }

  /** The topic is durable up to (not including) `next`. */
  durableTo(next: Position): void {
    if (next <= this.#durable) return;
    this.#durable = next;
    // A reader that cannot be opened is told of by whoever reads next.
    this.#reader?.then((reader) => reader.durableTo?.(this.#durable)).catch(() => undefined);
  }

  /** Shows the records from `from` on, before `until`, about `bytesMax` of them. `show` must do all it does before it returns. Rejects with LogError. */
  read<T>(
    from: Position,
    bytesMax: number,
    show: (range: ShownRange) => T,
    until = Number.MAX_SAFE_INTEGER,
  ): Promise<T> {
    return this.#inTurn(async (reader) => {
      const { records, gaps, next } = await reader.read(from, bytesMax);
      const within = records.filter(({ position }) => position < until);
      const shown: ShownRecord[] = [];
      const lost = gaps.filter((gap) => gap.from < until);
      for (const { position, appendedAtMs, payload } of within) {
        try {
          const rows = new EventRows(decodeGovernedRecord(payload).events, position);
          shown.push({ position, appendedAtMs, rows, bytes: payload.length });
        } catch (error) {
          if (!(error instanceof RecordError)) throw error;
          lost.push({ from: position, to: position + 1, detail: error.message });
        }
      }
      return show({ next: Math.min(next, until), gaps: lost, records: shown });
    });
  }

  /** The first position that is still there. */
  first(): Promise<Position> {
    return this.#inTurn(async (reader) => (await reader.extent()).first);
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = Promise.reject(new Error('closed'));
    this.#reader.catch(() => undefined);
    await this.#turn.catch(() => undefined);
    await (await reader?.catch(() => undefined))?.close();
  }

  #inTurn<T>(work: (reader: GovernedReader) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => work(await this.#opened()));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #opened(): Promise<GovernedReader> {
    this.#reader ??= this.#open().then(
      (reader) => {
        reader.durableTo?.(this.#durable);
        return reader;
      },
      (error: unknown) => {
        this.#reader = undefined;
        throw error;
      },
    );
    return this.#reader;
  }
}
