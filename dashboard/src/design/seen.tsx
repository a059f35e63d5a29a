import type { ReactNode } from 'react';
import { ago } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useNow } from '../lib/use-now.ts';
import { instantIn } from '../lib/zoned.ts';

/** How long ago something was; pointed at, when exactly. */
export const Seen = ({ at }: { readonly at: string }): ReactNode => {
  const zone = useTimeZone();
  const now = performance.timeOrigin + useNow();
  return (
    <time dateTime={at} title={instantIn(at, zone)}>
      {ago(now - Date.parse(at))}
    </time>
  );
};
