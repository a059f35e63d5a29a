import type { ReactNode } from 'react';
import type { AskedTile } from '../../../src/contract/boards.ts';
import { Icon, Menu } from '../design/index.ts';
import { explore } from './explore-link.ts';
import { type Insights, nameOf } from './tile-facts.ts';

/** What can be done with a tile that is looked at. */
export const TileMenu = ({
  tile,
  insights,
}: {
  readonly tile: AskedTile;
  readonly insights: Insights;
}): ReactNode => (
  <Menu
    label={`Tile ${nameOf(tile, insights)}`}
    className="button tile-more"
    align="end"
    entries={[{ kind: 'action', text: 'Open in Explore', icon: 'chart', onChoose: () => explore(tile) }]}
  >
    <Icon name="more" size={14} />
  </Menu>
);
