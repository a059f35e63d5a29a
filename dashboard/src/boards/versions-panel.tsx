import { type ReactNode, useState } from 'react';
import type { BoardAnswer } from '../../../src/contract/boards.ts';
import type { SavedVersionsAnswer } from '../../../src/contract/saved.ts';
import { BoardGrid } from '../board/board-grid.tsx';
import { inReadingOrder } from '../board/places.ts';
import { placeStyle } from '../board/tile-frame.tsx';
import { useBoardVersion, useBoardVersions, useRestoreBoard } from '../data/boards.ts';
import { Button, Loaded, Panel, Skeleton, toast } from '../design/index.ts';
import { plural } from '../lib/format.ts';
import { since } from '../lib/since.ts';
import { nameOf } from './tile-facts.ts';
import { useAttempt } from '../lib/use-attempt.ts';

type Version = SavedVersionsAnswer['versions'][number];

const wordsOf = ({ changed, restored }: Version): string => {
  if (restored !== null) return `Version ${restored} again`;
  return changed.length === 0 ? 'Made' : `Changed: ${changed.join(', ')}`;
};

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

/** What a board was: who saved it when, how it looked, and how to bring it back. */
export const VersionsPanel = ({ project, board, mayWrite, onClose }: VersionsProps): ReactNode => {
  const { data, error } = useBoardVersions(project, board.id);
  const restore = useRestoreBoard(project, board.id);
  const attempt = useAttempt();
  const [looked, setLooked] = useState<number>();
  const bringBack = (old: number): void =>
    attempt.run(async () => {
      await restore({ old, version: board.version });
      toast(`Version ${old} is back, as a new one.`);
    });
  return (
    <Panel title="Versions" onClose={onClose}>
      {attempt.trouble === undefined ? null : (
        <p className="field-error" role="alert">
          {attempt.trouble}
        </p>
      )}
      <Loaded
        data={data}
        error={error?.message}
        trouble="The versions cannot be listed"
        loading={<Skeleton height="8rem" />}
      >
        {({ versions }) => (
          <ol className="versions">
            {versions.map((each) => (
              <li key={each.version} className="version">
                <div className="version-head">
                  <strong className="number">Version {each.version}</strong>
                  {each.version === board.version ? <span className="version-now">now</span> : null}
                  <span className="quiet" title={each.saved_at}>
                    {since(each.saved_at)} by {each.saved_by}
                  </span>
                </div>
                <p className="version-words">
                  {wordsOf(each)}
                  {each.name === board.name ? '' : `, called “${each.name}”`}
                </p>
                <div className="version-actions">
                  <Button
                    size="small"
                    aria-expanded={looked === each.version}
                    onClick={() => setLooked(looked === each.version ? undefined : each.version)}
                  >
                    {looked === each.version ? 'Hide' : 'Look'}
                  </Button>
                  {mayWrite && each.version !== board.version ? (
                    <Button size="small" disabled={attempt.isBusy} onClick={() => bringBack(each.version)}>
                      Bring it back
                    </Button>
                  ) : null}
                </div>
                {looked === each.version ? (
                  <Preview project={project} id={board.id} version={each.version} />
                ) : null}
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Panel>
  );
};
