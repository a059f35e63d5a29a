import type { Position } from '../../log/log.ts';
import { compareAt, ENTRY_WORDS, NOT_STORED } from './entry.ts';
import { countEntries, type HotMemory, sortedEntries } from './hot-table.ts';
import { RunScanner } from './run.ts';
import { type BuiltRun, RunWriter } from './run-writer.ts';

/**
 * The two ways in which a run comes to be, as blocking work in slices: the caller decides how much of a core it may take.
 */

/** Writes a full hot table as a run. */
export interface SealJob {
  readonly kind: 'seal';
  readonly dir: string;
  readonly from: Position;
  readonly next: Position;
  readonly memory: HotMemory;
  readonly filterBitsPerEntry: number;
}

/** Merges two runs that follow each other into one, leaving out entries received before `expiredBefore` (seconds). */
export interface MergeJob {
  readonly kind: 'merge';
  readonly dir: string;
  readonly inputs: readonly [MergeInput, MergeInput];
  readonly expiredBefore: number;
  readonly filterBitsPerEntry: number;
}

/** A run to be merged. */
export interface MergeInput {
  readonly path: string;
  readonly from: Position;
  readonly next: Position;
  readonly entries: number;
  readonly pages: number;
}

/** Work for the builder. */
export type BuildJob = SealJob | MergeJob;

/** A run, or null when every entry had expired (then there is no file). */
export interface BuildResult {
  readonly run: BuiltRun | null;
  /** Pages of the inputs that could not be read: their entries are lost. */
  readonly damagedPages: number;
}

/** Entries handled between two yields: a few milliseconds of work. */
const SLICE_ENTRIES = 32_768;

/** Does a job, yielding after each slice. On any error nothing is left behind. */
export const build = function* (job: BuildJob): Generator<void, BuildResult> {
  return job.kind === 'seal' ? yield* seal(job) : yield* merge(job);
};

const seal = function* (job: SealJob): Generator<void, BuildResult> {
  const total = countEntries(job.memory);
  if (total === 0) return { run: null, damagedPages: 0 };
  const writer = new RunWriter({ ...job, entriesMax: total });
  let inSlice = 0;
  try {
    for (const { words, length } of sortedEntries(job.memory)) {
      for (let at = 0; at < length; at += ENTRY_WORDS) writer.add(words, at);
      inSlice += length / ENTRY_WORDS;
      if (inSlice < SLICE_ENTRIES) continue;
      inSlice = 0;
      yield;
    }
    return { run: writer.finish(), damagedPages: 0 };
  } catch (error) {
    abandonQuietly(writer);
    throw error;
  }
};

const merge = function* (job: MergeJob): Generator<void, BuildResult> {
  const [older, newer] = job.inputs;
  const left = new RunScanner(older.path, older.pages);
  const right = new RunScanner(newer.path, newer.pages);
  const writer = new RunWriter({
    ...{ dir: job.dir, from: older.from, next: newer.next },
    ...{ entriesMax: older.entries + newer.entries, filterBitsPerEntry: job.filterBitsPerEntry },
  });
  let isDone = false;
  try {
    const kept = yield* mergeInto(writer, left, right, job.expiredBefore);
    const run = kept > 0 ? writer.finish() : null;
    isDone = kept > 0;
    return { run, damagedPages: left.damagedPages + right.damagedPages };
  } finally {
    if (!isDone) abandonQuietly(writer);
    left.close();
    right.close();
  }
};

/** Merges two ascending scans; of two entries with the same fingerprint the later one stays. Answers how many were written. */
const mergeInto = function* (
  writer: RunWriter,
  left: RunScanner,
  right: RunScanner,
  expiredBefore: number,
): Generator<void, number> {
  let kept = 0;
  let seen = 0;
  let hasLeft = left.next();
  let hasRight = right.next();
  while (hasLeft || hasRight) {
    const order = !hasLeft ? 1 : !hasRight ? -1 : compareAt(left.words, left.at, right.words, right.at);
    const source = order < 0 || (order === 0 && secondsAt(left) >= secondsAt(right)) ? left : right;
    const seconds = secondsAt(source);
    if (seconds >= expiredBefore && seconds !== NOT_STORED) {
      writer.add(source.words, source.at);
      kept++;
    }
    if (order <= 0) hasLeft = left.next();
    if (order >= 0) hasRight = right.next();
    if (++seen % SLICE_ENTRIES === 0) yield;
  }
  return kept;
};

const secondsAt = (scanner: RunScanner): number => scanner.words[scanner.at + ENTRY_WORDS - 1] as number;

const abandonQuietly = (writer: RunWriter): void => {
  try {
    writer.abandon();
  } catch {
    // The disk may be what failed in the first place; leftovers are removed on the next start.
  }
};
