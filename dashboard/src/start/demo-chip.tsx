import type { ReactNode } from 'react';
import type { DemoAnswer } from '../../../src/contract/demo.ts';
import { Banner, Button } from '../design/index.ts';
import { filledShare, type WatchedDemo } from './demo.ts';
import { useStartDemo } from './demo-parts.tsx';

const wordsOf = (demo: DemoAnswer): string => {
  switch (demo.state) {
    case 'starting':
      return 'Demo, starting';
    case 'backfilling':
      return `Demo, ${filledShare(demo)} of history is in`;
    default:
      return 'Demo, made-up visitors';
  }
};

/** Says that what is seen is made up, and how much of it is there. */
export const DemoChip = ({ demo: { demo } }: { readonly demo: WatchedDemo }): ReactNode =>
  demo === undefined || demo.state === 'absent' ? null : (
    <span className="demo-chip number">{wordsOf(demo)}</span>
  );

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
