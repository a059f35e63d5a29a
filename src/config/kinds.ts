/** The kinds of values that an option can have. A kind parses what stands on a command line, in a variable, or in JSON, and writes it for the reference. */

import { didYouMean } from '../lib/nearest.ts';
import { formatBytes, formatDuration, parseBytes, parseDuration } from './units.ts';

/** A value that cannot be had from what was given. The message completes "<where> ...": "must be ...". */
export class ValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ValueError';
  }
}

/** One kind of value. */
export interface Kind<T> {
  /** For the reference and for `--help`: `<port>`. */
  readonly label: string;
  /** In words, for the reference. */
  readonly describe: string;
  /** Parses a command line's or variable's text, or a value from JSON. Throws ValueError. */
  parse(given: unknown): T;
  format(value: T): string;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

const textOf = (given: unknown, wanted: string): string => {
  if (typeof given === 'string' && given.trim() !== '') return given.trim();
  throw new ValueError(`must be ${wanted}${typeof given === 'string' ? '' : `, not ${jsonName(given)}`}`);
};

const jsonName = (given: unknown): string =>
  given === null ? 'null' : Array.isArray(given) ? 'a list' : `a ${typeof given}`;

const quoted = (given: unknown): string => JSON.stringify(given) ?? String(given);

const inRange = (value: number, { min, max }: Range, format: (value: number) => string): number => {
  if (value >= min && value <= max) return value;
  throw new ValueError(`must be from ${format(min)} to ${format(max)}, not ${format(value)}`);
};

const quantity = (
  label: string,
  wanted: string,
  parseText: (text: string) => number | undefined,
  format: (value: number) => string,
  range: Range,
): Kind<number> => ({
  label,
  describe: `${wanted}, ${format(range.min)} to ${format(range.max)}`,
  parse: (given) => {
    const value =
      typeof given === 'number' ? given : typeof given === 'string' ? parseText(given) : undefined;
    if (value === undefined || !Number.isSafeInteger(value) || value < 0)
      throw new ValueError(`must be ${wanted}, not ${quoted(given)}`);
    return inRange(value, range, format);
  },
  format,
});

/** A whole number within a range. */
export const integer = (label: string, range: Range): Kind<number> =>
  quantity(
    label,
    'a whole number',
    (text) => (/^\d+$/.test(text.trim()) ? Number(text) : undefined),
    String,
    range,
  );

/** Milliseconds; accepts units. */
export const duration = (range: Range): Kind<number> =>
  quantity('<duration>', 'a duration such as "90s", "10min" or "24h"', parseDuration, formatDuration, range);

/** Bytes; accepts units. */
export const bytes = (range: Range): Kind<number> =>
  quantity('<bytes>', 'a size such as "512KiB", "64MiB" or "2GB"', parseBytes, formatBytes, range);

/** Any text but an empty one. */
export const text = (label: string): Kind<string> => ({
  label,
  describe: 'text',
  parse: (given) => textOf(given, 'a text that is not empty'),
  format: (value) => value,
});

/** One of a closed set of names. */
export const choice = <const Name extends string>(names: readonly Name[]): Kind<Name> => ({
  label: `<${names.join('|')}>`,
  describe: `one of ${names.map((name) => `\`${name}\``).join(', ')}`,
  parse: (given) => {
    const found = names.find((name) => name === given);
    if (found !== undefined) return found;
    throw new ValueError(
      `must be one of ${names.join(', ')}, not ${quoted(given)}.${didYouMean(String(given), names)}`,
    );
  },
  format: (value) => value,
});

/** On or off. On a command line, the flag alone turns it on. */
export const toggle: Kind<boolean> = {
  label: '',
  describe: '`true` or `false`; on the command line the flag alone',
  parse: (given) => {
    const word = typeof given === 'string' ? given.trim().toLowerCase() : given;
    if (word === true || word === 'true') return true;
    if (word === false || word === 'false') return false;
    throw new ValueError(`must be true or false, not ${quoted(given)}`);
  },
  format: (value) => (value ? 'on' : 'off'),
};

/** Addresses `host:port`, separated by commas (in JSON also as a list). */
export const addresses: Kind<readonly string[]> = {
  label: '<host:port,...>',
  describe: 'addresses `host:port`, separated by commas; in the file also a list',
  parse: (given) => {
    const parts = Array.isArray(given)
      ? given.map(String)
      : textOf(given, 'addresses "host:port", separated by commas').split(',');
    const trimmed = parts.map((part) => part.trim()).filter((part) => part !== '');
    const bad = trimmed.find((part) => !/^(\[[\da-f:]+\]|[^\s:/]+):\d{1,5}$/i.test(part));
    if (bad !== undefined)
      throw new ValueError(`must be addresses "host:port", separated by commas; ${quoted(bad)} is none`);
    return Object.freeze(trimmed);
  },
  format: (value) => (value.length === 0 ? 'none' : value.join(',')),
};

/** An http or https address without a slash at its end. */
export const httpUrl: Kind<string> = {
  label: '<url>',
  describe: 'an address that begins with http:// or https://',
  parse: (given) => {
    const address = textOf(given, 'an address that begins with http:// or https://');
    if (/^https?:\/\//i.test(address) && URL.canParse(address)) return address.replace(/\/+$/, '');
    throw new ValueError(`must be an address that begins with http:// or https://, not ${quoted(given)}`);
  },
  format: (value) => {
    const url = new URL(value);
    if (url.password !== '') url.password = '***';
    return url.href.replace(/\/+$/, '');
  },
};

/** Either a fixed word or a value of another kind. */
export const either = <const Word extends string, T>(word: Word, kind: Kind<T>): Kind<Word | T> => ({
  label: `<${word}|${kind.label.slice(1)}`,
  describe: `\`${word}\`, or ${kind.describe}`,
  parse: (given) => {
    if (given === word) return word;
    try {
      return kind.parse(given);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new ValueError(`must be "${word}" or else it ${error.message}`);
    }
  },
  format: (value) => (value === word ? word : kind.format(value as T)),
});

/** A value that may be left out. `absent` says what that means. */
export const optional = <T>(kind: Kind<T>, absent: string): Kind<T | undefined> => ({
  ...kind,
  format: (value) => (value === undefined ? absent : kind.format(value)),
});
