/** Where a tile is on the grid, and how large. */
export interface Place {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Tiles as they are read: row by row. */
export const inReadingOrder = <Tile extends Place>(tiles: readonly Tile[]): readonly Tile[] =>
  [...tiles].sort((a, b) => a.y - b.y || a.x - b.x);

/** How many rows the tiles take. */
export const rowsOf = (tiles: readonly Place[]): number => Math.max(0, ...tiles.map(({ y, h }) => y + h));

/** A place in words. */
export const placeText = ({ x, y, w, h }: Place): string =>
  `column ${x + 1}, row ${y + 1}, ${w} wide, ${h} high`;
