import type { ReactNode } from 'react';
import type { Shared } from '../../../src/contract/shares.ts';
import { TileAnswer } from '../board/tile-answer.tsx';
import { useSharedAnswers } from '../data/shared.ts';
import { namedAnswer, questionLike } from './question-like.ts';
import { EVERY_MS, ShareFrame } from './share-frame.tsx';
import { ShareTrouble } from './share-trouble.tsx';

type Insight = Extract<Shared, { readonly kind: 'insight' }>;

/** An insight that a link shows. */
export const SharedInsightView = ({
  token,
  insight,
}: {
  readonly token: string;
  readonly insight: Insight;
}): ReactNode => {
  const { name, display, pinned } = insight;
  const { data, error, atMs, again } = useSharedAnswers(
    token,
    {},
    { everyMs: pinned === null ? EVERY_MS : undefined, isWanted: true },
  );
  const shown = data?.kind === 'insight' ? data : undefined;
  if (error?.code === 'unknown_link') return <ShareTrouble error={error} again={again} />;
  const answer = shown === undefined ? undefined : namedAnswer(shown.answer, name);
  const moment =
    shown === undefined || atMs === undefined
      ? undefined
      : { position: shown.as_of, at: shown.at, freshness: shown.freshness, atMs };
  return (
    <ShareFrame thing={insight} moment={moment} error={error} again={again}>
      <section className="card share-insight" aria-label={name}>
        <TileAnswer
          answered={answer === undefined ? undefined : { id: 'insight', state: 'answered', answer }}
          question={answer === undefined ? undefined : questionLike(answer, name)}
          display={display}
        />
      </section>
    </ShareFrame>
  );
};
