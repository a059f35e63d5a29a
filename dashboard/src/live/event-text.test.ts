import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { summaryOf } from './event-text.ts';

const about = (fields: Partial<StoredEvent>): string =>
  summaryOf({
    id: 'a',
    timestamp: '2026-11-20T12:00:00.000Z',
    received_at: '2026-11-20T12:00:00.000Z',
    type: 'page_view',
    properties: {},
    position: '7',
    ...fields,
  });

test('an event in one line', () => {
  assert.equal(about({}), '');
  assert.equal(about({ context: { page: '/a' }, properties: { path: '/b' } }), '/a');
  assert.equal(about({ properties: { path: '/b', x: 1 } }), '/b');
  assert.equal(
    about({ properties: { plan: 'pro', cart: { n: 1 }, ok: null } }),
    'plan=pro  cart={"n":1}  ok=null',
  );
  assert.equal(about({ value: 49.9, currency: 'EUR', context: { page: '/pay' } }), '49.90 EUR  /pay');
  assert.equal(about({ properties: { text: 'x'.repeat(500) } }).length, 160);
});
