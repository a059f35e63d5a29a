import { isUtf8 } from 'node:buffer';
import { ApiError } from '../../event/errors.ts';
import { CH, HASH_SEED, JsonScanner, JsonSyntaxError } from '../../event/json-scanner.ts';
import { keyText } from '../../event/rewrite-json.ts';
import { firstInvalidUtf8 } from '../../event/utf8.ts';

/**
 * Reads the bodies of other platforms' clients: strictly (the scanner is that of our own bodies), and without turning values into JavaScript ones, so that numbers keep
 * their digits and nothing is copied that nobody looks into.
 */

/** What kind of JSON a value is. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Members of one object. An event of the default size cannot have so many. */
const MEMBERS_MAX = 200_000;

/** One serves all bodies of a thread: no call leaves anything in it that a later one relies on. */
const scanner = new JsonScanner();

const kindAt = (bytes: Uint8Array, start: number): JsonKind => {
  switch (bytes[start]) {
    case CH.openObject:
      return 'object';
    case CH.openArray:
      return 'array';
    case CH.quote:
      return 'string';
    case CH.t:
    case CH.f:
      return 'boolean';
    case CH.n:
      return 'null';
    default:
      return 'number';
  }
};

/** One value of a valid body, by its place. */
export class JsonValue {
  readonly kind: JsonKind;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  #members: ReadonlyMap<string, JsonValue> | undefined;

  /** `bytes[start..end)` must be one valid value. */
  constructor(bytes: Buffer, start: number, end: number) {
    this.kind = kindAt(bytes, start);
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The value as it was sent, byte for byte. */
  get text(): string {
    return this.#bytes.toString('utf8', this.#start, this.#end);
  }

  /** What a string stands for; undefined for other kinds. */
  get string(): string | undefined {
    if (this.kind !== 'string') return undefined;
    const { text } = this;
    return text.includes('\\') ? keyText(text) : text.slice(1, -1);
  }

  /** Neither null nor an empty string: those are as good as absent. */
  get isPresent(): boolean {
    return this.kind !== 'null' && !(this.kind === 'string' && this.#end - this.#start === 2);
  }

  /** The members of an object, of equal keys the last; none for other kinds. */
  get members(): ReadonlyMap<string, JsonValue> {
    return (this.#members ??= this.#readMembers());
  }

  /** Bytes. */
  get size(): number {
    return this.#end - this.#start;
  }

  get(key: string): JsonValue | undefined {
    return this.members.get(key);
  }

  /** The items of an array (none for other kinds); undefined if there are more than `max`. */
  items(max: number): JsonValue[] | undefined {
    const items: JsonValue[] = [];
    if (this.kind !== 'array') return items;
    scanner.open(this.#bytes);
    let at = scanner.space(this.#start + 1);
    while (this.#bytes[at] !== CH.closeArray) {
      if (items.length === max) return undefined;
      const end = scanner.value(at);
      items.push(new JsonValue(this.#bytes, at, end));
      at = this.#next(end);
    }
    return items;
  }

  #readMembers(): ReadonlyMap<string, JsonValue> {
    const members = new Map<string, JsonValue>();
    if (this.kind !== 'object') return members;
    scanner.open(this.#bytes);
    let at = scanner.space(this.#start + 1);
    while (this.#bytes[at] !== CH.closeObject) {
      const valueStart = scanner.key(at, HASH_SEED, 0);
      const key = this.#key(at, scanner.keyEnd, scanner.keyEscaped);
      const end = scanner.value(valueStart);
      if (members.size === MEMBERS_MAX)
        throw new ApiError('invalid_request', `An object of the body has more than ${MEMBERS_MAX} members.`);
      members.set(key, new JsonValue(this.#bytes, valueStart, end));
      at = this.#next(end);
    }
    return members;
  }

  #key(start: number, end: number, isEscaped: boolean): string {
    return isEscaped
      ? keyText(this.#bytes.toString('utf8', start, end + 1))
      : this.#bytes.toString('utf8', start + 1, end);
  }

  /** Where the next member or item begins, or the closing bracket. */
  #next(end: number): number {
    const at = scanner.space(end);
    return this.#bytes[at] === CH.comma ? scanner.space(at + 1) : at;
  }
}

/** The one value that a body is. Throws JsonSyntaxError unless it is valid JSON as a whole. */
export const parseJson = (body: Uint8Array): JsonValue => {
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  if (!isUtf8(bytes)) throw new JsonSyntaxError('The body is not UTF-8', bytes, firstInvalidUtf8(bytes));
  scanner.open(bytes);
  try {
    const start = scanner.space(BOM.every((byte, index) => bytes[index] === byte) ? BOM.length : 0);
    if (start >= bytes.length)
      throw new JsonSyntaxError('The body is empty: expected JSON', bytes, bytes.length);
    const end = scanner.value(start);
    const rest = scanner.space(end);
    if (rest < bytes.length) throw scanner.error(rest, 'the end of the body');
    return new JsonValue(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), start, end);
  } finally {
    scanner.close();
  }
};
