import { type ReactNode, useState } from 'react';
import { readBoard, useMakeBoard, useRemoveBoard, useSaveBoard } from '../data/boards.ts';
import { ConfirmDialog, TextField, toast } from '../design/index.ts';
import { goTo } from '../lib/address.ts';
import { DialogForm } from '../design/dialog-form.tsx';
import { contentOf, copyName } from './draft.ts';
import { useAttempt } from '../lib/use-attempt.ts';

/** Something done with a whole board. */
export interface BoardAction {
  readonly kind: 'rename' | 'copy' | 'remove';
  readonly id: string;
  readonly name: string;
}

interface ActionProps {
  readonly project: string;
  readonly action: BoardAction;
  readonly onClose: () => void;
}

const Rename = ({ project, action: { id, name }, onClose }: ActionProps): ReactNode => {
  const save = useSaveBoard(project, id);
  const attempt = useAttempt();
  const [next, setNext] = useState(name);
  return (
    <DialogForm
      title="Rename the board"
      action="Rename"
      attempt={attempt}
      isDisabled={next.trim() === ''}
      onClose={onClose}
      onSubmit={async () => {
        const board = await readBoard(project, id);
        await save({ ...contentOf(board), name: next.trim(), version: board.version });
        onClose();
      }}
    >
      <TextField label="Name" value={next} onChange={setNext} maxLength={100} />
    </DialogForm>
  );
};

const Copy = ({
  project,
  action: { id, name },
  names,
  onClose,
}: ActionProps & { readonly names: readonly string[] }): ReactNode => {
  const make = useMakeBoard(project);
  const attempt = useAttempt();
  const [next, setNext] = useState(() => copyName(name, names));
  return (
    <DialogForm
      title="Duplicate the board"
      action="Duplicate"
      attempt={attempt}
      isDisabled={next.trim() === ''}
      onClose={onClose}
      onSubmit={async () => {
        const board = await readBoard(project, id);
        const made = await make({ ...contentOf(board), name: next.trim() });
        onClose();
        goTo(`/boards/${made.id}`);
      }}
    >
      <TextField label="Name of the copy" value={next} onChange={setNext} maxLength={100} />
    </DialogForm>
  );
};

const Remove = ({ project, action: { id, name }, onClose }: ActionProps): ReactNode => {
  const remove = useRemoveBoard(project);
  return (
    <ConfirmDialog
      title="Delete the board?"
      action="Delete it"
      isDanger
      onClose={onClose}
      onConfirm={async () => {
        await remove(id);
        toast(`The board ${name} is gone.`);
        if (location.pathname !== '/boards') goTo('/boards');
      }}
    >
      <p>
        <strong>{name}</strong> goes with its versions, notes and share links, for everybody and for good.
        Insights that it shows stay.
      </p>
    </ConfirmDialog>
  );
};

/** Asks what is needed to rename, copy or delete a board, and does it. */
export const BoardActions = (props: ActionProps & { readonly names: readonly string[] }): ReactNode => {
  switch (props.action.kind) {
    case 'rename':
      return <Rename {...props} />;
    case 'copy':
      return <Copy {...props} />;
    case 'remove':
      return <Remove {...props} />;
  }
};
