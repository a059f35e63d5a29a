import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Variable } from '../../../src/contract/boards.ts';
import { effective, type Value, valuesOfAddress, valueText } from '../board/address-values.ts';
import { valueWords } from './values.ts';

const PERIOD: Variable = { kind: 'range', name: 'period', label: 'Period', default: 'last 30 days' };
const COUNTRY: Variable = {
  ...{ kind: 'filter', name: 'country', label: 'Country', field: 'country', default: null },
  ops: ['in', 'not_in'],
};
const PLAN: Variable = {
  ...{ kind: 'choice', name: 'plan', label: 'Plan', field: 'properties.plan', multiple: true },
  ...{ choices: [{ value: 'pro', label: 'Professional' }, { value: 3 }], default: null },
};

test('values come back from the address as they went into it', () => {
  for (const value of [
    'last 7 days',
    'true',
    '12',
    '"quoted"',
    '',
    'null',
    12,
    false,
    null,
    ['a', 1],
    { op: 'in', values: ['DE', 'é&=#'] },
    { from: '2026-11-01', to: '2026-11-02' },
  ] as Value[]) {
    const search = new URLSearchParams({ 'v.period': valueText(value), project: 'x' }).toString();
    assert.deepEqual(valuesOfAddress(search, [PERIOD]), { period: value });
  }
  assert.deepEqual(valuesOfAddress('?v.other=1&period=2', [PERIOD]), {});
});

test('a default holds until something is chosen, nothing too', () => {
  assert.equal(effective(PERIOD, {}), 'last 30 days');
  assert.equal(effective(PERIOD, { period: null }), null);
  assert.equal(effective(PERIOD, { period: 'today' }), 'today');
});

test('values are told in words', () => {
  for (const [variable, value, text] of [
    [PERIOD, null, 'As each tile has it'],
    [PERIOD, 'last 7 days', 'last 7 days'],
    [PERIOD, { from: '2026-11-01' }, '2026-11-01 to now'],
    [COUNTRY, null, 'Any'],
    [COUNTRY, { op: 'in', values: ['DE'] }, 'DE'],
    [COUNTRY, { op: 'not_in', values: ['DE', 'FR', 'IT', 'ES'] }, 'not DE, FR +2'],
    [COUNTRY, { op: 'gte', value: 3 }, 'is at least 3'],
    [COUNTRY, { op: 'exists' }, 'is there'],
    [PLAN, ['pro', 3], 'Professional, 3'],
    [PLAN, '', '(empty)'],
  ] as [Variable, Value, string][])
    assert.equal(valueWords(variable, value), text);
});
