import { parseEpochMs, parseIsoMs } from '../../event/timestamp.ts';
import type { CanonicalEvent } from './canonical-event.ts';
import type { JsonValue } from './json-value.ts';

/**
 * A client's clock differing from ours by more than this is taken to be wrong. Less is the way of the request: a retry or a slow network must not move events.
 */
export const SKEW_MIN_MS = 10_000;

const NAIVE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** When a request was sent by the client's clock, if it says so, and when it came by ours. Milliseconds. */
export interface SentTime {
  readonly receivedAtMs: number;
  readonly sentAtMs: number | undefined;
}

/** These platforms take a time without zone for UTC, and a date alone for its midnight. */
const withZone = (text: string): string =>
  NAIVE_TIME.test(text) ? `${text}Z` : DATE.test(text) ? `${text}T00:00:00Z` : text;

/** Milliseconds of a timestamp: a string, or a number of milliseconds. NaN if it is none. */
export const instantMs = (value: JsonValue | undefined): number => {
  const text = value?.kind === 'number' ? value.text : value?.string;
  if (text === undefined) return Number.NaN;
  const bytes = Buffer.from(value?.kind === 'number' ? text : withZone(text));
  return (value?.kind === 'number' ? parseEpochMs : parseIsoMs)(bytes, 0, bytes.length);
};

/** How far the client's clock is behind ours, milliseconds; 0 when it is right or does not say. */
export const skewMs = ({ receivedAtMs, sentAtMs }: SentTime): number => {
  const skew = sentAtMs === undefined || Number.isNaN(sentAtMs) ? 0 : receivedAtMs - sentAtMs;
  return Math.abs(skew) > SKEW_MIN_MS ? skew : 0;
};

/**
 * Sets the time of an event and says whether it was corrected because the client's clock is wrong; then what the client said is kept in `original_timestamp`. A timestamp
 * that cannot be read is passed on, to be refused with the reason.
 */
export const setTime = (event: CanonicalEvent, timestamp: JsonValue | undefined, skew: number): boolean => {
  if (timestamp === undefined) return false;
  const ms = instantMs(timestamp);
  if (Number.isNaN(ms)) event.field('timestamp', timestamp.text);
  else event.field('timestamp', String(ms + skew));
  if (Number.isNaN(ms) || skew === 0) return false;
  event.property('original_timestamp', timestamp.text);
  return true;
};
