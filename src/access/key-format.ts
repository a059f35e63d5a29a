import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Scope } from './permissions.ts';

/**
 * What a key looks like: `aev_<kind>_<27 characters><6 characters>`, base 62. The 27 are 160 random bits, the 6 a CRC-32 of all before them, so that a
 * mistyped key is told apart from an unknown one, and so that secret scanners can recognise keys with certainty (as GitHub's tokens).
 */

/** The usual kinds of keys, and their scopes. */
export const KEY_KINDS = {
  write: { scopes: ['ingest'] },
  read: { scopes: ['read'] },
  admin: { scopes: ['ingest', 'read', 'admin'] },
} as const satisfies Record<string, { scopes: readonly Scope[] }>;

export type KeyKind = keyof typeof KEY_KINDS;

/** What the letter in a key says at a glance: `a` administers, `w` only sends events, `r` only reads, `m` does both. */
const letterOf = (scopes: readonly Scope[]): string => {
  if (scopes.includes('admin')) return 'a';
  if (!scopes.includes('ingest')) return 'r';
  return scopes.length === 1 ? 'w' : 'm';
};

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = 62n;
const RANDOM_BYTES = 20;
const RANDOM_DIGITS = 27;
const CHECK_DIGITS = 6;
/** Of a made key this much is shown in lists: the kind and six random characters (35 of 160 bits). */
const PREFIX_CHARACTERS = 12;
/** Of a preset key, which may be short, this much is shown. */
const PRESET_PREFIX_CHARACTERS = 4;
/** A preset key shorter than this could be guessed. */
export const PRESET_KEY_LENGTH_MIN = 16;
const ID_DIGITS = 12;
/** Longer ones are not looked up. */
export const KEY_LENGTH_MAX = 256;

/** The letter of tokens of share links, which are no keys. */
const SHARE_LETTER = 's';
const PATTERN = /^aev_[wrams]_[0-9A-Za-z]{33}$/;
/** What a header can carry without quoting: no spaces, no colon (Basic authentication ends the user name there). */
const PRESET_PATTERN = /^[!-9;-~]+$/;

const base62 = (value: bigint, digits: number): string => {
  let text = '';
  for (let rest = value; text.length < digits; rest /= BASE)
    text = ALPHABET.charAt(Number(rest % BASE)) + text;
  return text;
};

const checkOf = (text: string): string => base62(BigInt(crc32(text)), CHECK_DIGITS);

const makeSecret = (letter: string): string => {
  const random = BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`);
  const text = `aev_${letter}_${base62(random, RANDOM_DIGITS)}`;
  return text + checkOf(text);
};

/** Makes a key from the system's randomness. */
export const makeKey = (scopes: readonly Scope[]): string => makeSecret(letterOf(scopes));

/** Makes the token of a share link: as a key, but none. */
export const makeShareToken = (): string => makeSecret(SHARE_LETTER);

/** Whether a text is the token of a share link, as far as its form says. */
export const isShareToken = (text: string): boolean =>
  text.startsWith(`aev_${SHARE_LETTER}_`) && isMadeKey(text);

/** Whether a text is a key as `makeKey` makes them, checksum included. */
export const isMadeKey = (text: string): boolean =>
  PATTERN.test(text) && checkOf(text.slice(0, -CHECK_DIGITS)) === text.slice(-CHECK_DIGITS);

/** Whether a text begins like a made key but cannot be one: mistyped or cut off. */
export const isMistypedKey = (text: string): boolean => text.startsWith('aev_') && !isMadeKey(text);

/** What is wrong with a key that the configuration presets; undefined if nothing. */
export const presetProblem = (key: string): string | undefined => {
  if (isMistypedKey(key))
    return 'it begins like a key of this program but its checksum is wrong: it was mistyped or cut off';
  if (key.length < PRESET_KEY_LENGTH_MIN) return `it needs at least ${PRESET_KEY_LENGTH_MIN} characters`;
  if (key.length > KEY_LENGTH_MAX) return `it may have at most ${KEY_LENGTH_MAX} characters`;
  if (!PRESET_PATTERN.test(key)) return 'it may hold only visible ASCII characters, and no colon';
  return undefined;
};

/** The beginning of a key, for lists and logs. Gives away too little to guess the rest. */
export const prefixOf = (key: string): string =>
  key.slice(0, isMadeKey(key) ? PREFIX_CHARACTERS : PRESET_PREFIX_CHARACTERS);

/** SHA-256 of a key, lower-case hex. Made keys carry 160 random bits, so a slow hash would protect nothing more. */
export const hashKey = (key: string): string => hash('sha256', key, 'hex');

/** Public name of a key: the first 48 bits of its hash. */
export const keyIdOf = (key: string): string => `key_${hashKey(key).slice(0, ID_DIGITS)}`;
