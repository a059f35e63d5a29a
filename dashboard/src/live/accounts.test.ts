import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerAccounts } from '../../../src/contract/ledger.ts';
import { partsOf, reasonsOf, refusedOf } from './accounts.ts';

const accounts = (given: Partial<LedgerAccounts>): LedgerAccounts => ({
  received: 0,
  stored: 0,
  duplicate: 0,
  stale: 0,
  quarantined: 0,
  blocked: 0,
  pending: 0,
  difference: 0,
  reasons: {},
  ...given,
});

test('the parts fill the bar, and what holds anything is seen', () => {
  const parts = partsOf(accounts({ stored: 1_000_000, duplicate: 1, quarantined: 20_000 }));
  const percentOf = (account: string): number =>
    parts.find((part) => part.account === account)?.percent ?? -1;
  assert.ok(Math.abs(parts.reduce((sum, { percent }) => sum + percent, 0) - 100) < 1e-9);
  assert.equal(percentOf('duplicate'), 0.8);
  assert.equal(percentOf('blocked'), 0);
  assert.ok(percentOf('stored') > 96 && percentOf('stored') < 98.1);
});

test('without anything received there is no bar', () => assert.deepEqual(partsOf(accounts({})), []));

test('reasons, the most frequent first', () => {
  const given = accounts({
    duplicate: 4,
    stale: 1,
    reasons: { too_old: 1, duplicate_id: 4, missing_type: 0 },
  });
  assert.deepEqual(reasonsOf(given), [
    { code: 'duplicate_id', count: 4 },
    { code: 'too_old', count: 1 },
  ]);
  assert.equal(refusedOf(given), 5);
});
