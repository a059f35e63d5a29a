import { useState } from 'react';
import type { AnsweredTile } from '../../../src/contract/boards.ts';
import type { BoardRead, BoardReading } from '../data/board-answers.ts';
import { useLast } from '../lib/use-last.ts';
import { type KeptTile, type KeptTiles, mayKeep, withReading } from './kept-tiles.ts';

/** The answer to a tile. */
export interface ShownTile {
  /** Undefined: there is none yet. */
  readonly answered: AnsweredTile | undefined;
  /** It answers what was asked before. */
  readonly isOld: boolean;
  /** Another answer is on the way. */
  readonly isBusy: boolean;
  /** Since when it is known, by `performance.now()`, where that is not what the board is as of: later the tile was not answered. */
  readonly keptMs: number | undefined;
}

const NO_ANSWER = { answered: undefined, isOld: false, isBusy: true, keptMs: undefined } as const;

const ofNow = (answered: AnsweredTile): ShownTile => ({ ...NO_ANSWER, answered, isBusy: false });

const NONE_KEPT: KeptTiles = new Map();

const useKept = (reading: BoardReading | undefined, question: string, ids: readonly string[]): KeptTiles => {
  const [kept, setKept] = useState(NONE_KEPT);
  const next = reading === undefined ? kept : withReading(kept, reading, question, ids);
  if (next !== kept) setKept(next);
  return next;
};

/** Tiles that show what was answered before, since they were not answered later. */
export interface HeldTiles {
  readonly count: number;
  /** Why the first of them was not answered. */
  readonly message: string;
}

/** What a board shows. */
export interface ShownBoard {
  /** What the answers are of; of what was asked before, while nothing else is known. */
  readonly shown: BoardReading | undefined;
  readonly tileOf: (id: string) => ShownTile;
  readonly held: HeldTiles | undefined;
}

/** What is known of a tile. */
interface Known {
  readonly answered: AnsweredTile | undefined;
  readonly kept: KeptTile | undefined;
  readonly question: string;
  readonly isFailing: boolean;
}

const shownTile = ({ answered, kept, question, isFailing }: Known): ShownTile => {
  const isOld = kept !== undefined && kept.question !== question;
  if (answered !== undefined)
    return kept === undefined || isOld || !mayKeep(answered)
      ? ofNow(answered)
      : { ...ofNow(kept.answered), keptMs: kept.atMs };
  if (kept === undefined) return { ...NO_ANSWER, isBusy: !isFailing };
  return {
    answered: kept.answered,
    isOld,
    isBusy: isOld && !isFailing,
    keptMs: isOld ? undefined : kept.atMs,
  };
};

const heldOf = (
  reading: BoardReading | undefined,
  tileOf: (id: string) => ShownTile,
): HeldTiles | undefined => {
  const failed = [...(reading?.tiles.values() ?? [])].filter(({ state }) => state === 'failed');
  const held = failed.filter(({ id }) => tileOf(id).keptMs !== undefined);
  const [first] = held;
  return first?.state === 'failed' ? { count: held.length, message: first.error.message } : undefined;
};

/**
 * What each tile of a board shows: its answer; the last one, where it was not answered since or something else was asked; or why there is none. `ids`: of the tiles that ask something.
 */
export const useShownTiles = (
  { reading, error, question }: Pick<BoardRead, 'reading' | 'error' | 'question'>,
  ids: readonly string[],
): ShownBoard => {
  const kept = useKept(reading, question, ids);
  const isFailing = error !== undefined;
  const tileOf = (id: string): ShownTile =>
    shownTile({ answered: reading?.tiles.get(id), kept: kept.get(id), question, isFailing });
  return { shown: useLast(reading), tileOf, held: heldOf(reading, tileOf) };
};
