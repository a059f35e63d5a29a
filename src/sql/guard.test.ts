/** What the engine is asked while a statement is judged, and as whom, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PUBLIC_TABLES } from '../warehouse/public-tables.ts';
import type { JudgeAsk } from '../warehouse/engine/judgement.ts';
import { createSqlGuard } from './guard.ts';
import { SqlProblem } from './problem.ts';
import { askLane } from './testing/ask-lane.ts';
import { openSqlBench, type SqlBench } from './testing/sql-bench.ts';

let bench: SqlBench;

before(async () => {
  bench = await openSqlBench();
  await bench.warehouse.command(
    `INSERT INTO events (project, id, time, type, user_id, position) SELECT 'mine', toString(number), now64(3), 't', 'ada', number FROM numbers(10)`,
  );
});

after(() => bench[Symbol.asyncDispose]());

const askMine = (): JudgeAsk => askLane(bench.lane, 'mine');

/** The beginnings of what the engine is asked, with the project whose rows it may see. */
const judge = async (text: string): Promise<{ asked: string[]; failure: unknown }> => {
  const asked: string[] = [];
  const ask: JudgeAsk = (sql, sees) => {
    asked.push(`${/^EXPLAIN (?:AST|QUERY TREE)/.exec(sql)?.[0]} ${sees === 'rows' ? 'mine' : 'nobody'}`);
    return askMine()(sql, sees);
  };
  const failure = await createSqlGuard()
    .judge(text, ask)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return { asked, failure };
};

const AS_NOBODY = ['EXPLAIN AST nobody', 'EXPLAIN QUERY TREE nobody'];

test('a statement is resolved once, as one who sees no row, also where a sub-query is computed for it', async () => {
  for (const text of [
    'SELECT count() FROM events',
    'SELECT count() / (SELECT count() FROM events) FROM events',
    'SELECT user_id FROM events WHERE time > (SELECT max(time) FROM events) - INTERVAL 1 DAY',
    'SELECT exists(SELECT 1 FROM events)',
  ])
    assert.deepEqual(await judge(text), { asked: AS_NOBODY, failure: undefined }, text);
});

/** What the engine is asked for each, by a guard that remembers. */
const judgeAll = async (texts: readonly string[]): Promise<string[][]> => {
  const asked: string[][] = [];
  const ask: JudgeAsk = (sql, sees) => {
    asked.at(-1)?.push(sql.startsWith('EXPLAIN AST') ? 'parse' : 'resolution');
    return askMine()(sql, sees);
  };
  const guard = createSqlGuard();
  for (const text of texts) {
    asked.push([]);
    await guard.judge(text, ask);
  }
  return asked;
};

const BOTH = ['parse', 'resolution'];

test('of statements that differ in numbers and parameters only the first is resolved', async () => {
  const of = (n: string, when: string) =>
    `SELECT country, quantile(0.5)(value), count() FROM events WHERE position > ${n} AND time >= _CAST('${when}', 'DateTime') GROUP BY country LIMIT 10`;
  const texts = [of('7', '2026-01-01'), of('7', '2026-01-01'), of('18446744073709551615', '2026-02-03')];
  assert.deepEqual(await judgeAll(texts), [BOTH, [], ['parse']]);
});

test('whatever else differs is resolved', async () => {
  const first = "SELECT country, length(os) AS n, tuple(1, os).1 FROM events WHERE type = 'a' AND value > 1";
  const others = [
    first.replace("'a'", "'b'"),
    first.replace('value >', 'value >='),
    first.replace('> 1', '> 1.5'),
    first.replace('> 1', '> 1e3'),
    first.replace(' n,', ' m,'),
    first.replace('.1', '.2'),
    first.replace('FROM events', 'FROM (SELECT * FROM events)'),
    `${first} LIMIT 1`,
  ];
  const asked = await judgeAll([first, ...others]);
  assert.deepEqual(
    asked,
    asked.map(() => BOTH),
  );
});

test('what is refused for a number is refused in a shape that was resolved', async () => {
  const guard = createSqlGuard();
  await guard.judge('SELECT sum(number) FROM numbers(100)', askMine());
  const more = guard.judge('SELECT sum(number) FROM numbers(100000000000)', askMine());
  await assert.rejects(more, SqlProblem);
});

test('what fails for want of rows is resolved again as the one who asks', async () => {
  for (const text of [
    'SELECT (SELECT [user_id] FROM events LIMIT 1)',
    'SELECT (SELECT groupArray(user_id) FROM events HAVING count() > 0)',
    'SELECT number FROM numbers(10) LIMIT (SELECT position FROM events WHERE position = 5)',
  ]) {
    const { asked, failure } = await judge(text);
    assert.equal(failure, undefined, text);
    assert.deepEqual(asked, [...AS_NOBODY, 'EXPLAIN QUERY TREE mine'], text);
  }
});

