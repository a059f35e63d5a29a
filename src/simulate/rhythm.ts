import { COUNTRIES, type Country } from './shop.ts';
import { Weighted } from './random.ts';

/** How many people are about at what time: by hour of the day and day of the week where they live, in standard time all year. */

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
/** 1970 began on a Thursday: hours from the Monday before. */
const EPOCH_WEEK_HOURS = 72;

/** Activity by local hour from midnight. */
const BY_HOUR = [
  22, 13, 8, 6, 6, 10, 22, 42, 62, 74, 80, 84, 88, 84, 80, 80, 82, 88, 96, 108, 116, 112, 82, 46,
];
/** Activity by day from Monday. */
const BY_DAY = [1, 0.97, 0.96, 1, 0.94, 1.08, 1.2];

const activityAt = (weekHour: number): number => {
  const hour = ((Math.floor(weekHour) % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
  return (BY_HOUR[hour % 24] ?? 0) * (BY_DAY[Math.floor(hour / 24)] ?? 0);
};

interface Hour {
  /** Of the mean of the week. */
  readonly level: number;
  readonly countries: Weighted<Country>;
}

const hourOfWeek = (utcHour: number): Hour => {
  const entries = COUNTRIES.map(
    ([country, share]) => [country, share * activityAt(utcHour + country.zoneHours)] as const,
  );
  return { level: entries.reduce((sum, [, weight]) => sum + weight, 0), countries: new Weighted(entries) };
};

const hours: readonly Hour[] = (() => {
  const raw = Array.from({ length: WEEK_HOURS }, (_, hour) => hourOfWeek(hour));
  const mean = raw.reduce((sum, { level }) => sum + level, 0) / WEEK_HOURS;
  return raw.map(({ level, countries }) => ({ level: level / mean, countries }));
})();

const hourAt = (atMs: number): Hour =>
  hours[(Math.floor(atMs / HOUR_MS) + EPOCH_WEEK_HOURS) % WEEK_HOURS] as Hour;

/** Traffic at a time (milliseconds since 1970) compared with the mean of a week, which is 1. */
export const trafficLevel = (atMs: number): number => hourAt(atMs).level;

/** The countries of those who come at this time. */
export const countriesAt = (atMs: number): Weighted<Country> => hourAt(atMs).countries;
