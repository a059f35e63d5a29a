import { didYouMean } from '../lib/nearest.ts';
import { ImportError } from './row.ts';

/**
 * Local times of a time zone to instants, by the zone data of the runtime (Intl). A local time that a clock change skips counts as if the clock had not been changed yet, so
 * 01:30 in the gap of Europe/London becomes 02:30 summer time; of a local time that occurs twice the first is taken. (Both as in java.time and
 * Temporal's "compatible".)
 */
export interface TimeZone {
  readonly name: string;
  /** Milliseconds since the epoch of a local time, itself given as if it were UTC. */
  instantOf(localMs: number): number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Between two full hours of UTC with the same offset there is no change: what is remembered for the hours answers nearly every question. */
const HOUR_MS = 60 * MINUTE_MS;
/** Hours remembered: eight years. Bounds memory; files that wander further pay for it in speed. */
const HOURS_MAX = 70_000;

const FIXED = /^(?:UTC|GMT|Z)?([+-])(\d{1,2})(?::?(\d{2}))?$/u;

/** A zone by IANA name (`Europe/London`), `UTC`, `local` for the machine's own, or a fixed offset (`+02:00`). Throws ImportError for anything else. */
export const timeZone = (name: string): TimeZone => {
  if (/^(?:UTC|GMT|Z)$/iu.test(name)) return fixedZone('UTC', 0);
  const fixed = FIXED.exec(name);
  if (fixed !== null) {
    const [, sign, hours, minutes = '0'] = fixed;
    const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
    if (Number(hours) > 23 || Number(minutes) > 59)
      throw new ImportError(`There is no time zone offset "${name}".`);
    return fixedZone(name, sign === '-' ? -offset : offset);
  }
  return ruledZone(name === 'local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : name);
};

const fixedZone = (name: string, offsetMs: number): TimeZone => ({
  name,
  instantOf: (localMs) => localMs - offsetMs,
});

const ruledZone = (name: string): TimeZone => {
  const offsetAt = offsetsOf(name);
  return {
    name,
    instantOf: (localMs) => {
      const before = offsetAt(localMs - DAY_MS);
      const after = offsetAt(localMs + DAY_MS);
      if (before === after) return localMs - before;
      if (offsetAt(localMs - before) === before) return localMs - before;
      return offsetAt(localMs - after) === after ? localMs - after : localMs - before;
    },
  };
};

/** The offset of a zone at an instant, milliseconds ahead of UTC. Changes at odd times are found, too: Newfoundland changed its clocks at a minute past midnight. */
const offsetsOf = (name: string): ((instantMs: number) => number) => {
  const format = formatOf(name);
  const known = new Map<number, number>();
  const offsetOfHour = (hour: number): number => {
    const found = known.get(hour);
    if (found !== undefined) return found;
    if (known.size >= HOURS_MAX) known.clear();
    const offset = localOf(format, hour * HOUR_MS) - hour * HOUR_MS;
    known.set(hour, offset);
    return offset;
  };
  return (instantMs) => {
    const hour = Math.floor(instantMs / HOUR_MS);
    const offset = offsetOfHour(hour);
    if (offsetOfHour(hour + 1) === offset) return offset;
    const second = Math.floor(instantMs / 1000) * 1000;
    return localOf(format, second) - second;
  };
};

const formatOf = (name: string): Intl.DateTimeFormat => {
  const parts = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const;
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'iso8601',
      hourCycle: 'h23',
      era: 'short',
      ...parts,
    });
  } catch (error) {
    const near = didYouMean(name, Intl.supportedValuesOf('timeZone'));
    throw new ImportError(
      `There is no time zone "${name}".${near} Use an IANA name such as Europe/London, or UTC.`,
      { cause: error },
    );
  }
};

/** The local time at an instant, as if it were UTC. */
const localOf = (format: Intl.DateTimeFormat, instantMs: number): number => {
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instantMs)) parts[type] = value;
  const part = (type: string): number => Number(parts[type]);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
};
