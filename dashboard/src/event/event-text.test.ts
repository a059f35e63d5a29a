import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { summaryOf } from './event-text.ts';
import { storedEvent } from './testing/stored-event.ts';

const about = (fields: Partial<StoredEvent>): string => summaryOf(storedEvent(fields));

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
