import type { AsOfInput } from '../contract/question.ts';
import { ApiError } from '../event/errors.ts';
import { asOf, type Standing } from './freshness.ts';
import { parseInstant } from './instant.ts';
import { invalidAt } from '../http/request-problem.ts';

/** A moment that a question is pinned to. */
export interface Pinned {
  /** Only events up to this position of the governed log are seen. */
  readonly position: number;
  /** What "now" is; undefined: the moment of the question. */
  readonly atMs: number | undefined;
}

const PATH = 'as_of';

/** Reads as of when a question is asked. Throws ApiError: `invalid_request`, or `position_not_loaded` where not all events up to there can be read yet. */
export const parseAsOf = (input: AsOfInput, standing: Standing): Pinned | undefined => {
  if (input === undefined) return undefined;
  const { position, at } = typeof input === 'string' ? { position: input, at: undefined } : input;
  return { position: loadedPosition(position, standing), atMs: at === undefined ? undefined : momentOf(at) };
};

/** A position as addresses and requests write it. Throws ApiError `position_not_loaded`. */
export const loadedPosition = (text: string, standing: Standing): number => {
  const position = Number(text);
  if (position < standing.governedLoaded) return position;
  const loaded = asOf(standing);
  throw new ApiError(
    'position_not_loaded',
    `Position ${text} is not loaded: ${loaded === null ? 'nothing is yet' : `the last one that is, is ${loaded}`}. If an answer or the log told you of it, ask again in a moment; else leave "as_of" out, or take the "as_of" of an answer.`,
    { details: { as_of: text, loaded } },
  );
};

const RELATIVE = /now/iu;

/** "now" may be no moment that moves. */
const momentOf = (at: string): number => {
  if (RELATIVE.test(at))
    throw invalidAt(
      `${PATH}.at`,
      'must stand still: send an instant such as "2026-11-20T12:00:00Z", not one relative to now.',
    );
  return parseInstant(at, { path: `${PATH}.at`, nowMs: 0, timeZone: 'UTC' });
};
