import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CATALOG_LIMITS,
  catalogPropertiesAnswerSchema,
  catalogTypesAnswerSchema,
  catalogTypesQuerySchema,
  catalogValuesAnswerSchema,
  type CatalogValuesQuery,
  catalogValuesQuerySchema,
} from '../contract/event-catalog.ts';
import { eventsQuerySchema } from '../contract/events.ts';
import { ApiError } from '../event/errors.ts';
import type { DescriptionSource } from './ports.ts';
import { openTestWarehouse, type Row, testService } from './testing/test-warehouse.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;
const CATALOG_KEY = 'plan';

const event = (type: string, agoMs: number, fields: Row = {}, project = 'mine'): Row => ({
  project,
  id: `${type}-${agoMs}-${project}`,
  type,
  time: NOW_MS - agoMs,
  received_at: NOW_MS - agoMs,
  properties: '{}',
  ...fields,
});

const properties = (value: unknown): Row => ({ properties: JSON.stringify(value) });

test('what events there are: types, properties and values', async (t) => {
  const bench = await openTestWarehouse();
  t.after(() => bench.close());
  const rows = [
    event('signup', 90 * MINUTE_MS, { ...properties({ plan: 'pro', 'a.b': 1 }), country: 'DE' }),
    event('signup', 60 * MINUTE_MS, { ...properties({ plan: 'free', seats: 3 }), country: 'DE' }),
    event('signup', 30 * MINUTE_MS, { ...properties({ plan: null, cart: { total: 2 } }), country: 'FR' }),
    event('purchase', 20 * MINUTE_MS, { ...properties({ items: [1], gift: true }), value: '2.50' }),
    event('secret', MINUTE_MS, { ...properties({ hidden: 'x' }), country: 'XX' }, 'other'),
    // More than the newest that are looked at: what only older ones have is not found.
    ...Array.from({ length: CATALOG_LIMITS.propertiesSample + 10 }, (_, index) =>
      event(
        'tick',
        index,
        properties(index < CATALOG_LIMITS.propertiesSample ? { now: index } : { before: 1 }),
      ),
    ),
  ];
  await bench.load('events', rows, 1);
  const columns = { columnOf: (key: string) => (key === CATALOG_KEY ? 'x' : undefined), asked: () => {} };
  const said = (description: string, owner: string, version = 1) => ({ description, owner, version });
  const descriptions: DescriptionSource = {
    typesOf: async (project) =>
      new Map(
        project === 'mine'
          ? [
              ['planned', said('', 'Team Growth')],
              ['signup', said('Somebody became a customer.', 'Team Growth')],
              ['taken back', said('', '', 2)],
            ]
          : [],
      ),
    propertiesOf: async (_project, type) =>
      new Map(type === 'signup' ? [['plan', said('What is paid for.', '', 4)]] : []),
  };
  const service = testService(bench, { nowMs: NOW_MS });
  const types = async (query: Record<string, unknown>) =>
    catalogTypesAnswerSchema.parse(await service.catalogTypes('mine', catalogTypesQuerySchema.parse(query)));

  await t.test('types by how many, with the first and the last', async () => {
    const all = await types({});
    assert.deepEqual(
      all.types.map(({ type, events }) => [type, events]),
      [
        ['tick', CATALOG_LIMITS.propertiesSample + 10],
        ['signup', 3],
        ['purchase', 1],
      ],
    );
    const signup = all.types.find(({ type }) => type === 'signup');
    assert.equal(signup?.first_seen, '2026-11-20T10:30:00.000Z');
    assert.equal(signup.last_seen, '2026-11-20T11:30:00.000Z');
    assert.equal(all.has_more, false);
  });

  await t.test('types of a range, found by a part of their name, and cut', async () => {
    const recent = await types({ since: 'now-25m', search: 'URC' });
    assert.deepEqual(
      recent.types.map(({ type }) => type),
      ['purchase'],
    );
    const cut = await types({ limit: 1 });
    assert.equal(cut.types.length, 1);
    assert.equal(cut.has_more, true);
    const earlier = await types({ until: '2026-11-20T11:00:00Z' });
    assert.deepEqual(
      earlier.types.map(({ type, events }) => [type, events]),
      [['signup', 1]],
    );
  });

  await t.test('properties of a type: kinds, shares, and what a question calls them', async () => {
    const promoted = testService(bench, { nowMs: NOW_MS, columns, descriptions });
    const answer = catalogPropertiesAnswerSchema.parse(
      await promoted.catalogProperties('mine', { type: 'signup' }),
    );
    assert.deepEqual(answer.sample, { events: 3, since: '2026-11-20T10:30:00.000Z' });
    const [plan, ...rest] = answer.properties;
    assert.deepEqual(plan, {
      ...{ key: 'plan', field: 'properties.plan', kinds: ['text', 'null'] },
      ...{ events: 3, share: 1, promoted: true, description: 'What is paid for.', version: 4 },
    });
    assert.deepEqual(
      rest
        .map(({ field, kinds, promoted: isPromoted }) => [field, ...kinds, isPromoted])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      [
        ['properties.cart', 'object', false],
        ['properties.seats', 'number', false],
        ['properties["a.b"]', 'number', false],
      ],
    );
  });

  await t.test('what people say of types is told, and found', async () => {
    const told = testService(bench, { nowMs: NOW_MS, descriptions });
    const look = async (query: Record<string, unknown>) => {
      const found = await told.catalogTypes('mine', catalogTypesQuerySchema.parse(query));
      const { types: listed, has_more: hasMore } = catalogTypesAnswerSchema.parse(found);
      return [...listed.map(({ type, events, owner }) => `${type} ${events} ${owner}`), hasMore];
    };
    assert.deepEqual(await look({}), [
      `tick ${CATALOG_LIMITS.propertiesSample + 10} `,
      'signup 3 Team Growth',
      'purchase 1 ',
      'planned 0 Team Growth',
      false,
    ]);
    assert.deepEqual(await look({ search: 'BECAME' }), ['signup 3 Team Growth', false]);
    assert.deepEqual(await look({ search: 'growth' }), [
      'signup 3 Team Growth',
      'planned 0 Team Growth',
      false,
    ]);
    assert.deepEqual(await look({ search: 'plann' }), ['planned 0 Team Growth', false]);
    assert.deepEqual(await look({ search: 'growth', limit: 1 }), ['signup 3 Team Growth', true]);
    assert.deepEqual((await look({ limit: 3 })).slice(2), ['purchase 1 ', true]);
    assert.equal((await look({ limit: 2 })).at(-1), true);
    // In a range without its events a type is one that is only described.
    assert.deepEqual(await look({ since: 'now-25m', search: 'sign' }), ['signup 0 Team Growth', false]);
    const [planned] = (await told.catalogTypes('mine', catalogTypesQuerySchema.parse({ search: 'planned' })))
      .types;
    assert.deepEqual([planned?.first_seen, planned?.last_seen, planned?.version], [null, null, 1]);
    assert.deepEqual((await told.catalogTypes('none', catalogTypesQuerySchema.parse({}))).types, []);
  });

  await t.test('properties of all types are those of the newest events', async () => {
    const answer = catalogPropertiesAnswerSchema.parse(await service.catalogProperties('mine', {}));
    assert.equal(answer.sample.events, CATALOG_LIMITS.propertiesSample);
    assert.deepEqual(
      answer.properties.map(({ key }) => key),
      ['now'],
    );
  });

  await t.test('a project without events has none of it', async () => {
    assert.deepEqual((await service.catalogTypes('none', catalogTypesQuerySchema.parse({}))).types, []);
    const found = await service.catalogProperties('none', {});
    assert.deepEqual([found.properties, found.sample], [[], { events: 0, since: null }]);
  });

  const values = async (query: Partial<CatalogValuesQuery>) =>
    catalogValuesAnswerSchema.parse(
      await service.catalogValues('mine', catalogValuesQuerySchema.parse(query)),
    );

  await t.test('values of a field, of a property and of the value', async () => {
    const countries = await values({ field: 'country' });
    assert.deepEqual(countries.values, [
      { value: 'DE', events: 2 },
      { value: 'FR', events: 1 },
    ]);
    assert.equal(countries.sample.events, CATALOG_LIMITS.propertiesSample + 14);
    assert.deepEqual((await values({ field: 'properties.plan', type: 'signup' })).values, [
      { value: 'free', events: 1 },
      { value: 'pro', events: 1 },
    ]);
    assert.deepEqual((await values({ field: 'value' })).values, [{ value: '2.5', events: 1 }]);
    const found = await values({ field: 'country', search: 'f', limit: 5 });
    assert.deepEqual(found.values, [{ value: 'FR', events: 1 }]);
    assert.deepEqual((await values({ field: 'properties["a.b"]', search: 'nothing' })).values, []);
  });

  await t.test('a list of events shows those that meet a filter, page by page', async () => {
    const filter = JSON.stringify({ field: 'properties.now', op: 'lt', value: 3 });
    const first = await service.events('mine', eventsQuerySchema.parse({ filter, limit: 2 }));
    assert.deepEqual(
      first.events.map(({ id }) => id),
      ['tick-0-mine', 'tick-1-mine'],
    );
    const cursor = first.next_cursor ?? undefined;
    const second = await service.events('mine', eventsQuerySchema.parse({ filter, limit: 2, cursor }));
    assert.deepEqual(
      second.events.map(({ id }) => id),
      ['tick-2-mine'],
    );
    assert.equal(second.next_cursor, null);
    const broken = eventsQuerySchema.parse({ filter: '{' });
    await assert.rejects(service.events('mine', broken), /not JSON/u);
  });

  await t.test('times and what is no field are refused', async () => {
    const refused = (pattern: RegExp) => (error: unknown) =>
      error instanceof ApiError && error.code === 'invalid_request' && pattern.test(error.message);
    await assert.rejects(values({ field: 'timestamp' }), refused(/no list of values/u));
    await assert.rejects(values({ field: 'plan' }), refused(/properties\.plan/u));
  });
});
