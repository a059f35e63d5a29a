import type { LedgerAccounts, LedgerMinute } from '../../../src/contract/ledger.ts';
import { isoDayIn, minuteIn } from '../lib/zoned.ts';

/** How long the stretches are that the ledger is shown by. */
export const STEPS = ['minute', 'hour', 'day'] as const;
export type Step = (typeof STEPS)[number];

/** The accounts of a stretch of time. */
export interface Stretch extends LedgerAccounts {
  /** Its first minute, ISO 8601. */
  readonly from: string;
  /** Behind its last minute with events. */
  readonly to: string;
}

const MINUTE_MS = 60_000;

const COUNTS = [
  'received',
  'stored',
  'duplicate',
  'stale',
  'quarantined',
  'blocked',
  'pending',
  'difference',
] as const;

/** Which stretch a minute is in, by the clock of a zone. Where clocks go back, an hour that comes twice is one. */
const keyOf = (minute: string, step: Step, zone: string): string => {
  if (step === 'minute') return minute;
  const day = isoDayIn(minute, zone);
  return step === 'day' ? day : `${day} ${minuteIn(minute, zone).slice(0, 2)}`;
};

const added = (sum: LedgerAccounts, more: LedgerAccounts): LedgerAccounts => {
  const reasons = { ...sum.reasons };
  for (const [reason, count] of Object.entries(more.reasons))
    reasons[reason] = (reasons[reason] ?? 0) + count;
  const counts = Object.fromEntries(COUNTS.map((name) => [name, sum[name] + more[name]]));
  return { ...(counts as unknown as Record<(typeof COUNTS)[number], number>), reasons };
};

const endOf = (minute: string): string => new Date(Date.parse(minute) + MINUTE_MS).toISOString();

/** Minutes put together to stretches, in order. Sums of sums: what adds up by the minute adds up by the day. */
export const stretchesOf = (
  minutes: readonly LedgerMinute[],
  step: Step,
  zone: string,
): readonly Stretch[] => {
  const byKey = new Map<string, Stretch>();
  for (const { minute, ...accounts } of minutes) {
    const key = keyOf(minute, step, zone);
    const before = byKey.get(key);
    byKey.set(
      key,
      before === undefined
        ? { ...accounts, from: minute, to: endOf(minute) }
        : { ...added(before, accounts), from: before.from, to: endOf(minute) },
    );
  }
  return [...byKey.values()];
};

/** What was refused of what was received. */
export const refusedIn = ({ duplicate, stale, quarantined, blocked }: LedgerAccounts): number =>
  duplicate + stale + quarantined + blocked;
