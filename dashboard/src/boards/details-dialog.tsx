import { type ReactNode, useState } from 'react';
import type { BoardAnswer } from '../../../src/contract/boards.ts';
import { useSaveBoard } from '../data/boards.ts';
import { TextArea, TextField } from '../design/index.ts';
import { DialogForm } from '../design/dialog-form.tsx';
import { contentOf } from './draft.ts';
import { useAttempt } from '../lib/use-attempt.ts';

/** Tags as they are typed. */
export const tagsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ''),
  ),
];

interface DetailsProps {
  readonly project: string;
  readonly board: BoardAnswer;
  readonly onClose: () => void;
}

/** What a board is called, and what it is about. */
export const DetailsDialog = ({ project, board, onClose }: DetailsProps): ReactNode => {
  const save = useSaveBoard(project, board.id);
  const attempt = useAttempt();
  const [name, setName] = useState(board.name);
  const [description, setDescription] = useState(board.description);
  const [tags, setTags] = useState(board.tags.join(', '));
  return (
    <DialogForm
      title="Name and tags"
      action="Save"
      attempt={attempt}
      isDisabled={name.trim() === ''}
      onClose={onClose}
      onSubmit={async () => {
        await save({
          ...contentOf(board),
          ...{ name: name.trim(), description, tags: tagsOf(tags), version: board.version },
        });
        onClose();
      }}
    >
      <TextField label="Name" value={name} onChange={setName} maxLength={100} />
      <TextArea
        label="Description"
        value={description}
        onChange={setDescription}
        maxLength={2_000}
        rows={3}
      />
      <TextField label="Tags" note="Between commas." value={tags} onChange={setTags} />
    </DialogForm>
  );
};
