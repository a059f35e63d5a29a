import type { BlockBuilder } from './block-builder.ts';
import { ByteCopier } from './byte-copier.ts';
import type { EVENTS } from './columns.ts';
import { CH, KEYS_COMPARED_MAX } from './json-scanner.ts';
import { viewOf } from './layout.ts';
import { keyText, objectText, rewriteJson } from './rewrite-json.ts';
import { SCOPES, type Scope } from './shape-tables.ts';
import { CLASH_PREFIX } from './shapes.ts';

const PIECES_MIN = 64;
/** Numbers kept of a piece: key start and end (inside the quotes), value start and end, order of the scope. */
const NUMBERS = 5;
/** Arrays that grew beyond this many pieces are given back. */
const PIECES_KEPT_MAX = 16 * 1024;
const EMPTY_OBJECT = new Uint8Array(Buffer.from('{}'));
const OUT_BYTES_MIN = 16 * 1024;
/** An output buffer beyond this is given back. */
const OUT_KEPT_BYTES_MAX = 4 * 1024 * 1024;

/**
 * The members of one event that become its properties, as spans of the body. In the usual cases their bytes are copied: as a whole when they are exactly one
 * object, otherwise one by one. Only when two may have the same name, or the scanner asks for care, are they taken apart and written anew.
 */
export class PropertyPieces {
  #count = 0;
  #spans = new Int32Array(PIECES_MIN * NUMBERS);
  #hashes = new Int32Array(PIECES_MIN);
  #clash = false;
  /** How many verbatim objects there were, the span of the last and the pieces in it. */
  #wholes = 0;
  #wholeStart = 0;
  #wholeEnd = 0;
  #wholePieces = 0;
  #out = new Uint8Array(OUT_BYTES_MIN);
  #outView = viewOf(this.#out);
  readonly #copier = new ByteCopier();

  get count(): number {
    return this.#count;
  }

  reset(): void {
    this.#count = 0;
    this.#clash = false;
    this.#wholes = 0;
    this.#wholePieces = 0;
    if (this.#hashes.length <= PIECES_KEPT_MAX) return;
    this.#spans = new Int32Array(PIECES_MIN * NUMBERS);
    this.#hashes = new Int32Array(PIECES_MIN);
  }

  /** Adds a member. `hash` is that of its property name, prefix included. */
  add(
    scope: Scope,
    hash: number,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    const count = this.#count;
    if (count === this.#hashes.length) this.#grow();
    const hashes = this.#hashes;
    const spans = this.#spans;
    if (count >= KEYS_COMPARED_MAX) this.#clash = true;
    else for (let index = 0; index < count; index++) if (hashes[index] === hash) this.#clash = true;
    const at = count * NUMBERS;
    spans[at] = keyStart;
    spans[at + 1] = keyEnd;
    spans[at + 2] = valueStart;
    spans[at + 3] = valueEnd;
    hashes[count] = hash;
    spans[at + 4] = scope.order;
    this.#count = count + 1;
  }

  /** Lets go of the body. */
  forget(): void {
    this.#copier.forget();
  }

  /** Says that a verbatim object (`Scope.verbatim`) lay at `[start, end)` and that `pieces` members were added from it. */
  addWhole(start: number, end: number, pieces: number): void {
    this.#wholes++;
    this.#wholeStart = start;
    this.#wholeEnd = end;
    this.#wholePieces = pieces;
  }

  /** Sets `column` to the properties' text. `care`: the scanner found something that has to be written anew. */
  write(builder: BlockBuilder<typeof EVENTS>, column: number, bytes: Uint8Array, care: boolean): void {
    if (this.#count === 0) builder.string(column, EMPTY_OBJECT, 0, EMPTY_OBJECT.length);
    else if (care || this.#clash) builder.text(column, this.#rewritten(bytes));
    else if (this.#wholes === 1 && this.#wholePieces === this.#count)
      builder.string(column, bytes, this.#wholeStart, this.#wholeEnd);
    else {
      const size = this.#joined(bytes);
      builder.string(column, this.#out, 0, size);
    }
  }

  /** Writes all pieces as one object to `#out`; returns its size. */
  #joined(bytes: Uint8Array): number {
    const out = this.#room();
    const spans = this.#spans;
    let to = 0;
    for (let index = 0; index < this.#count; index++) {
      const at = index * NUMBERS;
      out[to++] = index === 0 ? CH.openObject : CH.comma;
      out[to++] = CH.quote;
      const prefix = this.#scopeOf(index).prefixBytes;
      for (let from = 0; from < prefix.length; from++) out[to++] = prefix[from] as number;
      to = this.#copy(bytes, spans[at] as number, spans[at + 1] as number, to);
      out[to++] = CH.quote;
      out[to++] = CH.colon;
      to = this.#copy(bytes, spans[at + 2] as number, spans[at + 3] as number, to);
    }
    out[to++] = CH.closeObject;
    return to;
  }

  #copy(bytes: Uint8Array, start: number, end: number, to: number): number {
    this.#copier.copy(bytes, start, end, this.#out, this.#outView, to);
    return to + end - start;
  }

  #room(): Uint8Array {
    let size = 2;
    for (let index = 0; index < this.#count; index++) {
      const at = index * NUMBERS;
      const key = (this.#spans[at + 1] as number) - (this.#spans[at] as number);
      const value = (this.#spans[at + 3] as number) - (this.#spans[at + 2] as number);
      size += key + value + this.#scopeOf(index).prefixBytes.length + 4;
    }
    if (size > this.#out.length || this.#out.length > OUT_KEPT_BYTES_MAX) {
      this.#out = new Uint8Array(Math.max(size, OUT_BYTES_MIN));
      this.#outView = viewOf(this.#out);
    }
    return this.#out;
  }

  /** All pieces as one object in which every name occurs once: by precedence, then by place. */
  #rewritten(bytes: Uint8Array): string {
    const text = (start: number, end: number): string =>
      Buffer.from(bytes.subarray(start, end)).toString('utf8');
    const order = Array.from({ length: this.#count }, (_, index) => index).toSorted(
      (a, b) => this.#scopeOf(a).order - this.#scopeOf(b).order || a - b,
    );
    const names = new Map<string, { scope: Scope; key: string }>();
    const members = new Map<string, string>();
    for (const index of order) {
      const [keyStart = 0, keyEnd = 0, valueStart = 0, valueEnd = 0] = this.#spans.subarray(
        index * NUMBERS,
        (index + 1) * NUMBERS,
      );
      const scope = this.#scopeOf(index);
      const key = keyText(text(keyStart - 1, keyEnd + 1));
      const name = freeName(names, scope, key);
      names.set(name, { scope, key });
      members.set(name, rewriteJson(text(valueStart, valueEnd)));
    }
    return objectText(members);
  }

  #scopeOf(index: number): Scope {
    return SCOPES[this.#spans[index * NUMBERS + 4] as number] as Scope;
  }

  #grow(): void {
    const spans = new Int32Array(this.#spans.length * 2);
    spans.set(this.#spans);
    this.#spans = spans;
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }
}

/** The name of a member: its plain one, or, when a member from elsewhere has that, its path behind `$.`. */
const freeName = (
  names: ReadonlyMap<string, { scope: Scope; key: string }>,
  scope: Scope,
  key: string,
): string => {
  const isFree = (name: string): boolean => {
    const holder = names.get(name);
    return holder === undefined || (holder.scope === scope && holder.key === key);
  };
  let name = scope.prefix + key;
  if (isFree(name)) return name;
  name = scope.clashPrefix + key;
  while (!isFree(name)) name = CLASH_PREFIX + name;
  return name;
};
