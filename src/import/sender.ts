import type { ImportClient, Rejection } from './client.ts';
import { TEXT_KEPT_MAX } from './cutter.ts';
import type { Tally } from './tally.ts';

/**
 * Puts rows into bodies and sends these, a few at a time and in order, to the batch route. Where one body ends depends on nothing but the rows, so an import
 * that is run again makes the same bodies.
 */

/** A row on its way. */
export interface OutgoingRow {
  readonly number: number;
  readonly id: string;
  readonly json: string;
  readonly timeMs: number | undefined;
  /** Set when no event could be made of the row: the server is sure to refuse `json`, and keeps it. */
  readonly problem: RowProblem | undefined;
  /** The row as it stands in the file. */
  readonly original: string;
}

/** Why no event could be made of a row. */
export interface RowProblem {
  readonly code: string;
  readonly message: string;
}

/** Bounds of one body. */
export interface BodyLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** Well within what the server takes by default: 10,000 events and 20 MiB. */
export const BODY_LIMITS: BodyLimits = { rowsMax: 5_000, bytesMax: 8 * 1024 * 1024 };

/** Bodies under way at once: the server decodes one while another waits for the disk. */
export const BODIES_IN_FLIGHT_MAX = 3;

/** After this many bodies in a row without a known id, no later one has any: at most `BODIES_IN_FLIGHT_MAX` were under way when the earlier run ended. */
const UNKNOWN_BODIES_MAX = BODIES_IN_FLIGHT_MAX + 1;

/** Original text that goes along with a row that not even the quarantine takes whole, characters. */
const SHORT_TEXT_MAX = 1_000;

/**
 * An event that the server is sure to refuse, with the reason where its message shows it and the original text in the properties: this is how a row that cannot be mapped
 * comes into quarantine.
 */
export const problemEvent = (
  row: { readonly number: number; readonly line: number; readonly text: string },
  id: string,
  type: string,
  problem: RowProblem,
  textMax = TEXT_KEPT_MAX,
): string => {
  const field = problem.code === 'invalid_timestamp' ? 'timestamp' : 'value';
  const original = row.text.length > textMax ? `${row.text.slice(0, textMax).toWellFormed()}…` : row.text;
  const properties = {
    row: row.number,
    ...(row.line > 0 ? { line: row.line } : {}),
    problem: problem.message,
    original,
  };
  return JSON.stringify({ id, type, [field]: `import: ${problem.message}`, properties });
};

/** What a sender works with. */
export interface SenderOptions {
  readonly client: ImportClient;
  readonly importId: string;
  readonly tally: Tally;
  /** Rows have ids of their own: ask which of them are there already before sending. */
  readonly asksKnown: boolean;
  readonly limits?: BodyLimits;
  readonly onProgress?: () => void;
}

/** Sends rows. `add` each, then `finish`; or `settle` to stop early. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #limits: BodyLimits;
  readonly #inFlight = new Set<Promise<void>>();
  #rows: OutgoingRow[] = [];
  #bytes = 0;
  #failure: Error | undefined;
  #unknownBodies = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#limits = options.limits ?? BODY_LIMITS;
  }

  /** Takes a row. A promise means: wait for it before giving the next. Throws, or rejects, with what went wrong with an earlier body. */
  add(row: OutgoingRow): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = Buffer.byteLength(row.json) + 1;
    const isFull = this.#rows.length >= this.#limits.rowsMax || this.#bytes + bytes > this.#limits.bytesMax;
    const waiting = isFull && this.#rows.length > 0 ? this.#dispatch() : undefined;
    this.#rows.push(row);
    this.#bytes += bytes;
    return waiting;
  }

  /** Sends what is left and waits for every answer. */
  async finish(): Promise<void> {
    if (this.#rows.length > 0 && this.#failure === undefined) await this.#dispatch();
    await this.settle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for the answers under way, and sends nothing more. */
  async settle(): Promise<void> {
    this.#rows = [];
    await Promise.all(this.#inFlight);
  }

  /** Sends the rows gathered; resolves when there is room for another body. */
  async #dispatch(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    this.#bytes = 0;
    const wanted = this.#isAsking() ? await this.#unknownOf(rows) : rows;
    if (wanted.length > 0) {
      const sending: Promise<void> = this.#send(wanted)
        .catch((error: unknown) => {
          this.#failure ??= error as Error;
        })
        .finally(() => this.#inFlight.delete(sending));
      this.#inFlight.add(sending);
    }
    if (this.#inFlight.size >= BODIES_IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #isAsking(): boolean {
    return this.#options.asksKnown && this.#unknownBodies < UNKNOWN_BODIES_MAX;
  }

  async #unknownOf(rows: readonly OutgoingRow[]): Promise<OutgoingRow[]> {
    const { client, importId, tally } = this.#options;
    const known = await client.known(
      importId,
      rows.map((row) => row.id),
    );
    this.#unknownBodies = known.size === 0 ? this.#unknownBodies + 1 : 0;
    tally.before += known.size;
    return rows.filter((_, index) => !known.has(index));
  }

  async #send(rows: readonly OutgoingRow[]): Promise<void> {
    const { client, importId } = this.#options;
    const result = await client.send(importId, `[${rows.map((row) => row.json).join(',')}]`);
    if (result.kind === 'taken') {
      this.#count(rows, result.rejected);
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    const [only] = rows;
    if (only !== undefined && rows.length === 1) return this.#sendRefused(only, result.message);
    await this.#send(rows.slice(0, middle));
    await this.#send(rows.slice(middle));
  }

  /** A row that alone makes the server refuse the body (too large, or not JSON to it) goes to quarantine in short. */
  async #sendRefused(row: OutgoingRow, message: string): Promise<void> {
    const { client, importId } = this.#options;
    const problem = row.problem ?? { code: 'unreadable_row', message };
    const short = { number: row.number, line: 0, text: row.original };
    const json = problemEvent(short, row.id, 'import_row', problem, SHORT_TEXT_MAX);
    const result = await client.send(importId, `[${json}]`);
    this.#count([{ ...row, problem }], result.kind === 'taken' ? result.rejected : [{ index: 0, ...result }]);
  }

  #count(rows: readonly OutgoingRow[], rejected: readonly Rejection[]): void {
    const { tally, onProgress } = this.#options;
    const refused = new Set<number>();
    for (const { index, code, message } of rejected) {
      const row = rows[index];
      if (row === undefined) continue;
      refused.add(index);
      tally.refuse(row.problem?.code ?? code, row.problem?.message ?? message, row.number);
    }
    rows.forEach((row, index) => {
      if (!refused.has(index)) tally.time(row.timeMs);
    });
    tally.accepted += rows.length - refused.size;
    onProgress?.();
  }
}
