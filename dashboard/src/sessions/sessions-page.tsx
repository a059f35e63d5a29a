import '../chart/chart.css';
import './sessions.css';
import type { ReactNode } from 'react';
import type { PageProps } from '../page-props.ts';
import { SessionView } from './session-view.tsx';
import { SessionsOverview } from './sessions-overview.tsx';

/** Sessions: how they go, or one of them. */
export const SessionsPage = (props: PageProps): ReactNode => {
  const [id] = props.rest;
  if (id === undefined) return <SessionsOverview {...props} />;
  return <SessionView {...props} key={`${props.project} ${id}`} id={id} />;
};
