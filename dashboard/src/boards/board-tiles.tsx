import type { ReactNode } from 'react';
import type { Tile } from '../../../src/contract/boards.ts';
import { BoardGrid } from '../board/board-grid.tsx';
import { inReadingOrder } from '../board/places.ts';
import type { ShownTile } from '../board/shown-tiles.ts';
import { TileAnswer } from '../board/tile-answer.tsx';
import { placeStyle, TileFrame } from '../board/tile-frame.tsx';
import { Markdown } from '../design/markdown.tsx';
import { displayOf, type Insights, isSmall, questionOf, titleOf } from './tile-facts.ts';
import { TileMenu } from './tile-menu.tsx';

interface TilesProps {
  readonly tiles: readonly Tile[];
  readonly insights: Insights;
  readonly tileOf: (id: string) => ShownTile;
  /** Tiles have no menus: there is nobody to press them. */
  readonly isWall?: boolean;
}

interface TileProps {
  readonly tile: Tile;
  readonly insights: Insights;
  readonly shown: ShownTile;
}

/** What a tile shows. */
export const TileBody = ({ tile, insights, shown }: TileProps): ReactNode =>
  tile.kind === 'text' ? (
    <Markdown text={tile.text} />
  ) : (
    <TileAnswer
      answered={shown.answered}
      isBusy={shown.isBusy}
      question={questionOf(tile, insights)}
      display={displayOf(tile, insights)}
    />
  );

/** The tiles of a board that is looked at. */
export const BoardTiles = ({ tiles, insights, tileOf, isWall = false }: TilesProps): ReactNode => (
  <BoardGrid places={tiles}>
    {inReadingOrder(tiles).map((tile) => {
      const shown = tileOf(tile.id);
      return (
        <TileFrame
          key={tile.id}
          title={titleOf(tile, insights)}
          isPlain={tile.kind === 'text' && tile.title === ''}
          isSmall={isSmall(tile, displayOf(tile, insights))}
          age={shown}
          style={placeStyle(tile)}
          {...(isWall || tile.kind === 'text' ? {} : { aside: <TileMenu tile={tile} insights={insights} /> })}
        >
          <TileBody tile={tile} insights={insights} shown={shown} />
        </TileFrame>
      );
    })}
  </BoardGrid>
);
