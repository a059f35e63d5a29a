import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { concatBlocks, emptyBlock } from './blocks.ts';
import { EVENTS, LEDGER } from './columns.ts';
import { encodeNative, encodeNativeOf } from './native.ts';
import { blockArbitrary, blockOf } from './testing/block-arbitraries.ts';

test('a block in Native format, byte for byte', () => {
  const block = blockOf(LEDGER, [['p', 1, 'stored', '', 2]]);
  const column = (name: string, type: string, data: Buffer): Buffer =>
    Buffer.concat([
      Buffer.of(name.length),
      Buffer.from(name),
      Buffer.of(type.length),
      Buffer.from(type),
      data,
    ]);
  const u64 = (value: number): Buffer => Buffer.of(value, 0, 0, 0, 0, 0, 0, 0);
  const expected = Buffer.concat([
    Buffer.of(6, 1),
    column('project', 'String', Buffer.of(1, 0x70)),
    column('minute', "DateTime64(3, 'UTC')", u64(1)),
    column('account', 'String', Buffer.from('\x06stored')),
    column('reason', 'String', Buffer.of(0)),
    column('events', 'UInt64', u64(2)),
    column('position', 'UInt64', u64(9)),
  ]);
  const parts = encodeNative(block, [{ name: 'position', type: 'UInt64', values: BigUint64Array.of(9n) }]);
  assert.deepEqual(Buffer.concat(parts), expected);
});

test('an extra column must have a value a row', () => {
  assert.throws(
    () =>
      encodeNative(emptyBlock(EVENTS), [{ name: 'position', type: 'UInt64', values: new BigUint64Array(1) }]),
    RangeError,
  );
});

test('several blocks in Native format are as one that holds all their rows', () => {
  fc.assert(
    fc.property(fc.array(blockArbitrary(EVENTS), { maxLength: 4 }), (blocks) => {
      const parts = encodeNativeOf(EVENTS, blocks, []);
      assert.deepEqual(Buffer.concat(parts), Buffer.concat(encodeNative(concatBlocks(EVENTS, blocks))));
    }),
  );
});
