import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Variable } from '../../../src/contract/boards.ts';
import { askingOf } from './insight-question.ts';

const VARIABLES: readonly Variable[] = [
  { kind: 'range', name: 'period', label: '', default: 'last 30 days' },
  { kind: 'timezone', name: 'zone', label: '', default: null },
  { kind: 'filter', name: 'country', label: '', field: 'country', ops: ['in'], default: null },
  {
    ...{ kind: 'choice', name: 'plan', label: '', field: 'properties.plan', multiple: true, default: 'pro' },
    choices: [{ value: 'pro' }, { value: 'free' }],
  },
];
const PRO = { field: 'properties.plan', op: 'in', values: ['pro'] };

test('what was chosen on the board holds for an insight that is not on it yet', () => {
  assert.deepEqual(askingOf(VARIABLES, {}, [], undefined), { range: 'last 30 days', filter: PRO });
  const moment = { position: '7', at: '2026-11-20T12:00:00.000Z' };
  const values = { period: null, zone: 'Europe/Berlin', country: { op: 'in', values: ['DE'] } } as const;
  assert.deepEqual(askingOf(VARIABLES, { ...values, country: { op: 'in', values: ['DE'] } }, [], moment), {
    timezone: 'Europe/Berlin',
    filter: { and: [{ field: 'country', op: 'in', values: ['DE'] }, PRO] },
    as_of: moment,
  });
});

test('what the tile does not heed, and what was not chosen, is left out', () => {
  assert.deepEqual(askingOf(VARIABLES, { plan: ['pro', 'free'] }, ['period', 'plan'], undefined), {});
  assert.deepEqual(askingOf([], {}, [], undefined), {});
});
