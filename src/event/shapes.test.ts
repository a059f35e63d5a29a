import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CONTAINERS, FIELDS, renderShapes } from './shapes.ts';
import { accepted, NOW_MS, refusal } from './testing/decoding.ts';

const base = { id: 'made', time: NOW_MS, type: 't', properties: {} };

/** An object with `value` at a dotted path, merged into `into`. */
const at = (path: string, value: unknown, into: Record<string, unknown> = {}): Record<string, unknown> => {
  const [head = '', ...rest] = path.split('.');
  const inner = into[head];
  const known = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  into[head] = rest.length === 0 ? value : at(rest.join('.'), value, known);
  return into;
};

/** A value that the field can have, and what is stored of it. */
const sample = (form: string, n: number): { sent: unknown; stored: unknown } => {
  if (form === 'timestamp') return { sent: new Date(NOW_MS - n).toISOString(), stored: NOW_MS - n };
  if (form === 'decimal') return { sent: n + 0.5, stored: `${n}.5` };
  if (form === 'currency') return { sent: 'eur', stored: 'EUR' };
  return { sent: `v${n}`, stored: `v${n}` };
};

test('the reference page shows the tables', () => {
  const page = readFileSync(new URL('../../docs/reference/event-shapes.md', import.meta.url), 'utf8');
  assert.ok(
    page.includes(renderShapes()),
    'docs/reference/event-shapes.md: replace its tables with the output of renderShapes()',
  );
});

test('every path is read, from the shape it belongs to', () => {
  for (const { column, form, paths } of FIELDS)
    for (const path of paths) {
      const { sent, stored } = sample(form, 1);
      const event = at(path, sent, column === 'type' ? {} : { type: 't' });
      assert.deepEqual(accepted(event), { ...base, [column]: stored }, path);
    }
});

test('of two paths of a field the first in the table wins, whatever their order; the other becomes a property', () => {
  for (const { column, form, paths } of FIELDS)
    for (const [rank, winner] of paths.entries())
      for (const loser of paths.slice(rank + 1)) {
        if (loser.startsWith(`${winner}.`) || winner.startsWith(`${loser}.`)) continue;
        const type = column === 'type' ? {} : { type: 't' };
        const [first, second] = [sample(form, 1), sample(form, 2)];
        for (const event of [
          at(loser, second.sent, at(winner, first.sent, { ...type })),
          at(winner, first.sent, at(loser, second.sent, { ...type })),
        ]) {
          const row = accepted(event);
          assert.equal(row[column], first.stored, `${winner} over ${loser}`);
          assert.deepEqual(Object.values(row['properties'] as object), [second.sent], `${loser} is kept`);
        }
      }
});

test('null and the empty string are passed over', () => {
  for (const nothing of [null, ''])
    for (const { column, form, paths } of FIELDS) {
      const [first = '', second] = paths;
      if (second === undefined || second.startsWith(`${first}.`)) continue;
      const { sent, stored } = sample(form, 3);
      const event = at(second, sent, at(first, nothing, column === 'type' ? {} : { type: 't' }));
      assert.deepEqual(accepted(event), { ...base, [column]: stored }, `${first} then ${second}`);
    }
});

test('unknown members of every container become properties under its prefix', () => {
  for (const { path, prefix } of CONTAINERS) {
    assert.deepEqual(
      accepted(at(`${path}.zzz`, { a: [1] }, { type: 't' }))['properties'],
      { [`${prefix}zzz`]: { a: [1] } },
      path,
    );
    assert.deepEqual(accepted(at(path, {}, { type: 't' })), base, `${path} empty`);
    assert.deepEqual(accepted(at(path, null, { type: 't' })), base, `${path} null`);
  }
});

test('a container that is no object is refused or kept, as the table says', () => {
  for (const { path, strict } of CONTAINERS) {
    const event = at(path, [1], { type: 't' });
    const isField = FIELDS.some(({ paths }) => paths.includes(path));
    if (strict || isField) {
      assert.equal(refusal(event).code, 'invalid_field', path);
      assert.ok(refusal(event).message.includes(`"${path}"`), path);
    } else assert.deepEqual(Object.values(accepted(event)['properties'] as object), [[1]], path);
  }
});

test('flat shape', () => {
  const event = {
    id: 'e1',
    timestamp: NOW_MS - 5,
    type: 'page_view',
    source: 'web',
    data: { user_id: 'u1', session_id: 's1', url: '/a', metadata: { ip: '10.0.0.1' }, properties: { k: 1 } },
  };
  assert.deepEqual(accepted(event), {
    id: 'e1',
    time: NOW_MS - 5,
    type: 'page_view',
    source: 'web',
    user_id: 'u1',
    session_id: 's1',
    properties: { url: '/a', 'metadata.ip': '10.0.0.1', k: 1 },
  });
});

