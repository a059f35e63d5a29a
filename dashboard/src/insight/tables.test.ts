import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayOf } from './display.ts';
import { numbersOf } from './numbers.ts';
import { csvOf, sortedRows, type TableShape } from './table-shape.ts';
import { tablesOf } from './tables.ts';
import { KINDS, SAMPLES } from './testing/answers.ts';

const tables = (kind: (typeof KINDS)[number]): TableShape[] => {
  const { question, answer } = SAMPLES[kind];
  return tablesOf(question, answer, displayOf(question, { as: 'table' }));
};

for (const kind of KINDS)
  test(`the answer to ${kind} as tables: rows, each with a cell a column`, () => {
    const all = tables(kind);
    assert.ok(all.length > 0);
    for (const { columns, rows, title } of all) {
      assert.ok(rows.length > 0, title);
      for (const { cells } of rows) assert.equal(cells.length, columns.length, title);
    }
  });

/** Some cells of tables, to be sure that columns hold what their heads say. */
const CELLS: readonly (readonly [(typeof KINDS)[number], string, number, unknown])[] = [
  ['funnel', 'Dropped', 0, 60],
  ['funnel', 'Median time', 1, 4_000],
  ['funnel_users', 'Step 2', 0, null],
  ['paths', 'Ended here', 0, 3],
  ['sessions', 'Bounce rate', 0, 0.25],
  ['revenue', 'Buyers', 1, 3],
  ['attribution', 'Markov: EUR', 0, 55],
  ['attribution', 'Removal effect', 1, 0.3],
  ['statistics', 'Median', 0, 20],
  ['statistics', 'Correlation', 0, 0.5],
  ['experiment', 'Significant', 1, 'yes'],
  ['experiment', 'p', 0, null],
  ['retention', 'day 1', 0, 0.4],
  ['metric_windows', 'Lasted', 0, 90_000],
  ['web', 'Views', 0, 20],
];

for (const [kind, head, row, value] of CELLS)
  test(`the table of ${kind}: ${head} of row ${row}`, () => {
    const [table] = tables(kind);
    const column = table?.columns.findIndex((each) => each.head === head) ?? -1;
    assert.ok(column >= 0);
    assert.equal(table?.rows[row]?.cells[column], value);
  });

test('sorted by a column, rows without a value last whichever way', () => {
  const rows = [
    ['b', 2],
    ['a', null],
    ['c', 10],
    ['a10', 2],
  ].map((cells) => ({ cells }));
  const order = (column: number, isDown: boolean): unknown[] =>
    sortedRows(rows, column, isDown).map(({ cells }) => cells[0] ?? null);
  assert.deepEqual(order(1, true), ['c', 'b', 'a10', 'a']);
  assert.deepEqual(order(1, false), ['b', 'a10', 'c', 'a']);
  assert.deepEqual(order(0, false), ['a', 'a10', 'b', 'c']);
});

test('CSV: quoted where needed, numbers in full, no formulas', () => {
  const table = {
    title: '',
    columns: [{ head: 'a,b' }, { head: 'n' }],
    rows: [
      ['say "hi"\nthere', 0.125],
      ['=1+1', null],
      ['-x', -2],
    ].map((cells) => ({ cells })),
  };
  assert.equal(csvOf(table), '"a,b",n\r\n"say ""hi""\nthere",0.125\r\n\'=1+1,\r\n\'-x,-2');
});

test('answers as a few numbers', () => {
  const told = (kind: (typeof KINDS)[number], display = {}): unknown[] => {
    const { question, answer } = SAMPLES[kind];
    return numbersOf(question, answer, displayOf(question, { as: 'number', ...display })).map(
      ({ name, value, before, spark }) => [name, value, before, spark.length],
    );
  };
  // The last day is not over: it would look like a fall.
  assert.deepEqual(told('trend')[0], ['DE', 9, 6, 2]);
  assert.deepEqual(told('funnel')[0], ['All', 0.1, null, 0]);
  assert.deepEqual(told('web')[0], ['Visitors', 8, 4, 0]);
  assert.deepEqual(told('web', { measure: 'bounce_rate' }), [['Bounce rate', 0.2, 0.2, 0]]);
  assert.deepEqual(told('statistics')[0], ['Mean · All · EUR', 22, null, 0]);
  assert.deepEqual(told('stickiness')[0], ['Of those active in 7 days', 0.5, null, 2]);
});
