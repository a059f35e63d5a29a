import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { BlockBuilder } from './block-builder.ts';
import {
  blockBytes,
  concatBlocks,
  decimalAt,
  emptyBlock,
  filterBlock,
  rowView,
  rowViews,
  stringOffsets,
  stringsAt,
  timesOf,
} from './blocks.ts';
import { columnIndex, EVENTS, LEDGER, type Table } from './columns.ts';
import { decimalText, lebSize, stringEnd, writeLeb } from './layout.ts';
import { addRow, blockArbitrary, blockOf, rowOf, type TestRow } from './testing/block-arbitraries.ts';

const ALL_KINDS = {
  name: 'events',
  version: 1,
  columns: [
    { name: 's', kind: 'string' },
    { name: 'a', kind: 'uint8' },
    { name: 'b', kind: 'uint32' },
    { name: 'c', kind: 'uint64' },
    { name: 't', kind: 'time' },
    { name: 'd', kind: 'decimal' },
    { name: 'z', kind: 'string' },
  ],
} as const satisfies Table;

/** What `rowView` should say of a row. */
const viewOfRow = (row: TestRow): unknown =>
  Object.fromEntries(
    ALL_KINDS.columns.map(({ name }, index) => {
      const cell = row[index] ?? null;
      return [
        name,
        typeof cell === 'bigint' ? decimalText(cell) : typeof cell === 'string' ? cell.toWellFormed() : cell,
      ];
    }),
  );

const rows = fc.array(rowOf(ALL_KINDS), { maxLength: 10 });

test('a block reads back what was built', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const block = blockOf(ALL_KINDS, given);
      assert.deepEqual(rowViews(block), given.map(viewOfRow));
      given.forEach((row, index) => assert.deepEqual(rowView(block, index), viewOfRow(row)));
    }),
  );
});

test('concat of parts is the block of all rows', () => {
  fc.assert(
    fc.property(rows, rows, rows, (a, b, c) => {
      const joined = concatBlocks(
        ALL_KINDS,
        [a, b, c].map((part) => blockOf(ALL_KINDS, part)),
      );
      assert.deepEqual(joined, blockOf(ALL_KINDS, [...a, ...b, ...c]));
    }),
  );
});

test('filter keeps exactly the marked rows; filter distributes over concat', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(rowOf(ALL_KINDS), fc.nat(1)), { maxLength: 12 }),
      fc.nat(12),
      (marked, cut) => {
        const block = blockOf(
          ALL_KINDS,
          marked.map(([row]) => row),
        );
        const keep = Uint8Array.from(marked, ([, flag]) => flag);
        const expected = blockOf(
          ALL_KINDS,
          marked.filter(([, flag]) => flag === 1).map(([row]) => row),
        );
        assert.deepEqual(filterBlock(block, keep), expected);
        const at = Math.min(cut, marked.length);
        const parts = [marked.slice(0, at), marked.slice(at)].map((part) =>
          filterBlock(
            blockOf(
              ALL_KINDS,
              part.map(([row]) => row),
            ),
            Uint8Array.from(part, ([, flag]) => flag),
          ),
        );
        assert.deepEqual(concatBlocks(ALL_KINDS, parts), expected);
      },
    ),
  );
});

test('truncate and restore undo whole rows, and building goes on', () => {
  fc.assert(
    fc.property(rows, rows, rows, (kept, undone, more) => {
      for (const undo of ['truncate', 'restore'] as const) {
        const builder = new BlockBuilder(ALL_KINDS, 8);
        for (const row of kept) addRow(builder, row);
        const mark = builder.mark();
        for (const row of undone) addRow(builder, row);
        builder.text(0, 'half a row');
        if (undo === 'truncate') builder.truncate(mark.rows);
        else builder.restore(mark);
        for (const row of more) addRow(builder, row);
        assert.deepEqual(builder.build(), blockOf(ALL_KINDS, [...kept, ...more]));
        assert.equal(builder.rows, 0);
      }
    }),
    { numRuns: 50 },
  );
});

test('unset columns have defaults, setting again replaces, abandonRow forgets', () => {
  const builder = new BlockBuilder(ALL_KINDS);
  builder.text(0, 'first');
  builder.text(0, 'x');
  builder.decimal(5, 5n);
  builder.decimal(5, null);
  builder.endRow();
  builder.text(0, 'gone');
  builder.abandonRow();
  builder.decimalNumber(5, -1_500_000);
  builder.endRow();
  assert.deepEqual(rowViews(builder.build()), [
    { s: 'x', a: 0, b: 0, c: 0, t: 0, d: null, z: '' },
    { s: '', a: 0, b: 0, c: 0, t: 0, d: '-1.5', z: '' },
  ]);
});

