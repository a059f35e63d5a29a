import { ImportError } from './row.ts';

/**
 * Date patterns, `DD/MM/YYYY HH:mm`: a small language of letters that stand for parts of a time. Everything else stands for itself; letters
 * that stand for themselves go into brackets, `YYYY-MM-DD[T]HH:mm`. Documented in `docs/import.md`.
 */

/** The parts of a time as a text says them. */
export interface DateParts {
  /** The local time as if it were UTC, milliseconds. */
  readonly localMs: number;
  /** Milliseconds ahead of UTC, when the text has a zone. */
  readonly offsetMs: number | undefined;
}

/** Reads a text by a pattern; a string is why it cannot. */
export type ReadDate = (text: string) => DateParts | string;

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

type Part =
  | 'year'
  | 'shortYear'
  | 'month'
  | 'monthName'
  | 'day'
  | 'hour'
  | 'hour12'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'half'
  | 'zone'
  | 'weekday';

interface TokenRule {
  readonly part: Part;
  readonly pattern: string;
}

const ZONE = 'Z|[+-]\\d{2}(?::?\\d{2})?';

/** Longest first: YYYY before YY. */
const RULES: readonly (readonly [string, TokenRule])[] = [
  ['YYYY', { part: 'year', pattern: '\\d{4}' }],
  ['YY', { part: 'shortYear', pattern: '\\d{2}' }],
  ['MMMM', { part: 'monthName', pattern: '\\p{L}+' }],
  ['MMM', { part: 'monthName', pattern: '\\p{L}+' }],
  ['MM', { part: 'month', pattern: '\\d{2}' }],
  ['M', { part: 'month', pattern: '\\d{1,2}' }],
  ['DD', { part: 'day', pattern: '\\d{2}' }],
  ['D', { part: 'day', pattern: '\\d{1,2}' }],
  ['dddd', { part: 'weekday', pattern: '\\p{L}+' }],
  ['ddd', { part: 'weekday', pattern: '\\p{L}+' }],
  ['HH', { part: 'hour', pattern: '\\d{2}' }],
  ['H', { part: 'hour', pattern: '\\d{1,2}' }],
  ['hh', { part: 'hour12', pattern: '\\d{2}' }],
  ['h', { part: 'hour12', pattern: '\\d{1,2}' }],
  ['mm', { part: 'minute', pattern: '\\d{2}' }],
  ['m', { part: 'minute', pattern: '\\d{1,2}' }],
  ['ss', { part: 'second', pattern: '\\d{2}' }],
  ['s', { part: 'second', pattern: '\\d{1,2}' }],
  ['A', { part: 'half', pattern: '[AaPp]\\.?[Mm]\\.?' }],
  ['a', { part: 'half', pattern: '[AaPp]\\.?[Mm]\\.?' }],
  ['Z', { part: 'zone', pattern: ZONE }],
];

const ruleAt = (pattern: string, at: number): readonly [string, TokenRule] | undefined => {
  const fraction = /^S{1,9}/u.exec(pattern.slice(at))?.[0];
  if (fraction !== undefined) return [fraction, { part: 'fraction', pattern: `\\d{${fraction.length}}` }];
  return RULES.find(([token]) => pattern.startsWith(token, at));
};

const escapeLiteral = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');

/**
 * Compiles a pattern. Throws ImportError for a pattern without a day, with a part twice, or with letters that mean nothing.
 *
 * @example compileDatePattern('DD/MM/YYYY HH:mm')('01/12/2010 08:26') // { localMs: 1291191960000, offsetMs: undefined }
 */
export const compileDatePattern = (pattern: string): ReadDate => {
  const { source, parts } = tokensOf(pattern);
  checkParts(pattern, parts);
  const expression = new RegExp(`^${source}$`, 'u');
  return (text) => {
    const match = expression.exec(text.trim());
    if (match === null) return `it does not have the form ${pattern}`;
    const found: Partial<Record<Part, string>> = {};
    parts.forEach((part, index) => {
      found[part] = match[index + 1] ?? '';
    });
    return assemble(found);
  };
};

