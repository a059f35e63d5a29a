import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SQL_LIMITS, sqlRequestSchema } from '../contract/sql.ts';
import { openSqlBench } from './testing/sql-bench.ts';

const PAGE = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');

/** What each example answers on the rows below, in the order of the page. */
const ANSWERS: readonly unknown[] = [
  [['2026-11-20', 1, 1]],
  [
    ['pro', 3, 0.75],
    ['free', 1, 0.25],
  ],
  [[2]],
  [['2026-11-20T10:00:00Z', 4, 2]],
  [
    ['EUR', '12.5'],
    ['USD', '7'],
  ],
  [[11, 4]],
  [['quarantined', 'missing_type', 1]],
];

test('the examples on the page answer', { timeout: 300_000 }, async (t) => {
  const bench = await openSqlBench();
  t.after(() => bench[Symbol.asyncDispose]());
  const event = (second: number, type: string, user: string, more: string): string =>
    `('shop', '${second}', toDateTime64('2026-11-20 10:00:00', 3, 'UTC') + ${second}, '${type}', '${user}', ${more})`;
  await bench.warehouse.command(
    `INSERT INTO events (project, id, time, type, user_id, country, currency, value, properties) VALUES
    ${event(0, 'page_view', 'ada', `'DE', '', NULL, '{"plan":"pro"}'`)},
    ${event(120, 'purchase', 'ada', `'DE', 'EUR', 12.5, '{"plan":"pro"}'`)},
    ${event(200, 'page_view', 'bob', `'US', '', NULL, '{"plan":"free"}'`)},
    ${event(320, 'purchase', 'bob', `'US', 'USD', 7, '{"plan":"pro"}'`)}`,
  );
  await bench.warehouse.command(
    "INSERT INTO refused (project, id, outcome, reason) VALUES ('shop', 'r', 'quarantined', 'missing_type')",
  );
  const examples = [...PAGE.matchAll(/```json sql\n(.*?)```/gsu)].map(([, text = '']) => text);
  assert.equal(examples.length, ANSWERS.length);
  for (const [index, text] of examples.entries()) {
    const answer = await bench.service.answer('shop', sqlRequestSchema.parse(JSON.parse(text)));
    assert.deepEqual(answer.rows, ANSWERS[index], text);
  }
  const mistaken = bench.service.answer('shop', sqlRequestSchema.parse({ sql: 'SELECT usr_id FROM events' }));
  await assert.rejects(
    mistaken,
    ({ message, details }: { message: string; details: { excerpt: string } }) => {
      assert.ok(PAGE.includes(`${message}\n\n${details.excerpt}\n`), `${message}\n${details.excerpt}`);
      return true;
    },
  );
});

test('the page tells the limits as they are', () => {
  const { textMax, rowsDefault, rowsMax } = SQL_LIMITS;
  for (const limit of [textMax, rowsDefault, rowsMax])
    assert.ok(PAGE.includes(limit.toLocaleString('en')), String(limit));
});
