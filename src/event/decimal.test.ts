import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { parseDecimal } from './decimal.ts';
import { decimalText } from './layout.ts';
import { accepted, refusal } from './testing/decoding.ts';

const parse = (text: string): bigint | undefined | 'not a number' => {
  const bytes = new Uint8Array(Buffer.from(text));
  const scaled = parseDecimal(bytes, 0, bytes.length);
  return typeof scaled === 'number' ? (Number.isNaN(scaled) ? 'not a number' : BigInt(scaled)) : scaled;
};

const MAX = 10n ** 18n - 1n;

test('every value that can be stored is read exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -MAX, max: MAX }), fc.nat(3), (scaled, zeros) => {
      const text = decimalText(scaled);
      assert.equal(parse(text), scaled, text);
      if (text.includes('.')) assert.equal(parse(text + '0'.repeat(zeros)), scaled);
      assert.equal(parse(`${scaled}e-6`), scaled);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.integer({ min: -999_999, max: 999_999 }), (cents) =>
      assert.equal(parse(decimalText(BigInt(cents) * 10_000n)), BigInt(cents) * 10_000n),
    ),
  );
});

test('rounding is half away from zero at the sixth decimal', () => {
  const cases: Record<string, bigint> = {
    '0.0000005': 1n,
    '-0.0000005': -1n,
    '0.00000049999': 0n,
    '0.0000014999': 1n,
    '1.9999995': 2_000_000n,
    '5e-7': 1n,
    '4.9e-7': 0n,
    '1e-400': 0n,
    '1e-99999999999999999999': 0n,
    '0e99999999999999999999': 0n,
    '-0': 0n,
    '0.0': 0n,
    '1.5E3': 1_500_000_000n,
    '999999999999.9999994': MAX,
    '1e11': 10n ** 17n,
  };
  for (const [text, scaled] of Object.entries(cases)) assert.equal(parse(text), scaled, text);
});

test('what does not fit is out of range, without delay', () => {
  for (const text of [
    '1e12',
    '-1e12',
    '1000000000000',
    '999999999999.9999995',
    '1e400',
    '1e99999999999999999999',
    '9'.repeat(1_000_000),
  ])
    assert.equal(parse(text), undefined, text.slice(0, 30));
});

test('what is no JSON number is none', () => {
  for (const text of [
    '',
    '-',
    '+1',
    '.5',
    '5.',
    '01',
    '-01',
    '1e',
    '0x1',
    ' 1',
    '1 ',
    '1,5',
    'NaN',
    'Infinity',
    '--1',
    '1.2.3',
    '1_000',
    '００',
  ])
    assert.equal(parse(text), 'not a number', text);
});

test('agrees with an exact reading of doubles', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e11, max: 1e11 }), (value) => {
      const scaled = parse(JSON.stringify(value));
      assert.ok(typeof scaled === 'bigint');
      assert.ok(Math.abs(Number(scaled) / 1e6 - value) <= 1e-6 + Math.abs(value) * 1e-15);
    }),
  );
});

test('as a field', () => {
  assert.equal(accepted({ type: 't', value: '1e2' })['value'], '100');
  assert.equal(accepted('{"type":"t","value":"1\\u0032"}')['value'], '12');
  assert.equal(accepted('{"type":"t","value":123456789012.123456}')['value'], '123456789012.123456');
  assert.equal(accepted({ type: 't', value: '' })['value'], undefined);
  assert.equal(refusal('{"type":"t","value":1e400}').code, 'value_out_of_range');
  assert.equal(refusal({ type: 't', value: ' 1' }).code, 'invalid_field');
});