const tokensOf = (pattern: string): { source: string; parts: Part[] } => {
  const parts: Part[] = [];
  let source = '';
  let at = 0;
  while (at < pattern.length) {
    const literal = /^\[([^\]]*)\]/u.exec(pattern.slice(at));
    const rule = ruleAt(pattern, at);
    if (literal !== null) {
      source += escapeLiteral(literal[1] ?? '');
      at += literal[0].length;
    } else if (rule !== undefined) {
      const [token, { part, pattern: form }] = rule;
      if (parts.includes(part))
        throw patternError(pattern, `has ${token} where the ${part} is already given`);
      parts.push(part);
      source += `(${form})`;
      at += token.length;
    } else {
      const character = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
      if (/\p{L}/u.test(character))
        throw patternError(pattern, `has a letter "${character}" that means nothing`);
      source += character === ' ' ? '\\s+' : escapeLiteral(character);
      at += character.length;
    }
  }
  return { source, parts };
};

const patternError = (pattern: string, what: string): ImportError =>
  new ImportError(
    `The date format "${pattern}" ${what}. Parts: YYYY YY MMMM MMM MM M DD D dddd ddd HH H hh h mm m ss s SSS A Z; other letters go into brackets, for example YYYY-MM-DD[T]HH:mm.`,
  );

const checkParts = (pattern: string, parts: readonly Part[]): void => {
  const has = (...some: Part[]): boolean => some.some((part) => parts.includes(part));
  if (!has('year', 'shortYear') || !has('month', 'monthName') || !has('day')) {
    throw patternError(pattern, 'needs a year, a month and a day');
  }
  for (const [a, b] of [
    ['year', 'shortYear'],
    ['month', 'monthName'],
    ['hour', 'hour12'],
  ] as const) {
    if (has(a) && has(b)) throw patternError(pattern, `gives the ${a} twice`);
  }
  if (has('hour12') !== has('half')) throw patternError(pattern, 'needs both h and A (AM or PM), or H');
};

const assemble = (found: Partial<Record<Part, string>>): DateParts | string => {
  const year = found.year === undefined ? fullYear(Number(found.shortYear)) : Number(found.year);
  const month = found.monthName === undefined ? Number(found.month) : monthOf(found.monthName);
  if (month === undefined) return `"${found.monthName}" is not the English name of a month`;
  const hour = hourOf(found);
  if (hour === undefined) return 'the hour is not between 1 and 12';
  const ms = Number((found.fraction ?? '0').padEnd(3, '0').slice(0, 3));
  const offsetMs = found.zone === undefined ? undefined : zoneOffset(found.zone);
  return civilTime(
    {
      year,
      month,
      day: Number(found.day),
      hour,
      minute: Number(found.minute ?? 0),
      second: Number(found.second ?? 0),
      ms,
    },
    offsetMs,
  );
};

/** 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068 (POSIX strptime). */
const fullYear = (short: number): number => (short >= 69 ? 1900 + short : 2000 + short);

const monthOf = (name: string): number | undefined => {
  const wanted = name.toLowerCase();
  const found = MONTHS.findIndex(
    (month) =>
      month === wanted ||
      (wanted.length >= 3 && month.startsWith(wanted)) ||
      (month === 'september' && wanted === 'sept'),
  );
  return found < 0 ? undefined : found + 1;
};

const hourOf = (found: Partial<Record<Part, string>>): number | undefined => {
  if (found.hour12 === undefined) return Number(found.hour ?? 0);
  const hour = Number(found.hour12);
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (found.half?.toLowerCase().startsWith('p') === true ? 12 : 0);
};

/** Milliseconds that `Z`, `+02`, `+0200` or `+02:00` is ahead of UTC. */
export const zoneOffset = (zone: string): number => {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
};

/** The parts of a time as numbers. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
}

/** Checks that there is such a time. Second 60 (a leap second) is the first of the next minute; 24:00 is the next day. */
export const civilTime = (time: CivilTime, offsetMs: number | undefined): DateParts | string => {
  const { year, month, day, hour, minute, second, ms } = time;
  const midnight = hour === 24 && minute === 0 && second === 0 && ms === 0;
  if (month < 1 || month > 12) return `there is no month ${month}`;
  if (day < 1 || day > daysIn(year, month)) return `there is no day ${day} in that month`;
  if ((hour > 23 && !midnight) || minute > 59 || second > 60) return 'there is no such time of day';
  if (offsetMs !== undefined && Math.abs(offsetMs) >= 86_400_000) return 'there is no such zone offset';
  return {
    localMs: midnightOf(year, month, day) + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms,
    offsetMs,
  };
};

/** Date.UTC takes the years 0 to 99 for 1900 to 1999. */
const midnightOf = (year: number, month: number, day: number): number =>
  year < 100 ? new Date(0).setUTCFullYear(year, month - 1, day) : Date.UTC(year, month - 1, day);

const daysIn = (year: number, month: number): number => {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
};
