import type { ReactNode } from 'react';

/** A session that may go on. */
export const OpenMark = (): ReactNode => (
  <span className="session-open" title="Its last event is at most half an hour ago: it may go on">
    <span>under way</span>
  </span>
);
