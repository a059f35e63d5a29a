import { type ReactNode, useState } from 'react';
import type { NewBoard } from '../../../src/contract/boards.ts';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import { readBoard, useBoards, useSaveBoard } from '../data/boards.ts';
import { Combobox, DialogForm, Notice, toast } from '../design/index.ts';
import { useAttempt } from '../lib/use-attempt.ts';

type Tile = NewBoard['tiles'][number];

const WIDTH = 6;
const HEIGHT = 4;
const COLUMNS = 12;

const overlaps = (a: Pick<Tile, 'x' | 'y' | 'w' | 'h'>, b: Pick<Tile, 'x' | 'y' | 'w' | 'h'>): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Where a new tile goes: the first gap, or below all. */
export const freePlace = (
  tiles: readonly Pick<Tile, 'x' | 'y' | 'w' | 'h'>[],
): { readonly x: number; readonly y: number; readonly w: number; readonly h: number } => {
  const bottom = Math.max(0, ...tiles.map(({ y, h }) => y + h));
  for (let y = 0; y <= bottom; y += 1)
    for (let x = 0; x + WIDTH <= COLUMNS; x += WIDTH) {
      const place = { x, y, w: WIDTH, h: HEIGHT };
      if (!tiles.some((tile) => overlaps(tile, place))) return place;
    }
  return { x: 0, y: bottom, w: WIDTH, h: HEIGHT };
};

/** An id that no tile has. */
export const freeId = (tiles: readonly Pick<Tile, 'id'>[]): string => {
  const taken = new Set(tiles.map(({ id }) => id));
  let number = tiles.length + 1;
  while (taken.has(`tile-${number}`)) number += 1;
  return `tile-${number}`;
};

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
