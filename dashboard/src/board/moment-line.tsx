import type { ReactNode } from 'react';
import type { Freshness } from '../../../src/contract/question.ts';
import { Fresh } from '../design/index.ts';
import { plural } from '../lib/format.ts';
import { instantIn } from '../lib/zoned.ts';

/** What a board is as of. */
export interface ShownMoment {
  /** Null: nothing was loaded yet. */
  readonly position: string | null;
  readonly at: string;
  readonly freshness: Freshness;
  /** When it was answered, by `performance.now()`. */
  readonly atMs: number;
}

interface MomentLineProps {
  readonly moment: ShownMoment;
  readonly zone: string;
  /** It stays as it is: no later answers are wanted. */
  readonly isPinned: boolean;
  /** From this age on the numbers are called stale. */
  readonly staleMs: number;
}

/** Of which position and which moment all numbers of a board are, and how old that is. */
export const MomentLine = ({ moment, zone, isPinned, staleMs }: MomentLineProps): ReactNode => {
  const { position, at, freshness, atMs } = moment;
  if (position === null) return <span className="moment">Nothing was loaded yet</span>;
  const { pending_events: pending } = freshness;
  return (
    <span className="moment number">
      <span>
        {isPinned ? 'Pinned to' : 'As of'} position <span className="moment-position">{position}</span>
      </span>
      <span>{instantIn(at, zone)}</span>
      {pending > 0 && !isPinned ? (
        <span title="They are durable, and counted as soon as they are loaded.">
          {plural(pending, 'event')} on the way
        </span>
      ) : null}
      {isPinned ? null : <Fresh atMs={atMs} staleMs={staleMs} />}
    </span>
  );
};
