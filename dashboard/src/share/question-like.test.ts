import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANSWER_EXAMPLE } from '../../../src/contract/boards.ts';
import type { QueryAnswer } from '../../../src/contract/query.ts';
import { namedAnswer, questionLike } from './question-like.ts';

const TREND = ANSWER_EXAMPLE as unknown as Extract<QueryAnswer, { kind: 'trend' }>;
const RANGE = { from: TREND.range.from, to: TREND.range.to };

test('a question that an answer may be to says no more than the answer and the title do', () => {
  assert.deepEqual(questionLike(TREND, 'Visitors'), {
    ...{ kind: 'trend', range: RANGE, interval: '1d', series: [{ name: 'Visitors' }], measure: 'count' },
  });
  const [series] = TREND.series;
  assert.ok(series);
  const average = { ...TREND, series: [{ ...series, total: 2.5 }] };
  assert.deepEqual(questionLike(average, 'Depth'), {
    ...{ kind: 'trend', range: RANGE, interval: '1d', series: [{ name: 'Depth' }] },
    measure: { kind: 'avg', of: 'value' },
  });
});

test('numbers without a name take that of what they stand in', () => {
  const named = namedAnswer(TREND, 'Visitors');
  assert.ok(named.kind === 'trend');
  assert.equal(named.series[0]?.name, 'Visitors');
  assert.equal(namedAnswer(TREND, ''), TREND);
});
