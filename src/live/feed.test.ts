import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import type { LiveFilterInput } from '../contract/live.ts';
import { liveFilterSchema } from '../contract/live.ts';
import { LEDGER, RECORDS, REFUSED } from '../event/columns.ts';
import { emptyBlock } from '../event/blocks.ts';
import { encodeGovernedRecord } from '../event/record.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import type { LogWriter } from '../log/log.ts';
import { createMemoryTopic } from '../log/memory/memory-log.ts';
import { eventsOf, type TestEvent } from '../process/testing/events.ts';
import type { EventBatch, Loss } from './event-batch.ts';
import { Feed } from './feed.ts';
import { compileFilter } from './filter.ts';
import { GovernedSource } from './governed-source.ts';
import { EventSubscription } from './subscription.ts';

const LIMIT_MS = 120_000;

/** A topic with a feed on it. */
class Bench {
  readonly feed: Feed;
  readonly writer: LogWriter;
  /** How often what lies behind was read. */
  readonly pastReads: () => number;

  private constructor(feed: Feed, writer: LogWriter, pastReads: () => number) {
    this.feed = feed;
    this.writer = writer;
    this.pastReads = pastReads;
  }

  static async open(t: Pick<TestContext, 'after'>, clock: Clock = systemClock): Promise<Bench> {
    const topic = createMemoryTopic({ clock: systemClock });
    const writer = await topic.openWriter();
    const source = new GovernedSource(() => topic.openReader());
    let reads = 0;
    const pastSource = new GovernedSource(async () => {
      const reader = await topic.openReader();
      const read = reader.read.bind(reader);
      reader.read = (from, bytesMax) => {
        reads += 1;
        return read(from, bytesMax);
      };
      return reader;
    });
    const feed = new Feed({ source, pastSource, clock, telemetry: quietTelemetry() });
    t.after(() => feed.close());
    return new Bench(feed, writer, () => reads);
  }

  /** One record; what is not told to the feed is not durable for it yet. */
  async append(events: readonly TestEvent[]): Promise<void> {
    const empty = { refused: emptyBlock(REFUSED), ledger: emptyBlock(LEDGER), records: emptyBlock(RECORDS) };
    const payload = encodeGovernedRecord({ events: eventsOf(events), ...empty });
    const position = await this.writer.append({ rows: events.length }, payload);
    this.feed.durableTo(position + 1);
  }
}

/** A client that takes as much as it is allowed to. */
class Client {
  readonly ids: string[] = [];
  readonly messages: string[] = [];
  missed = 0;
  leftOut = 0;
  gaps = 0;
  position = -2;
  full = false;
  readonly subscription: EventSubscription;
  /** What is known where delivery begins. */
  started: { readonly position: number; readonly gap: boolean } | undefined;

  constructor(filter: LiveFilterInput = {}, project = 'default', perSecond?: number) {
    const sink = {
      isFull: () => this.full,
      events: (batch: EventBatch, loss: Loss) => this.take(batch, loss),
    };
    const compiled = compileFilter(liveFilterSchema.parse(filter));
    this.subscription = new EventSubscription(project, compiled, sink, perSecond);
  }

  take(batch: EventBatch, loss: Loss): void {
    const { missed, gap } = loss;
    const message = JSON.parse(Buffer.concat(batch.message('s', loss)).toString()) as {
      readonly left_out?: number;
      readonly events: { readonly id: string }[];
      readonly position: string;
    };
    this.messages.push(message.position);
    this.ids.push(...message.events.map(({ id }) => id));
    this.missed += missed;
    this.leftOut += message.left_out ?? 0;
    this.gaps += gap ? 1 : 0;
    assert.ok(batch.position >= this.position, 'positions do not go back');
    this.position = batch.position;
  }

  subscribe(feed: Feed, start: { after?: number; recent?: number } = {}): Promise<void> {
    return feed.subscribe(this.subscription, start, (position, gap) => {
      this.started = { position, gap };
    });
  }
}

