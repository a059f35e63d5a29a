import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { BlockBuilder } from './block-builder.ts';
import { EVENTS, REFUSED } from './columns.ts';
import { decodeEvents, type Framing, JsonSyntaxError } from './decode-json.ts';
import { FIELDS } from './shapes.ts';
import { decode, OPTIONS, sharedData } from './testing/decoding.ts';

const FRAMINGS: readonly Framing[] = ['single', 'batch', 'ndjson'];

const suite = sharedData('json-test-suite/test_parsing');
const suiteFiles = (kind: string): { name: string; bytes: Buffer }[] =>
  readdirSync(suite.path)
    .filter((name) => name.startsWith(kind))
    .map((name) => ({ name, bytes: readFileSync(`${suite.path}/${name}`) }));

const asProperties = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from('{"type":"t","properties":'), bytes, Buffer.from('}')]);
const asUnknown = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from('[{"type":"t","x":'), bytes, Buffer.from('}]')]);

test('JSON test suite: every n_ is a syntax error, as a body, as properties and as an unknown field', {
  skip: suite.skip,
}, () => {
  const files = suiteFiles('n_');
  assert.ok(files.length > 180);
  for (const { name, bytes } of files)
    for (const framing of FRAMINGS)
      for (const wrap of [(body: Buffer) => body, asProperties, asUnknown])
        assert.throws(() => decode(wrap(bytes), framing), JsonSyntaxError, `${name} as ${framing}`);
});

test('JSON test suite: every y_ is well-formed, as a body, as properties and as an unknown field', {
  skip: suite.skip,
}, () => {
  const files = suiteFiles('y_');
  assert.ok(files.length > 90);
  for (const { name, bytes } of files) {
    for (const framing of FRAMINGS) decode(bytes, framing);
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const { events, rejected } = decode(asProperties(bytes), 'single');
    if (isObject) assert.deepEqual(JSON.parse(String(events[0]?.['properties'])), value, name);
    else if (value === null) assert.equal(events[0]?.['properties'], '{}', name);
    else assert.equal(rejected[0]?.code, 'invalid_field', name);
    const stored: unknown = JSON.parse(String(decode(asUnknown(bytes)).events[0]?.['properties']));
    assert.deepEqual(stored, { x: typeof value === 'string' ? value.toWellFormed() : value }, name);
  }
});

/** What RFC 8259 leaves open: these are syntax errors here (not UTF-8), all others are well-formed. */
const REFUSED_I =
  /UTF-8_invalid|UTF8_surrogate|invalid_utf-8|utf16|UTF-16|iso_latin|lone_utf8|not_in_unicode|overlong|truncated-utf-8/;

test('JSON test suite: i_ has the outcome that the reference page states', { skip: suite.skip }, () => {
  for (const { name, bytes } of suiteFiles('i_')) {
    for (const framing of FRAMINGS) {
      if (REFUSED_I.test(name)) assert.throws(() => decode(bytes, framing), JsonSyntaxError, name);
      else decode(bytes, framing);
    }
    if (REFUSED_I.test(name) || name.includes('BOM') || name.includes('500_nested')) continue;
    const text = String(decode(asUnknown(bytes)).events[0]?.['properties']);
    assert.ok(!/\\u[dD][89a-fA-F]/.test(text), `${name}: ${text}`);
    JSON.parse(text, (_, value: unknown) => {
      assert.ok(typeof value !== 'number' || Number.isFinite(value), name);
      return value;
    });
  }
});

const transform = sharedData('json-test-suite/test_transform');

test('JSON test suite: what parsers disagree about is stored so that JSON.parse agrees with the original', {
  skip: transform.skip,
}, () => {
  for (const name of readdirSync(transform.path)) {
    const bytes = readFileSync(`${transform.path}/${name}`);
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      assert.throws(() => decode(asUnknown(bytes)), JsonSyntaxError, name);
      continue;
    }
    const stored: unknown = JSON.parse(String(decode(asUnknown(bytes)).events[0]?.['properties']));
    assert.deepEqual(stored, { x: wellFormed(value) }, name);
  }
});

const wellFormed = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]),
  );
};

const strings = sharedData('bad_strings/blns.json');
const naughty = (): string[] => JSON.parse(readFileSync(strings.path, 'utf8')) as string[];

