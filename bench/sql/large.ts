/**
 * How long the platform answers nobody else while large answers to SQL are written.
 *
 *     node_modules/.bin/node bench/sql/large.ts
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_KEY, type Platform } from '../../test/support/platform.ts';
import { withPlatform } from '../lib/bench-platform.ts';
import { conditions, figure } from '../lib/report.ts';

const WAIT_MAX_MS = 200;
const BETWEEN_MS = 5;
const ROUNDS = 3;
const ROWS = "SELECT number, toString(number) AS text, repeat('a', 250) AS more FROM numbers(100000)";

/** `isTooLarge`: it is above the limit of an answer, by its escapes alone. */
const ANSWERS = [
  { name: '27 MB of JSON', sql: ROWS, format: 'json' },
  { name: 'the same as CSV', sql: ROWS, format: 'csv' },
  { name: 'the same as Parquet', sql: ROWS, format: 'parquet' },
  {
    name: 'control characters, six times as long escaped',
    ...{ sql: 'SELECT repeat(char(1), 300) FROM numbers(100000)', format: 'json', isTooLarge: true },
  },
] as const;

/** The longest that `/api/ready` took to answer while `work` went on, milliseconds. */
const longestWait = async ({ url }: Platform, work: () => Promise<void>): Promise<number> => {
  let longest = 0;
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const asked = performance.now();
      await (await fetch(`${url}/api/ready`)).arrayBuffer();
      longest = Math.max(longest, performance.now() - asked);
      await sleep(BETWEEN_MS);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await looking;
  }
  return longest;
};

const ask = async ({ url }: Platform, { sql, format, ...more }: (typeof ANSWERS)[number]): Promise<void> => {
  const answer = await fetch(`${url}/api/sql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql, format, limit: 100_000 }),
  });
  await answer.arrayBuffer();
  const expected = 'isTooLarge' in more ? 422 : 200;
  if (answer.status !== expected) throw new Error(`${sql} was answered by ${answer.status}`);
};

console.log(conditions());
await withPlatform(async (platform) => {
  const holds: boolean[] = [];
  for (const answer of ANSWERS) {
    let longest = 0;
    for (let round = 0; round < ROUNDS; round++)
      longest = Math.max(longest, await longestWait(platform, () => ask(platform, answer)));
    holds.push(figure(`${answer.name}: others wait at most`, longest, 'ms', { atMost: WAIT_MAX_MS }));
  }
  if (!holds.every(Boolean)) process.exitCode = 1;
});
