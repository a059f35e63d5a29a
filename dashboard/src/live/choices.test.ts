import assert from 'node:assert/strict';
import { test } from 'node:test';
import { likelyGoal, likelyPayment, likelySteps, readChoices } from './choices.ts';

test('the steps of a shop, of a service, and of neither', () => {
  const shop = ['page_view', 'click', 'add_to_cart', 'search', 'checkout', 'purchase', 'signup'];
  assert.deepEqual(likelySteps(shop), ['page_view', 'add_to_cart', 'checkout', 'purchase']);
  assert.equal(likelyGoal(shop), 'purchase');
  assert.equal(likelyPayment(shop), 'purchase');
  const segment = ['Page Viewed', 'Product Added', 'Order Completed'];
  assert.deepEqual(likelySteps(segment), segment);
  assert.deepEqual(likelySteps(['$pageview', 'Signed Up']), ['$pageview', 'Signed Up']);
  assert.equal(likelyPayment(['$pageview', 'Signed Up']), undefined);
  assert.deepEqual(likelySteps(['a', 'b', 'c', 'd']), ['a', 'b', 'c']);
  assert.deepEqual(likelySteps(['page_view']), ['page_view']);
  assert.equal(likelyGoal(['a']), undefined);
  assert.deepEqual(likelySteps([]), []);
});

test('what was kept is read with care', () => {
  assert.deepEqual(readChoices(null), {});
  assert.deepEqual(readChoices('{'), {});
  assert.deepEqual(readChoices('null'), {});
  assert.deepEqual(readChoices('{"goal":1,"steps":["a"],"actor":"x","payment":""}'), {});
  assert.deepEqual(readChoices('{"goal":"g","payment":"p","steps":["a","b"],"actor":"user"}'), {
    goal: 'g',
    payment: 'p',
    steps: ['a', 'b'],
    actor: 'user',
  });
});
