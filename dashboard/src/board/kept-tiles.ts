import type { AnsweredTile } from '../../../src/contract/boards.ts';
import type { BoardReading } from '../data/board-answers.ts';

/** The last answer to a tile. */
export interface KeptTile {
  readonly answered: Extract<AnsweredTile, { state: 'answered' }>;
  /** When it was answered, by `performance.now()`. */
  readonly atMs: number;
  /** What was asked of the board. */
  readonly question: string;
}

/** Last answers, by the id of their tile. */
export type KeptTiles = ReadonlyMap<string, KeptTile>;

/** The last answers, with those of a reading; the same map if there is nothing new. Of tiles that are no more, nothing is kept. */
export const withReading = (
  kept: KeptTiles,
  { tiles, atMs }: Pick<BoardReading, 'tiles' | 'atMs'>,
  question: string,
  ids: readonly string[],
): KeptTiles => {
  const next = new Map<string, KeptTile>();
  let isNew = false;
  for (const id of ids) {
    const before = kept.get(id);
    const answered = tiles.get(id);
    const hasNew =
      answered?.state === 'answered' && (before?.answered !== answered || before.question !== question);
    if (hasNew) isNew = true;
    const tile = hasNew ? { answered, atMs, question } : before;
    if (tile !== undefined) next.set(id, tile);
  }
  return isNew || next.size !== kept.size ? next : kept;
};

/** Why a tile was not answered that says nothing about its question: asked again, it may be. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  'internal',
  'query_ended',
  'query_timeout',
  'rate_limited',
  'request_timeout',
  'starting',
  'stopping',
  'too_many_reads',
  'unreachable',
  'warehouse_busy',
  'warehouse_unavailable',
]);

/** Whether the last answer still says something. What may not be seen any more, or cannot be asked, may not. */
export const mayKeep = (answered: AnsweredTile): boolean =>
  answered.state === 'failed' && OF_THE_MOMENT.has(answered.error.code);
