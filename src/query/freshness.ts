import type { Freshness } from '../contract/question.ts';
import type { Progress } from '../process/messages.ts';
import { isoOf } from './instant.ts';
import type { PendingMinute } from './ports.ts';

/** The state of the way from log to warehouse at one moment. Taken before a question is asked, so that the answer holds at least that much. */
export interface Standing {
  /** Governed records before this are queryable. */
  readonly governedLoaded: number;
  /** Raw records before this are queryable. */
  readonly rawLoaded: number;
  readonly pending: readonly PendingMinute[];
  readonly nowMs: number;
}

/** Takes the standing of a project, all of it at one moment: progress and pending counts belong together. */
export const takeStanding = (
  progress: Progress,
  pending: readonly PendingMinute[],
  nowMs: number,
): Standing => ({
  governedLoaded: progress.governedLoaded,
  rawLoaded: progress.rawLoaded,
  pending: pending.filter(({ events }) => events > 0),
  nowMs,
});

/** The last governed position that is queryable, as text; null before the first load. */
export const asOf = ({ governedLoaded }: Standing): string | null =>
  governedLoaded === 0 ? null : String(governedLoaded - 1);

/** Events of the project that are not loaded. */
export const pendingEvents = ({ pending }: Standing): number =>
  pending.reduce((sum, { events }) => sum + events, 0);

/** How far behind an answer may be. */
export const freshnessOf = (standing: Standing): Freshness => {
  const oldest = Math.min(...standing.pending.map(({ minute }) => minute));
  return {
    answered_at: isoOf(standing.nowMs),
    pending_events: pendingEvents(standing),
    pending_since: Number.isFinite(oldest) ? isoOf(oldest) : null,
  };
};
