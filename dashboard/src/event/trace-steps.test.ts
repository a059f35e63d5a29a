import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceReceipt } from '../../../src/contract/events.ts';
import { isSettled, stageShares, stepsOf } from './trace-steps.ts';

const AT = '2026-11-20T12:00:00.000Z';
const NOW = Date.parse(AT) + 2_000;
const STORED: TraceReceipt = {
  state: 'stored',
  type: 'page_view',
  timestamp: AT,
  received_at: AT,
  logged: { position: '17', at: AT },
  decided: { position: '9', at: AT, configuration: 1, reason: null, detail: null },
  duplicate_of: null,
  loaded: { at: AT },
  panes: [],
  stages: { receive_to_log_ms: 5, log_to_decide_ms: 15, decide_to_load_ms: 80, total_ms: 100 },
};

test('a stored event has come all the way', () => {
  assert.deepEqual(
    stepsOf(STORED).map(({ name, place, ms, isDone }) => [name, place, ms, isDone]),
    [
      ['Received', null, null, true],
      ['Durable in the log', 'raw 17', 5, true],
      ['Decided', 'governed 9', 15, true],
      ['Queryable', null, 80, true],
    ],
  );
  assert.equal(isSettled(STORED, NOW), true);
  assert.deepEqual(stageShares(STORED), [5, 15, 80]);
});

test('a pending one is on its way', () => {
  const stages = { receive_to_log_ms: 5, log_to_decide_ms: null, decide_to_load_ms: null, total_ms: null };
  const pending: TraceReceipt = { ...STORED, state: 'pending', decided: null, loaded: null, stages };
  assert.deepEqual(
    stepsOf(pending).map(({ isDone }) => isDone),
    [true, true, false, false],
  );
  assert.equal(isSettled(pending, NOW), false);
  assert.equal(isSettled({ ...STORED, loaded: null }, NOW), false);
});

test('times that are not known yet are waited for, not for ever', () => {
  const stages = { ...STORED.stages, log_to_decide_ms: null };
  assert.equal(isSettled({ ...STORED, stages }, NOW), false);
  assert.equal(isSettled({ ...STORED, stages }, NOW + 60_000), true);
});

test('a refused one ends with its decision', () => {
  const refused: TraceReceipt = { ...STORED, state: 'duplicate', loaded: null };
  assert.deepEqual(
    stepsOf(refused).map(({ name }) => name),
    ['Received', 'Durable in the log', 'Decided: duplicate'],
  );
  assert.equal(isSettled(refused, NOW), true);
});

test('without times there is no bar', () => {
  const stages = { receive_to_log_ms: 0, log_to_decide_ms: null, decide_to_load_ms: null, total_ms: null };
  assert.deepEqual(stageShares({ ...STORED, stages }), []);
});
