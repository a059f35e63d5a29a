import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CELL_CHARS_MAX, cellText, columnWidths, fullCell, rowJson, shortCell } from './cells.ts';

test('values as text', () => {
  assert.deepEqual([null, undefined, '', 'a', 1, true, [1, 'x'], { a: 1 }].map(cellText), [
    'null',
    'null',
    '',
    'a',
    '1',
    'true',
    '[1,"x"]',
    '{"a":1}',
  ]);
  assert.equal(shortCell('a\r\n  b'), 'a ⏎ b');
  assert.equal(shortCell('x'.repeat(1000)).length, CELL_CHARS_MAX + 1);
});

test('columns are as wide as what stands in them, within reason', () => {
  const columns = ['n', 'a_rather_long_name', 'text'].map((name) => ({ name, type: 'String' }));
  assert.deepEqual(columnWidths(columns, [[1, 2, 'x'.repeat(300)]]), [10, 22, 44]);
});

test('a row and its values in full', () => {
  assert.equal(rowJson([{ name: 'a' }, { name: 'b' }], ['1', null]), '{\n  "a": "1",\n  "b": null\n}');
  assert.deepEqual(fullCell('{"a":[1]}'), { text: '{\n  "a": [\n    1\n  ]\n}', isJson: true });
  assert.deepEqual(fullCell('{not json'), { text: '{not json', isJson: false });
  assert.deepEqual(fullCell([1]), { text: '[\n  1\n]', isJson: true });
  assert.deepEqual(fullCell('12'), { text: '12', isJson: false });
});
