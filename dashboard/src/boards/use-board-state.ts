import { useMemo, useState } from 'react';
import type { BoardAnswer } from '../../../src/contract/boards.ts';
import { inReadingOrder } from '../board/places.ts';
import { type ShownBoard, useShownTiles } from '../board/shown-tiles.ts';
import { type BoardMoment, type BoardReading, useBoardAnswers } from '../data/board-answers.ts';
import type { ApiError } from '../data/api.ts';
import { addressStore } from '../lib/address.ts';
import { useStore } from '../lib/use-store.ts';
import { momentOfAddress, type Refresh, refreshOfAddress, withMoment } from './moments.ts';
import { valuesOfAddress } from '../board/address-values.ts';

/** A board as the address says that it is looked at, and what was answered. */
export interface BoardState extends ShownBoard {
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
}

const useSeen = (reading: BoardReading | undefined): readonly BoardMoment[] => {
  const [seen, setSeen] = useState<readonly BoardMoment[]>([]);
  const position = reading?.position ?? null;
  const next =
    reading === undefined || position === null ? seen : withMoment(seen, { position, at: reading.at });
  if (next !== seen) setSeen(next);
  return next;
};

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
  const read = useBoardAnswers(project, question, pinned === null ? (everyMs ?? refresh.everyMs) : undefined);
  const { reading, error, isFetching, again } = read;
  return {
    values,
    pinned,
    refresh,
    reading,
    error,
    isFetching,
    again,
    seen: useSeen(reading),
    ...useShownTiles(read, asked),
  };
};
