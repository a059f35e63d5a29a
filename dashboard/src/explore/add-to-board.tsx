import { type ReactNode, useState } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import { readBoard, useBoards, useSaveBoard } from '../data/boards.ts';
import { Combobox, DialogForm, Notice, toast } from '../design/index.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import { freeId, freePlace } from './free-place.ts';

interface AddProps {
  readonly project: string;
  readonly saved: InsightAnswer;
  readonly onClose: () => void;
}

/** Puts it onto the board that was chosen. Rejects with ApiError. */
const useAdd = ({ project, saved, onClose }: AddProps, boardId: string): (() => Promise<void>) => {
  const save = useSaveBoard(project, boardId);
  return async (): Promise<void> => {
    const { name, description, tags, variables, tiles, version } = await readBoard(project, boardId);
    const tile = { id: freeId(tiles), kind: 'insight' as const, insight: saved.id, ...freePlace(tiles) };
    const board = { name, description, tags, variables, tiles: [...tiles, tile], version };
    await save(board as Parameters<typeof save>[0]);
    toast(`${saved.name} stands on ${name}.`);
    onClose();
  };
};

/** Puts an insight onto a board. */
export const AddToBoard = (props: AddProps): ReactNode => {
  const { project, onClose } = props;
  const { data, error, isFetching } = useBoards(project);
  const attempt = useAttempt();
  const [board, setBoard] = useState<string>();
  const add = useAdd(props, board ?? '');
  return (
    <DialogForm
      title="Add to a board"
      action="Add"
      attempt={attempt}
      isDisabled={board === undefined}
      onSubmit={add}
      onClose={onClose}
    >
      {data?.boards.length === 0 ? (
        <Notice icon="board" title="There are no boards yet">
          Make one on the page Boards.
        </Notice>
      ) : (
        <div className="field">
          <span className="field-label">Board</span>
          <Combobox
            label="Board"
            options={(data?.boards ?? []).map(({ id, name }) => ({ value: id, text: name }))}
            value={board}
            onChange={setBoard}
            isLoading={isFetching}
            trouble={error?.message}
          />
        </div>
      )}
    </DialogForm>
  );
};
