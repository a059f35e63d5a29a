import type { EngineStatement, LaneKind } from './engine-options.ts';

/** A statement longer than this is told as it begins. */
const TEXT_CHARS_MAX = 8_000;

/** What is noted of a statement when it comes. */
export interface NewStatement {
  readonly id: string;
  readonly lane: LaneKind;
  readonly text: string;
}

/** A statement that is noted until its end. */
export interface Noted extends Disposable {
  /** It has its lane. */
  begins(): void;
}

interface Entry extends NewStatement {
  readonly sinceMs: number;
  isRunning: boolean;
}

/** A row of the engine's own list: name, rows read, rows in all, bytes of memory. */
type Row = readonly [string, number, number, number];

/** The statements that run, or wait for a lane. The engine is asked how far they are once at a time, however many want to know. */
export class StatementBook {
  readonly #entries = new Set<Entry>();
  readonly #look: () => Promise<string>;
  #looking: Promise<ReadonlyMap<string, Row>> | undefined;

  /** `look` gives the engine's list, a row of JSON each line. */
  constructor(look: () => Promise<string>) {
    this.#look = look;
  }

  /** Notes a statement. */
  note({ id, lane, text }: NewStatement): Noted {
    const entry: Entry = {
      ...{ id, lane, text: text.slice(0, TEXT_CHARS_MAX) },
      ...{ sinceMs: performance.now(), isRunning: false },
    };
    this.#entries.add(entry);
    return {
      begins: () => {
        entry.isRunning = true;
      },
      [Symbol.dispose]: () => this.#entries.delete(entry),
    };
  }

  /** Those that are there now, the oldest first. */
  async list(): Promise<EngineStatement[]> {
    const rows = this.#entries.size === 0 ? new Map<string, Row>() : await this.#progress();
    const nowMs = performance.now();
    return [...this.#entries].map(({ id, lane, text, sinceMs, isRunning }) => {
      const [, rowsRead = null, total = 0, memoryBytes = null] = (isRunning ? rows.get(id) : undefined) ?? [];
      return {
        ...{ id, lane, text, state: isRunning ? 'running' : 'waiting', elapsedMs: nowMs - sinceMs },
        // An estimate that was overtaken is none.
        ...{ rowsRead, rowsTotal: total > (rowsRead ?? 0) ? total : null, memoryBytes },
      };
    });
  }

  #progress(): Promise<ReadonlyMap<string, Row>> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** An engine that has no room to say it does not say it. */
  async #read(): Promise<ReadonlyMap<string, Row>> {
    const text = await this.#look().catch(() => '');
    const rows = text.split('\n').filter((line) => line !== '');
    return new Map(rows.map((line) => JSON.parse(line) as Row).map((row) => [row[0], row]));
  }
}
