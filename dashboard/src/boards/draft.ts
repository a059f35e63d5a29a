import type { BoardAnswer, NewBoard, Tile } from '../../../src/contract/boards.ts';
import { saysSame } from '../lib/same.ts';

/** What a board is, as it may be changed. */
export type BoardContent = NewBoard;

/** A board that is being changed: what it was, what it is, and what may be undone. */
export interface Editing {
  /** The version that the change is made from. */
  readonly version: number;
  readonly base: BoardContent;
  readonly now: BoardContent;
  /** Oldest first. */
  readonly past: readonly BoardContent[];
  /** What was undone, the last first. */
  readonly future: readonly BoardContent[];
}

/** More steps are not undone. */
const STEPS_MAX = 100;

/** What may be changed of a board. */
export const contentOf = ({ name, description, tags, variables, tiles }: BoardContent): BoardContent => ({
  ...{ name, description, tags, variables, tiles },
});

/** Begins to change a board. */
export const begin = (board: BoardAnswer): Editing => {
  const base = contentOf(board);
  return { version: board.version, base, now: base, past: [], future: [] };
};

/** Changes it. What changes nothing is no step. */
export const change = (editing: Editing, next: Partial<BoardContent>): Editing => {
  const now = { ...editing.now, ...next };
  if (saysSame(now, editing.now)) return editing;
  return { ...editing, now, past: [...editing.past, editing.now].slice(-STEPS_MAX), future: [] };
};

/** Takes the last step back. */
export const undo = (editing: Editing): Editing => {
  const before = editing.past.at(-1);
  if (before === undefined) return editing;
  const future = [editing.now, ...editing.future];
  return { ...editing, now: before, past: editing.past.slice(0, -1), future };
};

/** Takes a step again that was taken back. */
export const redo = (editing: Editing): Editing => {
  const [next, ...future] = editing.future;
  if (next === undefined) return editing;
  return { ...editing, now: next, past: [...editing.past, editing.now], future };
};

/** Whether there is something to save. */
export const isChanged = ({ base, now }: Editing): boolean => !saysSame(base, now);

/** Changes a tile; undefined takes it away. */
export const withTile = (
  tiles: readonly Tile[],
  id: string,
  next: (tile: Tile) => Tile | undefined,
): Tile[] => tiles.flatMap((tile) => (tile.id === id ? (next(tile) ?? []) : [tile]));

/** An id that no tile has. */
export const freeId = (tiles: readonly Pick<Tile, 'id'>[], wish: string): string => {
  const taken = new Set(tiles.map(({ id }) => id));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? wish : `${wish}_${number}`;
    if (!taken.has(id)) return id;
  }
};

const NAME_MAX = 100;

/** The name of a copy that no board has. */
export const copyName = (name: string, taken: readonly string[]): string => {
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? ' (copy)' : ` (copy ${number})`;
    const wish = `${name.slice(0, NAME_MAX - end.length)}${end}`;
    if (!taken.includes(wish)) return wish;
  }
};

/** Takes a variable that is gone out of what tiles say of it. */
export const withoutVariable = (tiles: readonly Tile[], name: string): Tile[] =>
  tiles.map((tile) =>
    tile.kind === 'text' || !tile.ignores.includes(name)
      ? tile
      : { ...tile, ignores: tile.ignores.filter((each) => each !== name) },
  );
