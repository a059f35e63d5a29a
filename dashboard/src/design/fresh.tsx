import './fresh.css';
import type { ReactNode } from 'react';
import { ago } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';

interface FreshProps {
  /** When it was known to be true, by `performance.now()`. */
  readonly atMs: number | undefined;
  /** From this age on the number is called stale. */
  readonly staleMs?: number;
  /** Where there is little room. */
  readonly isShort?: boolean;
}

const STALE_MS = 30_000;

/** How old a number is. Says so the louder the older it is. */
export const Fresh = ({ atMs, staleMs = STALE_MS, isShort = false }: FreshProps): ReactNode => {
  const now = useNow();
  if (atMs === undefined) return null;
  const ageMs = Math.max(0, now - atMs);
  const age = ageMs > staleMs ? 'stale' : ageMs > staleMs / 2 ? 'old' : 'fresh';
  return (
    <span className="fresh" data-age={age} title={`as of ${ago(ageMs)}`}>
      {age === 'stale' && !isShort ? 'stale, ' : ''}
      {ago(ageMs)}
    </span>
  );
};
