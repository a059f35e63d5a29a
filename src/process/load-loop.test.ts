import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spacingOf } from './load-loop.ts';

const CALM = { intervalMs: 200, tookMs: 40, isBehind: false, isBusy: false };

const CASES = [
  { what: 'quick loads are an interval apart', load: CALM, spacing: 200 },
  { what: 'loads take a third of the time', load: { ...CALM, tookMs: 150 }, spacing: 450 },
  { what: 'but are never further apart than 0.7 s for that', load: { ...CALM, tookMs: 2_000 }, spacing: 700 },
  { what: 'a busy machine loads less often', load: { ...CALM, isBusy: true }, spacing: 500 },
  {
    what: 'what loading itself asks for may be more',
    load: { ...CALM, tookMs: 220, isBusy: true },
    spacing: 660,
  },
  {
    what: 'a short interval stays short',
    load: { ...CALM, intervalMs: 20, tookMs: 5, isBusy: true },
    spacing: 50,
  },
  { what: 'a long interval is kept', load: { ...CALM, intervalMs: 10_000 }, spacing: 10_000 },
  {
    what: 'a backlog does not wait, neither for slow loads nor for a busy machine',
    load: { ...CALM, tookMs: 2_000, isBehind: true, isBusy: true },
    spacing: 200,
  },
];

for (const { what, load, spacing } of CASES) test(what, () => assert.equal(spacingOf(load), spacing));
