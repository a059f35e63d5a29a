import type { ReactNode } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import { readInsightVersion } from '../data/insights.ts';
import type { DisplayInput } from '../insight/display.ts';
import { VersionsPanel } from '../saved/versions-panel.tsx';
import type { Question } from './kinds.ts';
import { questionFrom } from './question-shape.ts';

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

/** What an insight was: looked at in the form, or brought back. */
export const InsightVersions = (props: VersionsProps): ReactNode => {
  const { project, saved, mayWrite, onLook, onRestored, onClose } = props;
  const look = async (version: number): Promise<void> => {
    const old = await readInsightVersion(project, saved.id, version);
    const question = questionFrom(old.question);
    if (question === undefined) throw new Error('That version holds no question that this page can show.');
    onLook(question, old.display);
  };
  return (
    <VersionsPanel
      saved={{ project, kind: 'insights', id: saved.id }}
      now={saved}
      mayWrite={mayWrite}
      onLook={look}
      onRestored={onRestored}
      onClose={onClose}
    />
  );
};
