import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeSpan, type Unit, writerOf, written } from './units.ts';
import { percent } from '../lib/format.ts';

test('times in their two largest units', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 s'],
    [0.4, '<1 ms'],
    [840, '840 ms'],
    [4_200, '4.2 s'],
    [59_400, '59 s'],
    [200_000, '3 min 20 s'],
    [3_599_900, '60 min'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
    [-4_200, '-4.2 s'],
  ];
  for (const [ms, text] of cases) assert.equal(timeSpan(ms), text);
});

test('percent, honest at both ends', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0%'],
    [0.0004, '<0.1%'],
    [0.0123, '1.2%'],
    [0.256, '26%'],
    [0.9996, '>99.9%'],
    [1, '100%'],
    [6.44, '644%'],
    [-0.05, '-5.0%'],
  ];
  for (const [share, text] of cases) assert.equal(percent(share), text);
});

test('numbers by their unit: in full, short, on an axis', () => {
  const cases: readonly (readonly [Unit, number, readonly [string, string, string]])[] = [
    [{ kind: 'count' }, 1_234_567, ['1,234,567', '1.23M', '1.23M']],
    [{ kind: 'number' }, 2.75, ['2.75', '2.75', '2.75']],
    [{ kind: 'share' }, 0.5, ['50%', '50%', '50%']],
    [{ kind: 'time' }, 90_000, ['1 min 30 s', '1 min 30 s', '1.5 min']],
    [{ kind: 'money', currency: 'EUR' }, 1234.5, ['€1,234.50', '€1,234.50', '€1.23K']],
    [{ kind: 'money', currency: 'points' }, 1234.5, ['1,235 points', '1,235 points', '1.23K points']],
    [{ kind: 'named', unit: '%', decimals: 1 }, 3, ['3.0%', '3.0%', '3%']],
    [{ kind: 'named', unit: 'kWh' }, 250_000, ['250,000 kWh', '250K kWh', '250K kWh']],
  ];
  for (const [unit, value, texts] of cases) {
    const { full, short, axis } = writerOf(unit);
    assert.deepEqual([full(value), short(value), axis(value)], texts);
  }
  assert.equal(written(percent, null), '–');
});
