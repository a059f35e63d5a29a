import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { chiSquareTail, studentQuantile, studentTail } from './distributions.ts';

const near = (actual: number, expected: number, tolerance = 1e-10): void =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual}, expected ${expected}`,
  );

test('the tail of chi-square is that of its closed forms for even degrees', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 200, noNaN: true }), fc.integer({ min: 1, max: 20 }), (x, half) => {
      let term = 1;
      let sum = 1;
      for (let k = 1; k < half; k++) {
        term *= x / 2 / k;
        sum += term;
      }
      near(chiSquareTail(x, 2 * half), Math.exp(-x / 2) * sum);
    }),
  );
});

test('the tail of t is that of its closed forms for 1, 2 and 4 degrees', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e4, noNaN: true }), (t) => {
      near(studentTail(t, 1), 1 - (2 / Math.PI) * Math.atan(t));
      near(studentTail(t, 2), 1 - t / Math.sqrt(2 + t * t));
      const u = t / Math.sqrt(4 + t * t);
      near(studentTail(t, 4), 1 - 1.5 * (u - u ** 3 / 3));
    }),
  );
});

test('values of the printed tables', () => {
  // Chi-square and Student's t at 5 %, 1 % and 0.1 %, as tables print them.
  const chi: readonly (readonly [number, number, number])[] = [
    [3.841459, 1, 0.05],
    [6.634897, 1, 0.01],
    [10.827566, 1, 0.001],
    [7.814728, 3, 0.05],
    [20.515006, 5, 0.001],
    [67.504807, 50, 0.05],
  ];
  for (const [x, degrees, tail] of chi) near(chiSquareTail(x, degrees), tail, 1e-7);
  const student: readonly (readonly [number, number, number])[] = [
    [2.228139, 10, 0.05],
    [2.63, 99, 0.0099],
    [3.6739, 29, 0.000962],
    [1.959964, 1e9, 0.05],
  ];
  for (const [t, degrees, tail] of student) near(studentTail(t, degrees), tail, 1e-4);
});

test('quantiles undo tails', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 0.999, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      (tail, degrees) => near(studentTail(studentQuantile(tail, degrees), degrees), tail, 1e-8),
    ),
  );
});

test('at the ends', () => {
  assert.equal(chiSquareTail(0, 3), 1);
  assert.equal(studentTail(0, 5), 1);
  assert.equal(studentTail(Number.POSITIVE_INFINITY, 5), 0);
  assert.ok(chiSquareTail(5_000, 1) < 1e-300);
});
