import type { KeptMetric } from './kept-metric.ts';
import type { Filled } from './rollup-rows.ts';

/** Tables derived in the background, as far as they are filled when a trend is planned. */
export interface Derivations {
  /** The rollup of 15 minutes, if there is one. */
  readonly coarse: Filled | undefined;
  /** What is kept of the metric that the trend stands for. */
  readonly kept: KeptMetric | undefined;
}

/** Nothing but the events and the rollup of 10 seconds. */
export const NOTHING_DERIVED: Derivations = { coarse: undefined, kept: undefined };
