import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Compare, TrendRequest } from '../contract/trend.ts';
import { axisOf, bucketLabels } from './buckets.ts';
import { comparisonOf } from './compare.ts';

interface Case {
  readonly name: string;
  readonly compare: Compare;
  readonly range: readonly [from: string, to: string];
  readonly interval: TrendRequest['interval'];
  readonly timeZone?: string;
  /** Beginnings of the range, and of some buckets by their labels beside those of the trend; undefined: none. */
  readonly from: string;
  readonly to: string;
  readonly beside: Readonly<Record<string, string | undefined>>;
}

const BERLIN = 'Europe/Berlin';

const CASES: readonly Case[] = [
  {
    name: 'half an hour is compared with the half hour before',
    compare: 'previous_period',
    range: ['2026-11-20T12:10', '2026-11-20T12:40'],
    interval: '15m',
    from: '2026-11-20T11:40',
    to: '2026-11-20T12:10',
    beside: { '2026-11-20T12:15:00+00:00': '2026-11-20T11:45:00+00:00' },
  },
  {
    name: 'whole months are compared with as many months before, however long they are',
    compare: 'previous_period',
    range: ['2026-03-01', '2026-05-01'],
    interval: '1M',
    timeZone: BERLIN,
    from: '2026-01-01',
    to: '2026-03-01',
    beside: { '2026-03-01T00:00:00+01:00': '2026-01-01T00:00:00+01:00' },
  },
  {
    name: 'days that the month before does not have stand beside nothing',
    compare: 'previous_month',
    range: ['2026-03-27', '2026-04-01'],
    interval: '1d',
    from: '2026-02-27',
    to: '2026-03-01',
    beside: {
      '2026-03-28T00:00:00+00:00': '2026-02-28T00:00:00+00:00',
      '2026-03-29T00:00:00+00:00': undefined,
      '2026-03-31T00:00:00+00:00': undefined,
    },
  },
  {
    name: 'a leap day stands beside nothing, and the day behind it beside its own',
    compare: 'previous_year',
    range: ['2024-02-28', '2024-03-02'],
    interval: '1d',
    from: '2023-02-28',
    to: '2023-03-02',
    beside: {
      '2024-02-29T00:00:00+00:00': undefined,
      '2024-03-01T00:00:00+00:00': '2023-03-01T00:00:00+00:00',
    },
  },
  {
    name: 'hours stand beside the same hours of the clock where it was put back',
    compare: 'previous_day',
    range: ['2026-10-25', '2026-10-26'],
    interval: '1h',
    timeZone: BERLIN,
    from: '2026-10-24',
    to: '2026-10-25',
    beside: {
      '2026-10-25T02:00:00+02:00': '2026-10-24T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00': undefined,
      '2026-10-25T13:00:00+01:00': '2026-10-24T13:00:00+02:00',
    },
  },
  {
    name: 'hours that the clock skipped on the other day are missing there',
    compare: 'previous_day',
    range: ['2026-03-30', '2026-03-31'],
    interval: '1h',
    timeZone: BERLIN,
    from: '2026-03-29',
    to: '2026-03-30',
    beside: {
      '2026-03-30T02:00:00+02:00': undefined,
      '2026-03-30T03:00:00+02:00': '2026-03-29T03:00:00+02:00',
    },
  },
  {
    name: 'weeks a year before are counted off',
    compare: 'previous_year',
    range: ['2026-11-02', '2026-11-16'],
    interval: '1w',
    from: '2025-11-02',
    to: '2025-11-16',
    beside: { '2026-11-02T00:00:00+00:00': '2025-10-27T00:00:00+00:00' },
  },
  {
    name: 'a part of a week is compared with the same part of the weeks before',
    compare: 'previous_period',
    range: ['2026-11-16', '2026-11-18T14:00'],
    interval: '1w',
    from: '2026-11-09',
    to: '2026-11-11T14:00',
    beside: { '2026-11-16T00:00:00+00:00': '2026-11-09T00:00:00+00:00' },
  },
  {
    name: 'a date that is given is compared day by day',
    compare: { to: '2025-11-28' },
    range: ['2026-11-27', '2026-11-29'],
    interval: '1d',
    timeZone: BERLIN,
    from: '2025-11-28',
    to: '2025-11-30',
    beside: { '2026-11-28T00:00:00+01:00': '2025-11-29T00:00:00+01:00' },
  },
  {
    name: 'a moment that is given is compared minute by minute',
    compare: { to: '2026-11-19T08:03' },
    range: ['2026-11-20T12:00', '2026-11-20T12:05'],
    interval: '1m',
    from: '2026-11-19T08:03',
    to: '2026-11-19T08:08',
    beside: { '2026-11-20T12:01:00+00:00': '2026-11-19T08:04:00+00:00' },
  },
];

const msOf = (local: string, timeZone: string): number =>
  Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds;

const compared = ({
  compare,
  range,
  interval,
  timeZone = 'UTC',
}: Omit<Case, 'from' | 'to' | 'beside' | 'name'>) => {
  const bounds = { fromMs: msOf(range[0], timeZone), toMs: msOf(range[1], timeZone) };
  const axis = axisOf(interval, bounds, timeZone);
  return { axis, comparison: comparisonOf(compare, { range: bounds, axis, timeZone, nowMs: bounds.toMs }) };
};

for (const each of CASES) {
  test(each.name, () => {
    const { timeZone = 'UTC' } = each;
    const { axis, comparison } = compared(each);
    assert.deepEqual(comparison.range, { fromMs: msOf(each.from, timeZone), toMs: msOf(each.to, timeZone) });
    const [labels, others] = [bucketLabels(axis, timeZone), bucketLabels(comparison.axis, timeZone)];
    for (const [label, beside] of Object.entries(each.beside)) {
      assert.ok(labels.includes(label), labels.join());
      const place = comparison.places[labels.indexOf(label)];
      assert.equal(place === undefined ? undefined : others[place], beside, label);
    }
    const used = comparison.places.filter((place) => place !== undefined);
    assert.equal(new Set(used).size, used.length, 'no bucket stands beside two');
  });
}

test('what cannot be compared is refused', () => {
  const range = ['2026-11-16T08:00', '2026-11-18T08:00'] as const;
  const refused: readonly (readonly [Compare, readonly [string, string], RegExp])[] = [
    [{ to: '2026-11-01' }, range, /same time of day as the range, 08:00:00/u],
    [{ to: 'last year' }, range, /compare\.to: "last year" is not an instant/u],
    ['previous_month', ['2026-03-30', '2026-03-31'], /none of these days/u],
    ['previous_year', ['1900-06-01', '1900-06-03'], /outside the years 1900 to 2299/u],
  ];
  for (const [compare, bounds, message] of refused)
    assert.throws(() => compared({ compare, range: bounds, interval: '1d' }), message);
});
