import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CohortAnswer, CohortDefinition } from '../../../src/contract/cohorts.ts';
import { cohortOf, CRITERION_KINDS, draftOfCohort, newCriterion, newDraft, troubleOf } from './draft.ts';

const saved = (definition: CohortDefinition): CohortAnswer => ({
  ...{ id: 'coh_1', name: 'Regulars', description: '', mode: 'live', definition, version: 1, frozen: null },
  ...{ created_at: '2026-11-20T12:00:00.000Z', updated_at: '2026-11-20T12:00:00.000Z', updated_by: 'ada' },
});

const DEFINITIONS: readonly CohortDefinition[] = [
  { match: 'all', criteria: [{ kind: 'did', event: 'purchase', at_least: 3, within: '30d' }] },
  {
    match: 'any',
    criteria: [
      { kind: 'did', event: {}, at_least: 1 },
      { kind: 'did_not', event: 'refund' },
    ],
  },
  {
    match: 'all',
    criteria: [
      { kind: 'property', is: { field: 'properties.plan', op: 'in', values: ['pro', 'team'] } },
      { kind: 'property', is: { field: 'properties.items', op: 'gte', value: 3 } },
      { kind: 'property', is: { field: 'country', op: 'not_exists' } },
      { kind: 'first_seen', within: '7d', before: '1d' },
      { kind: 'cohort', cohort: 'coh_2', member: false },
    ],
  },
];

test('a cohort that is opened and saved again is the same', () => {
  for (const definition of DEFINITIONS)
    assert.deepEqual(cohortOf(draftOfCohort(saved(definition))), {
      ...{ name: 'Regulars', description: '', mode: 'live' },
      definition,
    });
});

test('what is missing or wrong is said, and nothing is saved', () => {
  const wrong = [
    { ...newCriterion('did'), kind: 'did', event: {}, atLeast: '0', within: '' },
    { ...newCriterion('did'), kind: 'did', event: {}, atLeast: '2', within: '30 days' },
    { ...newCriterion('did_not'), kind: 'did_not', event: {}, within: 'x' },
    newCriterion('property'),
    { ...newCriterion('first_seen'), kind: 'first_seen', within: '', before: ' ' },
    newCriterion('cohort'),
  ] as const;
  for (const criterion of wrong) {
    assert.ok(troubleOf(criterion), JSON.stringify(criterion));
    assert.equal(cohortOf({ ...newDraft(), name: 'x', criteria: [criterion] }), undefined);
  }
  assert.equal(cohortOf({ ...newDraft(), name: ' ' }), undefined);
  assert.equal(cohortOf({ ...newDraft(), name: 'x', criteria: [] }), undefined);
});

test('every kind that is offered can be begun, each by a key of its own', () => {
  const made = CRITERION_KINDS.map(({ value }) => newCriterion(value));
  assert.deepEqual(
    made.map(({ kind }) => kind),
    CRITERION_KINDS.map(({ value }) => value),
  );
  assert.equal(new Set(made.map(({ key }) => key)).size, made.length);
});
