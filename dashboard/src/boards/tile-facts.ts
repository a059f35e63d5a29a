import type { Tile } from '../../../src/contract/boards.ts';
import type { Display, InsightAnswer } from '../../../src/contract/insights.ts';
import type { QuestionInput } from '../../../src/contract/query.ts';
import type { Place } from '../board/places.ts';

/** Insights that tiles show, by id, as far as they are known. */
export type Insights = ReadonlyMap<string, InsightAnswer>;

/** Ids of the insights that tiles show. */
export const insightIdsOf = (tiles: readonly Tile[]): readonly string[] =>
  tiles.flatMap((tile) => (tile.kind === 'insight' ? [tile.insight] : []));

/** What a tile asks; undefined where that is not known, or it asks nothing. */
export const questionOf = (tile: Tile, insights: Insights): QuestionInput | undefined => {
  if (tile.kind === 'text') return undefined;
  return tile.kind === 'question' ? tile.question : insights.get(tile.insight)?.question;
};

/** How a tile is drawn, as far as it is said. */
export const displayOf = (tile: Tile, insights: Insights): Display | undefined => {
  if (tile.kind === 'text') return undefined;
  return tile.display ?? (tile.kind === 'insight' ? insights.get(tile.insight)?.display : undefined);
};

/** What a tile is called: by its title, or by its insight. */
export const titleOf = (tile: Tile, insights: Insights): string => {
  if (tile.title !== '' || tile.kind !== 'insight') return tile.title;
  return insights.get(tile.insight)?.name ?? '';
};

/** What a tile is called where it must be called something. */
export const nameOf = (tile: Tile, insights: Insights): string => {
  const title = titleOf(tile, insights);
  if (title !== '') return title;
  return tile.kind === 'text' ? 'Text' : 'Tile without a title';
};

const SMALL_COLUMNS = 4;

/** Whether two of them have room beside each other on a phone. */
export const isSmall = ({ w }: Pick<Place, 'w'>, display: Display | undefined): boolean =>
  display?.as === 'number' && w <= SMALL_COLUMNS;
