import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainEvent } from './events.mjs';
import { createReport } from './report.mjs';

const FILE = '/root/src/a.test.ts';

const written = (events, outcome) => {
  let text = '';
  const report = createReport('/root', {
    write: (part) => {
      text += part;
    },
  });
  for (const [type, data] of events) report.take(JSON.parse(JSON.stringify(plainEvent({ type, data }))));
  if (outcome !== undefined) report.endFile(FILE, outcome);
  const totals = report.finish();
  return { text, totals };
};

const of = (name, more = {}) => ({ name, file: FILE, line: 3, details: { type: 'test' }, ...more });

test('passed, failed and skipped are counted; suites are not', () => {
  const { text, totals } = written(
    [
      ['test:pass', of('a')],
      ['test:pass', of('group', { details: { type: 'suite' } })],
      ['test:pass', of('b', { skip: 'no broker' })],
      [
        'test:fail',
        of('c', {
          details: {
            error: {
              failureType: 'testCodeFailure',
              cause: new Error('went wrong', { cause: new Error('deep down') }),
            },
          },
        }),
      ],
    ],
    { ms: 12.4, output: 'said before\n' },
  );
  assert.deepEqual(totals, { passed: 1, failed: 1, skipped: 1 });
  assert.match(text, /^FAIL src\/a\.test\.ts {2}1 passed, 1 failed, 1 skipped, 12 ms\n/);
  assert.match(text, /skipped {2}src\/a\.test\.ts: b \(no broker\)/);
  assert.match(text, /src\/a\.test\.ts:3 {2}c\n {4}Error: went wrong/);
  assert.match(text, / {4}caused by: Error: deep down/);
  assert.match(text, /Output of src\/a\.test\.ts:\n {4}said before/);
  assert.match(text, /\n1 passed, 1 failed, 1 skipped\n$/);
});

test('a test that failed only through those in it is counted, not explained', () => {
  const { text } = written([
    ['test:fail', of('outer', { details: { error: { failureType: 'subtestsFailed' } } })],
  ]);
  assert.equal(text, '\n0 passed, 1 failed\n');
});

test('what failed stands below the line of its file, in brief, and at the end in full', () => {
  const long = Array.from({ length: 30 }, (_unused, line) => `line ${line}`).join('\n');
  const failed = (name) => [
    'test:fail',
    of(name, { details: { error: { failureType: 'testCodeFailure', cause: long } } }),
  ];
  const { text } = written(
    [1, 2, 3, 4, 5, 6, 7].map((n) => failed(`t${n}`)),
    { ms: 1 },
  );
  const [inBrief, inFull] = text.split('\n2 more failed; all are told at the end.\n\n');
  const named = (part) => [...part.matchAll(/^src\/a\.test\.ts:3 {2}(t\d)$/gm)].map(([, name]) => name);
  assert.match(inBrief, /^FAIL .*\n\nsrc\/a\.test\.ts:3 {2}t1\n {4}/);
  assert.deepEqual(named(inBrief), ['t1', 't2', 't3', 't4', 't5']);
  assert.equal(inBrief.match(/line 9/g).length, 5);
  assert.doesNotMatch(inBrief, /line 15/);
  assert.deepEqual(named(inFull), ['t1', 't2', 't3', 't4', 't5', 't6', 't7']);
  assert.equal(inFull.match(/line 29/g).length, 7);
});

test('what is wrong with a file as a whole counts as a failed test', () => {
  const { text, totals } = written([['test:pass', of('a')]], { ms: 1, problem: 'It hung.' });
  assert.deepEqual(totals, { passed: 1, failed: 1, skipped: 0 });
  assert.match(text, /a\.test\.ts:1 {2}the file as a whole\n {4}It hung\./);
});
