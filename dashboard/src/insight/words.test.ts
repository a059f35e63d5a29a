import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Question } from './display.ts';
import { filterWords, listWords, measureWords, titleOf } from './words.ts';

const TITLES: readonly (readonly [string, Question])[] = [
  ['Events, last 24 hours', { kind: 'trend' }],
  [
    'Users of purchase by country, last 30 days',
    { kind: 'trend', measure: 'unique_users', types: ['purchase'], by: ['country'], range: 'last 30 days' },
  ],
  [
    'Buyers, Events of page_view and 100 * A / B, last 7 days',
    {
      kind: 'trend',
      series: [
        { name: 'Buyers', measure: 'unique_users' },
        { types: ['page_view'] },
        { name: 'No', hidden: true },
      ],
      formula: ['100 * A / B'],
      range: 'last 7 days',
    },
  ],
  [
    'Sum of value by plan where country is DE or FR and plan is there, 2026-11-01 to 2026-11-08',
    {
      kind: 'trend',
      measure: { kind: 'sum', of: 'value' },
      by: ['properties.plan'],
      filter: {
        and: [
          { field: 'country', op: 'in', values: ['DE', 'FR'] },
          { field: 'properties.plan', op: 'exists' },
        ],
      },
      range: { from: '2026-11-01', to: '2026-11-08' },
    },
  ],
  ['Visits, last 24 hours', { kind: 'metric', metric: 'visits' }],
  ['Windows of visits, last 24 hours', { kind: 'metric_windows', metric: 'visits' }],
  [
    'Funnel from page_view to Bought by country, last 7 days',
    { kind: 'funnel', steps: ['page_view', { name: 'Bought', types: ['purchase'] }], by: ['country'] },
  ],
  [
    'Sessions who went no further than a, last 7 days',
    { kind: 'funnel_users', steps: ['a', 'b'], step: 1, outcome: 'dropped', actor: 'session' },
  ],
  ['Paths from signup, last 7 days', { kind: 'paths', from: 'signup' }],
  [
    'Paths to any event where page is /, last 7 days',
    { kind: 'paths', to: { filter: { field: 'page', op: 'eq', value: '/' } } },
  ],
  ['Sessions by device type, last 7 days', { kind: 'sessions', by: ['device_type'] }],
  ['Web analytics, since 2026-11-01', { kind: 'web', range: { from: '2026-11-01' } }],
  ['Revenue of purchase, last 30 days', { kind: 'revenue', events: 'purchase' }],
  [
    'What brought purchase, by utm_source, last 30 days',
    { kind: 'attribution', conversion: 'purchase', channel: 'properties.utm_source' },
  ],
  ['How items goes with value, last 30 days', { kind: 'statistics', of: 'properties.items', with: 'value' }],
  [
    'Purchase by variant, last 30 days',
    { kind: 'experiment', exposure: 'seen', variant: 'properties.variant', goal: 'purchase' },
  ],
  ['Users who come back after signup, last 14 days', { kind: 'retention', start: 'signup' }],
  [
    'Lifecycle of users by week, last 12 weeks',
    { kind: 'lifecycle', period: 'week', range: 'last 12 weeks' },
  ],
  ['Stickiness of sessions by day, last 30 days', { kind: 'stickiness', actor: 'session' }],
];

for (const [title, question] of TITLES)
  test(`a title: ${title}`, () => assert.equal(titleOf(question), title));

test('measures in words', () => {
  assert.equal(measureWords({ kind: 'quantile', of: 'properties.items', level: 0.5 }), 'Median items');
  assert.equal(measureWords({ kind: 'quantile', of: 'value', level: 0.95 }), '95th percentile of value');
  assert.equal(measureWords({ kind: 'unique', of: 'properties.plan' }), 'Distinct plan');
  assert.equal(measureWords({ kind: 'rate', per: 'minute' }), 'Events a minute');
});

test('long lists and nested filters in words', () => {
  assert.equal(listWords(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more');
  assert.equal(
    filterWords({
      not: {
        or: [
          { field: 'country', op: 'eq', value: '' },
          { op: 'in_cohort', cohort: 'coh_1' },
        ],
      },
    }),
    'not (country is absent or in a cohort)',
  );
});
