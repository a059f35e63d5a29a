/** The real clients of Segment and PostHog for browsers, in a real Chromium, on a page of another origin, told nothing but a host and a key. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { StoredEvent } from '../../src/contract/event.ts';
import { needsChromium, openBrowser, openPage } from '../support/browser.ts';
import { assertBalanced, Client } from '../support/client.ts';
import { freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';
import { serveShop } from './browser-page.ts';
import { FlakyProxy } from './flaky-proxy.ts';

/** PostHog's client sends nothing from a browser that says that it is a robot. */
const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** How long a client must not send again. */
const QUIET_MS = 5_000;

type Call = readonly [method: string, ...args: unknown[]];

/** Runs calls of Segment's client, each after the last was delivered. */
const segmentCalls = (page: Page, url: string, calls: readonly Call[], options: object = {}): Promise<void> =>
  page.evaluate(
    async ([cdnURL, writeKey, all, more]) => {
      const { AnalyticsBrowser } = globalThis as unknown as {
        AnalyticsBrowser: {
          load(settings: object, options: object): Record<string, (...args: unknown[]) => Promise<unknown>>;
        };
      };
      const analytics = AnalyticsBrowser.load({ writeKey, cdnURL }, more);
      for (const [method, ...args] of all) await analytics[method]?.(...args);
    },
    [url, WRITE_KEY, calls, options] as const,
  );

/** Starts PostHog's client and runs calls of it. Settings are those of its documentation, but for what a robot needs. */
const posthogCalls = (page: Page, url: string, calls: readonly Call[]): Promise<void> =>
  page.evaluate(
    async ([apiHost, key, all]) => {
      const { posthog } = globalThis as unknown as {
        posthog: Record<string, (...args: unknown[]) => unknown>;
      };
      await new Promise<void>((resolve) => {
        posthog['init']?.(key, {
          api_host: apiHost,
          opt_out_useragent_filter: true,
          loaded: () => resolve(),
        });
      });
      for (const [method, ...args] of all) posthog[method]?.(...args);
    },
    [url, WRITE_KEY, calls] as const,
  );

const byType = (events: readonly StoredEvent[]): Map<string, StoredEvent> =>
  new Map(events.map((event) => [event.type, event]));

const countOf = (events: readonly StoredEvent[], type: string): number =>
  events.filter((event) => event.type === type).length;

