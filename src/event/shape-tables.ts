import { columnIndex, EVENTS } from './columns.ts';
import { firstSiteOf, HASH_SEED, hashOf, KIND } from './json-scanner.ts';
import { byteAt } from './layout.ts';
import { CLASH_PREFIX, CONTAINERS, FIELDS, type Field, type FieldForm, LENIENT_PATHS } from './shapes.ts';

/** The precedence table (`shapes.ts`), compiled into what the decoder looks keys up in. */

/** A path that a field may be taken from. Its number is its place in `SLOTS`. */
export interface Slot {
  readonly number: number;
  readonly path: string;
  readonly field: Field;
  /** Place of the field in FIELDS. */
  readonly target: number;
  /** Place of the path within its field: the lower wins. */
  readonly rank: number;
  readonly lenient: boolean;
  /** Kinds of value that it may have: bit `1 << kind`. */
  readonly kinds: number;
}

/** What a known key of a scope is: a slot, a scope, or either, according to the value. */
export interface Entry {
  readonly key: Uint8Array;
  readonly slot: Slot | undefined;
  readonly scope: Scope | undefined;
}

/** An object whose members are looked into: the event itself or a container. */
export interface Scope {
  /** Where the scanner keeps its guesses of this scope's keys. */
  readonly firstSite: number;
  /** Empty for the event itself. */
  readonly path: string;
  readonly prefix: string;
  readonly prefixBytes: Uint8Array;
  /** Hash of the prefix: what hashes of keys are seeded with, so that equal property names have equal hashes. */
  readonly seed: number;
  readonly strict: boolean;
  /** Tells the scopes apart: place in SCOPES. Of two properties of one name that of the lower order keeps it. */
  readonly order: number;
  /** Stands before a member's name when another property has the plain one. */
  readonly clashPrefix: string;
  /** Nothing in it is known and names stay as they are: its text as a whole may be the event's properties. */
  readonly verbatim: boolean;
  readonly keys: KeyTable;
}

/** Known keys by hash: open addressing over a power of two. */
export class KeyTable {
  readonly #mask: number;
  readonly #hashes: Int32Array;
  readonly #slots: (Entry | undefined)[];
  readonly size: number;
  readonly entries: readonly Entry[];

  constructor(entries: readonly Entry[], seed: number) {
    this.entries = entries;
    const slots = 2 ** Math.ceil(Math.log2(entries.length * 4 + 1));
    this.size = entries.length;
    this.#mask = slots - 1;
    this.#hashes = new Int32Array(slots);
    this.#slots = Array.from({ length: slots }, () => undefined);
    for (const entry of entries) this.#insert(entry, hashOf(entry.key, seed));
  }

  #insert(entry: Entry, hash: number): void {
    let at = this.#place(hash);
    while (this.#slots[at] !== undefined) at = (at + 1) & this.#mask;
    this.#hashes[at] = hash;
    this.#slots[at] = entry;
  }

  #place(hash: number): number {
    return (hash ^ (hash >>> 15)) & this.#mask;
  }

  /** The entry of the key `bytes[start..end)`, whose hash (seeded as the table's) is given. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): Entry | undefined {
    let at = this.#place(hash);
    for (;;) {
      const entry = this.#slots[at];
      if (entry === undefined) return undefined;
      if (this.#hashes[at] === hash && sameBytes(entry.key, bytes, start, end)) return entry;
      at = (at + 1) & this.#mask;
    }
  }
}

const sameBytes = (key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean => {
  if (key.length !== end - start) return false;
  for (let index = 0; index < key.length; index++)
    if (byteAt(key, index) !== byteAt(bytes, start + index)) return false;
  return true;
};

const kindsOf = (form: FieldForm): number => {
  const texts = (1 << KIND.string) | (1 << KIND.escaped) | (1 << KIND.null);
  return form === 'text' || form === 'currency' ? texts : texts | (1 << KIND.number);
};

/** All slots, by number. */
export const SLOTS: readonly Slot[] = FIELDS.flatMap((field, target) =>
  field.paths.map((path, rank) => ({
    path,
    field,
    target,
    rank,
    lenient: LENIENT_PATHS.has(path),
    kinds: kindsOf(field.form),
  })),
).map((slot, number) => ({ ...slot, number }));

/** Column of each field (index as in FIELDS) in EVENTS. */
export const TARGET_COLUMNS: readonly number[] = FIELDS.map(({ column }) => columnIndex(EVENTS, column));

/** Place of a field in FIELDS by name. Throws RangeError for a name that is none. */
export const targetIndex = (name: string): number => {
  const index = FIELDS.findIndex((field) => field.name === name);
  if (index < 0) throw new RangeError(`no field ${name}`);
  return index;
};

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));

/** The names of what lies directly under a path, among all known paths. */
const childrenOf = (path: string): string[] => {
  const before = path === '' ? '' : `${path}.`;
  const known = [...SLOTS.map((slot) => slot.path), ...CONTAINERS.map((container) => container.path)];
  const below = known.filter((other) => other.startsWith(before)).map((other) => other.slice(before.length));
  return [...new Set(below.filter((name) => name !== '' && !name.includes('.')))];
};

const compileScope = (path: string): Scope => {
  const order =
    path === '' ? CONTAINERS.length : CONTAINERS.findIndex((container) => container.path === path);
  const { prefix, strict } = CONTAINERS[order] ?? { prefix: '', strict: true };
  const seed = hashOf(utf8(prefix), HASH_SEED);
  const entries = childrenOf(path).map((name): Entry => {
    const full = path === '' ? name : `${path}.${name}`;
    const slot = SLOTS.find((candidate) => candidate.path === full);
    const scope = CONTAINERS.some((container) => container.path === full) ? compileScope(full) : undefined;
    return { key: utf8(name), slot, scope };
  });
  return {
    firstSite: firstSiteOf(order),
    path,
    prefix,
    prefixBytes: utf8(prefix),
    seed,
    strict,
    order,
    clashPrefix: path === '' ? CLASH_PREFIX : `${CLASH_PREFIX}${path}.`,
    verbatim: prefix === '' && entries.length === 0,
    keys: new KeyTable(entries, seed),
  };
};

/** The event itself. */
export const ROOT_SCOPE: Scope = compileScope('');

const scopeAt = (scope: Scope, path: string): Scope | undefined =>
  scope.path === path
    ? scope
    : scope.keys.entries
        .map((entry) => entry.scope && scopeAt(entry.scope, path))
        .find((found) => found !== undefined);

/** By slot: the scope that it lies in. */
export const SLOT_SCOPES: readonly Scope[] = SLOTS.map(({ path }) => {
  const parent = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
  return scopeAt(ROOT_SCOPE, parent) ?? ROOT_SCOPE;
});

/** All scopes, by order. */
export const SCOPES: readonly Scope[] = [
  ...CONTAINERS.map(({ path }) => scopeAt(ROOT_SCOPE, path) ?? ROOT_SCOPE),
  ROOT_SCOPE,
];
