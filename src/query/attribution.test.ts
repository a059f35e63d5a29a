import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AttributionAnswer } from '../contract/attribution.ts';
import { queryRequestSchema } from '../contract/query.ts';
import { ApiError } from '../event/errors.ts';
import { removalEffects } from './attribution-markov.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { QueryService } from './service.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;

describe('removal effects', () => {
  const ends = { start: 'S', conversion: 'C' };

  test('nothing that converts, nothing at all: no effects', () => {
    assert.equal(removalEffects([], ends).size, 0);
    assert.equal(
      removalEffects(
        [
          { from: 'S', to: 'a', count: 2 },
          { from: 'a', to: 'N', count: 2 },
        ],
        ends,
      ).size,
      0,
    );
  });

  test('channels that lead to each other in a circle', () => {
    // S -> a; a -> b 1/2, C 1/2; b -> a 1/2, N 1/2: from a, x = 1/2 + 1/4 x.
    const effects = removalEffects(
      [
        { from: 'S', to: 'a', count: 4 },
        { from: 'a', to: 'b', count: 2 },
        { from: 'a', to: 'C', count: 2 },
        { from: 'b', to: 'a', count: 1 },
        { from: 'b', to: 'N', count: 1 },
      ],
      ends,
    );
    assert.equal(effects.get('a'), 1);
    assert.ok(Math.abs((effects.get('b') ?? 0) - 0.25) < 1e-12);
  });

  test('a channel without a way out takes what leads to it', () => {
    const effects = removalEffects(
      [
        { from: 'S', to: 'a', count: 1 },
        { from: 'S', to: 'b', count: 1 },
        { from: 'a', to: 'C', count: 1 },
        { from: 'b', to: 'b', count: 1 },
      ],
      ends,
    );
    assert.deepEqual(Object.fromEntries(effects), { a: 1, b: 0 });
  });
});

describe('questions', () => {
  let bench: TestWarehouse;
  let service: QueryService;

  before(async () => {
    bench = await openTestWarehouse();
    service = testService(bench, { nowMs: NOW_MS });
    const event = { type: 'view', received_at: NOW_MS, properties: '{"from":"ads"}' };
    await bench.load(
      'events',
      Array.from({ length: 10_001 }, (_, index) => ({
        ...event,
        id: `bot-${index}`,
        project: 'busy',
        user_id: 'bot',
        time: NOW_MS - HOUR_MS,
      })),
      0,
    );
    await bench.load(
      'events',
      [
        { ...event, id: '1', project: 'shop', user_id: 'ada', time: NOW_MS - 3 * HOUR_MS },
        { ...event, id: '2', project: 'shop', user_id: '', time: NOW_MS - 2 * HOUR_MS, type: 'purchase' },
        {
          ...event,
          id: '3',
          project: 'shop',
          user_id: 'ada',
          time: NOW_MS - HOUR_MS,
          type: 'purchase',
          properties: '{}',
        },
      ],
      1,
    );
  });
  after(() => bench.close());

  const ask = async (project: string, rest: object): Promise<AttributionAnswer> => {
    const request = parseRequest(queryRequestSchema, {
      kind: 'attribution',
      conversion: 'purchase',
      channel: 'properties.from',
      range: 'last 24 hours',
      ...rest,
    });
    const answer = await service.query(project, request);
    assert.ok(answer.kind === 'attribution');
    return answer;
  };

  const refused = (project: string, rest: object, message: RegExp): Promise<void> =>
    assert.rejects(ask(project, rest), (error) => {
      assert.ok(error instanceof ApiError && error.code === 'invalid_request', String(error));
      assert.match(error.message, message);
      return true;
    });

  test('a project without events has no channels, and no shares of nothing', async () => {
    const answer = await ask('empty', { models: ['last', 'markov'] });
    assert.deepEqual(answer.channels, []);
    assert.deepEqual(answer.attributed, { conversions: 0, money: [] });
    assert.deepEqual(answer.unattributed, { conversions: 0, money: [] });
  });

  test('touches without a conversion: no credit, no effect', async () => {
    const answer = await ask('shop', { conversion: 'absent', models: ['last', 'markov'] });
    const nothing = { conversions: 0, share: null, money: [] };
    assert.deepEqual(answer.channels, [
      {
        channel: 'ads',
        other: false,
        touches: 1,
        credits: { last: nothing, markov: nothing },
        removal_effect: null,
      },
    ]);
  });

  test('who has no id is nobody: neither touch nor conversion', async () => {
    const answer = await ask('shop', {});
    assert.equal(answer.attributed.conversions, 1);
    assert.equal(answer.unattributed.conversions, 0);
    assert.equal(answer.channels[0]?.touches, 1);
  });

  test('the look-back reaches to its end, not beyond', async () => {
    assert.equal((await ask('shop', { lookback: '2h' })).attributed.conversions, 1);
    assert.equal((await ask('shop', { lookback: '7199s' })).unattributed.conversions, 1);
  });

  test('more touches than a person has are refused, not cut off', async () => {
    await refused('busy', { conversion: 'view' }, /^touches: One user has more than 10,000 touches/u);
    const untouched = { conversion: 'view', touches: 'absent' };
    await refused('busy', untouched, /^touches: One user has more than 10,000 touches or conversions/u);
    const answer = await ask('busy', { filter: { field: 'user_id', op: 'neq', value: 'bot' } });
    assert.deepEqual(answer.channels, []);
  });

  test('what cannot be asked is refused at its place', async () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{ channel: 'timestamp' }, /^channel/u],
      [{ channel: 'chanel' }, /"chanel" is not a field/u],
      [{ lookback: '1 month' }, /^lookback: "1 month" is not a duration/u],
      [{ lookback: '60w' }, /^lookback: 60w is too long; at most 366d/u],
      [{ half_life: '0s' }, /^half_life: 0s is too short/u],
      [{ top: 51 }, /^top: must be at most 50/u],
      [{ touches: { filter: { field: 'contry', op: 'exists' } } }, /^touches\.filter\.field/u],
    ];
    for (const [rest, message] of cases) await refused('shop', rest, message);
    await assert.rejects(
      async () => parseRequest(queryRequestSchema, { kind: 'attribution', channel: 'source' }),
      /conversion: is missing/u,
    );
    await assert.rejects(
      async () => parseRequest(queryRequestSchema, { kind: 'revenue' }),
      /events: is missing/u,
    );
  });
});
