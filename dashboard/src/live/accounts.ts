import type { LedgerAccounts } from '../../../src/contract/ledger.ts';

/** The accounts that what was received is shared out to, in the order in which they are shown. */
export const ACCOUNTS = ['stored', 'pending', 'duplicate', 'stale', 'quarantined', 'blocked'] as const;
export type Account = (typeof ACCOUNTS)[number];

/** Accounts whose events were refused. */
export const REFUSED = ['duplicate', 'stale', 'quarantined', 'blocked'] as const satisfies readonly Account[];

/** Width of the smallest part of the bar that holds anything, in percent: it must be seen. */
const LEAST_PERCENT = 0.8;

/** One part of the bar. */
export interface Part {
  readonly account: Account;
  readonly count: number;
  readonly percent: number;
}

/**
 * The parts of the bar, in percent of its width. What holds something is wide enough to be seen; the largest part gives the room for that, so that the
 * parts fill the bar exactly.
 */
export const partsOf = (accounts: LedgerAccounts): Part[] => {
  const whole = ACCOUNTS.reduce((sum, account) => sum + accounts[account], 0);
  if (whole === 0) return [];
  const parts = ACCOUNTS.map((account) => ({
    account,
    count: accounts[account],
    percent: accounts[account] === 0 ? 0 : Math.max(LEAST_PERCENT, (accounts[account] / whole) * 100),
  }));
  const excess = parts.reduce((sum, { percent }) => sum + percent, 0) - 100;
  const largest = parts.reduce((one, other) => (other.percent > one.percent ? other : one));
  return parts.map((part) => (part === largest ? { ...part, percent: part.percent - excess } : part));
};

/** The number of refused events. */
export const refusedOf = (accounts: LedgerAccounts): number =>
  REFUSED.reduce((sum, account) => sum + accounts[account], 0);

/** Why events were refused, the most frequent reason first. */
export const reasonsOf = ({ reasons }: LedgerAccounts): { readonly code: string; readonly count: number }[] =>
  Object.entries(reasons)
    .map(([code, count]) => ({ code, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
