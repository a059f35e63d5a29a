import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { rowViews } from './blocks.ts';
import { EVENTS, LEDGER, RECORDS, REFUSED } from './columns.ts';
import {
  decodeGovernedRecord,
  decodeRawRecord,
  encodeGovernedRecord,
  encodeRawRecord,
  type GovernedRecord,
  type RawRecord,
  RecordError,
} from './record.ts';
import { blockArbitrary, blockOf } from './testing/block-arbitraries.ts';

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const rawRecord: fc.Arbitrary<RawRecord> = fc.record(
  {
    events: blockArbitrary(EVENTS, 4),
    refused: blockArbitrary(REFUSED, 3),
    received: blockArbitrary(LEDGER, 3),
  },
  { noNullPrototype: true },
);

const governedRecord: fc.Arbitrary<GovernedRecord> = fc.record(
  {
    events: blockArbitrary(EVENTS, 3),
    refused: blockArbitrary(REFUSED, 2),
    ledger: blockArbitrary(LEDGER, 2),
    records: blockArbitrary(RECORDS, 2),
  },
  { noNullPrototype: true },
);

test('raw and governed records read back what was written', () => {
  fc.assert(
    fc.property(rawRecord, governedRecord, (raw, governed) => {
      assert.deepEqual(decodeRawRecord(joined(encodeRawRecord(raw))), raw);
      assert.deepEqual(decodeGovernedRecord(joined(encodeGovernedRecord(governed))), governed);
    }),
    { numRuns: 60 },
  );
});

test('decoded blocks are views, also of bytes at an odd offset', () => {
  const record = {
    events: blockOf(EVENTS, []),
    refused: blockOf(REFUSED, []),
    received: blockOf(LEDGER, [['p', 1, 'received', '', 2]]),
  };
  const bytes = joined(encodeRawRecord(record));
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const decoded = decodeRawRecord(shifted.subarray(3));
  assert.deepEqual(rowViews(decoded.received), rowViews(record.received));
  assert.equal(decoded.received.columns[0]?.buffer, shifted.buffer);
});

test('every cut of a record is refused', () => {
  fc.assert(
    fc.property(rawRecord, (record) => {
      const bytes = joined(encodeRawRecord(record));
      for (let size = 0; size < bytes.length; size += 1 + (size >> 4))
        assert.throws(() => decodeRawRecord(bytes.subarray(0, size)), RecordError);
      assert.throws(() => decodeRawRecord(joined([bytes, Uint8Array.of(0)])), RecordError);
    }),
    { numRuns: 20 },
  );
});

test('mutated bytes give a RecordError or blocks that can be read, never anything else', () => {
  const mutation = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(governedRecord, fc.array(mutation, { minLength: 1, maxLength: 6 }), (record, mutations) => {
      const bytes = joined(encodeGovernedRecord(record));
      for (const [at, value] of mutations) bytes[at % bytes.length] = value;
      readOrRefuse(bytes);
    }),
    { numRuns: 2_000 },
  );
});

test('every byte of the head set to each of some values', () => {
  const record = {
    events: blockOf(EVENTS, []),
    refused: blockOf(REFUSED, []),
    ledger: blockOf(LEDGER, [['p', 1, 'stored', '', 1]]),
    records: blockOf(RECORDS, []),
  };
  const bytes = joined(encodeGovernedRecord(record));
  for (let at = 0; at < bytes.length; at++)
    for (const value of [0, 1, 2, 0x7f, 0x80, 0xff]) {
      const mutated = bytes.slice();
      mutated[at] = value;
      readOrRefuse(mutated);
    }
});

test('arbitrary bytes are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.throws(() => decodeRawRecord(bytes), RecordError);
    }),
  );
});

const readOrRefuse = (bytes: Uint8Array): void => {
  try {
    const { events, refused, ledger, records } = decodeGovernedRecord(bytes);
    for (const block of [events, refused, ledger, records]) rowViews(block);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
  }
};

const empty: RawRecord = {
  events: blockOf(EVENTS, []),
  refused: blockOf(REFUSED, []),
  received: blockOf(LEDGER, []),
};

test('a later format or table version is named as such', () => {
  for (const at of [4, 9]) {
    const bytes = joined(encodeRawRecord(empty));
    bytes[at] = 200;
    assert.throws(
      () => decodeRawRecord(bytes),
      (error) => error instanceof RecordError && error.code === 'newer',
    );
  }
});

test('columns that an earlier table version did not have are filled with defaults', () => {
  const next = {
    ...LEDGER,
    version: 2,
    columns: [...LEDGER.columns, { name: 'note', kind: 'string' }, { name: 'sum', kind: 'decimal' }],
  };
  const bytes = joined(
    encodeRawRecord({ ...empty, received: blockOf(LEDGER, [['p', 60_000, 'received', '', 3]]) }),
  );
  const now = LEDGER as { version: number; columns: unknown };
  const saved = { ...now };
  try {
    Object.assign(now, { version: next.version, columns: next.columns });
    const decoded = decodeRawRecord(bytes);
    assert.deepEqual(rowViews(decoded.received), [
      { project: 'p', minute: 60_000, account: 'received', reason: '', events: 3, note: '', sum: null },
    ]);
  } finally {
    Object.assign(now, saved);
  }
});

test('a raw record is not taken for a governed one', () => {
  assert.throws(() => decodeGovernedRecord(joined(encodeRawRecord(empty))), /kind 1, not 2/);
});
