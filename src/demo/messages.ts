import type { DemoPlan } from './plan.ts';

/** What the platform and the process that sends the demo's events say to each other. */

/** What the process is to do. */
export interface DemoJob {
  /** Where the platform listens. */
  readonly url: string;
  /** An admin key of the demo's project. */
  readonly key: string;
  readonly plan: DemoPlan;
  /** Events of history that were acknowledged before. */
  readonly backfilled: number;
  readonly isFilled: boolean;
  /** Bounds of one request. */
  readonly limits: RequestLimits;
}

/** What one request may hold. */
export interface RequestLimits {
  readonly eventsMax: number;
  readonly bytesMax: number;
}

/** Said by the platform. */
export type ToDemo = { readonly kind: 'start'; readonly job: DemoJob } | { readonly kind: 'stop' };

/** How far history is. `backfilled` counts from its beginning without a gap: what a new process need not send again. */
export interface DemoProgress {
  readonly backfilled: number;
  readonly isFilled: boolean;
}

/** Said by the process. `trouble`: it waits and tries again; null: no more. `refused`: trying again is of no use, and it ends. */
export type FromDemo =
  | { readonly kind: 'progress'; readonly progress: DemoProgress }
  | { readonly kind: 'trouble'; readonly what: string | null }
  | { readonly kind: 'refused'; readonly what: string };
