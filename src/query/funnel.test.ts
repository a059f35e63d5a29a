import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FunnelAnswer, FunnelUsersAnswer } from '../contract/funnel.ts';
import type { PathsAnswer } from '../contract/paths.ts';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { parseRequest } from '../http/parse-request.ts';
import { namesPeople } from './personal-kinds.ts';
import { openTestWarehouse, type Row, type TestWarehouse, testService } from './testing/test-warehouse.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 10, 20, 12);
const NOW_MS = NOON + 5 * SECOND_MS;

let bench: TestWarehouse;
let position = 0;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

/** Loads events as `[user, type, milliseconds after noon, more]`. */
const load = (project: string, events: readonly (readonly [string, string, number, Row?])[]): Promise<void> =>
  bench.load(
    'events',
    events.map(([user, type, afterMs, more = {}], index) => ({
      project,
      id: String(index),
      time: NOON + afterMs,
      received_at: NOON + afterMs,
      type,
      user_id: user,
      properties: '{}',
      ...more,
    })),
    position++,
  );

/** Answers a question, by default of the two days around noon. */
const ask = (project: string, kind: QueryRequest['kind'], input: object): Promise<unknown> =>
  testService(bench, { nowMs: NOW_MS }).query(
    project,
    parseRequest(queryRequestSchema, { kind, range: { from: NOON - DAY_MS, to: NOON + DAY_MS }, ...input }),
  );

const funnel = (project: string, input: object) => ask(project, 'funnel', input) as Promise<FunnelAnswer>;
const users = (project: string, input: object) =>
  ask(project, 'funnel_users', input) as Promise<FunnelUsersAnswer>;
const paths = (project: string, input: object) => ask(project, 'paths', input) as Promise<PathsAnswer>;

/** Actors by step. */
const counts = ({ total }: FunnelAnswer): number[] => total.steps.map(({ actors }) => actors);

test('nobody, and nobody in the range: zeros, and null where there is nothing to divide by', async () => {
  await load('one', [['ada', 'a', 0]]);
  for (const [project, range] of [
    ['nobody', { from: NOON, to: NOON + 1 }],
    ['one', { from: NOON + 1, to: NOON + DAY_MS }],
  ] as const) {
    const { total, groups } = await funnel(project, { steps: ['a', 'b'], by: ['country'], range });
    const nothing = {
      actors: 0,
      from_start: null,
      from_previous: null,
      drop_off: null,
      since_previous: null,
    };
    assert.deepEqual(total, {
      entered: 0,
      completed: 0,
      conversion: null,
      excluded: 0,
      steps: [
        { ...nothing, dropped: 0 },
        { ...nothing, dropped: null },
      ],
      time_to_convert: null,
    });
    assert.deepEqual(groups, []);
    assert.deepEqual(
      (await users(project, { steps: ['a', 'b'], step: 1, outcome: 'converted', range })).users,
      [],
    );
    const walked = await paths(project, { range });
    assert.deepEqual([walked.actors, walked.nodes, walked.links], [0, [], []]);
  }
});

test('within a window only first attempts are looked at, and all of them where one takes longer', async () => {
  const input = { steps: ['a', 'b', 'c'], window: '1h', range: { from: NOON - 30 * MINUTE_MS, to: NOON } };
  const shown = async (project: string) => {
    const answer = await funnel(project, { ...input, explain: true });
    return { counts: counts(answer), isFirst: answer.explain?.sql.includes('minIf') };
  };
  const others = [
    ['ada', 'b', -25 * MINUTE_MS],
    ['ada', 'a', -20 * MINUTE_MS],
    ['ada', 'a', -20 * MINUTE_MS],
    ['ada', 'b', -20 * MINUTE_MS],
    ['ada', 'c', 40 * MINUTE_MS],
    ['ben', 'a', -20 * MINUTE_MS],
    ['ben', 'c', -10 * MINUTE_MS],
  ] as const;
  await load('first', others);
  assert.deepEqual(await shown('first'), { counts: [2, 1, 1], isFirst: true });
  // The first start of this one is too early for the third step, the second is not.
  const late = [
    ['cleo', 'a', -29 * MINUTE_MS],
    ['cleo', 'b', -28 * MINUTE_MS],
    ['cleo', 'a', -10 * MINUTE_MS],
    ['cleo', 'b', -9 * MINUTE_MS],
    ['cleo', 'c', 50 * MINUTE_MS],
  ] as const;
  await load('not the first', [...others, ...late]);
  assert.deepEqual(await shown('not the first'), { counts: [3, 2, 2], isFirst: false });
});

