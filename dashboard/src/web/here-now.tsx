import type { ReactNode } from 'react';
import { totalOf } from '../chart/series.ts';
import { useTrend } from '../data/use-trend.ts';
import { Link } from '../design/index.ts';
import { plural } from '../lib/format.ts';

/** How many visits there are now, kept up to date by the server; leads to the live page. */
export const HereNow = (): ReactNode => {
  const { answer } = useTrend({
    kind: 'trend',
    measure: 'unique_sessions',
    interval: 'total',
    range: 'last 5 minutes',
  });
  if (answer === undefined) return null;
  return (
    <Link to="/" className="web-now number" title="Visits with an event in the last 5 minutes">
      <span className="beacon" aria-hidden="true" />
      {plural(totalOf(answer), 'visit')} now
    </Link>
  );
};
