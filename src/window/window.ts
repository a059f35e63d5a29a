/** What was measured of events in one currency; empty for events without one, and for properties. Numbers are times 10^6. */
export interface Tally {
  readonly currency: string;
  /** Events that have a number. */
  readonly count: number;
  readonly sum: bigint;
  readonly min: bigint;
  readonly max: bigint;
}

/** Events of one key that belong together: one event, or several that lie within the gap of each other. */
export interface Stretch {
  readonly key: string;
  /** Event time of the first and of the last, milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly events: number;
  /** The lowest and the highest governed position of its events. */
  readonly firstPosition: number;
  readonly lastPosition: number;
  /** By currency, in its order. */
  readonly tallies: readonly Tally[];
}

/** A window of a key. */
export interface Window extends Stretch {
  /** Names it among all that its key ever had: of a session the start of the events that it began with, of a count its number. */
  readonly id: number;
  /** No event is missing: a count window that is full. Of sessions never said, see `isFinal`. */
  readonly isComplete: boolean;
}

/** A window as it is from a position on, or that it is no more because it became part of another one. */
export interface WindowChange extends Window {
  readonly isRemoved: boolean;
}

/** What finding out what is not in memory takes. */
export interface WindowNeed {
  readonly keys: readonly string[];
  /** Only windows that touch this time; counts need the last window of each key. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether a window of before that is needed: of keys with events of years not all windows of these years are. */
  readonly touches: (window: Pick<Stretch, 'key' | 'startMs' | 'endMs'>) => boolean;
}

/**
 * A keyed operator: the windows of a metric, as events come. It holds those that are likely to change; the others are where its changes were written, and are given back when they are needed.
 *
 * One step: `needs` -> `restore` what it needs -> `add` -> write `changes` -> `settle`. If writing fails, a new operator is filled from what was written.
 */
export interface WindowOperator {
  /** Windows and keys in memory. */
  readonly size: { readonly windows: number; readonly keys: number };
  /** Windows that events of the stretches may touch and that are not in memory; undefined: all are. */
  needs(stretches: readonly Stretch[]): WindowNeed | undefined;
  /** Takes windows that were written back into memory. */
  restore(windows: readonly Window[]): void;
  /** Takes the newest windows into memory at the beginning. `isAll`: there are no others. */
  fill(windows: readonly Window[], isAll: boolean): void;
  /** Puts events into windows. */
  add(stretches: readonly Stretch[]): void;
  /** The windows that changed since `settle`, each once. */
  changes(): WindowChange[];
  /** The changes are written. `watermarkMs`: events of this time and before are not expected any more. */
  settle(watermarkMs: number): void;
}

/** The tallies of both, by currency. */
export const addTallies = (left: readonly Tally[], right: readonly Tally[]): readonly Tally[] => {
  if (left.length === 0 || right.length === 0) return left.length === 0 ? right : left;
  const sums = new Map(left.map((tally) => [tally.currency, tally]));
  for (const tally of right) {
    const other = sums.get(tally.currency);
    sums.set(tally.currency, other === undefined ? tally : addTally(other, tally));
  }
  return [...sums.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
};

const addTally = (left: Tally, right: Tally): Tally => ({
  currency: left.currency,
  count: left.count + right.count,
  sum: left.sum + right.sum,
  min: left.min < right.min ? left.min : right.min,
  max: left.max > right.max ? left.max : right.max,
});

/** A window with more events in it. */
export const extend = (window: Window, more: Stretch): Window => ({
  key: window.key,
  id: window.id,
  isComplete: window.isComplete,
  startMs: Math.min(window.startMs, more.startMs),
  endMs: Math.max(window.endMs, more.endMs),
  events: window.events + more.events,
  firstPosition: Math.min(window.firstPosition, more.firstPosition),
  lastPosition: Math.max(window.lastPosition, more.lastPosition),
  tallies: addTallies(window.tallies, more.tallies),
});
