import type { ReasonCode } from './outcome.ts';

/** How far from the time of receipt an event may be. Null: any distance (a declared backfill). */
export interface Freshness {
  readonly receivedAtMs: number;
  readonly staleMs: number | null;
  readonly futureMs: number | null;
}

const UNITS: readonly (readonly [number, string])[] = [
  [365 * 86_400_000, 'year'],
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** A length of time in words: its largest unit and, if there is a rest, the next one ("3 years 12 days", "90 milliseconds"). Rounded down. */
export const durationText = (ms: number): string => {
  const first = UNITS.findIndex(([size]) => ms >= size);
  const [size, unit] = UNITS[first] ?? [1, 'millisecond'];
  const lead = counted(Math.floor(ms / size), unit);
  const [nextSize, nextUnit] = (first < 0 ? undefined : UNITS[first + 1]) ?? [size, unit];
  const rest = Math.floor((ms % size) / nextSize);
  return nextSize === size || rest === 0 ? lead : `${lead} ${counted(rest, nextUnit)}`;
};

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** Whether a time would lie near now if it were meant as seconds. */
const looksLikeSeconds = (ms: number, receivedAtMs: number): boolean =>
  Math.abs(ms * 1000 - receivedAtMs) < TEN_YEARS_MS;

/** Whether an event of `ms` is too old or too far in the future to be taken live, and the sentence that tells its sender what to do. */
export const staleness = (
  ms: number,
  { receivedAtMs, staleMs, futureMs }: Freshness,
): { code: ReasonCode; detail: string } | undefined => {
  const iso = (): string => new Date(ms).toISOString();
  if (staleMs !== null && receivedAtMs - ms > staleMs) {
    const seconds = looksLikeSeconds(ms, receivedAtMs)
      ? ' The number looks like seconds: timestamps are milliseconds, so multiply it by 1000.'
      : '';
    return {
      code: 'too_old',
      detail: `The event is of ${iso()}, ${durationText(receivedAtMs - ms)} before it was received; live collection accepts ${durationText(staleMs)}.${seconds} Use "aevum import" for history, leave the timestamp out to use the time of receipt, or raise the stale limit.`,
    };
  }
  if (futureMs !== null && ms - receivedAtMs > futureMs)
    return {
      code: 'too_far_in_future',
      detail: `The event is of ${iso()}, ${durationText(ms - receivedAtMs)} after it was received; ${durationText(futureMs)} are accepted. Check the sender's clock, or leave the timestamp out to use the time of receipt.`,
    };
  return undefined;
};
