import type { SessionAnswer } from '../../src/contract/session.ts';
import type { WatchedDemo } from './start/demo.ts';
import type { ReactNode } from 'react';

/** What every page is given. */
export interface PageProps {
  readonly session: SessionAnswer;
  /** The project that is shown. */
  readonly project: string;
  readonly onProject: (project: string) => void;
  readonly demo: WatchedDemo;
  /** Stands at the right of the title: connection, demo. */
  readonly status: ReactNode;
  /** The path behind the page's own, decoded: `/users/ada` is `['ada']`. */
  readonly rest: readonly string[];
}
