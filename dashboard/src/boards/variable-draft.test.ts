import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Variable } from '../../../src/contract/boards.ts';
import {
  choicesOf,
  choicesText,
  kindsFor,
  lackOf,
  nameFrom,
  newVariable,
  withFittingDefault,
} from './variable-draft.ts';

test('a variable has a name that it may have, and that no other has', () => {
  assert.equal(nameFrom('Time range', []), 'time_range');
  assert.equal(nameFrom('Größe', []), 'gro_e');
  assert.equal(nameFrom('Land', ['land', 'land_2']), 'land_3');
  for (const label of ['', '123', '日本', '__x__', 'y'.repeat(100), '<b>'])
    assert.match(nameFrom(label, []), /^[a-z][a-z0-9_]{0,39}$/, label);
});

test('a board has one range and one time zone', () => {
  const both = [newVariable('range', []), newVariable('timezone', [])];
  assert.deepEqual(kindsFor(both), ['filter', 'choice']);
  assert.deepEqual(kindsFor([]), ['range', 'timezone', 'filter', 'choice']);
});

test('choices are typed a line each, and stay numbers that were numbers', () => {
  const choices = [{ value: 3, label: 'Three' }, { value: 'a=b' }, { value: true }];
  assert.deepEqual(choicesOf(choicesText(choices), choices), choices);
  assert.deepEqual(choicesOf('pro = Professional = best\n\n pro\n free ', []), [
    { value: 'pro', label: 'Professional = best' },
    { value: 'free' },
  ]);
});

test('what lacks is told, and a default that is no choice any more goes', () => {
  const choice = newVariable('choice', []) as Extract<Variable, { kind: 'choice' }>;
  assert.match(lackOf(choice) ?? '', /field/);
  assert.match(lackOf({ ...choice, field: 'country' }) ?? '', /choice/);
  const whole: Variable = { ...choice, field: 'country', choices: [{ value: 'DE' }], default: 'DE' };
  assert.equal(lackOf(whole), undefined);
  assert.equal(withFittingDefault(whole), whole);
  const narrowed = withFittingDefault({ ...whole, choices: [{ value: 'FR' }] });
  assert.equal(narrowed.default, null);
  assert.equal(lackOf(newVariable('range', [])), undefined);
});
