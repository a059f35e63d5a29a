import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  DECIMAL_DIGITS_MAX,
  divideDecimals,
  formatDecimal,
  isWithinDigits,
  multiplyDecimals,
  parseDecimal,
  roundDecimal,
  subtractDecimals,
} from './decimal.ts';

const read = (text: string): Decimal => {
  const decimal = parseDecimal(text);
  assert.ok(decimal, `not read: ${text}`);
  return decimal;
};

test('reads what a number can look like, and nothing else', () => {
  const cases: [string, string][] = [
    ['6', '6'],
    ['2.55', '2.55'],
    ['-0.5', '-0.5'],
    ['+7', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['  12 ', '12'],
    ['007', '7'],
    ['1e3', '1000'],
    ['1.25E-2', '0.0125'],
    ['-0', '0'],
    ['0e9999', '0'],
    ['123456789012345678901234567890.5', '123456789012345678901234567890.5'],
  ];
  for (const [text, expected] of cases) assert.equal(formatDecimal(read(text)), expected, text);
  for (const text of [
    '',
    ' ',
    '.',
    '-',
    'abc',
    '1,5',
    '1 2',
    '0x10',
    'NaN',
    'Infinity',
    '1e',
    '1e99999',
    '1e9999',
    '--1',
    '1_000',
    '٣',
  ]) {
    assert.equal(parseDecimal(text), undefined, text);
  }
  assert.equal(parseDecimal('9'.repeat(DECIMAL_DIGITS_MAX + 1)), undefined);
});

test('is exact where floating point is not', () => {
  assert.equal(formatDecimal(multiplyDecimals(read('2.55'), read('6'))), '15.3');
  assert.equal(formatDecimal(addDecimals(read('0.1'), read('0.2'))), '0.3');
  assert.equal(formatDecimal(subtractDecimals(read('1'), read('0.9'))), '0.1');
});

test('division rounds half away from zero, and by zero is undefined', () => {
  const quotient = (a: string, b: string): string | undefined => {
    const result = divideDecimals(read(a), read(b));
    return result && formatDecimal(result);
  };
  assert.equal(quotient('1', '3'), '0.333333333333333333');
  assert.equal(quotient('2', '3'), '0.666666666666666667');
  assert.equal(quotient('-2', '3'), '-0.666666666666666667');
  assert.equal(quotient('1', '-0.25'), '-4');
  assert.equal(quotient('1e-30', '1'), '0');
  assert.equal(quotient('1', '0'), undefined);
});

test('rounding goes half away from zero on either side of the point', () => {
  const rounded = (text: string, digits: number): string => formatDecimal(roundDecimal(read(text), digits));
  assert.equal(rounded('2.345', 2), '2.35');
  assert.equal(rounded('-2.345', 2), '-2.35');
  assert.equal(rounded('2.5', 0), '3');
  assert.equal(rounded('149', -2), '100');
  assert.equal(rounded('150', -2), '200');
  assert.equal(rounded('7', 3), '7');
});

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(20))
  .map(([units, scale]): Decimal => ({ units, scale }));

test('property: writing and reading give the same number', () => {
  fc.assert(fc.property(decimals, (a) => compareDecimals(read(formatDecimal(a)), a) === 0));
});

test('property: the laws of arithmetic hold exactly', () => {
  const same = (a: Decimal, b: Decimal): boolean => formatDecimal(a) === formatDecimal(b);
  fc.assert(
    fc.property(decimals, decimals, decimals, (a, b, c) => {
      assert.ok(same(addDecimals(a, b), addDecimals(b, a)));
      assert.ok(
        same(
          multiplyDecimals(a, addDecimals(b, c)),
          addDecimals(multiplyDecimals(a, b), multiplyDecimals(a, c)),
        ),
      );
      assert.ok(same(subtractDecimals(addDecimals(a, b), b), a));
      const product = multiplyDecimals(a, b);
      const back = divideDecimals(product, b);
      if (b.units !== 0n && back) assert.ok(same(roundDecimal(back, 18), roundDecimal(a, 18)));
    }),
  );
});

test('a number with too many digits is told apart', () => {
  const big = read('9'.repeat(DECIMAL_DIGITS_MAX));
  assert.equal(isWithinDigits(big), true);
  assert.equal(isWithinDigits(multiplyDecimals(big, read('10'))), false);
});
