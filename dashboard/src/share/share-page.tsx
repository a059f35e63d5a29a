import './share.css';
import { type ReactNode, useEffect } from 'react';
import type { Shared } from '../../../src/contract/shares.ts';
import { useSharedThing } from '../data/shared.ts';
import { Notice, Skeleton } from '../design/index.ts';
import { useStore } from '../lib/use-store.ts';
import { SharedBoardView } from './shared-board.tsx';
import { SharedInsightView } from './shared-insight.tsx';
import { ShareTrouble } from './share-trouble.tsx';
import { tokenStore } from './token.ts';

/** A board may be changed, and a link revoked: what it shows is asked for again so often. */
const EVERY_MS = 60_000;

const NoToken = (): ReactNode => (
  <main className="share-alone">
    <img src="/mark.svg" alt="" width={40} height={40} />
    <Notice isPage title="This link is not whole">
      What stands behind “#” is missing. Copy the whole link, or ask whoever sent it.
    </Notice>
  </main>
);

const Loading = (): ReactNode => (
  <main className="share-page" aria-busy="true">
    <h1 className="unseen">Shared</h1>
    <Skeleton width="14rem" height="1.5rem" />
    <Skeleton height="60vh" />
  </main>
);

const Thing = ({ token, thing }: { readonly token: string; readonly thing: Shared }): ReactNode => {
  useEffect(() => {
    document.title = `${thing.name} · Aevum`;
  }, [thing.name]);
  return thing.kind === 'board' ? (
    <SharedBoardView token={token} board={thing} />
  ) : (
    <SharedInsightView token={token} insight={thing} />
  );
};

const Linked = ({ token }: { readonly token: string }): ReactNode => {
  const { data, error, again } = useSharedThing(token, EVERY_MS);
  // What was shown stays while the server does not answer, and goes when the link does.
  if (error !== undefined && (data === undefined || error.code === 'unknown_link'))
    return <ShareTrouble error={error} again={again} />;
  return data === undefined ? <Loading /> : <Thing token={token} thing={data} />;
};

/** What a share link leads to: one board or one insight, to be looked at. */
export const SharePage = (): ReactNode => {
  const token = useStore(tokenStore);
  return token === '' ? <NoToken /> : <Linked key={token} token={token} />;
};
