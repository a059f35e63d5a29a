import type { PositionAnswer } from '../../../src/contract/positions.ts';
import type { BoardMoment } from '../data/board-answers.ts';
import { instantIn, instantOfLocal, isoDayIn, localMinuteIn, momentIn } from '../lib/zoned.ts';

const POSITION = /^(?:0|[1-9]\d{0,19})$/u;

/** The moment that an address pins a board to; undefined: none, or none that can be. */
export const momentOfAddress = (search: string): BoardMoment | undefined => {
  const parameters = new URLSearchParams(search);
  const position = parameters.get('as_of');
  const at = parameters.get('at');
  if (position === null || at === null || !POSITION.test(position) || Number.isNaN(Date.parse(at)))
    return undefined;
  return { position, at };
};

/** The parameters of an address that pin a board; of null: those that let it go on. */
export const momentParameters = (
  moment: BoardMoment | null,
): Readonly<Record<'as_of' | 'at', string | null>> => ({
  as_of: moment?.position ?? null,
  at: moment?.at ?? null,
});

/** Whether a text is a position. */
export const isPosition = (text: string): boolean => POSITION.test(text);

const KEPT_MAX = 12;

/** Moments that a board was seen as of, newest first, with one more. */
export const withMoment = (seen: readonly BoardMoment[], moment: BoardMoment): readonly BoardMoment[] =>
  seen.some(({ position, at }) => position === moment.position && at === moment.at)
    ? seen
    : [moment, ...seen].slice(0, KEPT_MAX);

/** How often a board is asked again. */
export const REFRESHES = [
  { value: 'off', text: 'Off', everyMs: undefined },
  { value: '10s', text: 'Every 10 s', everyMs: 10_000 },
  { value: '1m', text: 'Every minute', everyMs: 60_000 },
  { value: '5m', text: 'Every 5 min', everyMs: 300_000 },
] as const;

/** One of them. */
export type Refresh = (typeof REFRESHES)[number];

/** How often the address says that a board is asked again; every minute if it does not say. */
export const refreshOfAddress = (search: string): Refresh => {
  const wanted = new URLSearchParams(search).get('refresh');
  return REFRESHES.find(({ value }) => value === wanted) ?? REFRESHES[2];
};

/** A time that boards are often wanted as of. */
export interface QuickTime {
  readonly text: string;
  /** As the clock of the zone shows it, to the minute. */
  readonly local: string;
}

const HOUR_MS = 3_600_000;

/** Times that boards are often wanted as of. */
export const quickTimes = (nowMs: number, zone: string): readonly QuickTime[] => {
  const today = isoDayIn(nowMs, zone);
  return [
    { text: 'An hour ago', local: localMinuteIn(nowMs - HOUR_MS, zone) },
    { text: 'Yesterday, 24:00', local: `${today}T00:00` },
    { text: 'End of last month', local: `${today.slice(0, -2)}01T00:00` },
  ];
};

/** A local time in words. */
export const localWords = (local: string): string => momentIn(`${local}Z`, 'UTC');

/** What times can be told. */
export type KnownTimes = Pick<PositionAnswer, 'earliest' | 'latest'>;

/** Why a board cannot be shown as of a local time; undefined: it can, as far as is known here. */
export const timeProblem = (
  local: string,
  { earliest, latest }: KnownTimes,
  zone: string,
): string | undefined => {
  const at = instantOfLocal(local, zone);
  if (Number.isNaN(at)) return 'Choose a date and a time.';
  if (earliest === null || latest === null)
    return 'Nothing can be told yet: the first events came only just now.';
  if (at <= Date.parse(earliest))
    return `Nothing is known of then: the log begins ${instantIn(earliest, zone)}.`;
  if (at > Date.parse(latest))
    return `Not everything from before then is there: the last time that can be told is ${instantIn(latest, zone)}.`;
  return undefined;
};