const settled = async (what: string, isSo: () => boolean): Promise<void> => {
  const limit = performance.now() + LIMIT_MS;
  while (!isSo()) {
    if (performance.now() > limit) assert.fail(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

const valueArbitrary = fc.oneof(
  fc.constantFrom('pro', 'free', '1', 'é"\\', ''),
  fc.constantFrom(1, 2.5, -0.1),
  fc.boolean(),
  fc.constant(null),
  fc.constant(['pro']),
);
const nameArbitrary = fc.constantFrom('plan', 'é"', 'constructor', 'toString');
const propertiesArbitrary = fc
  .array(fc.tuple(nameArbitrary, valueArbitrary), { maxLength: 3 })
  .map((members) => new Map(members));
const eventArbitrary = fc.record({
  project: fc.constantFrom('default', 'other'),
  type: fc.constantFrom('view', 'buy', ''),
  properties: propertiesArbitrary,
});
const textsArbitrary = fc.array(fc.constantFrom('view', 'buy', 'pro', '1', 'true', 'é"\\'), {
  minLength: 1,
  maxLength: 3,
});
const filterArbitrary = fc.record(
  {
    type: textsArbitrary,
    properties: fc.dictionary(nameArbitrary, textsArbitrary, { maxKeys: 2, noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

type Made = { project: string; type: string; properties: Map<string, unknown> };

/** The filter as one would explain it. */
const isWanted = (filter: LiveFilterInput, { type, properties }: Made): boolean =>
  (filter.type === undefined || filter.type.includes(type)) &&
  Object.entries(filter.properties ?? {}).every(([name, wanted]) => {
    const value = properties.get(name);
    return ['string', 'number', 'boolean'].includes(typeof value) && wanted.includes(String(value));
  });

const jsonOf = (properties: Map<string, unknown>): string =>
  `{${[...properties].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;

test('each gets what it asked for, whenever it came: once, in order, or counted', {
  timeout: 300_000,
}, async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(eventArbitrary, { maxLength: 4 }), { minLength: 1, maxLength: 12 }),
      filterArbitrary,
      fc.nat({ max: 11 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
      async (records, filter, joinsAt, fullness) => {
        const bench = await Bench.open(t);
        const wanted: string[] = [];
        const [quick, slow] = [new Client(filter), new Client(filter)];
        const subscribed: Promise<void>[] = [];
        for (const [number, events] of records.entries()) {
          if (number === Math.min(joinsAt, records.length - 1))
            subscribed.push(
              quick.subscribe(bench.feed, { after: -1 }),
              slow.subscribe(bench.feed, { after: -1 }),
            );
          slow.full = fullness[number % fullness.length] ?? false;
          const named = events.map((event, index) => ({ ...event, id: `${number}.${index}` }));
          wanted.push(
            ...named
              .filter((event) => event.project === 'default' && isWanted(filter, event))
              .map(({ id }) => id),
          );
          await bench.append(named.map((event) => ({ ...event, properties: jsonOf(event.properties) })));
          await new Promise((resolve) => setImmediate(resolve));
        }
        slow.full = false;
        await Promise.all(subscribed);
        await settled('all is delivered', () => quick.ids.length >= wanted.length);
        await settled('all is accounted for', () => slow.ids.length + slow.missed >= wanted.length);
        assert.deepEqual(quick.ids, wanted);
        assert.equal(slow.ids.length + slow.missed, wanted.length);
        assert.deepEqual(
          slow.ids,
          wanted.filter((id) => slow.ids.includes(id)),
        );
        await bench.feed.close();
      },
    ),
    { numRuns: 60 },
  );
});

test('a filter is refused rather than understood in part', () => {
  for (const properties of [
    '{"__proto__":["a"]}',
    '[]',
    '{"a":[]}',
    '{"a":"b"}',
    '{"":["a"]}',
    '{"a":[null]}',
  ])
    assert.ok(
      !liveFilterSchema.safeParse({ properties: JSON.parse(properties) as unknown }).success,
      properties,
    );
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`p${index}`, ['a']]));
  assert.ok(!liveFilterSchema.safeParse({ properties: many }).success);
});

test('going on at any position repeats or leaves out nothing, also within a large record', async (t) => {
  const bench = await Bench.open(t);
  const all = new Client();
  await all.subscribe(bench.feed);
  for (const count of [3, 1_700, 1, 600])
    await bench.append(Array.from({ length: count }, (_, index) => ({ id: `${count}.${index}` })));
  await settled('all is delivered', () => all.ids.length === 2_304);
  assert.ok(all.messages.length > 4, 'a large record comes in several messages');
  for (const after of new Set(all.messages)) {
    const again = new Client();
    await again.subscribe(bench.feed, { after: Number(after) });
    // Of a record that was delivered in part the position before it is told: all of it comes again.
    const behind = [0, 3, 1_703, 1_704, 2_304][Number(after) + 1];
    assert.deepEqual(again.ids, all.ids.slice(behind), after);
    bench.feed.unsubscribe(again.subscription);
  }
});

test('who wants so many a second gets the newest, and is told how many others there were', async (t) => {
  let nowMs = 0;
  const bench = await Bench.open(t, { nowMs: () => nowMs, monotonicMs: () => nowMs });
  const [all, some, rare] = [
    new Client(),
    new Client({}, 'default', 10),
    new Client({ type: ['rare'] }, 'default', 10),
  ];
  for (const client of [all, some, rare]) await client.subscribe(bench.feed);
  const append = async (from: number, count: number): Promise<void> => {
    const events = Array.from({ length: count }, (_, index) => from + index);
    await bench.append(events.map((id) => ({ id: `${id}`, type: id % 20 === 0 ? 'rare' : 'common' })));
    await settled('all is delivered', () => all.ids.length === from + count);
  };
  const idsOf = (from: number, until: number): string[] =>
    Array.from({ length: until - from }, (_, index) => `${from + index}`);
  await append(0, 25);
  assert.deepEqual([some.ids, some.leftOut], [idsOf(15, 25), 15]);
  // Nothing is saved up: these are left out, and told with what comes next.
  await append(25, 5);
  assert.deepEqual([some.ids.length, some.leftOut], [10, 15]);
  nowMs += 500;
  await append(30, 20);
  assert.deepEqual([some.ids.slice(10), some.leftOut], [idsOf(45, 50), 35]);
  assert.deepEqual([rare.ids, rare.leftOut], [['0', '20', '40'], 0]);
  // However long nothing came, no more than a second's worth comes at once.
  nowMs += 60_000;
  await append(50, 30);
  assert.deepEqual([some.ids.slice(15), some.leftOut], [idsOf(70, 80), 55]);
  assert.equal(some.missed + some.gaps, 0);
  assert.deepEqual([some.position, some.ids.length + some.leftOut], [all.position, 80]);
});

test('the latest events first', async (t) => {
  const bench = await Bench.open(t);
  for (let record = 0; record < 200; record++)
    await bench.append([
      { id: `a${record}`, type: record % 50 === 0 ? 'rare' : 'common' },
      { id: `b${record}` },
    ]);
  const recent = async (filter: LiveFilterInput, count: number): Promise<string[]> => {
    const client = new Client(filter);
    await client.subscribe(bench.feed, { recent: count });
    return client.ids;
  };
  assert.deepEqual(await recent({}, 3), ['b198', 'a199', 'b199']);
  assert.deepEqual(await recent({ type: ['rare'] }, 3), ['a50', 'a100', 'a150']);
  assert.deepEqual(await recent({ type: ['rare'] }, 100), ['a0', 'a50', 'a100', 'a150']);
  assert.deepEqual(await recent({ type: ['none'] }, 3), []);
});

test('nothing is read ahead for a client that takes nothing, and nothing twice for one that takes all', async (t) => {
  const bench = await Bench.open(t);
  for (let n = 0; n < 3; n++) await bench.append([{ id: `${n}` }]);
  const client = new Client();
  client.full = true;
  const subscribed = client.subscribe(bench.feed, { after: -1 });
  await settled('it is known where it begins', () => client.started !== undefined);
  // Another comes and is served meanwhile.
  const other = new Client();
  await other.subscribe(bench.feed, { after: -1 });
  assert.deepEqual(other.ids, ['0', '1', '2']);
  assert.equal(bench.pastReads(), 1, 'that of the other');
  client.full = false;
  await subscribed;
  assert.deepEqual([client.ids, client.missed], [['0', '1', '2'], 0]);
  assert.equal(bench.pastReads(), 2);
});

test('what the log does not hold any more is told as a gap', async (t) => {
  const bench = await Bench.open(t);
  for (let record = 0; record < 10; record++) await bench.append([{ id: `${record}` }]);
  await bench.writer.trim(6);
  const late = new Client();
  await late.subscribe(bench.feed, { after: 2 });
  assert.deepEqual(late.started, { position: 5, gap: true });
  assert.deepEqual(late.ids, ['6', '7', '8', '9']);
  const inTime = new Client();
  await inTime.subscribe(bench.feed, { after: 5 });
  assert.deepEqual(inTime.started, { position: 5, gap: false });
  const ahead = new Client();
  await ahead.subscribe(bench.feed, { after: 5_000 });
  assert.deepEqual(ahead.started, { position: 9, gap: true });
});

test('a record that cannot be read is a gap, not an end', async (t) => {
  const bench = await Bench.open(t);
  const client = new Client();
  await client.subscribe(bench.feed);
  await bench.append([{ id: 'before' }]);
  await bench.writer.append({ rows: 1 }, [Buffer.from('no record')]);
  await bench.append([{ id: 'after' }]);
  await settled('the one behind it arrives', () => client.ids.length === 2);
  assert.deepEqual(client.ids, ['before', 'after']);
  assert.equal(client.gaps, 1);
});

test('filters that mean the same are evaluated once and sent as the same bytes', async (t) => {
  const bench = await Bench.open(t);
  const batches: EventBatch[] = [];
  const filters: LiveFilterInput[] = [
    { type: ['a', 'b'], properties: { x: [1], y: ['2'] } },
    { properties: { y: [2], x: ['1', 1] }, type: ['b', 'a', 'a'] },
  ];
  for (const filter of filters) {
    const compiled = compileFilter(liveFilterSchema.parse(filter));
    const sink = { isFull: () => false, events: (batch: EventBatch) => void batches.push(batch) };
    await bench.feed.subscribe(new EventSubscription('default', compiled, sink), {}, () => undefined);
  }
  await bench.append([{ id: '1', type: 'a', properties: '{"x":1,"y":2}' }]);
  await settled('both have it', () => batches.length === 2);
  const [one, other] = batches.map((batch) => batch.message('s', { missed: 0, gap: false, leftOut: 0 }));
  assert.ok(one?.[0] !== undefined && one[0] === other?.[0]);
});
