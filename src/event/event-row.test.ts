import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toApiEvent } from './event-row.ts';
import { accepted } from './testing/decoding.ts';

test('a full row', () => {
  const row = {
    project: 'p',
    id: 'a',
    time: '2026-11-20 12:00:00.123',
    received_at: '2026-11-20 12:00:01.000',
    type: 'order',
    source: 's',
    version: '1',
    user_id: 'u',
    session_id: 's1',
    device_type: '',
    os: 'iOS',
    country: 'DE',
    currency: 'EUR',
    value: '12.5',
    properties: '{"a":[1,{"b":null}]}',
    position: '7',
  };
  assert.deepEqual(toApiEvent(row), {
    id: 'a',
    timestamp: '2026-11-20T12:00:00.123Z',
    type: 'order',
    source: 's',
    version: '1',
    user_id: 'u',
    session_id: 's1',
    context: { os: 'iOS', country: 'DE' },
    properties: { a: [1, { b: null }] },
    value: 12.5,
    currency: 'EUR',
    received_at: '2026-11-20T12:00:01.000Z',
    position: 7,
  });
});

test('what is absent is left out; value may come as a number or null', () => {
  const row = { id: 'a', time: '1900-01-01 00:00:00.000', type: 't', source: '', properties: '{}' };
  const event = { id: 'a', timestamp: '1900-01-01T00:00:00.000Z', type: 't', properties: {} };
  assert.deepEqual(toApiEvent({ ...row, value: null }), event);
  assert.deepEqual(toApiEvent({ ...row, value: 0 }), { ...event, value: 0 });
  assert.deepEqual(toApiEvent({ ...row, value: '-0.000001' }), { ...event, value: -0.000001 });
});

test('numbers beyond doubles keep their digits', () => {
  const properties =
    '{"n":12345678901234567890,"f":0.1234567890123456789,"s":"12345678901234567890","m":9007199254740993,"x":1.0}';
  const text = JSON.stringify(
    toApiEvent({
      id: 'a',
      time: '2026-11-20 12:00:00.000',
      type: 't',
      value: '999999999999.999999',
      properties,
    }),
  );
  assert.ok(text.includes('"value":999999999999.999999'), text);
  assert.ok(
    text.includes(
      '{"n":12345678901234567890,"f":0.1234567890123456789,"s":"12345678901234567890","m":9007199254740993,"x":1}',
    ),
    text,
  );
});

test('an event of the canonical shape reads back as it was sent', () => {
  const event = {
    id: 'e',
    type: 't',
    source: 's',
    user_id: 'u',
    context: { os: 'iOS', page: '/x' },
    properties: { __proto: 1, a: { b: [1] } },
    value: 3.25,
    currency: 'EUR',
  };
  const { properties, time: _time, ...rest } = accepted(event);
  const row = {
    ...rest,
    id: 'e',
    type: 't',
    time: '2026-11-20 12:00:00.000',
    properties: JSON.stringify(properties),
  };
  assert.deepEqual(toApiEvent(row as Parameters<typeof toApiEvent>[0]), {
    timestamp: '2026-11-20T12:00:00.000Z',
    ...event,
  });
});
