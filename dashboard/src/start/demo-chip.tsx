import { type ReactNode, useState } from 'react';
import { ApiError } from '../data/api.ts';
import { Banner, Button, Dialog, toast } from '../design/index.ts';
import { clearDemo, filledShare, type WatchedDemo } from './demo.ts';
import { useStartDemo } from './demo-parts.tsx';

interface AskingProps {
  readonly onKeep: () => void;
  readonly onCleared: () => void;
}

const Asking = ({ onKeep, onCleared }: AskingProps): ReactNode => {
  const [isBusy, setBusy] = useState(false);
  const clear = (): void => {
    setBusy(true);
    clearDemo()
      .then(onCleared)
      .catch((error: unknown) => {
        toast(error instanceof ApiError ? error.message : 'The demo could not be removed.');
        onKeep();
      });
  };
  return (
    <Dialog title="Remove the demo?" onClose={onKeep}>
      <p>
        The project <code>demo</code> goes with all its events. Other projects stay as they are.
      </p>
      <div className="dialog-actions">
        <Button onClick={onKeep}>Keep it</Button>
        <Button kind="danger" icon="trash" disabled={isBusy} onClick={clear}>
          {isBusy ? 'Removing it' : 'Remove demo'}
        </Button>
      </div>
    </Dialog>
  );
};

interface DemoChipProps {
  readonly demo: WatchedDemo;
  /** The removal has begun. */
  readonly onCleared: () => void;
}

/** Says that what is seen is made up and how much of it is there, and ends it when asked. */
export const DemoChip = ({ demo: { demo }, onCleared }: DemoChipProps): ReactNode => {
  const [isAsking, setAsking] = useState(false);
  // A project of this name that is not the demo's is anybody's own.
  if (demo === undefined || demo.state === 'absent') return null;
  return (
    <>
      <span className="demo-chip" role="group" aria-label="Demo">
        <span className="demo-chip-words number">
          Demo
          {demo.state === 'backfilling' ? <> &middot; {filledShare(demo)} of history is in</> : null}
          {demo.state === 'starting' ? <> &middot; starting</> : null}
        </span>
        {demo.state === 'clearing' ? (
          <span className="demo-chip-words">being removed</span>
        ) : (
          <button type="button" className="demo-chip-remove" onClick={() => setAsking(true)}>
            Remove demo
          </button>
        )}
      </span>
      {isAsking ? <Asking onKeep={() => setAsking(false)} onCleared={onCleared} /> : null}
    </>
  );
};

/** What keeps the demo from going on, and what to do; nothing while all is well. */
export const DemoBanner = ({ demo: { demo, again } }: { readonly demo: WatchedDemo }): ReactNode => {
  const { isBusy, start } = useStartDemo(again);
  if (demo === undefined || demo.message === null) return null;
  if (demo.state !== 'failed') return <Banner kind="warn">{demo.message}</Banner>;
  return (
    <Banner
      kind="bad"
      actions={
        <Button size="small" disabled={isBusy} onClick={start}>
          Try again
        </Button>
      }
    >
      {demo.message}
    </Banner>
  );
};
