import { existsSync, mkdirSync, readdirSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Telemetry } from '../../lib/telemetry.ts';
import type { Position } from '../../log/log.ts';
import { UNIQUE_DAMAGED, UNIQUE_DISCARDED } from './events.ts';
import {
  fromOfHotLogName,
  HOT_LOG_HEADER_BYTES,
  type HotLogContent,
  hotLogName,
  readHotLog,
} from './hot-log.ts';
import { loadKey } from './key.ts';
import { DamagedRunError, Run } from './run.ts';
import { rangeOfName, runName } from './run-format.ts';
import { UNFINISHED_SUFFIX } from './run-writer.ts';

/** A range of governed positions, `next` exclusive. */
export interface PositionRange {
  readonly from: Position;
  readonly next: Position;
}

/** A hot log that was found. */
export interface FoundHotLog {
  readonly from: Position;
  readonly content: HotLogContent;
}

/** What a state directory holds. */
export interface FoundState {
  readonly key: Uint8Array;
  /** In order, not overlapping. */
  readonly runs: readonly Run[];
  /** In order, following the runs. */
  readonly hotLogs: readonly FoundHotLog[];
  /** Ranges whose ids must be read again from the governed topic. */
  readonly missing: readonly PositionRange[];
  /** Called once the missing ranges are back: sets the damaged files aside, so that the next start does not read the ranges again. */
  readonly settle: () => void;
}

const DAMAGED_SUFFIX = '.damaged';

/** Reads a state directory, clearing what a crash left behind. Throws Node's error when the directory cannot be used. */
export const recoverState = async (
  dir: string,
  governedNext: Position,
  telemetry: Telemetry,
): Promise<FoundState> => {
  if (!existsSync(dir)) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const key = await loadKey(dir);
  const names = removeUnfinished(dir);
  const hasState = names.some((name) => isStateFile(name));
  if (key.isNew && hasState) {
    discard(dir, names, telemetry, key.damage ?? 'the key of its fingerprints is gone');
    return emptyState(key.key);
  }
  const found = readState(dir, names, telemetry);
  const next = endOf(found);
  if (next <= governedNext) return { key: key.key, ...found };
  for (const run of found.runs) run.close();
  const reason = `it knows governed positions up to ${next}, but the governed topic ends at ${governedNext}`;
  discard(dir, names, telemetry, reason);
  return emptyState(key.key);
};

/** The governed position after what was found. */
export const endOf = ({ runs, hotLogs }: Pick<FoundState, 'runs' | 'hotLogs'>): Position =>
  Math.max(hotLogs.at(-1)?.content.next ?? 0, runs.at(-1)?.summary.next ?? 0);

const emptyState = (key: Uint8Array): FoundState => ({
  key,
  ...{ runs: [], hotLogs: [], missing: [], settle: () => undefined },
});

const isStateFile = (name: string): boolean =>
  rangeOfName(name) !== undefined || fromOfHotLogName(name) !== undefined;

const removeUnfinished = (dir: string): string[] => {
  const names = readdirSync(dir);
  for (const name of names) if (name.endsWith(UNFINISHED_SUFFIX)) unlinkSync(join(dir, name));
  return names.filter((name) => !name.endsWith(UNFINISHED_SUFFIX)).toSorted();
};

const discard = (dir: string, names: readonly string[], telemetry: Telemetry, reason: string): void => {
  telemetry.emit(UNIQUE_DISCARDED, { reason });
  for (const name of names) if (isStateFile(name)) setAside(join(dir, name));
};

const setAside = (path: string): void => {
  if (existsSync(path)) renameSync(path, path + DAMAGED_SUFFIX);
};

type Found = Omit<FoundState, 'key'>;

