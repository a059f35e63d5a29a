import type { TimeRange } from './time-range.ts';

/** Panes of one width that follow each other without a gap. */
export interface PaneRun extends TimeRange {
  readonly widthMs: number;
}

/** A statement with more runs than this takes longer to be planned than it saves. */
const RUNS_MAX = 200;

/**
 * The fewest panes that a range is made of, none of which holds a bound. The widths are multiples of each other, ascending; range and bounds lie on multiples of the first. Where that would be too many runs, the widest
 * panes are done without: those of the first width alone are one run.
 */
export const paneRuns = (
  range: TimeRange,
  bounds: readonly number[],
  widthsMs: readonly number[],
): readonly PaneRun[] => {
  for (let widths = widthsMs.length; ; widths--) {
    const runs = runsOf(range, bounds, widthsMs.slice(0, widths));
    if (runs.length <= RUNS_MAX || widths <= 1) return runs;
  }
};

const runsOf = (range: TimeRange, bounds: readonly number[], widthsMs: readonly number[]): PaneRun[] => {
  const inner = bounds.filter((ms) => ms > range.fromMs && ms < range.toMs);
  const cuts = [range.fromMs, ...inner, range.toMs];
  const pieces = cuts
    .slice(1)
    .flatMap((toMs, index) => piecesOf({ fromMs: cuts[index] ?? toMs, toMs }, widthsMs));
  const byWidth = Map.groupBy(pieces, ({ widthMs }) => widthMs);
  return [...byWidth.values()].flatMap(joined);
};

/** The widest panes in the middle, narrower ones around them. */
const piecesOf = (range: TimeRange, widthsMs: readonly number[]): PaneRun[] => {
  const widthMs = widthsMs.at(-1);
  if (widthMs === undefined || range.fromMs >= range.toMs) return [];
  const narrower = widthsMs.slice(0, -1);
  const fromMs = Math.ceil(range.fromMs / widthMs) * widthMs;
  const toMs = Math.floor(range.toMs / widthMs) * widthMs;
  if (fromMs >= toMs) return piecesOf(range, narrower);
  return [
    ...piecesOf({ fromMs: range.fromMs, toMs: fromMs }, narrower),
    { fromMs, toMs, widthMs },
    ...piecesOf({ fromMs: toMs, toMs: range.toMs }, narrower),
  ];
};

/** Runs of one width, in order, those that touch as one. */
const joined = (runs: readonly PaneRun[]): PaneRun[] => {
  const all: PaneRun[] = [];
  for (const run of runs) {
    const last = all.at(-1);
    if (last !== undefined && last.toMs === run.fromMs) all[all.length - 1] = { ...last, toMs: run.toMs };
    else all.push(run);
  }
  return all;
};
