import type { AskedTile } from '../../../src/contract/boards.ts';

/** Where a saved insight is explored; undefined for a question that is saved with its board. */
export const exploreOf = (tile: AskedTile): string | undefined =>
  tile.kind === 'insight' ? `/explore/${encodeURIComponent(tile.insight)}` : undefined;
