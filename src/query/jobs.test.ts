import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AuditActor } from '../access/audit-entry.ts';
import { type QueryAnswer, type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { JOB_LIMITS, type JobState, type QueryJob } from '../contract/query-jobs.ts';
import { ApiError } from '../event/errors.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { until } from '../lib/testing/until.ts';
import { QueryJobs } from './jobs.ts';
import { RunningQueries } from './running.ts';
import type { AskOptions } from './service.ts';
import { openTestJobStore, type TestJobStore } from './testing/job-store.ts';

const REQUEST = queryRequestSchema.parse({ kind: 'trend' });

interface Opening {
  readonly running?: RunningQueries;
  readonly kept?: TestJobStore;
}

/** A question that a test answers by hand. */
interface Asked {
  readonly project: string;
  readonly options: AskOptions;
  readonly answer: (text?: string) => void;
  readonly fail: (error: Error) => void;
}

/** Jobs over a service that answers when it is told to; aborted questions fail as the warehouse's do. */
const open = async (t: TestContext, { running, kept }: Opening = {}) => {
  const { dir, catalog, store } = kept ?? (await openTestJobStore(t));
  const asked: Asked[] = [];
  const state = { nowMs: 1_700_000_000_000 };
  const query = (project: string, _request: QueryRequest, options: AskOptions = {}) =>
    new Promise<QueryAnswer>((resolve, reject) => {
      const answer = (text = '') => resolve({ kind: 'trend', text, project } as unknown as QueryAnswer);
      asked.push({ project, options, answer, fail: reject });
      options.signal?.addEventListener('abort', () => reject(new ApiError('query_timeout')));
    });
  const jobs = await QueryJobs.open({
    service: { query: query as never },
    store,
    clock: { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs },
    telemetry: quietTelemetry(),
    running,
  });
  t.after(() => jobs.close());
  /** Waits until a question has come to a state. */
  const untilIn = (id: string, wanted: JobState, project = 'p'): Promise<QueryJob> =>
    until(`${id} is ${wanted}`, () => {
      const job = jobs.look(project, id);
      return job.state === wanted && job;
    });
  return Object.assign(state, { jobs, asked, untilIn, dir, catalog });
};

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  return 'none';
};

/** Asks one after the other, a millisecond apart. */
const startMany = async (
  bench: { readonly jobs: QueryJobs; nowMs: number },
  count: number,
  asker: AuditActor | null = null,
): Promise<string[]> => {
  const ids: string[] = [];
  for (let left = count; left > 0; left--) {
    bench.nowMs += 1;
    ids.push((await bench.jobs.start('p', REQUEST, asker)).id);
  }
  return ids;
};

test('a question is taken, watched, answered, and its answer kept for a while', async (t) => {
  const bench = await open(t);
  const { id, state } = await bench.jobs.start('p', REQUEST);
  assert.equal(state, 'running');
  assert.equal(bench.asked[0]?.options.timeoutMs, JOB_LIMITS.timeoutMs);
  bench.asked[0].options.watch?.(40);
  bench.asked[0].options.watch?.(2);
  assert.deepEqual(bench.jobs.look('p', id).progress, { statements: 2, rows_read: 42 });
  assert.equal(await codeOf(() => bench.jobs.answer('p', id)), 'conflict');
  bench.nowMs += 3_000;
  bench.asked[0].answer('x');
  const done = await bench.untilIn(id, 'done');
  assert.equal(done.error, null);
  assert.equal(Date.parse(done.expires_at ?? '') - Date.parse(done.asked_at), 3_000 + JOB_LIMITS.keptMs);
  for (let times = 0; times < 2; times++)
    assert.deepEqual((await bench.jobs.answer('p', id)).answer, { kind: 'trend', text: 'x', project: 'p' });
  assert.deepEqual(readdirSync(join(bench.dir, 'p')), [`${id}.json.gz`]);
  bench.nowMs += JOB_LIMITS.keptMs;
  await bench.jobs.tidy();
  assert.equal(await codeOf(() => bench.jobs.look('p', id)), 'not_found');
  assert.deepEqual(readdirSync(join(bench.dir, 'p')), [], 'nothing of it is left on disk');
  assert.deepEqual(await bench.catalog.db.selectFrom('query_jobs').selectAll().execute(), []);
});

test('to another project it is not there, whatever is done with it', async (t) => {
  const bench = await open(t);
  const { id } = await bench.jobs.start('p', REQUEST);
  for (const name of [id, 'q_none']) {
    const project = name === id ? 'other' : 'p';
    for (const run of [
      () => bench.jobs.look(project, name),
      () => bench.jobs.answer(project, name),
      () => bench.jobs.requestOf(project, name),
      () => bench.jobs.cancel(project, name),
    ])
      assert.equal(await codeOf(run), 'not_found');
  }
  assert.equal(bench.jobs.look('p', id).state, 'running');
});

