import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Principal, principalOfKey } from '../access/principal.ts';
import { rowViews } from '../event/blocks.ts';
import { ApiError, type ErrorCode } from '../event/errors.ts';
import { DEFAULT_LIMITS } from '../event/limits.ts';
import { decodeRawRecord } from '../event/record.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { until } from '../lib/testing/until.ts';
import { createMemoryLog } from '../log/memory/memory-log.ts';
import { type Collector, type CollectorOptions, createCollector, type LogTrouble } from './collector.ts';
import { type StallingLog, stallingLog } from './testing/stalling-log.ts';

const principal = (project: string, id = `key-${project}`): Principal =>
  principalOfKey({ project, id, name: id, scopes: ['ingest'] });
const SHOP = principal('shop');

const event = (id: string, padding = 0): Buffer =>
  Buffer.from(`{"id":"${id}","type":"t"${padding === 0 ? '' : `,"x":"${'x'.repeat(padding)}"`}}`);

const setUp = (options: Partial<CollectorOptions> = {}) => {
  const log = stallingLog(createMemoryLog({ clock: systemClock }));
  const troubles: (LogTrouble | null)[] = [];
  const collector = createCollector({
    log,
    clock: systemClock,
    telemetry: quietTelemetry(),
    limits: DEFAULT_LIMITS,
    staleLimitMs: 86_400_000,
    futureLimitMs: 600_000,
    commitIntervalMs: 2,
    queueBytesMax: 64 * 1024 * 1024,
    isActiveKey: () => true,
    onTrouble: (trouble) => void troubles.push(trouble),
    ...options,
  });
  const records = async () => {
    const { records: all } = await log.read(0, Number.MAX_SAFE_INTEGER);
    return all.map(({ position, header, payload }) => ({
      position,
      header,
      ...decodeRawRecord(Uint8Array.from(payload)),
    }));
  };
  return { log, collector, troubles, records };
};

