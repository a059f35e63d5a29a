/**
 * Values as JSON has them, written for addresses: `(kind:trend,types:!(page_view),range:last 7 days)`. Lists begin with `!(`; texts of plain characters stand without
 * quotes; in quotes `!` stands before `'` and `!`. Everything that JSON can say can be said.
 */

/** A value as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const PLAIN = /^[A-Za-z0-9_./-](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_./-])?$/u;
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu;
const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const DEPTH_MAX = 40;

const textOf = (text: string): string =>
  PLAIN.test(text) && !NUMBER.test(text) && !WORDS.has(text)
    ? text
    : `'${text.replaceAll(/[!']/gu, (character) => `!${character}`)}'`;

/** Writes a value. What is undefined is left out. */
export const writeNotation = (value: unknown): string => {
  if (typeof value === 'string') return textOf(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `!(${value.map(writeNotation).join(',')})`;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return `(${entries.map(([key, each]) => `${textOf(key)}:${writeNotation(each)}`).join(',')})`;
};

/** Reads what was written. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The whole text as one value. Throws SyntaxError. */
  all(): Json {
    const value = this.#value(0);
    if (this.#at < this.#text.length) throw this.#wrong('nothing more');
    return value;
  }

  #wrong(wanted: string): SyntaxError {
    const found = this.#text[this.#at];
    return new SyntaxError(
      `character ${this.#at + 1}: ${wanted} was expected, ${found === undefined ? 'the end' : `"${found}"`} found`,
    );
  }

  #takes(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #value(depth: number): Json {
    if (depth > DEPTH_MAX) throw this.#wrong('less depth');
    if (this.#takes('!(')) return this.#list(() => this.#value(depth + 1));
    if (this.#takes('(')) return Object.fromEntries(this.#list(() => this.#entry(depth)));
    if (this.#takes("'")) return this.#quoted();
    const word = this.#word();
    const known = WORDS.get(word);
    if (known !== undefined) return known;
    return NUMBER.test(word) ? Number(word) : word;
  }

  #entry(depth: number): readonly [string, Json] {
    const key = this.#takes("'") ? this.#quoted() : this.#word();
    if (!this.#takes(':')) throw this.#wrong('":"');
    return [key, this.#value(depth + 1)];
  }

  #list<T>(each: () => T): T[] {
    const list: T[] = [];
    if (this.#takes(')')) return list;
    do list.push(each());
    while (this.#takes(','));
    if (!this.#takes(')')) throw this.#wrong('"," or ")"');
    return list;
  }

  #word(): string {
    const word = /^[^!'(),:]+/u.exec(this.#text.slice(this.#at))?.[0];
    if (word === undefined) throw this.#wrong('a value');
    this.#at += word.length;
    return word;
  }

  #quoted(): string {
    let text = '';
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#wrong('"\'"');
      this.#at += 1;
      if (character === "'") return text;
      if (character === '!') {
        text += this.#text[this.#at] ?? '';
        this.#at += 1;
      } else text += character;
    }
  }
}

/** Reads a value. Throws SyntaxError, which says where it is not one. */
export const readNotation = (text: string): Json => new Reader(text).all();
