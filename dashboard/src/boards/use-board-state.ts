import { useMemo, useState } from 'react';
import type { AnsweredTile, BoardAnswer } from '../../../src/contract/boards.ts';
import { inReadingOrder } from '../board/places.ts';
import { type BoardMoment, type BoardReading, useBoardAnswers } from '../data/board-answers.ts';
import type { ApiError } from '../data/api.ts';
import { addressStore } from '../lib/address.ts';
import { useStore } from '../lib/use-store.ts';
import { momentOfAddress, type Refresh, refreshOfAddress, withMoment } from './moments.ts';
import { valuesOfAddress } from '../board/address-values.ts';

/** The answer to a tile. */
export interface ShownTile {
  readonly answered: AnsweredTile | undefined;
  /** It answers what was asked before. */
  readonly isOld: boolean;
}

/** A board as the address says that it is looked at, and what was answered. */
export interface BoardState {
  readonly values: ReturnType<typeof valuesOfAddress>;
  /** Null: as of now. */
  readonly pinned: BoardMoment | null;
  readonly refresh: Refresh;
  readonly reading: BoardReading | undefined;
  readonly error: ApiError | undefined;
  readonly isFetching: boolean;
  readonly again: () => void;
  /** Moments that were shown in this visit, newest first. */
  readonly seen: readonly BoardMoment[];
  readonly tileOf: (id: string) => ShownTile;
}

/** The last reading that was whole. */
const useLast = (reading: BoardReading | undefined, tiles: number): BoardReading | undefined => {
  const [last, setLast] = useState(reading);
  if (reading !== undefined && reading !== last && reading.tiles.size >= tiles) setLast(reading);
  return last;
};

const useSeen = (reading: BoardReading | undefined): readonly BoardMoment[] => {
  const [seen, setSeen] = useState<readonly BoardMoment[]>([]);
  const position = reading?.position ?? null;
  const next =
    reading === undefined || position === null ? seen : withMoment(seen, { position, at: reading.at });
  if (next !== seen) setSeen(next);
  return next;
};

const NO_ANSWER: ShownTile = { answered: undefined, isOld: false };

/** How a board is looked at. `everyMs` takes the place of how often the address says that it is asked again. */
export const useBoardState = (project: string, board: BoardAnswer, everyMs?: number): BoardState => {
  const search = useStore(addressStore);
  const { id, version, variables, tiles } = board;
  const values = valuesOfAddress(search, variables);
  const pinned = momentOfAddress(search) ?? null;
  const refresh = refreshOfAddress(search);
  const asked = useMemo(
    () => inReadingOrder(tiles).flatMap((tile) => (tile.kind === 'text' ? [] : [tile.id])),
    [tiles],
  );
  const question = { id, version, tiles: asked, variables: values, asOf: pinned };
  const { reading, error, isFetching, again } = useBoardAnswers(
    project,
    question,
    pinned === null ? (everyMs ?? refresh.everyMs) : undefined,
  );
  const last = useLast(reading, asked.length);
  const tileOf = (tile: string): ShownTile => {
    const answered = reading?.tiles.get(tile);
    if (answered !== undefined) return { answered, isOld: false };
    const before = last?.tiles.get(tile);
    return before === undefined ? NO_ANSWER : { answered: before, isOld: error === undefined };
  };
  return { values, pinned, refresh, reading, error, isFetching, again, seen: useSeen(reading), tileOf };
};
