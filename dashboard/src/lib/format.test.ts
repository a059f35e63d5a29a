import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ago,
  axisCount,
  byteSize,
  changeOf,
  clockMs,
  dayAndMinute,
  duration,
  fullCount,
  plural,
  rate,
  sessionLength,
  share,
  shortCount,
} from './format.ts';

test('counts keep their digits until they are long', () => {
  assert.equal(shortCount(0), '0');
  assert.equal(shortCount(48_211), '48,211');
  assert.equal(shortCount(1_234_567), '1.23M');
  assert.equal(fullCount(1_234_567), '1,234,567');
  assert.equal(axisCount(2500), '2.5K');
});

test('rates are finer the smaller they are', () => {
  assert.equal(rate(0), '0');
  assert.equal(rate(0.05), '0.05');
  assert.equal(rate(19.96), '20');
  assert.equal(rate(1234.5), '1,235');
});

test('a share never hides something nor claims all', () => {
  assert.equal(share(0, 0), '0%');
  assert.equal(share(5, 5), '100%');
  assert.equal(share(1, 1_000_000), '<0.1%');
  assert.equal(share(999_999, 1_000_000), '>99.9%');
  assert.equal(share(994, 1000), '99.4%');
  assert.equal(share(1, 3), '33%');
});

test('changes say direction and size', () => {
  assert.equal(changeOf(0, 0), undefined);
  assert.deepEqual(changeOf(5, 5), { direction: 'same', text: '0%' });
  assert.deepEqual(changeOf(5, 0), { direction: 'up', text: 'new' });
  assert.deepEqual(changeOf(56, 50), { direction: 'up', text: '12%' });
  assert.deepEqual(changeOf(0, 50), { direction: 'down', text: '100%' });
  assert.deepEqual(changeOf(1200, 100), { direction: 'up', text: '12x' });
  assert.deepEqual(changeOf(120_000, 100), { direction: 'up', text: '>100x' });
  assert.deepEqual(changeOf(10_001, 10_000), { direction: 'up', text: '<1%' });
});

test('ages and durations', () => {
  assert.equal(ago(-5), '0.0 s ago');
  assert.equal(ago(420), '0.4 s ago');
  assert.equal(ago(12_400), '12 s ago');
  assert.equal(ago(180_000), '3 min ago');
  assert.equal(ago(7_200_000), '2 h ago');
  assert.equal(ago(864_000_000), '10 days ago');
  assert.equal(duration(0.42), '0.4 ms');
  assert.equal(duration(142.4), '142 ms');
  assert.equal(duration(1250), '1.25 s');
  assert.equal(duration(192_000), '3.2 min');
  assert.equal(duration(19_800_000), '5.5 h');
  assert.equal(sessionLength(192_000), '3.2 min');
  assert.equal(sessionLength(0), '–');
});

test('instants are local', () => {
  const at = new Date(2024, 3, 9, 4, 3, 9, 42);
  assert.equal(clockMs(at), '04:03:09.042');
  assert.equal(dayAndMinute(at), '9 Apr 2024, 04:03');
});

test('one and many', () => {
  assert.equal(plural(1, 'event'), '1 event');
  assert.equal(plural(0, 'event'), '0 events');
});

test('sizes', () => {
  assert.deepEqual([0, 812, 999, 1000, 4_100_000, 12_400_000_000, 2e18].map(byteSize), [
    '0 B',
    '812 B',
    '999 B',
    '1 kB',
    '4.1 MB',
    '12 GB',
    '2,000 PB',
  ]);
});
