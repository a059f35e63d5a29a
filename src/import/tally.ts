/** What an import did, as it goes: counts, reasons, and the span of time of the data. */

/** Row numbers kept as examples of a reason. */
const EXAMPLES_MAX = 5;
/** Different reasons told apart; the messages of rows differ, their codes do not. */
const REASONS_MAX = 100;

/** One reason for quarantining, with its first occurrences. */
export interface ReasonTally {
  readonly code: string;
  /** What was said of the first such row. */
  readonly message: string;
  rows: number;
  readonly examples: number[];
}

/** Counts of one import. */
export class Tally {
  /** Rows of the file that were read. */
  read = 0;
  /** Of these, stored or quarantined by an earlier run. */
  before = 0;
  /** Acknowledged as durable in this run. */
  accepted = 0;
  /** Refused in this run: kept in quarantine. */
  quarantined = 0;
  firstTimeMs: number | undefined;
  lastTimeMs: number | undefined;
  readonly #reasons = new Map<string, ReasonTally>();

  /** Notes the time of an accepted event. */
  time(ms: number | undefined): void {
    if (ms === undefined) return;
    if (this.firstTimeMs === undefined || ms < this.firstTimeMs) this.firstTimeMs = ms;
    if (this.lastTimeMs === undefined || ms > this.lastTimeMs) this.lastTimeMs = ms;
  }

  /** Notes a refused row. */
  refuse(code: string, message: string, row: number): void {
    this.quarantined += 1;
    const known = this.#reasons.get(code);
    if (known !== undefined) {
      known.rows += 1;
      if (known.examples.length < EXAMPLES_MAX) known.examples.push(row);
    } else if (this.#reasons.size < REASONS_MAX) {
      this.#reasons.set(code, { code, message, rows: 1, examples: [row] });
    }
  }

  /** Most frequent first. */
  reasons(): readonly ReasonTally[] {
    return [...this.#reasons.values()].sort((a, b) => b.rows - a.rows);
  }

  /** Rows dealt with, by this run or an earlier one. */
  get done(): number {
    return this.before + this.accepted + this.quarantined;
  }
}
