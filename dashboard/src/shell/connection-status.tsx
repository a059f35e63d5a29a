import type { ReactNode } from 'react';
import { useLiveClient } from '../data/live-context.tsx';
import type { Connection } from '../data/live-client.ts';
import { Banner, Button } from '../design/index.ts';
import { ago } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import { useStore } from '../lib/use-store.ts';

const wordsOf = (connection: Connection): string => {
  switch (connection.state) {
    case 'open':
      return 'Connected';
    case 'connecting':
      return connection.attempt === 0 ? 'Connecting' : 'Reconnecting';
    case 'waiting':
      return 'Disconnected';
    case 'closed':
      return 'Closed';
  }
};

/** How it stands with the server, in a word and a dot. */
export const ConnectionStatus = (): ReactNode => {
  const connection = useStore(useLiveClient().connection);
  return (
    <span className="connection" data-state={connection.state} role="status">
      <span className="beacon" aria-hidden="true" />
      {wordsOf(connection)}
    </span>
  );
};

/** What to know while the server is gone: since when, and when it is tried again. Nothing while all is well. What counts seconds is not read aloud. */
export const ConnectionBanner = (): ReactNode => {
  const client = useLiveClient();
  const connection = useStore(client.connection);
  const now = useNow();
  const isTrouble =
    connection.state === 'waiting' || (connection.state === 'connecting' && connection.attempt > 0);
  if (!isTrouble) return null;
  const since = client.heardMs === 0 ? '' : ` Numbers are as of ${ago(now - client.heardMs)}.`;
  const seconds =
    connection.state === 'waiting' ? Math.max(0, Math.ceil((connection.untilMs - now) / 1000)) : 0;
  return (
    <Banner
      kind="bad"
      actions={
        <Button size="small" disabled={connection.state === 'connecting'} onClick={() => client.retryNow()}>
          Try now
        </Button>
      }
    >
      <strong>The server does not answer.</strong>
      <span className="number" aria-hidden="true">
        {since}
      </span>{' '}
      What happens meanwhile is filled in afterwards.{' '}
      <span className="number" aria-hidden="true">
        {seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying now.'}
      </span>
    </Banner>
  );
};
