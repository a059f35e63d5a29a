import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearestNames } from './nearest.ts';

test('a mistyped name finds the one meant', () => {
  const columns = ['InvoiceNo', 'StockCode', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'];
  assert.deepEqual(nearestNames('Quantiy', columns), ['Quantity']);
  assert.deepEqual(nearestNames('customer_id', columns), ['CustomerID']);
  assert.deepEqual(nearestNames('unit price', columns), ['UnitPrice']);
  assert.equal(nearestNames('Invoice', columns).includes('InvoiceNo'), true);
  assert.deepEqual(nearestNames('Cuontry', columns), ['Country']);
});

test('what is nothing alike is not suggested', () => {
  assert.deepEqual(nearestNames('zebra', ['Quantity', 'Country']), []);
  assert.deepEqual(nearestNames('', ['a']), []);
  assert.deepEqual(nearestNames('x'.repeat(1000), ['x']), []);
  assert.equal(didYouMean('zebra', ['Quantity']), '');
  assert.equal(didYouMean('interval', ['interval']), '', 'known, but not in this place');
  assert.equal(didYouMean('prot', ['port', 'host']), ' Did you mean "port"?');
});
