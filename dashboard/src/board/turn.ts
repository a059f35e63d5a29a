/** What lies between two edges, in pixels from the top of a board. */
export interface Span {
  readonly top: number;
  readonly bottom: number;
}

/** Edges are of the same pixel. */
const SLACK = 2;

/** Where a board that is longer than the screen goes on, in pixels from its top: with the first tile that is not whole in view, in a tile that is longer than the screen, or at its beginning after the last. */
export const nextTurn = (tiles: readonly Span[], view: Span): number => {
  const cut = tiles.filter(({ bottom }) => bottom > view.bottom + SLACK).map(({ top }) => top);
  if (cut.length === 0) return 0;
  const next = Math.min(...cut);
  return next > view.top + SLACK ? next : view.bottom;
};
