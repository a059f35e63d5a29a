import type { AskedTile } from '../../../src/contract/boards.ts';
import { goTo } from '../lib/address.ts';
import { writeNotation } from '../lib/notation.ts';

/** Opens what a tile asks in Explore: its saved insight, or its question as the address of Explore writes it. */
export const explore = (tile: AskedTile): void => {
  if (tile.kind === 'insight') goTo(`/explore/${encodeURIComponent(tile.insight)}`);
  else
    goTo('/explore', {
      q: writeNotation(tile.question),
      ...(tile.display === undefined ? {} : { as: writeNotation(tile.display) }),
    });
};
