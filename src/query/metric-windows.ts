import type {
  BucketWindow,
  KeyedWindow,
  MetricAnswer,
  MetricDefinition,
  WindowSummary,
} from '../contract/metrics.ts';
import type { Axis } from './buckets.ts';
import type { Inquiry } from './insight.ts';
import { isoOf } from './instant.ts';
import type { SavedMetric } from './ports.ts';
import { bind, sql, toStatement } from './sql.ts';
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
}

/** What answers say of the metric that they are of. */
export const askedMetric = ({
  id,
  version,
  definition: { name, title, unit, window },
}: SavedMetric): MetricAnswer['metric'] => ({ id, name, title, unit, version, window });

/** Where the buckets of an axis end. */
export const endsOf = ({ starts, endMs }: Axis): number[] => [...starts.slice(1), endMs];

/** Of each stretch whether events of it may still come. `asOf`: the last position that is seen; undefined: all that is loaded. */
export const windowsOf = async (
  stretches: readonly TimeRange[],
  inquiry: Inquiry,
  asOf: number | undefined = inquiry.asOf,
): Promise<BucketWindow[]> => {
  const untilMs = await seenUntilMs(inquiry, asOf);
  return stretches.map(({ fromMs, toMs }) => {
    const closesAtMs = inquiry.closesAtMs(toMs);
    return {
      ...{ from: isoOf(fromMs), to: isoOf(toMs) },
      ...{ final: closesAtMs <= untilMs, closes_at: isoOf(closesAtMs) },
    };
  });
};

/** What was received before, is seen. The log is in the order of receipt: as of a position that is until the next record came. */
const seenUntilMs = async (inquiry: Inquiry, asOf: number | undefined): Promise<number> => {
  const { loadedUntilMs, loadedNext } = inquiry;
  if (asOf === undefined || asOf + 1 >= loadedNext) return loadedUntilMs;
  const [row] = await inquiry.read<{ readonly at: number | string; readonly n: number | string }>(
    toStatement(sql`SELECT count() AS n, toUnixTimestamp64Milli(min(logged_at)) AS at
      FROM records WHERE position >= ${bind('UInt64', asOf + 1)}`),
  );
  return row === undefined || Number(row.n) === 0 ? loadedUntilMs : Math.min(loadedUntilMs, Number(row.at));
};
