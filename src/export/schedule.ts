import { type ExportSchedule, WEEK_DAYS } from '../contract/exports.ts';

/** When exports run. Days, weeks and months are those of a zone: a time that a day does not have comes as much later as the clocks were moved, one that it has twice counts once, the first time. */

const zonedOf = (ms: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);

/** The first run after an instant. */
export const nextDue = (schedule: ExportSchedule, afterMs: number): number => {
  if (schedule.every === 'hour') return nextMinute(schedule, afterMs);
  const date = zonedOf(afterMs, schedule.timezone).toPlainDate();
  const runs = PERIODS.map((periods) => runOf(schedule, date, periods));
  return runs.find((ms) => ms > afterMs) ?? Number.POSITIVE_INFINITY;
};

/** The last run at an instant or before it. */
export const lastDue = (schedule: ExportSchedule, nowMs: number): number => {
  let dueMs = nextDue(schedule, nowMs - LOOK_BACK_MS[schedule.every]);
  for (let next = dueMs; next <= nowMs; next = nextDue(schedule, next)) dueMs = next;
  return dueMs;
};

const MINUTE_MS = 60_000;
const MINUTES = 60;
const HOUR_MS = MINUTES * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Longer than any two runs are apart. */
const LOOK_BACK_MS = { hour: 3 * HOUR_MS, day: 3 * DAY_MS, week: 9 * DAY_MS, month: 63 * DAY_MS } as const;
/** Periods around that of a day: one of them begins behind it, whatever was left out. */
const PERIODS = [-1, 0, 1, 2] as const;

type Hourly = Extract<ExportSchedule, { every: 'hour' }>;

/** When the clock of the zone shows the minute next. Where clocks are moved in between, minute by minute. */
const nextMinute = ({ minute, timezone }: Hourly, afterMs: number): number => {
  const firstMs = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  const first = zonedOf(firstMs, timezone);
  const dueMs = firstMs + ((minute - first.minute + MINUTES) % MINUTES) * MINUTE_MS;
  if (zonedOf(dueMs, timezone).offsetNanoseconds === first.offsetNanoseconds) return dueMs;
  for (let ms = firstMs; ; ms += MINUTE_MS) if (zonedOf(ms, timezone).minute === minute) return ms;
};

type ByDay = Exclude<ExportSchedule, Hourly>;

/** The run in the period so many behind that of a day. */
const runOf = (schedule: ByDay, date: Temporal.PlainDate, periods: number): number =>
  dayOf(schedule, date, periods).toZonedDateTime({
    timeZone: schedule.timezone,
    plainTime: Temporal.PlainTime.from(schedule.at),
  }).epochMilliseconds;

const WEEK_LENGTH = 7;

const dayOf = (schedule: ByDay, date: Temporal.PlainDate, periods: number): Temporal.PlainDate => {
  switch (schedule.every) {
    case 'day':
      return date.add({ days: periods });
    case 'week':
      return date.add({ days: WEEK_DAYS.indexOf(schedule.on) + 1 - date.dayOfWeek + periods * WEEK_LENGTH });
    case 'month':
      return date.with({ day: 1 }).add({ months: periods }).with({ day: schedule.day });
  }
};