test('the builder says how many bytes build copies', () => {
  const builder = new BlockBuilder(ALL_KINDS);
  addRow(builder, ['é', 1, 2, 3, 4, 5n, 'x'.repeat(200)]);
  const bytes = builder.bytes;
  assert.equal(blockBytes(builder.build()), bytes);
});

test('decimalNumber and decimal write the same bytes', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (scaled) => {
      const column = columnIndex(EVENTS, 'value');
      const [a, b] = [new BlockBuilder(EVENTS), new BlockBuilder(EVENTS)];
      a.decimal(column, BigInt(scaled));
      b.decimalNumber(column, scaled);
      a.endRow();
      b.endRow();
      const block = b.build();
      assert.deepEqual(a.build(), block);
      assert.equal(decimalAt(block, column, 0), BigInt(scaled));
    }),
  );
});

test('readers of single columns', () => {
  const block = blockOf(LEDGER, [
    ['p', -1, 'received', '', 7],
    ['q'.repeat(128), 60_000, 'stored', '', 9],
  ]);
  assert.deepEqual([...stringOffsets(block, 0)], [0, 2, 132]);
  assert.equal(stringsAt(block, 0)(1), 'q'.repeat(128));
  assert.deepEqual([...timesOf(block, 1)], [-1, 60_000]);
  assert.throws(() => stringsAt(block, 0)(2), RangeError);
  assert.throws(() => stringsAt(block, 9), RangeError);
  assert.throws(() => rowView(block, 2), RangeError);
  assert.throws(() => filterBlock(block, new Uint8Array(1)), RangeError);
  assert.throws(() => timesOf(block, 0), RangeError);
});

test('an empty block is the unit of concat', () => {
  fc.assert(
    fc.property(blockArbitrary(LEDGER), (block) => {
      assert.deepEqual(concatBlocks(LEDGER, [emptyBlock(LEDGER), block, emptyBlock(LEDGER)]), block);
    }),
    { numRuns: 20 },
  );
  assert.deepEqual(concatBlocks(LEDGER, []), emptyBlock(LEDGER));
});

test('a large buffer is given back, small ones are reused', () => {
  const builder = new BlockBuilder(LEDGER);
  builder.text(0, 'x'.repeat(9 * 1024 * 1024));
  builder.endRow();
  assert.equal(builder.build().rows, 1);
  builder.text(0, 'after');
  builder.endRow();
  assert.equal(rowView(builder.build(), 0)['project'], 'after');
});

test('LEB128 lengths', () => {
  for (const size of [
    0,
    1,
    127,
    128,
    16_383,
    16_384,
    2_097_151,
    2_097_152,
    268_435_455,
    268_435_456,
    2 ** 31 - 1,
  ]) {
    const bytes = new Uint8Array(5);
    assert.equal(writeLeb(bytes, 0, size), lebSize(size), String(size));
  }
  assert.equal(stringEnd(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0), 0), -1);
  assert.equal(stringEnd(Uint8Array.of(0x80), 0), -1);
  assert.equal(stringEnd(Uint8Array.of(2, 65), 0), -1);
  assert.equal(stringEnd(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f), 0), -1);
  assert.equal(stringEnd(Uint8Array.of(1, 65), 0), 2);
});

test('decimalText is exact and short', () => {
  assert.equal(decimalText(0n), '0');
  assert.equal(decimalText(-1n), '-0.000001');
  assert.equal(decimalText(12_500_000n), '12.5');
  assert.equal(decimalText(-999_999_999_999_999_999n), '-999999999999.999999');
});

test('repeat sets all rows that have no value yet', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.nat(70), fc.string({ maxLength: 200 }), (before, after, text) => {
      const builder = new BlockBuilder(ALL_KINDS, 8);
      for (let row = 0; row < before + after; row++) {
        if (row < before) {
          builder.text(0, 'own');
          builder.int64(4, 1);
        }
        builder.endRow();
      }
      builder.repeatString(0, new Uint8Array(Buffer.from(text)));
      builder.repeatInt64(4, -5);
      rowViews(builder.build()).forEach((view, row) =>
        assert.deepEqual([view['s'], view['t']], row < before ? ['own', 1] : [text.toWellFormed(), -5]),
      );
    }),
  );
});