test('naughty strings are stored byte for byte in every string field', { skip: strings.skip }, () => {
  const texts = naughty();
  assert.ok(texts.length > 400);
  for (const { column, form, paths } of FIELDS) {
    if (form !== 'text' && form !== 'label') continue;
    for (const path of paths) {
      const wrap = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), '\u0000HERE');
      const template = JSON.stringify(column === 'type' ? wrap : { type: 't', ...(wrap as object) });
      for (const spell of [JSON.stringify, escapeAll]) {
        const body = texts.map((text) => template.replace('"\\u0000HERE"', () => spell(text))).join('\n');
        const { events, rejected } = decode(body);
        const empty = column === 'type' ? texts.filter((text) => text === '').length : 0;
        assert.equal(rejected.length, empty, path);
        const expected = texts.filter((text) => column !== 'type' || text !== '');
        events.forEach((row, index) =>
          assert.equal(
            row[column],
            expected[index] === '' && column === 'id' ? 'made' : expected[index],
            path,
          ),
        );
      }
    }
  }
});

/** A JSON string with every UTF-16 unit escaped. */
const escapeAll = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`;

test('naughty strings are stored in properties, as keys and values', { skip: strings.skip }, () => {
  for (const text of naughty()) {
    const properties = { [text]: text, list: [text] };
    const { events } = decode([{ type: 't', properties }]);
    assert.equal(events[0]?.['properties'], JSON.stringify(properties));
    const unknown = decode(`{"type":"t","context":{${escapeAll(`x${text}`)}:${escapeAll(text)}}}`);
    assert.deepEqual(JSON.parse(String(unknown.events[0]?.['properties'])), { [`context.x${text}`]: text });
  }
});

const github = sharedData('github_events/simdjson_github_events.json');

/** Where members of these events go: fields by name, `payload`'s members to dotted properties, all others to properties. */
test('GitHub events arrive field for field', { skip: github.skip }, () => {
  const text = readFileSync(github.path, 'utf8');
  const originals = JSON.parse(text) as Record<string, unknown>[];
  const { events, accepted } = decode(text);
  assert.equal(accepted, originals.length);
  originals.forEach(({ id, type, payload, ...rest }, index) => {
    const row = events[index];
    assert.deepEqual([row?.['id'], row?.['type']], [id, type]);
    const dotted = Object.entries(payload as object).map(([key, value]) => [`payload.${key}`, value]);
    assert.deepEqual(JSON.parse(String(row?.['properties'])), { ...rest, ...Object.fromEntries(dotted) });
  });
});

const gharchive = sharedData('github_events/quickwit_gharchive-bulk.json.gz');

test('a GitHub archive as NDJSON, action lines refused and event lines taken', {
  skip: gharchive.skip,
}, () => {
  const { received, events, rejected } = decode(gunzipSync(readFileSync(gharchive.path)), 'ndjson', {
    staleMs: null,
  });
  assert.ok(received > 0);
  assert.equal(events.length + rejected.length, received);
  for (const row of events) JSON.parse(String(row['properties']));
});

const bulker = sharedData('jitsu_bulker');

test('Jitsu bulker files arrive field for field', { skip: bulker.skip }, () => {
  for (const name of readdirSync(bulker.path).filter((file) => file.endsWith('.ndjson'))) {
    const lines = readFileSync(`${bulker.path}/${name}`, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    if (lines.length === 0) {
      assert.throws(() => decode(''), JsonSyntaxError);
      continue;
    }
    const typed = lines.map((line) => `{"type":"t","properties":${line}}`).join('\n');
    const { events } = decode(typed, 'ndjson');
    assert.equal(events.length, lines.length, name);
    lines.forEach((line, index) =>
      assert.deepEqual(JSON.parse(String(events[index]?.['properties'])), JSON.parse(line), name),
    );
  }
});

test('JSON test suite: whole files through one sink leave nothing behind but whole rows', {
  skip: suite.skip,
}, () => {
  const sink = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
  let rows = 0;
  for (const { bytes } of [...suiteFiles('n_'), ...suiteFiles('y_'), ...suiteFiles('i_')])
    try {
      rows += decodeEvents(asUnknown(bytes), 'batch', sink, OPTIONS).accepted;
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
    }
  assert.equal(sink.events.build().rows, rows);
});
