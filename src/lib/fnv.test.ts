import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fnv1a32 } from './fnv.ts';

// The specification's own vectors (RFC 9923, test vectors of FNV32-1a).
const VECTORS: readonly (readonly [string, number])[] = [
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['b', 0xe70c2de5],
  ['foobar', 0xbf9cf968],
];

test('hashes are those of the specification', () => {
  for (const [text, hash] of VECTORS) assert.equal(fnv1a32(Buffer.from(text)), hash, text);
});

test('only the bytes asked for are hashed', () => {
  assert.equal(fnv1a32(Buffer.from('..foobar..'), 2, 8), fnv1a32(Buffer.from('foobar')));
});
