import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ledgerViewOf } from './ledger-range.ts';
import { refusedParameters, refusedViewOf } from './refused-view.ts';

const searchOf = (parameters: Readonly<Record<string, string | undefined>>): string =>
  `?${new URLSearchParams(Object.entries(parameters).filter((each): each is [string, string] => each[1] !== undefined))}`;

test('what an address says of refused events comes back', () => {
  const view = {
    outcome: 'stale' as const,
    ...{ reason: 'too_old', type: 'a & b', since: 'now-24h', until: '2026-11-21T00:00:00.000Z' },
  };
  assert.deepEqual(refusedViewOf(searchOf(refusedParameters(view))), view);
});

test('what cannot be is left out', () => {
  assert.deepEqual(refusedViewOf('?outcome=stored&reason=&since=yesterday%20maybe&until=now-0h'), {
    ...{ outcome: 'quarantined', reason: undefined, type: undefined, since: undefined, until: undefined },
  });
});

test('what an address says of the ledger', () => {
  const seen = (search: string) => {
    const { span, step, at } = ledgerViewOf(search);
    return [span.value, step, at];
  };
  assert.deepEqual(seen(''), ['24h', 'hour', undefined]);
  assert.deepEqual(seen('?span=24h&by=minute'), ['24h', 'minute', undefined]);
  assert.deepEqual(seen('?span=7d&by=minute&at=2026-11-21T00:00:00.000Z'), [
    '7d',
    'day',
    '2026-11-21T00:00:00.000Z',
  ]);
  assert.deepEqual(seen('?span=30d&by=hour&at=x'), ['30d', undefined, undefined]);
});
