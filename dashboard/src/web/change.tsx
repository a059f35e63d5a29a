import type { ReactNode } from 'react';
import { Icon } from '../design/index.ts';
import { changeOf } from '../lib/format.ts';

const SPOKEN = { up: 'up by', down: 'down by', same: 'unchanged,' } as const;

interface ChangeProps {
  readonly now: number | null;
  readonly before: number | null;
  /** Whether more is good. */
  readonly isGood?: boolean;
}

/** How much a number is above or below that of the period before. Nothing where one of them is missing. */
export const Change = ({ now, before, isGood = true }: ChangeProps): ReactNode => {
  const change = now === null || before === null ? undefined : changeOf(now, before);
  if (change === undefined) return null;
  const { direction, text } = change;
  const mood = direction === 'same' ? 'same' : (direction === 'up') === isGood ? 'good' : 'bad';
  return (
    <span className="web-change number" data-mood={mood}>
      {direction === 'same' ? null : <Icon name={direction} size={10} />}
      <span className="unseen">{SPOKEN[direction]} </span>
      {text}
      <span className="unseen"> against the period before</span>
    </span>
  );
};
