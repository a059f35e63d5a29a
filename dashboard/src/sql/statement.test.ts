import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedOf, faultOf, parametersOf, parameterValue, placeOf } from './statement.ts';

test('what is selected is run, or all of it', () => {
  const text = 'SELECT 1;\nSELECT 2';
  assert.deepEqual(askedOf(text, { from: 10, to: 18 }), { text: 'SELECT 2', offset: 10 });
  assert.deepEqual(askedOf(text, { from: 3, to: 3 }), { text, offset: 0 });
  assert.deepEqual(askedOf(text, { from: 9, to: 10 }), { text, offset: 0 });
});

test('parameters are found once each, but not in texts and comments', () => {
  const sql = `SELECT {a:String}, { b : Array(UInt8) }, {a:String}, '{c:String}', "{d:X}" -- {e:X}
    /* {f:X} */ FROM t WHERE x = 'it''s {g:X}' AND y = {h:DateTime64(3)}`;
  assert.deepEqual(parametersOf(sql), [
    { name: 'a', type: 'String' },
    { name: 'b', type: 'Array(UInt8)' },
    { name: 'h', type: 'DateTime64(3)' },
  ]);
});

test('values are sent as text, lists as lists', () => {
  assert.equal(parameterValue('UInt8', '7'), '7');
  assert.equal(parameterValue('String', ' a '), ' a ');
  assert.deepEqual(parameterValue('Array(String)', 'DE, FR'), ['DE', 'FR']);
  assert.deepEqual(parameterValue('Array(String)', '["a,b", null]'), ['a,b', null]);
  assert.deepEqual(parameterValue('Array(UInt8)', '1, 2'), [1, 2]);
  assert.deepEqual(parameterValue('Array(UInt8)', ''), []);
});

test('the place of a fault is told in the text of the editor, also when a part of it was run', () => {
  const text = 'SELECT 1;\nSELECT\n usr_id FROM events';
  const asked = askedOf(text, { from: 10, to: text.length });
  const details = { line: 2, column: 2, excerpt: ' usr_id FROM events\n ^^^^^^', suggestions: ['user_id'] };
  const fault = faultOf('Line 2, column 2: There is no column "usr_id".', details, asked);
  assert.equal(fault.message, 'There is no column "usr_id".');
  assert.deepEqual(fault.suggestions, ['user_id']);
  assert.equal(text.slice(fault.at?.from, fault.at?.to), 'usr_id');
  assert.deepEqual(placeOf(text, fault.at?.from ?? 0), { line: 3, column: 2 });
});

test('a fault without a place, or beyond the text, stays within it', () => {
  const asked = { text: 'SELECT', offset: 0 };
  const nowhere = { line: null, column: null, excerpt: null, suggestions: [] };
  assert.equal(faultOf('Too slow.', nowhere, asked).at, undefined);
  assert.equal(faultOf('Too slow.', undefined, asked).at, undefined);
  const end = { line: 9, column: 4, excerpt: 'SELECT\n      ^', suggestions: [] };
  assert.deepEqual(faultOf('Line 9, column 4: End.', end, asked).at, { from: 6, to: 6 });
});
