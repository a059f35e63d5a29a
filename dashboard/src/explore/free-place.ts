import type { NewBoard } from '../../../src/contract/boards.ts';

type Tile = NewBoard['tiles'][number];

const WIDTH = 6;
const HEIGHT = 4;
const COLUMNS = 12;

const overlaps = (a: Pick<Tile, 'x' | 'y' | 'w' | 'h'>, b: Pick<Tile, 'x' | 'y' | 'w' | 'h'>): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Where a new tile goes: the first gap, or below all. */
export const freePlace = (
  tiles: readonly Pick<Tile, 'x' | 'y' | 'w' | 'h'>[],
): { readonly x: number; readonly y: number; readonly w: number; readonly h: number } => {
  const bottom = Math.max(0, ...tiles.map(({ y, h }) => y + h));
  for (let y = 0; y <= bottom; y += 1)
    for (let x = 0; x + WIDTH <= COLUMNS; x += WIDTH) {
      const place = { x, y, w: WIDTH, h: HEIGHT };
      if (!tiles.some((tile) => overlaps(tile, place))) return place;
    }
  return { x: 0, y: bottom, w: WIDTH, h: HEIGHT };
};

/** An id that no tile has. */
export const freeId = (tiles: readonly Pick<Tile, 'id'>[]): string => {
  const taken = new Set(tiles.map(({ id }) => id));
  let number = tiles.length + 1;
  while (taken.has(`tile-${number}`)) number += 1;
  return `tile-${number}`;
};
