import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { PLATFORM } from '../access/audit-entry.ts';
import { rowViews } from '../event/blocks.ts';
import { systemClock } from '../lib/clock.ts';
import { createMemoryLog } from '../log/memory/memory-log.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

/** The addresses of other platforms' clients, from a socket to the log. What becomes of the events' fields is tested beside the translators. */

const ORIGIN = 'https://shop.example';

/** Sends without the header that the test server would add. */
const send = (
  { url }: TestServer,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  method = body === undefined ? 'GET' : 'POST',
): Promise<Response> => fetch(url + path, { method, ...(body === undefined ? {} : { body }), headers });

const storedIds = async (server: TestServer): Promise<unknown[]> =>
  (await server.records()).flatMap(({ events }) => rowViews(events).map(({ id }) => id));

const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { error: { code: string } }).error.code;

const start = async (t: TestContext): Promise<{ server: TestServer; key: string }> => {
  const server = await startTestServer(t);
  return { server, key: server.credentials.write_key };
};

test('every address of Segment takes its events, with and without a slash at the end', async (t) => {
  const { server, key } = await start(t);
  const calls = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
  const paths = [...calls, ...calls.map((call) => call.slice(0, 1)), 'batch', 'b', 'import'];
  for (const path of paths)
    for (const slash of ['', '/']) {
      const body = JSON.stringify({ messageId: path + slash, event: 'E', userId: 'u', writeKey: key });
      const response = await send(server, `/v1/${path}${slash}`, body, { 'content-type': 'text/plain' });
      assert.equal(response.status, 200, path);
      assert.deepEqual(await response.json(), { success: true });
    }
  assert.deepEqual(
    await storedIds(server),
    paths.flatMap((path) => [path, `${path}/`]),
  );
});

test('every address of PostHog takes its events', async (t) => {
  const { server, key } = await start(t);
  const paths = ['/e', '/i/v0/e', '/i/v0/ai/batch', '/batch', '/capture', '/track', '/engage'];
  for (const path of paths) {
    const body = JSON.stringify({ api_key: key, batch: [{ uuid: path, event: 'E', distinct_id: 'u' }] });
    const response = await send(server, `${path}/?ip=0&ver=1.434`, body);
    assert.equal(response.status, 200, path);
    assert.deepEqual(await response.json(), { status: 1 });
    assert.equal((await send(server, path, body)).status, 200);
  }
  assert.deepEqual(
    await storedIds(server),
    paths.flatMap((path) => [path, path]),
  );
});

test('bodies are told by their bytes, whatever they are called', async (t) => {
  const { server, key } = await start(t);
  const json = (id: string): string => JSON.stringify({ api_key: key, batch: [{ uuid: id, event: 'E+ü' }] });
  const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64');
  const form = (text: string): string => `data=${encodeURIComponent(text)}`;
  const cases: [string, string | Uint8Array<ArrayBuffer>, Record<string, string>?][] = [
    ['json', json('json')],
    ['bom', `\uFEFF ${json('bom')}`],
    ['gzip', gzipSync(json('gzip')), { 'content-type': 'text/plain' }],
    ['gzip-said', gzipSync(json('gzip-said')), { 'content-encoding': 'gzip' }],
    ['gzip-form', gzipSync(json('gzip-form')), { 'content-type': 'application/x-www-form-urlencoded' }],
    ['zstd', zstdCompressSync(json('zstd'))],
    ['form', form(json('form'))],
    ['form-base64', form(base64(json('form-base64')))],
    ['form-plus', `data=${base64(json('form-plus'))}&compression=base64`],
    ['form-gzip', form(base64(gzipSync(json('form-gzip'))))],
    ['base64', base64(json('base64'))],
    ['latin', json('latin'), { 'content-type': 'multipart/form-data; charset=latin1' }],
  ];
  for (const [name, body, headers] of cases) {
    const response = await send(server, '/e/?compression=gzip-js', body, headers);
    assert.equal(response.status, 200, `${name}: ${await response.text()}`);
  }
  assert.deepEqual(
    await storedIds(server),
    cases.map(([name]) => name),
  );
  const records = await server.records();
  assert.ok(records.every(({ events }) => rowViews(events).every(({ type }) => type === 'E+ü')));
});

