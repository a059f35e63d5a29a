import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn, type Span } from './turn.ts';

const span = (top: number, bottom: number): Span => ({ top, bottom });
/** Rows of tiles, a gap of 10 between them. */
const TILES = [span(0, 100), span(0, 210), span(110, 210), span(220, 400), span(220, 600), span(410, 600)];

test('a board goes on with the first tile that is not whole in view, and at its beginning after the last', () => {
  const seen: number[] = [];
  for (let top = 0; seen.length < 4; ) {
    top = nextTurn(TILES, span(top, top + 390));
    seen.push(top);
  }
  assert.deepEqual(seen, [220, 0, 220, 0]);
  assert.equal(nextTurn(TILES, span(220, 599)), 0, 'half a pixel is no reason to go on');
});

test('a tile that is longer than the screen is shown piece by piece', () => {
  assert.equal(nextTurn([span(0, 950)], span(0, 400)), 400);
  assert.equal(nextTurn([span(0, 950)], span(400, 800)), 800);
  assert.equal(nextTurn([span(0, 950)], span(550, 950)), 0);
});

test('a board without tiles stays where it is', () => {
  assert.equal(nextTurn([], span(0, 400)), 0);
});

test('whatever the tiles, all of each was in view before the board begins anew', () => {
  for (const height of [90, 150, 333, 1_000]) {
    const end = Math.max(...TILES.map(({ bottom }) => bottom));
    const views: Span[] = [];
    let top = 0;
    do {
      // As far as a browser scrolls.
      top = Math.max(0, Math.min(top, end - height));
      views.push(span(top, top + height));
      top = nextTurn(TILES, span(top, top + height));
      assert.ok(views.length < 20, 'it comes to an end');
    } while (top > 0);
    const covered = views.every(({ top: at }, index) => at <= (views[index - 1]?.bottom ?? 0));
    assert.ok(covered, `no part is passed over with a height of ${height}`);
    assert.ok((views.at(-1)?.bottom ?? 0) >= end - 2);
  }
});
