import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { queryRequestSchema } from '../contract/query.ts';
import { parseRequest } from '../http/parse-request.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { EXAMPLES_NOW_MS, examplePages, loadExamples, rounded, shownOf } from './testing/worked-examples.ts';

const PAGES = examplePages();

let bench: TestWarehouse;

before(async () => {
  bench = await openTestWarehouse();
  for (const [index, page] of PAGES.entries()) await loadExamples(bench, page, index);
});
after(() => bench.close());

for (const { name, examples } of PAGES) {
  test(`the examples of docs/insights/${name}.md`, async () => {
    assert.ok(examples.length > 0, 'the page has no example');
    const service = testService(bench, { nowMs: EXAMPLES_NOW_MS });
    for (const example of examples) {
      const given = await service.query(name, parseRequest(queryRequestSchema, example.request));
      assert.deepEqual(shownOf(given, example), rounded(example.answer));
    }
  });
}
