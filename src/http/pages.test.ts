import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { AccessChanges } from '../access/access-changes.ts';
import { createAuditLog } from '../access/audit.ts';
import { createPeople } from '../access/people.ts';
import { createSessions } from '../access/sessions.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { type App, createApp } from './app.ts';
import { requirePermission } from './auth.ts';
import { readPageFiles } from './page-files.ts';
import { createPages } from './pages.ts';
import { createSessionDoor } from './session-door.ts';
import { registerSessionRoutes } from './session-routes.ts';

const INDEX = '<!doctype html><div id="root"></div>';
const SHARE = '<!doctype html><title>Shared</title>';
const SCRIPT = 'console.log("the same thing again and again and again");';

/** A dashboard as the build leaves it, but for its contents. */
const builtDashboard = (t: TestContext): string => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-pages-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const dist = join(dir, 'dist');
  for (const name of ['assets', 'sdk']) mkdirSync(join(dist, name), { recursive: true });
  const write = (name: string, content: string | Uint8Array): void =>
    writeFileSync(join(dist, name), content);
  write('index.html', INDEX);
  write('share.html', SHARE);
  write('mark.svg', '<svg/>');
  write('.built-from', 'stamp');
  write('../secret.js', 'secret');
  write('assets/index-abc.js', SCRIPT);
  write('sdk/aevum.js', SCRIPT);
  write('assets/index-abc.js.br', brotliCompressSync(SCRIPT));
  write('assets/index-abc.js.gz', gzipSync(SCRIPT));
  return dist;
};

interface Opened {
  readonly app: App;
  readonly cookie: string;
  readonly get: (path: string, headers?: Record<string, string>, method?: string) => Promise<Response>;
}

const open = async (t: TestContext, dist = builtDashboard(t), publicUrl?: string): Promise<Opened> => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  await catalog.db.insertInto('projects').values({ id: 'default', name: 'Default', created_at: 1 }).execute();
  const telemetry = quietTelemetry();
  const audit = createAuditLog({ catalog, clock: systemClock, telemetry });
  const people = createPeople({ catalog, audit, clock: systemClock, changes: new AccessChanges() });
  const sessions = createSessions({ catalog, clock: systemClock, isActiveKey: () => true });
  const door = createSessionDoor({ sessions, telemetry, publicUrl });
  const pages = createPages({
    files: readPageFiles(dist),
    users: people.users,
    sessions,
    telemetry,
    publicUrl,
  });
  const authenticator = {
    authenticate: () => undefined,
    stillHolds: () => false,
    refusalOf: () => 'unknown' as const,
  };
  const common = { authenticator, telemetry, door };
  const app = createApp({ ...common, clock: systemClock, phase: () => 'ready', pages });
  app.get('/api/mine', requirePermission('data:read'), (c) => c.json({ project: c.var.principal.project }));
  registerSessionRoutes(app, {
    ...common,
    ...people,
    ...{ sessions, publicUrl, address: () => 'http://h', writeKeyOf: () => null },
  });
  const { secret } = await sessions.open({ keyId: 'key_1', project: null });
  const get: Opened['get'] = async (path, headers = {}, method = 'GET') =>
    app.request(`http://h${path}`, { method, headers });
  return { app, cookie: `aevum_session=${secret}`, get };
};

test('files come compressed where that is taken, stay in caches for good, and are not sent twice', async (t) => {
  const { get } = await open(t);
  const plain = await get('/assets/index-abc.js');
  assert.equal(await plain.text(), SCRIPT);
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(plain.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(plain.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(plain.headers.get('vary'), 'Accept-Encoding');
  assert.equal(plain.headers.get('x-content-type-options'), 'nosniff');
  for (const [accept, encoding, bytes] of [
    ['gzip, deflate, br', 'br', brotliCompressSync(SCRIPT)],
    ['gzip;q=0.5', 'gzip', gzipSync(SCRIPT)],
    ['br;q=0, gzip', 'gzip', gzipSync(SCRIPT)],
    ['identity', null, Buffer.from(SCRIPT)],
  ] as const) {
    const answer = await get('/assets/index-abc.js', { 'accept-encoding': accept });
    assert.equal(answer.headers.get('content-encoding'), encoding, accept);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), Buffer.from(bytes));
    const etag = answer.headers.get('etag') ?? '';
    assert.match(etag, /^"[\w-]{22}(-br|-gzip)?"$/);
    const again = await get('/assets/index-abc.js', {
      'accept-encoding': accept,
      'if-none-match': `"x", W/${etag}`,
    });
    assert.deepEqual([again.status, await again.text()], [304, '']);
  }
  const head = await get('/assets/index-abc.js', {}, 'HEAD');
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.equal(head.headers.get('content-length'), String(SCRIPT.length));
  assert.equal((await get('/mark.svg')).headers.get('cache-control'), 'public, max-age=300');
});

test('the client may be loaded by pages of other sites; nothing else may', async (t) => {
  const { get } = await open(t);
  const headers = { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' };
  const client = await get('/sdk/aevum.js', headers);
  assert.equal(await client.text(), SCRIPT);
  assert.equal(client.headers.get('cache-control'), 'public, max-age=3600, stale-while-revalidate=604800');
  assert.equal(client.headers.get('access-control-allow-origin'), '*');
  assert.equal(client.headers.get('cross-origin-resource-policy'), 'cross-origin');
  const etag = client.headers.get('etag') ?? '';
  const again = await get('/sdk/aevum.js', { ...headers, 'if-none-match': etag });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('access-control-allow-origin'), '*');
  const own = await get('/assets/index-abc.js', headers);
  assert.equal(own.headers.get('access-control-allow-origin'), null);
  assert.equal((await get('/sdk/other.js', headers)).status, 404);
});

