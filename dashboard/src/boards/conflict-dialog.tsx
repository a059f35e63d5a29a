import type { ReactNode } from 'react';
import type { ApiError } from '../data/api.ts';
import { useBoards, useMakeBoard } from '../data/boards.ts';
import { Button, Dialog, toast } from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { since } from '../lib/since.ts';
import { type BoardContent, copyName } from './draft.ts';
import { useAttempt } from '../lib/use-attempt.ts';

/** Who saved meanwhile, and what. */
export interface Conflict {
  readonly version: number;
  readonly updated_by: string;
  readonly updated_at: string;
  readonly changed: readonly string[];
}

/** What an error tells of somebody who saved meanwhile; undefined for any other error. */
export const conflictOf = ({ code, details }: Pick<ApiError, 'code' | 'details'>): Conflict | undefined =>
  code === 'conflict' && typeof details === 'object' && details !== null && 'updated_by' in details
    ? (details as Conflict)
    : undefined;

interface ConflictProps {
  readonly project: string;
  readonly conflict: Conflict;
  /** What was to be saved. */
  readonly content: BoardContent;
  /** What somebody else saved is taken. */
  readonly onReloaded: () => void;
  readonly onClose: () => void;
}

/** Somebody else saved the board meanwhile: theirs is taken, or one's own is kept beside it. Neither overwrites the other. */
export const ConflictDialog = (props: ConflictProps): ReactNode => {
  const { project, conflict, content, onReloaded, onClose } = props;
  const { data } = useBoards(project);
  const make = useMakeBoard(project);
  const attempt = useAttempt();
  const { version, updated_by: by, updated_at: at, changed } = conflict;
  const keepCopy = (): void =>
    attempt.run(async () => {
      const name = copyName(content.name, data?.boards.map((each) => each.name) ?? []);
      const made = await make({ ...content, name });
      onReloaded();
      toast(`Your changes are the board ${name}.`);
      // After what is edited is no longer held.
      setTimeout(() => goTo(`/boards/${made.id}`));
    });
  return (
    <Dialog title="Somebody else saved this board" onClose={onClose}>
      <div className="dialog-words">
        <p>
          <strong>{by}</strong> saved version {version} {since(at)}
          {changed.length === 0 ? '.' : ` and changed ${changed.join(', ')}.`} Yours was made from an earlier
          version, so it was not saved over it.
        </p>
      </div>
      {attempt.trouble === undefined ? null : (
        <p className="field-error" role="alert">
          {attempt.trouble}
        </p>
      )}
      <div className="dialog-actions">
        <Button onClick={onClose}>Go on editing</Button>
        <Button disabled={attempt.isBusy} onClick={keepCopy}>
          Keep mine as a copy
        </Button>
        <Button kind="primary" onClick={onReloaded}>
          Take theirs
        </Button>
      </div>
    </Dialog>
  );
};
