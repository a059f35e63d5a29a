import type { ReactNode } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import { ShareDialog } from '../saved/share-dialog.tsx';

interface ShareProps {
  readonly project: string;
  readonly saved: InsightAnswer;
  /** Where the platform is reached. */
  readonly publicUrl: string;
  readonly onClose: () => void;
}

const WORDS =
  'Whoever has the link sees this insight as it is saved and its answer, without an account, and nothing else.';

/** Links that show one insight to whoever has them. */
export const ShareInsight = ({ project, saved, publicUrl, onClose }: ShareProps): ReactNode => (
  <ShareDialog
    saved={{ project, kind: 'insights', id: saved.id }}
    title={`Share ${saved.name}`}
    words={WORDS}
    example="Weekly mail"
    publicUrl={publicUrl}
    onClose={onClose}
  />
);
