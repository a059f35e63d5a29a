import type { ReactNode } from 'react';
import { useBoards, useMakeBoard } from '../data/boards.ts';
import type { Conflict } from '../data/saved.ts';
import { Button, toast } from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { ConflictDialog } from '../saved/conflict-dialog.tsx';
import { type BoardContent, copyName } from './draft.ts';

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
export const BoardConflict = (props: ConflictProps): ReactNode => {
  const { project, conflict, content, onReloaded, onClose } = props;
  const { data } = useBoards(project);
  const make = useMakeBoard(project);
  const attempt = useAttempt();
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
    <ConflictDialog what="board" conflict={conflict} trouble={attempt.trouble} onClose={onClose}>
      <Button onClick={onClose}>Go on editing</Button>
      <Button disabled={attempt.isBusy} onClick={keepCopy}>
        Keep mine as a copy
      </Button>
      <Button kind="primary" onClick={onReloaded}>
        Take theirs
      </Button>
    </ConflictDialog>
  );
};
