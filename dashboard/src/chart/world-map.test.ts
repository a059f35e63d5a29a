import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countryName } from '../lib/country.ts';
import { strengthOf } from './world-scale.ts';
import { SHAPES, SHOWN, WORLD } from './world-shapes.ts';

test('every country of the drawing has letters that name it, and lies within', () => {
  assert.ok(SHAPES.length > 170);
  for (const { key, code, path, at } of SHAPES) {
    assert.match(path, /^M[\d., MLZ-]+$/i, key);
    assert.ok(at[0] >= 0 && at[0] <= WORLD.width && at[1] >= 0 && at[1] <= WORLD.height, key);
    if (code !== undefined) assert.notEqual(countryName(code), code, key);
  }
  const nameless = SHAPES.filter(({ code }) => code === undefined).map(({ key }) => key.replace(/-\d+$/, ''));
  assert.deepEqual(nameless, ['N. Cyprus', 'Somaliland']);
  const codes = SHAPES.flatMap(({ code }) => code ?? []);
  assert.equal(new Set(codes).size, codes.length, 'each once');
  for (const code of ['DE', 'US', 'CI', 'XK', 'GB', 'SS', 'TW']) assert.ok(SHOWN.has(code), code);
});

test('what is no code of a country is shown as it was sent', () => {
  assert.equal(countryName('de'), 'Germany');
  assert.equal(countryName('<b>'), '<b>');
  assert.equal(countryName(''), '');
});

test('something is told from nothing, and half is not half as strong', () => {
  assert.equal(strengthOf(0, 10), 0);
  assert.equal(strengthOf(5, 0), 0);
  assert.equal(strengthOf(10, 10), 100);
  assert.ok(strengthOf(1, 1_000_000) >= 14);
  assert.ok(strengthOf(50, 100) > 70);
});
