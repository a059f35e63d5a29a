import '../chart/chart.css';
import './users.css';
import type { ReactNode } from 'react';
import type { PageProps } from '../page-props.ts';
import { UserList } from './user-list.tsx';
import { UserView } from './user-view.tsx';

/** The people whom events name: all of them, or one. */
export const UsersPage = (props: PageProps): ReactNode => {
  const [id] = props.rest;
  if (id === undefined) return <UserList {...props} />;
  return <UserView key={`${props.project} ${id}`} {...props} id={id} />;
};
