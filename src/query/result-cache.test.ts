import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { parseRequest } from '../http/parse-request.ts';
import { noPropertyColumns } from './ports.ts';
import { answerKey, ResultCache } from './result-cache.ts';
import { createQueryService } from './service.ts';
import { openTestWarehouse } from './testing/test-warehouse.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);

const requestOf = (part: object): QueryRequest =>
  parseRequest(queryRequestSchema, { kind: 'trend', ...part });
const key = (
  part: object,
  at: { project?: string; governedLoaded?: number; nowMs?: number } = {},
): string => {
  const { project = 'p', governedLoaded = 5, nowMs = NOW_MS } = at;
  return answerKey(project, requestOf(part), { governedLoaded, nowMs });
};

test('an answer has another name after a load, in another project, and, where now matters, ten seconds later', () => {
  const fixed = { range: { from: '2026-11-01', to: '2026-11-02' } };
  for (const part of [{}, fixed]) {
    assert.equal(key(part), key({ ...part, top: 10 }), 'what is said by default is the same');
    assert.notEqual(key(part), key(part, { governedLoaded: 6 }));
    assert.notEqual(key(part), key(part, { project: 'q' }));
    assert.notEqual(key(part), key({ ...part, top: 9 }));
  }
  const later = { nowMs: NOW_MS + 10_000 };
  assert.equal(key(fixed), key(fixed, later));
  const moving = [
    {},
    { range: { from: '2026-11-01' } },
    { range: { from: 'now-7d', to: '2026-11-20' } },
    { ...fixed, filter: { field: 'received_at', op: 'lt', value: 'now-1h' } },
    { ...fixed, compare: { to: 'now-2d' } },
    { ...fixed, filter: { field: 'properties.cohort', op: 'eq', value: 'x' } },
  ];
  for (const part of moving) assert.notEqual(key(part), key(part, later), JSON.stringify(part));
});

test('what is kept is bounded; what was asked for least recently goes first', () => {
  const cache = new ResultCache(10_000);
  const answer = (name: string) => ({ name, text: 'x'.repeat(900) });
  for (const name of ['a', 'b', 'c', 'd']) cache.put(name, answer(name));
  assert.deepEqual(cache.get('a'), answer('a'));
  cache.put('e', answer('e'));
  assert.equal(cache.get('b'), undefined);
  for (const name of ['a', 'c', 'd', 'e']) assert.deepEqual(cache.get(name), answer(name), name);
  cache.put('large', answer('x'.repeat(2_000)));
  assert.equal(cache.get('large'), undefined);
  const given = cache.get('a') as { name: string };
  given.name = 'changed';
  assert.deepEqual(cache.get('a'), answer('a'), 'nobody can change what is kept');
});

test('whatever is put and asked for, the bound holds and answers are right', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat({ max: 3_000 })), { maxLength: 60 }),
      (steps) => {
        const cache = new ResultCache(8_000);
        const last = new Map<string, string>();
        for (const [name, length] of steps) {
          const found = cache.get(name);
          if (found !== undefined) assert.equal(found, last.get(name));
          const text = 'y'.repeat(length);
          if (length < 800) last.set(name, text);
          if (length < 800) cache.put(name, text);
          assert.ok(cache.bytes <= 8_000);
        }
      },
    ),
  );
});

test('the same question is answered again without reading, until something is loaded', {
  timeout: 300_000,
}, async (t) => {
  const bench = await openTestWarehouse();
  t.after(() => bench.close());
  let [nowMs, next, statements] = [NOW_MS, 1, 0];
  const service = createQueryService({
    warehouse: {
      query: (...given) => {
        statements += 1;
        return bench.warehouse.query(...given);
      },
    },
    progress: () => ({ rawDecided: next, rawLoaded: next, governedNext: next, governedLoaded: next }),
    pending: { of: () => [{ minute: NOW_MS, events: statements }] },
    columns: noPropertyColumns,
    clock: { nowMs: () => nowMs, monotonicMs: () => performance.now() },
    telemetry: quietTelemetry(),
    cacheBytesMax: 1_000_000,
  });
  const load = (id: string) =>
    bench.load('events', [{ project: 'p', id, time: NOW_MS - 1_000, received_at: NOW_MS, type: 'x' }], next);
  const ask = (options = {}, project = 'p') =>
    service.query(project, requestOf({ interval: 'total' }), options);
  await load('a');
  const first = await ask();
  assert.deepEqual(
    [first.kind === 'trend' && first.series[0]?.total, first.statistics.cached],
    [1, undefined],
  );
  nowMs += 2_000;
  const again = await ask();
  assert.equal(statements, 1);
  assert.equal(again.statistics.cached, true);
  assert.equal(again.statistics.rows_read, 0);
  assert.deepEqual(again.freshness, {
    answered_at: new Date(nowMs).toISOString(),
    pending_events: 1,
    pending_since: new Date(NOW_MS).toISOString(),
  });
  const { freshness, statistics } = first;
  assert.deepEqual({ ...again, freshness, statistics }, first);
  assert.equal((await ask({ once: true })).statistics.cached, undefined);
  assert.equal((await ask({}, 'other')).statistics.cached, undefined);
  next += 1;
  await load('b');
  const later = await ask();
  assert.deepEqual(
    [later.kind === 'trend' && later.series[0]?.total, later.statistics.cached],
    [2, undefined],
  );
  nowMs += 10_000;
  assert.equal((await ask()).statistics.cached, undefined);
});
