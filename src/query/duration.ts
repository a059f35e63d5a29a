import { invalidAt } from '../http/request-problem.ts';

const SECOND_MS = 1_000;

/** Milliseconds of the units of durations and of relative instants, which have fixed lengths. */
export const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3_600 * SECOND_MS,
  d: 86_400 * SECOND_MS,
  w: 7 * 86_400 * SECOND_MS,
};

const DURATION = /^(\d{1,9})(s|m|h|d|w)$/u;

/** Milliseconds of a duration that was checked before, for bounds written in the sources. */
const msOf = (text: string): number | undefined => {
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
};

/**
 * Milliseconds of a duration such as `30s`, `15m`, `12h`, `7d`, `2w`; `path` is where in the request it stands. Throws ApiError `invalid_request` for what is none, or less than `min`, or more than `max`.
 *
 * @example parseDuration('7d', 'window', { min: '1s', max: '366d' }) // 604_800_000
 */
export const parseDuration = (
  text: string,
  path: string,
  { min, max }: { readonly min: string; readonly max: string },
): number => {
  const ms = msOf(text.trim());
  if (ms === undefined)
    throw invalidAt(
      path,
      `${JSON.stringify(text)} is not a duration. Use a whole number and s, m, h, d or w: "30m", "7d".`,
    );
  if (ms < (msOf(min) ?? 0)) throw invalidAt(path, `${text} is too short; at least ${min} is taken.`);
  if (ms > (msOf(max) ?? 0)) throw invalidAt(path, `${text} is too long; at most ${max} is taken.`);
  return ms;
};
