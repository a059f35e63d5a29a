import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { ApiError } from '../event/errors.ts';
import { evaluateFormula, lettersOf, parseFormula } from './formula.ts';

const VALUES: Readonly<Record<string, number | null>> = { A: 6, B: 4, C: 0, D: null };
const evaluate = (text: string): number | null =>
  evaluateFormula(parseFormula(text, 'formula.0'), (letter) => VALUES[letter] ?? null);

const RESULTS: readonly (readonly [text: string, result: number | null])[] = [
  ['A', 6],
  ['A/B', 1.5],
  ['100 * A / (A + B)', 60],
  ['A - B - 1', 1],
  ['24 / A / B', 1],
  ['2 + 3 * 4', 14],
  ['-A + 2', -4],
  ['- -A', 6],
  ['2 - -1.5', 3.5],
  ['A / C', null],
  ['C / C', null],
  ['C * D', null],
  ['C / B', 0],
  ['-C', 0],
  ['(((A)))', 6],
  ['\n A\t*  0.5 ', 3],
];

for (const [text, result] of RESULTS)
  test(`${JSON.stringify(text)} is ${result}`, () => assert.equal(evaluate(text), result));

const WRONG: readonly (readonly [text: string, message: RegExp])[] = [
  ['', /missing at character 1/u],
  ['   ', /missing at character 4/u],
  ['A +', /missing at character 4/u],
  ['A B', /"B" at character 3/u],
  ['A + K', /"K" at character 5/u],
  ['a', /"a" at character 1/u],
  ['AB', /"AB" at character 1/u],
  ['(A', /"\)" is missing at character 3/u],
  ['A)', /"\)" at character 2/u],
  ['A ^ 2', /"\^" at character 3/u],
  ['1e3', /"e" at character 2/u],
  ['.5', /"\." at character 1/u],
  ['A; DROP TABLE events', /";" at character 2/u],
  ['sleep(1)', /"sleep" at character 1/u],
  ['+A', /"\+" at character 1|missing at character 1/u],
  [`${'('.repeat(30)}A${')'.repeat(30)}`, /nested deeper than 20/u],
  ['-'.repeat(200), /nested deeper than 20/u],
];

for (const [text, message] of WRONG) {
  test(`refuses ${JSON.stringify(text).slice(0, 40)}`, () =>
    assert.throws(
      () => parseFormula(text, 'formula.0'),
      (error) =>
        error instanceof ApiError && error.message.startsWith('formula.0: ') && message.test(error.message),
    ));
}

test('letters are told once each', () => {
  assert.deepEqual(lettersOf(parseFormula('B * (A + B) - 2 / -A', '')), ['B', 'A']);
});

interface Made {
  readonly text: string;
  readonly value: number | null;
}

const combine = (left: Made, operator: string, right: Made): Made => {
  const text = `(${left.text} ${operator} ${right.text})`;
  if (left.value === null || right.value === null) return { text, value: null };
  if (operator === '/' && right.value === 0) return { text, value: null };
  const value =
    operator === '+'
      ? left.value + right.value
      : operator === '-'
        ? left.value - right.value
        : operator === '*'
          ? left.value * right.value
          : left.value / right.value;
  return { text, value: Number.isFinite(value) ? value : null };
};

const formulas = fc.letrec<{ formula: Made }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('A', 'B', 'C', 'D').map((text) => ({ text, value: VALUES[text] ?? null })),
    fc.integer({ min: 0, max: 99 }).map((value) => ({ text: String(value), value })),
    fc
      .tuple(tie('formula'), fc.constantFrom('+', '-', '*', '/'), tie('formula'))
      .map(([left, operator, right]) => combine(left, operator, right)),
  ),
})).formula;

test('computes what it says, and reads anything without failing otherwise than by refusing', () => {
  fc.assert(
    fc.property(formulas, ({ text, value }) => {
      assert.equal(evaluate(text), value);
    }),
    { numRuns: 2_000 },
  );
  const anything = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom('A', 'B', '(', ')', '+', '-', '*', '/', ' ', '1', '.', '5', 'x'),
      maxLength: 60,
    }),
  );
  fc.assert(
    fc.property(anything, (text) => {
      try {
        evaluate(text);
      } catch (error) {
        assert.ok(error instanceof ApiError);
      }
    }),
    { numRuns: 2_000 },
  );
});
