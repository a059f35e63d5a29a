import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedTables } from './storage.ts';

const metric = (name: string, table: string, value: number) => ({
  ...{ name, kind: 'gauge' as const, help: '', labels: { table }, value },
});

test('tables with their rows and bytes, the largest first', () => {
  assert.deepEqual(
    storedTables([
      metric('aevum_warehouse_table_rows', 'refused', 3),
      metric('aevum_warehouse_table_bytes', 'refused', 70),
      metric('aevum_warehouse_table_parts', 'refused', 9),
      metric('aevum_warehouse_table_bytes', 'metric_x', 900),
      { ...metric('aevum_load_rows_total', '', 5), labels: {} },
    ]),
    [
      { name: 'metric_x', words: undefined, rows: 0, bytes: 900 },
      { name: 'refused', words: 'refused events, with reason and bytes', rows: 3, bytes: 70 },
    ],
  );
});
