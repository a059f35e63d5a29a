import type { LogExtent, Position } from '../log/log.ts';

/** Who still needs the governed topic. */
export interface TrimNeeds {
  /** Records before this are loaded. */
  readonly loadedNext: Position;
  /** Records before this are in the de-duplication state, durably. */
  readonly uniqueNext: Position;
  /** Bytes to be kept for those who follow live. */
  readonly keepBytes: number;
}

/** The position before which the topic may be trimmed; records are taken to be of average size. */
export const trimBefore = (
  { first, next, bytes }: LogExtent,
  { loadedNext, uniqueNext, keepBytes }: TrimNeeds,
): Position => {
  const records = next - first;
  if (records <= 0 || bytes <= keepBytes) return first;
  const kept = Math.ceil(keepBytes / (bytes / records));
  return Math.max(first, Math.min(loadedNext, uniqueNext, next - kept));
};
