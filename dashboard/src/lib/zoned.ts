/** Instants in words, in a time zone. */

type Shape = Intl.DateTimeFormatOptions;

const cache = new Map<string, Intl.DateTimeFormat>();
/** Shapes times zones: more than there ever are. */
const CACHE_MAX = 200;

const formatOf = (name: string, shape: Shape, zone: string): Intl.DateTimeFormat => {
  const key = `${name} ${zone}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_MAX) cache.clear();
  const made = new Intl.DateTimeFormat('en-GB', { ...shape, timeZone: zone });
  cache.set(key, made);
  return made;
};

const writer =
  (name: string, shape: Shape) =>
  (at: number | string | Date, zone: string): string =>
    formatOf(name, shape, zone).format(new Date(at));

const TIME: Shape = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const DAY: Shape = { day: 'numeric', month: 'short' };

/** `14:03`. */
export const minuteIn = writer('minute', TIME);

/** `14:03:09`. */
export const secondIn = writer('second', { ...TIME, second: '2-digit' });

/** `9 Apr`. */
export const dayIn = writer('day', DAY);

/** `9 Apr 2024`. */
export const dateIn = writer('date', { ...DAY, year: 'numeric' });

/** `Apr 2024`. */
export const monthIn = writer('month', { month: 'short', year: 'numeric' });

/** `9 Apr 2024, 14:03`. */
export const momentIn = writer('moment', { ...DAY, year: 'numeric', ...TIME });

/** `9 Apr 2024, 14:03:09`. */
export const instantIn = writer('instant', { ...DAY, year: 'numeric', ...TIME, second: '2-digit' });

/** `9 Apr 2024, 14:03:09.042`. */
export const preciseIn = writer('precise', {
  ...DAY,
  year: 'numeric',
  ...TIME,
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** `2024-04-09`, as date fields of forms want it. */
export const isoDayIn = (at: number | string | Date, zone: string): string => {
  const parts = formatOf('iso', { year: 'numeric', month: '2-digit', day: '2-digit' }, zone).formatToParts(
    new Date(at),
  );
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
};

/** `2024-04-09T14:03`, as fields of forms for a date and a time want it. */
export const localMinuteIn = (at: number | string | Date, zone: string): string =>
  `${isoDayIn(at, zone)}T${minuteIn(at, zone)}`;

const DAY_MS = 86_400_000;

/** By how much the clock of a zone is ahead of UTC, milliseconds, whole minutes. */
const aheadMs = (at: number, zone: string): number =>
  Date.parse(`${localMinuteIn(at, zone)}Z`) - Math.floor(at / 60_000) * 60_000;

/**
 * The instant, in milliseconds since 1970, of a local time to the minute (`2024-04-09T14:03`), as the server reads it: of a time that is there twice the first, of one that clocks jump over as many minutes after the jump. NaN for what is no time.
 */
export const instantOfLocal = (local: string, zone: string): number => {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return Number.NaN;
  const [before, after] = [asUtc - DAY_MS, asUtc + DAY_MS].map((near) => asUtc - aheadMs(near, zone)) as [
    number,
    number,
  ];
  const read = [before, after].filter((at) => localMinuteIn(at, zone) === local);
  return read.length === 0 ? before : Math.min(...read);
};
