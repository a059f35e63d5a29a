import { type ReactNode, useState } from 'react';
import { Button, Dialog, toast } from '../design/index.ts';
import { ApiError } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { share } from '../lib/format.ts';
import { clearDemo, demoState } from '../start/demo.ts';

const FILLING_EVERY_MS = 1_000;
const EVERY_MS = 30_000;

/** How far the history of the demo is; nothing once it is there. */
const Filling = (): ReactNode => {
  const { data } = usePolled('demo', demoState, (demo) => ({
    everyMs: demo?.state === 'backfilling' ? FILLING_EVERY_MS : EVERY_MS,
    ease: 2,
  }));
  return data?.state === 'backfilling' ? (
    <span className="quiet number">{share(data.backfilled, data.of)} of the history is in</span>
  ) : null;
};

/** Says that what is seen is the demo, how far it is, and ends it when asked. */
export const DemoChip = ({ onCleared }: { readonly onCleared: () => void }): ReactNode => {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const clear = (): void => {
    setBusy(true);
    clearDemo()
      .then(() => {
        toast('The demo is gone, with all its events.');
        onCleared();
      })
      .catch((error: unknown) => {
        toast(error instanceof ApiError ? error.message : 'The demo could not be removed.');
        setBusy(false);
        setAsking(false);
      });
  };
  return (
    <>
      <Filling />
      <Button size="small" kind="plain" icon="trash" onClick={() => setAsking(true)}>
        End demo
      </Button>
      {isAsking ? (
        <Dialog title="End the demo?" onClose={() => setAsking(false)}>
          <p>
            The project <code>demo</code> is removed with all its events. Other projects stay as they are.
          </p>
          <div className="dialog-actions">
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button kind="danger" icon="trash" disabled={isBusy} onClick={clear}>
              {isBusy ? 'Removing it' : 'End and remove'}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
};
