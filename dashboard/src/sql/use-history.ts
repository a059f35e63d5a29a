import { useState } from 'react';
import { type PastRun, readRuns, withKept, withRun, writeRuns } from './history.ts';

/** What was run, and what can be done about it. */
export interface History {
  readonly runs: readonly PastRun[];
  readonly add: (run: Pick<PastRun, 'sql' | 'rows' | 'ms'>) => void;
  readonly keep: (sql: string, isKept: boolean) => void;
  /** Forgets all but what is kept. */
  readonly forget: () => void;
}

/** What was run in this browser, of one user in one project. */
export const useHistory = (project: string, user: string): History => {
  const [runs, setRuns] = useState(() => readRuns(project, user));
  const change = (to: (now: readonly PastRun[]) => readonly PastRun[]): void => {
    // Another tab may have written meanwhile.
    const stored = readRuns(project, user);
    const next = to(stored.length === 0 ? runs : stored);
    setRuns(next);
    writeRuns(project, user, next);
  };
  return {
    runs,
    add: (run) => change((now) => withRun(now, { ...run, atMs: Date.now() })),
    keep: (sql, isKept) => change((now) => withKept(now, sql, isKept)),
    forget: () => change((now) => now.filter(({ isKept }) => isKept)),
  };
};
