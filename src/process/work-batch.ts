import type { Block } from '../event/block.ts';
import { EVENTS } from '../event/columns.ts';
import { type ReasonCode, REASONS } from '../event/outcome.ts';

const CODES = Object.keys(REASONS) as ReasonCode[];
const NUMBERS = new Map(CODES.map((code, index) => [code, index + 1]));

/** Verdict of a row that no step refused. */
const OK = 0;

/** The accepted rows of some raw records on their way through the steps: columns, and a verdict a row. */
export class WorkBatch {
  #events: Block<typeof EVENTS>;
  /** 0, or the number of a reason. */
  readonly #verdicts: Uint8Array;
  readonly #details = new Map<number, string>();
  #refused = 0;
  #allowed: readonly ReasonCode[] = CODES;

  constructor(events: Block<typeof EVENTS>) {
    this.#events = events;
    this.#verdicts = new Uint8Array(events.rows);
  }

  get rows(): number {
    return this.#events.rows;
  }

  /** The columns as they stand, refused rows included. */
  get events(): Block<typeof EVENTS> {
    return this.#events;
  }

  /** Number of refused rows. */
  get refused(): number {
    return this.#refused;
  }

  /** Restricts the reasons that may be given from now on: the pipeline holds each step to what it declares. */
  allow(reasons: readonly ReasonCode[]): void {
    this.#allowed = reasons;
  }

  isOk(row: number): boolean {
    return this.#verdicts[row] === OK;
  }

  /**
   * Refuses a row, unless it is refused already. `detail` is the sentence for the sender, if it says more than the reason's own. Throws TypeError for a reason that the
   * step did not declare.
   */
  refuse(row: number, code: ReasonCode, detail?: string): void {
    if (!this.#allowed.includes(code)) throw new TypeError(`this step did not declare the reason ${code}`);
    if (this.#verdicts[row] !== OK) return;
    this.#verdicts[row] = NUMBERS.get(code) ?? OK;
    this.#refused++;
    if (detail !== undefined) this.#details.set(row, detail);
  }

  /** Puts other bytes in the place of a column; they must be of the same layout and number of rows. */
  replaceColumn(column: number, bytes: Uint8Array): void {
    const columns = this.#events.columns.with(column, bytes);
    this.#events = { table: EVENTS, rows: this.rows, columns };
  }

  /** Why a row was refused, or undefined. */
  refusalOf(row: number): { readonly code: ReasonCode; readonly detail: string } | undefined {
    const code = CODES[(this.#verdicts[row] as number) - 1];
    if (code === undefined) return undefined;
    return { code, detail: this.#details.get(row) ?? REASONS[code].message };
  }

  /** A 1 for each row that is not refused; undefined when none is. */
  keep(): Uint8Array | undefined {
    return this.#refused === 0 ? undefined : this.#verdicts.map((verdict) => (verdict === OK ? 1 : 0));
  }
}
