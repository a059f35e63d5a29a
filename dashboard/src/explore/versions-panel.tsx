import type { ReactNode } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import type { SavedVersionsAnswer } from '../../../src/contract/saved.ts';
import { readInsightVersion, useInsightVersions, useRestoreInsight } from '../data/insights.ts';
import { Button, Loaded, Panel, Skeleton, toast } from '../design/index.ts';
import { ago } from '../lib/format.ts';
import { useAttempt } from '../lib/use-attempt.ts';
import type { DisplayInput } from '../insight/display.ts';
import type { Question } from './kinds.ts';
import { questionFrom } from './question-shape.ts';

type Version = SavedVersionsAnswer['versions'][number];

const wordsOf = ({ changed, restored }: Version): string => {
  if (restored !== null) return `Version ${restored} again`;
  return changed.length === 0 ? 'Made' : `Changed: ${changed.join(', ')}`;
};

interface VersionsProps {
  readonly project: string;
  readonly saved: InsightAnswer;
  readonly mayWrite: boolean;
  /** Shows how the insight was, without saving it. */
  readonly onLook: (question: Question, display: DisplayInput) => void;
  /** The insight is as it was. */
  readonly onRestored: () => void;
  readonly onClose: () => void;
}

/** What an insight was: who saved it when, how to look at it, and how to bring it back. */
export const VersionsPanel = ({
  project,
  saved,
  mayWrite,
  onLook,
  onRestored,
  onClose,
}: VersionsProps): ReactNode => {
  const { data, error } = useInsightVersions(project, saved.id);
  const restore = useRestoreInsight(project, saved.id);
  const attempt = useAttempt();
  const look = (version: number): void =>
    attempt.run(async () => {
      const old = await readInsightVersion(project, saved.id, version);
      const question = questionFrom(old.question);
      if (question === undefined) throw new Error('That version holds no question that this page can show.');
      onLook(question, old.display);
    });
  const bringBack = (old: number): void =>
    attempt.run(async () => {
      await restore({ old, version: saved.version });
      toast(`Version ${old} is back, as a new one.`);
      onRestored();
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
          <ol className="insight-versions">
            {versions.map((each) => (
              <li key={each.version}>
                <p>
                  <strong className="number">Version {each.version}</strong>{' '}
                  {each.version === saved.version ? 'now, ' : ''}
                  <span className="quiet">
                    {ago(Date.now() - Date.parse(each.saved_at))} by {each.saved_by}
                  </span>
                </p>
                <p>
                  {wordsOf(each)}
                  {each.name === saved.name ? '' : `, called “${each.name}”`}
                </p>
                <div className="insight-version-actions">
                  <Button size="small" disabled={attempt.isBusy} onClick={() => look(each.version)}>
                    Look
                  </Button>
                  {mayWrite && each.version !== saved.version ? (
                    <Button size="small" disabled={attempt.isBusy} onClick={() => bringBack(each.version)}>
                      Bring it back
                    </Button>
                  ) : null}
                </div>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Panel>
  );
};
