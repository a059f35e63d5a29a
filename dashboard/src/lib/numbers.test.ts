import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localeOf, type Numbers, numbersIn } from './numbers.ts';

/** Spaces that do not break are written as `_` here, narrow ones as `,,`, and each apostrophe the same. */
const seen = (text: string | undefined): string | undefined =>
  text?.replaceAll('\u00A0', '_').replaceAll('\u202F', ',,').replaceAll('’', "'");

const samples = (numbers: Numbers): readonly (string | undefined)[] =>
  [
    numbers.upTo(1_234_567.891, 1),
    numbers.fixed(12.5, 2),
    numbers.significant(0.012_345, 3),
    numbers.compact(-2_512),
    numbers.compact(1_234_567),
    numbers.withPercent(numbers.fixed(4.25, 1)),
    numbers.money(1_234.5, 'EUR'),
    numbers.compactMoney(1_234.5, 'EUR'),
  ].map(seen);

test('numbers by the rules of a locale, in digits and suffixes of the page', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    en: ['1,234,567.9', '12.50', '0.0123', '-2.51K', '1.23M', '4.3%', '€1,234.50', '€1.23K'],
    'en-IN': ['12,34,567.9', '12.50', '0.0123', '-2.51K', '1.23M', '4.3%', '€1,234.50', '€1.23K'],
    de: ['1.234.567,9', '12,50', '0,0123', '-2,51K', '1,23M', '4,3_%', '1.234,50_€', '1,23K_€'],
    'de-CH': ["1'234'567.9", '12.50', '0.0123', '-2.51K', '1.23M', '4.3%', "EUR_1'234.50", 'EUR_1.23K'],
    fr: ['1,,234,,567,9', '12,50', '0,0123', '-2,51K', '1,23M', '4,3_%', '1,,234,50_€', '1,23K_€'],
    tr: ['1.234.567,9', '12,50', '0,0123', '-2,51K', '1,23M', '%4,3', '€1.234,50', '€1,23K'],
  };
  for (const [locale, texts] of Object.entries(cases))
    assert.deepEqual(samples(numbersIn(locale)), texts, locale);
});

test('digits are those of times and files everywhere', () => {
  for (const locale of ['ar-EG', 'fa', 'hi', 'mr', 'bn', 'my', 'ne'])
    assert.match(numbersIn(locale).upTo(1_234_567, 0), /^[\d,.’\u066C\u060C]+$/, locale);
});

test('three digits say what a number is, also beside a change of unit', () => {
  const { compact } = numbersIn('en');
  assert.deepEqual(
    [0, 7, 0.123_45, 999, 999.4, 999.6, 999_499, 999_500, -1_500_000, 2e9, 4e15].map(compact),
    ['0', '7', '0.123', '999', '999', '1K', '999K', '1M', '-1.5M', '2B', '4,000T'],
  );
});

test('next to nothing is told in powers of ten', () => {
  const { significant } = numbersIn('en');
  assert.deepEqual(
    [0, 0.000_001, 0.000_000_123_4, -1e-12].map((value) => significant(value, 3)),
    ['0', '0.000001', '1.23E-7', '-1E-12'],
  );
});

test('what is no currency has no sign', () => {
  const { money, compactMoney } = numbersIn('en');
  for (const none of ['points', '', 'E', '123']) {
    assert.equal(money(1, none), undefined);
    assert.equal(compactMoney(1, none), undefined);
  }
});

test('the first locale that is known counts', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['de-AT', 'en'], 'de-AT'],
    [['en-US@posix', 'fr-CA'], 'fr-CA'],
    [['tlh', 'pt-BR'], 'pt-BR'],
    [['', 'c'], 'en'],
    [[], 'en'],
  ];
  for (const [preferred, locale] of cases) assert.equal(localeOf(preferred), locale);
});
