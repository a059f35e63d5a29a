import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowViews } from '../../event/blocks.ts';
import { REASONS } from '../../event/outcome.ts';
import type { StepContext } from '../step.ts';
import { eventsOf, type TestEvent } from '../testing/events.ts';
import { WorkBatch } from '../work-batch.ts';
import { normalise } from './normalise.ts';

const run = (events: readonly TestEvent[]): WorkBatch => {
  const batch = new WorkBatch(eventsOf(events));
  normalise.open({} as StepContext)(batch, { version: 1, uniqueWindowMs: 1 });
  return batch;
};

test('currency codes are in upper case; other strings are left as they are', () => {
  const long = 'x'.repeat(200);
  const batch = run(
    ['eur', 'EUR', '', 'uSd', 'euro', long, 'a\u00e4'].map((currency, index) => ({
      id: `${index}`,
      currency,
    })),
  );
  const currencies = rowViews(batch.events).map(({ currency }) => currency);
  assert.deepEqual(currencies, ['EUR', 'EUR', '', 'USD', 'euro', long, 'a\u00e4']);
  assert.equal(batch.refused, 0);
  assert.equal(batch.keep(), undefined);
});

test('columns without lower case are not copied', () => {
  const events = eventsOf([{ id: 'a', currency: 'EUR' }]);
  const batch = new WorkBatch(events);
  normalise.open({} as StepContext)(batch, { version: 1, uniqueWindowMs: 1 });
  assert.equal(batch.events, events);
});

test('a row without a type or an id is refused', () => {
  const batch = run([{ id: 'a', type: '' }, { id: '' }, { id: 'c', type: 'x'.repeat(300) }]);
  assert.deepEqual(batch.refusalOf(0), { code: 'missing_type', detail: REASONS.missing_type.message });
  assert.equal(batch.refusalOf(1)?.code, 'invalid_field');
  assert.equal(batch.refusalOf(2), undefined);
  assert.deepEqual([...(batch.keep() ?? [])], [0, 0, 1]);
});
