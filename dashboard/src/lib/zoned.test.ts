import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOfLocal, localMinuteIn } from './zoned.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];

const QUARTER_MS = 15 * 60_000;
const DAY_QUARTERS = 96;

test('a local time is the first instant at which clocks show it, also where they go back', () => {
  for (const zone of ZONES)
    for (const day of ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01']) {
      const first = new Map<string, number>();
      const noon = Date.parse(`${day}T12:00Z`);
      for (let step = -2 * DAY_QUARTERS; step < 2 * DAY_QUARTERS; step += 1) {
        const at = noon + step * QUARTER_MS;
        const local = localMinuteIn(at, zone);
        if (!first.has(local)) first.set(local, at);
      }
      for (const [local, at] of first)
        if (local.startsWith(day)) assert.equal(instantOfLocal(local, zone), at, `${local} ${zone}`);
    }
});

test('a local time that clocks jump over is as many minutes after the jump', () => {
  for (const [local, zone, at] of [
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30Z'],
    ['2026-03-08T02:00', 'America/New_York', '2026-03-08T07:00Z'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:45Z'],
  ] as const)
    assert.equal(instantOfLocal(local, zone), Date.parse(at), `${local} ${zone}`);
});

test('the local time of an instant is read as one that shows the same', () => {
  const at = Date.parse('2026-10-25T01:30:00Z');
  assert.equal(
    localMinuteIn(instantOfLocal(localMinuteIn(at, 'Europe/Berlin'), 'Europe/Berlin'), 'Europe/Berlin'),
    '2026-10-25T02:30',
  );
});

test('what is no time is none', () => {
  for (const local of ['', 'yesterday', '2026-13-01T00:00'])
    assert.ok(Number.isNaN(instantOfLocal(local, 'UTC')), local);
});