describe('clients for browsers', { timeout: 300_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-vendor-'));
  const closers: (() => void)[] = [];
  let platform: Platform;
  let client: Client;
  let shop = '';

  before(async () => {
    shop = await serveShop({ after: (closer) => void closers.push(closer as () => void) });
    platform = await Platform.start(dataDir, await freePort());
    client = new Client(platform.url);
  });
  after(async () => {
    for (const close of closers) close();
    await platform?.kill('group');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const visit = async (t: TestContext): Promise<{ page: Page; problems: string[]; proxy: FlakyProxy }> => {
    const proxy = await FlakyProxy.start(t, platform.url);
    const { page, problems } = await openPage(await openBrowser(t), { userAgent: USER_AGENT });
    await page.goto(`${shop}/cart?coupon=1`, { referer: 'https://search.example/' });
    return { page, problems, proxy };
  };

  /** The stored events of a user once there are so many. */
  const eventsOf = (user: string, count: number): Promise<StoredEvent[]> =>
    until(`${user} has ${count} events`, async () => {
      const events = await client.events({ user_id: user });
      return events.length >= count && events;
    });

  test('@segment/analytics-next: every call is stored, and the console stays quiet', async (t) => {
    if (!needsChromium(t)) return;
    const { page, problems, proxy } = await visit(t);
    await segmentCalls(page, proxy.url, [
      ['identify', 'web-1', { plan: 'pro' }],
      ['track', 'Order Completed', { revenue: 59.9, currency: 'EUR' }],
      ['page', 'Shop', 'Cart', { step: 2 }],
      ['screen', 'Main'],
      ['group', 'g-1', { name: 'Acme' }],
      ['alias', 'web-1', 'old'],
    ]);
    const events = byType(await eventsOf('web-1', 6));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      proxy.posts,
      ['/v1/i', '/v1/t', '/v1/p', '/v1/s', '/v1/g', '/v1/a'].map((path) => `${path} 200`),
    );
    assert.deepEqual([...events.keys()].sort(), [
      'Order Completed',
      'alias',
      'group',
      'identify',
      'page_view',
      'screen_view',
    ]);
    const anonymous = events.get('identify')?.properties['anonymous_id'];
    assert.match(String(anonymous), /^[\da-f-]{36}$/);
    const where = {
      page: '/cart',
      referrer: 'https://search.example/',
      os: 'Linux',
      browser: 'Chrome',
      device_type: 'Desktop',
    };
    for (const [type, event] of events) {
      assert.deepEqual(event.context, where, type);
      assert.equal(event.source, 'web');
      assert.equal(event.properties['anonymous_id'], anonymous);
      assert.equal(event.properties['context.page.url'], `${shop}/cart?coupon=1`);
      assert.equal(event.properties['context.locale'], 'en-US');
      assert.match(event.id, /^ajs-next-/);
    }
    const order = events.get('Order Completed');
    assert.deepEqual([order?.value, order?.currency], [59.9, 'EUR']);
    assert.deepEqual(events.get('identify')?.properties['traits'], { plan: 'pro' });
    assert.deepEqual(events.get('group')?.properties['group_id'], 'g-1');
    assert.deepEqual(events.get('alias')?.properties['previous_id'], 'old');
    const { step, category, name } = events.get('page_view')?.properties ?? {};
    assert.deepEqual([step, category, name], [2, 'Shop', 'Cart']);
  });

  test('@segment/analytics-next: refused and cut off, it sends again, and nothing is lost or doubled', async (t) => {
    if (!needsChromium(t)) return;
    const { page, proxy } = await visit(t);
    proxy.path = /^\/v1\//;
    proxy.refusals = 2;
    proxy.lostAnswers = 1;
    const tracks = Array.from({ length: 5 }, (_, index): Call => ['track', 'E', { index }]);
    await segmentCalls(page, proxy.url, [['identify', 'web-2'], ...tracks]);
    const events = await eventsOf('web-2', 6);
    await until('all was answered', () => proxy.posts.filter((post) => post.endsWith(' 200')).length >= 6);
    await client.settled();
    assert.equal((await client.events({ user_id: 'web-2' })).length, 6);
    assert.equal(countOf(events, 'E'), 5);
    assertBalanced(await client.ledger());
  });

  test('@segment/analytics-next: what waits in a batch is sent when the page is left', async (t) => {
    if (!needsChromium(t)) return;
    const { page, problems, proxy } = await visit(t);
    const deliveryStrategy = { strategy: 'batching', config: { size: 100, timeout: 600_000 } };
    const options = { integrations: { 'Segment.io': { deliveryStrategy } } };
    const calls: readonly Call[] = [
      ['identify', 'web-3'],
      ['track', 'E'],
      ['track', 'F'],
    ];
    await segmentCalls(page, proxy.url, calls, options);
    assert.deepEqual(proxy.posts, [], 'they wait');
    await page.goto('about:blank');
    const events = await eventsOf('web-3', 3);
    assert.deepEqual([...byType(events).keys()].sort(), ['E', 'F', 'identify']);
    assert.deepEqual(problems, []);
    assert.deepEqual(proxy.posts, ['/v1/b 200']);
  });

  test('posthog-js: every call is stored, and the console stays quiet', async (t) => {
    if (!needsChromium(t)) return;
    const { page, problems, proxy } = await visit(t);
    await posthogCalls(page, proxy.url, [
      ['register', { sup: 1 }],
      ['identify', 'hog-1', { email: 'e@shop.example' }, { first: 1 }],
      ['capture', 'bought', { revenue: 3.5, currency: 'usd' }],
      ['group', 'company', 'acme', { n: 1 }],
      ['alias', 'other'],
      ['setPersonProperties', { z: 1 }],
    ]);
    await page.click('#buy');
    await eventsOf('hog-1', 7);
    await page.goto('about:blank');
    const events = byType(await eventsOf('hog-1', 8));
    assert.deepEqual(problems, []);
    assert.ok(
      proxy.requests.every(({ path, status }) => /^\/(array|e|flags)\//.test(path) && status < 300),
      JSON.stringify(proxy.requests),
    );
    const wanted = ['alias', 'autocapture', 'bought', 'group', 'identify', 'page_leave', 'page_view'];
    assert.deepEqual([...events.keys()].sort(), wanted);
    const sessions = new Set<string | undefined>();
    for (const [type, event] of events) {
      sessions.add(event.session_id);
      assert.equal(event.source, 'web', type);
      assert.deepEqual(
        event.context,
        {
          page: '/cart',
          referrer: 'https://search.example/',
          os: 'Linux',
          browser: 'Chrome',
          device_type: 'Desktop',
        },
        type,
      );
      assert.equal(event.properties['token'], undefined);
      assert.match(event.id, /^[\da-f-]{36}$/);
    }
    assert.equal(sessions.size, 1);
    const bought = events.get('bought');
    assert.deepEqual([bought?.value, bought?.currency, bought?.properties['sup']], [3.5, 'USD', 1]);
    const { properties: alias = {} } = events.get('alias') ?? {};
    assert.equal(alias['previous_id'], 'other');
    const { properties: group = {} } = events.get('group') ?? {};
    assert.deepEqual(
      [group['group_id'], group['group_type'], group['traits']],
      ['acme', 'company', { n: 1 }],
    );
    const identified = (await client.events({ user_id: 'hog-1', type: 'identify' })).map(
      ({ properties }) => properties,
    );
    assert.deepEqual(
      identified
        .map(({ traits }) => traits)
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
      [{ email: 'e@shop.example' }, { z: 1 }],
    );
    assert.equal(identified.filter(({ anonymous_id: id }) => typeof id === 'string').length, 1);
    assert.equal(events.get('page_view')?.properties['posthog.event'], '$pageview');
  });

  test('posthog-js: refused and cut off, it sends again, and nothing is lost or doubled', async (t) => {
    if (!needsChromium(t)) return;
    const { page, proxy } = await visit(t);
    proxy.path = /^\/e\//;
    proxy.refusals = 1;
    proxy.lostAnswers = 1;
    const captures = Array.from({ length: 5 }, (_, index): Call => ['capture', 'E', { index }]);
    await posthogCalls(page, proxy.url, [['identify', 'hog-2'], ...captures]);
    const done = (): boolean =>
      proxy.posts.filter((post) => post.endsWith(' 503') || post.endsWith(' 0')).length === 2;
    await until('both troubles were had', done);
    await eventsOf('hog-2', 7);
    const answered = proxy.posts.length;
    await until(
      'what was troubled is sent again',
      () => proxy.posts.filter((post) => post.endsWith(' 200')).length >= 2 && answered > 0,
    );
    await until('the doubled event is counted as a duplicate', async () => {
      const { total } = await client.ledger();
      return total.duplicate > 0 && total.pending === 0;
    });
    const events = await client.events({ user_id: 'hog-2' });
    assert.deepEqual([events.length, countOf(events, 'E')], [7, 5]);
    assertBalanced(await client.ledger());
  });

  test('both: a key that is none makes them stop', async (t) => {
    if (!needsChromium(t)) return;
    const { page, proxy } = await visit(t);
    proxy.status = 401;
    proxy.refusals = 1_000;
    const segmentSent = segmentCalls(page, proxy.url, [['track', 'E']]);
    await posthogCalls(page, proxy.url, [['capture', 'E']]);
    await segmentSent.catch(() => undefined);
    const collected = (): string[] => proxy.posts.filter((post) => /^\/(v1|e)\//.test(post));
    await until('both were refused', () => collected().length >= 2);
    // Longer than the first pause of either client before it sends again.
    await page.waitForTimeout(QUIET_MS);
    assert.equal(collected().filter((post) => post.startsWith('/v1/')).length, 1, collected().join());
    // One request for the page view, one for what was captured after it.
    assert.ok(collected().filter((post) => post.startsWith('/e/')).length <= 2, collected().join());
  });

  test('both: a clock that is two days behind is corrected', async (t) => {
    if (!needsChromium(t)) return;
    const { page, proxy } = await visit(t);
    const wrongMs = 2 * 86_400_000;
    await page.evaluate((behindMs) => {
      const RealDate = Date;
      globalThis.Date = class extends RealDate {
        constructor(...args: unknown[]) {
          super(...((args.length === 0 ? [RealDate.now() - behindMs] : args) as [number]));
        }
        static override now(): number {
          return RealDate.now() - behindMs;
        }
      } as DateConstructor;
    }, wrongMs);
    const startMs = Date.now();
    await segmentCalls(page, proxy.url, [
      ['identify', 'late-1'],
      ['track', 'E'],
    ]);
    await posthogCalls(page, proxy.url, [
      ['identify', 'late-2'],
      ['capture', 'E'],
    ]);
    for (const [user, count] of [
      ['late-1', 2],
      ['late-2', 3],
    ] as const) {
      const events = await eventsOf(user, count);
      for (const { timestamp, properties } of events) {
        // Corrected up to the time that the request was under way.
        const timeMs = Date.parse(timestamp);
        assert.ok(timeMs > startMs - 1_000 && timeMs <= Date.now(), `${user}: ${timestamp}`);
        const said = Date.parse(String(properties['original_timestamp']));
        assert.ok(Math.abs(said + wrongMs - timeMs) < 120_000);
      }
    }
  });
});
