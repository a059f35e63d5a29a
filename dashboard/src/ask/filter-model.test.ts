import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Filter } from '../../../src/contract/question.ts';
import { countOf, draftOf, filterOf, NEW_CONDITION, NO_FILTER, withOperator } from './filter-model.ts';
import { filterWords } from './filter-words.ts';

const DE: Filter = { field: 'country', op: 'eq', value: 'DE' };
const PRO: Filter = { field: 'properties.plan', op: 'in', values: ['pro', 'team'] };
const SEEN: Filter = { field: 'user_id', op: 'exists' };
const LARGE: Filter = { field: 'properties.items', op: 'gte', value: 3 };
const BUYERS: Filter = { op: 'in_cohort', cohort: 'coh_1' };

test('a filter is the same after it was edited without a change', () => {
  const filters: readonly Filter[] = [
    ...[DE, PRO, SEEN, LARGE, BUYERS],
    { field: 'page', op: 'contains', value: '/docs' },
    { and: [DE, PRO] },
    { or: [DE, { and: [PRO, SEEN] }, BUYERS] },
    { and: [DE, { not: PRO }] },
    { and: [DE, { or: [PRO, { and: [SEEN, LARGE] }] }] },
  ];
  for (const filter of filters) assert.deepEqual(filterOf(draftOf(filter)), filter);
  assert.equal(filterOf(draftOf(undefined)), undefined);
});

test('what is not finished is left out', () => {
  assert.equal(filterOf({ match: 'and', parts: [NEW_CONDITION] }), undefined);
  const { parts } = draftOf(DE);
  assert.deepEqual(filterOf({ match: 'and', parts: [...parts, NEW_CONDITION] }), DE);
  const lines = [NEW_CONDITION, ...parts.filter((part) => part.kind !== 'group')];
  const empty = { kind: 'group', match: 'or', lines } as const;
  assert.deepEqual(filterOf({ ...NO_FILTER, parts: [empty] }), DE);
  assert.equal(filterOf({ ...NO_FILTER, parts: [{ kind: 'cohort', cohort: undefined }] }), undefined);
});

test('a group that stands alone keeps its brackets', () => {
  const { parts } = draftOf({ and: [DE, PRO] });
  const group = { kind: 'group', match: 'or', lines: parts.filter((part) => part.kind !== 'group') } as const;
  const filter = filterOf({ match: 'and', parts: [group] });
  assert.deepEqual(filter, { and: [{ or: [DE, PRO] }] });
  assert.deepEqual(filterOf(draftOf(filter)), filter);
});

test('more and less compare numbers where numbers were typed', () => {
  const typed = (text: string) =>
    filterOf({ match: 'and', parts: [{ kind: 'condition', field: 'value', op: 'gt', values: [text] }] });
  assert.deepEqual(typed('12.5'), { field: 'value', op: 'gt', value: 12.5 });
  assert.deepEqual(typed('1.10.2'), { field: 'value', op: 'gt', value: '1.10.2' });
  assert.deepEqual(typed('now-7d'), { field: 'value', op: 'gt', value: 'now-7d' });
});

test('another operator keeps the values that it can take', () => {
  const many = { kind: 'condition', field: 'country', op: 'in', values: ['DE', 'FR'] } as const;
  assert.deepEqual(withOperator(many, 'neq').values, ['DE']);
  assert.deepEqual(withOperator(many, 'not_in').values, ['DE', 'FR']);
  assert.deepEqual(withOperator(many, 'exists').values, []);
});

test('filters are told as sentences, and counted', () => {
  const filter: Filter = { and: [DE, { or: [PRO, SEEN] }, { not: LARGE }, BUYERS] };
  assert.equal(
    filterWords(filter, () => 'Buyers'),
    'Country is DE and (plan is one of pro, team or User is there) and not items is at least 3 and user in Buyers',
  );
  assert.equal(countOf(filter), 5);
  assert.equal(countOf(undefined), 0);
  const long: Filter = { field: 'country', op: 'in', values: ['a', 'b', 'c', 'd', 'e'] };
  assert.equal(filterWords(long), 'Country is one of a, b, c and 2 more');
});
