import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastEnd } from './bucket-end.ts';
import { displayOf } from './display.ts';
import { SAMPLES } from './testing/answers.ts';
import { byUnit, type Timed, timedOf } from './timed.ts';
import { timedTable } from './timed-table.ts';

const timed = (
  kind: 'trend' | 'metric' | 'sessions' | 'revenue' | 'lifecycle' | 'stickiness',
  display = {},
): Timed => {
  const { question, answer } = SAMPLES[kind];
  return timedOf(question, answer, displayOf(question, display));
};

test('a trend: a line a group, what is not named grey, the period before beside it', () => {
  const { lines, starts, endSeconds, beforeStarts } = timed('trend');
  assert.deepEqual(
    lines.map(({ name, slot, total, before }) => [name, slot, total, before?.total]),
    [
      ['DE', 1, 9, 6],
      ['(none)', 2, 3, 0],
      ['Other', 0, 2, 4],
    ],
  );
  assert.equal(starts[0], Date.parse('2026-11-19T00:00:00Z') / 1000);
  // The range ends at noon, the bucket at midnight.
  assert.equal(endSeconds, Date.parse('2026-11-22T00:00:00Z') / 1000);
  assert.equal(beforeStarts?.[2], null);
});

test('names tell apart what there are several of: series, groups, currencies', () => {
  const { answer } = SAMPLES.trend;
  const [one] = answer.series;
  assert.ok(one);
  const named = (series: object[]): string[] =>
    timedOf(
      { kind: 'trend', measure: { kind: 'sum', of: 'value' }, series: [{}, {}] },
      { ...answer, series: series.map((each) => ({ ...one, group: null, ...each })) },
      displayOf({ kind: 'trend' }, {}),
    ).lines.map(({ name }) => name);
  assert.deepEqual(named([{}]), ['Sum of value']);
  assert.deepEqual(named([{ currency: 'EUR' }, { currency: null }]), [
    'Sum of value · EUR',
    'Sum of value · no currency',
  ]);
  assert.deepEqual(
    named([
      { id: 'A', name: 'Buyers', group: { country: 'DE' } },
      { id: 'B', name: 'Visitors', group: { country: 'DE' } },
    ]),
    ['Buyers · DE', 'Visitors · DE'],
  );
});

test('a figure is chosen by the display, money keeps its currency, and units have plots of their own', () => {
  assert.deepEqual(timed('sessions', { measure: 'bounce_rate' }).lines[0]?.values, [0.25, 0.5, 0]);
  assert.equal(timed('sessions', { measure: 'nonsense' }).lines[0]?.total, 10);
  const money = timed('revenue').lines;
  assert.deepEqual(
    money.map(({ name }) => name),
    ['Revenue · EUR', 'Revenue · JPY'],
  );
  assert.equal(byUnit(money).length, 2);
  assert.equal(byUnit(timed('revenue', { measure: 'orders' }).lines).length, 1);
  assert.deepEqual(timed('revenue', { unit: 'pcs', decimals: 1 }).lines[0]?.unit, {
    kind: 'named',
    unit: 'pcs',
    decimals: 1,
  });
});

test('a lifecycle: who goes stands below zero', () => {
  const { lines, incomplete } = timed('lifecycle');
  assert.deepEqual(lines.find(({ key }) => key === 'dormant')?.values, [0, -2, -3]);
  assert.deepEqual(incomplete, { first: false, last: true });
});

test('stickiness over time: a line a window', () =>
  assert.deepEqual(
    timed('stickiness').lines.map(({ name, total }) => [name, total]),
    [['Of those active in 7 days', 0.5]],
  ));

test('the table: a row a line while there are few buckets, else a row a bucket', () => {
  const few = timedTable(timed('trend'), 'UTC');
  assert.deepEqual(
    few.columns.map(({ head }) => head),
    ['Series', 'Total', 'Before', 'Change', 'Thu 19 Nov 2026', 'Fri 20 Nov 2026', 'Sat 21 Nov 2026'],
  );
  assert.deepEqual(few.rows[0]?.cells, ['DE', 9, 6, 0.5, 4, 3, 2]);
  assert.deepEqual(few.rows[0]?.drill, { kind: 'group', group: { country: 'DE' } });
  // From 0 there is no change in percent.
  assert.equal(few.rows[1]?.cells[3], null);
  const many = timed('trend');
  const starts = Array.from({ length: 40 }, (_, index) => index * 60);
  const long = timedTable({ ...many, starts }, 'UTC');
  assert.equal(long.rows.length, 40);
  assert.deepEqual(long.columns.map(({ head }) => head).slice(0, 3), ['Time', 'DE', 'DE, before']);
});

test('where the last bucket ends', () => {
  const end = (
    bucket: string,
    interval: Parameters<typeof lastEnd>[1]['interval'],
    isOpen: boolean,
  ): string =>
    new Date(lastEnd(bucket, { interval, to: '2026-02-10T12:00:00Z', isOpen }) * 1000).toISOString();
  assert.equal(end('2026-02-10T00:00:00+01:00', '1d', true), '2026-02-10T23:00:00.000Z');
  assert.equal(end('2026-02-10T00:00:00+01:00', '1d', false), '2026-02-10T12:00:00.000Z');
  assert.equal(end('2026-02-01T00:00:00+00:00', '1M', true), '2026-03-01T00:00:00.000Z');
  assert.equal(end('2026-02-01T00:00:00+00:00', 'total', true), '2026-02-10T12:00:00.000Z');
});
