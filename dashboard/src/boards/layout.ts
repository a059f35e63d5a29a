import { moveElement, verticalCompactor } from 'react-grid-layout/core';
import { BOARD_LIMITS } from '../../../src/contract/board-limits.ts';
import { type Place, rowsOf } from '../board/places.ts';

const { columns, rowsMax, tileRowsMax } = BOARD_LIMITS;

interface Item {
  i: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

const itemOf = ({ id, x, y, w, h }: Place): Item => ({ i: id, x, y, w, h });

const placed = <Tile extends Place>(tiles: readonly Tile[], items: readonly Item[]): readonly Tile[] => {
  const places = new Map(items.map((item) => [item.i, item]));
  const after = tiles.map((tile) => {
    const item = places.get(tile.id);
    if (item === undefined) return tile;
    const { x, y, w, h } = item;
    return x === tile.x && y === tile.y && w === tile.w && h === tile.h ? tile : { ...tile, x, y, w, h };
  });
  return after.every((tile, index) => tile === tiles[index]) ? tiles : after;
};

/** The tiles with their places taken from a layout of the grid. The same tiles if nothing moved. */
export const withLayout = <Tile extends Place>(
  tiles: readonly Tile[],
  layout: readonly Item[],
): readonly Tile[] => placed(tiles, layout);

/** The tiles moved up as far as there is room. */
export const compacted = <Tile extends Place>(tiles: readonly Tile[]): readonly Tile[] =>
  placed(tiles, verticalCompactor.compact(tiles.map(itemOf), columns));

const movedTo = <Tile extends Place>(
  tiles: readonly Tile[],
  id: string,
  x: number,
  y: number,
): readonly Tile[] => {
  const items = tiles.map(itemOf);
  const item = items.find(({ i }) => i === id);
  if (item === undefined) return tiles;
  const moved = moveElement(items, item, x, y, true, false, 'vertical', columns);
  return placed(tiles, verticalCompactor.compact(moved, columns));
};

/** Directions of the arrow keys. */
export type Direction = 'left' | 'right' | 'up' | 'down';

/**
 * Tiles after one of them was moved a step: a column sideways; up and down as far as it takes for anything to change, because tiles float up. The same tiles if it can go no
 * further.
 */
export const movedBy = <Tile extends Place>(
  tiles: readonly Tile[],
  id: string,
  direction: Direction,
): readonly Tile[] => {
  const tile = tiles.find((each) => each.id === id);
  if (tile === undefined) return tiles;
  const { x, y, w } = tile;
  if (direction === 'left') return x === 0 ? tiles : movedTo(tiles, id, x - 1, y);
  if (direction === 'right') return x + w >= columns ? tiles : movedTo(tiles, id, x + 1, y);
  const step = direction === 'up' ? -1 : 1;
  const last = direction === 'up' ? 0 : Math.min(rowsMax - tile.h, rowsOf(tiles));
  for (let to = y + step; step < 0 ? to >= last : to <= last; to += step) {
    const moved = movedTo(tiles, id, x, to);
    if (moved !== tiles && moved.find((each) => each.id === id)?.y !== y) return moved;
  }
  return tiles;
};

/** Tiles after one of them was made a column wider or narrower, a row higher or lower. The same tiles if it cannot be. */
export const resizedBy = <Tile extends Place>(
  tiles: readonly Tile[],
  id: string,
  direction: Direction,
): readonly Tile[] => {
  const tile = tiles.find((each) => each.id === id);
  if (tile === undefined) return tiles;
  const w = tile.w + (direction === 'right' ? 1 : direction === 'left' ? -1 : 0);
  const h = tile.h + (direction === 'down' ? 1 : direction === 'up' ? -1 : 0);
  if (w < 1 || h < 1 || tile.x + w > columns || h > tileRowsMax) return tiles;
  // Those in the way go down: as if it stood first among them.
  const items = tiles.map((each) => (each.id === id ? { ...itemOf(each), w, h } : itemOf(each)));
  const item = items.find(({ i }) => i === id);
  if (item === undefined) return tiles;
  const pushed = moveElement(items, { ...item, y: -1 }, item.x, item.y, true, false, 'vertical', columns);
  return placed(tiles, verticalCompactor.compact(pushed, columns));
};

/** Where a tile of a size has room: the first gap, or below all. */
export const roomFor = (
  tiles: readonly Place[],
  { w, h }: Pick<Place, 'w' | 'h'>,
): { readonly x: number; readonly y: number } => {
  const isFree = (x: number, y: number): boolean =>
    tiles.every((each) => each.x >= x + w || x >= each.x + each.w || each.y >= y + h || y >= each.y + each.h);
  const rows = rowsOf(tiles);
  for (let y = 0; y < rows; y += 1)
    for (let x = 0; x + w <= columns; x += 1) if (isFree(x, y)) return { x, y };
  return { x: 0, y: rows };
};
