import type { Block } from './block.ts';
import type { EVENTS, LEDGER, RECORDS, REFUSED } from './columns.ts';

/**
 * What the two topics carry. The byte layout is described in `docs/reference/log-format.md`.
 */

/** Payload of a raw record: what one commit group received. */
export interface RawRecord {
  readonly events: Block<typeof EVENTS>;
  /** Rows that were refused at receipt (`raw_position` is 0: it is only known once appended). */
  readonly refused: Block<typeof REFUSED>;
  /** Account `received` only: counted where events enter, accepted and refused alike. */
  readonly received: Block<typeof LEDGER>;
}

/** Payload of a governed record: what is decided of one or more raw records, for good. */
export interface GovernedRecord {
  readonly events: Block<typeof EVENTS>;
  readonly refused: Block<typeof REFUSED>;
  /** `received` entries copied from the raw records, and one entry an outcome, `stored` included. */
  readonly ledger: Block<typeof LEDGER>;
  /** One row a raw record covered, in order; the `stored` counts add up to `events.rows`, in row order. */
  readonly records: Block<typeof RECORDS>;
}
