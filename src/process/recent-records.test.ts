import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { emptyBlock } from '../event/blocks.ts';
import { EVENTS, LEDGER, RECORDS, REFUSED } from '../event/columns.ts';
import { type RecentRecord, RecentRecords } from './recent-records.ts';

const record = {
  ...{ events: emptyBlock(EVENTS), refused: emptyBlock(REFUSED) },
  ...{ ledger: emptyBlock(LEDGER), records: emptyBlock(RECORDS) },
};
const recent = (position: number, bytes = 1): RecentRecord => ({
  ...{ position, bytes, rows: 1, record },
  covers: { from: position, to: position },
});
const positionsFrom = (records: RecentRecords, from: number): number[] =>
  records.from(from).map(({ position }) => position);

test('a stretch is found from any of its records on, and from no other', () => {
  const records = new RecentRecords();
  assert.deepEqual(positionsFrom(records, 0), []);
  for (const position of [5, 6, 7]) records.offer(recent(position));
  assert.deepEqual(
    [4, 5, 7, 8, 900].map((from) => positionsFrom(records, from)),
    [[], [5, 6, 7], [7], [], []],
  );
  records.drop(6);
  assert.deepEqual(
    [5, 6].map((from) => positionsFrom(records, from)),
    [[], [6, 7]],
  );
});

test('behind a gap a new stretch begins', () => {
  const records = new RecentRecords();
  for (const position of [5, 6, 9]) records.offer(recent(position));
  assert.deepEqual(
    [5, 9].map((from) => positionsFrom(records, from)),
    [[], [9]],
  );
  assert.equal(records.bytes, 1);
});

test('it holds no more than its bound, always the newest, without a gap', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(15), { minLength: 1 }), fc.nat(40), (sizes, bytesMax) => {
      const records = new RecentRecords(bytesMax);
      sizes.forEach((bytes, position) => records.offer(recent(position, bytes)));
      let kept = 0;
      let sum = 0;
      for (const bytes of sizes.toReversed()) {
        if (sum + bytes > bytesMax) break;
        sum += bytes;
        kept += 1;
      }
      const first = sizes.length - kept;
      assert.equal(records.bytes, sum);
      assert.deepEqual(positionsFrom(records, first), sizes.map((_, position) => position).slice(first));
      if (first > 0) assert.deepEqual(positionsFrom(records, first - 1), []);
    }),
  );
});
