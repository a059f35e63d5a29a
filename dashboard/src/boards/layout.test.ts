import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inReadingOrder, type Place, placeText, rowsOf } from '../board/places.ts';
import { compacted, type Direction, movedBy, resizedBy, roomFor } from './layout.ts';

const at = (id: string, x: number, y: number, w: number, h: number): Place => ({ id, x, y, w, h });
const THREE = [at('a', 0, 0, 6, 2), at('b', 6, 0, 6, 2), at('c', 0, 2, 12, 3)];
const text = (tiles: readonly Place[]): string =>
  tiles.map(({ id, x, y, w, h }) => `${id} ${x},${y} ${w}x${h}`).join('; ');

test('tiles float up, and stay the same where nothing moves', () => {
  assert.equal(compacted(THREE), THREE);
  assert.equal(text(compacted([at('a', 0, 4, 6, 2), at('b', 0, 9, 3, 1)])), 'a 0,0 6x2; b 0,2 3x1');
});

test('a step of the keyboard always does something, or says that it cannot', () => {
  assert.equal(movedBy(THREE, 'a', 'left'), THREE);
  assert.equal(movedBy(THREE, 'a', 'up'), THREE);
  assert.equal(movedBy(THREE, 'b', 'right'), THREE);
  assert.equal(text(movedBy(THREE, 'c', 'up')), 'a 0,3 6x2; b 6,3 6x2; c 0,0 12x3');
  const down = movedBy(THREE, 'a', 'down');
  assert.equal(down.find(({ id }) => id === 'a')?.y, 5);
  assert.equal(text(movedBy(down, 'a', 'down')), text(down), 'it is the last');
  assert.equal(movedBy(THREE, 'none', 'up'), THREE);
});

test('a size changes by a step, within the grid', () => {
  assert.equal(text(resizedBy(THREE, 'a', 'left')), 'a 0,0 5x2; b 6,0 6x2; c 0,2 12x3');
  assert.equal(text(resizedBy(THREE, 'a', 'down')), 'a 0,0 6x3; b 6,0 6x2; c 0,3 12x3');
  const wider = resizedBy(THREE, 'a', 'right');
  assert.equal(wider.find(({ id }) => id === 'a')?.w, 7);
  assert.equal(resizedBy(THREE, 'c', 'right'), THREE);
  assert.equal(resizedBy([at('a', 0, 0, 1, 1)], 'a', 'left')[0]?.w, 1);
});

test('tiles never overlap, whatever keys are pressed', () => {
  const directions: Direction[] = ['left', 'right', 'up', 'down'];
  const cells = (tiles: readonly Place[]): number => {
    const taken = new Set<string>();
    for (const { x, y, w, h } of tiles) {
      assert.ok(x >= 0 && x + w <= 12 && y >= 0);
      for (let row = y; row < y + h; row += 1)
        for (let column = x; column < x + w; column += 1) taken.add(`${column},${row}`);
    }
    return taken.size;
  };
  let tiles: readonly Place[] = [...THREE, at('d', 0, 5, 4, 2), at('e', 4, 5, 4, 4), at('f', 8, 5, 4, 1)];
  for (let step = 0; step < 400; step += 1) {
    const id = 'abcdef'[(step * 7) % 6] ?? 'a';
    const direction = directions[(step * 5 + Math.floor(step / 11)) % 4] ?? 'up';
    tiles = step % 3 === 0 ? resizedBy(tiles, id, direction) : movedBy(tiles, id, direction);
    assert.equal(
      cells(tiles),
      tiles.reduce((sum, { w, h }) => sum + w * h, 0),
      text(tiles),
    );
  }
});

test('a new tile goes into the first gap, or below all', () => {
  assert.deepEqual(roomFor(THREE, { w: 4, h: 2 }), { x: 0, y: 5 });
  assert.deepEqual(roomFor([at('a', 0, 0, 6, 2)], { w: 4, h: 2 }), { x: 6, y: 0 });
  assert.deepEqual(roomFor([], { w: 4, h: 2 }), { x: 0, y: 0 });
  assert.equal(rowsOf(THREE), 5);
  assert.equal(rowsOf([]), 0);
});

test('tiles are read row by row, and told where they are', () => {
  assert.deepEqual(
    inReadingOrder([...THREE].reverse()).map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  assert.equal(placeText(at('b', 6, 0, 6, 2)), 'column 7, row 1, 6 wide, 2 high');
});
