import '../chart/chart.css';
import './sessions.css';
import type { ReactNode } from 'react';
import type { PageProps } from '../page-props.ts';
import { SessionList } from './session-list.tsx';
import { SessionView } from './session-view.tsx';
import { SessionsOverview } from './sessions-overview.tsx';

/** Sessions: how they go, a list of them, or one of them. */
export const SessionsPage = (props: PageProps): ReactNode => {
  const [part, one] = props.rest;
  if (part === 'single') return <SessionList {...props} />;
  // Links of before lead to the id without a word before it.
  const id = part === 'one' ? one : part;
  if (id === undefined) return <SessionsOverview {...props} />;
  return <SessionView {...props} key={`${props.project} ${id}`} id={id} />;
};
