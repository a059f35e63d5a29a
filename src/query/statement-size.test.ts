import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { queryRequestSchema } from '../contract/query.ts';
import { parseRequest } from '../http/parse-request.ts';
import { bind, sql, toStatement } from './sql.ts';
import { statementBytes } from './statement-size.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

test('every use of a value counts', () => {
  const value = bind('String', "it's");
  const once = statementBytes(toStatement(sql`${value}`));
  const twice = statementBytes(toStatement(sql`${value}${value}`));
  assert.equal(twice, 2 * once);
});

/** Types that together have about so many characters. */
const types = (characters: number, filler: string): string[] =>
  Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(Math.floor(characters / 100), filler));

const QUESTIONS = [
  ['trend', (list: string[]) => ({ kind: 'trend', by: ['country'], types: list })],
  ['funnel', (list: string[]) => ({ kind: 'funnel', steps: [{ types: list }, 'b'] })],
  ['paths', (list: string[]) => ({ kind: 'paths', from: { types: list } })],
] as const;

for (const [name, question] of QUESTIONS) {
  test(`a ${name} is either answered or refused with what to do, however long and odd its values`, {
    timeout: 300_000,
  }, async () => {
    let refused = 0;
    for (const filler of ['x', "'", '\\', '\n', 'ß'])
      for (const characters of [2_000, 20_000, 80_000, 180_000]) {
        const request = parseRequest(queryRequestSchema, question(types(characters, filler)));
        await testService(bench, { nowMs: Date.UTC(2026, 10, 20) })
          .query('nobody', request)
          .catch((error: unknown) => {
            assert.match(String(error), /at most [0-9,]+ are taken/);
            refused += 1;
          });
      }
    assert.ok(refused > 0 && refused < 15, `${refused} refused`);
  });
}
