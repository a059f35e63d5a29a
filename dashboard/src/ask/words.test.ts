import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogProperty } from '../../../src/contract/event-catalog.ts';
import { fieldChoices, fieldOfText, fieldText, isPersonal } from './fields.ts';
import { choiceOf, MEASURE_CHOICES, measureOf, measureWords } from './measures.ts';
import { isEvery, selectionOf, selectionWords, selectorOf } from './selectors.ts';

const property = (key: string, kinds: CatalogProperty['kinds']): CatalogProperty => ({
  ...{ key, field: `properties.${key}`, kinds },
  ...{ events: 1, share: 1, promoted: false, description: '', version: 0 },
});

test('fields are called by words, and found by what was typed', () => {
  assert.equal(fieldText('device_type'), 'Device');
  assert.equal(fieldText('properties.cart.total'), 'cart.total');
  assert.equal(fieldText('properties["a.b"]'), 'a.b');
  assert.equal(fieldOfText('device'), 'device_type');
  assert.equal(fieldOfText('country'), 'country');
  assert.equal(fieldOfText(' plan '), 'properties.plan');
  assert.equal(fieldOfText('properties.plan'), 'properties.plan');
  assert.equal(fieldOfText('a "b"'), 'properties["a \\"b\\""]');
  assert.equal(isPersonal('context.user_id'), true);
  assert.equal(isPersonal('country'), false);
});

test('fields are offered for what they are wanted for', () => {
  const properties = [
    property('plan', ['text']),
    property('items', ['number']),
    property('cart', ['object']),
  ];
  const of = (use: Parameters<typeof fieldChoices>[1]) =>
    fieldChoices(properties, use).map(({ field }) => field);
  assert.deepEqual(of('number'), ['properties.plan', 'properties.items', 'value']);
  assert.ok(of('filter').includes('timestamp'));
  assert.ok(!of('group').includes('timestamp'));
  assert.ok(!of('group').includes('value'));
  assert.ok(of('unique').includes('value'));
  assert.ok(!of('filter').includes('properties.cart'));
});

test('measures are what was picked, and are told in words', () => {
  for (const choice of MEASURE_CHOICES) assert.equal(choiceOf(measureOf(choice, undefined)), choice);
  assert.equal(measureWords('unique_users'), 'Distinct users');
  assert.equal(measureWords({ kind: 'quantile', of: 'properties.items', level: 0.95 }), 'p95 of items');
  assert.equal(measureWords({ kind: 'quantile', of: 'value', level: 0.5 }), 'Median of Value');
  assert.equal(measureWords({ kind: 'rate', per: 'hour' }), 'Events per hour');
  assert.equal(choiceOf({ kind: 'unique', of: 'user_id' }), 'unique_users');
});

test('selectors are read and written as short as they may be', () => {
  assert.equal(selectorOf(selectionOf('purchase')), 'purchase');
  assert.equal(selectorOf(selectionOf({ types: ['purchase'] })), 'purchase');
  assert.deepEqual(selectorOf(selectionOf({})), {});
  const filter = { field: 'country', op: 'eq', value: 'DE' } as const;
  assert.deepEqual(selectorOf(selectionOf({ types: ['a', 'b'], filter })), { types: ['a', 'b'], filter });
  assert.equal(selectionWords(selectionOf({ types: ['a', 'b'], filter })), 'a or b where Country is DE');
  assert.equal(isEvery(selectionOf(undefined)), true);
});
