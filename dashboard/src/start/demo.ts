import { ask } from '../data/api.ts';

/** The project that the demo lives in. */
export const DEMO_PROJECT = 'demo';

/** Answer to `GET /api/demo`. */
export interface DemoState {
  readonly state: 'absent' | 'backfilling' | 'live' | 'stopped';
  readonly backfilled: number;
  readonly of: number;
  readonly rate: number;
}

const PATH = '/api/demo';

/** How the demo stands. */
export const demoState = (signal: AbortSignal): Promise<DemoState> => ask<DemoState>(PATH, { signal });

/** How much demo: what the page promises. */
const SIZE = { days: 30, events: 2_000_000, rate: 20 } as const;

/** Starts the demo. Starting it twice is starting it once. */
export const startDemo = (): Promise<DemoState> => ask<DemoState>(PATH, { body: SIZE });

/** Ends the demo and removes its project with all its events. */
export const clearDemo = (): Promise<unknown> => ask<unknown>(PATH, { method: 'DELETE' });
