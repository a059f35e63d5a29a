import { projectNameOf } from '../access/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { Progress } from '../process/messages.ts';
import { takeStanding } from './freshness.ts';
import { isoOf } from './instant.ts';
import {
  type LedgerRange,
  MINUTE_MS,
  UNBALANCED_MAX,
  type UnbalancedRow,
  unbalancedStatement,
} from './ledger.ts';
import type { QueryWarehouse } from './ports.ts';
import { ledgerBalanced, ledgerUnbalanced } from './telemetry.ts';

/** An ordinary check looks at so many minutes of receipt. */
const RECENT_MINUTES = 15;
/** The first check of a process and every so many looks at everything: differences in the past must not stay unseen. */
const FULL_CHECK_EVERY = 60;

/** What a check found. */
export type LedgerVerdict =
  | { readonly balanced: true; readonly message: string; readonly detail?: undefined }
  /** `minutes` are known to be wrong, in words; health is red as long as they are. Only `detail` names them. */
  | {
      readonly balanced: false;
      readonly message: string;
      readonly detail: string;
      readonly minutes: readonly string[];
    };

/** What the check works with. */
export interface LedgerCheckOptions {
  readonly warehouse: QueryWarehouse;
  readonly progress: () => Progress;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Ids of projects that are being removed or were: their books are taken apart, and need not balance. */
  readonly removed: () => ReadonlySet<string>;
}

/** To the end of all minutes: a clock that jumped back must not hide what was received "later". */
const from = (fromMs: number | undefined): LedgerRange => ({ fromMs, toMs: undefined });

/** What an ordinary check looks at: what was received lately, and the minutes that were found wrong, without all that lies between. */
const rangesOf = (nowMs: number, wrong: LedgerRange | undefined): LedgerRange[] => {
  const recentMs = Math.floor(nowMs / MINUTE_MS - RECENT_MINUTES) * MINUTE_MS;
  if (wrong?.fromMs === undefined) return [from(recentMs)];
  const isApart = wrong.toMs !== undefined && wrong.toMs < recentMs;
  return isApart ? [wrong, from(recentMs)] : [from(Math.min(wrong.fromMs, recentMs))];
};

/** From the first wrong minute up to the last, unless there may be more than were told (`isAll`). */
const rangeOf = (rows: readonly UnbalancedRow[], isAll: boolean): LedgerRange | undefined => {
  if (rows.length === 0) return undefined;
  const minutes = rows.map((row) => Number(row.minute_ms));
  return { fromMs: Math.min(...minutes), toMs: isAll ? Math.max(...minutes) + MINUTE_MS : undefined };
};

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
  let wrong: LedgerRange | undefined;
  return async function checkLedger() {
    const nowMs = clock.nowMs();
    const isFull = checks % FULL_CHECK_EVERY === 0;
    const standing = takeStanding(progress(), [], nowMs);
    const found: UnbalancedRow[] = [];
    for (const range of isFull ? [from(undefined)] : rangesOf(nowMs, wrong)) {
      const statement = unbalancedStatement({ but: [...removed()] }, range, standing);
      const { rows } = await warehouse.query<UnbalancedRow>(statement.text, { ...statement.params });
      found.push(...rows);
    }
    // Again: removing one may have begun meanwhile.
    const rows = found.filter(({ project }) => !removed().has(project));
    checks++;
    wrong = rangeOf(rows, found.length < UNBALANCED_MAX);
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
    message:
      'The ledger does not add up. GET /api/ledger?by=minute of each project shows its accounts, and the minutes that are wrong.',
    detail: `${rows.length === 1 ? 'One minute is' : `${rows.length} minutes are`} wrong: ${minutes[0]}.`,
  };
};

const describe = (row: UnbalancedRow): string => {
  const at = `${isoOf(Number(row.minute_ms))} of project ${projectNameOf(row.project)}`;
  if (Number(row.received) !== Number(row.accounted))
    return `${at}: ${row.received} received, ${row.accounted} accounted for`;
  return `${at}: ${row.booked_as_stored} booked as stored, ${row.counted} in the warehouse`;
};
