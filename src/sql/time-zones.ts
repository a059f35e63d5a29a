import { refused } from './problem.ts';
import { suggest } from './suggest.ts';
import type { SyntaxNode } from './syntax-tree.ts';

/**
 * Names of time zones in users' SQL. For a name that it does not carry itself the engine opens a file: any of the machine (`file:/path`), or one below the folder of zones. It waits where that is a pipe, and uses what it read. So only names of zones reach it,
 * and only where they are written out: a name may be computed, even row by row.
 */

/** So much of a name is told and compared. */
const NAME_CHARS_MAX = 60;

/** Zones that this program knows and the engine does not carry; tested against the list of the engine. */
const NOT_CARRIED = new Set(['America/Coyhaique']);

/** Whether a text is the name of a zone that the engine carries, spelled as the IANA database does. */
export const isTimeZone = (name: string): boolean => {
  // An offset, such as +01:00, is none to the engine.
  if (!/^[A-Za-z]/.test(name) || NOT_CARRIED.has(name)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId === name;
  } catch {
    return false;
  }
};

/** Throws SqlProblem unless `isTimeZone`. */
export const checkTimeZone = (name: string): void => {
  if (isTimeZone(name)) return;
  const known = suggest(name.slice(0, NAME_CHARS_MAX), Intl.supportedValuesOf('timeZone').filter(isTimeZone));
  const help =
    known.length === 0
      ? "Write an IANA name, such as 'Europe/Berlin'."
      : `Did you mean ${known.join(' or ')}?`;
  throw refused(
    `The time zone ${JSON.stringify(name.slice(0, NAME_CHARS_MAX))} may not be used. ${help}`,
    undefined,
    known,
  );
};

const placed = (places: readonly number[], names: string): [string, readonly number[]][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name.toLowerCase(), places]);

/**
 * Which arguments of a function, counted from 0, the engine may take for the name of a zone; functions in lower case. That none is missing is tested on the engine, with every function that may be called.
 */
export const ZONE_PLACES: ReadonlyMap<string, readonly number[]> = new Map([
  ...placed([0], 'now'),
  ...placed(
    [1],
    `now64 UUIDv7ToDateTime date toDate toDate32 toDateTime32 toString toTimeZone toTimezone timezoneOffset toUnixTimestamp toUTCTimestamp fromUTCTimestamp
    fromUnixTimestamp64Second fromUnixTimestamp64Milli fromUnixTimestamp64Micro fromUnixTimestamp64Nano timeSlot toTimeWithFixedDate toDaysInMonth
    toYear toQuarter toMonth toDayOfYear toDayOfMonth toHour toMinute toSecond toMillisecond toISOWeek toISOYear
    year quarter month day dayOfYear dayOfMonth hour minute second millisecond
    toStartOfYear toStartOfISOYear toStartOfQuarter toStartOfMonth toMonday toStartOfDay toStartOfHour toStartOfMinute toStartOfSecond toStartOfMillisecond
    toStartOfFiveMinutes toStartOfTenMinutes toStartOfFifteenMinutes toLastDayOfMonth toYYYYMM toYYYYMMDD toYYYYMMDDhhmmss
    toRelativeYearNum toRelativeQuarterNum toRelativeMonthNum toRelativeWeekNum toRelativeDayNum toRelativeHourNum toRelativeMinuteNum toRelativeSecondNum`,
  ),
  ...placed(
    [1, 2],
    `toDateTime toDateTimeOrNull toDateTimeOrZero toDateTimeOrDefault
    parseDateTimeBestEffort parseDateTimeBestEffortOrNull parseDateTimeBestEffortOrZero parseDateTimeBestEffortUS
    parseDateTime64BestEffort parseDateTime64BestEffortOrNull parseDateTime64BestEffortOrZero toDateTime64 toDateTime64OrNull toDateTime64OrZero`,
  ),
  ...placed(
    [2],
    `parseDateTime parseDateTimeOrNull parseDateTimeOrZero formatDateTime formatDateTimeInJodaSyntax fromUnixTimestamp dateName date_trunc dateTrunc
    toDayOfWeek dayOfWeek toWeek week toYearWeek toStartOfWeek toLastDayOfWeek
    addYears addQuarters addMonths addWeeks addDays addHours addMinutes addSeconds addMilliseconds
    subtractYears subtractQuarters subtractMonths subtractWeeks subtractDays subtractHours subtractMinutes subtractSeconds subtractMilliseconds`,
  ),
  ...placed([2, 3], 'toStartOfInterval time_bucket date_bin'),
  ...placed([3], 'date_diff dateDiff timestampDiff timestamp_diff age'),
  ...placed([6], 'makeDateTime'),
  ...placed([8], 'makeDateTime64'),
]);

/** What never makes a text, so that it may stand where a zone may: the instant that intervals are counted from, or a value to fall back on. */
const INSTANTS = new Set(['todate', 'todate32', 'todatetime', 'todatetime64', 'now', 'now64', 'today']);

const TEXT = /^'(.*)'(?: \(alias .*\))?$/s;
const CALLED = /^(\w+)/;

/** Checks the arguments of a call that may be names of zones: text literals that are ones, or what is no text. Throws SqlProblem. */
export const checkZones = (name: string, { children }: SyntaxNode): void => {
  const given = children.at(0)?.children ?? [];
  for (const place of ZONE_PLACES.get(name.toLowerCase()) ?? []) {
    const argument = given[place];
    if (argument !== undefined) checkZoneArgument(name, argument);
  }
};

const checkZoneArgument = (name: string, { kind, rest }: SyntaxNode): void => {
  if (kind === 'Function' && INSTANTS.has(CALLED.exec(rest)?.[1]?.toLowerCase() ?? '')) return;
  if (kind !== 'Literal')
    throw refused(`The time zone in ${name}() must be written out, as a text such as 'Europe/Berlin'.`);
  const zone = TEXT.exec(rest)?.[1];
  if (zone !== undefined) checkTimeZone(zone);
};
