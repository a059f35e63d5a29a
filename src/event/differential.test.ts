import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { JsonSyntaxError } from './decode-json.ts';
import { CONTAINERS, FIELDS } from './shapes.ts';
import { decode, NOW_MS } from './testing/decoding.ts';

/** The decoder against JSON.parse: it must accept the same texts, and what it stores must be what a plain reading of the precedence table finds in the parsed value. */

/** Runs of each property. */
const RUNS = 6_000;

const parses = (bytes: Uint8Array): boolean => {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
};

const decodes = (bytes: Uint8Array): boolean => {
  try {
    decode(bytes, 'single');
    return true;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return false;
  }
};

const isBom = (bytes: Uint8Array): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

const agree = (bytes: Uint8Array): void => {
  if (isBom(bytes)) return;
  assert.equal(decodes(bytes), parses(bytes), JSON.stringify(Buffer.from(bytes).toString('utf8')));
};

const TOKENS: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  'd800',
  '\\udc00',
  '\\n',
  '\\"',
  '0',
  '-',
  '1',
  '.',
  'e',
  'E',
  '+',
  '5',
  '00',
  'true',
  'false',
  'null',
  'nul',
  ' ',
  '\n',
  '\t',
  '\r',
  '\f',
  '\u00a0',
  '\u0000',
  '\u001f',
  '\u007f',
  'é',
  '😀',
  '"type"',
  '"type":"t"',
  '"properties":{',
  '"context":{',
  '"a":1',
  '"events":[',
  '1e5',
  '-0',
];

const token = fc.constantFrom(...TOKENS);

test('accepts and refuses what JSON.parse does: texts of JSON-like tokens', () => {
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => agree(Buffer.from(tokens.join(''), 'utf8'))),
    { numRuns: RUNS },
  );
});

const jsonText = fc
  .tuple(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 1, 3))
  .map(([text, indent]) => JSON.stringify(JSON.parse(text), null, indent));

test('accepts and refuses what JSON.parse does: mutated JSON', () => {
  const mutation = fc.tuple(
    fc.nat(),
    fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[],:"\\ \n01-eu'))),
    fc.constantFrom('set', 'insert', 'remove'),
  );
  fc.assert(
    fc.property(jsonText, fc.array(mutation, { maxLength: 3 }), (text, mutations) => {
      const bytes = [...Buffer.from(`{"type":"t","x":${text}}`, 'utf8')];
      for (const [at, byte, how] of mutations)
        bytes.splice(at % bytes.length, how === 'insert' ? 0 : 1, ...(how === 'remove' ? [] : [byte]));
      agree(Uint8Array.from(bytes));
    }),
    { numRuns: RUNS },
  );
});

test('accepts and refuses what JSON.parse does: every cut and every single-byte change of an event', () => {
  const event =
    '{"id":"a\\u00e9\\ud83d\\ude00","type":"t","value":-1.5e+3,"context":{"os":null},"properties":{"k":[true,false,{}],"":"é"}}';
  const bytes = new Uint8Array(Buffer.from(event));
  for (let size = 0; size <= bytes.length; size++) agree(bytes.subarray(0, size));
  for (let at = 0; at < bytes.length; at++)
    for (const byte of Buffer.from('\0\x1f "\\{}[]:,0-.eEut\x7f\x80\xc3\xff', 'latin1')) {
      const changed = bytes.slice();
      changed[at] = byte;
      agree(changed);
    }
});

// --- Value agreement ------------------------------------------------------

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const orderOf = (path: string): number => {
  const index = CONTAINERS.findIndex((container) => container.path === path);
  return index < 0 ? CONTAINERS.length : index;
};

/** A member of an event that is no container: where, its key, its value. */
interface Leaf {
  readonly parent: string;
  readonly key: string;
  readonly value: unknown;
}

const leavesOf = (parent: string, object: Json): Leaf[] =>
  Object.entries(object).flatMap(([key, value]) => {
    const path = parent === '' ? key : `${parent}.${key}`;
    const inside = !key.includes('.') && CONTAINERS.some((container) => container.path === path);
    return inside && isObject(value) ? leavesOf(path, value) : [{ parent, key, value }];
  });

const pathOf = ({ parent, key }: Leaf): string => (parent === '' ? key : `${parent}.${key}`);

const isStrictlyContained = (leaf: Leaf): boolean => !leaf.key.includes('.');

/** The text of a field's value; undefined when absent; throws 'refused' when it is of a wrong kind. */
const fieldText = (leaf: Leaf, form: string): string | undefined => {
  const { value } = leaf;
  if (value === null || value === '') return undefined;
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number' && form === 'label') return JSON.stringify(value);
  throw new RangeError('refused');
};

