/** What is asked can be seen and ended, one question and no other, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningQueryAnswer } from '../contract/running.ts';
import { sqlRequestSchema } from '../contract/sql.ts';
import { PATIENCE_MS, until } from '../lib/testing/until.ts';
import { engineStatements } from '../warehouse/statements.ts';
import { withoutValues } from './lexical.ts';
import { openSqlBench, type SqlBench } from './testing/sql-bench.ts';

let bench: SqlBench;

before(async () => {
  bench = await openSqlBench(2 * PATIENCE_MS);
});

after(() => bench[Symbol.asyncDispose]());

const ADA = { way: 'request', asker: { kind: 'user', id: 'u1', name: 'ada@example.com' } } as const;

/** Takes hours. */
const SLOW =
  "SELECT sum(sipHash64(a.number, b.number)), 'ada@example.com' FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b";

const ask = (sql: string, options: Parameters<SqlBench['service']['answer']>[2] = { by: ADA }) =>
  bench.service.answer('shop~2', sqlRequestSchema.parse({ sql, timeout_ms: 2 * PATIENCE_MS }), options);

const list = async () => bench.running.list(await engineStatements(bench.engine.engine)());

const untilSome = async (
  what: string,
  holds: (queries: readonly RunningQueryAnswer[]) => boolean,
): Promise<readonly RunningQueryAnswer[]> => {
  await until(what, async () => holds((await list()).queries));
  return (await list()).queries;
};

const isSelect = (query: RunningQueryAnswer | undefined): boolean =>
  query?.statement?.startsWith('SELECT') === true;

const end = (id: string): void => {
  const question = bench.running.find(id);
  assert.ok(question, id);
  bench.running.end(question);
};

/** So that one that fails early is not taken for one that nobody heeds. */
const ending = (asked: Promise<unknown>) =>
  asked.then(
    () => 'answered',
    (error: Error & { code?: string }) => error.code ?? error.message,
  );

test('who asks what for how long, running or waiting for a place, without the values', async () => {
  // Judging takes a moment of the same places: it is done once, and remembered.
  const judged = ending(ask(SLOW));
  const [first] = await untilSome('it is judged', ([query]) => isSelect(query));
  end(first?.id ?? '');
  assert.equal(await judged, 'query_ended');
  const asked = [1, 2, 3].map(() => ending(ask(SLOW)));
  const queries = await untilSome('two run and one waits', (each) => {
    const states = each.map(({ state }) => state).sort();
    return each.every(isSelect) && states.join(' ') === 'running running waiting';
  });
  const waiting = queries.findIndex(({ state }) => state === 'waiting');
  const [one = -1, other = -1] = [0, 1, 2].filter((index) => index !== waiting);
  for (const { kind, way, project, asker } of queries)
    assert.deepEqual([kind, way, project, asker], ['sql', 'request', 'shop', ADA.asker]);
  await until('the engine says how far it is', async () => {
    const query = (await list()).queries[one];
    return (query?.rows_read ?? 0) > 0 && (query?.memory_bytes ?? 0) > 0;
  });
  const { statement = '' } = (await list()).queries[one] ?? {};
  assert.ok(!JSON.stringify(await list()).includes('numbers(10000000)'), 'no values, of no statement');
  assert.match(statement ?? '', /^SELECT sum\(sipHash64\(a\.number, b\.number\)\), \? FROM numbers\(\?\)/u);
  end(queries[waiting]?.id ?? '');
  assert.equal(await asked[waiting], 'query_ended', 'one that waits need not wait for its end');
  end(queries[one]?.id ?? '');
  assert.equal(await asked[one], 'query_ended');
  const [left] = await untilSome('the place is free again', (each) => each.length === 1);
  assert.deepEqual([left?.id, left?.state], [queries[other]?.id, 'running'], 'the other one goes on');
  end(left?.id ?? '');
  assert.equal(await asked[other], 'query_ended');
  await until('the engine has nothing to do', async () => (await list()).work.length === 0);
  assert.equal((await ask('SELECT 1')).rows[0]?.[0], 1);
});

test('ending hits the question that is meant, however late it comes: never the next one of its lane', async () => {
  const results: Promise<string>[] = [];
  const short = 'SELECT sum(sipHash64(number)) > 0 FROM numbers(4000000)';
  await ask(short);
  for (let round = 0; round < 24; round += 1) {
    const one = ending(ask(short));
    const query = bench.running.list(undefined).queries.at(-1);
    assert.ok(query);
    await sleep((round % 12) * 4);
    // Answered meanwhile or not, as it comes.
    const question = bench.running.find(query.id);
    if (question !== undefined) bench.running.end(question);
    results.push(one);
    const others = await Promise.all([1, 2, 3].map((n) => ask(`SELECT ${n}, count() FROM numbers(100000)`)));
    assert.deepEqual(
      others.map(({ rows }) => rows[0]?.[0]),
      [1, 2, 3],
    );
  }
  for (const result of await Promise.all(results)) assert.match(result, /^(?:answered|query_ended)$/u);
  assert.equal(bench.running.list([]).total, 0);
});

test('who has gone is not told, and is not followed any more', async () => {
  const gone = new AbortController();
  const asked = ending(ask(SLOW, { by: ADA, signal: gone.signal }));
  await untilSome('it runs', ([query]) => query?.state === 'running');
  gone.abort();
  assert.equal(await asked, 'query_timeout');
  assert.equal(bench.running.list([]).total, 0);
  await until('the engine has ended it too', async () => (await list()).work.length === 0);
});

test('what the platform does itself is listed, and an engine that is silent is said to be', async () => {
  const stop = new AbortController();
  const work = ending(
    bench.warehouse.query(
      'SELECT sum(sipHash64(number)) FROM numbers({n:UInt64})',
      { n: 1e14 },
      {
        ...{ signal: stop.signal, timeoutMs: 2 * PATIENCE_MS },
      },
    ),
  );
  await until('it is listed', async () => (await list()).work.length === 1);
  const [found] = (await list()).work;
  assert.deepEqual([found?.kind, found?.statement_cut], ['read', false]);
  assert.match(found?.statement ?? '', /numbers\(\{n:UInt64\}\)/u);
  stop.abort();
  assert.equal(await work, 'cancelled');
  const away = engineStatements({ ...bench.engine.engine, password: 'wrong' });
  assert.equal(bench.running.list(await away()).engine, 'silent');
});

test('long statements are cut, and values are left out of all of them', async () => {
  const text = withoutValues(
    "SELECT 'it''s' AS \"a b\", 12.5e3 -- ada\n FROM events /* ben */ WHERE x IN ('y', 3)",
  );
  assert.equal(text, 'SELECT ? AS "a b", ? FROM events WHERE x IN (?, ?)');
  const asked = { kind: 'trend', project: 'shop' };
  await bench.running.follow(asked, { by: ADA }, async ({ part }: { part?: never; by: typeof ADA }) => {
    const question = bench.running.find(bench.running.list([]).queries[0]?.id ?? '');
    assert.equal(part, question);
    question?.begin(`SELECT ${'x'.repeat(5_000)}`);
    const [query] = bench.running.list([]).queries;
    assert.deepEqual([query?.statement?.length, query?.statement_cut], [2_000, true]);
    assert.equal(query?.state, 'waiting', 'the engine does not have it yet');
    assert.equal(bench.running.list(undefined).queries[0]?.state, 'running', 'as far as is known');
  });
});
