import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { Button, toast } from '../design/index.ts';
import { shortCount } from '../lib/format.ts';
import { DEMO_PROJECT, type DemoState, demoState, startDemo } from './demo.ts';

const EVERY_MS = 500;
const IDLE_EVERY_MS = 10_000;

const Progress = ({ demo }: { readonly demo: DemoState }): ReactNode => {
  const percent = demo.of === 0 ? 0 : Math.min(100, (demo.backfilled / demo.of) * 100);
  return (
    <div className="demo-progress">
      <div
        className="progress"
        role="progressbar"
        aria-label="Back-filling the demo"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(percent)}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      <p className="quiet number">
        {shortCount(demo.backfilled)} of {shortCount(demo.of)} events of the last 30 days
      </p>
    </div>
  );
};

interface DemoCardProps {
  /** Whether there is a project of the demo already. */
  readonly exists: boolean;
  readonly onProject: (project: string) => void;
}

/** Offers the demo, and shows how far it is. */
export const DemoCard = ({ exists, onProject }: DemoCardProps): ReactNode => {
  const [isStarting, setStarting] = useState(false);
  const { data, again } = usePolled(exists || isStarting ? 'demo' : null, demoState, (demo) => ({
    everyMs: demo?.state === 'backfilling' || isStarting ? EVERY_MS : IDLE_EVERY_MS,
    ease: 2,
  }));
  const state = data?.state ?? 'absent';
  useEffect(() => {
    if (isStarting && state === 'live') onProject(DEMO_PROJECT);
  }, [isStarting, state, onProject]);
  const start = (): void => {
    setStarting(true);
    startDemo()
      .then(again)
      .catch((reason: unknown) => {
        setStarting(false);
        toast(reason instanceof ApiError ? reason.message : 'The demo did not start.');
      });
  };
  const isBusy = isStarting || state === 'backfilling';
  const isThere = state === 'live' || state === 'stopped';
  return (
    <section className="demo" aria-labelledby="demo-title">
      <div>
        <h2 id="demo-title">Nothing to send yet?</h2>
        <p>
          The demo is a shop with 30 days of history, 2 million events, and visitors coming in live. It lives in a
          project of its own and goes with one click.
        </p>
      </div>
      {state === 'backfilling' && data !== undefined ? <Progress demo={data} /> : null}
      <div className="demo-actions">
        {isThere ? (
          <Button onClick={() => onProject(DEMO_PROJECT)}>Open the demo</Button>
        ) : (
          <Button icon="play" disabled={isBusy} onClick={start}>
            {isBusy ? 'Starting the demo' : 'Start demo'}
          </Button>
        )}
        {state === 'backfilling' ? (
          <Button kind="plain" onClick={() => onProject(DEMO_PROJECT)}>
            Watch it fill
          </Button>
        ) : null}
      </div>
    </section>
  );
};