test('nothing is resolved that the parse refuses: resolving computes what is constant', async () => {
  for (const text of [
    "SELECT file('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    'SELECT (SELECT count() FROM system.tables)',
  ]) {
    const { asked, failure } = await judge(text);
    assert.ok(failure instanceof SqlProblem, text);
    assert.deepEqual(asked, ['EXPLAIN AST nobody'], text);
  }
});

test('what no row would mend is said at once', async () => {
  for (const text of ['SELECT nothing_like_it FROM events', 'SELECT 1 FROM nothing_like_it']) {
    const { asked, failure } = await judge(text);
    assert.ok(failure instanceof Error, text);
    assert.deepEqual(asked, AS_NOBODY, text);
  }
});

/** Of every kind that names tables and columns in a way of its own; without sub-queries that are computed, whose values differ. */
const READINGS = [
  ...PUBLIC_TABLES.flatMap(({ name, columns }) => [
    `SELECT * FROM ${name}`,
    `SELECT ${columns.map((column) => `${name}.${column.name}`).join(', ')} FROM ${name}`,
    `SELECT a.*, b.* FROM ${name} AS a LEFT JOIN ${name} AS b USING project`,
    `SELECT * EXCEPT (project) FROM (SELECT * FROM ${name} UNION ALL SELECT * FROM ${name})`,
  ]),
  'SELECT count(), max(value), any(country) FROM events',
  'SELECT country, sum(value) AS value FROM events GROUP BY country WITH TOTALS',
  'WITH events AS (SELECT * FROM refused) SELECT * FROM events',
  'WITH refused AS (SELECT id, value FROM events) SELECT r.value FROM refused AS r',
  'SELECT refused.id FROM events AS refused',
  'SELECT events.country FROM events JOIN refused USING (id, time)',
  "WITH 'x' AS country SELECT country, events.country FROM events",
  'SELECT value.null FROM events',
  'SELECT id.size, properties.size FROM events',
  'SELECT sum(events), uniqMerge(users), sum(value_sum) FROM rollup_10s GROUP BY pane',
  'SELECT user_id, lagInFrame(time) OVER (PARTITION BY user_id ORDER BY time) FROM events',
  'SELECT id, word FROM events ARRAY JOIN splitByChar(char(32), page) AS word',
  'SELECT id FROM events WHERE id IN (SELECT id FROM refused) AND (country, os) IN (SELECT country, os FROM events)',
  'SELECT Events.id FROM Events',
  'SELECT nothing_like_it FROM events',
  'SELECT * FROM records',
];

const readingOf = async (sql: string, project?: string): Promise<unknown> => {
  const request = { timeoutMs: 60_000, ...(project === undefined ? {} : { project }) };
  try {
    const { rows } = await bench.lane.run(`EXPLAIN QUERY TREE passes = 1 ${sql}`, request);
    return rows.map(([line]) => String(line).replace('table_name: rehearsal.', 'table_name: questions.'));
  } catch (error) {
    return (error as { engineCode?: number }).engineCode;
  }
};

test('a statement means on the empty tables what it means on the views', async () => {
  const failed: string[] = [];
  for (const sql of READINGS) {
    const reading = await readingOf(sql);
    assert.deepEqual(reading, await readingOf(sql, 'mine'), sql);
    if (!Array.isArray(reading)) failed.push(sql);
  }
  assert.deepEqual(failed, READINGS.slice(-3));
});

test('what the empty tables do not know is resolved on the views', async () => {
  const { asked, failure } = await judge('SELECT count() FROM events FINAL');
  assert.equal(failure, undefined);
  assert.deepEqual(asked, [...AS_NOBODY, 'EXPLAIN QUERY TREE mine']);
});

test('a table is let in of the database only that was resolved on', async () => {
  for (const { from, to, text } of [
    { from: 'rehearsal.', to: 'questions.', text: 'SELECT id FROM events' },
    {
      from: 'questions.',
      to: 'rehearsal.',
      text: 'SELECT (SELECT [user_id] FROM events LIMIT 1), id FROM events',
    },
  ]) {
    const ask: JudgeAsk = async (sql, sees) =>
      (await askMine()(sql, sees)).map((line) => line.replace(from, to));
    await assert.rejects(createSqlGuard().judge(text, ask), SqlProblem, text);
    await createSqlGuard().judge(text, askMine());
  }
});