test('the window includes its last millisecond, and reaches beyond the range', async () => {
  await load('window', [
    ['in', 'a', 0],
    ['in', 'b', MINUTE_MS],
    ['late', 'a', 0],
    ['late', 'b', MINUTE_MS + 1],
    ['last', 'a', MINUTE_MS - 1],
    ['last', 'b', 2 * MINUTE_MS - 1],
    ['outside', 'a', MINUTE_MS],
    ['outside', 'b', MINUTE_MS],
  ]);
  const question = { steps: ['a', 'b'], window: '60s', range: { from: NOON, to: NOON + MINUTE_MS } };
  const answer = await funnel('window', question);
  assert.deepEqual(counts(answer), [3, 2]);
  assert.equal(answer.settles_at, '2026-11-20T12:02:00.000Z');
  const { users: found } = await users('window', { ...question, step: 2, outcome: 'converted' });
  assert.deepEqual(
    found.map(({ id }) => id),
    ['last', 'in'],
  );
});

test('events of one millisecond are in the order of the steps, and one event is one step', async () => {
  await load('ties', [
    ['ada', 'b', 0],
    ['ada', 'a', 0],
    ['ben', 'a', 0],
    ['cleo', 'a', 0],
    ['cleo', 'a', 0],
  ]);
  assert.deepEqual(counts(await funnel('ties', { steps: ['a', 'b'] })), [3, 1]);
  assert.deepEqual(counts(await funnel('ties', { steps: ['a', 'b'], order: 'strict' })), [3, 1]);
  assert.deepEqual(counts(await funnel('ties', { steps: ['a', 'a'] })), [3, 1]);
  assert.deepEqual(counts(await funnel('ties', { steps: [{}, { types: ['a', 'b'] }] })), [3, 2]);
});

test('strict: what meets the filter and comes between breaks the chain, whatever it is', async () => {
  await load('strict', [
    ['ada', 'a', 0],
    ['ada', 'noise', 1],
    ['ada', 'b', 2],
    ['ben', 'a', 0],
    ['ben', 'b', 2],
  ]);
  const steps = ['a', 'b'];
  assert.deepEqual(counts(await funnel('strict', { steps, order: 'strict' })), [2, 1]);
  const filter = { field: 'type', op: 'neq', value: 'noise' };
  assert.deepEqual(counts(await funnel('strict', { steps, order: 'strict', filter })), [2, 2]);
  assert.deepEqual(counts(await funnel('strict', { steps })), [2, 2]);
});

test('the attempt that gets furthest counts, the earliest of equals', async () => {
  await load('attempts', [
    ['ada', 'a', 0],
    ['ada', 'a', 50 * MINUTE_MS],
    ['ada', 'a', 55 * MINUTE_MS],
    ['ada', 'b', 65 * MINUTE_MS],
  ]);
  const { total } = await funnel('attempts', { steps: ['a', 'b'], window: '1h' });
  assert.equal(total.time_to_convert?.median_ms, 15 * MINUTE_MS);
});

test('who is out is in no step, and counted', async () => {
  await load('out', [
    ['ada', 'a', 0],
    ['ada', 'refund', 1],
    ['ada', 'b', 2],
    ['ben', 'a', 0],
    ['ben', 'b', 1],
    ['ben', 'refund', 2],
    ['cleo', 'a', 0],
    ['cleo', 'refund', 5],
  ]);
  const { total } = await funnel('out', { steps: ['a', 'b'], exclusions: [{ events: 'refund' }] });
  assert.deepEqual([total.excluded, total.entered, total.completed], [2, 1, 1]);
});

test('the last five minutes, and names of steps', async () => {
  await load('live', [
    ['ada', 'a', -2 * MINUTE_MS],
    ['ada', 'b', -MINUTE_MS],
    ['old', 'a', -6 * MINUTE_MS],
  ]);
  const steps = ['a', { types: ['b'] }, { name: 'Third', types: ['c', 'd'] }, {}];
  const answer = await funnel('live', { steps, range: 'last 5 minutes' });
  assert.deepEqual(counts(answer), [1, 1, 0, 0]);
  assert.deepEqual(answer.names, ['a', 'b', 'Third', 'Step 4']);
  const unordered = await funnel('live', { steps: ['b', 'a'], order: 'any', range: 'last 5 minutes' });
  assert.deepEqual(
    [unordered.names, counts(unordered)],
    [
      ['1 of 2', '2 of 2'],
      [1, 1],
    ],
  );
});

