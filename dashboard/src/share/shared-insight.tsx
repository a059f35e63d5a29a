import type { ReactNode } from 'react';
import type { Shared } from '../../../src/contract/shares.ts';
import { boardTrouble } from '../board/board-trouble.ts';
import { TileAnswer } from '../board/tile-answer.tsx';
import { useSharedAnswer } from '../data/shared.ts';
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
  const { data: shown, error, atMs, again } = useSharedAnswer(token, pinned === null ? EVERY_MS : undefined);
  if (error?.code === 'unknown_link') return <ShareTrouble error={error} again={again} />;
  const answer = shown === undefined ? undefined : namedAnswer(shown.answer, name);
  const moment =
    shown === undefined || atMs === undefined
      ? undefined
      : { position: shown.as_of, at: shown.at, freshness: shown.freshness, atMs };
  return (
    <ShareFrame
      thing={insight}
      moment={moment}
      trouble={boardTrouble({ reading: shown, shown, error })}
      again={again}
    >
      <section className="card share-insight" aria-label={name}>
        <TileAnswer
          answered={answer === undefined ? undefined : { id: 'insight', state: 'answered', answer }}
          isBusy={error === undefined}
          question={answer === undefined ? undefined : questionLike(answer, name)}
          display={display}
        />
      </section>
    </ShareFrame>
  );
};
