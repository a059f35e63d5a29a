import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateMeter, SIMULATION_RENDERING, type SimulationProgress } from './progress.ts';

const { bar, plain } = SIMULATION_RENDERING;

const STATE: SimulationProgress = {
  label: 'Sending',
  fraction: 0.5,
  elapsedMs: 10_000,
  events: 12_345,
  perSecond: 200.4,
  accepted: 12_300,
  rejected: 45,
  rejectedBy: new Map([
    ['missing_type', 5],
    ['too_old', 30],
    ['invalid_field', 6],
    ['not_an_object', 4],
  ]),
  behindMs: 20,
  trouble: undefined,
  remainingMs: 10_000,
};

test('a line tells what was sent, how fast, how long it will take, and what was refused, most first', () => {
  assert.equal(
    plain(STATE),
    'Sending 50%  12,345 sent  200/s  10.0 s left  12,300 accepted  45 rejected (too_old 30, invalid_field 6, missing_type 5, …)',
  );
  const waiting = { ...STATE, behindMs: 2_500, trouble: 'the disk is full' };
  assert.match(plain(waiting), /200\/s {2}waiting: the disk is full {2}2\.5 s behind {2}10\.0 s left/u);
});

test('without an end there is no percentage', () => {
  const endless = { ...STATE, fraction: undefined, remainingMs: undefined, rejected: 0 };
  assert.equal(plain(endless), 'Sending  12,345 sent  200/s  12,300 accepted');
  assert.equal(bar(endless, 80), plain(endless));
});

test('a narrow terminal shows whole facts, the most important ones', () => {
  assert.equal(bar(STATE, 30), 'Sending 50%  12,345 sent');
  assert.equal(bar(STATE, 48), 'Sending 50%  12,345 sent  200/s  10.0 s left');
  for (const columns of [20, 40, 80, 120, 200]) assert.ok(bar(STATE, columns).length <= columns);
  assert.match(bar(STATE, 160), /█ *░/u);
});

test('the rate is that of the last seconds', () => {
  const meter = new RateMeter();
  assert.equal(meter.perSecond(0, 0), 0);
  for (let atMs = 500; atMs <= 20_000; atMs += 500) meter.perSecond(atMs, atMs / 10);
  assert.equal(meter.perSecond(20_500, 2_050), 100);
  for (let atMs = 21_000; atMs <= 30_000; atMs += 500) meter.perSecond(atMs, 2_050);
  assert.equal(meter.perSecond(30_500, 2_050), 0);
});
