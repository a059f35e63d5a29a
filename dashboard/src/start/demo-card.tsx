import { type ReactNode, useEffect, useState } from 'react';
import type { DemoAnswer } from '../../../src/contract/demo.ts';
import { Button } from '../design/index.ts';
import { shortCount } from '../lib/format.ts';
import { DEMO_PROJECT, isThere, type WatchedDemo } from './demo.ts';
import { DemoProgress, useStartDemo } from './demo-parts.tsx';

interface DemoCardProps {
  readonly demo: WatchedDemo;
  readonly onProject: (project: string) => void;
}

const Words = ({ demo }: { readonly demo: DemoAnswer }): ReactNode => {
  switch (demo.state) {
    case 'failed':
      return <p role="alert">{demo.message ?? 'The demo did not start.'}</p>;
    case 'clearing':
      return <p role="status">The demo is being removed, with all its events.</p>;
    case 'stopping':
      return <p role="status">The demo stops with the server, and goes on with it.</p>;
    default:
      return (
        <p>
          A shop with {demo.days} days of history, {shortCount(demo.of)} events, and visitors coming in live.
          It has a project of its own and goes with one click.
        </p>
      );
  }
};

const titleOf = ({ state }: DemoAnswer): string => {
  switch (state) {
    case 'absent':
      return 'Nothing to send yet?';
    case 'failed':
      return 'The demo does not go on';
    case 'clearing':
      return 'Removing the demo';
    case 'live':
      return 'The demo is ready';
    default:
      return 'Filling the demo';
  }
};

/** Offers the demo, shows how far it is, and leads to it. Nothing on a server without one. */
export const DemoCard = ({ demo: { demo, again }, onProject }: DemoCardProps): ReactNode => {
  const [isWanted, setWanted] = useState(false);
  const { isBusy, start } = useStartDemo(() => {
    setWanted(true);
    again();
  });
  const state = demo?.state;
  useEffect(() => {
    if (isWanted && state === 'live') onProject(DEMO_PROJECT);
  }, [isWanted, state, onProject]);
  if (demo === undefined) return null;
  const isFilling = state === 'starting' || state === 'backfilling';
  return (
    <section className="demo" aria-labelledby="demo-title" data-state={state}>
      <div className="demo-words">
        <h2 id="demo-title">{titleOf(demo)}</h2>
        <Words demo={demo} />
        {demo.message === null || state === 'failed' ? null : <p role="status">{demo.message}</p>}
      </div>
      {isFilling ? <DemoProgress demo={demo} /> : null}
      <div className="demo-actions">
        {isThere(demo) ? (
          <Button kind={state === 'live' ? 'primary' : 'normal'} onClick={() => onProject(DEMO_PROJECT)}>
            {isFilling ? 'Watch it fill' : 'Open the demo'}
          </Button>
        ) : null}
        {state === 'absent' || state === 'failed' ? (
          <Button icon="play" disabled={isBusy} onClick={start}>
            {state === 'failed' ? 'Try again' : 'Start demo'}
          </Button>
        ) : null}
      </div>
    </section>
  );
};
