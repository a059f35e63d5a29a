import { barLine, formatCount, formatDuration, plainLine, type Rendering } from '../lib/progress-line.ts';

/** What is shown while an import runs. */

/** A moment of an import. */
export interface ProgressState {
  /** What is being done, for example `Importing`. */
  readonly label: string;
  /** 0 to 1; undefined when the size is not known. */
  readonly fraction: number | undefined;
  /** Rows dealt with, those of an earlier run included. */
  readonly rows: number;
  /** Of these, by an earlier run: they say nothing about the speed. */
  readonly before: number;
  readonly quarantined: number;
  readonly elapsedMs: number;
}

/** Below this, speed is not worth telling. */
const RATE_AFTER_MS = 500;

/** Time left at the pace so far; undefined while there is nothing to go by. */
export const remainingMs = ({ fraction, elapsedMs }: ProgressState): number | undefined => {
  if (fraction === undefined || fraction <= 0 || elapsedMs < RATE_AFTER_MS) return undefined;
  return (elapsedMs / fraction) * (1 - Math.min(1, fraction));
};

const factsOf = (state: ProgressState): string => {
  const facts = [`${formatCount(state.rows)} rows`];
  if (state.elapsedMs >= RATE_AFTER_MS)
    facts.push(`${formatCount(((state.rows - state.before) * 1000) / state.elapsedMs)}/s`);
  if (state.quarantined > 0) facts.push(`${formatCount(state.quarantined)} quarantined`);
  const left = remainingMs(state);
  if (left !== undefined && (state.fraction ?? 1) < 1) facts.push(`${formatDuration(left)} left`);
  return facts.join('  ');
};

/** How an import is drawn. */
export const IMPORT_RENDERING: Rendering<ProgressState> = {
  bar: (state, columns) => barLine(state.label, state.fraction, factsOf(state), columns),
  plain: (state) => plainLine(state.label, state.fraction, factsOf(state)),
};
