import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../json-value.ts';
import { openPosthogBatch } from './translate.ts';

const RECEIVED_AT_MS = Date.parse('2026-11-21T05:20:45.600Z');

interface Translated {
  readonly events: readonly string[];
  readonly ids: readonly (string | undefined)[];
  readonly keys: readonly string[];
  readonly corrected: number;
}

const translate = (body: unknown, query = ''): Translated => {
  const batch = openPosthogBatch(
    parseJson(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))),
    {
      receivedAtMs: RECEIVED_AT_MS,
      eventsMax: 100,
      query: new URLSearchParams(query),
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

const one = (body: unknown, query = ''): Record<string, unknown> =>
  JSON.parse(translate(body, query).events[0] ?? '') as Record<string, unknown>;

/** A page view as posthog-js 1.434.18 sends it from a browser, with fewer properties. */
const RECORDED_PROPERTIES = {
  ...{ $os: 'Linux', $browser: 'Chrome', $device_type: 'Desktop', $browser_version: 140 },
  ...{ $current_url: 'http://localhost:45787/docs', $host: 'localhost:45787', $pathname: '/docs' },
  ...{ $lib: 'web', $lib_version: '1.434.18', $insert_id: 'qyv9yiydfb5iitcd', $time: 1795238445.455 },
  ...{
    distinct_id: 'u9',
    $device_id: '01a1fc8c-c152-764c-a066-add52afe6138',
    sup: 1,
    $groups: { company: 'acme' },
  },
  ...{ $referrer: '$direct', $session_id: '01a1fc8c-c163-7a8b-ba39-5851428c2716', utm_source: null },
};
const RECORDED = {
  api_key: 'phc',
  batch: [
    {
      uuid: '01a1fc8c-c18e-72cb-a6fd-5a4c9438487c',
      event: '$pageview',
      properties: { ...RECORDED_PROPERTIES, token: 'phc' },
      timestamp: '2026-11-21T05:20:45.454Z',
    },
  ],
  sent_at: '2026-11-21T05:20:45.459Z',
};

test('a page view from a browser has its page, session and device, and all its properties', () => {
  const { keys, ids, corrected } = translate(RECORDED);
  assert.deepEqual([keys, ids, corrected], [['phc'], ['01a1fc8c-c18e-72cb-a6fd-5a4c9438487c'], 0]);
  assert.deepEqual(one(RECORDED), {
    id: '01a1fc8c-c18e-72cb-a6fd-5a4c9438487c',
    timestamp: Date.parse('2026-11-21T05:20:45.454Z'),
    type: 'page_view',
    source: 'web',
    user_id: 'u9',
    session_id: '01a1fc8c-c163-7a8b-ba39-5851428c2716',
    context: { device_type: 'Desktop', os: 'Linux', browser: 'Chrome', page: '/docs' },
    properties: { 'posthog.event': '$pageview', ...RECORDED_PROPERTIES },
  });
});

test('identify, alias and group name persons and traits as those of other platforms', () => {
  const event = (name: string, properties: object, others: object = {}): Record<string, unknown> =>
    one({ api_key: 'k', batch: [{ event: name, distinct_id: 'u1', properties, ...others }] });
  assert.deepEqual(
    event('$identify', { $anon_distinct_id: 'a1' }, { $set: { email: 'e' }, $set_once: { first: 1 } }),
    {
      ...{ type: 'identify', user_id: 'u1' },
      properties: {
        ...{
          'posthog.event': '$identify',
          traits: { email: 'e' },
          anonymous_id: 'a1',
          $anon_distinct_id: 'a1',
        },
        ...{ $set: { email: 'e' }, $set_once: { first: 1 } },
      },
    },
  );
  assert.deepEqual(event('$set', { $set: { z: 1 }, $set_once: {} }), {
    ...{ type: 'identify', user_id: 'u1' },
    properties: { 'posthog.event': '$set', traits: { z: 1 }, $set: { z: 1 }, $set_once: {} },
  });
  assert.deepEqual(event('$create_alias', { distinct_id: 'u1', alias: 'old' }), {
    ...{ type: 'alias', user_id: 'u1' },
    properties: { 'posthog.event': '$create_alias', previous_id: 'old', distinct_id: 'u1', alias: 'old' },
  });
  const group = { $group_type: 'company', $group_key: 'acme', $group_set: { n: 1 } };
  assert.deepEqual(event('$groupidentify', group), {
    ...{ type: 'group', user_id: 'u1' },
    properties: {
      ...{
        'posthog.event': '$groupidentify',
        traits: { n: 1 },
        group_id: 'acme',
        group_type: 'company',
        ...group,
      },
    },
  });
});

test('other names stay; revenue, screens and countries have their fields; digits are kept', () => {
  const text = `{"api_key":"k","batch":[{"event":"$ai_trace","distinct_id":12345678901234567890,"uuid":"","properties":
    {"$lib":"posthog-python","$revenue":"12.50","$currency":"usd","revenue":1,"$screen_name":"Main","$insert_id":"i1",
     "$geoip_country_code":"DE","$geoip_subdivision_1_name":"Bavaria","$os_version":14,"$app_version":"3.1","n":1e400,"big":12345678901234567890}}]}`;
  const [event = ''] = translate(text).events;
  assert.match(
    event,
    /^\{"id":"i1","type":"\$ai_trace","source":"server","user_id":12345678901234567890,"value":"12\.50","currency":"usd",/,
  );
  assert.match(event, /"n":1e400,"big":12345678901234567890\}/);
  assert.deepEqual((JSON.parse(event) as { context: unknown }).context, {
    ...{ os_version: 14, app_version: '3.1', country: 'DE', region: 'Bavaria', page: 'Main' },
  });
});

test('the time is corrected by sent_at, in the body or the query, unless the client says that its clock is right', () => {
  const sent = RECEIVED_AT_MS - 3_600_000;
  const timestamp = new Date(sent - 1_000).toISOString();
  const item = { event: 'E', distinct_id: 'u', timestamp };
  const corrected = { timestamp: RECEIVED_AT_MS - 1_000, original: timestamp };
  const right = { timestamp: sent - 1_000, original: undefined };
  const cases: [unknown, string, unknown][] = [
    [{ batch: [item], sent_at: new Date(sent).toISOString() }, '', corrected],
    [[item], `_=${sent}`, corrected],
    [item, `sent_at=${sent}`, corrected],
    [{ ...item, sent_at: new Date(sent).toISOString() }, '', corrected],
    [item, '_=junk', right],
    [item, '', right],
    [
      { batch: [{ ...item, properties: { $ignore_sent_at: true } }], sent_at: new Date(sent).toISOString() },
      '',
      right,
    ],
    [
      {
        batch: [{ ...item, options: { disable_skew_correction: true } }],
        created_at: new Date(sent).toISOString(),
      },
      '',
      right,
    ],
    [{ batch: [item], created_at: new Date(sent).toISOString() }, '', corrected],
  ];
  for (const [body, query, expected] of cases) {
    const { timestamp: at, properties } = one(body, query) as {
      timestamp: number;
      properties: Record<string, unknown>;
    };
    assert.deepEqual(
      { timestamp: at, original: properties['original_timestamp'] },
      expected,
      JSON.stringify([body, query]),
    );
  }
});

test('old shapes: an offset for a time, the name and key within properties, people set without an event', () => {
  assert.equal(one({ event: 'E', offset: 1_500 })['timestamp'], RECEIVED_AT_MS - 1_500);
  assert.equal(one({ event: 'E', offset: 1e300 })['timestamp'], -1e300);
  assert.deepEqual(translate([{ event: 'E', properties: { token: 'k', distinct_id: 'u' } }]).keys, ['k']);
  assert.deepEqual(one({ token: 'k', distinct_id: 'u', $set: { a: 1 } }), {
    ...{ type: 'identify', user_id: 'u' },
    properties: { 'posthog.event': '$set', traits: { a: 1 }, $set: { a: 1 } },
  });
});

test('what the newest address sends beside properties has its place; unknown members become properties', () => {
  const item = {
    ...{ event: 'E', uuid: 'x1', distinct_id: 'u', session_id: 's1', window_id: 'w1', type: 'capture' },
    ...{ options: { process_person_profile: false }, properties: { $set: { a: 1 } }, $set: { a: 2 } },
  };
  assert.deepEqual(one({ batch: [item] }), {
    ...{ id: 'x1', type: 'E', user_id: 'u', session_id: 's1' },
    properties: {
      ...{ $set: { a: 1 }, '$.$set': { a: 2 }, $session_id: 's1', $window_id: 'w1' },
      ...{ 'posthog.options': { process_person_profile: false }, 'posthog.type': 'capture' },
    },
  });
  assert.deepEqual(one({ event: { a: 1 }, properties: 'text' }), {
    properties: { 'posthog.event': { a: 1 }, 'posthog.properties': 'text' },
  });
});

test('names that every JavaScript object knows are names like others', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const event = one(`{"event":"${name}","properties":{"${name}":1}}`);
    assert.equal(event['type'], name);
    assert.ok(Object.hasOwn(event['properties'] as object, name));
  }
});
