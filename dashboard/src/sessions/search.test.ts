import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOUNCES, COUNTS, isNarrow, LENGTHS, NOTHING, PICKED, searchIn } from './search.ts';

test('an address says which sessions are meant', () => {
  const filter = { field: 'properties.plan', op: 'eq', value: 'pro' };
  const wanted = {
    ...{ user: 'u-1', entry: '/', exit: '/a b', country: 'DE', device: 'mobile' },
    ...{ longer: '60000', events: '5', bounced: 'false' },
  };
  const search = new URLSearchParams({ ...wanted, filter: JSON.stringify(filter) });
  assert.deepEqual(searchIn(`?${search.toString()}`), { ...wanted, filter });
  assert.deepEqual(Object.keys(searchIn('')), Object.keys(NOTHING));
});

test('what it says badly is not sought by', () => {
  for (const search of ['', '?longer=7', '?events=many', '?bounced=yes', '?filter={', '?user=&entry='])
    assert.equal(isNarrow(searchIn(search)), false, search);
});

test('every choice that is offered comes out of the address', () => {
  for (const [name, options] of Object.entries({ longer: LENGTHS, events: COUNTS, bounced: BOUNCES }))
    for (const { value } of options.slice(1))
      assert.equal(searchIn(`?${name}=${value}`)[name as 'longer'], value);
  for (const { name } of PICKED) assert.equal(searchIn(`?${name}=x`)[name], 'x');
});