test('bodies that are none are refused as a whole: 400, 413, 415', async (t) => {
  const server = await startTestServer(t, { http: { bodyBytesMax: 1_000 } });
  const cases: [string, number, string, (string | Uint8Array<ArrayBuffer>)?, Record<string, string>?][] = [
    ['/v1/batch', 400, 'invalid_json', '{"batch":['],
    ['/v1/batch', 400, 'invalid_json', ''],
    ['/v1/batch', 400, 'invalid_request', '"text"'],
    ['/e/', 400, 'invalid_json', 'data=***'],
    ['/e/', 400, 'invalid_json', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['/e/', 400, 'invalid_encoding', Uint8Array.of(0x1f, 0x8b, 1, 2, 3)],
    ['/e/', 413, 'body_too_large', gzipSync('x'.repeat(100_000))],
    ['/e/', 413, 'body_too_large', 'x'.repeat(100_000)],
    ['/e/', 415, 'unsupported_encoding', '{}', { 'content-encoding': 'compress' }],
    ['/e/?compression=lz64', 415, 'unsupported_encoding', 'x'],
    ['/e/', 400, 'invalid_request'],
  ];
  for (const [path, status, code, body, headers] of cases) {
    const response = await send(server, path, body, headers, body === undefined ? 'GET' : 'POST');
    assert.equal(response.status, status, `${path} ${code}`);
    assert.equal(await codeOf(response), code);
    assert.equal(response.headers.has('retry-after'), false, 'sending again does not help');
  }
  assert.deepEqual(await server.records(), []);
});

test('too many events refuse the body, one that is too large or too deep only itself; others have their turn meanwhile', async (t) => {
  const { server, key } = await start(t);
  const many = JSON.stringify({
    api_key: key,
    batch: Array.from({ length: 10_001 }, () => ({ event: 'E' })),
  });
  const refused = await send(server, '/e/', many);
  assert.equal(refused.status, 400);
  assert.equal(await codeOf(refused), 'too_many_events');
  const deep = `{"event":"deep","properties":{"a":${'['.repeat(70)}${']'.repeat(70)}}}`;
  const large = JSON.stringify({ uuid: 'large', event: 'large', properties: { a: 'x'.repeat(1024 * 1024) } });
  const wide = Object.fromEntries(Array.from({ length: 200_001 }, (_, index) => [`k${index}`, 1]));
  assert.equal((await send(server, '/e/', JSON.stringify(wide))).status, 400);
  const items = Array(9_000)
    .fill('{"event":"E","properties":{"a":1,"b":[2]}}')
    .concat(deep, large, '{"event":"last"}');
  const answer = (await (await send(server, `/e/?token=${key}`, `[${items.join(',')}]`)).json()) as {
    rejected: { index: number; code: string }[];
  };
  assert.deepEqual(
    answer.rejected.map(({ index, code }) => [index, code]),
    [
      [9_000, 'invalid_field'],
      [9_001, 'event_too_large'],
    ],
  );
  const stored = (await server.records()).flatMap(({ events }) => rowViews(events));
  assert.deepEqual([stored.length, stored.at(-1)?.['type']], [9_001, 'last']);
});

test('the key comes in a header, the body, or the query; without one that may send it is 401 or 403', async (t) => {
  const { server, key } = await start(t);
  const read = await server.keys.create({ project: 'default', scopes: ['read'], name: 'r', by: PLATFORM });
  const basic = (text: string): string => `Basic ${Buffer.from(`${text}:`).toString('base64')}`;
  const event = { event: 'E', userId: 'u', distinct_id: 'u' };
  const cases: [string, number, unknown, Record<string, string>?][] = [
    ['/v1/track', 200, event, { authorization: basic(key) }],
    ['/v1/track', 200, event, { authorization: `Bearer ${key}` }],
    ['/v1/track', 200, event, { 'x-write-key': key }],
    ['/v1/track', 200, { ...event, writeKey: key }, { authorization: 'Basic bm8=' }],
    ['/v1/track', 200, { ...event, writeKey: key }],
    [`/v1/track?writeKey=${key}`, 200, event],
    ['/e/', 200, { ...event, api_key: key }],
    ['/e/', 200, { ...event, token: key }],
    ['/e/', 200, [{ ...event, properties: { token: key } }]],
    [`/e/?token=${key}`, 200, event],
    ['/e/', 401, event],
    ['/e/', 401, { ...event, api_key: 'phc_something' }],
    ['/v1/track', 401, event, { authorization: basic('something') }],
    ['/v1/track', 403, event, { authorization: basic(read.key) }],
  ];
  for (const [path, status, body, headers] of cases) {
    const response = await send(server, path, JSON.stringify(body), headers);
    assert.equal(response.status, status, `${path} ${JSON.stringify([body, headers])}`);
  }
  const records = await server.records();
  const properties = records.flatMap(({ events }) =>
    rowViews(events).map((row) => String(row['properties'])),
  );
  assert.equal(properties.length, 10);
  assert.ok(
    properties.every((text) => !text.includes(key)),
    'keys are not stored',
  );
});

test('one bad event does not spoil its batch: the answer names it, in the terms of each address', async (t) => {
  const { server, key } = await start(t);
  const segment = await send(
    server,
    '/v1/batch',
    JSON.stringify({ writeKey: key, batch: [{ messageId: 'good', event: 'E' }, { messageId: 'bad' }, 5] }),
  );
  assert.equal(segment.status, 200);
  const answer = (await segment.json()) as { success: boolean; rejected: { index: number; code: string }[] };
  assert.deepEqual(
    [answer.success, answer.rejected.map(({ index, code }) => [index, code])],
    [
      true,
      [
        [1, 'missing_type'],
        [2, 'not_an_object'],
      ],
    ],
  );
  const results = await send(
    server,
    '/i/v1/analytics/events',
    JSON.stringify({ batch: [{ uuid: 'g', event: 'E' }, { uuid: 'b' }, { event: 'E' }] }),
    { authorization: `Bearer ${key}` },
  );
  const parsed = (await results.json()) as { results: Record<string, { result: string; details?: string }> };
  assert.deepEqual(Object.keys(parsed.results), ['g', 'b']);
  assert.deepEqual(parsed.results['g'], { result: 'ok' });
  assert.equal(parsed.results['b']?.result, 'drop');
  assert.match(parsed.results['b']?.details ?? '', /^missing_type: An event needs a type/);
  const { metrics } = server;
  const counted = (name: string): number[] =>
    metrics
      .snapshot()
      .filter((series) => series.name === name)
      .map(({ value }) => value);
  assert.deepEqual(counted('aevum_vendor_accepted_total'), [1, 2]);
  assert.deepEqual(counted('aevum_vendor_rejected_total'), [2, 1]);
});

test('when nothing can be taken in the answer is 503 with Retry-After, which pages of other origins may read', async (t) => {
  const { server, key } = await start(t);
  server.phase = 'stopping';
  for (const path of ['/v1/batch', '/e/', '/flags/?v=2', `/array/${key}/config.js`]) {
    const response = await send(server, path, path.includes('array') ? undefined : '{}', { origin: ORIGIN });
    assert.equal(response.status, 503, path);
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(response.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(response.headers.get('access-control-expose-headers'), 'Retry-After');
  }
});

test('a log that is full is 503 with Retry-After at every address that takes events, never 500, and nothing is taken in', async (t) => {
  const server = await startTestServer(t, { log: createMemoryLog({ clock: systemClock, bytesMax: 1 }) });
  const { write_key: key } = server.credentials;
  const event = { event: 'E', userId: 'u', distinct_id: 'u', writeKey: key, api_key: key };
  const body = JSON.stringify({ ...event, batch: [event] });
  const data = encodeURIComponent(JSON.stringify(event));
  const cases: [string, string?][] = [
    ...['/v1/batch', '/v1/b', '/v1/import', '/batch/', '/e/', '/e/?beacon=1', '/i/v0/e/'].map(
      (path): [string, string] => [path, body],
    ),
    [`/i/v1/analytics/events?token=${key}`, body],
    ...['track', 't', 'identify', 'i', 'page', 'p', 'screen', 's', 'group', 'g', 'alias', 'a'].map(
      (call): [string, string] => [`/v1/${call}`, JSON.stringify(event)],
    ),
    [`/v1/pixel/track?data=${data}`],
    [`/capture/?data=${data}`],
  ];
  for (const [path, sent] of cases) {
    const response = await send(server, path, sent, { origin: ORIGIN });
    assert.equal(response.status, 503, `${path}: ${await response.clone().text()}`);
    assert.equal(await codeOf(response), 'log_full', path);
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/, path);
    assert.equal(response.headers.get('access-control-allow-origin'), ORIGIN, path);
  }
  assert.deepEqual(await server.records(), []);
});

test('an isolated page may load the scripts and images, too', async (t) => {
  const { server, key } = await start(t);
  for (const path of [
    `/array/${key}/config.js`,
    '/static/array.js',
    `/v1/pixel/page?writeKey=${key}&data={}`,
  ]) {
    const response = await send(server, path);
    assert.equal(response.status, 200, await response.clone().text());
    assert.equal(response.headers.get('cross-origin-resource-policy'), 'cross-origin', path);
  }
});

test('a key that sends too fast is told when to come back', async (t) => {
  const server = await startTestServer(t, { collector: { rateLimit: { perSecond: 1, burst: 1 } } });
  const body = JSON.stringify({
    writeKey: server.credentials.write_key,
    batch: [{ event: 'E' }, { event: 'E' }],
  });
  assert.equal((await send(server, '/v1/batch', body)).status, 200);
  const refused = await send(server, '/v1/batch', body);
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
});

test('a preflight allows the headers that are asked for, with credentials, and works while stopping', async (t) => {
  const { server } = await start(t);
  server.phase = 'stopping';
  for (const path of ['/v1/t', '/e/', '/flags/', '/v1/projects/k/settings']) {
    const response = await send(
      server,
      path,
      undefined,
      {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-own',
      },
      'OPTIONS',
    );
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(response.headers.get('access-control-allow-credentials'), 'true');
    assert.equal(response.headers.get('access-control-allow-headers'), 'authorization,x-own');
    assert.match(response.headers.get('access-control-allow-methods') ?? '', /OPTIONS$/);
  }
});

test('what is sent on leaving a page is answered without a body; an image is answered with one', async (t) => {
  const { server, key } = await start(t);
  const beacon = await send(server, '/e/?beacon=1', JSON.stringify({ api_key: key, uuid: 'b', event: 'E' }));
  assert.equal(beacon.status, 204);
  const data = Buffer.from(JSON.stringify({ writeKey: key, messageId: 'p', userId: 'u' })).toString('base64');
  const pixel = await send(server, `/v1/pixel/page?data=${encodeURIComponent(data)}`);
  assert.equal(pixel.headers.get('content-type'), 'image/gif');
  assert.equal(
    Buffer.from(await pixel.arrayBuffer())
      .subarray(0, 6)
      .toString(),
    'GIF89a',
  );
  assert.equal((await send(server, `/e/?data=${encodeURIComponent(data)}&api_key=${key}`)).status, 200);
  assert.deepEqual((await storedIds(server)).slice(0, 2), ['b', 'p']);
});

test('settings send the client here; flags, recordings and the client’s own measurements are off', async (t) => {
  const { server, key } = await start(t);
  const json = async (
    path: string,
    headers?: Record<string, string>,
    body?: string,
  ): Promise<Record<string, unknown>> => {
    const response = await send(server, path, body, headers);
    assert.equal(response.status, 200, path);
    return (await response.json()) as Record<string, unknown>;
  };
  const settings = await json(`/v1/projects/${key}/settings`);
  assert.deepEqual(settings['integrations'], {
    'Segment.io': { apiKey: key, apiHost: `127.0.0.1:${server.port}/v1`, protocol: 'http' },
  });
  const proxied = await json(`/v1/projects/${key}/settings`, { 'x-forwarded-proto': 'https' });
  assert.match(JSON.stringify(proxied), /"protocol":"https"/);
  const config = await json(`/array/${key}/config`);
  assert.deepEqual(
    [config['sessionRecording'], config['hasFeatureFlags'], config['surveys']],
    [false, false, undefined],
  );
  const script = await send(server, `/array/${key}/config.js`);
  assert.match(script.headers.get('content-type') ?? '', /^text\/javascript/);
  const window: { _POSTHOG_REMOTE_CONFIG?: Record<string, { config: unknown }> } = {};
  runInNewContext(await script.text(), { window });
  assert.equal(JSON.stringify(window._POSTHOG_REMOTE_CONFIG?.[key]?.config), JSON.stringify(config));
  assert.deepEqual((await json('/flags/?v=2', {}, 'anything'))['flags'], {});
  assert.deepEqual((await json('/decide/?v=3', {}, '{}'))['featureFlags'], {});
  assert.deepEqual((await json('/decide/', {}, '{}'))['featureFlags'], []);
  assert.deepEqual(await json('/api/surveys/?token=k'), { surveys: [] });
  assert.deepEqual(await json('/api/early_access_features/?token=k'), { earlyAccessFeatures: [] });
  assert.deepEqual((await json('/flags/definitions?token=k&send_cohorts'))['flags'], []);
  for (const path of ['/static/array.js?v=1', `/analytics.js/v1/${key}/analytics.min.js`]) {
    const warned: string[] = [];
    const client = await (await send(server, path)).text();
    runInNewContext(client, { console: { warn: (text: string) => warned.push(text) } });
    assert.match(warned.join(), /Bundle it with your page/);
  }
  assert.deepEqual(await json('/v1/m', {}, '{"series":[]}'), { success: true });
  assert.deepEqual(await json('/s/?compression=gzip-js', {}, 'recording'), { status: 1 });
  for (const path of ['/v1/projects/other/settings', '/array/other/config', '/array/other%zz/config.js'])
    assert.equal((await send(server, path)).status, 401, path);
  assert.deepEqual(await server.records(), []);
});

test('other methods are told which ones are taken; other addresses are not ours', async (t) => {
  const { server } = await start(t);
  const wrong = await send(server, '/v1/track', undefined, {}, 'GET');
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'POST, OPTIONS');
  for (const path of ['/v1', '/v1/logs', '/array/k', '/i/v2/e', '/v1/projects/k/settings/x', '/e//'])
    assert.equal((await send(server, path, '{}', { 'content-type': 'application/json' })).status, 404, path);
});
