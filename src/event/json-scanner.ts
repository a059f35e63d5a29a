import { byteAt, viewOf } from './layout.ts';

/**
 * A strict scanner of RFC 8259 over bytes that are known to be UTF-8. It finds where values end and judges them; it makes nothing. It notes (`care`) what
 * readers of JSON are known to disagree about, so that whoever keeps the bytes can rewrite them (`rewrite-json.ts`), which is seldom needed.
 */

/** What a scanned value is. A string without escapes is its own bytes. */
export const KIND = {
  absent: 0,
  string: 1,
  escaped: 2,
  number: 3,
  boolean: 4,
  null: 5,
  object: 6,
  array: 7,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** How to call each kind in a message. */
export const KIND_NAMES: readonly string[] = [
  'nothing',
  'a string',
  'a string',
  'a number',
  'a boolean',
  'null',
  'an object',
  'an array',
];

/** ASCII codes of JSON's signs. */
export const CH = {
  tab: 0x09,
  newline: 0x0a,
  return: 0x0d,
  space: 0x20,
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  upperE: 0x45,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  b: 0x62,
  e: 0x65,
  f: 0x66,
  n: 0x6e,
  r: 0x72,
  t: 0x74,
  u: 0x75,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/** A body that is not JSON: where, and what was expected. The only error of the scanner. */
export class JsonSyntaxError extends Error {
  /** Offset of the offending byte in the body, from 0. */
  readonly byteOffset: number;
  /** Line and column of the offending character, both from 1; columns count characters. */
  readonly line: number;
  readonly column: number;

  constructor(problem: string, bytes: Uint8Array, byteOffset: number) {
    const { line, column } = placeOf(bytes, byteOffset);
    super(`${problem} at line ${line}, column ${column} (byte ${byteOffset}).`);
    this.name = 'JsonSyntaxError';
    this.byteOffset = byteOffset;
    this.line = line;
    this.column = column;
  }
}

const placeOf = (bytes: Uint8Array, offset: number): { line: number; column: number } => {
  let line = 1;
  let column = 1;
  for (let at = 0; at < offset; at++) {
    const byte = byteAt(bytes, at);
    if (byte === CH.newline) {
      line++;
      column = 1;
    } else if ((byte & 0xc0) !== 0x80) column++;
  }
  return { line, column };
};

/** Value of a hexadecimal digit, or -1. */
export const hexDigit = (byte: number): number => {
  if (byte >= CH.zero && byte <= CH.nine) return byte - CH.zero;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

/** One step of the hash of a key's bytes. Seeded with the hash of what comes before. */
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

/** Hash of no bytes. */
export const HASH_SEED = 0x811c9dc5 | 0;

/** Hash of whole bytes, as the scanner makes it of a key. */
export const hashOf = (bytes: Uint8Array, seed = HASH_SEED): number => {
  let hash = seed;
  for (const byte of bytes) hash = hashStep(hash, byte);
  return hash;
};

/** Keys of one object that are compared pairwise; an object with more is left to the rewriter, which finds duplicates in linear time. */
export const KEYS_COMPARED_MAX = 32;
/** Levels whose keys are compared; what lies deeper is left to the rewriter. */
const LEVELS_COMPARED_MAX = 64;
/** Integers of fewer digits fit into 64 bits. */
const SAFE_DIGITS = 19;
/** With fewer digits than those before the point, an exponent of this many keeps a number in the range of a double. */
const SAFE_EXPONENT_DIGITS = 2;
const WORD_BYTES = 4;
/** A sign in each byte of a word. */
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const SPACES = 0x20202020;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
/** The last four letters of each literal, as a word. */
const TRUE_TAIL = 0x65757274;
const FALSE_TAIL = 0x65736c61;
const NULL_TAIL = 0x6c6c756e;
const STACK_BYTES = 256;
const NO_BYTES = new Uint8Array(0);
const NO_VIEW = viewOf(NO_BYTES);
/** A stack that grew beyond this is given back. */
const STACK_KEPT_BYTES_MAX = 64 * 1024;

const isStringEnd = (byte: number): boolean => byte < CH.space || byte === CH.quote || byte === CH.backslash;

/** Places of one object that have a guess of their own: the members up to this number; all further share the last. */
export const SITES_PER_OBJECT = 16;
/** Objects that have sites: see `firstSiteOf`. */
const OBJECTS_WITH_SITES = 32;
/** Levels of unknown objects that have sites; deeper ones share the last. They come before the sites of known objects. */
const LEVELS_WITH_SITES = 8;
/** Keys of more bytes, quotes and colon included, are not guessed. */
const GUESS_BYTES_MAX = 52;
/**
 * Numbers kept of a guess, the key found last at a site: its size from quote to colon (0: no guess), its hash, its last word (which may overlap the one
 * before), and its other words.
 */
const GUESS_NUMBERS = 16;
const GUESS_HASH = 1;
const GUESS_LAST = 2;
const GUESS_WORDS = 3;

/** The site of the first member of a known object, given the object's number (0 .. 23). The next members' follow it, up to `SITES_PER_OBJECT`. */
export const firstSiteOf = (object: number): number => (LEVELS_WITH_SITES + object) * SITES_PER_OBJECT;

/** Number of sites: what is kept by site has this length. */
export const SITES = OBJECTS_WITH_SITES * SITES_PER_OBJECT;

/** Scans one body at a time: `open` it, then call the methods with offsets into it. Each returns the offset after what it scanned, or throws JsonSyntaxError. */
export class JsonScanner {
  bytes: Uint8Array = NO_BYTES;
  end = 0;
  /** Kind of the value last scanned. */
  kind: Kind = KIND.absent;
  /** Hash of the key last scanned, and whether it holds escapes (then the hash is none). */
  keyHash = 0;
  keyEscaped = false;
  /** Something was seen that readers of JSON disagree about: duplicate or escaped keys, lone surrogates, numbers beyond double or 64 bits. Reset by the user. */
  care = false;
  /** Levels of containers around what is scanned next: set by the user. */
  base = 0;
  /** Deepest level of containers seen, `base` included. Reset by the user. */
  depth = 0;
  /** Offset of the closing quote of the key last scanned. */
  keyEnd = 0;

  /** Whether that key is the same as the last time at its site. */
  keyGuessed = false;
  #view = NO_VIEW;
  readonly #guesses = new Int32Array(SITES * GUESS_NUMBERS);
  #stack = new Uint8Array(STACK_BYTES);
  #height = 0;
  readonly #keyCounts = new Uint8Array(LEVELS_COMPARED_MAX + 1);
  readonly #keyHashes = new Int32Array((LEVELS_COMPARED_MAX + 1) * KEYS_COMPARED_MAX);

  /** Lets go of the body. */
  close(): void {
    this.bytes = NO_BYTES;
    this.end = 0;
    this.#view = NO_VIEW;
  }

  /** Begins a body. */
  open(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.end = bytes.length;
    this.#view = viewOf(bytes);
    if (this.#stack.length > STACK_KEPT_BYTES_MAX) this.#stack = new Uint8Array(STACK_BYTES);
  }

  /** Skips white space. */
  space(start: number): number {
    const { bytes, end } = this;
    let at = start;
    while (at < end) {
      const byte = bytes[at] as number;
      if (
        byte > CH.space ||
        (byte !== CH.space && byte !== CH.newline && byte !== CH.return && byte !== CH.tab)
      )
        break;
      at++;
    }
    return at;
  }

  /** Scans a value of any kind and sets `kind`. */
  value(at: number): number {
    const byte = at < this.end ? (this.bytes[at] as number) : -1;
    if (byte === CH.quote) return this.string(at);
    if (byte === CH.openObject || byte === CH.openArray) {
      const end = this.#container(at);
      this.kind = byte === CH.openObject ? KIND.object : KIND.array;
      return end;
    }
    return this.#plain(at, byte);
  }

  /** Scans a string from its opening quote and sets `kind`. */
  string(start: number): number {
    const at = this.#plainEnd(start + 1);
    const byte = at < this.end ? (this.bytes[at] as number) : -1;
    if (byte === CH.quote) {
      this.kind = KIND.string;
      return at + 1;
    }
    if (byte === CH.backslash) return this.#escapedString(at);
    throw byte < 0 ? this.error(at, 'a closing quote') : this.#controlError(at);
  }

  /**
   * Offset of the first quote, backslash or control character from `start` on, or the end. Looks at four bytes at a time: for each byte of a word `x`, `(x - n) & ~x
   * & 0x80` is set when the byte is below `n` (Warren, "Hacker's Delight", 6-1). A borrow can set it wrongly, but only above a byte that has it
   * rightly, so the lowest is always right.
   */
  #plainEnd(start: number): number {
    const view = this.#view;
    const last = this.end - WORD_BYTES;
    let at = start;
    while (at <= last) {
      const word = view.getInt32(at, true);
      const quotes = word ^ QUOTES;
      const slashes = word ^ BACKSLASHES;
      const ends =
        (((word - SPACES) & ~word) | ((quotes - ONES) & ~quotes) | ((slashes - ONES) & ~slashes)) & HIGH_BITS;
      if (ends !== 0) return at + ((31 - Math.clz32(ends & -ends)) >> 3);
      at += WORD_BYTES;
    }
    while (at < this.end && !isStringEnd(byteAt(this.bytes, at))) at++;
    return at;
  }

  /**
   * Scans a key, its colon and the space around it; returns where the value begins. Sets `keyHash`, seeded with `seed`, `keyEnd` and `keyGuessed`.
   *
   * Events of one sender look alike, so the key found last at the same `site` (a place such as "third member of context") is tried first: comparing words is
   * several times faster than hashing bytes. A site must always be used with the same seed.
   */
  key(start: number, seed: number, site: number): number {
    const guesses = this.#guesses;
    const guess = site * GUESS_NUMBERS;
    const size = guesses[guess] as number;
    if (size > 0 && this.#isGuess(guess, start, size)) {
      this.keyHash = guesses[guess + GUESS_HASH] as number;
      this.keyEscaped = false;
      this.keyGuessed = true;
      const at = start + size;
      this.keyEnd = at - 2;
      return at < this.end && (this.bytes[at] as number) <= CH.space ? this.space(at) : at;
    }
    this.keyGuessed = false;
    const valueStart = this.#unknownKey(start, seed);
    this.#learn(guess, start);
    return valueStart;
  }

  #isGuess(guess: number, start: number, size: number): boolean {
    const last = start + size - WORD_BYTES;
    if (last + WORD_BYTES > this.end) return false;
    const view = this.#view;
    const guesses = this.#guesses;
    if (view.getInt32(last, true) !== guesses[guess + GUESS_LAST]) return false;
    for (let at = start, word = guess + GUESS_WORDS; at < last; at += WORD_BYTES, word++)
      if (view.getInt32(at, true) !== guesses[word]) return false;
    return true;
  }

  /** Remembers the key last scanned, when its colon follows at once. */
  #learn(guess: number, start: number): void {
    const guesses = this.#guesses;
    const end = this.keyEnd + 2;
    const last = end - WORD_BYTES;
    guesses[guess] = 0;
    if (this.keyEscaped || this.bytes[end - 1] !== CH.colon || last < start || end - start > GUESS_BYTES_MAX)
      return;
    const view = this.#view;
    guesses[guess] = end - start;
    guesses[guess + GUESS_HASH] = this.keyHash;
    guesses[guess + GUESS_LAST] = view.getInt32(last, true);
    for (let at = start, word = guess + GUESS_WORDS; at < last; at += WORD_BYTES, word++)
      guesses[word] = view.getInt32(at, true);
  }

  #unknownKey(start: number, seed: number): number {
    const { bytes, end } = this;
    if (start >= end || bytes[start] !== CH.quote) throw this.error(start, 'a key in quotes');
    let hash = seed;
    this.keyEscaped = false;
    for (let at = start + 1; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === CH.quote) {
        this.keyHash = hash;
        return this.#colon(at);
      }
      if (byte === CH.backslash) return this.#escapedKey(at);
      if (byte < CH.space) throw this.#controlError(at);
      hash = hashStep(hash, byte);
    }
    throw this.error(end, 'a closing quote');
  }

  #escapedKey(at: number): number {
    const end = this.#escapedString(at);
    this.keyEscaped = true;
    this.care = true;
    this.keyHash = 0;
    return this.#colon(end - 1);
  }

  #colon(quote: number): number {
    const { bytes, end } = this;
    this.keyEnd = quote;
    let at = quote + 1;
    if (at >= end || bytes[at] !== CH.colon) {
      at = this.space(at);
      if (at >= end || bytes[at] !== CH.colon) throw this.error(at, '":"');
    }
    at++;
    return at < end && (bytes[at] as number) <= CH.space ? this.space(at) : at;
  }

  /** The rest of a string, from its first backslash on. */
  #escapedString(start: number): number {
    const { bytes, end } = this;
    let at = start;
    while (at < end) {
      const byte = bytes[at] as number;
      if (byte === CH.quote) {
        this.kind = KIND.escaped;
        return at + 1;
      }
      if (byte < CH.space) throw this.#controlError(at);
      at = byte === CH.backslash ? this.#escape(at) : at + 1;
    }
    throw this.error(end, 'a closing quote');
  }

  /** One escape sequence (a pair of surrogates is one), from its backslash on. */
  #escape(start: number): number {
    const sign = start + 1 < this.end ? byteAt(this.bytes, start + 1) : -1;
    switch (sign) {
      case CH.quote:
      case CH.backslash:
      case CH.slash:
      case CH.b:
      case CH.f:
      case CH.n:
      case CH.r:
      case CH.t:
        return start + 2;
      case CH.u:
        return this.#unicodeEscape(start);
      default:
        throw this.error(start + 1, 'one of " \\ / b f n r t u after a backslash');
    }
  }

  #unicodeEscape(start: number): number {
    const unit = this.#codeUnit(start);
    const at = start + 6;
    if (unit < 0xd800 || unit > 0xdfff) return at;
    const { bytes, end } = this;
    if (unit < 0xdc00 && at + 1 < end && bytes[at] === CH.backslash && bytes[at + 1] === CH.u) {
      const low = this.#codeUnit(at);
      if (low >= 0xdc00 && low <= 0xdfff) return at + 6;
    }
    this.care = true;
    return at;
  }

  #codeUnit(start: number): number {
    let unit = 0;
    for (let at = start + 2; at < start + 6; at++) {
      const digit = at < this.end ? hexDigit(byteAt(this.bytes, at)) : -1;
      if (digit < 0) throw this.error(at, 'four hexadecimal digits after \\u');
      unit = unit * 16 + digit;
    }
    return unit;
  }

  /** Literals and numbers. */
  #plain(at: number, first: number): number {
    switch (first) {
      case CH.t:
        this.kind = KIND.boolean;
        return this.#literal(at, 'true', TRUE_TAIL);
      case CH.f:
        this.kind = KIND.boolean;
        return this.#literal(at, 'false', FALSE_TAIL);
      case CH.n:
        this.kind = KIND.null;
        return this.#literal(at, 'null', NULL_TAIL);
      default:
        if (first !== CH.minus && (first < CH.zero || first > CH.nine)) throw this.error(at, 'a value');
        this.kind = KIND.number;
        return this.#number(at);
    }
  }

  #literal(start: number, word: string, tail: number): number {
    const last = start + word.length - WORD_BYTES;
    if (last + WORD_BYTES <= this.end && this.#view.getInt32(last, true) === tail) return last + WORD_BYTES;
    for (let index = 1; index < word.length; index++) {
      const at = start + index;
      if (at >= this.end || byteAt(this.bytes, at) !== word.charCodeAt(index)) throw this.error(at, word);
    }
    return start + word.length;
  }

  #number(start: number): number {
    const { bytes, end } = this;
    let at = bytes[start] === CH.minus ? start + 1 : start;
    const digits = at;
    if (at < end && bytes[at] === CH.zero) at++;
    else at = this.#digits(at);
    if (at - digits >= SAFE_DIGITS) this.care = true;
    if (at >= end) return at;
    if (bytes[at] === CH.dot) at = this.#digits(at + 1);
    if (at < end && ((bytes[at] as number) | 0x20) === CH.e) {
      at++;
      if (at < end && (bytes[at] === CH.plus || bytes[at] === CH.minus)) at++;
      const exponent = at;
      at = this.#digits(at);
      if (at - exponent > SAFE_EXPONENT_DIGITS) this.care = true;
    }
    return at;
  }

  /** One or more digits. */
  #digits(start: number): number {
    const { bytes, end } = this;
    let at = start;
    while (at < end && (bytes[at] as number) >= CH.zero && (bytes[at] as number) <= CH.nine) at++;
    if (at === start) throw this.error(at, 'a digit');
    return at;
  }

  /** An object or array with all that is in it. Without recursion: depth costs a byte a level, not stack. */
  #container(start: number): number {
    const bytes = this.bytes;
    this.#height = 0;
    let at = start;
    for (;;) {
      const open = bytes[at] as number;
      this.#push(open);
      at = this.space(at + 1);
      const empty = at < this.end && bytes[at] === open + 2;
      if (empty) at = this.#after(at);
      else if (open === CH.openObject) at = this.#member(at);
      if (this.#height === 0) return at;
      while (at >= this.end || (bytes[at] !== CH.openObject && bytes[at] !== CH.openArray)) {
        const byte = at < this.end ? (bytes[at] as number) : -1;
        at = this.#after(byte === CH.quote ? this.string(at) : this.#plain(at, byte));
        if (this.#height === 0) return at;
      }
    }
  }

  /** After a value within a container: closes what closes, up to the next value. */
  #after(start: number): number {
    const { bytes, end } = this;
    let at = start;
    for (;;) {
      if (at < end && (bytes[at] as number) <= CH.space) at = this.space(at);
      const byte = at < end ? (bytes[at] as number) : -1;
      const open = this.#stack[this.#height - 1] as number;
      if (byte === CH.comma) {
        at = this.space(at + 1);
        return open === CH.openObject ? this.#member(at) : at;
      }
      if (byte !== open + 2) throw this.error(at, open === CH.openObject ? '"," or "}"' : '"," or "]"');
      at++;
      if (--this.#height === 0) return at;
    }
  }

  #member(start: number): number {
    const level = this.#height;
    const member =
      level < LEVELS_WITH_SITES ? Math.min(this.#keyCounts[level] as number, SITES_PER_OBJECT - 1) : 0;
    const at = this.key(start, HASH_SEED, Math.min(level, LEVELS_WITH_SITES - 1) * SITES_PER_OBJECT + member);
    if (this.#height > LEVELS_COMPARED_MAX) this.care = true;
    else if (!this.keyEscaped) this.#noteKey();
    return at;
  }

  #noteKey(): void {
    const level = this.#height;
    const count = this.#keyCounts[level] as number;
    const base = level * KEYS_COMPARED_MAX;
    const hash = this.keyHash;
    for (let index = base; index < base + count; index++)
      if (this.#keyHashes[index] === hash) this.care = true;
    if (count === KEYS_COMPARED_MAX) {
      this.care = true;
      return;
    }
    this.#keyHashes[base + count] = hash;
    this.#keyCounts[level] = count + 1;
  }

  #push(open: number): void {
    const height = this.#height;
    if (height === this.#stack.length) {
      const grown = new Uint8Array(height * 2);
      grown.set(this.#stack);
      this.#stack = grown;
    }
    this.#stack[height] = open;
    this.#height = height + 1;
    if (height + 1 <= LEVELS_COMPARED_MAX) this.#keyCounts[height + 1] = 0;
    if (this.base + height + 1 > this.depth) this.depth = this.base + height + 1;
  }

  /** The error that at `at` something else stands than `expected`. */
  error(at: number, expected: string): JsonSyntaxError {
    const where = Math.min(at, this.end);
    return new JsonSyntaxError(`Expected ${expected} but found ${this.#found(where)}`, this.bytes, where);
  }

  #found(at: number): string {
    if (at >= this.end) return 'the end of the body';
    const character = Buffer.from(this.bytes.subarray(at, at + 4)).toString('utf8');
    return JSON.stringify(String.fromCodePoint(character.codePointAt(0) ?? 0));
  }

  #controlError(at: number): JsonSyntaxError {
    const code = byteAt(this.bytes, at).toString(16).padStart(4, '0');
    return new JsonSyntaxError(
      `The control character U+${code.toUpperCase()} must be escaped in a string`,
      this.bytes,
      at,
    );
  }
}
