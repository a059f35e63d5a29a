import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRangeText, RANGES, rangeIn, rangeOfDays, rangeParameters, rangeWords } from './range.ts';

test('every range that is offered is one that the address may hold', () => {
  for (const text of RANGES.flat()) {
    assert.ok(isRangeText(text), text);
    assert.equal(rangeIn(`?range=${encodeURIComponent(text)}`), text);
  }
});

test('an address that names no range names none', () => {
  for (const search of [
    '',
    '?range=forever',
    '?range=last+0+days',
    '?from=x',
    '?from=2026-02-02&to=2026-02-01',
  ])
    assert.equal(rangeIn(search), undefined, search);
});

test('what is put into an address comes out of it', () => {
  for (const range of [
    'last 7 days',
    { from: '2026-01-01' },
    { from: '2026-01-01', to: '2026-02-01T10:00:00.000Z' },
  ]) {
    const parameters = Object.entries(rangeParameters(range)).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    );
    assert.deepEqual(rangeIn(`?${new URLSearchParams(parameters).toString()}`), range);
  }
});

test('days are included at both ends', () => {
  assert.deepEqual(rangeOfDays('2026-02-27', '2026-02-28'), { from: '2026-02-27', to: '2026-03-01' });
  assert.equal(rangeOfDays('2026-02-28', '2026-02-27'), undefined);
  assert.equal(rangeWords({ from: '2026-02-27', to: '2026-03-01' }, 'UTC'), '27 Feb 2026 to 28 Feb 2026');
  assert.equal(rangeWords({ from: '2026-02-27', to: '2026-02-28' }, 'America/New_York'), '27 Feb 2026');
});

test('words', () => {
  assert.equal(rangeWords('last 30 days', 'UTC'), 'Last 30 days');
  assert.equal(rangeWords({ from: '2026-01-01T00:00:00Z' }, 'Asia/Tokyo'), 'Since 1 Jan 2026, 09:00');
});
