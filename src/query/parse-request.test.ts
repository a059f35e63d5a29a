import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { eventsQuerySchema } from '../contract/events.ts';
import { queryRequestSchema } from '../contract/query.ts';
import { ApiError } from '../event/errors.ts';
import { parseRequest } from '../http/parse-request.ts';
import { parseTrend } from './trend-plan.ts';

const parsedTrend = (request: unknown) => {
  const question = parseRequest(queryRequestSchema, request);
  assert.equal(question.kind, 'trend');
  return parseTrend(question);
};

const problemsOf = (request: unknown): unknown => {
  try {
    parsedTrend(request);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    assert.equal(error.code, 'invalid_request');
    return error.details;
  }
  return [];
};

const trend = (more: object) => ({ kind: 'trend', ...more });

const nested = (levels: number): object => {
  let filter: object = { field: 'country', op: 'exists' };
  for (let level = 0; level < levels; level++) filter = { not: filter };
  return filter;
};

const WRONG: readonly (readonly [unknown, string, RegExp])[] = [
  [{}, 'kind', /is missing\. It takes one of trend, /],
  [null, '', /^null is not an object\.$/],
  ['trend', '', /^"trend" is not an object\.$/],
  [{ kind: 'trends' }, 'kind', /"trends" is not understood.*Did you mean "trend"/],
  [trend({ intervall: '1h' }), '', /"intervall" is not known here\. Did you mean "interval"\?/],
  [trend({ interval: '2h' }), 'interval', /"2h" is not understood\. Use one of auto, 10s/],
  [trend({ measure: 'counts' }), 'measure', /Did you mean "count"\?/],
  [trend({ measure: { kind: 'sum' } }), 'measure.of', /is missing/],
  [trend({ measure: { kind: 'quantile', of: 'value', level: 2 } }), 'measure.level', /^must be at most 1\.$/],
  [
    trend({ measure: { kind: 'sum', of: 'country' } }),
    'measure.of',
    /is text: "sum" takes "value" or a numeric property/,
  ],
  [trend({ measure: { kind: 'sum', of: 'timestamp' } }), 'measure.of', /cannot be measured/],
  [trend({ by: ['contry'] }), 'by.0', /Did you mean "country"\?/],
  [trend({ by: ['country', 'country'] }), 'by.1', /must differ/],
  [trend({ by: ['timestamp'] }), 'by.0', /is a time/],
  [trend({ by: ['country', 'type', 'page'] }), 'by', /^must have at most 2 entries\.$/],
  [trend({ by: ['properties'] }), 'by.0', /needs a key/],
  [trend({ by: ['properties.'] }), 'by.0', /is not a property/],
  [trend({ by: ['properties.a..b'] }), 'by.0', /is not a property/],
  [trend({ by: ['properties["a'] }), 'by.0', /is not a property/],
  [trend({ by: ['properties["\\x"]'] }), 'by.0', /is not a property/],
  [trend({ by: ['propertiesx'] }), 'by.0', /is not a property/],
  [trend({ top: 0 }), 'top', /^must be at least 1\.$/],
  [trend({ filter: {} }), 'filter.op', /is missing/],
  [
    trend({ filter: { field: 'country', op: 'eq' } }),
    'filter.value',
    /is missing\. It takes a string or a number or a boolean/,
  ],
  [
    trend({ filter: { and: [{ field: 'country', op: 'like', value: 'x' }] } }),
    'filter.and.0.op',
    /"like" is not understood/,
  ],
  [trend({ filter: { and: [] } }), 'filter.and', /^must have at least 1 entry\.$/],
  [trend({ filter: { field: 'timestamp', op: 'gt', value: 'soon' } }), 'filter.value', /is not an instant/],
  [trend({ filter: { field: 'value', op: 'gt', value: 'much' } }), 'filter.value', /compares with a number/],
  [
    trend({ filter: { field: 'timestamp', op: 'contains', value: '2026' } }),
    'filter.op',
    /does not apply to a time/,
  ],
  [trend({ filter: nested(9) }), 'filter.not.not.not.not.not.not.not.not', /nested deeper than 8/],
  [trend({ filter: nested(20_000) }), '', /nested more than 32 levels/],
  [
    trend({
      filter: { and: Array.from({ length: 6 }, () => ({ or: Array.from({ length: 10 }, () => nested(0)) })) },
    }),
    'filter',
    /has 60 conditions/,
  ],
  [trend({ timezone: 'Europe/Berln' }), 'timezone', /Did you mean "Europe\/Berlin"/],
  [trend({ types: [] }), 'types', /^must have at least 1 entry\.$/],
  [trend({ range: { to: 'now' } }), 'range.from', /is missing/],
  [
    trend({
      filter: {
        field: 'page',
        op: 'in',
        values: Array.from({ length: 999 }, (_, index) => `${index}${'x'.repeat(300)}`),
      },
    }),
    '',
    /at most 200000 are taken/,
  ],
  [trend({ measure: 'unique_users', series: [{}] }), 'measure', /stands in each of "series"/],
  [trend({ series: [] }), 'series', /at least 1 entry/],
  [trend({ series: Array.from({ length: 11 }, () => ({})) }), 'series', /at most 10 entries/],
  [trend({ series: [{ measure: { kind: 'sum', of: 'page' } }] }), 'series.0.measure.of', /"page" is text/],
  [
    trend({ series: [{}, { filter: { field: 'properies.x', op: 'exists' } }] }),
    'series.1.filter.field',
    /is not a (?:field|property)/,
  ],
  [trend({ measure: { kind: 'rate', per: 'week' } }), 'measure.per', /one of second, minute, hour, day/],
  [trend({ formula: ['A / B'] }), 'formula.0', /There is no series B: the request has A/],
  [trend({ formula: [{ formula: '1 + 1' }] }), 'formula.0.formula', /names no series/],
  [trend({ formula: ['A +'] }), 'formula.0', /missing at character 4/],
  [trend({ formula: [`A + ${'1'.repeat(200)}`] }), 'formula.0', /at most 200 characters/],
  [trend({ window: '5m' }), 'interval', /say which/],
  [trend({ window: '5 minutes', interval: '1m' }), 'window', /is not a length of time/],
  [trend({ window: '90s', interval: '1m' }), 'window', /not a multiple of the interval/],
  [trend({ window: '24h', interval: '1d' }), 'window', /not a multiple of the interval/],
  [trend({ window: '0m', interval: '1m' }), 'window', /not a multiple of the interval/],
  [trend({ window: '500m', interval: '1m' }), 'window', /at most 400/],
  [trend({ window: '5m', interval: '1m', cumulative: true }), 'window', /one of the two/],
  [trend({ smooth: { moving_average: 1 } }), 'smooth.moving_average', /at least 2/],
  [trend({ compare: 'last_week' }), 'compare', /previous_week/],
  [trend({ compare: { to: 'then' } }), 'compare.to', /is not an instant/],
  [trend({ per: 'user' }), 'per', /active_user/],
];

