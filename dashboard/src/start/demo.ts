import type { DemoAnswer } from '../../../src/contract/demo.ts';
import { ApiError, ask } from '../data/api.ts';
import { usePolled } from '../data/use-polled.ts';
import { share, shortCount } from '../lib/format.ts';

/** The project that the demo lives in. */
export const DEMO_PROJECT: DemoAnswer['project'] = 'demo';

const PATH = '/api/demo';
const MOVING_EVERY_MS = 500;
const STILL_EVERY_MS = 5_000;
/** A server without a demo does not get one while it runs. */
const NONE_EVERY_MS = 600_000;

/** How the demo is; null on a server that has none to offer. */
const readDemo = async (signal: AbortSignal): Promise<DemoAnswer | null> => {
  try {
    return await ask<DemoAnswer>(PATH, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
};

const isMoving = ({ state }: DemoAnswer): boolean =>
  ['starting', 'backfilling', 'stopping', 'clearing'].includes(state);

/** Whether its project has, or is about to have, something to look at. */
export const isThere = ({ state }: DemoAnswer): boolean =>
  ['starting', 'backfilling', 'live'].includes(state);

const everyMs = (demo: DemoAnswer | null | undefined): number => {
  if (demo === null) return NONE_EVERY_MS;
  return demo !== undefined && isMoving(demo) ? MOVING_EVERY_MS : STILL_EVERY_MS;
};

/** How the demo is, and a function that asks at once. */
export interface WatchedDemo {
  /** Undefined until it is known, and on a server that has none to offer. */
  readonly demo: DemoAnswer | undefined;
  readonly again: () => void;
}

/** Watches the demo: closely while it moves. */
export const useDemo = (isSignedIn: boolean): WatchedDemo => {
  const { data, again } = usePolled(isSignedIn ? 'demo' : null, readDemo, (demo) => ({
    everyMs: everyMs(demo),
    ease: 2,
    onlyChanges: true,
  }));
  return { demo: data ?? undefined, again };
};

/** Starts the demo as the server has it unless told otherwise. Starting it twice is starting it once. */
export const startDemo = (): Promise<DemoAnswer> => ask<DemoAnswer>(PATH, { body: {} });

/** Begins to remove the demo's project with all its events. */
export const clearDemo = (): Promise<DemoAnswer> => ask<DemoAnswer>(PATH, { method: 'DELETE' });

/** How much of history is in: never `100%` before all of it. */
export const filledShare = ({ backfilled, of }: DemoAnswer): string => share(Math.min(backfilled, of), of);

/** How far history is: `1.2M of 2M events of the last 30 days`. */
export const filledText = ({ backfilled, of, days }: DemoAnswer): string =>
  `${shortCount(Math.min(backfilled, of))} of ${shortCount(of)} events of the last ${days} days`;