test('few run at a time, in their order; a project cannot ask for more than its share, nor all for more than there is', async (t) => {
  const bench = await open(t);
  const ids = await startMany(bench, JOB_LIMITS.pendingPerProject);
  assert.equal(bench.asked.length, JOB_LIMITS.runningMax);
  assert.equal(await codeOf(() => bench.jobs.start('p', REQUEST)), 'warehouse_busy');
  for (let project = 0; ; project++) {
    if ((await codeOf(() => bench.jobs.start(`q${project}`, REQUEST))) !== 'none') {
      assert.equal(project + ids.length, JOB_LIMITS.pendingMax);
      break;
    }
  }
  bench.asked[0]?.answer();
  await until('the next one is asked', () => bench.asked.length === JOB_LIMITS.runningMax + 1);
  const states = ids.map((id) => bench.jobs.look('p', id).state);
  assert.deepEqual(states.slice(0, 4), ['done', 'running', 'running', 'waiting']);
});

test('what is cancelled ends, whether it runs or waits; what is answered is forgotten', async (t) => {
  const bench = await open(t);
  const [running = '', , waiting = '', next = ''] = await startMany(bench, 4);
  assert.equal((await bench.jobs.cancel('p', waiting)).state, 'cancelled');
  assert.equal((await bench.jobs.cancel('p', running)).state, 'cancelled');
  assert.equal(bench.asked[0]?.options.signal?.aborted, true);
  await bench.untilIn(next, 'running');
  assert.equal(bench.jobs.look('p', running).state, 'cancelled');
  assert.equal(await codeOf(() => bench.jobs.answer('p', running)), 'conflict');
  bench.asked[2]?.answer();
  await bench.untilIn(next, 'done');
  assert.equal((await bench.jobs.cancel('p', next)).state, 'done');
  assert.equal(await codeOf(() => bench.jobs.look('p', next)), 'not_found');
  assert.deepEqual(readdirSync(join(bench.dir, 'p')), []);
});

test('a failure is told as it is; one that is no business of clients is not', async (t) => {
  const bench = await open(t);
  const [known = '', unknown = ''] = await startMany(bench, 2);
  bench.asked[0]?.fail(new ApiError('result_too_large', 'too much'));
  bench.asked[1]?.fail(new Error('a secret'));
  const { error } = await bench.untilIn(known, 'failed');
  assert.deepEqual(error, { code: 'result_too_large', message: 'too much' });
  assert.equal(await codeOf(() => bench.jobs.answer('p', known)), 'result_too_large');
  assert.equal(JSON.stringify(await bench.untilIn(unknown, 'failed')).includes('secret'), false);
  await assert.rejects(bench.jobs.answer('p', unknown), /logged with the id q_/u);
});

test('answers are kept within so many bytes, the newest of them; one that is larger than all of it is refused', async (t) => {
  const bench = await open(t);
  const text = 'x'.repeat(JOB_LIMITS.bytesMax * 0.3);
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) {
    const [id = ''] = await startMany(bench, 1);
    ids.push(id);
    bench.asked[index]?.answer(text);
    await bench.untilIn(id, 'done');
  }
  await bench.jobs.tidy();
  const found: string[] = [];
  for (const id of ids) found.push(await codeOf(() => bench.jobs.look('p', id)));
  assert.deepEqual(found, ['not_found', 'not_found', 'none', 'none', 'none']);
  assert.equal(readdirSync(join(bench.dir, 'p')).length, 3);
  const [large = ''] = await startMany(bench, 1);
  bench.asked.at(-1)?.answer('x'.repeat(JOB_LIMITS.bytesMax));
  assert.equal((await bench.untilIn(large, 'failed')).error?.code, 'result_too_large');
});

