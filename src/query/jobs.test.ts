import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type QueryAnswer, type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { JOB_LIMITS } from '../contract/query-jobs.ts';
import { ApiError } from '../event/errors.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { QueryJobs } from './jobs.ts';
import { RunningQueries } from './running.ts';
import type { AskOptions } from './service.ts';

const REQUEST = queryRequestSchema.parse({ kind: 'trend' });

/** A question that a test answers by hand. */
interface Asked {
  readonly project: string;
  readonly options: AskOptions;
  readonly answer: (text?: string) => void;
  readonly fail: (error: Error) => void;
}

/** Jobs over a service that answers when it is told to; aborted questions fail as the warehouse's do. */
const open = (t: TestContext, running?: RunningQueries) => {
  const asked: Asked[] = [];
  const state = { nowMs: 1_700_000_000_000 };
  const query = (project: string, _request: QueryRequest, options: AskOptions = {}) =>
    new Promise<QueryAnswer>((resolve, reject) => {
      const answer = (text = '') => resolve({ kind: 'trend', text, project } as unknown as QueryAnswer);
      asked.push({ project, options, answer, fail: reject });
      options.signal?.addEventListener('abort', () => reject(new ApiError('query_timeout')));
    });
  const jobs = new QueryJobs({
    service: { query: query as never },
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
    telemetry: quietTelemetry(),
    running,
  });
  t.after(() => jobs.close());
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  };
  return Object.assign(state, { jobs, asked, settle });
};

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  return 'none';
};

test('a question is taken, watched, answered, and its answer kept for a while', async (t) => {
  const bench = open(t);
  const { id, state } = bench.jobs.start('p', REQUEST);
  assert.equal(state, 'running');
  assert.equal(bench.asked[0]?.options.timeoutMs, JOB_LIMITS.timeoutMs);
  bench.asked[0].options.watch?.(40);
  bench.asked[0].options.watch?.(2);
  assert.deepEqual(bench.jobs.look('p', id).progress, { statements: 2, rows_read: 42 });
  assert.equal(
    codeOf(() => bench.jobs.answer('p', id)),
    'conflict',
  );
  bench.nowMs += 3_000;
  bench.asked[0].answer('x');
  await bench.settle();
  const done = bench.jobs.look('p', id);
  assert.deepEqual([done.state, done.error], ['done', null]);
  assert.equal(Date.parse(done.expires_at ?? '') - Date.parse(done.asked_at), 3_000 + JOB_LIMITS.keptMs);
  for (let times = 0; times < 2; times++)
    assert.deepEqual(bench.jobs.answer('p', id).answer, { kind: 'trend', text: 'x', project: 'p' });
  bench.nowMs += JOB_LIMITS.keptMs;
  assert.equal(
    codeOf(() => bench.jobs.look('p', id)),
    'not_found',
  );
});

test('to another project it is not there, whatever is done with it', async (t) => {
  const bench = open(t);
  const { id } = bench.jobs.start('p', REQUEST);
  for (const name of [id, 'q_none']) {
    const project = name === id ? 'other' : 'p';
    for (const run of [
      () => bench.jobs.look(project, name),
      () => bench.jobs.answer(project, name),
      () => bench.jobs.requestOf(project, name),
      () => bench.jobs.cancel(project, name),
    ])
      assert.equal(codeOf(run), 'not_found');
  }
  assert.equal(bench.jobs.look('p', id).state, 'running');
});

test('few run at a time, in their order; a project cannot ask for more than its share, nor all for more than there is', async (t) => {
  const bench = open(t);
  const ids = Array.from({ length: JOB_LIMITS.pendingPerProject }, () => bench.jobs.start('p', REQUEST).id);
  assert.equal(bench.asked.length, JOB_LIMITS.runningMax);
  assert.equal(
    codeOf(() => bench.jobs.start('p', REQUEST)),
    'warehouse_busy',
  );
  for (let project = 0; ; project++) {
    if (codeOf(() => bench.jobs.start(`q${project}`, REQUEST)) !== 'none') {
      assert.equal(project + ids.length, JOB_LIMITS.pendingMax);
      break;
    }
  }
  bench.asked[0]?.answer();
  await bench.settle();
  assert.equal(bench.asked.length, JOB_LIMITS.runningMax + 1);
  const states = ids.map((id) => bench.jobs.look('p', id).state);
  assert.deepEqual(states.slice(0, 4), ['done', 'running', 'running', 'waiting']);
});

