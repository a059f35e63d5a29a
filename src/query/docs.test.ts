import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { QUERY_LIMITS } from '../contract/question.ts';
import { trendRequestSchema } from '../contract/trend.ts';
import { parseRequest } from '../http/parse-request.ts';
import { noPropertyColumns } from './ports.ts';
import { parseRange } from './time-range.ts';
import { parseTrend, planTrend } from './trend-plan.ts';

const PAGE = readFileSync(new URL('../../docs/reference/query.md', import.meta.url), 'utf8');
const NOW_MS = Date.UTC(2026, 10, 20, 12);

const requests = [
  ...[...PAGE.matchAll(/```json trend\n(.*?)```/gsu)].map(([, text = '']) => text),
  ...[...PAGE.matchAll(/-d '(\{.*?\})'/gu)].map(([, text = '']) => text),
  ...[...PAGE.matchAll(/`(\{"kind": "(?:unique|sum|quantile)".*?\})`/gu)].map(
    ([, text = '']) => `{"kind":"trend","measure":${text}}`,
  ),
];

test('the requests on the page are understood', () => {
  assert.ok(requests.length >= 6, `${requests.length} found`);
  for (const text of requests) {
    const trend = parseTrend(parseRequest(trendRequestSchema, JSON.parse(text)));
    const range = parseRange(trend.request.range, NOW_MS, trend.timeZone);
    assert.notEqual(range, 'all');
    if (range !== 'all')
      planTrend(trend, range, 'p', {
        ...{ columns: noPropertyColumns, nowMs: NOW_MS, asOf: undefined, timeZone: trend.timeZone },
      });
  }
});

test('the page tells the limits as they are', () => {
  const { bucketsMax, topMax, cellsMax, conditionsMax, filterDepthMax, listValuesMax } = QUERY_LIMITS;
  const say = (limit: number) => limit.toLocaleString('en');
  assert.ok(
    PAGE.includes(
      `${say(bucketsMax)} buckets, ${say(topMax)} named groups, ${say(cellsMax)} numbers in an answer; ${conditionsMax} conditions, ${filterDepthMax} levels, ${say(listValuesMax)} values in a list`,
    ),
  );
});
