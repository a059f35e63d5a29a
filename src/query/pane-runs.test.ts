import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { type PaneRun, paneRuns } from './pane-runs.ts';

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WIDTHS = [QUARTER_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];
const DAY = Date.UTC(2026, 10, 20);

const shown = (runs: readonly PaneRun[]) =>
  [...runs]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ fromMs, toMs, widthMs }) => [
      (fromMs - DAY) / HOUR_MS,
      (toMs - DAY) / HOUR_MS,
      widthMs / HOUR_MS,
    ]);

test('days are read as days, what is left of the first and the last in the widest panes that fit', () => {
  const range = { fromMs: DAY + 17.5 * HOUR_MS, toMs: DAY + 3 * DAY_MS + 7.25 * HOUR_MS };
  const days = [1, 2, 3].map((day) => DAY + day * DAY_MS);
  assert.deepEqual(shown(paneRuns(range, days, WIDTHS)), [
    [17.5, 18, 0.25],
    [18, 24, 6],
    [24, 72, 24],
    [72, 78, 6],
    [78, 79, 1],
    [79, 79.25, 0.25],
  ]);
});

test('days of a zone are put together from hours and quarters of days', () => {
  const range = { fromMs: DAY - HOUR_MS, toMs: DAY + 2 * DAY_MS - HOUR_MS };
  assert.deepEqual(shown(paneRuns(range, [DAY + DAY_MS - HOUR_MS], WIDTHS)), [
    [-1, 0, 1],
    [0, 18, 6],
    [18, 24, 1],
    [24, 42, 6],
    [42, 47, 1],
  ]);
});

test('so many days of a zone that their parts would be too many runs are read by the hour', () => {
  const days = Array.from({ length: 400 }, (_, day) => DAY + day * DAY_MS - HOUR_MS);
  const range = { fromMs: DAY - HOUR_MS, toMs: DAY + 400 * DAY_MS - HOUR_MS };
  assert.deepEqual(shown(paneRuns(range, days, WIDTHS)), [[-1, 400 * 24 - 1, 1]]);
});

test('runs cover each moment of a range once, and no pane holds a bound', () => {
  const random = new SeededRandom(testSeed());
  for (let round = 0; round < 300; round++) {
    const fromMs = DAY + (random.below(2_000) - 1_000) * QUARTER_MS;
    const toMs = fromMs + (1 + random.below(2_000)) * QUARTER_MS;
    const bounds = Array.from(
      { length: random.below(20) },
      () => fromMs + (random.below(2_200) - 100) * QUARTER_MS,
    )
      .sort((a, b) => a - b)
      .filter((ms, index, all) => ms !== all[index - 1]);
    const runs = paneRuns({ fromMs, toMs }, bounds, WIDTHS);
    const ordered = [...runs].sort((a, b) => a.fromMs - b.fromMs);
    assert.deepEqual([ordered[0]?.fromMs, ordered.at(-1)?.toMs], [fromMs, toMs]);
    for (const [index, run] of ordered.entries()) {
      if (index > 0) assert.equal(run.fromMs, ordered[index - 1]?.toMs);
      assert.ok(run.fromMs % run.widthMs === 0 && run.toMs % run.widthMs === 0 && run.fromMs < run.toMs);
      for (const bound of bounds)
        if (bound > run.fromMs && bound < run.toMs) assert.equal((bound - run.fromMs) % run.widthMs, 0);
    }
  }
});
