import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BoardAnswer, Tile } from '../../../src/contract/boards.ts';
import {
  begin,
  change,
  copyName,
  freeId,
  isChanged,
  redo,
  undo,
  withoutVariable,
  withTile,
} from './draft.ts';

const TEXT: Tile = { kind: 'text', id: 'a', x: 0, y: 0, w: 4, h: 2, title: '', text: 'Hello' };
const BOARD: BoardAnswer = {
  ...{ id: 'brd_1', name: 'Shop', description: '', tags: [], variables: [], tiles: [TEXT], version: 3 },
  ...{ created_at: '', created_by: 'ada', updated_at: '', updated_by: 'ada' },
};

test('steps are undone and redone, and what changes nothing is none', () => {
  const begun = begin(BOARD);
  assert.equal(isChanged(begun), false);
  assert.equal(change(begun, { name: 'Shop' }), begun);
  assert.equal(undo(begun), begun);
  assert.equal(redo(begun), begun);
  const named = change(begun, { name: 'Store' });
  const emptied = change(named, { tiles: [] });
  assert.deepEqual([emptied.now.name, emptied.now.tiles], ['Store', []]);
  const back = undo(emptied);
  assert.deepEqual([back.now.name, back.now.tiles.length], ['Store', 1]);
  assert.deepEqual(redo(back).now, emptied.now);
  assert.equal(isChanged(undo(back)), false);
  assert.equal(change(back, { name: 'Other' }).future.length, 0);
  assert.equal(emptied.version, 3);
});

test('steps are bounded', () => {
  let editing = begin(BOARD);
  for (let step = 0; step < 250; step += 1) editing = change(editing, { name: `Name ${step}` });
  assert.equal(editing.past.length, 100);
});

test('tiles are changed, copied and taken away', () => {
  assert.deepEqual(
    withTile([TEXT], 'a', (tile) => ({ ...tile, title: 'x' })).map(({ title }) => title),
    ['x'],
  );
  assert.deepEqual(
    withTile([TEXT], 'a', () => undefined),
    [],
  );
  assert.equal(freeId([{ id: 'text' }, { id: 'text_2' }], 'text'), 'text_3');
  assert.equal(freeId([], 'text'), 'text');
});

test('a copy has a name of its own, which is not too long', () => {
  assert.equal(copyName('Shop', []), 'Shop (copy)');
  assert.equal(copyName('Shop', ['Shop (copy)']), 'Shop (copy 2)');
  assert.equal(copyName('x'.repeat(100), []).length, 100);
});

test('tiles forget a variable that is gone', () => {
  const tile: Tile = {
    ...{ kind: 'insight', id: 'b', x: 0, y: 2, w: 4, h: 2, title: '' },
    ...{ insight: 'ins_1', ignores: ['period', 'country'] },
  };
  const [text, changed] = withoutVariable([TEXT, tile], 'period');
  assert.equal(text, TEXT);
  assert.deepEqual(changed, { ...tile, ignores: ['country'] });
});
