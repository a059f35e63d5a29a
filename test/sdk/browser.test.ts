import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright-core';
import { buildClient } from '../../sdk/js/scripts/build.mjs';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import { chromiumPath } from '../support/chromium.ts';
import { assertBalanced, Client } from '../support/client.ts';
import { freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';
import { type Fault, FaultProxy } from './fault-proxy.ts';

/** The built script in a real Chromium, on a page of another origin than the platform. */

const CORE_BYTES_MAX = 4096;

let built: string;
let dataDir: string;
let platform: Platform | undefined;
before(async () => {
  [built, dataDir] = await Promise.all(
    ['built', 'data'].map((name) => mkdtemp(join(tmpdir(), `aevum-sdk-${name}-`))) as [
      Promise<string>,
      Promise<string>,
    ],
  );
  await buildClient(built);
  if (chromiumPath() !== undefined) platform = await Platform.start(dataDir, await freePort());
});
after(async () => {
  await platform?.kill('group');
  for (const dir of [built, dataDir]) await rm(dir, { recursive: true, force: true });
});

test('the script for a page is smaller than 4 kB compressed, and everything that is promised is built', async () => {
  const script = await readFile(join(built, 'aevum.js'));
  assert.ok(gzipSync(script, { level: 9 }).length < CORE_BYTES_MAX);
  for (const file of ['browser.js', 'node.js', 'types/browser.d.ts', 'types/node.d.ts', 'types/types.d.ts'])
    assert.ok((await readFile(join(built, file), 'utf8')).length > 0, file);
  const { createClient } = (await import(join(built, 'node.js'))) as { createClient: unknown };
  assert.equal(typeof createClient, 'function');
});

interface Shop {
  readonly reader: Client;
  readonly proxy: FaultProxy;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly address: string;
}

/** What docs/sdk-js.md tells to put on a page. */
const snippet = (url: string): string => `<script>
  aevum = { q: [] };
  ['init', 'track', 'identify', 'page', 'alias', 'consent', 'flush', 'reset'].forEach(function (name) {
    aevum[name] = function () { aevum.q.push([name, [].slice.call(arguments)]); };
  });
  aevum.init({ url: '${url}', writeKey: '${WRITE_KEY}', retry: { backoffMs: 50 } });
  aevum.page();
</script>
<script async src="/aevum.js"></script>`;

/** A site of its own. Answers its address. */
const serve = async (t: TestContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  t.after(() => server.close().closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return `http://127.0.0.1:${bound !== null && typeof bound === 'object' ? bound.port : 0}`;
};

/** A shop whose pages send to the platform through a proxy. The platform is that of all tests: each sends events of a type of its own. */
const openShop = async (t: TestContext): Promise<Shop> => {
  assert.ok(platform !== undefined);
  const proxy = await FaultProxy.start(t, platform.url);
  const reader = new Client(platform.url);
  const script = await readFile(join(built, 'aevum.js'));
  const address = await serve(t, (request, response) => {
    const isScript = request.url === '/aevum.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : `<!doctype html><title>Shop</title>${snippet(proxy.url)}`);
  });
  const { page } = await openPage(await openBrowser(t));
  return { reader, proxy, context: page.context(), page, address };
};

const isLoaded = '"stats" in window.aevum';

const open = async (page: Page, address: string): Promise<void> => {
  await page.goto(address);
  await page.waitForFunction(isLoaded);
};

/** Ids of what the page has tracked. */
const track = (page: Page, type: string, count: number): Promise<string[]> =>
  page.evaluate(`Array.from({ length: ${count} }, (_, n) => window.aevum.track('${type}', { n }))`);

const waiting = (page: Page): Promise<number> => page.evaluate('window.aevum.stats().waiting');

/** Waits until exactly these events of a type are stored, and the books agree. */
const assertStored = async (reader: Client, type: string, ids: readonly string[]): Promise<void> => {
  await until(`${ids.length} of ${type} are stored`, async () => {
    const stored = await reader.events({ type, limit: '1000' });
    return stored.length >= ids.length;
  });
  const ledger = await reader.settled();
  assertBalanced(ledger);
  const stored = await reader.events({ type, limit: '1000' });
  assert.deepEqual(stored.map(({ id }) => id).sort(), [...ids].sort());
};

test('a page sends what it was told before the script came, with its context; leaving delivers the rest', async (t) => {
  if (!needsChromium(t)) return;
  const { reader, page, address } = await openShop(t);
  await open(page, `${address}/prices?utm_source=news&token=secret`);
  assert.equal(await page.evaluate('window.aevum.flush()'), 0);
  const views = async () =>
    (await reader.events({ type: 'page_view' })).filter(({ context }) => context?.page === '/prices');
  await until('the page is counted', async () => (await views()).length === 1);
  const text = JSON.stringify(await views());
  for (const part of ['"web"', 'news', 'en-US', 'UTC']) assert.ok(text.includes(part), part);
  assert.ok(!text.includes('secret'));
  const ids = await track(page, 'click_and_go', 5);
  await page.goto('about:blank');
  await assertStored(reader, 'click_and_go', ids);
});

/** The lines of docs/sdk-js.md that load the client from the platform, with its address and key. */
const documentedLines = async (url: string): Promise<string> => {
  const text = await readFile(new URL('../../docs/sdk-js.md', import.meta.url), 'utf8');
  const [, lines] = /```html\n((?:(?!```)[\s\S])*\/sdk\/aevum\.js[\s\S]*?)```/.exec(text) ?? [];
  assert.ok(lines !== undefined, 'docs/sdk-js.md shows how to load the client');
  return lines.replaceAll('https://events.example.com', url).replaceAll('aev_w_...', WRITE_KEY);
};

test('the lines of the documentation load the client from the platform, on any page, also on an isolated one', async (t) => {
  if (!needsChromium(t)) return;
  assert.ok(platform !== undefined);
  const reader = new Client(platform.url);
  const lines = await documentedLines(platform.url);
  const address = await serve(t, ({ url }, response) => {
    const isolated = {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    };
    response.writeHead(200, { 'content-type': 'text/html', ...(url === '/isolated' ? isolated : {}) });
    response.end(`<!doctype html><title>Shop</title>${lines}`);
  });
  const { page } = await openPage(await openBrowser(t));
  for (const path of ['/plain', '/isolated']) {
    await open(page, `${address}${path}`);
    await page.evaluate(`window.aevum.track('bought', { path: '${path}' })`);
    assert.equal(await page.evaluate('window.aevum.flush()'), 0);
    assert.equal(await page.evaluate('window.crossOriginIsolated'), path === '/isolated');
  }
  await reader.settled();
  const seen = (await reader.events({ type: 'page_view' })).map(({ context }) => context?.page ?? '');
  assert.deepEqual(seen.filter((path) => ['/plain', '/isolated'].includes(path)).sort(), [
    '/isolated',
    '/plain',
  ]);
  assert.equal((await reader.events({ type: 'bought' })).length, 2);
});

test('offline, then online: what was tracked meanwhile arrives', async (t) => {
  if (!needsChromium(t)) return;
  const { reader, context, page, address } = await openShop(t);
  await open(page, address);
  await page.evaluate('window.aevum.flush()');
  await context.setOffline(true);
  const ids = await track(page, 'in_the_tunnel', 30);
  await until('it was tried', () => page.evaluate('window.aevum.stats().retries > 0'));
  assert.equal(await waiting(page), 30);
  await context.setOffline(false);
  await until('nothing waits', async () => (await waiting(page)) === 0);
  await assertStored(reader, 'in_the_tunnel', ids);
});

test('two tabs share the queue: a tab that is closed offline has its events delivered by the other', async (t) => {
  if (!needsChromium(t)) return;
  const { reader, context, page, address } = await openShop(t);
  const other = await context.newPage();
  await open(page, address);
  await open(other, address);
  await Promise.all([page.evaluate('window.aevum.flush()'), other.evaluate('window.aevum.flush()')]);
  await context.setOffline(true);
  const ids = [...(await track(page, 'in_a_tab', 20)), ...(await track(other, 'in_a_tab', 20))];
  await other.close();
  await context.setOffline(false);
  await assertStored(reader, 'in_a_tab', ids);
  // Stored is told to the page after it is stored.
  await until('nothing is kept any more', async () =>
    page.evaluate<boolean>(`Object.keys(localStorage).every((key) => !key.includes('.e.'))`),
  );
});

for (const fault of ['slow', 'lost', 'cut', 'torn'] as const satisfies readonly Fault[])
  test(`a reload in the middle of sending (${fault}) neither loses nor doubles`, async (t) => {
    if (!needsChromium(t)) return;
    const { reader, proxy, page, address } = await openShop(t);
    await open(page, address);
    await page.evaluate('window.aevum.flush()');
    proxy.faultOf = () => fault;
    const type = `before_reload_${fault}`;
    const ids = await track(page, type, 40);
    await page.evaluate('void window.aevum.flush()');
    await page.reload();
    proxy.faultOf = () => 'none';
    await page.waitForFunction(isLoaded);
    ids.push(...(await track(page, type, 5)));
    await assertStored(reader, type, ids);
    await until('nothing waits', async () => (await waiting(page)) === 0);
  });

test('a page whose clock is a day and a half ahead has its events stored at the right time', async (t) => {
  if (!needsChromium(t)) return;
  const { reader, context, page, address } = await openShop(t);
  await context.addInitScript('{ const now = Date.now; Date.now = () => now() + 36 * 3_600_000; }');
  await open(page, address);
  const ids = await track(page, 'from_the_future', 3);
  assert.equal(await page.evaluate('window.aevum.flush()'), 0);
  await page.reload();
  await page.waitForFunction(isLoaded);
  ids.push(...(await track(page, 'from_the_future', 2)));
  await assertStored(reader, 'from_the_future', ids);
  for (const { timestamp } of await reader.events({ type: 'from_the_future' }))
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
});
