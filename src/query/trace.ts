import type { TRACE_STATES, TraceAnswer, TraceReceipt } from '../contract/events.ts';
import type { RefusedOutcome } from '../event/outcome.ts';
import { isoOf } from './instant.ts';
import { bind, sql, type Statement, toStatement } from './sql.ts';
import { PANE_MS } from './time-range.ts';

/** Receipts of one id that a trace lists. */
export const RECEIPTS_MAX = 100;

type Count = number | string;

/** A receipt as the warehouse holds it: of `events` (outcome `stored`) or of `refused`. */
export interface TraceRow {
  readonly outcome: 'stored' | RefusedOutcome;
  readonly type: string;
  readonly currency: string;
  readonly time_ms: Count;
  readonly received_ms: Count;
  readonly reason: string;
  readonly detail: string;
  readonly position_text: string;
  readonly raw_position_text: string;
  /** 0: not known. */
  readonly loaded_ms: Count;
  /** 0: its raw record is not known. */
  readonly logged_ms: Count;
  readonly decided_ms: Count;
  readonly configuration: Count;
}

/** A receipt that is in the raw log and not in the warehouse yet. */
export interface PendingReceipt {
  readonly type: string;
  readonly timeMs: number;
  readonly receivedMs: number;
  readonly rawPosition: number;
  readonly loggedMs: number;
}

/** Every receipt of an id, with the record that carried it. First receipt first. */
export const traceStatement = (project: string, id: string): Statement => {
  const mine = sql`project = ${bind('String', project)} AND id = ${bind('String', id)}`;
  const limit = bind('UInt64', RECEIPTS_MAX);
  const shared = sql`toString(type) AS type_text, toUnixTimestamp64Milli(time) AS time_ms, toUnixTimestamp64Milli(received_at) AS received_ms, position, raw_position, toUnixTimestamp64Milli(loaded_at) AS loaded_ms`;
  return toStatement(sql`WITH receipts AS (
      SELECT 'stored' AS outcome_text, ${shared}, toString(currency) AS currency_text, '' AS reason_text, '' AS detail_text
      FROM events WHERE ${mine} ORDER BY received_at LIMIT ${limit}
      UNION ALL
      SELECT toString(outcome) AS outcome_text, ${shared}, '' AS currency_text, toString(reason) AS reason_text, detail AS detail_text
      FROM refused WHERE ${mine} ORDER BY received_at LIMIT ${limit}
    )
    SELECT outcome_text AS outcome, type_text AS type, currency_text AS currency, time_ms, received_ms, reason_text AS reason, detail_text AS detail,
      toString(r.position) AS position_text, toString(r.raw_position) AS raw_position_text, loaded_ms,
      toUnixTimestamp64Milli(c.logged_at) AS logged_ms, toUnixTimestamp64Milli(c.decided_at) AS decided_ms, c.configuration AS configuration
    FROM receipts AS r
    LEFT JOIN (
      SELECT raw_position, any(logged_at) AS logged_at, any(decided_at) AS decided_at, any(configuration) AS configuration
      FROM records WHERE raw_position IN (SELECT raw_position FROM receipts) GROUP BY raw_position
    ) AS c ON r.raw_position = c.raw_position
    ORDER BY r.raw_position, received_ms LIMIT ${limit}`);
};

const instantOrNull = (ms: Count): string | null => (Number(ms) === 0 ? null : isoOf(Number(ms)));

/** Milliseconds between two instants; null unless both are known. */
const between = (from: Count, to: Count): number | null =>
  Number(from) === 0 || Number(to) === 0 ? null : Number(to) - Number(from);

/** The answer for all receipts of an id; there must be at least one. */
export const traceAnswer = (
  id: string,
  rows: readonly TraceRow[],
  pending: readonly PendingReceipt[],
): TraceAnswer => {
  const stored = rows.find(({ outcome }) => outcome === 'stored');
  const receipts = [...rows.map((row) => toReceipt(row, stored)), ...pending.map(toPendingReceipt)].slice(
    0,
    RECEIPTS_MAX,
  );
  return { id, state: overallState(receipts), receipts };
};

const overallState = (receipts: readonly TraceReceipt[]): (typeof TRACE_STATES)[number] => {
  const states = receipts.map(({ state }) => state);
  if (states.includes('stored')) return 'stored';
  return states.includes('pending') ? 'pending' : (states[0] ?? 'pending');
};

const toReceipt = (row: TraceRow, stored: TraceRow | undefined): TraceReceipt => ({
  state: row.outcome,
  type: row.type === '' ? null : row.type,
  timestamp: instantOrNull(row.time_ms),
  received_at: isoOf(Number(row.received_ms)),
  logged: { position: row.raw_position_text, at: instantOrNull(row.logged_ms) },
  decided: {
    position: row.position_text,
    at: instantOrNull(row.decided_ms),
    configuration: Number(row.decided_ms) === 0 ? null : Number(row.configuration),
    reason: row.reason === '' ? null : row.reason,
    detail: row.detail === '' ? null : row.detail,
  },
  duplicate_of:
    row.outcome === 'duplicate' && stored !== undefined
      ? { position: stored.position_text, received_at: isoOf(Number(stored.received_ms)) }
      : null,
  loaded: Number(row.loaded_ms) === 0 ? null : { at: isoOf(Number(row.loaded_ms)) },
  panes: row.outcome === 'stored' ? [paneOf(row)] : [],
  stages: {
    receive_to_log_ms: between(row.received_ms, row.logged_ms),
    log_to_decide_ms: between(row.logged_ms, row.decided_ms),
    decide_to_load_ms: between(row.decided_ms, row.loaded_ms),
    total_ms: between(row.received_ms, row.loaded_ms),
  },
});

const paneOf = (row: TraceRow): TraceReceipt['panes'][number] => {
  const startMs = Math.floor(Number(row.time_ms) / PANE_MS) * PANE_MS;
  return {
    rollup: 'rollup_10s',
    start: isoOf(startMs),
    end: isoOf(startMs + PANE_MS),
    type: row.type,
    currency: row.currency === '' ? null : row.currency,
  };
};

const toPendingReceipt = (receipt: PendingReceipt): TraceReceipt => ({
  state: 'pending',
  type: receipt.type === '' ? null : receipt.type,
  timestamp: instantOrNull(receipt.timeMs),
  received_at: isoOf(receipt.receivedMs),
  logged: { position: String(receipt.rawPosition), at: isoOf(receipt.loggedMs) },
  decided: null,
  duplicate_of: null,
  loaded: null,
  panes: [],
  stages: {
    receive_to_log_ms: between(receipt.receivedMs, receipt.loggedMs),
    log_to_decide_ms: null,
    decide_to_load_ms: null,
    total_ms: null,
  },
});