/** What should be stored of an event: a plain reading of the precedence table. Undefined when it should be refused. */
const expectedRow = (event: Json): Json | undefined => {
  const leaves = leavesOf('', event);
  const properties = new Set(leaves);
  const row: Json = {};
  try {
    for (const { column, form, paths } of FIELDS) {
      const found = paths.flatMap((path) =>
        leaves.filter((leaf) => isStrictlyContained(leaf) && pathOf(leaf) === path),
      );
      const taken = found.filter((leaf) => isTypeEvent(leaf) || leaf.key !== 'event');
      for (const leaf of taken) if (leaf.value === null || leaf.value === '') properties.delete(leaf);
      const [winner] = taken.filter((leaf) => leaf.value !== null && leaf.value !== '');
      if (winner === undefined) continue;
      properties.delete(winner);
      row[column] = fieldText(winner, form);
    }
  } catch {
    return undefined;
  }
  for (const leaf of properties) {
    const container = CONTAINERS.find(({ path }) => isStrictlyContained(leaf) && path === pathOf(leaf));
    if (container === undefined) continue;
    const isField = FIELDS.some(({ paths }) => paths.includes(container.path));
    if (leaf.value === null && !isField) properties.delete(leaf);
    else if (container.strict) return undefined;
  }
  if (row['type'] === undefined) return undefined;
  return { ...row, properties: named([...properties]) };
};

/** `event` is only taken for a type when it is text. */
const isTypeEvent = (leaf: Leaf): boolean =>
  leaf.parent === '' && leaf.key === 'event' && (typeof leaf.value === 'string' || leaf.value === null);

const named = (leaves: readonly Leaf[]): Json => {
  const sorted = leaves.toSorted((a, b) => orderOf(a.parent) - orderOf(b.parent));
  const result = new Map<string, unknown>();
  for (const { parent, key, value } of sorted) {
    const prefix = CONTAINERS.find(({ path }) => path === parent)?.prefix ?? '';
    let name = prefix + key;
    if (result.has(name)) name = `$.${parent === '' ? '' : `${parent}.`}${key}`;
    while (result.has(name)) name = `$.${name}`;
    result.set(name, value);
  }
  return Object.fromEntries(result);
};

const names = [
  ...new Set(
    [...FIELDS.flatMap(({ paths }) => paths), ...CONTAINERS.map(({ path }) => path)].flatMap((path) =>
      path.split('.'),
    ),
  ),
].filter((name) => !['timestamp', 'value', 'currency'].includes(name));

const key = fc
  .oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names) },
    fc.string({ maxLength: 6 }),
    fc.constantFrom('$.foo', 'foo', 'context.os', 'a.b'),
  )
  .filter((text) => text !== '__proto__');
const scalar = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const member = (depth: number): fc.Arbitrary<unknown> =>
  depth === 0
    ? scalar
    : fc.oneof(
        { weight: 4, arbitrary: scalar },
        {
          weight: 4,
          arbitrary: fc.dictionary(key, member(depth - 1), { maxKeys: 5, noNullPrototype: true }),
        },
        fc.array(scalar, { maxLength: 2 }),
      );
const eventOf = fc
  .dictionary(key, member(3), { maxKeys: 7, noNullPrototype: true })
  .chain((event) => fc.constantFrom(event, { ...event, type: 't' }));

test('stores what a plain reading of the parsed value finds', () => {
  let stored = 0;
  fc.assert(
    fc.property(eventOf, fc.constantFrom(0, 2), (event, indent) => {
      const { events, rejected } = decode(JSON.stringify(event, null, indent), 'single');
      const expected = expectedRow(
        JSON.parse(
          JSON.stringify(event, (_, value: unknown) =>
            typeof value === 'string' ? value.toWellFormed() : value,
          ),
        ) as Json,
      );
      if (expected === undefined) {
        assert.equal(rejected.length, 1);
        return;
      }
      stored++;
      assert.deepEqual(rejected, []);
      const { project: _p, time, received_at: _r, id, properties, ...rest } = events[0] ?? {};
      const fields = Object.fromEntries(
        Object.entries(rest).filter(([, value]) => value !== '' && value !== null),
      );
      assert.equal(time, NOW_MS);
      assert.deepEqual(
        {
          ...(id === 'made' ? {} : { id }),
          ...fields,
          properties: JSON.parse(String(properties)) as unknown,
        },
        expected,
      );
    }),
    { numRuns: RUNS },
  );
  assert.ok(stored > 1000, `only ${stored} events were stored`);
});
