import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { test } from 'node:test';
import { fc } from '../../../test/support/fast-check.ts';
import { FINGERPRINT_WORDS, WARM_ROWS } from './entry.ts';
import { BlockedFilter, filterBitsFor } from './filter.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const fingerprints = (rows: number): fc.Arbitrary<Uint32Array> =>
  fc
    .array(word, { minLength: rows * FINGERPRINT_WORDS, maxLength: rows * FINGERPRINT_WORDS })
    .map((words) => Uint32Array.from(words));
const ROWS = WARM_ROWS + 40;

test('a batch gets the answers that each fingerprint gets alone, and whatever was added is among them', () => {
  fc.assert(
    fc.property(fingerprints(ROWS), fc.nat(ROWS), fc.integer({ min: 1, max: 20 }), (words, added, bits) => {
      const filter = BlockedFilter.sized(added, bits);
      for (let row = 0; row < added; row++) filter.add(words, row * FINGERPRINT_WORDS);
      const found = new Uint32Array(ROWS);
      const rows = Array.from(found.subarray(0, filter.select(words, ROWS, found)));
      const alone = Array.from(found.keys()).filter((row) => filter.mayHave(words, row * FINGERPRINT_WORDS));
      assert.deepEqual(rows, alone);
      assert.deepEqual(
        rows.filter((row) => row < added),
        Array.from({ length: added }, (_, row) => row),
      );
    }),
    { numRuns: 30 },
  );
});

test('looks in vain are as rare as said', () => {
  const count = 20_000;
  const random = randomFillSync(new Uint32Array(2 * count * FINGERPRINT_WORDS));
  const filter = BlockedFilter.sized(count, filterBitsFor(count, Number.MAX_SAFE_INTEGER));
  for (let row = 0; row < count; row++) filter.add(random, row * FINGERPRINT_WORDS);
  const inVain = filter.select(random.subarray(count * FINGERPRINT_WORDS), count, new Uint32Array(count));
  assert.ok(inVain / count < 0.01, `${inVain} of ${count}`);
});
