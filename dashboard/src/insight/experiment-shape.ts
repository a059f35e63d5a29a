import { scaleLinear } from 'd3-scale';
import type { ExperimentAnswer, ExperimentVariant } from '../../../src/contract/experiment.ts';

/** How a variant stands against the control. */
export type Verdict = 'control' | 'better' | 'worse' | 'open';

/** A line of the forest plot. Places are shares of the width; undefined where there is nothing to show. */
export interface ForestRow {
  readonly variant: ExperimentVariant;
  readonly verdict: Verdict;
  readonly low: number | undefined;
  readonly middle: number | undefined;
  readonly high: number | undefined;
}

/** The forest plot: rows, where no difference lies, and ticks. */
export interface Forest {
  readonly rows: readonly ForestRow[];
  readonly zero: number;
  readonly ticks: readonly { readonly at: number; readonly value: number }[];
}

const TICKS = 5;

const verdictOf = ({ compared }: ExperimentVariant): Verdict => {
  if (compared === null) return 'control';
  if (!compared.significant) return 'open';
  return compared.difference > 0 ? 'better' : 'worse';
};

/** Differences from the control with their intervals, on one axis on which 0 lies. */
export const forestOf = ({ variants }: ExperimentAnswer): Forest => {
  const ends = variants.flatMap(({ compared }) =>
    compared === null ? [] : [compared.difference, compared.interval?.low ?? 0, compared.interval?.high ?? 0],
  );
  const reach = Math.max(1e-12, ...ends.map(Math.abs)) * 1.08;
  const scale = scaleLinear().domain([
    Math.min(-reach * 0.15, ...ends.map((end) => end * 1.08)),
    Math.max(reach * 0.15, ...ends.map((end) => end * 1.08)),
  ]);
  const rows = variants.map((variant): ForestRow => {
    const { compared } = variant;
    const interval = compared?.interval ?? null;
    return {
      variant,
      verdict: verdictOf(variant),
      low: interval === null ? undefined : scale(interval.low),
      middle: compared === null ? undefined : scale(compared.difference),
      high: interval === null ? undefined : scale(interval.high),
    };
  });
  return {
    rows,
    zero: scale(0),
    ticks: scale.ticks(TICKS).map((value) => ({ value, at: scale(value) })),
  };
};
