import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, sharedOf } from './shared.ts';

test('what is put behind the # comes back', () => {
  const shared = {
    sql: 'SELECT \'#&=+%\', "ü"\nFROM events -- <script>',
    limit: 100,
    parameters: { country: 'DE & FR', empty: '' },
  };
  assert.deepEqual(sharedOf(hashOf(shared)), shared);
  const bare = { sql: 'SELECT 1', limit: undefined, parameters: {} };
  assert.deepEqual(sharedOf(hashOf(bare)), bare);
});

test('nothing, and what is no statement, is none', () => {
  assert.equal(hashOf({ sql: ' \n', limit: 5, parameters: {} }), '');
  for (const hash of ['', '#', '#main', '#sql=', '#limit=5']) assert.equal(sharedOf(hash), undefined);
  assert.equal(sharedOf('#sql=SELECT+1&limit=-4')?.limit, undefined);
});
