import { setTimeout as pause } from 'node:timers/promises';
import type { LedgerAccounts, LedgerAnswer } from '../contract/ledger.ts';
import { connectionProblem } from '../lib/retry.ts';
import { SendError } from './sender.ts';

/** What the ledger of the project says, before and after. */

/** The accounts that matter here. */
export type Books = Pick<
  LedgerAccounts,
  'received' | 'stored' | 'duplicate' | 'stale' | 'quarantined' | 'blocked' | 'pending'
>;

const ACCOUNTS = ['received', 'stored', 'duplicate', 'stale', 'quarantined', 'blocked', 'pending'] as const;
const ANSWER_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 200;
/** Whoever stopped it waits no longer. */
const STOPPED_PATIENCE_MS = 3_000;

/** Reads the sums of the ledger. Undefined: the key may not read. Throws SendError if the key is refused or no Aevum answers. */
export const readBooks = async (url: string, key: string): Promise<Books | undefined> => {
  const response = await fetch(new URL('/api/ledger', url), {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  }).catch((error: Error) => {
    throw new SendError(
      `No server answers at ${url}: ${connectionProblem(error)}. Start it with "npm start", or say where it is: --url or --port.`,
    );
  });
  const body = await response.json().catch(() => undefined);
  if (response.status === 403) return undefined;
  const { total } = (body ?? {}) as Partial<LedgerAnswer>;
  if (response.status === 200 && total !== undefined) return total;
  const { message } = (body as { error?: { message?: string } } | undefined)?.error ?? {};
  if (message === undefined)
    throw new SendError(
      `At ${url} something answers that is no Aevum server. Say where yours is: --url or --port.`,
    );
  if (response.status === 401) throw new SendError(`The server refuses the key: ${message}`, response.status);
  throw new SendError(`The server at ${url} answers ${response.status}: ${message}`, response.status);
};

/** What was added between two looks. */
export const booksBetween = (before: Books, after: Books): Books => {
  const sums = ACCOUNTS.map((account) => [account, after[account] - before[account]]);
  return Object.fromEntries(sums) as Record<keyof Books, number>;
};

/** How to wait for the books. */
export interface SettleOptions {
  readonly url: string;
  readonly key: string;
  /** Events that are to be in them, at least. */
  readonly received: number;
  /** Ends when this passes without any progress. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Looks until everything received is decided and queryable. Answers the last look; undefined if there was none. */
export const settledBooks = async (before: Books, options: SettleOptions): Promise<Books | undefined> => {
  const { url, key, received, patienceMs, signal } = options;
  let last: Books | undefined;
  let movedMs = performance.now();
  let stoppedMs: number | undefined;
  for (;;) {
    const seen = await readBooks(url, key).catch(() => undefined);
    const nowMs = performance.now();
    if (seen !== undefined) {
      if (seen.pending !== last?.pending || seen.received !== last.received) movedMs = nowMs;
      last = seen;
      if (seen.pending === 0 && seen.received - before.received >= received) break;
    }
    if (signal.aborted) stoppedMs ??= nowMs;
    if (nowMs - movedMs > patienceMs || nowMs - (stoppedMs ?? nowMs) > STOPPED_PATIENCE_MS) break;
    await pause(LOOK_EVERY_MS);
  }
  return last === undefined ? undefined : booksBetween(before, last);
};
