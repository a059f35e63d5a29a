import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnsweredTile } from '../../../src/contract/boards.ts';
import { type KeptTile, type KeptTiles, mayKeep, withReading } from './kept-tiles.ts';

const answered = (id: string): AnsweredTile => ({ id, state: 'answered', answer: {} }) as never;
const failed = (id: string, code: string): AnsweredTile => ({
  ...{ id, state: 'failed' },
  error: { code, message: 'Not now.' },
});
const reading = (atMs: number, ...tiles: AnsweredTile[]) => ({
  atMs,
  tiles: new Map(tiles.map((tile) => [tile.id, tile])),
});
const NONE: KeptTiles = new Map<string, KeptTile>();
const IDS = ['a', 'b'];
const times = (kept: KeptTiles) => [...kept].map(([id, { atMs, question }]) => [id, atMs, question]);

test('of each tile the last answer is kept, whatever fails later', () => {
  const first = withReading(NONE, reading(1, answered('a'), answered('b')), 'all', IDS);
  const second = withReading(first, reading(2, failed('a', 'warehouse_busy'), answered('b')), 'all', IDS);
  assert.deepEqual(times(second), [
    ['a', 1, 'all'],
    ['b', 2, 'all'],
  ]);
  const third = withReading(second, reading(3), 'all', IDS);
  assert.equal(third, second, 'a reading that has just begun takes nothing away');
});

test('what was asked is kept with it, and nothing of tiles that are gone', () => {
  const tile = answered('a');
  const first = withReading(NONE, reading(1, tile, answered('b')), 'all', IDS);
  assert.equal(withReading(first, reading(1, tile), 'all', IDS), first, 'the same is the same');
  assert.deepEqual(times(withReading(first, reading(5, tile), 'one', ['a'])), [['a', 5, 'one']]);
  assert.deepEqual(times(withReading(first, reading(5), 'one', ['b'])), [['b', 1, 'all']]);
});

test('an answer outlives what passes, and not what forbids it', () => {
  for (const code of ['warehouse_busy', 'query_timeout', 'internal', 'unreachable'])
    assert.ok(mayKeep(failed('a', code)), code);
  for (const code of ['missing_scope', 'not_found', 'invalid_request', 'result_too_large'])
    assert.ok(!mayKeep(failed('a', code)), code);
  assert.ok(!mayKeep(answered('a')));
});
