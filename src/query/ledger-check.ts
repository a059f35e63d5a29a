import { projectNameOf } from '../access/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { Progress } from '../process/messages.ts';
import { takeStanding } from './freshness.ts';
import { isoOf } from './instant.ts';
import { type LedgerRange, MINUTE_MS, type UnbalancedRow, unbalancedStatement } from './ledger.ts';
import type { QueryWarehouse } from './ports.ts';
import { ledgerBalanced, ledgerUnbalanced } from './telemetry.ts';

/** An ordinary check looks at so many minutes of receipt. */
const RECENT_MINUTES = 15;
/** The first check of a process and every so many looks at everything: differences in the past must not stay unseen. */
const FULL_CHECK_EVERY = 60;

/** What a check found. */
export type LedgerVerdict =
  | { readonly balanced: true; readonly message: string }
  /** `minutes` are known to be wrong, in words; health is red as long as they are. */
  | { readonly balanced: false; readonly message: string; readonly minutes: readonly string[] };

/** What the check works with. */
export interface LedgerCheckOptions {
  readonly warehouse: QueryWarehouse;
  readonly progress: () => Progress;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Ids of projects that are being removed or were: their books are taken apart, and need not balance. */
  readonly removed: () => ReadonlySet<string>;
}

/**
 * A function to be called every minute: compares what was received with what was accounted for, in every project, and says in which minutes they differ. Rejects when the
 * warehouse cannot be asked. A difference found once is looked at again with every check until it is gone.
 */
export const createLedgerCheck = ({
  warehouse,
  progress,
  clock,
  telemetry,
  removed,
}: LedgerCheckOptions): (() => Promise<LedgerVerdict>) => {
  let checks = 0;
  let oldestWrongMs: number | undefined;
  return async function checkLedger() {
    const nowMs = clock.nowMs();
    const isFull = checks % FULL_CHECK_EVERY === 0;
    const recentMs = nowMs - RECENT_MINUTES * MINUTE_MS;
    const fromMs = isFull
      ? undefined
      : Math.floor(Math.min(recentMs, oldestWrongMs ?? recentMs) / MINUTE_MS) * MINUTE_MS;
    // To the end of all minutes: a clock that jumped back must not hide what was received "later".
    const range: LedgerRange = { fromMs, toMs: undefined };
    const standing = takeStanding(progress(), [], nowMs);
    const statement = unbalancedStatement({ but: [...removed()] }, range, standing);
    const found = await warehouse.query<UnbalancedRow>(statement.text, { ...statement.params });
    // Again: removing one may have begun meanwhile.
    const rows = found.rows.filter(({ project }) => !removed().has(project));
    checks++;
    oldestWrongMs = rows.length === 0 ? undefined : Math.min(...rows.map((row) => Number(row.minute_ms)));
    return verdict(rows, telemetry);
  };
};

const verdict = (rows: readonly UnbalancedRow[], telemetry: Telemetry): LedgerVerdict => {
  if (rows.length === 0) {
    telemetry.emit(ledgerBalanced, {});
    return { balanced: true, message: 'Every received event is accounted for.' };
  }
  const minutes = rows.map(describe);
  telemetry.emit(ledgerUnbalanced, { minutes });
  return {
    balanced: false,
    minutes,
    message: `The ledger does not add up in ${rows.length} minute${rows.length === 1 ? '' : 's'}: ${minutes[0]}. GET /api/ledger?by=minute shows the accounts.`,
  };
};

const describe = (row: UnbalancedRow): string => {
  const at = `${isoOf(Number(row.minute_ms))} of project ${projectNameOf(row.project)}`;
  if (Number(row.received) !== Number(row.accounted))
    return `${at}: ${row.received} received, ${row.accounted} accounted for`;
  return `${at}: ${row.booked_as_stored} booked as stored, ${row.counted} in the warehouse`;
};
