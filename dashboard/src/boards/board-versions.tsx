import { type ReactNode, useState } from 'react';
import type { BoardAnswer } from '../../../src/contract/boards.ts';
import { BoardGrid } from '../board/board-grid.tsx';
import { inReadingOrder } from '../board/places.ts';
import { placeStyle } from '../board/tile-frame.tsx';
import { useBoardVersion } from '../data/boards.ts';
import { Loaded, Skeleton } from '../design/index.ts';
import { plural } from '../lib/format.ts';
import { VersionsPanel } from '../saved/versions-panel.tsx';
import { nameOf } from './tile-facts.ts';

interface PreviewProps {
  readonly project: string;
  readonly id: string;
  readonly version: number;
}

const NO_INSIGHTS = new Map<string, never>();

/** Where tiles stood in a version, and what they were called. */
const Preview = ({ project, id, version }: PreviewProps): ReactNode => {
  const { data, error } = useBoardVersion(project, id, version);
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="The version cannot be read"
      loading={<Skeleton height="6rem" />}
    >
      {({ tiles, variables }) => (
        <div className="version-preview">
          <p className="quiet">
            {plural(tiles.length, 'tile')}, {plural(variables.length, 'variable')}
          </p>
          <BoardGrid places={tiles}>
            {inReadingOrder(tiles).map((tile) => (
              <div key={tile.id} className="tile version-tile" style={placeStyle(tile)}>
                <span className="truncate">{nameOf(tile, NO_INSIGHTS)}</span>
              </div>
            ))}
          </BoardGrid>
        </div>
      )}
    </Loaded>
  );
};

interface VersionsProps {
  readonly project: string;
  readonly board: BoardAnswer;
  readonly mayWrite: boolean;
  readonly onClose: () => void;
}

/** What a board was: how it looked, and how to bring it back. */
export const BoardVersions = ({ project, board, mayWrite, onClose }: VersionsProps): ReactNode => {
  const [looked, setLooked] = useState<number | null>(null);
  return (
    <VersionsPanel
      saved={{ project, kind: 'boards', id: board.id }}
      now={board}
      mayWrite={mayWrite}
      looked={looked}
      onLook={async (version) => setLooked(looked === version ? null : version)}
      onClose={onClose}
    >
      {looked === null ? null : <Preview project={project} id={board.id} version={looked} />}
    </VersionsPanel>
  );
};
