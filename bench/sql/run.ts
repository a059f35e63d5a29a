/**
 * What judging a statement of users costs: answered through the guard, with a text that it has not seen, with one that it has seen with another number in it, and with one that it has seen; and straight at the lane. The four
 * take turns, on the real engine with some rows.
 *
 *   node_modules/.bin/node bench/sql/run.ts
 */
import { sqlRequestSchema } from '../../src/contract/sql.ts';
import { openSqlBench } from '../../src/sql/testing/sql-bench.ts';
import { conditions, figure, median } from '../lib/report.ts';

const ROUNDS = 60;
const WARM_UP = 5;
const ROWS = 200_000;
const GUARD_MS_MAX = 10;
const P95 = 0.95;

/** Statements of three sizes; `n` makes each text another, `as` its words too. */
const STATEMENTS: readonly { readonly name: string; readonly sql: (n: number, as: string) => string }[] = [
  { name: 'a count', sql: (n, as) => `SELECT count() AS ${as} FROM rollup_10s WHERE events > ${n}` },
  {
    name: 'a break-down',
    sql: (n, as) =>
      `SELECT toStartOfHour(time) AS hour, country, uniq(user_id) AS ${as}, countIf(type = 'purchase') AS bought FROM events WHERE position > ${n} GROUP BY hour, country ORDER BY hour, ${as} DESC LIMIT 100`,
  },
  {
    name: 'joins, sub-queries, windows',
    sql: (n, as) =>
      `WITH firsts AS (SELECT user_id, min(time) AS first FROM events WHERE position > ${n} GROUP BY user_id), days AS (SELECT toDate(e.time) AS day, count() AS n, uniqIf(e.user_id, toDate(f.first) = day) AS fresh FROM events AS e JOIN firsts AS f USING user_id GROUP BY day) SELECT day, n, fresh, avg(n) OVER (ORDER BY day ROWS 6 PRECEDING) AS ${as}, round(n / (SELECT count() FROM events), 4) AS share FROM days ORDER BY day`,
  },
];

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
};

const quantile = (values: readonly number[], level: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * level)] ?? Number.NaN;

await using bench = await openSqlBench();
await bench.warehouse.command(
  `INSERT INTO events (project, id, time, type, user_id, country, position)
   SELECT if(number % 2 = 0, 'mine', 'theirs'), toString(number), now64(3) - number % 864000, if(number % 9 = 0, 'purchase', 'page_view'), toString(number % 5000), ['DE', 'FR', 'US'][number % 3 + 1], number FROM numbers(${ROWS})`,
);
const ask = (sql: string): Promise<unknown> => bench.service.answer('mine', sqlRequestSchema.parse({ sql }));
const direct = (sql: string): Promise<unknown> =>
  bench.lane.run(sql, { project: 'mine', timeoutMs: 10_000, rowsMax: 1_001 });

console.log(conditions());
let holds = true;
for (const { name, sql } of STATEMENTS) {
  const fresh: number[] = [];
  const alike: number[] = [];
  const known: number[] = [];
  const bare: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const text = sql(round + 1_000, `of_round_${round + WARM_UP}`);
    const turns: [number[], () => Promise<unknown>][] = [
      [fresh, () => ask(text)],
      [alike, () => ask(sql(round + 1_000, 'known'))],
      [known, () => ask(text)],
      [bare, () => direct(text)],
    ];
    for (const [into, work] of round % 2 === 0
      ? turns
      : turns.toSorted((a, b) => Number(b[0] === bare) - Number(a[0] === bare))) {
      const ms = await timed(work);
      if (round >= 0) into.push(ms);
    }
  }
  console.log(`\n${name}`);
  figure('straight at the lane, median', median(bare), 'ms');
  figure('judged before, median', median(known), 'ms');
  figure('not seen before, median', median(fresh), 'ms');
  const judging = (asked: readonly number[]) => asked.map((ms, index) => ms - (known[index] ?? 0));
  const limit = { atMost: GUARD_MS_MAX };
  holds = figure('judging what is new, median', median(judging(fresh)), 'ms', limit) && holds;
  figure('judging what is new, p95', quantile(judging(fresh), P95), 'ms');
  holds = figure('judging other numbers, median', median(judging(alike)), 'ms', limit) && holds;
  figure('judging other numbers, p95', quantile(judging(alike), P95), 'ms');
  // What other work on the machine adds is never negative.
  figure('least: not seen before', Math.min(...fresh), 'ms');
  figure('least: judged before', Math.min(...known), 'ms');
}
process.exitCode = holds ? 0 : 1;
