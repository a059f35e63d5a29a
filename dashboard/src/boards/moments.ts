import type { BoardMoment } from '../data/board-answers.ts';

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

const two = (value: number): string => String(value).padStart(2, '0');

/** An instant as fields of forms for date and time want it, by the clock of the browser. */
export const localInput = (iso: string): string => {
  const at = new Date(iso);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};
