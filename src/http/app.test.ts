import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from '@hono/zod-openapi';
import { createdKeySchema, keysAnswerSchema } from '../contract/keys.ts';
import { healthAnswerSchema, metricsAnswerSchema, readyAnswerSchema } from '../contract/system.ts';
import { PLATFORM } from '../access/audit-entry.ts';
import { errorAnswerSchema } from '../contract/common.ts';
import { parsedBody } from './app.ts';
import { requirePermission } from './auth.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const EVENT = '{"id":"e1","type":"page_view"}';

const codeOf = async (response: Response): Promise<string> =>
  errorAnswerSchema.parse(await response.json()).error.code;

const withRoutes = (t: Parameters<typeof startTestServer>[0]): Promise<TestServer> =>
  startTestServer(t, {
    routes(app) {
      app.get('/api/things/:id', requirePermission('data:read'), (c) =>
        c.json({ id: c.req.param('id'), project: c.var.principal.project }),
      );
      app.post('/api/echo', async (c) => c.json(await parsedBody(c, z.strictObject({ a: z.number() }))));
      app.get('/api/broken', () => {
        throw new Error('secret detail');
      });
    },
  });

test('an address that is none is 404; a method that is none is 405 and says which are', async (t) => {
  const server = await withRoutes(t);
  const send = (method: string, path: string) => fetch(server.url + path, { method });
  assert.equal(await codeOf(await send('GET', '/nothing')), 'not_found');
  for (const [method, path, allow] of [
    ['POST', '/api/things/5', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/api/events', 'POST, OPTIONS'],
    ['GET', '/api/events/batch', 'POST, OPTIONS'],
    ['PUT', '/api/ready', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const response = await send(method, path);
    assert.equal(response.headers.get('allow'), allow, path);
    assert.equal(await codeOf(response), 'method_not_allowed', path);
  }
  const options = await send('OPTIONS', '/api/things/5');
  assert.equal(options.status, 204);
  assert.equal(options.headers.get('allow'), 'GET, HEAD, OPTIONS');
  const head = await send('HEAD', '/api/ready');
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  assert.equal((await send('HEAD', '/api/events/batch')).status, 405);
});

test('every answer carries the headers that keep browsers out of trouble', async (t) => {
  const server = await withRoutes(t);
  for (const path of ['/nothing', '/api/health', '/api/broken', '/metrics']) {
    const { headers } = await server.get(path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.equal(headers.get('cache-control'), 'no-store', path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/, path);
    assert.equal(headers.has('access-control-allow-origin'), false, path);
  }
});

test('a route that needs a permission is closed to other keys, and knows the project', async (t) => {
  const server = await withRoutes(t);
  const { write_key, admin_key } = server.credentials;
  assert.equal(await codeOf(await server.get('/api/things/5')), 'missing_key');
  assert.equal((await server.get('/api/things/5')).headers.get('www-authenticate'), 'Bearer realm="aevum"');
  assert.equal(await codeOf(await server.get('/api/things/5', write_key)), 'missing_scope');
  const answer = await server.get('/api/things/5', admin_key);
  assert.deepEqual(await answer.json(), { id: '5', project: 'default' });
});

test('bodies of questions are JSON, valid, plain and short', async (t) => {
  const server = await withRoutes(t);
  const send = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${server.url}/api/echo`, { method: 'POST', body, headers });
  assert.deepEqual(await (await send('{"a":1}')).json(), { a: 1 });
  const streamed = (text: string) =>
    fetch(`${server.url}/api/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([text]).stream(),
      duplex: 'half',
    });
  assert.deepEqual(await (await streamed('{"a":1}')).json(), { a: 1 });
  assert.equal(await codeOf(await streamed(`{"a":${'1'.repeat(1_100_000)}}`)), 'body_too_large');
  assert.equal(await codeOf(await send('{"a":')), 'invalid_json');
  assert.equal(await codeOf(await send('')), 'invalid_request');
  assert.equal(
    await codeOf(await send('{"a":1}', { 'content-type': 'text/plain' })),
    'unsupported_media_type',
  );
  assert.equal(
    await codeOf(await send('{"a":1}', { 'content-type': 'application/json', 'content-encoding': 'gzip' })),
    'unsupported_encoding',
  );
  assert.equal(await codeOf(await send(`{"a":${'1'.repeat(1_100_000)}}`)), 'body_too_large');
  const invalid = await send('{"a":"x","b":2}');
  const { error } = errorAnswerSchema.parse(await invalid.json());
  assert.equal(error.code, 'invalid_request');
  assert.deepEqual(
    (error.details as { path: string }[]).map(({ path }) => path),
    ['a', ''],
  );
});

test('what fails inside is an incident', async (t) => {
  const server = await withRoutes(t);
  const response = await server.get('/api/broken');
  const text = await response.text();
  assert.equal(response.status, 500);
  assert.match(text, /incident [0-9a-f]{12}/);
  assert.ok(!text.includes('secret'));
  assert.ok(server.lines.some(({ message }) => message.includes('secret detail')));
});

test('health says what every part said last; readiness falls only with what taking in needs', async (t) => {
  const server = await startTestServer(t);
  const health = async () => healthAnswerSchema.parse(await (await server.get('/api/health')).json());
  const ready = async () => {
    const response = await server.get('/api/ready');
    return { status: response.status, ...readyAnswerSchema.parse(await response.json()) };
  };
  assert.deepEqual(await health(), { status: 'green', checks: [] });
  server.health.report('engine', 'failed', 'It died; it is being started again.');
  server.health.report('log', 'ok', 'Writes.');
  assert.deepEqual(await health(), {
    status: 'red',
    checks: [
      { name: 'log', status: 'green', message: 'Writes.' },
      { name: 'engine', status: 'red', message: 'It died; it is being started again.' },
    ],
  });
  assert.deepEqual(await ready(), { status: 200, ready: true, waiting_for: [] });
  server.health.report('log', 'failed', 'The disk is full.');
  assert.deepEqual(await ready(), { status: 503, ready: false, waiting_for: ['log'] });
  server.health.report('log', 'degraded', 'Slow.');
  server.health.report('engine', 'ok', 'Runs.');
  assert.equal((await health()).status, 'yellow');
  server.phase = 'starting';
  assert.deepEqual(await ready(), { status: 503, ready: false, waiting_for: ['start'] });
  assert.equal(await codeOf(await server.get('/api/keys', server.credentials.admin_key)), 'starting');
});

test('health names nothing to anybody, and all to whoever may see numbers of the whole platform', async (t) => {
  const server = await startTestServer(t);
  await server.addProject('shop');
  const readKey = async (project: string): Promise<string> =>
    (await server.keys.create({ project, scopes: ['read'], name: 'r', by: PLATFORM })).key;
  server.health.report('ledger', 'failed', 'It does not add up.', 'In project shop: 10 are 9.');
  server.health.report('log', 'ok', 'Writes.');
  const { write_key: writeKey, admin_key: adminKey } = server.credentials;
  for (const [key, isTold] of [
    [undefined, false],
    ['nobody', false],
    [writeKey, false],
    [await readKey('shop'), false],
    [await readKey('default'), true],
    [adminKey, true],
  ] as const) {
    const response = await server.get('/api/health', key);
    assert.equal(response.status, 200);
    const { checks } = healthAnswerSchema.parse(await response.json());
    assert.deepEqual(
      checks.map(({ detail }) => detail),
      [undefined, isTold ? 'In project shop: 10 are 9.' : undefined],
    );
  }
});

test('metrics need a read key of the first project and show requests, commits and the process', async (t) => {
  const server = await startTestServer(t);
  await server.post('/api/events', EVENT);
  await server.post('/api/events', '{');
  await server.get('/api/health');
  await server.get('/api/health/../../etc/passwd');
  assert.equal(await codeOf(await server.get('/metrics')), 'missing_key');
  assert.equal(await codeOf(await server.get('/api/metrics', server.credentials.write_key)), 'missing_scope');
  await server.addProject('shop');
  const readKey = async (project: string): Promise<string> =>
    (await server.keys.create({ project, scopes: ['read'], name: 'r', by: PLATFORM })).key;
  const [own, others] = [await readKey('default'), await readKey('shop')];
  for (const path of ['/metrics', '/api/metrics']) {
    assert.equal((await server.get(path, own)).status, 200, path);
    const refused = await server.get(path, others);
    assert.equal(refused.status, 403, path);
    const { error } = errorAnswerSchema.parse(await refused.json());
    assert.equal(error.code, 'wrong_project');
    assert.match(error.message, /a read key .* of the project "default", or a role in it\. .*"shop"/u);
  }
  server.metrics.receive('processor', [
    { kind: 'counter', name: 'aevum_stored_total', help: 'h', labels: {}, value: 7 },
  ]);
  const response = await server.get('/metrics', server.credentials.admin_key);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of [
    'aevum_http_requests_total{route="/api/events",method="POST",status="202",role="main"} 1',
    'aevum_http_requests_total{route="/api/events",method="POST",status="400",role="main"} 1',
    'aevum_http_requests_total{route="/api/health",method="GET",status="200",role="main"} 1',
    'aevum_http_requests_total{route="none",method="GET",status="404",role="main"} 1',
    'aevum_collect_accepted_total{role="main"} 1',
    'aevum_collect_turned_away_total{code="invalid_json",role="main"} 1',
    'aevum_http_request_seconds_bucket{route="/api/events",role="main",le="+Inf"} 2',
    'aevum_stored_total{role="processor"} 7',
  ])
    assert.ok(text.includes(`${line}\n`), `${line} is missing in\n${text}`);
  assert.match(text, /^process_resident_memory_bytes\{role="main"\} \d+$/m);
  const json = metricsAnswerSchema.parse(
    await (await server.get('/api/metrics', server.credentials.admin_key)).json(),
  );
  const seconds = json.metrics.find(
    ({ name, labels }) => name === 'aevum_http_request_seconds' && labels['route'] === '/api/events',
  );
  assert.equal(seconds?.count, 2);
  assert.deepEqual(seconds?.buckets?.at(-1), { le: null, count: 2 });
});

test('admins list, make and revoke keys', async (t) => {
  const server = await startTestServer(t);
  const { write_key, admin_key } = server.credentials;
  const send = (method: string, path: string, body?: unknown) =>
    fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${admin_key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  assert.equal(await codeOf(await server.get('/api/keys', write_key)), 'missing_scope');
  assert.equal(await codeOf(await send('POST', '/api/keys', { kind: 'root', name: 'x' })), 'invalid_request');
  const made = await send('POST', '/api/keys', { kind: 'write', name: 'phone' });
  assert.equal(made.status, 201);
  const { key, info } = createdKeySchema.parse(await made.json());
  assert.equal((await server.post('/api/events', EVENT, { authorization: `Bearer ${key}` })).status, 202);
  const revoked = await send('DELETE', `/api/keys/${info.id}`);
  assert.deepEqual(await revoked.json(), { id: info.id, revoked: true });
  assert.equal(
    await codeOf(await server.post('/api/events', EVENT, { authorization: `Bearer ${key}` })),
    'unknown_key',
  );
  assert.equal(await codeOf(await send('DELETE', '/api/keys/key_none')), 'not_found');
  const text = await (await send('GET', '/api/keys')).text();
  assert.ok(!text.includes(key) && !text.includes(admin_key));
  const { keys } = keysAnswerSchema.parse(JSON.parse(text));
  assert.deepEqual(Object.fromEntries(keys.map(({ name, revoked_at }) => [name, revoked_at !== null])), {
    'first admin key': false,
    'first write key': false,
    phone: true,
  });
});
