import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, readNotation, writeNotation } from './notation.ts';

test('values are read as they were written', () => {
  const values: readonly Json[] = [
    null,
    true,
    0,
    -1.5e300,
    '',
    'last 7 days',
    '7',
    'null',
    ' edges ',
    "it's!",
    '2026-11-01',
    '<img src=x onerror=alert(1)>',
    '😀 \u0000 \n "\\',
    [],
    {},
    [[], [{}], ''],
    { kind: 'trend', types: ['page_view'], 'a key': { '': [1, '1', null] } },
    { __proto__x: 1, constructor: 'x' },
  ];
  for (const value of values) assert.deepEqual(readNotation(writeNotation(value)), value);
});

test('what is plain stays readable', () => {
  assert.equal(
    writeNotation({ kind: 'trend', types: ['page_view'], top: 5, by: undefined, range: 'last 7 days' }),
    '(kind:trend,types:!(page_view),top:5,range:last 7 days)',
  );
  assert.equal(writeNotation("don't"), "'don!'t'");
});

test('what is no value is told with its place', () => {
  const broken: readonly (readonly [string, RegExp])[] = [
    ['', /character 1: a value was expected, the end found/u],
    ['(a:1', /character 5/u],
    ['(a)', /character 3: ":"/u],
    ['(a:1))', /character 6: nothing more/u],
    ["'open", /the end found/u],
    ['!'.repeat(10), /a value/u],
    [`${'!('.repeat(60)}${')'.repeat(60)}`, /less depth/u],
  ];
  for (const [text, message] of broken) assert.throws(() => readNotation(text), message);
});

test('whatever JSON is written is read again', () => {
  let seed = (Number(process.env['AEVUM_TEST_SEED']) || 1) % 2_147_483_648;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const characters = ["'", '!', '(', ')', ':', ',', ' ', 'a', '7', '-', '.', 'é', '"', '\\', '\n'];
  const text = (): string =>
    Array.from({ length: random(6) }, () => characters[random(characters.length)]).join('');
  const value = (depth: number): Json => {
    const kind = random(depth > 3 ? 4 : 6);
    if (kind === 0) return text();
    if (kind === 1) return random(1_000) / 8 - 50;
    if (kind === 2) return random(2) === 0;
    if (kind === 3) return null;
    if (kind === 4) return Array.from({ length: random(4) }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: random(4) }, () => [text(), value(depth + 1)]));
  };
  for (let round = 0; round < 500; round += 1) {
    const made = value(0);
    assert.deepEqual(readNotation(writeNotation(made)), made, JSON.stringify(made));
  }
});
