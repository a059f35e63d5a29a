import type { ReactNode } from 'react';
import type { AskedTile, BoardAnswer } from '../../../src/contract/boards.ts';
import { TileAnswer, TileTrouble } from '../board/tile-answer.tsx';
import { useInsightAnswer } from '../data/insights.ts';
import { useQuestion } from '../data/questions.ts';
import { askingOf } from './insight-question.ts';
import { displayOf, type Insights, questionOf } from './tile-facts.ts';
import type { BoardState } from './use-board-state.ts';

interface NewTileProps {
  readonly project: string;
  /** As it is saved. */
  readonly board: BoardAnswer;
  readonly insights: Insights;
  readonly state: BoardState;
  readonly tile: AskedTile;
}

/** A tile that the saved board does not have, or asks otherwise: asked by itself, as of the same position. */
export const NewTileBody = ({ project, board, insights, state, tile }: NewTileProps): ReactNode => {
  const { reading, values } = state;
  const moment =
    reading === undefined || reading.position === null
      ? undefined
      : { position: reading.position, at: reading.at };
  const asking = askingOf(board.variables, values, tile.ignores, moment);
  const isReady = reading !== undefined;
  const saved = useInsightAnswer(project, tile.kind === 'insight' && isReady ? tile.insight : null, asking);
  const own = useQuestion(
    project,
    tile.kind === 'question' && isReady
      ? { ...tile.question, ...(moment === undefined ? {} : { as_of: moment }) }
      : null,
  );
  const { data, error } = tile.kind === 'insight' ? saved : own;
  if (data === undefined && error !== undefined) return <TileTrouble>{error.message}</TileTrouble>;
  return (
    <TileAnswer
      answered={data === undefined ? undefined : { id: tile.id, state: 'answered', answer: data }}
      question={questionOf(tile, insights)}
      display={displayOf(tile, insights)}
    />
  );
};
