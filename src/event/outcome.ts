/**
 * What can become of a received event. Closed: an event has exactly one outcome, and the ledger has one account for each.
 * `received = stored + duplicate + stale + quarantined + blocked + pending`.
 */
export const OUTCOMES = ['stored', 'duplicate', 'stale', 'quarantined', 'blocked'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The outcomes other than `stored`. */
export type RefusedOutcome = Exclude<Outcome, 'stored'>;

/** Why a row was refused: the code is public and stable, documented in `docs/reference/errors.md`, and belongs to one outcome. */
export interface Reason {
  readonly code: string;
  readonly outcome: RefusedOutcome;
  /** What it means and what to do, in one sentence. Used where no more specific message is at hand. */
  readonly message: string;
}

const reason = (outcome: RefusedOutcome, code: string, message: string): Reason => ({
  code,
  outcome,
  message,
});

/** Every reason that collecting and processing can give. A step declares which of these it uses. */
export const REASONS = {
  not_an_object: reason('quarantined', 'not_an_object', 'An event must be a JSON object.'),
  missing_type: reason(
    'quarantined',
    'missing_type',
    'An event needs a type: set "type" to its name, for example "page_view".',
  ),
  invalid_field: reason('quarantined', 'invalid_field', 'A field has a type or form that it cannot have.'),
  invalid_timestamp: reason(
    'quarantined',
    'invalid_timestamp',
    'The timestamp is neither milliseconds since 1970 nor ISO 8601 with a zone. Send for example "2026-11-20T12:00:00.000Z", or leave it out to use the time of receipt.',
  ),
  event_too_large: reason(
    'quarantined',
    'event_too_large',
    'The event is larger than the limit for one event.',
  ),
  value_out_of_range: reason(
    'quarantined',
    'value_out_of_range',
    'The value must be a number of at most 12 digits before the decimal point (below 1,000,000,000,000); 6 decimals are kept.',
  ),
  too_old: reason(
    'stale',
    'too_old',
    'The event is older than live collection accepts. Use "aevum import" for history, leave the timestamp out to use the time of receipt, or raise the stale limit.',
  ),
  too_far_in_future: reason(
    'stale',
    'too_far_in_future',
    "The event lies further in the future than is accepted. Check the sender's clock, or leave the timestamp out to use the time of receipt.",
  ),
  duplicate_id: reason(
    'duplicate',
    'duplicate_id',
    'An event with this id was already stored within the de-duplication window.',
  ),
  unreadable_record: reason(
    'quarantined',
    'unreadable_record',
    'The log record that held these events is damaged. They were acknowledged and are lost: send them again, and check the disk.',
  ),
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;