test('what is cancelled ends, whether it runs or waits; what is answered is forgotten', async (t) => {
  const bench = open(t);
  const [running = '', , waiting = '', next = ''] = Array.from(
    { length: 4 },
    () => bench.jobs.start('p', REQUEST).id,
  );
  assert.equal(bench.jobs.cancel('p', waiting).state, 'cancelled');
  assert.equal(bench.jobs.cancel('p', running).state, 'cancelled');
  assert.equal(bench.asked[0]?.options.signal?.aborted, true);
  await bench.settle();
  assert.equal(bench.jobs.look('p', running).state, 'cancelled');
  assert.equal(
    codeOf(() => bench.jobs.answer('p', running)),
    'conflict',
  );
  assert.equal(bench.jobs.look('p', next).state, 'running');
  bench.asked[2]?.answer();
  await bench.settle();
  assert.equal(bench.jobs.cancel('p', next).state, 'done');
  assert.equal(
    codeOf(() => bench.jobs.look('p', next)),
    'not_found',
  );
});

test('a failure is told as it is; one that is no business of clients is not', async (t) => {
  const bench = open(t);
  const [known = '', unknown = ''] = [0, 1].map(() => bench.jobs.start('p', REQUEST).id);
  bench.asked[0]?.fail(new ApiError('result_too_large', 'too much'));
  bench.asked[1]?.fail(new Error('a secret'));
  await bench.settle();
  assert.deepEqual(bench.jobs.look('p', known).error, { code: 'result_too_large', message: 'too much' });
  assert.equal(
    codeOf(() => bench.jobs.answer('p', known)),
    'result_too_large',
  );
  assert.equal(JSON.stringify(bench.jobs.look('p', unknown)).includes('secret'), false);
  assert.throws(() => bench.jobs.answer('p', unknown), /logged with the id q_/u);
});

test('answers are kept within so much memory, the newest of them', async (t) => {
  const bench = open(t);
  const text = 'x'.repeat(JOB_LIMITS.bytesMax / 2 / 4);
  const ids: string[] = [];
  for (let index = 0; index < 6; index++) {
    bench.nowMs += 1;
    ids.push(bench.jobs.start('p', REQUEST).id);
    bench.asked[index]?.answer(text);
    await bench.settle();
  }
  assert.deepEqual(
    ids.map((id) => codeOf(() => bench.jobs.look('p', id))),
    ['not_found', 'not_found', 'not_found', 'none', 'none', 'none'],
  );
});

test('closing ends what runs, and starts nothing more', async (t) => {
  const bench = open(t);
  for (let index = 0; index < 5; index++) bench.jobs.start('p', REQUEST);
  await bench.jobs.close();
  assert.equal(bench.asked.length, JOB_LIMITS.runningMax);
});

test('whoever runs the platform sees questions that run or wait, and ends them', async (t) => {
  const clock = { nowMs: () => 0, monotonicMs: () => 0 };
  const running = new RunningQueries({ clock, telemetry: quietTelemetry() });
  const bench = open(t, running);
  const asker = { kind: 'user', id: 'u1', name: 'ada@example.com' } as const;
  const ids = Array.from(
    { length: JOB_LIMITS.runningMax + 2 },
    () => bench.jobs.start('p', REQUEST, asker).id,
  );
  const [first = '', waiting = '', last = ''] = [ids[0], ids[JOB_LIMITS.runningMax], ids.at(-1)];
  const seen = running.list([]).queries;
  assert.deepEqual(
    seen.map(({ kind, way, project, asker: by }) => [kind, way, project, by?.name]),
    ids.map(() => ['trend', 'job', 'p', 'ada@example.com']),
  );
  const endAt = (index: number): void => {
    const question = running.find(seen[index]?.id ?? '');
    assert.ok(question);
    running.end(question);
  };
  endAt(0);
  endAt(JOB_LIMITS.runningMax);
  await bench.settle();
  for (const id of [first, waiting]) {
    const { state, error } = bench.jobs.look('p', id);
    assert.deepEqual([state, error?.code], ['failed', 'query_ended']);
    assert.equal(
      codeOf(() => bench.jobs.answer('p', id)),
      'query_ended',
    );
  }
  assert.equal(bench.jobs.look('p', last).state, 'running', 'the place of the one that ran goes to the next');
  assert.equal(bench.asked.length, JOB_LIMITS.runningMax + 1, 'what was ended while it waited is not asked');
  for (const { answer } of bench.asked) answer();
  await bench.settle();
  assert.equal(running.list([]).total, 0);
});
