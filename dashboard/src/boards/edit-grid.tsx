import 'react-grid-layout/css/styles.css';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import ReactGridLayout, { useContainerWidth, verticalCompactor } from 'react-grid-layout';
import { BOARD_LIMITS } from '../../../src/contract/board-limits.ts';
import type { AskedTile, BoardAnswer, Tile } from '../../../src/contract/boards.ts';
import { inReadingOrder, placeText } from '../board/places.ts';
import { TileFrame } from '../board/tile-frame.tsx';
import { Icon, Menu, type MenuEntry } from '../design/index.ts';
import { saysSame } from '../lib/same.ts';
import { TileBody } from './board-tiles.tsx';
import type { BoardContent } from './draft.ts';
import { explore } from './explore-link.ts';
import { type Direction, movedBy, resizedBy, withLayout } from './layout.ts';
import { NewTileBody } from './new-tile-body.tsx';
import { type Insights, nameOf } from './tile-facts.ts';
import type { BoardState } from './use-board-state.ts';

interface EditGridProps {
  readonly project: string;
  /** As it is saved. */
  readonly board: BoardAnswer;
  /** As it is to be. */
  readonly content: BoardContent;
  readonly insights: Insights;
  readonly state: BoardState;
  readonly onTiles: (tiles: readonly Tile[]) => void;
  readonly onOpen: (id: string) => void;
  readonly onCopy: (tile: Tile) => void;
  readonly onRemove: (id: string) => void;
}

/** What drags would put a style element of this id into the page, which the page's policy forbids, unless there is one: its rules stand in the style sheet. */
const STYLE_ELEMENT = 'react-draggable-style-el';
const ROW_PX = 60;
const GAP_PX = 12;
const HANDLE = 'tile-head';

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

const asks = (tile: AskedTile): unknown =>
  tile.kind === 'insight' ? [tile.insight, tile.ignores] : [tile.question, tile.ignores];

/** Whether the saved board asks the same for a tile, so that its answer is that of the tile. */
const isAskedAlike = (tile: AskedTile, saved: readonly Tile[]): boolean => {
  const before = saved.find(({ id }) => id === tile.id);
  return before !== undefined && before.kind === tile.kind && saysSame(asks(before), asks(tile));
};

const Body = ({
  tile,
  ...grid
}: Pick<EditGridProps, 'project' | 'board' | 'insights' | 'state'> & { readonly tile: Tile }): ReactNode => {
  const { board, insights, state } = grid;
  if (tile.kind === 'text' || isAskedAlike(tile, board.tiles))
    return <TileBody tile={tile} insights={insights} shown={state.tileOf(tile.id)} />;
  return <NewTileBody {...grid} tile={tile} />;
};

const entriesOf = (
  tile: Tile,
  { onOpen, onCopy, onRemove }: Pick<EditGridProps, 'onOpen' | 'onCopy' | 'onRemove'>,
): readonly MenuEntry[] => [
  {
    kind: 'action',
    text: tile.kind === 'text' ? 'Edit the text' : 'Title and drawing',
    icon: 'edit',
    onChoose: () => onOpen(tile.id),
  },
  { kind: 'action', text: 'Duplicate', icon: 'copy', onChoose: () => onCopy(tile) },
  ...(tile.kind === 'text'
    ? []
    : [
        {
          kind: 'action',
          text: 'Open in Explore',
          icon: 'chart',
          onChoose: () => explore(tile),
        } as const,
      ]),
  { kind: 'line' },
  { kind: 'action', text: 'Take it off the board', icon: 'trash', onChoose: () => onRemove(tile.id) },
];

/** What keys do with the tile that has the focus, and what is said of it. */
const useTileKeys = ({ content, insights, onTiles, onOpen, onRemove }: EditGridProps) => {
  const [said, say] = useState('');
  const onKeyDown = (event: KeyboardEvent, tile: Tile): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const { tiles } = content;
    const name = nameOf(tile, insights);
    const direction = ARROWS[event.key];
    if (direction !== undefined) {
      const next = (event.shiftKey ? resizedBy : movedBy)(tiles, tile.id, direction);
      const after = next.find(({ id }) => id === tile.id) ?? tile;
      if (next === tiles) say(`${name} can go no further.`);
      else {
        onTiles(next);
        say(`${name}: ${placeText(after)}.`);
      }
    } else if (event.key === 'Enter') onOpen(tile.id);
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      onRemove(tile.id);
      say(`${name} was taken away. Control Z brings it back.`);
    } else return;
    event.preventDefault();
  };
  return { said, onKeyDown };
};

/** The grid of a board that is changed: tiles go where they are dragged, or where keys send them. */
export const EditGrid = (props: EditGridProps): ReactNode => {
  const { content, insights, onTiles } = props;
  const { width, containerRef, mounted } = useContainerWidth();
  const { said, onKeyDown } = useTileKeys(props);
  const tiles = inReadingOrder(content.tiles);
  const layout = tiles.map(({ id, x, y, w, h }) => ({ i: id, x, y, w, h, maxH: BOARD_LIMITS.tileRowsMax }));
  return (
    <div className="board-editor">
      <div className="board-editor-width" ref={containerRef}>
        {mounted ? (
          <ReactGridLayout
            width={width}
            layout={layout}
            gridConfig={{
              ...{ cols: BOARD_LIMITS.columns, rowHeight: ROW_PX, maxRows: BOARD_LIMITS.rowsMax },
              ...{ margin: [GAP_PX, GAP_PX], containerPadding: [0, 0] },
            }}
            dragConfig={{ handle: `.${HANDLE}`, cancel: 'button, .menu' }}
            resizeConfig={{ handles: ['se'] }}
            compactor={verticalCompactor}
            onDragStop={(next) => onTiles(withLayout(content.tiles, next))}
            onResizeStop={(next) => onTiles(withLayout(content.tiles, next))}
          >
            {tiles.map((tile) => (
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- its keys are told in the head of the page
              <div
                key={tile.id}
                className="edit-tile"
                role="group"
                aria-roledescription="tile"
                aria-label={`${nameOf(tile, insights)}, ${placeText(tile)}`}
                tabIndex={0}
                onKeyDown={(event) => onKeyDown(event, tile)}
              >
                <TileFrame
                  title={nameOf(tile, insights)}
                  aside={
                    <Menu
                      label={`Tile ${nameOf(tile, insights)}`}
                      className="button tile-more"
                      align="end"
                      entries={entriesOf(tile, props)}
                    >
                      <Icon name="more" size={14} />
                    </Menu>
                  }
                >
                  <Body {...props} tile={tile} />
                </TileFrame>
              </div>
            ))}
          </ReactGridLayout>
        ) : null}
      </div>
      <p className="unseen" role="status" aria-live="polite">
        {said}
      </p>
      <span id={STYLE_ELEMENT} hidden />
    </div>
  );
};
