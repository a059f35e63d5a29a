import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../event/errors.ts';
import { parseDuration } from './duration.ts';

const BOUNDS = { min: '1s', max: '366d' };

test('a duration is a whole number and a unit', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['1s', 1_000],
    ['90m', 5_400_000],
    ['12h', 43_200_000],
    [' 7d ', 604_800_000],
    ['2w', 1_209_600_000],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text, 'window', BOUNDS), ms, text);
});

test('what is none, too short or too long is refused at its place', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /is not a duration/],
    ['7', /is not a duration/],
    ['1.5h', /is not a duration/],
    ['-1d', /is not a duration/],
    ['7 days', /is not a duration/],
    ['9999999999s', /is not a duration/],
    ['0s', /at least 1s/],
    ['53w', /at most 366d/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseDuration(text, 'window', BOUNDS),
      (error) => {
        assert.ok(error instanceof ApiError && error.code === 'invalid_request');
        assert.match(error.message, message);
        assert.match(error.message, /^window: /u);
        return true;
      },
      text,
    );
  }
});