test('nested shape', () => {
  const event = {
    metadata: {
      event_id: 'e2',
      timestamp: '2026-11-20T11:59:59.5Z',
      version: '1.2.0',
      source: 'app',
      trace: 'x',
    },
    user: { id: 42, session_id: 's2', attributes: { plan: 'pro' } },
    context: {
      device_type: 'phone',
      os_version: '17',
      app_version: '3.1',
      location: { country: 'DE', region: 'BE', city: 'Berlin' },
      locale: 'de',
    },
    payload: { event_type: 'purchase', properties: { sku: 'a' }, custom_data: { note: 'n' } },
  };
  assert.deepEqual(accepted(event), {
    id: 'e2',
    time: NOW_MS - 500,
    type: 'purchase',
    source: 'app',
    version: '1.2.0',
    user_id: '42',
    session_id: 's2',
    device_type: 'phone',
    os_version: '17',
    app_version: '3.1',
    country: 'DE',
    region: 'BE',
    properties: {
      'metadata.trace': 'x',
      'user.plan': 'pro',
      'context.location.city': 'Berlin',
      'context.locale': 'de',
      sku: 'a',
      'custom_data.note': 'n',
    },
  });
});

test('canonical shape, with objects inside of context', () => {
  const event = {
    id: 'e3',
    timestamp: NOW_MS,
    type: 'order',
    source: 's',
    version: 2,
    user_id: 'u',
    session_id: 's',
    value: '12.50',
    currency: 'eur',
    context: {
      os: { name: 'iOS', version: 17 },
      app: { version: '1', build: 7 },
      device: { type: 'tablet' },
      browser: { name: 'Safari' },
      page: { url: '/x', title: 'X' },
      referrer: '/r',
    },
    properties: { a: 1 },
  };
  assert.deepEqual(accepted(event), {
    id: 'e3',
    time: NOW_MS,
    type: 'order',
    source: 's',
    version: '2',
    user_id: 'u',
    session_id: 's',
    value: '12.5',
    currency: 'EUR',
    os: 'iOS',
    os_version: '17',
    app_version: '1',
    device_type: 'tablet',
    browser: 'Safari',
    page: '/x',
    referrer: '/r',
    properties: { 'context.app.build': 7, 'context.page.title': 'X', a: 1 },
  });
});

test('wrong kinds are refused with the name of the field', () => {
  const cases: [unknown, string][] = [
    [{ type: {} }, '"type" must be a string, not an object.'],
    [{ type: 5 }, '"type" must be a string, not a number.'],
    [{ type: 't', id: true }, '"id" must be a string or a number, not a boolean.'],
    [{ type: 't', user: { id: [1] } }, '"user.id" must be a string or a number, not an array.'],
    [{ type: 't', context: { os: 5 } }, '"context.os" must be a string, not a number.'],
    [{ type: 't', context: 'x' }, '"context" must be an object, not a string.'],
    [{ type: 't', properties: [1] }, '"properties" must be an object, not an array.'],
    [{ type: 't', value: false }, '"value" must be a number, not a boolean.'],
    [{ type: 't', currency: 978 }, '"currency" must be a string, not a number.'],
    [
      { type: 't', currency: 'euro' },
      '"currency" must be a code of three letters, such as "EUR", not "euro".',
    ],
    [{ type: 't', currency: 'E1R' }, '"currency" must be a code of three letters, such as "EUR", not "E1R".'],
    [
      { type: 't', value: 'much' },
      '"value" must be a number or a string that is written as one, such as "12.50", not "much".',
    ],
  ];
  for (const [event, message] of cases) assert.deepEqual(refusal(event), { code: 'invalid_field', message });
});

test('an "event" that is no string is a property', () => {
  assert.deepEqual(accepted({ type: 't', event: { dataset: 'd' } })['properties'], {
    event: { dataset: 'd' },
  });
  assert.equal(refusal({ event: 5 }).code, 'missing_type');
});

test('numbers are taken by their text', () => {
  assert.deepEqual(
    accepted('{"type":"t","id":12345678901234567890123,"user_id":1e2,"session_id":-0.50,"version":1.0}'),
    {
      ...base,
      id: '12345678901234567890123',
      user_id: '1e2',
      session_id: '-0.50',
      version: '1.0',
    },
  );
});
