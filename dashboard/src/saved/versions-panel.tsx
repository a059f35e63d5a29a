import './saved.css';
import type { ReactNode } from 'react';
import type { SavedVersionsAnswer } from '../../../src/contract/saved.ts';
import { type SavedRef, useRestore, useVersions } from '../data/saved.ts';
import { Button, FieldError, Loaded, Panel, Skeleton, toast } from '../design/index.ts';
import { since } from '../lib/since.ts';
import { useAttempt } from '../lib/use-attempt.ts';

type Version = SavedVersionsAnswer['versions'][number];

const wordsOf = ({ changed, restored }: Version): string => {
  if (restored !== null) return `Version ${restored} again`;
  return changed.length === 0 ? 'Made' : `Changed: ${changed.join(', ')}`;
};

interface VersionsProps {
  readonly saved: SavedRef;
  /** As it is now. */
  readonly now: { readonly name: string; readonly version: number };
  readonly mayWrite: boolean;
  /** Shows how a version was. */
  readonly onLook: (version: number) => Promise<void>;
  /** The version that is looked at, null: none. Without it, looking leads elsewhere. */
  readonly looked?: number | null;
  /** What the version that is looked at was. */
  readonly children?: ReactNode;
  readonly onRestored?: () => void;
  readonly onClose: () => void;
}

/** What a board or an insight was: who saved it when, how to look at it, and how to bring it back. */
export const VersionsPanel = (props: VersionsProps): ReactNode => {
  const { saved, now, mayWrite, onLook, looked, children, onRestored, onClose } = props;
  const { data, error } = useVersions(saved);
  const restore = useRestore(saved);
  const attempt = useAttempt();
  const bringBack = (old: number): void =>
    attempt.run(async () => {
      await restore({ old, version: now.version });
      toast(`Version ${old} is back, as a new one.`);
      onRestored?.();
    });
  return (
    <Panel title="Versions" onClose={onClose}>
      <FieldError text={attempt.trouble} />
      <Loaded
        data={data}
        error={error?.message}
        trouble="The versions could not be listed"
        loading={<Skeleton height="8rem" />}
      >
        {({ versions }) => (
          <ol className="versions">
            {versions.map((each) => (
              <li key={each.version} className="version">
                <div className="version-head">
                  <strong className="number">Version {each.version}</strong>
                  {each.version === now.version ? <span className="version-now">now</span> : null}
                  <span className="quiet" title={each.saved_at}>
                    {since(each.saved_at)} by {each.saved_by}
                  </span>
                </div>
                <p className="version-words">
                  {wordsOf(each)}
                  {each.name === now.name ? '' : `, called “${each.name}”`}
                </p>
                <div className="version-actions">
                  <Button
                    size="small"
                    disabled={attempt.isBusy}
                    aria-expanded={looked === undefined ? undefined : looked === each.version}
                    onClick={() => attempt.run(() => onLook(each.version))}
                  >
                    {looked === each.version ? 'Hide' : 'Look'}
                  </Button>
                  {mayWrite && each.version !== now.version ? (
                    <Button size="small" disabled={attempt.isBusy} onClick={() => bringBack(each.version)}>
                      Bring it back
                    </Button>
                  ) : null}
                </div>
                {looked === each.version ? children : null}
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Panel>
  );
};