test('nothing but the files of the dashboard can be had', async (t) => {
  const { get, cookie } = await open(t);
  for (const path of [
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/.built-from',
    '/assets/index-abc.js.br',
    '/assets',
    '/assets/',
    '/nothing.js',
  ])
    assert.equal((await get(path, { cookie })).status, 404, path);
});

test('the page is for who is signed in; its own addresses lead to it, those of the API do not', async (t) => {
  const { get, cookie } = await open(t, undefined, 'https://events.example.com');
  const browser = { cookie, accept: 'text/html,*/*' };
  for (const path of ['/', '/live', '/insights/42']) {
    const page = await get(path, browser);
    assert.deepEqual([page.status, await page.text()], [200, INDEX], path);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /^default-src 'none'; script-src 'self';/,
    );
    assert.equal(page.headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.match(page.headers.get('set-cookie') ?? '', /Secure$/);
    const stranger = await (await get(path, { accept: 'text/html' })).text();
    assert.match(stranger, /<title>Sign in/, path);
    assert.match(await (await get(path, { ...browser, cookie: 'aevum_session=x' })).text(), /<title>Sign in/);
  }
  for (const path of ['/api/nothing', '/api', '/ws/nothing', '/metrics/x']) {
    const none = await get(path, browser);
    assert.equal(none.status, 404, path);
    assert.match(none.headers.get('content-type') ?? '', /json/);
  }
  assert.equal((await get('/live', { cookie, accept: 'application/json' })).status, 404);
  assert.equal((await get('/live', browser, 'POST')).status, 404);
  assert.match(await (await get('/index.html', { accept: 'text/html' })).text(), /nothing at/);
});

test('the page of share links is for everybody, tells nobody where it is, and knows of no session', async (t) => {
  const { get, cookie } = await open(t);
  for (const headers of [{}, { cookie }, { accept: 'text/html', 'sec-fetch-site': 'cross-site' }]) {
    const page = await get('/shared', headers);
    assert.deepEqual([page.status, await page.text()], [200, SHARE]);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/,
    );
    for (const [name, value] of [
      ['referrer-policy', 'no-referrer'],
      ['x-robots-tag', 'noindex, nofollow, noarchive'],
      ['cache-control', 'no-store'],
      ['content-type', 'text/html; charset=utf-8'],
      ['set-cookie', null],
    ] as const)
      assert.equal(page.headers.get(name), value, name);
  }
  assert.equal((await get('/shared', {}, 'HEAD')).status, 200);
  assert.equal((await get('/shared', { cookie }, 'POST')).status, 404);
  assert.match(await (await get('/share.html', { accept: 'text/html' })).text(), /nothing at/);
  assert.equal((await (await open(t, '/does/not/exist')).get('/shared')).status, 404);
});

test('without a built dashboard the page says what to do', async (t) => {
  const { get, cookie } = await open(t, '/does/not/exist');
  const answer = await get('/', { cookie });
  assert.equal(answer.status, 404);
  assert.match(await answer.text(), /npm start/);
  assert.equal((await get('/')).status, 200, 'signing in works all the same');
});

test('a link goes on to the page of the project it names, and to nowhere else', async (t) => {
  const { get, cookie } = await open(t);
  for (const [project, location] of [
    ['demo', '/?project=demo'],
    ['%2F%2Fevil.example', '/'],
    ['a%26b', '/'],
    ['', '/'],
  ] as const) {
    const answer = await get(`/login?token=x&project=${project}`, { cookie });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, location], project);
  }
});

test('a look ahead does not use a link up', async (t) => {
  const { get } = await open(t);
  assert.equal((await get('/login?token=x', {}, 'HEAD')).status, 200);
  assert.equal((await get('/login?token=x', { 'sec-purpose': 'prefetch;prerender' })).status, 503);
  assert.match(await (await get('/login?token=x')).text(), /does not sign in any more/);
  assert.ok(!/does not sign in any more/.test(await (await get('/login')).text()));
  for (const path of ['/login/sign-in.css', '/login/sign-in.js']) assert.equal((await get(path)).status, 200);
});

test('a session asks the API, in the project it names', async (t) => {
  const { get, cookie } = await open(t);
  assert.deepEqual(await (await get('/api/mine', { cookie })).json(), { project: 'default' });
  assert.equal((await get('/api/mine?project=default', { cookie })).status, 200);
  assert.equal((await get('/api/mine?project=none', { cookie })).status, 404);
  assert.equal((await get('/api/mine', { cookie: 'aevum_session=x' })).status, 401);
  assert.equal((await get('/api/mine')).status, 401);
  assert.equal((await get('/api/mine', { cookie, 'sec-fetch-site': 'same-site' })).status, 403);
  assert.equal((await get('/api/session')).status, 401);
  const out = await get('/api/session', { cookie, host: 'h', origin: 'http://h' }, 'DELETE');
  assert.deepEqual(await out.json(), { signed_in: false });
  assert.match(out.headers.get('set-cookie') ?? '', /Max-Age=0/);
  assert.equal((await get('/api/mine', { cookie })).status, 401);
});
