import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Condition,
  CONDITIONS_MAX,
  conditionText,
  parseCondition,
  suggest,
  wireFilterOf,
  withCondition,
} from './filter.ts';
import { storedEvent } from '../event/testing/stored-event.ts';

test('typed conditions', () => {
  assert.deepEqual(parseCondition('type:purchase'), { field: 'type', value: 'purchase' });
  assert.deepEqual(parseCondition(' User : ada l '), { field: 'user_id', value: 'ada l' });
  assert.deepEqual(parseCondition('plan=pro'), { field: 'property', key: 'plan', value: 'pro' });
  assert.deepEqual(parseCondition('properties.plan=a=b'), { field: 'property', key: 'plan', value: 'a=b' });
  assert.equal(parseCondition('ada'), undefined);
  assert.equal(parseCondition('type:'), undefined);
});

test('conditions of one field are alternatives, of several all hold', () => {
  const conditions: Condition[] = [
    { field: 'type', value: 'a' },
    { field: 'type', value: 'b' },
    { field: 'user_id', value: 'u' },
    { field: 'property', key: 'plan', value: 'pro' },
  ];
  assert.deepEqual(wireFilterOf(conditions), {
    type: ['a', 'b'],
    user_id: ['u'],
    properties: { plan: ['pro'] },
  });
  assert.deepEqual(wireFilterOf([]), {});
  assert.deepEqual(conditions.map(conditionText), ['Type: a', 'Type: b', 'User: u', 'plan: pro']);
});

test('a condition is added once, and not without limit', () => {
  const one: Condition = { field: 'type', value: 'a' };
  assert.equal(withCondition([one], { ...one }).length, 1);
  let many: readonly Condition[] = [];
  for (let index = 0; index < 50; index += 1)
    many = withCondition(many, { field: 'type', value: `${index}` });
  assert.equal(many.length, CONDITIONS_MAX);
});

test('suggestions come from what was seen, and from what was typed', () => {
  const events = [
    storedEvent({ type: 'purchase', user_id: 'ada', source: 'web', properties: { plan: 'pro', items: [1] } }),
    storedEvent({ type: 'page_view', properties: { plan: 'free' } }),
    storedEvent({ type: 'page_view' }),
  ];
  const texts = (text: string): string[] => suggest(text, events).map(conditionText);
  assert.deepEqual(texts(''), [
    'Type: page_view',
    'Type: purchase',
    'Source: web',
    'User: ada',
    'plan: pro',
    'plan: free',
  ]);
  assert.deepEqual(texts('pur'), ['Type: purchase', 'User: pur']);
  assert.deepEqual(texts('plan=f'), ['plan: f', 'plan: free']);
  assert.deepEqual(texts('type:'), ['Type: page_view', 'Type: purchase', 'User: type:']);
  assert.deepEqual(texts('Source=web'), ['Source: web']);
});
