import { lazy, type ReactNode, useRef, useState } from 'react';
import { Part, Skeleton } from '../design/index.ts';
import { patiently } from '../lib/patiently.ts';
import { useInSight } from '../lib/use-in-sight.ts';

const HereMap = lazy(
  patiently(() => import('./here-map.tsx').then((module) => ({ default: module.HereMap }))),
);
const HereFunnel = lazy(
  patiently(() => import('./here-funnel.tsx').then((module) => ({ default: module.HereFunnel }))),
);

const Waiting = (): ReactNode => (
  <div className="card here-waiting">
    <Skeleton height="100%" />
  </div>
);

/** Where people are now and how far they get. Loaded and asked for only once it comes into sight. */
export const Here = ({ project }: { readonly project: string }): ReactNode => {
  const place = useRef<HTMLDivElement>(null);
  const isInSight = useInSight(place);
  const [wasSeen, setSeen] = useState(false);
  if (isInSight && !wasSeen) setSeen(true);
  return (
    <div className="live-here" ref={place}>
      {wasSeen ? (
        <Part
          loading={
            <>
              <Waiting />
              <Waiting />
            </>
          }
        >
          <HereMap />
          <HereFunnel project={project} />
        </Part>
      ) : (
        <>
          <Waiting />
          <Waiting />
        </>
      )}
    </div>
  );
};
