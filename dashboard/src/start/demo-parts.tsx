import './demo.css';
import { type ReactNode, useState } from 'react';
import type { DemoAnswer } from '../../../src/contract/demo.ts';
import { ApiError } from '../data/api.ts';
import { toast } from '../design/index.ts';
import { filledShare, filledText, startDemo } from './demo.ts';

/** How far the history of the demo is. */
export const DemoProgress = ({ demo }: { readonly demo: DemoAnswer }): ReactNode => {
  const percent = demo.of === 0 ? 0 : Math.min(100, (demo.backfilled / demo.of) * 100);
  const text = `${filledText(demo)} are in`;
  return (
    <div className="demo-progress">
      <div
        className="progress"
        role="progressbar"
        aria-label="History of the demo"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(percent)}
        aria-valuetext={text}
        data-waiting={demo.backfilled === 0 ? '' : undefined}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      <p className="demo-figures quiet number">
        <span>{demo.state === 'starting' ? 'Starting' : text}</span>
        <span>{filledShare(demo)}</span>
      </p>
    </div>
  );
};

/** Starts the demo; a refusal is told in the server's words. */
export const useStartDemo = (
  onStarted: () => void,
): { readonly isBusy: boolean; readonly start: () => void } => {
  const [isBusy, setBusy] = useState(false);
  const start = (): void => {
    setBusy(true);
    startDemo()
      .then(onStarted)
      .catch((reason: unknown) =>
        toast(reason instanceof ApiError ? reason.message : 'The demo did not start.'),
      )
      .finally(() => setBusy(false));
  };
  return { isBusy, start };
};
