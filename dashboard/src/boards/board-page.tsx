import './boards.css';
import { lazy, type ReactNode, useState } from 'react';
import { useBoard } from '../data/boards.ts';
import { isPassing } from '../data/client.ts';
import { Button, Link, Notice, Page, Part, Skeleton } from '../design/index.ts';
import { patiently } from '../lib/patiently.ts';
import { BoardView } from './board-view.tsx';
import { ToBoards } from './to-boards.tsx';

/** What it takes to change boards is loaded when one is. */
const BoardEditor = lazy(
  patiently(async () => ({ default: (await import('./board-editor.tsx')).BoardEditor })),
);

interface BoardPageProps {
  readonly project: string;
  readonly id: string;
  readonly mayWrite: boolean;
  /** Address of this server for others. */
  readonly publicUrl: string;
}

const Loading = (): ReactNode => (
  <Page title="Board" isBusy>
    <div className="boards-loading">
      {['a', 'b', 'c', 'd'].map((key) => (
        <Skeleton key={key} height="9rem" />
      ))}
    </div>
  </Page>
);

/** A board: looked at, or changed. */
export const BoardPage = ({ project, id, mayWrite, publicUrl }: BoardPageProps): ReactNode => {
  const { data: board, error, again } = useBoard(project, id);
  const [isEditing, setEditing] = useState(false);
  if (board === undefined) {
    if (error === undefined) return <Loading />;
    const isGone = error.status === 404;
    return (
      <Page title="Board" className="board-page" status={<ToBoards />}>
        <Notice
          kind="error"
          icon="warning"
          title={isGone ? 'There is no such board' : 'The board could not be read'}
          action={
            isGone ? (
              <Link className="button" data-kind="primary" to="/boards">
                To all boards
              </Link>
            ) : (
              <Button onClick={again}>Try again</Button>
            )
          }
        >
          {isGone
            ? 'Somebody may have deleted it, or it is of another project.'
            : `${error.message}${isPassing(error) ? ' It is tried again by itself.' : ''}`}
        </Notice>
      </Page>
    );
  }
  if (isEditing && mayWrite)
    return (
      <Part loading={<Loading />}>
        <BoardEditor project={project} board={board} onClose={() => setEditing(false)} />
      </Part>
    );
  return (
    <BoardView
      project={project}
      board={board}
      mayWrite={mayWrite}
      publicUrl={publicUrl}
      onEdit={() => setEditing(true)}
    />
  );
};
