import type { RejectedReason } from '../../../src/contract/event.ts';
import type { LedgerAccounts } from '../../../src/contract/ledger.ts';

/** What can become of what was received. */
export const ACCOUNTS = ['stored', 'pending', 'duplicate', 'stale', 'quarantined', 'blocked'] as const;
export type Account = (typeof ACCOUNTS)[number];

/** Accounts whose events were refused. */
export const REFUSED = ['duplicate', 'stale', 'quarantined', 'blocked'] as const satisfies readonly Account[];
export type RefusedAccount = (typeof REFUSED)[number];

/** Which account a reason belongs to. */
const ACCOUNT_OF: Readonly<Record<RejectedReason, RefusedAccount>> = {
  not_an_object: 'quarantined',
  missing_type: 'quarantined',
  invalid_field: 'quarantined',
  invalid_timestamp: 'quarantined',
  event_too_large: 'quarantined',
  value_out_of_range: 'quarantined',
  unreadable_record: 'quarantined',
  too_old: 'stale',
  too_far_in_future: 'stale',
  duplicate_id: 'duplicate',
};

/** A reason that this page does not know is a rule's. */
const accountOf = (reason: string): RefusedAccount =>
  Object.hasOwn(ACCOUNT_OF, reason) ? ACCOUNT_OF[reason as RejectedReason] : 'blocked';

/** Reasons of an account, the most frequent first. */
export const reasonsOf = (
  { reasons }: Pick<LedgerAccounts, 'reasons'>,
  account: RefusedAccount,
): readonly { readonly reason: string; readonly count: number }[] =>
  Object.entries(reasons)
    .map(([reason, count]) => ({ reason, count }))
    .filter(({ reason, count }) => count > 0 && accountOf(reason) === account)
    .sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason));

/** A place of the drawing: all that was received, an account, or a reason. */
export interface FlowNode {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  readonly account: Account | 'received' | 'missing';
  /** Of reasons: their code. */
  readonly reason: string | undefined;
}

/** How many went from one place to another. */
export interface FlowLink {
  readonly source: string;
  readonly target: string;
  readonly count: number;
}

/** Where everything went that was received. What leaves a place is what came into it. */
export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly links: readonly FlowLink[];
}

/** Reasons of one account that are drawn by themselves. */
const REASONS_DRAWN = 5;

const reasonNodes = (accounts: LedgerAccounts, account: RefusedAccount): FlowNode[] => {
  const all = reasonsOf(accounts, account);
  const drawn = all.length > REASONS_DRAWN ? all.slice(0, REASONS_DRAWN - 1) : all;
  const rest = accounts[account] - drawn.reduce((sum, { count }) => sum + count, 0);
  return [
    ...drawn.map(({ reason, count }) => ({
      ...{ id: `${account} ${reason}`, name: reason, count, account, reason },
    })),
    ...(rest > 0
      ? [{ id: `${account} `, name: 'other reasons', count: rest, account, reason: undefined }]
      : []),
  ];
};

/** The accounts as a flow. Nothing received is no flow. */
export const flowOf = (accounts: LedgerAccounts): Flow => {
  const parts: FlowNode[] = ACCOUNTS.filter((account) => accounts[account] > 0).map((account) => ({
    ...{ id: account, name: account, count: accounts[account], account, reason: undefined },
  }));
  if (accounts.difference > 0)
    parts.push({
      ...{ id: 'missing', name: 'unaccounted for', count: accounts.difference },
      ...{ account: 'missing', reason: undefined },
    });
  const whole = parts.reduce((sum, { count }) => sum + count, 0);
  if (whole === 0) return { nodes: [], links: [] };
  const reasons = REFUSED.flatMap((account) => (accounts[account] > 0 ? reasonNodes(accounts, account) : []));
  return {
    nodes: [
      { id: 'received', name: 'received', count: accounts.received, account: 'received', reason: undefined },
      ...parts,
      ...reasons,
    ],
    links: [
      ...parts.map(({ id, count }) => ({ source: 'received', target: id, count })),
      ...reasons.map(({ id, account, count }) => ({ source: account, target: id, count })),
    ],
  };
};

/** A reason in words that say what to do about it. */
const ADVICE: Readonly<Record<RejectedReason, string>> = {
  not_an_object: 'Send each event as a JSON object, several as an array of objects.',
  missing_type: 'Give every event a "type": the name of what happened.',
  invalid_field: 'Correct the field that is named: its kind or its form is another one than it must have.',
  invalid_timestamp:
    'Send "timestamp" as milliseconds since 1970 or as ISO 8601 with a zone; or leave it out, then the time of receipt counts.',
  event_too_large: 'Send less in one event, or raise the limit (event-bytes-max).',
  value_out_of_range: 'Send a "value" below 1,000,000,000,000, as a number or a text that is one.',
  unreadable_record: 'These events were acknowledged and are lost: send them again, and check the disk.',
  too_old: 'Load history with aevum import: it has no age limit. Or raise the stale limit.',
  too_far_in_future: 'Correct the clock of the sender, or leave the timestamp out.',
  duplicate_id:
    'Nothing is to be done: the first event with this id is stored. Only if it is another event, give it an id of its own.',
};

/** What to do about events that were refused for a reason; undefined where only the rule's maker knows. */
export const adviceOf = (reason: string): string | undefined =>
  Object.hasOwn(ADVICE, reason) ? ADVICE[reason as RejectedReason] : undefined;