const refused = async (code: ErrorCode, attempt: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await attempt.then(
    () => assert.fail(`accepted instead of ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ApiError, String(error));
  assert.equal(error.code, code);
  return error;
};

/** The first commit is under way: what comes now belongs to the next. */
const firstAppend = (log: StallingLog): Promise<boolean> => until('a commit begins', () => log.appends === 1);

const single = (collector: Collector, body: Buffer, who = SHOP) => collector.collect(body, 'single', who);

test('requests that arrive together share a record and are told its position', async () => {
  const { log, collector, records } = setUp();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => single(collector, event(`e${i}`))));
  assert.deepEqual(new Set(answers.map(({ position }) => position)), new Set(['0']));
  assert.equal(log.appends, 1);
  const [record] = await records();
  assert.equal(record?.header.rows, 50);
  assert.equal(record?.events.rows, 50);
});

test('under concurrency every answer carries the position of the record that holds its event', async () => {
  const { collector, records } = setUp();
  const answers = new Map<string, string | null>();
  const client = async (name: string): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      const id = `${name}-${i}`;
      const { position } = await single(collector, event(id));
      answers.set(id, position);
      if (i % 7 === 0) await delay(1);
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, i) => client(`c${i}`)));
  const stored = new Map<string, string>();
  for (const { position, events } of await records())
    for (const { id } of rowViews(events)) stored.set(String(id), String(position));
  assert.deepEqual(stored, answers);
  assert.equal(stored.size, 800);
});

test('what is received is booked by project and minute, refused events included', async () => {
  const { collector, records } = setUp();
  const bodies = [event('a'), Buffer.from('{"id":"bad"}'), event('b')];
  const other = principal('other');
  await Promise.all([
    ...bodies.map((body) => single(collector, body)),
    single(collector, event('c'), other),
    single(collector, event('d')),
  ]);
  const [record] = await records();
  assert.ok(record !== undefined);
  assert.deepEqual(
    rowViews(record.received).map(({ project, account, events }) => [project, account, events]),
    [
      ['shop', 'received', 4],
      ['other', 'received', 1],
    ],
  );
  assert.deepEqual(
    rowViews(record.events).map(({ project }) => project),
    ['shop', 'shop', 'other', 'shop'],
  );
});

test('a body that is refused leaves no trace in the record that others share', async () => {
  const { collector, records } = setUp();
  const good = single(collector, event('a'));
  await refused('invalid_json', collector.collect(Buffer.from('[{"id":"x","type":"t"},{'), 'batch', SHOP));
  await refused(
    'too_many_events',
    collector.collect(Buffer.from(`[${Array<string>(10_001).fill('1').join()}]`), 'batch', SHOP),
  );
  await Promise.all([good, single(collector, event('b'))]);
  const all = await records();
  assert.deepEqual(
    all.flatMap(({ events }) => rowViews(events).map(({ id }) => id)),
    ['a', 'b'],
  );
  assert.deepEqual(
    all.map(({ refused: rows }) => rows.rows),
    [0],
  );
});

test('when the log stalls, what waits is bounded; then it is written and more is taken', async () => {
  const { log, collector, records } = setUp({ queueBytesMax: 10_000 });
  log.stall();
  const waiting = Array.from({ length: 9 }, (_, i) => single(collector, event(`w${i}`, 1_000)));
  const error = await refused('queue_full', single(collector, event('over', 1_000)));
  assert.equal(error.retryAfterSeconds, 1);
  assert.ok(collector.waitingBytes <= 10_000);
  log.resume();
  const positions = (await Promise.all(waiting)).map(({ position }) => position);
  assert.ok(positions.every((position) => position !== null));
  assert.equal(collector.waitingBytes, 0);
  await single(collector, event('after'));
  assert.equal(
    (await records()).reduce((sum, { events }) => sum + events.rows, 0),
    10,
  );
});

test('a body larger than the bound is taken when nothing waits', async () => {
  const { collector } = setUp({ queueBytesMax: 100 });
  assert.equal((await single(collector, event('large', 5_000))).accepted, 1);
});

test('records are bounded: what gathers behind a slow log is written in several', async () => {
  const { log, collector, records } = setUp();
  log.stall();
  const MEBIBYTE = 1024 * 1024;
  const answers = Array.from({ length: 20 }, (_, i) => single(collector, event(`e${i}`, MEBIBYTE - 100)));
  const many = Array.from({ length: 12 }, () =>
    collector.collect(Buffer.from(`[${Array<string>(10_000).fill('{"type":"t"}').join()}]`), 'batch', SHOP),
  );
  log.resume();
  await Promise.all([...answers, ...many]);
  for (const { events } of await records()) {
    assert.ok(events.rows <= 60_000, `${events.rows} rows`);
    assert.ok(events.columns.reduce((sum, column) => sum + column.length, 0) <= 12 * MEBIBYTE);
  }
});

test('a full log refuses, tells why, and takes over again when there is room', async () => {
  const { log, collector, troubles, records } = setUp();
  log.fail('full');
  const error = await refused('log_full', single(collector, event('a')));
  assert.equal(error.retryAfterSeconds, 5);
  await refused('log_full', single(collector, event('b')));
  log.fail(null);
  assert.equal((await single(collector, event('c'))).position, '0');
  assert.deepEqual(
    troubles.map((trouble) => trouble?.code ?? null),
    ['log_full', 'log_full', null],
  );
  assert.deepEqual(
    (await records()).map(({ events }) => events.rows),
    [1],
  );
});

test('a busy log is a full queue, no trouble', async () => {
  const { log, collector, troubles } = setUp();
  log.fail('busy');
  await refused('queue_full', single(collector, event('a')));
  assert.deepEqual(troubles, []);
});

for (const code of ['failed', 'fenced', 'closed'] as const)
  test(`a log that is ${code} is not written again`, async () => {
    const { log, collector, troubles } = setUp();
    log.stall();
    const underWay = single(collector, event('a'));
    await firstAppend(log);
    const behind = single(collector, event('b'));
    log.fail(code);
    log.resume();
    await Promise.all([refused('log_failed', underWay), refused('log_failed', behind)]);
    log.fail(null);
    await refused('log_failed', single(collector, event('c')));
    assert.equal(log.appends, 1);
    assert.equal(troubles[0]?.code, 'log_failed');
  });

test('closing takes nothing more and resolves when all is durable', async () => {
  const { log, collector, records } = setUp();
  log.stall();
  const answers = [single(collector, event('a'))];
  await firstAppend(log);
  answers.push(single(collector, event('b')));
  const closing = collector.close();
  await refused('stopping', single(collector, event('c')));
  log.resume();
  await closing;
  assert.equal((await records()).length, 2);
  assert.deepEqual(
    (await Promise.all(answers)).map(({ position }) => position),
    ['0', '1'],
  );
  await collector.close();
});

test('flushing waits for what was taken in before, open or sealed, and for nothing after', async () => {
  const { log, collector, records } = setUp();
  await collector.flushed();
  log.stall();
  const answers = [single(collector, event('a'))];
  await firstAppend(log);
  answers.push(single(collector, event('b')));
  let isFlushed = false;
  const flushed = collector.flushed().then(() => (isFlushed = true));
  await delay(10);
  assert.equal(isFlushed, false);
  log.resume();
  await flushed;
  assert.equal((await records()).length, 2);
  await Promise.all(answers);
  await collector.flushed();
});

test('a lone event does not wait for others; a busy collector commits no more often than it should', async () => {
  const { log, collector } = setUp({ commitIntervalMs: 100 });
  const startedMs = performance.now();
  for (let i = 0; i < 4; i++) await single(collector, event(`next${i}`));
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs >= 280, `four commits in ${tookMs} ms`);
  assert.equal(log.appends, 4);
});

test('the first event and a large one wait for nobody', async () => {
  const { log, collector } = setUp({ commitIntervalMs: 3_600_000 });
  await single(collector, event('first'));
  await single(collector, event('large', 300_000));
  assert.equal(log.appends, 2);
});

test('a key over its rate is told when to come back, others are not affected', async () => {
  let nowMs = 0;
  const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => nowMs };
  const { collector } = setUp({ clock, commitIntervalMs: 0, rateLimit: { perSecond: 10, burst: 20 } });
  const batch = Buffer.from(`[${Array<string>(60).fill('{"type":"t"}').join()}]`);
  assert.equal((await collector.collect(batch, 'batch', SHOP)).accepted, 60);
  const error = await refused('rate_limited', single(collector, event('a')));
  assert.equal(error.retryAfterSeconds, 5, 'in debt by 40 events, and one more is wanted');
  await single(collector, event('b'), principal('shop', 'another key'));
  nowMs += 4_100;
  await single(collector, event('c'));
  await refused('rate_limited', single(collector, event('d')));
});

test('time of receipt holds for small steps back and follows large ones', async () => {
  let nowMs = Date.UTC(2026, 10, 20);
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() };
  const { collector, records } = setUp({ clock });
  const take = async (ms: number): Promise<void> => {
    nowMs = ms;
    await single(collector, event(`at${ms}`));
  };
  const start = nowMs;
  for (const ms of [start, start + 100, start + 50, start + 200, start - 3_600_000, start - 3_500_000])
    await take(ms);
  const received = (await records()).flatMap(({ events }) =>
    rowViews(events).map(({ received_at }) => Number(received_at) - start),
  );
  assert.deepEqual(received, [0, 100, 100, 200, -3_600_000, -3_500_000]);
});

test('jumps of the clock are reported', async () => {
  let nowMs = Date.UTC(2026, 10, 20);
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => 0 };
  const telemetry = quietTelemetry();
  const { collector } = setUp({ clock, telemetry, commitIntervalMs: 0 });
  for (const stepMs of [0, 59_000, 3_600_000, -3_600_000]) {
    nowMs += stepMs;
    await single(collector, event('x'));
  }
  assert.equal(telemetry.snapshot().find(({ name }) => name === 'aevum_clock_jumps_total')?.value, 2);
});
