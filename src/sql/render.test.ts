import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv, toNdjson } from './render.ts';

const columns = ['a', 'b'].map((name) => ({ name, type: 'String' }));

test('CSV: quoted where it must be, empty told from none, and nothing for spreadsheets to run', () => {
  const rows = [
    ['', null],
    ['x,y', 'say "so"'],
    ['=1+1', '-12.500'],
    [-3, ['a', 1]],
    ['@cmd', '-x'],
    ['two\nlines', '-9007199254740993'],
  ];
  assert.equal(
    toCsv({ columns, rows }),
    'a,b\r\n"",\r\n"x,y","say ""so"""\r\n\'=1+1,-12.500\r\n-3,"[""a"",1]"\r\n\'@cmd,\'-x\r\n"two\nlines",-9007199254740993\r\n',
  );
});

test('NDJSON: an object a row', () => {
  assert.equal(toNdjson({ columns, rows: [[1, { x: null }]] }), '{"a":1,"b":{"x":null}}\n');
  assert.equal(toNdjson({ columns, rows: [] }), '');
});
