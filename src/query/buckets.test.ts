import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisOf, bucketLabels } from './buckets.ts';

const axis = (interval: Parameters<typeof axisOf>[0], from: string, to: string, timeZone = 'UTC') => {
  const made = axisOf(interval, { fromMs: Date.parse(from), toMs: Date.parse(to) }, timeZone);
  return { ...made, labels: bucketLabels(made, timeZone), end: new Date(made.endMs).toISOString() };
};

test('buckets begin at multiples of their width and cover the range', () => {
  const { labels, end, widthMs } = axis('15m', '2026-11-20T11:50:00Z', '2026-11-20T12:20:00Z');
  assert.deepEqual(labels, [
    '2026-11-20T11:45:00+00:00',
    '2026-11-20T12:00:00+00:00',
    '2026-11-20T12:15:00+00:00',
  ]);
  assert.equal(end, '2026-11-20T12:30:00.000Z');
  assert.equal(widthMs, 900_000);
});

test('a range that ends on a bound has no bucket behind it', () => {
  const { labels, end } = axis('1h', '2026-11-20T10:00:00Z', '2026-11-20T12:00:00Z');
  assert.equal(labels.length, 2);
  assert.equal(end, '2026-11-20T12:00:00.000Z');
});

test('days last 23 and 25 hours where the clocks change', () => {
  const spring = axis('1d', '2026-03-28T00:00:00+01:00', '2026-03-31T00:00:00+02:00', 'Europe/Berlin');
  assert.deepEqual(spring.labels, [
    '2026-03-28T00:00:00+01:00',
    '2026-03-29T00:00:00+01:00',
    '2026-03-30T00:00:00+02:00',
  ]);
  assert.equal(spring.widthMs, undefined);
  const autumn = axis('1d', '2026-10-24T00:00:00+02:00', '2026-10-27T00:00:00+01:00', 'Europe/Berlin');
  assert.deepEqual(autumn.labels, [
    '2026-10-24T00:00:00+02:00',
    '2026-10-25T00:00:00+02:00',
    '2026-10-26T00:00:00+01:00',
  ]);
});

test('the hour that comes twice is two buckets, the one that is skipped is none', () => {
  const autumn = axis('1h', '2026-10-25T00:00:00Z', '2026-10-25T03:00:00Z', 'Europe/Berlin');
  assert.deepEqual(autumn.labels, [
    '2026-10-25T02:00:00+02:00',
    '2026-10-25T02:00:00+01:00',
    '2026-10-25T03:00:00+01:00',
  ]);
  assert.equal(autumn.widthMs, 3_600_000);
  const spring = axis('1h', '2026-03-29T00:00:00Z', '2026-03-29T02:00:00Z', 'Europe/Berlin');
  assert.deepEqual(spring.labels, ['2026-03-29T01:00:00+01:00', '2026-03-29T03:00:00+02:00']);
});

test('hours follow zones that are not whole hours away', () => {
  assert.deepEqual(axis('1h', '2026-11-20T12:00:00Z', '2026-11-20T13:00:00Z', 'Asia/Kathmandu').labels, [
    '2026-11-20T17:00:00+05:45',
    '2026-11-20T18:00:00+05:45',
  ]);
});

test('a change of half an hour begins an hour anew', () => {
  const { labels } = axis('1h', '2026-04-04T14:00:00Z', '2026-04-04T17:00:00Z', 'Australia/Lord_Howe');
  assert.deepEqual(labels, [
    '2026-04-05T01:00:00+11:00',
    '2026-04-05T01:30:00+10:30',
    '2026-04-05T02:00:00+10:30',
    '2026-04-05T03:00:00+10:30',
  ]);
});

test('a day whose midnight is skipped begins when the clocks have skipped it', () => {
  const { labels } = axis('1d', '2018-11-03T03:00:00Z', '2018-11-05T02:00:00Z', 'America/Sao_Paulo');
  assert.deepEqual(labels, ['2018-11-03T00:00:00-03:00', '2018-11-04T01:00:00-02:00']);
});

test('a day that a zone skipped has no bucket', () => {
  const { labels } = axis('1d', '2011-12-29T10:00:00Z', '2012-01-01T10:00:00Z', 'Pacific/Apia');
  assert.deepEqual(
    labels,
    [
      '2011-12-29T00:00:00-10:00',
      '2011-12-31T00:00:00+14:00',
      '2012-01-01T00:00:00+14:00',
      '2012-01-02T00:00:00+14:00',
    ].slice(0, labels.length),
  );
  assert.ok(!labels.some((label) => label.startsWith('2011-12-30')));
});

test('weeks begin on Monday, months on the first', () => {
  assert.deepEqual(axis('1w', '2026-11-18T00:00:00Z', '2026-11-25T00:00:00Z').labels, [
    '2026-11-16T00:00:00+00:00',
    '2026-11-23T00:00:00+00:00',
  ]);
  assert.deepEqual(axis('1M', '2026-01-31T00:00:00Z', '2026-03-01T00:00:00Z').labels, [
    '2026-01-01T00:00:00+00:00',
    '2026-02-01T00:00:00+00:00',
  ]);
});

test('a total is one bucket, the range itself', () => {
  const { labels, end, interval } = axis('total', '2026-11-20T11:50:05Z', '2026-11-20T12:20:00Z');
  assert.deepEqual(
    [labels, end, interval],
    [['2026-11-20T11:50:05+00:00'], '2026-11-20T12:20:00.000Z', 'total'],
  );
});

for (const [to, interval] of [
  ['2026-11-20T00:20:00Z', '10s'],
  ['2026-11-20T01:00:00Z', '30s'],
  ['2026-11-20T02:00:00Z', '1m'],
  ['2026-11-21T00:00:00Z', '15m'],
  ['2026-11-25T00:00:00Z', '1h'],
  ['2027-02-20T00:00:00Z', '1d'],
  ['2028-11-20T00:00:00Z', '1w'],
  ['2050-01-01T00:00:00Z', '1M'],
] as const) {
  test(`auto takes ${interval} up to ${to}`, () =>
    assert.equal(axis('auto', '2026-11-20T00:00:00Z', to).interval, interval));
}

test('too many buckets are refused with one that fits', () => {
  assert.throws(
    () => axis('10s', '2026-01-01T00:00:00Z', '2026-11-20T00:00:00Z'),
    /at most 10,000 are answered.*\(1w fits well\)/,
  );
});

test('buckets before 1970 and of local mean time', () => {
  assert.deepEqual(axis('1d', '1969-12-31T12:00:00Z', '1970-01-01T12:00:00Z').labels, [
    '1969-12-31T00:00:00+00:00',
    '1970-01-01T00:00:00+00:00',
  ]);
  const amsterdam = axis('1h', '1920-01-01T00:00:00Z', '1920-01-01T02:00:00Z', 'Europe/Amsterdam');
  assert.ok(
    amsterdam.starts.every((start, index) => index === 0 || start > (amsterdam.starts[index - 1] ?? 0)),
  );
});
