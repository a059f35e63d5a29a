import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { testSeed } from '../lib/testing/random.ts';
import fc from 'fast-check';
import type { Warehouse } from './client.ts';
import { parameterText, type QueryParameter } from './parameter-text.ts';
import { openTestEngine, type TestEngine } from './testing/engine.ts';

let running: TestEngine;
let warehouse: Warehouse;

before(async () => {
  running = await openTestEngine();
  warehouse = await running.migrated();
});

after(() => running[Symbol.asyncDispose]());

test('texts', () => {
  const cases: [QueryParameter, string][] = [
    ['plain', 'plain'],
    ["a'b\\c\td\ne\rf", String.raw`a\'b\\c\td\ne\rf`],
    [-5, '-5'],
    [1.5, '1.5'],
    [9_007_199_254_740_993n, '9007199254740993'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, '+inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [true, '1'],
    [[], '[]'],
    [['a', "b'"], String.raw`['a','b\'']`],
    [[1, 2], '[1,2]'],
    [[['a'], []], "[['a'],[]]"],
  ];
  for (const [value, text] of cases) assert.equal(parameterText(value), text);
  for (const value of [undefined, null, {}, Symbol('s'), [null]])
    assert.throws(() => parameterText(value as QueryParameter), TypeError);
});

test('the engine reads what was meant', async () => {
  // The engine's own texts are UTF-8: a lone surrogate is none.
  const text = fc.oneof(
    fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed()),
    fc.string({
      unit: fc.constantFrom('\\', "'", '\t', '\n', '\r', '\0', 'N', 'n', ',', ']', '[', '{', '}'),
    }),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.array(text), fc.array(fc.integer()), async (one, some, numbers) => {
      // `\N` alone is how the protocol writes NULL, which no text of a type without NULL can be.
      fc.pre(one !== String.raw`\N`);
      const { rows } = await warehouse.query(
        'SELECT {one:String} AS one, {some:Array(String)} AS some, {numbers:Array(Float64)} AS numbers',
        { one, some, numbers },
      );
      assert.deepEqual(rows, [{ one, some, numbers }]);
    }),
    { seed: testSeed(), numRuns: 100 },
  );
});