const readState = (dir: string, names: readonly string[], telemetry: Telemetry): Found => {
  const missing: PositionRange[] = [];
  const damagedPaths: string[] = [];
  const damaged = (path: string, range: PositionRange, detail: string): void => {
    telemetry.emit(UNIQUE_DAMAGED, { file: path, detail, ...range });
    missing.push(range);
    damagedPaths.push(path);
  };
  const runs = readRuns(dir, names, damaged);
  const hotLogs = readHotLogs(dir, names, sealedNext(names), damaged);
  missing.push(...holesOf(runs, hotLogs, missing, telemetry));
  const settle = (): void => damagedPaths.forEach(setAside);
  return { runs, hotLogs, missing, settle };
};

type OnDamaged = (path: string, range: PositionRange, detail: string) => void;

/** Where the sealed ranges end, damaged ones included. */
const sealedNext = (names: readonly string[]): Position =>
  Math.max(0, ...names.map((name) => rangeOfName(name)?.next ?? 0));

const contains = (outer: PositionRange, inner: PositionRange): boolean =>
  outer.from <= inner.from && outer.next >= inner.next;

const readRuns = (dir: string, names: readonly string[], damaged: OnDamaged): Run[] => {
  const ranges = names.map(rangeOfName).filter((range) => range !== undefined);
  // The widest first: what lies within a run that is whole was merged into it.
  ranges.sort((a, b) => b.next - b.from - (a.next - a.from));
  const runs: Run[] = [];
  for (const range of ranges) {
    const path = join(dir, runName(range));
    if (runs.some(({ summary }) => contains(summary, range))) {
      unlinkSync(path);
      continue;
    }
    try {
      runs.push(openRun(path, range));
    } catch (error) {
      if (!(error instanceof DamagedRunError)) throw error;
      damaged(path, range, error.message);
    }
  }
  return runs.sort((a, b) => a.summary.from - b.summary.from);
};

const openRun = (path: string, range: PositionRange): Run => {
  const run = Run.open(path);
  if (run.summary.from === range.from && run.summary.next === range.next) return run;
  run.close();
  throw new DamagedRunError(path, 'its name is not that of its content');
};

const readHotLogs = (
  dir: string,
  names: readonly string[],
  sealed: Position,
  damaged: OnDamaged,
): FoundHotLog[] => {
  const froms = names.map(fromOfHotLogName).filter((from) => from !== undefined);
  const logs: FoundHotLog[] = [];
  froms.forEach((from, index) => {
    const path = join(dir, hotLogName(from));
    // The table of a log that begins before the sealed end was sealed; the crash came before the log was removed.
    if (from < sealed) return unlinkSync(path);
    const content = readHotLog(path, from);
    const followedAt = froms[index + 1];
    if (content !== undefined) logs.push({ from, content });
    else if (followedAt !== undefined)
      damaged(path, { from, next: followedAt }, `the header of ${path} is damaged`);
    else dropLast(path, from, damaged);
  });
  return logs;
};

/**
 * The last hot log without a header. What it held is the tail of the governed topic, which is read anyway. It goes at once, as the next log may get its name.
 */
const dropLast = (path: string, from: Position, damaged: OnDamaged): void => {
  if (statSync(path).size < HOT_LOG_HEADER_BYTES) return unlinkSync(path); // A crash came while it was made.
  damaged(path, { from, next: from }, `the header of ${path} is damaged`);
  setAside(path);
};

/** Ranges between what was found that nothing holds. */
const holesOf = (
  runs: readonly Run[],
  hotLogs: readonly FoundHotLog[],
  known: readonly PositionRange[],
  telemetry: Telemetry,
): PositionRange[] => {
  const held: PositionRange[] = [
    ...runs.map(({ summary }) => summary),
    ...hotLogs.map(({ from, content }) => ({ from, next: content.next })),
    ...known,
  ].sort((a, b) => a.from - b.from);
  const holes: PositionRange[] = [];
  let end = held[0]?.from ?? 0;
  for (const { from, next } of held) {
    if (from > end) holes.push({ from: end, next: from });
    end = Math.max(end, next);
  }
  for (const hole of holes)
    telemetry.emit(UNIQUE_DAMAGED, { file: '', detail: 'a file of the state is missing', ...hole });
  return holes;
};
