import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RangeInput } from '../contract/question.ts';
import { ApiError } from '../event/errors.ts';
import { parseRange, parseTimeZone } from './time-range.ts';

/** A Friday; in Berlin 13:34:56, in New York 07:34:56. */
const NOW = '2026-11-20T12:34:56.789Z';
/** Relative ranges end with the running pane of 10 seconds. */
const NOW_END = '2026-11-20T12:35:00.000Z';

const parse = (range: RangeInput, timeZone = 'UTC', now = NOW) => {
  const parsed = parseRange(range, Date.parse(now), timeZone);
  return parsed === 'all'
    ? parsed
    : [new Date(parsed.fromMs).toISOString(), new Date(parsed.toMs).toISOString()];
};

const RANGES: readonly (readonly [RangeInput, string, string, string?, string?])[] = [
  ['last 30 minutes', '2026-11-20T12:05:00.000Z', NOW_END],
  ['Last  30   Minutes', '2026-11-20T12:05:00.000Z', NOW_END],
  ['last hour', '2026-11-20T11:35:00.000Z', NOW_END],
  ['last 90s', '2026-11-20T12:33:30.000Z', NOW_END],
  ['last 15 min', '2026-11-20T12:20:00.000Z', NOW_END],
  ['last 7d', '2026-11-13T12:35:00.000Z', NOW_END],
  ['last 2 weeks', '2026-11-06T12:35:00.000Z', NOW_END],
  ['last 1 month', '2026-10-20T12:35:00.000Z', NOW_END],
  ['last quarter', '2026-08-20T12:35:00.000Z', NOW_END],
  ['last 10 years', '2016-11-20T12:35:00.000Z', NOW_END],
  // Days go by the calendar: on the way to summer time lies a day of 23 hours.
  [
    'last 1 day',
    '2026-03-28T10:00:10.000Z',
    '2026-03-29T09:00:10.000Z',
    'Europe/Berlin',
    '2026-03-29T09:00:00Z',
  ],
  [
    'last 24 hours',
    '2026-03-28T09:00:10.000Z',
    '2026-03-29T09:00:10.000Z',
    'Europe/Berlin',
    '2026-03-29T09:00:00Z',
  ],
  ['last 1 month', '2026-02-28T12:00:10.000Z', '2026-03-31T12:00:10.000Z', 'UTC', '2026-03-31T12:00:00Z'],
  ['today', '2026-11-20T00:00:00.000Z', NOW_END],
  ['today', '2026-11-19T23:00:00.000Z', NOW_END, 'Europe/Berlin'],
  ['yesterday', '2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z'],
  [
    'yesterday',
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
    'Europe/Berlin',
    '2026-03-30T09:00:00Z',
  ],
  [
    'yesterday',
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
    'Europe/Berlin',
    '2026-10-26T09:00:00Z',
  ],
  ['this week', '2026-11-16T00:00:00.000Z', NOW_END],
  ['this week', '2026-11-16T00:00:00.000Z', '2026-11-16T00:00:10.000Z', 'UTC', '2026-11-16T00:00:00Z'],
  ['previous week', '2026-11-09T00:00:00.000Z', '2026-11-16T00:00:00.000Z'],
  ['this month', '2026-11-01T04:00:00.000Z', NOW_END, 'America/New_York'],
  ['previous month', '2026-10-01T04:00:00.000Z', '2026-11-01T04:00:00.000Z', 'America/New_York'],
  ['this quarter', '2026-10-01T00:00:00.000Z', NOW_END],
  ['previous quarter', '2026-07-01T00:00:00.000Z', '2026-10-01T00:00:00.000Z'],
  ['this year', '2026-01-01T00:00:00.000Z', NOW_END],
  ['previous year', '2025-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
  ['this hour', '2026-11-20T12:00:00.000Z', NOW_END],
  ['previous hour', '2026-11-20T11:00:00.000Z', '2026-11-20T12:00:00.000Z'],
  ['this hour', '2026-11-20T12:15:00.000Z', NOW_END, 'Asia/Kathmandu'],
  [
    { from: '2026-11-01', to: '2026-12-01' },
    '2026-10-31T23:00:00.000Z',
    '2026-11-30T23:00:00.000Z',
    'Europe/Berlin',
  ],
  [
    { from: '2026-11-01T08:30', to: '2026-11-01T09:00:30.5' },
    '2026-11-01T08:30:00.000Z',
    '2026-11-01T09:00:30.500Z',
  ],
  [{ from: '2026-11-01T08:30:00+05:45' }, '2026-11-01T02:45:00.000Z', NOW_END],
  [{ from: 1_700_000_000_000, to: '1700000060000' }, '2023-11-14T22:13:20.000Z', '2023-11-14T22:14:20.000Z'],
  [{ from: 'now-30m', to: 'now' }, '2026-11-20T12:05:00.000Z', NOW_END],
  [{ from: 'now - 7d' }, '2026-11-13T12:35:00.000Z', NOW_END],
  // An hour that the clocks skip begins when they have skipped it.
  [
    { from: '2026-03-29T02:30', to: '2026-03-29T04:00' },
    '2026-03-29T01:30:00.000Z',
    '2026-03-29T02:00:00.000Z',
    'Europe/Berlin',
  ],
];

for (const [range, from, to, timeZone, now] of RANGES) {
  test(`${JSON.stringify(range)}${timeZone === undefined ? '' : ` in ${timeZone}`}`, () => {
    assert.deepEqual(parse(range, timeZone, now), [from, to]);
  });
}

test('"all time" is left to the warehouse', () => {
  assert.equal(parse('all time'), 'all');
  assert.equal(parse('ALL'), 'all');
});

const WRONG: readonly (readonly [RangeInput, RegExp])[] = [
  ['', /is not a range/],
  ['30 minutes', /is not a range.*"last 30 minutes"/],
  ['last 30 minuets', /"minuets" is not a unit of time\. Did you mean "minute"\?/],
  ['last 0 days', /takes 1 to/],
  ['last 99999999 days', /takes 1 to/],
  ['last 5000 years', /1900 to 2299/],
  ['last 900000 years', /beyond the year 1900/],
  ['last -1 days', /is not a range/],
  ['next week', /is not a range/],
  ['this __proto__', /is not a range/],
  ['last constructor', /is not a unit/],
  [{ from: 'yesterday-ish' }, /range\.from: .*is not an instant/],
  [{ from: '2026-02-30' }, /range\.from: .*is not an instant/],
  [{ from: '2026-13-01T00:00:00Z' }, /is not an instant/],
  [{ from: '20-11-2026' }, /is not an instant/],
  [{ from: '2026-11-02', to: '2026-11-01' }, /"from" must lie before "to"/],
  [{ from: 1, to: 1 }, /"from" must lie before "to"/],
  [{ from: 0.5 }, /is not an instant/],
  [{ from: '1850-01-01' }, /1900 to 2299/],
  [{ from: 1e300 }, /is not an instant/],
];

for (const [range, message] of WRONG) {
  test(`${JSON.stringify(range)} is refused`, () => {
    assert.throws(
      () => parse(range),
      (error) => error instanceof ApiError && error.code === 'invalid_request' && message.test(error.message),
    );
  });
}

test('time zones are checked by name', () => {
  assert.equal(parseTimeZone('Europe/Berlin'), 'Europe/Berlin');
  assert.throws(() => parseTimeZone('Europe/Belrin'), /Did you mean "Europe\/Berlin"/);
  for (const name of ['', 'nowhere', "UTC'; DROP TABLE events", 'x'.repeat(64)])
    assert.throws(() => parseTimeZone(name), /is not a time zone/);
});
