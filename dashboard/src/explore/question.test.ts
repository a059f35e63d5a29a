import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../data/api.ts';
import { conflictIn } from '../data/saved.ts';
import { freeId, freePlace } from './free-place.ts';
import { becoming, KINDS, type Question, startOf } from './kinds.ts';
import { belongsTo, problemsOf, problemsOfError } from './problems.ts';
import { addressedIn, addressOf } from './question-address.ts';
import { shapeTrouble } from './question-shape.ts';

const searchOf = (question: Question): string =>
  `?${new URLSearchParams({ q: addressOf(question, {}).q ?? '' }).toString()}`;

test('every kind begins with a question that can be shown, and comes back from its address', () => {
  for (const kind of KINDS) {
    const question = startOf(kind);
    assert.equal(shapeTrouble(question), undefined, kind);
    assert.deepEqual(addressedIn(searchOf(question)).question, question, kind);
  }
});

test('another kind keeps what both take', () => {
  const trend: Question = {
    ...{ kind: 'trend', range: 'today', by: ['country'], timezone: 'UTC' },
    filter: { field: 'page', op: 'exists' },
  };
  const funnel = becoming(trend, 'funnel');
  assert.deepEqual(
    [funnel.range, funnel.filter, 'by' in funnel && funnel.by, funnel.timezone],
    ['today', trend.filter, ['country'], 'UTC'],
  );
  assert.equal('by' in becoming(trend, 'paths'), false);
  assert.equal(becoming(trend, 'trend'), trend);
});

test('what is missing or cannot be is told where it stands', () => {
  const at = (question: Question) => problemsOf(question).map(({ path }) => path);
  assert.deepEqual(at(startOf('funnel')), ['steps.0', 'steps.1']);
  assert.deepEqual(at(startOf('experiment')), ['exposure', 'variant', 'goal']);
  assert.deepEqual(at(startOf('attribution')), ['conversion', 'channel']);
  assert.deepEqual(at({ kind: 'funnel', steps: ['a', {}] }), []);
  assert.deepEqual(at({ kind: 'trend', window: '7d', cumulative: true, interval: '1d' }), ['window']);
  assert.deepEqual(at({ kind: 'trend', window: '7d' }), ['window']);
  assert.deepEqual(at({ kind: 'paths', from: 'a', to: 'b' }), ['to']);
  assert.ok(belongsTo({ path: 'filter.and.0.field', message: '' }, 'filter'));
  assert.ok(!belongsTo({ path: 'filters', message: '' }, 'filter'));
});

test('what the server says is told where it stands', () => {
  const details = [{ path: 'by.0', message: 'no' }, 'nonsense'];
  assert.deepEqual(problemsOfError(new ApiError(400, 'invalid_request', '', undefined, details)), [
    details[0],
  ]);
  assert.deepEqual(problemsOfError(new ApiError(500, 'internal', '')), []);
  const by = { version: 4, updated_by: 'ada', updated_at: '2026-11-20T12:00:00Z', changed: ['name'] };
  assert.deepEqual(conflictIn(new ApiError(409, 'conflict', '', undefined, by)), by);
  assert.equal(conflictIn(new ApiError(409, 'conflict', '')), undefined);
});

test('an address that holds no question says why', () => {
  const trouble = (q: string) => addressedIn(`?${new URLSearchParams({ q }).toString()}`).trouble ?? '';
  assert.match(trouble('(kind:trend'), /damaged: character 12/u);
  assert.match(trouble('trend'), /not a question/u);
  assert.match(trouble('(kind:web)'), /“web” is not a kind/u);
  assert.match(trouble('(kind:funnel)'), /needs “steps”/u);
  assert.match(trouble('(kind:trend,types:page_view)'), /“types”/u);
  assert.match(trouble('(kind:trend,filter:(and:!(5)))'), /“filter”/u);
  assert.match(trouble('(kind:funnel,steps:!((types:!(1)),a))'), /“steps”/u);
  assert.equal(addressedIn('').trouble, undefined);
  assert.deepEqual(addressedIn('?as=(as:bar)').display, { as: 'bar' });
  assert.equal(addressedIn('?as=(as').display, undefined);
});

test('a new tile goes into the first gap', () => {
  const place = { w: 6, h: 4 };
  assert.deepEqual(freePlace([]), { x: 0, y: 0, ...place });
  assert.deepEqual(freePlace([{ x: 0, y: 0, ...place }]), { x: 6, y: 0, ...place });
  const full = [{ x: 0, y: 0, w: 12, h: 3 }];
  assert.deepEqual(freePlace(full), { x: 0, y: 3, ...place });
  assert.equal(freeId([{ id: 'tile-2' }]), 'tile-3');
});
