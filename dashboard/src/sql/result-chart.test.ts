import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHART_MAX, chartOf, isNumeric, likelyChart, numberOf } from './result-chart.ts';

const columns = (...types: string[]) => types.map((type, at) => ({ name: `c${at}`, type }));

test('numbers are known by their type, also exact and optional ones', () => {
  for (const type of ['UInt64', 'Int8', 'Float64', 'Decimal(18, 6)', 'Nullable(Decimal(18, 6))'])
    assert.ok(isNumeric({ name: 'n', type }), type);
  for (const type of ['String', 'Date', 'Array(UInt8)', 'Nullable(String)'])
    assert.ok(!isNumeric({ name: 'n', type }), type);
  assert.deepEqual(['12.5', 3, null, '', 'x', [1]].map(numberOf), [12.5, 3, null, null, null, null]);
});

test('a time and numbers become a line, a text and numbers bars', () => {
  const day = { columns: columns('Date', 'UInt64', 'Decimal(9, 2)'), rows: [['2026-11-20', 1, '2.50']] };
  assert.deepEqual(likelyChart(day), { kind: 'line', x: 0, ys: [1, 2], split: undefined });
  const text = { columns: columns('UInt64', 'String'), rows: [[1, 'DE']] };
  assert.deepEqual(likelyChart(text), { kind: 'bars', x: 1, ys: [0], split: undefined });
});

test('where times come again, a text tells the series apart', () => {
  const result = {
    columns: columns('Date', 'String', 'UInt64'),
    rows: [
      ['2026-11-20', 'DE', 1],
      ['2026-11-20', 'US', 5],
      ['2026-11-21', 'US', 7],
    ],
  };
  const choice = likelyChart(result);
  assert.deepEqual(choice, { kind: 'line', x: 0, ys: [2], split: 1 });
  assert.ok(choice);
  assert.deepEqual(chartOf(result, choice), {
    labels: ['2026-11-20', '2026-11-21'],
    times: [Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 21)],
    series: [
      { name: 'US', values: [5, 7] },
      { name: 'DE', values: [1, null] },
    ],
    left: { rows: 0, series: 0 },
  });
});

test('one number, no numbers or no rows: nothing to draw', () => {
  assert.equal(likelyChart({ columns: columns('UInt64'), rows: [[1]] }), undefined);
  assert.equal(likelyChart({ columns: columns('String', 'String'), rows: [['a', 'b']] }), undefined);
  assert.equal(likelyChart({ columns: columns('String', 'UInt8'), rows: [] }), undefined);
});

test('what has no room is counted', () => {
  const rows = Array.from({ length: CHART_MAX.places + 3 }, (_, at) => [`p${at}`, at]);
  const chart = chartOf(
    { columns: columns('String', 'UInt8'), rows },
    { kind: 'bars', x: 0, ys: [1], split: undefined },
  );
  assert.deepEqual([chart.labels.length, chart.left], [CHART_MAX.places, { rows: 3, series: 0 }]);
  const groups = Array.from({ length: CHART_MAX.series + 2 }, (_, at) => ['p', `g${at}`, at + 1]);
  const split = chartOf(
    { columns: columns('String', 'String', 'UInt8'), rows: groups },
    { kind: 'bars', x: 0, ys: [2], split: 1 },
  );
  assert.deepEqual([split.series.length, split.left.series], [CHART_MAX.series, 2]);
});

test('times are drawn in their order and distances, whatever the order of the rows', () => {
  const result = {
    columns: columns("DateTime64(3, 'UTC')", 'UInt8'),
    rows: [
      ['2026-11-20T10:00:00Z', 3],
      ['2026-11-20T08:00:00Z', 1],
      ['2026-11-20 09:00:00', 2],
    ],
  };
  const chart = chartOf(result, { kind: 'line', x: 0, ys: [1], split: undefined });
  assert.deepEqual(
    chart.times,
    [8, 9, 10].map((hour) => Date.UTC(2026, 10, 20, hour)),
  );
  assert.deepEqual(chart.series[0]?.values, [1, 2, 3]);
  const odd = { ...result, rows: [...result.rows, ['later', 4]] };
  assert.equal(chartOf(odd, { kind: 'line', x: 0, ys: [1], split: undefined }).times, undefined);
});
