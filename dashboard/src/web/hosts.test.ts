import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostsOf } from './hosts.ts';

test('hosts as people write them', () => {
  assert.deepEqual(hostsOf('https://www.Shop.example/path?x, docs.shop.example:8080\nshop.example'), [
    'shop.example',
    'docs.shop.example',
  ]);
  assert.deepEqual(hostsOf('<script> , ; "x"'), []);
  assert.deepEqual(hostsOf(''), []);
});
