import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCount, formatDuration, ProgressLine } from '../lib/progress-line.ts';
import { IMPORT_RENDERING, type ProgressState, remainingMs } from './progress.ts';

const { bar: renderBar, plain: renderPlain } = IMPORT_RENDERING;

const STATE: ProgressState = {
  label: 'Importing',
  fraction: 0.25,
  rows: 135_477,
  before: 0,
  quarantined: 0,
  elapsedMs: 2_000,
};

test('numbers and durations for people', () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(formatCount), ['0', '999', '1,000', '1,234,567']);
  assert.deepEqual([850, 999.6, 4_250, 59_990, 187_000, 7_500_000].map(formatDuration), [
    '850 ms',
    '1000 ms',
    '4.2 s',
    '59.9 s',
    '3 min 07 s',
    '2 h 05 min',
  ]);
});

test('the time left follows the pace so far', () => {
  assert.equal(remainingMs(STATE), 6_000);
  assert.equal(remainingMs({ ...STATE, fraction: undefined }), undefined);
  assert.equal(remainingMs({ ...STATE, fraction: 0 }), undefined);
  assert.equal(remainingMs({ ...STATE, elapsedMs: 10 }), undefined);
  assert.equal(remainingMs({ ...STATE, fraction: 1 }), 0);
});

test('a bar fits its terminal', () => {
  assert.equal(
    renderBar(STATE, 100),
    'Importing ████████░░░░░░░░░░░░░░░░░░░░░░ 25%  135,477 rows  67,739/s  6.0 s left',
  );
  for (const columns of [20, 40, 60, 80, 200])
    assert.ok(renderBar(STATE, columns).length <= columns, String(columns));
  assert.equal(renderBar({ ...STATE, fraction: undefined }, 80), 'Importing  135,477 rows  67,739/s');
  assert.match(renderBar({ ...STATE, fraction: 1.2, quarantined: 3 }, 100), /100% .* 3 quarantined$/u);
});

test('a plain line says the same', () => {
  assert.equal(renderPlain(STATE), 'Importing 25%  135,477 rows  67,739/s  6.0 s left');
});

test('it is drawn not too often, and taken away on a terminal', () => {
  const drawn = (isTerminal: boolean): string[] => {
    const written: string[] = [];
    const line = new ProgressLine(
      { isTerminal, columns: 80, write: (text) => void written.push(text) },
      IMPORT_RENDERING,
    );
    for (const elapsedMs of [0, 50, 99, 100, 5_000, 10_000]) line.update({ ...STATE, elapsedMs });
    line.clear();
    line.clear();
    return written;
  };
  assert.equal(drawn(true).length, 5);
  assert.ok(drawn(true).at(-1)?.startsWith('\r'));
  assert.equal(drawn(false).length, 2);
});
