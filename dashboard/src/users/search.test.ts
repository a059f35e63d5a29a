import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNarrow, searchIn, SINCES, SORTS } from './search.ts';

const NOTHING = {
  prefix: undefined,
  type: undefined,
  filter: undefined,
  since: undefined,
  sort: 'last_seen',
};

test('an address says whom to look for', () => {
  const filter = { field: 'country', op: 'eq', value: 'DE' };
  const search = new URLSearchParams({
    q: 'u-1',
    type: 'purchase',
    filter: JSON.stringify(filter),
    since: 'now-7d',
    sort: 'events',
  });
  assert.deepEqual(searchIn(`?${search.toString()}`), {
    prefix: 'u-1',
    type: 'purchase',
    filter,
    since: 'now-7d',
    sort: 'events',
  });
});

test('what it says badly is not sought by', () => {
  for (const search of [
    '',
    '?since=ever',
    '?since=now-3y',
    '?sort=size',
    '?filter={',
    '?filter=[1]',
    '?filter=7',
  ])
    assert.deepEqual(searchIn(search), NOTHING, search);
});

test('every choice that is offered comes out of the address', () => {
  for (const { value } of SORTS) assert.equal(searchIn(`?sort=${value}`).sort, value);
  for (const { value } of SINCES.slice(1)) assert.equal(searchIn(`?since=${value}`).since, value);
});

test('an order alone leaves nobody out', () => {
  assert.equal(isNarrow(searchIn('?sort=events')), false);
  assert.equal(isNarrow(searchIn('?q=a')), true);
});
