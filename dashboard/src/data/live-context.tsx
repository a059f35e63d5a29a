import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { LiveClient, type Socket, type World } from './live-client.ts';
import { ask, pathOf } from './api.ts';

const addressOf = (project: string): string => {
  const url = new URL(pathOf('/ws/events', project), location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
};

const browserWorld = (project: string): World => ({
  connect: () => new WebSocket(addressOf(project)) as Socket,
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  // A browser does not say why a WebSocket was refused. A plain request does: `ask` notices an ended session. Not about the project, which may be the one that is gone.
  onLost: () => void ask('/api/session').catch(() => undefined),
});

const LiveContext = createContext<LiveClient | undefined>(undefined);

/** The live connection of the page. */
export const useLiveClient = (): LiveClient => {
  const client = useContext(LiveContext);
  if (client === undefined) throw new Error('This needs <LiveConnection> around it.');
  return client;
};

interface LiveConnectionProps {
  readonly project: string;
  readonly children: ReactNode;
}

/** Keeps one connection for all that is inside. For another project give it another `key`. */
export const LiveConnection = ({ project, children }: LiveConnectionProps): ReactNode => {
  const [client] = useState(() => new LiveClient(browserWorld(project)));
  useEffect(() => {
    const retry = (): void => client.retryNow();
    client.open();
    window.addEventListener('online', retry);
    document.addEventListener('visibilitychange', retry);
    return () => {
      window.removeEventListener('online', retry);
      document.removeEventListener('visibilitychange', retry);
      client.close();
    };
  }, [client]);
  return <LiveContext value={client}>{children}</LiveContext>;
};
