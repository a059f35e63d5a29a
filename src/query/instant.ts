import { TIME_MAX_MS, TIME_MIN_MS } from '../event/limits.ts';
import { UNIT_MS } from './duration.ts';
import { invalidAt } from '../http/request-problem.ts';

const RELATIVE = /^now(?:\s*-\s*(\d{1,6})\s*([smhdw]))?$/u;
const MILLISECONDS = /^-?\d{5,15}$/u;
const DATE = /^\d{4}-\d{2}-\d{2}$/u;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/u;

const HELP =
  'Use ISO 8601 ("2026-11-20T12:00:00Z", "2026-11-20"), milliseconds since 1970, or relative to now ("now", "now-30m"; units s, m, h, d, w).';

/** What an instant may depend on. */
export interface InstantContext {
  /** Where in the request it stands, for messages. */
  readonly path: string;
  readonly nowMs: number;
  /** Zone of texts that name none. */
  readonly timeZone: string;
}

/** Milliseconds since the epoch of an instant as users write it. Throws ApiError `invalid_request`. */
export const parseInstant = (input: string | number, context: InstantContext): number => {
  const ms = typeof input === 'number' ? input : parseText(input.trim(), context);
  if (ms === undefined || !Number.isSafeInteger(ms)) {
    throw invalidAt(context.path, `${JSON.stringify(input).slice(0, 80)} is not an instant. ${HELP}`);
  }
  if (ms < TIME_MIN_MS || ms > TIME_MAX_MS + 1)
    throw invalidAt(context.path, 'lies outside the years 1900 to 2299.');
  return ms;
};

const parseText = (text: string, { nowMs, timeZone }: InstantContext): number | undefined => {
  const relative = RELATIVE.exec(text);
  if (relative !== null) return nowMs - Number(relative[1] ?? 0) * (UNIT_MS[relative[2] ?? 's'] ?? 0);
  if (MILLISECONDS.test(text)) return Number(text);
  try {
    if (DATE.test(text)) return Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds;
    const dateTime = DATE_TIME.exec(text);
    if (dateTime === null) return undefined;
    return dateTime[1] === undefined
      ? Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds
      : Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined; // a date that does not exist
  }
};

/** ISO 8601 in UTC with milliseconds. */
export const isoOf = (ms: number): string => new Date(ms).toISOString();
