import type { KeyedWindow, MetricDefinition, WindowSummary } from '../contract/metrics.ts';
import type { Axis } from './buckets.ts';
import type { SavedMetric } from './ports.ts';
import type { TimeRange } from './time-range.ts';

/** A metric whose windows the events make: the processor keeps them. */
export type KeyedMetric = SavedMetric & {
  readonly definition: MetricDefinition & { readonly window: KeyedWindow };
};

/** Which windows of a metric are asked for, and what of them. */
export interface MetricWindowsQuestion {
  readonly metric: KeyedMetric;
  /** Windows that begin then. */
  readonly range: TimeRange;
  /** What they are gathered by: a window belongs to the bucket that it begins in. */
  readonly axis: Axis;
  /** How the windows of a bucket make one number. */
  readonly summary: WindowSummary;
}

/** Place of a bucket on the axis; null: the whole range. */
type Place = number | null;

/** The windows of a metric as they are kept. Buckets without windows may be left out. */
export interface MetricWindowsReading {
  readonly counts: readonly {
    readonly bucket: Place;
    readonly windows: number;
    /** Windows of them that may still change. */
    readonly open: number;
  }[];
  readonly values: readonly {
    readonly bucket: Place;
    /** Place in `measures` of the definition. */
    readonly measure: number;
    /** Of money; empty: none. Undefined: the measure is no money. */
    readonly currency: string | undefined;
    readonly value: number | null;
  }[];
  /** Events that were taken in before that are in no window. */
  readonly knownSinceMs: number;
}
