import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Key } from '../data/settings.ts';
import { isOver, linesOf, stateOf } from './key-facts.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');

const key = (fields: Partial<Key>): Key => ({
  ...{ id: 'key_1', name: 'web', prefix: 'aev_w_1', scopes: ['ingest'], origins: [] },
  ...{ created_at: '2026-01-01T00:00:00.000Z', last_used_at: null, revoked_at: null, expires_at: null },
  ...fields,
});

test('how it stands with a key', () => {
  const cases: [Partial<Key>, string, boolean][] = [
    [{}, 'in force', false],
    [{ expires_at: '2026-11-21T00:00:00.000Z' }, 'until 2026-11-21', false],
    [{ expires_at: '2026-11-20T12:00:00.000Z' }, 'ended 2026-11-20', true],
    [
      { revoked_at: '2026-11-01T00:00:00.000Z', expires_at: '2026-12-01T00:00:00.000Z' },
      'revoked 2026-11-01',
      true,
    ],
  ];
  for (const [fields, words, over] of cases) {
    assert.equal(
      stateOf(key(fields), NOW, (at) => at.slice(0, 10)),
      words,
    );
    assert.equal(isOver(key(fields), NOW), over, words);
  }
});

test('origins are read line by line', () => {
  assert.deepEqual(linesOf('\n https://a.example \n\nhttps://b.example'), [
    'https://a.example',
    'https://b.example',
  ]);
  assert.deepEqual(linesOf('  '), []);
});
