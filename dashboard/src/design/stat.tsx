import './stat.css';
import { memo, type ReactNode } from 'react';
import type { Change } from '../lib/format.ts';
import { Fresh } from './fresh.tsx';
import { Icon } from './icons.tsx';
import { SPARK, sparkPaths } from './spark-path.ts';
import { Skeleton } from './states.tsx';

/** A small line without axes: the way of a number, not its values. */
export const Sparkline = memo(({ values }: { readonly values: readonly number[] }): ReactNode => {
  const { line, area } = sparkPaths(values);
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${SPARK.width} ${SPARK.height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path className="spark-area" d={area} />
      <path className="spark-line" d={line} />
    </svg>
  );
});
Sparkline.displayName = 'Sparkline';

const SPOKEN = { up: 'up by', down: 'down by', same: 'unchanged,' } as const;

/** How much a number is above or below an earlier one. */
export const ChangeMark = ({
  change,
  than,
}: {
  readonly change: Change;
  readonly than: string;
}): ReactNode => (
  <span className="change" data-direction={change.direction} title={`against ${than}`}>
    {change.direction === 'same' ? null : <Icon name={change.direction} size={11} />}
    <span className="unseen">{SPOKEN[change.direction]} </span>
    {change.text}
    <span className="unseen"> against {than}</span>
  </span>
);

interface StatProps {
  readonly label: string;
  /** Undefined: not known yet. */
  readonly value: string | undefined;
  /** Stands in the place of a value that was asked for in vain: a `Notice`. */
  readonly trouble?: ReactNode;
  readonly title?: string | undefined;
  readonly unit?: string;
  readonly change?: Change | undefined;
  /** What `change` compares with: `the 5 minutes before`. */
  readonly than?: string;
  readonly note?: ReactNode;
  readonly atMs?: number | undefined;
  readonly spark?: readonly number[] | undefined;
}

/** One number with its change and its way. */
export const Stat = (props: StatProps): ReactNode => {
  const { label, value, trouble, title, unit, change, than = '', note, atMs, spark } = props;
  const isInVain = value === undefined && trouble !== undefined;
  return (
    <div className="stat" role="group" aria-label={label}>
      <div className="stat-label">
        <span className="truncate">{label}</span>
        <Fresh atMs={atMs} isShort />
      </div>
      {isInVain ? (
        trouble
      ) : (
        <div className="stat-line" title={title}>
          {value === undefined ? (
            <Skeleton width="4.5rem" height="1.5rem" />
          ) : (
            <span className="stat-value">
              {value}
              {unit === undefined ? null : <span className="stat-unit">{unit}</span>}
            </span>
          )}
          {change === undefined ? null : <ChangeMark change={change} than={than} />}
        </div>
      )}
      <div className="stat-note truncate" title={typeof note === 'string' ? note : undefined}>
        {note}
      </div>
      {isInVain ? null : (
        <div className="stat-spark">{spark === undefined ? null : <Sparkline values={spark} />}</div>
      )}
    </div>
  );
};
