import type { ReactNode } from 'react';
import type { PageProps } from '../page-props.ts';
import { BoardList } from './board-list.tsx';
import { BoardPage } from './board-page.tsx';

/** Boards: the list of them, or one of them. */
export const BoardsPage = ({ session, project, rest, status }: PageProps): ReactNode => {
  const mayWrite = session.permissions.includes('insights:write');
  const [id] = rest;
  if (id === undefined) return <BoardList project={project} mayWrite={mayWrite} status={status} />;
  return <BoardPage key={id} project={project} id={id} mayWrite={mayWrite} publicUrl={session.public_url} />;
};
