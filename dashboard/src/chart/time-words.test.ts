import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketText, stepText, tickText } from './time-words.ts';

const AT = Date.parse('2026-11-01T23:00:00Z') / 1000;
const DAY = 86_400;

test('ticks: as much as their distance needs, in the time zone', () => {
  assert.equal(tickText(AT, 10, 'UTC'), '23:00:00');
  assert.equal(tickText(AT, 3600, 'UTC'), '23:00');
  // Midnight is the day that begins.
  assert.equal(tickText(AT, 3600, 'Europe/Berlin'), '2 Nov');
  assert.equal(tickText(AT, DAY, 'UTC'), '1 Nov');
  assert.equal(tickText(AT, 30 * DAY, 'UTC'), 'Nov 2026');
  assert.equal(tickText(AT, 365 * DAY, 'UTC'), '2026');
});

test('buckets: from when to when', () => {
  assert.equal(bucketText(AT, 10, 'UTC'), '1 Nov, 23:00:00–23:00:10');
  assert.equal(bucketText(AT, 900, 'Europe/Berlin'), '2 Nov, 00:00–00:15');
  assert.equal(bucketText(AT, DAY, 'Europe/Berlin'), 'Mon 2 Nov 2026');
  // A day on which the clocks go forward.
  assert.equal(bucketText(AT, DAY - 3600, 'UTC'), 'Sun 1 Nov 2026');
  assert.equal(bucketText(AT, 7 * DAY, 'UTC'), 'Week of 1 Nov 2026');
  assert.equal(bucketText(AT, 30 * DAY, 'UTC'), 'Nov 2026');
  assert.equal(bucketText(AT, undefined, 'UTC'), '1 Nov 2026, 23:00');
  assert.equal(stepText('day', 3), 'Day 3');
});
