import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../../event/errors.ts';
import { parseJson } from '../json-value.ts';
import { openSegmentBatch } from './translate.ts';

const RECEIVED_AT_MS = Date.parse('2026-11-21T05:20:16.300Z');
const TIME_MS = Date.parse('2026-11-21T05:20:16.236Z');

interface Translated {
  readonly events: readonly string[];
  readonly ids: readonly (string | undefined)[];
  readonly keys: readonly string[];
  readonly corrected: number;
}

const translate = (body: unknown, call?: string, query = ''): Translated => {
  const batch = openSegmentBatch(
    parseJson(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))),
    {
      receivedAtMs: RECEIVED_AT_MS,
      eventsMax: 100,
      query: new URLSearchParams(query),
      call,
    },
  );
  const events = batch.items.map((item) =>
    item.kind === 'object' ? batch.translate(item) : { text: item.text, isCorrected: false },
  );
  return {
    events: events.map(({ text }) => text),
    ids: batch.items.map((item) => batch.idOf(item)),
    keys: batch.keys,
    corrected: events.filter(({ isCorrected }) => isCorrected).length,
  };
};

const one = (body: unknown, call?: string): unknown => JSON.parse(translate(body, call).events[0] ?? '');

/** A page call as @segment/analytics-next 1.84.3 sends it from a browser. */
const RECORDED_PAGE = {
  timestamp: '2026-11-21T05:20:16.236Z',
  integrations: {},
  type: 'page',
  properties: {
    ...{ path: '/docs', referrer: '', search: '?a=1', title: 'Start page' },
    ...{ url: 'http://localhost:46069/docs?a=1', x: 1, category: 'Cat', name: 'Name' },
  },
  category: 'Cat',
  name: 'Name',
  context: {
    page: {
      ...{ path: '/docs', referrer: 'https://example.com/', search: '?a=1', title: 'Start page' },
      url: 'http://localhost:46069/docs?a=1',
    },
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    locale: 'en-US',
    library: { name: 'analytics.js', version: 'next-1.84.3' },
    timezone: 'UTC',
  },
  messageId: 'ajs-next-1795238416236-5db4182a-70e6-4dfe-8274-09995adbf2e6',
  userId: 'u1',
  anonymousId: '9efb3c28-5db4-482a-b0e6-cdfe82740999',
  writeKey: 'the-write-key',
  sentAt: '2026-11-21T05:20:16.241Z',
  _metadata: { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
};

test('a page call from a browser is a page_view with the page in its context', () => {
  assert.deepEqual(one(RECORDED_PAGE), {
    id: 'ajs-next-1795238416236-5db4182a-70e6-4dfe-8274-09995adbf2e6',
    timestamp: TIME_MS,
    type: 'page_view',
    source: 'web',
    user_id: 'u1',
    context: {
      ...{ page: '/docs', referrer: 'https://example.com/', os: 'Linux', browser: 'Chrome' },
      ...{ device_type: 'Desktop', locale: 'en-US', timezone: 'UTC' },
      userAgent: RECORDED_PAGE.context.userAgent,
      library: { name: 'analytics.js', version: 'next-1.84.3' },
    },
    properties: {
      anonymous_id: '9efb3c28-5db4-482a-b0e6-cdfe82740999',
      ...RECORDED_PAGE.properties,
      'context.page.search': '?a=1',
      'context.page.title': 'Start page',
      'context.page.url': 'http://localhost:46069/docs?a=1',
      'segment.type': 'page',
      'segment._metadata': { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
    },
  });
});

/** A batch as @segment/analytics-node 3.1.0 sends it. */
const RECORDED_BATCH = `{"batch":[
  {"timestamp":"2026-11-21T05:19:50.668Z","integrations":{},"type":"identify","userId":"u1","traits":{"email":"a@b.c","plan":"pro"},"context":{"ip":"1.2.3.4","library":{"name":"@segment/analytics-node","version":"3.1.0"}},"anonymousId":"a1","messageId":"m1","_metadata":{"nodeVersion":"v26.10.0","jsRuntime":"node"}},
  {"timestamp":"2026-11-21T05:19:45.669Z","integrations":{},"event":"Order Completed","type":"track","properties":{"revenue":12.50,"currency":"EUR","big":12345678901234567890},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"u1","messageId":"m2"},
  {"timestamp":"2026-11-21T05:19:50.669Z","type":"page","properties":{"url":"https://x.example/y?z=1","category":"Docs"},"category":"Docs","name":"Home","anonymousId":"a1","messageId":"m3"},
  {"timestamp":"2026-11-21T05:19:50.670Z","type":"screen","properties":{},"name":"Main","userId":"u1","messageId":"m4"},
  {"timestamp":"2026-11-21T05:19:50.670Z","type":"group","traits":{"name":"Acme"},"groupId":"g1","userId":"u1","messageId":"m5"},
  {"timestamp":"2026-11-21T05:19:50.670Z","userId":"u1","type":"alias","previousId":"a1","messageId":"m6"}
],"writeKey":"wk","sentAt":"2026-11-21T05:20:15.673Z"}`;

test('every call of a batch has its type, its person and its traits', () => {
  const { events, ids, keys, corrected } = translate(RECORDED_BATCH);
  const library = { name: '@segment/analytics-node', version: '3.1.0' };
  const at = (text: string): number => Date.parse(text);
  assert.deepEqual(
    events.map((text) => JSON.parse(text) as unknown),
    [
      {
        ...{ id: 'm1', timestamp: at('2026-11-21T05:19:50.668Z'), type: 'identify', source: 'server' },
        ...{ user_id: 'u1', context: { ip: '1.2.3.4', library } },
        properties: {
          ...{ anonymous_id: 'a1', traits: { email: 'a@b.c', plan: 'pro' }, 'segment.type': 'identify' },
          'segment._metadata': { nodeVersion: 'v26.10.0', jsRuntime: 'node' },
        },
      },
      {
        ...{ id: 'm2', timestamp: at('2026-11-21T05:19:45.669Z'), type: 'Order Completed' },
        ...{ source: 'server', user_id: 'u1', value: 12.5, currency: 'EUR', context: { library } },
        properties: {
          ...{ revenue: 12.5, currency: 'EUR', big: Number('12345678901234567890'), 'segment.type': 'track' },
        },
      },
      {
        ...{ id: 'm3', timestamp: at('2026-11-21T05:19:50.669Z'), type: 'page_view', user_id: 'a1' },
        context: { page: '/y' },
        properties: {
          ...{ anonymous_id: 'a1', url: 'https://x.example/y?z=1', category: 'Docs', name: 'Home' },
          'segment.type': 'page',
        },
      },
      {
        ...{ id: 'm4', timestamp: at('2026-11-21T05:19:50.670Z'), type: 'screen_view', user_id: 'u1' },
        properties: { name: 'Main', 'segment.type': 'screen' },
      },
      {
        ...{ id: 'm5', timestamp: at('2026-11-21T05:19:50.670Z'), type: 'group', user_id: 'u1' },
        properties: { group_id: 'g1', traits: { name: 'Acme' }, 'segment.type': 'group' },
      },
      {
        ...{ id: 'm6', timestamp: at('2026-11-21T05:19:50.670Z'), type: 'alias', user_id: 'u1' },
        properties: { previous_id: 'a1', 'segment.type': 'alias' },
      },
    ],
  );
  assert.match(events[1] ?? '', /"big":12345678901234567890,/, 'digits are kept');
  assert.match(events[1] ?? '', /"value":12\.50,/);
  assert.deepEqual(ids, ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  assert.deepEqual(keys, ['wk']);
  assert.equal(corrected, 0, '0.6 s are the way of the request');
});

test('a wrong clock is corrected, and what it said is kept', () => {
  const sentAt = new Date(RECEIVED_AT_MS - 3_600_000).toISOString();
  const timestamp = new Date(RECEIVED_AT_MS - 3_605_000).toISOString();
  const batch = { batch: [{ type: 'track', event: 'E', userId: 'u', timestamp }], sentAt };
  assert.equal(translate(batch).corrected, 1);
  assert.deepEqual(one(batch), {
    ...{ timestamp: RECEIVED_AT_MS - 5_000, type: 'E', user_id: 'u' },
    properties: { original_timestamp: timestamp, 'segment.type': 'track' },
  });
  for (const other of [undefined, 'soon', new Date(RECEIVED_AT_MS - 9_000).toISOString()])
    assert.equal(translate({ ...batch, sentAt: other }).corrected, 0, String(other));
});

test('what came through a server of Segment’s has the time that it gave', () => {
  const [originalTimestamp, timestamp] = ['2026-11-20T00:00:00.000Z', '2026-11-21T04:00:00.000Z'];
  const sentAt = '2026-11-20T00:00:01.000Z';
  assert.deepEqual(one({ event: 'E', originalTimestamp, timestamp, sentAt }), {
    ...{ timestamp: Date.parse(timestamp), type: 'E' },
    properties: { original_timestamp: originalTimestamp, 'segment.type': 'track' },
  });
  assert.deepEqual(one({ event: 'E', originalTimestamp, sentAt }), {
    ...{ timestamp: RECEIVED_AT_MS - 1_000, type: 'E' },
    properties: { original_timestamp: originalTimestamp, 'segment.type': 'track' },
  });
});

test('times without a zone are UTC; what is no time is passed on to be refused', () => {
  const timeOf = (timestamp: unknown): unknown =>
    (one({ event: 'E', timestamp }) as { timestamp: unknown }).timestamp;
  const cases: [unknown, unknown][] = [
    ['2026-11-21T05:20', Date.UTC(2026, 10, 21, 5, 20)],
    ['2026-11-21 05:20:01.5', Date.UTC(2026, 10, 21, 5, 20, 1, 500)],
    ['2026-11-21', Date.UTC(2026, 10, 21)],
    ['2026-11-21T05:20:00+02:00', Date.UTC(2026, 10, 21, 3, 20)],
    [1_795_238_416_236, 1_795_238_416_236],
    ['yesterday', 'yesterday'],
    ['', undefined],
    [null, undefined],
  ];
  for (const [given, expected] of cases) assert.equal(timeOf(given), expected, JSON.stringify(given));
});

test('nothing is lost: wrong kinds, names that clash and unknown members become properties', () => {
  const item = {
    ...{
      type: 'track',
      event: 'E',
      userId: { a: 1 },
      version: 2,
      projectId: 'p',
      name: 'outer',
      category: '',
    },
    properties: { name: 'inner', revenue: 'a lot', currency: 'euros', 'segment.version': 1 },
    context: {
      ...{ referrer: { id: 'r', type: 'ad' }, country: 5, app: { version: 3, name: { deep: 1 }, type: 1 } },
      ...{
        os: { name: 7, version: '14' },
        traits: { plan: 'pro' },
        page: { path: 8, title: 'T' },
        sessionId: 9,
      },
    },
    integrations: { All: true, Mixpanel: { id: 1 } },
  };
  assert.deepEqual(one(item), {
    type: 'E',
    context: {
      ...{ app: { version: 3, name: { deep: 1 }, type: 1 }, os: { version: '14' } },
      ...{ traits: { plan: 'pro' }, sessionId: 9 },
    },
    properties: {
      ...{ name: 'inner', revenue: 'a lot', currency: 'euros', 'segment.version': 1 },
      ...{ 'segment.userId': { a: 1 }, 'context.referrer': { id: 'r', type: 'ad' }, 'context.country': 5 },
      ...{ 'context.os.name': 7, 'context.page.path': 8, 'context.page.title': 'T' },
      ...{ '$.name': 'outer', 'segment.type': 'track', '$.segment.version': 2, 'segment.projectId': 'p' },
      'segment.integrations': { All: true, Mixpanel: { id: 1 } },
    },
  });
  assert.deepEqual(one({ type: 'page', context: 'text', properties: [1], traits: 'x' }), {
    type: 'page_view',
    properties: {
      ...{ traits: 'x', 'segment.properties': [1], 'segment.context': 'text', 'segment.type': 'page' },
    },
  });
});

test('the address names the call of an event that does not; a track without a name has no type', () => {
  assert.equal((one({ userId: 'u' }, 'identify') as { type: string }).type, 'identify');
  assert.equal((one({ type: 'page', userId: 'u' }, 'identify') as { type: string }).type, 'page_view');
  assert.equal((one({ type: 'custom' }) as { type: string }).type, 'custom');
  assert.deepEqual(one({ userId: 'u', event: 5 }), {
    user_id: 'u',
    properties: { 'segment.event': 5, 'segment.type': 'track' },
  });
});

test('what is no object stays in its place to be refused; what is no event and no batch is an error', () => {
  assert.deepEqual(translate('{"batch":[5,null,[1]],"writeKey":"k"}').events, ['5', 'null', '[1]']);
  assert.deepEqual(translate('{"batch":[]}').events, []);
  for (const body of ['5', '"text"', 'null'])
    assert.throws(
      () => translate(body),
      (error) => error instanceof ApiError && error.code === 'invalid_request',
    );
});

test('keys come from the body, the query and the events', () => {
  assert.deepEqual(translate({ writeKey: 'a', batch: [{ writeKey: 'b' }] }, undefined, 'writeKey=c').keys, [
    'a',
    'c',
    'b',
  ]);
  assert.deepEqual(translate({ event: 'E' }).keys, []);
});

test('a User-Agent tells browser, system and device where the client does not', () => {
  const contextOf = (userAgent: string): unknown => {
    const { context } = one({ event: 'E', context: { userAgent } }) as { context: Record<string, unknown> };
    return [context['browser'], context['os'], context['device_type']];
  };
  const cases: [string, unknown[]][] = [
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      ['Mobile Safari', 'iOS', 'Mobile'],
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      ['Safari', 'Mac OS X', 'Desktop'],
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
      ['Microsoft Edge', 'Windows', 'Desktop'],
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
      ['Chrome', 'Android', 'Mobile'],
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Safari/537.36',
      ['Samsung Internet', 'Android', 'Tablet'],
    ],
    [
      'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      ['Firefox', 'Linux', 'Desktop'],
    ],
    ['analytics-node-next/latest', [undefined, undefined, undefined]],
  ];
  for (const [userAgent, expected] of cases) assert.deepEqual(contextOf(userAgent), expected, userAgent);
});
