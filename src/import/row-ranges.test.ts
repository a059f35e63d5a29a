import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { RowRanges, rangesOfRows } from './row-ranges.ts';

const rowSets = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((rows) => rows.sort((a, b) => a - b));

test('property: ranges hold exactly their rows, in whatever order they are asked', () => {
  fc.assert(
    fc.property(rowSets, fc.array(fc.integer({ min: 0, max: 65 })), (rows, questions) => {
      const ranges = new RowRanges(rangesOfRows(rows));
      assert.equal(ranges.size, rows.length);
      assert.equal(ranges.last, rows.at(-1) ?? 0);
      for (const question of questions) assert.equal(ranges.has(question), rows.includes(question));
    }),
  );
});

test('property: complement and difference', () => {
  fc.assert(
    fc.property(rowSets, rowSets, fc.integer({ min: 0, max: 70 }), (rows, others, last) => {
      const all = Array.from({ length: last }, (_, index) => index + 1);
      const missing = rangesOfRows(rows.filter((row) => row <= last));
      const complement = RowRanges.complementOf(missing, last);
      assert.deepEqual(
        all.filter((row) => complement.has(row)),
        all.filter((row) => !rows.includes(row)),
      );
      const rest = new RowRanges(rangesOfRows(rows)).without(rangesOfRows(others));
      const expected = rows.filter((row) => !others.includes(row));
      assert.deepEqual(rest.toArray(), rangesOfRows(expected));
    }),
  );
});
