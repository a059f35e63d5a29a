import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textTable } from './text-table.ts';

test('columns are as wide as what stands in them, and no name writes over the terminal', () => {
  assert.equal(
    textTable(
      ['NAME', 'ID'],
      [
        ['a\u001b[31m red\nrevoked', 'key_1'],
        ['Zürich', 'key_2'],
      ],
    ),
    'NAME                ID\na?[31m red?revoked  key_1\nZürich              key_2\n',
  );
});
