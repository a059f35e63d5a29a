import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonPieces } from './json-pieces.ts';

test('pieces of JSON are told apart and add up to the text', () => {
  const json = JSON.stringify({ 'a "quoted" key': ['text: 1, true', -1.5e3, null, { b: false }] }, null, 2);
  const pieces = jsonPieces(json);
  assert.equal(pieces.map(({ text }) => text).join(''), json);
  const of = (kind: string): string[] =>
    pieces.filter((piece) => piece.kind === kind).map(({ text }) => text);
  assert.deepEqual(of('key'), ['"a \\"quoted\\" key"', '"b"']);
  assert.deepEqual(of('text'), ['"text: 1, true"']);
  assert.deepEqual(of('number'), ['-1500']);
  assert.deepEqual(of('word'), ['null', 'false']);
});
