import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogType } from '../../../src/contract/event-catalog.ts';
import { ownersOf, typesWith } from './catalog-search.ts';

const type = (name: string, description = '', owner = ''): CatalogType => ({
  ...{ type: name, description, owner, version: 1 },
  ...{ events: 1, first_seen: null, last_seen: null },
});

const TYPES = [
  type('page_view', 'A page was looked at.', 'Team Web'),
  type('purchase', 'Somebody PAID.', 'Team Shop'),
  type('signup', '', 'Team Web'),
];

test('types are found by name, description and owner', () => {
  const found = (search: string) => typesWith(TYPES, search).map(({ type: name }) => name);
  assert.deepEqual(found(' '), ['page_view', 'purchase', 'signup']);
  assert.deepEqual(found('Page'), ['page_view']);
  assert.deepEqual(found('paid'), ['purchase']);
  assert.deepEqual(found('team web'), ['page_view', 'signup']);
  assert.deepEqual(found('nothing'), []);
});

test('owners are told once each', () => {
  assert.deepEqual(ownersOf([...TYPES, type('x')]), ['Team Shop', 'Team Web']);
});