test('closing ends what runs and starts nothing more; the next process asks it anew, and knows what was answered', async (t) => {
  const kept = await openTestJobStore(t);
  const asker = { kind: 'user', id: 'u1', name: 'ada@example.com' } as const;
  const first = await open(t, { kept });
  const [answered = '', failed = '', cancelled = '', ...rest] = await startMany(first, 7, asker);
  first.asked[0]?.answer('x');
  first.asked[1]?.fail(new ApiError('result_too_large', 'too much'));
  await first.untilIn(failed, 'failed');
  await first.jobs.cancel('p', cancelled);
  const done = await first.untilIn(answered, 'done');
  first.asked[2]?.options.watch?.(7);
  const count = first.asked.length;
  await first.jobs.close();
  assert.equal(first.asked.length, count);

  const running = new RunningQueries({
    clock: { nowMs: () => 0, monotonicMs: () => 0 },
    telemetry: quietTelemetry(),
  });
  const second = await open(t, { kept, running });
  assert.deepEqual(second.jobs.look('p', answered), done);
  assert.deepEqual((await second.jobs.answer('p', answered)).answer, {
    ...{ kind: 'trend', text: 'x', project: 'p' },
  });
  assert.deepEqual(second.jobs.look('p', failed).error, { code: 'result_too_large', message: 'too much' });
  assert.equal(second.jobs.look('p', cancelled).state, 'cancelled');
  assert.equal(await codeOf(() => second.jobs.look('other', answered)), 'not_found');
  assert.deepEqual(
    rest.map((id) => second.jobs.look('p', id).state),
    ['running', 'running', 'waiting', 'waiting'],
  );
  for (const id of rest) {
    const { state, started_at: started, progress } = second.jobs.look('p', id);
    assert.deepEqual([started === null, progress], [state === 'waiting', { statements: 0, rows_read: 0 }]);
  }
  assert.deepEqual(
    running.list([]).queries.map(({ kind, way, project, asker: by }) => [kind, way, project, by?.name]),
    rest.map(() => ['trend', 'job', 'p', 'ada@example.com']),
  );
  assert.deepEqual(second.jobs.requestOf('p', rest[0] ?? ''), REQUEST);
  second.asked[0]?.answer('later');
  await second.untilIn(rest[0] ?? '', 'done');
});

test('a question with which the program ends again and again is not asked for ever', async (t) => {
  const kept = await openTestJobStore(t);
  const first = await open(t, { kept });
  const [id = ''] = await startMany(first, 1);
  // Nobody closes anything: what stands in the catalogue is what a killed program leaves.
  for (let starts = 1; starts < JOB_LIMITS.attemptsMax; starts++) {
    await first.jobs.tidy();
    const next = await open(t, { kept });
    assert.equal(next.jobs.look('p', id).state, 'running');
    await next.jobs.tidy();
  }
  const last = await open(t, { kept });
  const { state, error } = last.jobs.look('p', id);
  assert.equal(state, 'failed');
  assert.match(error?.message ?? '', /ended 3 times while this was answered/u);
  assert.equal(last.asked.length, 0);
});

test('a program that ends in order is not the fault of the question', async (t) => {
  const kept = await openTestJobStore(t);
  const first = await open(t, { kept });
  const [id = ''] = await startMany(first, 1);
  await first.jobs.close();
  for (let starts = 0; starts <= JOB_LIMITS.attemptsMax; starts++) {
    const next = await open(t, { kept });
    assert.equal(next.jobs.look('p', id).state, 'running');
    await next.jobs.close();
  }
});

test('a question that another version took and this one does not know is forgotten', async (t) => {
  const kept = await openTestJobStore(t);
  const first = await open(t, { kept });
  const [id = ''] = await startMany(first, 1);
  await first.jobs.close();
  await kept.catalog.db.updateTable('query_jobs').set({ request: '{"kind":"of another version"}' }).execute();
  const second = await open(t, { kept });
  assert.equal(await codeOf(() => second.jobs.look('p', id)), 'not_found');
  await second.jobs.tidy();
  assert.deepEqual(await kept.catalog.db.selectFrom('query_jobs').selectAll().execute(), []);
});

test('a question that cannot be written down is not taken, and what it took is free again', async (t) => {
  const bench = await open(t);
  await bench.catalog.db.schema.dropTable('query_jobs').execute();
  for (let times = 0; times <= JOB_LIMITS.pendingPerProject; times++)
    await assert.rejects(bench.jobs.start('p', REQUEST), /query_jobs/u);
  assert.equal(bench.asked.length, 0);
});

test('an answer that cannot be written fails its question, and says so', async (t) => {
  const bench = await open(t);
  writeFileSync(join(bench.dir, 'p'), 'a file where the folder of the project should be');
  const [id = ''] = await startMany(bench, 1);
  bench.asked[0]?.answer('x');
  assert.equal((await bench.untilIn(id, 'failed')).error?.code, 'internal');
});

test('whoever runs the platform sees questions that run or wait, and ends them', async (t) => {
  const clock = { nowMs: () => 0, monotonicMs: () => 0 };
  const running = new RunningQueries({ clock, telemetry: quietTelemetry() });
  const bench = await open(t, { running });
  const asker = { kind: 'user', id: 'u1', name: 'ada@example.com' } as const;
  const ids = await startMany(bench, JOB_LIMITS.runningMax + 2, asker);
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
  for (const id of [first, waiting]) {
    const { error } = await bench.untilIn(id, 'failed');
    assert.equal(error?.code, 'query_ended');
    assert.equal(await codeOf(() => bench.jobs.answer('p', id)), 'query_ended');
  }
  await bench.untilIn(last, 'running');
  assert.equal(bench.asked.length, JOB_LIMITS.runningMax + 1, 'what was ended while it waited is not asked');
  for (const { answer } of bench.asked) answer();
  await until('none is followed', () => running.list([]).total === 0);
});