test('one actor with very many events is as exact as any other', { timeout: 300_000 }, async () => {
  const many = 60_000;
  await load('many', [
    ...Array.from({ length: many }, (_, index) => ['bot', 'a', index * 10] as const),
    ['bot', 'b', many * 10],
  ]);
  for (const order of ['ordered', 'strict', 'any']) {
    const { total } = await funnel('many', { steps: ['a', 'b'], window: '1s', order });
    assert.deepEqual([total.entered, total.completed], [1, 1], order);
    assert.equal(total.time_to_convert?.median_ms, order === 'strict' ? 10 : 1_000, order);
  }
  const walked = await paths('many', { to: 'b', window: '1s', depth: 10, collapse: 'none' });
  assert.deepEqual(
    walked.nodes.map(({ id }) => id),
    ['0:b', ...Array.from({ length: 10 }, (_, index) => `${index + 1}:a`)],
  );
});

test('a first step at the end of the years is answered', async () => {
  const range = { from: Date.UTC(2299, 11, 31), to: Date.UTC(2300, 0, 1) };
  assert.equal((await funnel('nobody', { steps: ['a', 'b'], window: '366d', range })).total.entered, 0);
  assert.equal((await paths('nobody', { window: '366d', range })).actors, 0);
});

const twenty = Array.from({ length: 20 }, (_, index) => `s${index}`);

const REFUSED: readonly (readonly [name: string, input: object, path: string, message: RegExp])[] = [
  ['one step', { steps: ['a'] }, 'steps', /at least 2 entries/],
  ['too many steps', { steps: [...twenty, 'x'] }, 'steps', /at most 20 entries/],
  ['a window that is none', { steps: ['a', 'b'], window: 'soon' }, 'window', /not a duration/],
  ['a window too long', { steps: ['a', 'b'], window: '367d' }, 'window', /at most 366d/],
  [
    'the same step twice in any order',
    { steps: ['a', { types: ['a'] }], order: 'any' },
    'steps.1',
    /is step 1 again/,
  ],
  [
    'an exclusion behind the last step',
    { steps: ['a', 'b'], exclusions: [{ events: 'x', before: 3 }] },
    'exclusions.0.before',
    /There is no step 3/,
  ],
  [
    'an exclusion before nothing',
    { steps: ['a', 'b'], exclusions: [{ events: 'x', after: 2 }] },
    'exclusions.0.after',
    /2 is not before 2/,
  ],
  ['a break-down by time', { steps: ['a', 'b'], by: ['timestamp'] }, 'by.0', /is a time/],
  [
    'more years than fit with so many steps',
    {
      steps: twenty,
      exclusions: [1, 2, 3, 4].map((n) => ({ events: `x${n}` })),
      range: { from: '1950-01-01', to: '2026-01-01' },
    },
    'range',
    /34 years/,
  ],
];

for (const [name, input, path, message] of REFUSED) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(
      async () => funnel('nobody', { range: 'last 1 hour', ...input }),
      (error: Error & { details?: readonly { path: string; message: string }[] }) => {
        assert.equal(error.details?.[0]?.path, path);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('refused: steps that nobody can drop out after, cursors of others, paths with two ends', async () => {
  const steps = ['a', 'b'];
  await assert.rejects(
    async () => users('nobody', { steps, step: 3, outcome: 'converted' }),
    /There is no step 3/,
  );
  await assert.rejects(
    async () => users('nobody', { steps, step: 2, outcome: 'dropped' }),
    /Nobody drops out/,
  );
  await assert.rejects(
    async () => users('nobody', { steps, step: 1, outcome: 'dropped', cursor: 'x' }),
    /not a cursor/,
  );
  await assert.rejects(async () => paths('nobody', { from: 'a', to: 'b' }), /give one of the two/);
  await assert.rejects(async () => paths('nobody', { label: 'timestamp' }), /is a time/);
});

test('twenty steps with exclusions in any order are one statement that the engine takes', async () => {
  const exclusions = [1, 2, 3, 4].map((n) => ({ events: `x${n}`, after: n }));
  for (const order of ['ordered', 'strict', 'any'])
    assert.equal(
      (await funnel('one', { steps: twenty, exclusions, order, by: ['country', 'type'] })).total.entered,
      0,
    );
});

test('lists of people and break-downs by them are told apart from numbers', () => {
  const of = (input: object) => namesPeople(parseRequest(queryRequestSchema, input));
  const definition = { steps: ['a', 'b'] };
  assert.equal(of({ kind: 'funnel', ...definition, by: ['country'] }), false);
  assert.equal(of({ kind: 'funnel', ...definition, by: ['user_id'] }), true);
  assert.equal(of({ kind: 'funnel_users', ...definition, step: 1, outcome: 'dropped' }), true);
  assert.equal(of({ kind: 'paths', label: 'page' }), false);
  assert.equal(of({ kind: 'paths', label: 'session_id' }), true);
});