for (const [request, path, message] of WRONG) {
  test(`refuses ${inspect(request, { depth: 6, breakLength: Infinity }).slice(0, 90)} at "${path}"`, async () => {
    // Some mistakes are only found when the statement is written.
    const { planTrend } = await import('./trend-plan.ts');
    const { noPropertyColumns } = await import('./ports.ts');
    let problems = problemsOf(request);
    if (Array.isArray(problems) && problems.length === 0) {
      try {
        const parsed = parsedTrend(request);
        planTrend(parsed, { fromMs: 0, toMs: 10_000 }, 'p', {
          columns: noPropertyColumns,
          nowMs: 0,
          asOf: undefined,
          timeZone: 'UTC',
        });
      } catch (error) {
        problems = error instanceof ApiError ? error.details : [];
      }
    }
    assert.ok(Array.isArray(problems) && problems.length > 0, 'not refused');
    const found = (problems as { path: string; message: string }[]).find(
      (problem) => problem.path === path && message.test(problem.message),
    );
    assert.ok(found, JSON.stringify(problems));
  });
}

test('several problems are told at once', () => {
  const problems = problemsOf(trend({ interval: '2h', top: -1, range: 5 }));
  assert.deepEqual((problems as { path: string }[]).map(({ path }) => path).sort(), [
    'interval',
    'range',
    'top',
  ]);
});

test('query strings are read with defaults', () => {
  assert.deepEqual(parseRequest(eventsQuerySchema, { limit: '5' }), { limit: 5 });
  assert.deepEqual(parseRequest(eventsQuerySchema, {}), { limit: 100 });
  for (const query of [{ limit: '0' }, { limit: 'many' }, { limit: '1001' }, { user: 'x' }])
    assert.throws(() => parseRequest(eventsQuerySchema, query), ApiError);
});
