import type { Incomplete, Line, LineMode } from './lines.ts';
import type { Mark } from './plot-options.ts';

/** What a chart of lines shows. */
export interface SeriesChartProps {
  /** What it shows, for screen readers. */
  readonly label: string;
  /** Where buckets begin, in seconds since 1970, and where the last one ends. */
  readonly starts: readonly number[];
  readonly endSeconds: number;
  /** Where the buckets of the period before begin, for the words beside its numbers. */
  readonly beforeStarts?: readonly (number | null)[] | undefined;
  /** All of one unit. */
  readonly lines: readonly Line[];
  readonly mode: LineMode;
  readonly isStacked?: boolean;
  readonly scale?: 'linear' | 'log';
  readonly goal?: number | undefined;
  /** Numbers stand beside what is drawn, where there is room. */
  readonly hasLabels?: boolean;
  readonly zone: string;
  /** The axis counts such steps from 0 rather than seconds: `day` gives `Day 3`. */
  readonly stepWord?: string | undefined;
  readonly hidden: ReadonlySet<string>;
  readonly incomplete: Incomplete;
  readonly marks?: readonly Mark[];
  /** A stretch was chosen by dragging, in milliseconds since 1970. */
  readonly onRange?: ((fromMs: number, toMs: number) => void) | undefined;
  /** A bucket was pressed. */
  readonly onPress?: ((index: number) => void) | undefined;
}
