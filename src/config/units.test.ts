import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { formatBytes, formatDuration, parseBytes, parseDuration } from './units.ts';

test('durations in all units, with and without a space', () => {
  const cases: readonly [string, number][] = [
    ['200', 200],
    ['200ms', 200],
    ['1.5s', 1_500],
    ['10 min', 600_000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['2 Days', 172_800_000],
    ['0', 0],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

test('sizes: binary and decimal units are told apart', () => {
  const cases: readonly [string, number][] = [
    ['4096', 4096],
    ['1KiB', 1024],
    ['1 kb', 1000],
    ['64MiB', 67_108_864],
    ['1.5 GB', 1_500_000_000],
    ['2TiB', 2 * 1024 ** 4],
  ];
  for (const [text, bytes] of cases) assert.equal(parseBytes(text), bytes, text);
});

test('what is no quantity is not guessed at', () => {
  for (const text of ['', ' ', 'h', '-1s', '5y', '1e3', '1,5s', '5 m s', '0x10', 'NaN', '99999999999TiB'])
    assert.deepEqual([parseDuration(text), parseBytes(text)], [undefined, undefined], text);
});

test('what is written parses to the same', () => {
  const amounts = fc.integer({ min: 0, max: 2 ** 50 });
  fc.assert(
    fc.property(amounts, (amount) => {
      assert.equal(parseDuration(formatDuration(amount)), amount);
      assert.equal(parseBytes(formatBytes(amount)), amount);
    }),
  );
  assert.equal(formatDuration(86_400_000), '1 d');
  assert.equal(formatBytes(67_108_864), '64 MiB');
  assert.equal(formatBytes(2_000_000_000), '2 GB');
});
