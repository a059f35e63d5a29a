import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REASONS } from '../../../src/event/outcome.ts';
import type { LedgerAccounts } from '../../../src/contract/ledger.ts';
import { adviceOf, flowOf, reasonsOf } from './flows.ts';

const accounts = (given: Partial<LedgerAccounts>): LedgerAccounts => {
  const made = {
    ...{ stored: 0, duplicate: 0, stale: 0, quarantined: 0, blocked: 0, pending: 0, difference: 0 },
    ...{ reasons: {}, ...given },
  };
  const { stored, duplicate, stale, quarantined, blocked, pending, difference } = made;
  return { received: stored + duplicate + stale + quarantined + blocked + pending + difference, ...made };
};

/** What comes into each place, and what leaves it. */
const balances = (given: LedgerAccounts) => {
  const { nodes, links } = flowOf(given);
  return nodes.map(({ id, count }) => {
    const sum = (end: 'source' | 'target') =>
      links.filter((link) => link[end] === id).reduce((all, link) => all + link.count, 0);
    return { id, count, into: sum('target'), out: sum('source') };
  });
};

test('what leaves a place is what came into it', () => {
  const reasons = {
    ...{ duplicate_id: 4, too_old: 2, missing_type: 5, not_an_object: 4, invalid_field: 3 },
    ...{ invalid_timestamp: 2, event_too_large: 1, value_out_of_range: 1, my_rule: 7 },
  };
  const given = accounts({
    stored: 900,
    duplicate: 4,
    stale: 3,
    quarantined: 16,
    blocked: 7,
    pending: 1,
    reasons,
  });
  for (const { id, count, into, out } of balances(given)) {
    if (id !== 'received') assert.equal(into, count, id);
    if (out > 0) assert.equal(out, count, id);
  }
  const names = flowOf(given).nodes.map(({ id }) => id);
  assert.ok(names.includes('blocked my_rule'));
  // Too many reasons of one account, and one event whose reason is not told: the rest is drawn as one.
  assert.ok(names.includes('quarantined '));
  assert.ok(names.includes('stale '));
});

test('what is missing is drawn as missing, what there is none of is not', () => {
  const { nodes } = flowOf(accounts({ stored: 5, difference: 2 }));
  assert.deepEqual(
    nodes.map(({ id, count }) => [id, count]),
    [
      ['received', 7],
      ['stored', 5],
      ['missing', 2],
    ],
  );
  assert.deepEqual(flowOf(accounts({})), { nodes: [], links: [] });
});

test('every reason that the server gives belongs to its account, and has advice', () => {
  for (const { code, outcome } of Object.values(REASONS)) {
    assert.deepEqual(reasonsOf({ reasons: { [code]: 1 } }, outcome), [{ reason: code, count: 1 }]);
    assert.ok(adviceOf(code), code);
  }
  assert.deepEqual(reasonsOf({ reasons: { constructor: 1 } }, 'blocked'), [
    { reason: 'constructor', count: 1 },
  ]);
  assert.equal(adviceOf('toString'), undefined);
});
