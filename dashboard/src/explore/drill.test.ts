import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../insight/display.ts';
import { foundBy, groupText, isOfGroup } from './drill.ts';
import type { Question } from './kinds.ts';

const RANGE = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-08T00:00:00.000Z', timezone: 'UTC' };
const answer = (fields: object): Answer => ({ as_of: '7', range: RANGE, ...fields }) as unknown as Answer;

test('a bucket of a trend leads to its events', () => {
  const filter = { field: 'country', op: 'eq', value: 'DE' } as const;
  const question: Question = { kind: 'trend', types: ['a', 'b'], filter };
  const drill = {
    kind: 'bucket',
    from: '2026-11-02T00:00:00+01:00',
    to: '2026-11-03T00:00:00+01:00',
  } as const;
  assert.deepEqual(foundBy(question, answer({ kind: 'trend' }), drill), {
    kind: 'events',
    title: 'What happened then',
    choices: [
      {
        text: 'a or b',
        behind: {
          type: undefined,
          filter: { and: [{ field: 'type', op: 'in', values: ['a', 'b'] }, filter] },
          since: '2026-11-01T23:00:00.000Z',
          until: '2026-11-02T23:00:00.000Z',
          as_of: '7',
        },
      },
    ],
  });
});

test('of several series each can be looked at', () => {
  const question: Question = {
    kind: 'trend',
    series: [{ name: 'Buyers', types: ['purchase'] }, { types: ['view'] }],
  };
  const found = foundBy(question, answer({ kind: 'trend' }), {
    kind: 'group',
    group: { country: null, 'properties.plan': 'pro' },
  });
  assert.equal(found?.kind, 'events');
  assert.deepEqual(
    found.choices.map(({ text, behind }) => [text, behind.type]),
    [
      ['Buyers', 'purchase'],
      ['2. view', 'view'],
    ],
  );
  assert.deepEqual(found.choices[0]?.behind.filter, {
    and: [
      { field: 'country', op: 'not_exists' },
      { field: 'properties.plan', op: 'eq', value: 'pro' },
    ],
  });
  assert.equal(found.title, 'without Country · pro');
});

test('a step of a funnel leads to who got there', () => {
  const question: Question = { kind: 'funnel', steps: ['a', 'b'], top: 5, by: ['country'], range: 'today' };
  const found = foundBy(question, answer({ kind: 'funnel', names: ['a', 'b'], groups: [] }), {
    kind: 'dropped',
    step: 1,
    group: { country: 'DE' },
  });
  assert.equal(found?.kind, 'actors');
  assert.equal(found.title, 'Went no further than a, DE');
  assert.deepEqual(found.question, {
    ...{ kind: 'funnel_users', steps: ['a', 'b'], by: ['country'], range: 'today' },
    ...{ step: 1, outcome: 'dropped', as_of: '7' },
  });
  assert.ok(isOfGroup({ country: 'DE' }, found.group));
  assert.ok(!isOfGroup({ country: 'FR' }, found.group));
});

test('a cohort leads to the events of its period', () => {
  const starts = ['2026-11-01T00:00:00+00:00', '2026-11-02T00:00:00+00:00'];
  const cohorts = starts.map((start) => ({ start }));
  const retention = answer({ kind: 'retention', period: 'day', series: [{ cohorts }] });
  const question: Question = { kind: 'retention', start: 'signup', return: 'purchase' };
  const at = (period: number) => {
    const found = foundBy(question, retention, {
      kind: 'cohort',
      start: starts[0] ?? '',
      period,
      group: null,
    });
    return found?.kind === 'events' ? found.choices[0]?.behind : undefined;
  };
  assert.equal(at(0)?.type, 'signup');
  assert.equal(at(1)?.type, 'purchase');
  assert.equal(at(1)?.since, '2026-11-02T00:00:00.000Z');
  assert.equal(at(3)?.since, '2026-11-04T00:00:00.000Z');
});

test('actors lead to where more is known of them', () => {
  const drill = { kind: 'actor', actor: 'user', id: 'a/b' } as const;
  const found = foundBy({ kind: 'trend' }, answer({ kind: 'trend' }), drill);
  assert.deepEqual(found, { kind: 'place', path: '/users/a%2Fb' });
  const session = foundBy({ kind: 'trend' }, answer({ kind: 'trend' }), { ...drill, actor: 'session' });
  assert.deepEqual(session, { kind: 'place', path: '/sessions/one/a%2Fb' });
  assert.equal(groupText({ country: 'DE' }), 'DE');
});
