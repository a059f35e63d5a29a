/** The real clients of Segment and PostHog for Node, told nothing but a host and a key. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Analytics } from '@segment/analytics-node';
import { PostHog } from 'posthog-node';
import type { StoredEvent } from '../../src/contract/event.ts';
import { assertBalanced, Client } from '../support/client.ts';
import { freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { FlakyProxy } from './flaky-proxy.ts';

const SEGMENT_LIBRARY = { name: '@segment/analytics-node', version: '3.1.0' };

/** What a test can know of a stored event beforehand. */
const known = ({ id: _id, received_at: _received, position: _position, ...event }: StoredEvent): object =>
  event;

const idsOf = (events: readonly StoredEvent[]): Set<string> => new Set(events.map(({ id }) => id));

describe('clients for Node', { timeout: 300_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-vendor-'));
  let platform: Platform;
  let client: Client;

  before(async () => {
    platform = await Platform.start(dataDir, await freePort());
    client = new Client(platform.url);
  });
  after(async () => {
    await platform?.kill('group');
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** All stored events of a user, oldest first. */
  const eventsOf = async (user: string): Promise<StoredEvent[]> => {
    await client.settled();
    const events = await client.events({ user_id: user });
    return events.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
  };

  const segment = (host: string, writeKey = WRITE_KEY): Analytics =>
    new Analytics({ writeKey, host, flushAt: 50, flushInterval: 50, maxRetries: 5 });

  const posthog = (host: string, key = WRITE_KEY): PostHog =>
    new PostHog(key, { host, flushAt: 50, flushInterval: 50, fetchRetryDelay: 200, fetchRetryCount: 5 });

  test('@segment/analytics-node: every call is stored, field for field', async () => {
    const analytics = segment(platform.url);
    const failures: unknown[] = [];
    analytics.on('error', (error) => failures.push(error));
    const start = Date.now() - 60_000;
    const at = (index: number): Date => new Date(start + index * 1_000);
    const who = { userId: 'seg-1' };
    analytics.identify({ ...who, anonymousId: 'a-1', traits: { plan: 'pro' }, timestamp: at(0) });
    analytics.track({
      ...who,
      event: 'Order Completed',
      properties: { revenue: 59.9, currency: 'EUR', items: [{ sku: 'A-1' }] },
      context: {
        ip: '10.0.0.1',
        userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0',
        page: { url: 'https://shop.example/cart?x=1' },
      },
      timestamp: at(1),
    });
    analytics.page({
      ...who,
      category: 'Docs',
      name: 'Home',
      properties: { path: '/docs' },
      timestamp: at(2),
    });
    analytics.screen({ ...who, name: 'Main', properties: { dark: true }, timestamp: at(3) });
    analytics.group({ ...who, groupId: 'g-1', traits: { name: 'Acme' }, timestamp: at(4) });
    analytics.alias({ ...who, previousId: 'a-1', timestamp: at(5) });
    await analytics.closeAndFlush();
    assert.deepEqual(failures, []);
    const events = await eventsOf('seg-1');
    const common = (index: number): object => ({
      timestamp: at(index).toISOString(),
      source: 'server',
      user_id: 'seg-1',
    });
    const own = {
      'context.library': SEGMENT_LIBRARY,
      'segment._metadata': { nodeVersion: process.version, jsRuntime: 'node' },
    };
    assert.deepEqual(events.map(known), [
      {
        ...common(0),
        type: 'identify',
        properties: { anonymous_id: 'a-1', traits: { plan: 'pro' }, 'segment.type': 'identify', ...own },
      },
      {
        ...common(1),
        type: 'Order Completed',
        context: { page: '/cart', os: 'Windows', browser: 'Firefox', device_type: 'Desktop' },
        value: 59.9,
        currency: 'EUR',
        properties: {
          ...{ revenue: 59.9, currency: 'EUR', items: [{ sku: 'A-1' }], 'segment.type': 'track', ...own },
          ...{ 'context.ip': '10.0.0.1', 'context.userAgent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' },
          'context.page.url': 'https://shop.example/cart?x=1',
        },
      },
      {
        ...common(2),
        type: 'page_view',
        context: { page: '/docs' },
        properties: { path: '/docs', category: 'Docs', name: 'Home', 'segment.type': 'page', ...own },
      },
      {
        ...common(3),
        type: 'screen_view',
        properties: { dark: true, name: 'Main', 'segment.type': 'screen', ...own },
      },
      {
        ...common(4),
        type: 'group',
        properties: { group_id: 'g-1', traits: { name: 'Acme' }, 'segment.type': 'group', ...own },
      },
      { ...common(5), type: 'alias', properties: { previous_id: 'a-1', 'segment.type': 'alias', ...own } },
    ]);
    assert.ok(
      events.every(({ id }) => id.startsWith('node-next-')),
      'the id is the messageId',
    );
  });

  test('@segment/analytics-node: refused and cut off, it sends again, and nothing is lost or doubled', async (t) => {
    const proxy = await FlakyProxy.start(t, platform.url);
    proxy.refusals = 2;
    proxy.lostAnswers = 1;
    const analytics = segment(proxy.url);
    for (let index = 0; index < 20; index++)
      analytics.track({ userId: 'seg-2', event: 'E', properties: { index } });
    await analytics.closeAndFlush({ timeout: 180_000 });
    assert.deepEqual(proxy.posts, ['/v1/batch 503', '/v1/batch 503', '/v1/batch 0', '/v1/batch 200']);
    const events = await eventsOf('seg-2');
    assert.equal(events.length, 20);
    assert.equal(idsOf(events).size, 20);
    assertBalanced(await client.ledger());
  });

  test('@segment/analytics-node: a key that is none makes it stop, and says so to the program', async (t) => {
    const proxy = await FlakyProxy.start(t, platform.url);
    const analytics = segment(proxy.url, 'wrong-key-of-the-tests');
    const failures: unknown[] = [];
    analytics.on('error', (error) => failures.push(error));
    analytics.track({ userId: 'seg-3', event: 'E' });
    await analytics.closeAndFlush({ timeout: 180_000 });
    assert.deepEqual(proxy.posts, ['/v1/batch 401']);
    assert.equal(failures.length, 1);
  });

  test('posthog-node: every call is stored, field for field', async () => {
    const start = Date.now() - 60_000;
    const at = (index: number): Date => new Date(start + index * 1_000);
    const failures: unknown[] = [];
    const hog = posthog(platform.url);
    hog.on('error', (error: unknown) => failures.push(error));
    const distinctId = 'ph-1';
    hog.capture({
      distinctId,
      event: 'bought',
      properties: { revenue: 3.5, currency: 'usd', $set: { x: 1 } },
      groups: { company: 'acme' },
      timestamp: at(0),
    });
    hog.capture({
      distinctId,
      event: '$pageview',
      properties: { $current_url: 'https://shop.example/a?b=1', $session_id: 's-1' },
      timestamp: at(1),
    });
    hog.identify({ distinctId, properties: { email: 'e@shop.example' } });
    hog.alias({ distinctId, alias: 'old' });
    hog.groupIdentify({ distinctId, groupType: 'company', groupKey: 'acme', properties: { n: 1 } });
    assert.deepEqual(await hog.getAllFlags(distinctId), {});
    await hog.shutdown();
    assert.deepEqual(failures, []);
    const events = await eventsOf(distinctId);
    const own = { $lib: 'posthog-node', $lib_version: '5.70.0', $is_server: true, $geoip_disable: true };
    const expected = [
      {
        ...{ type: 'bought', value: 3.5, currency: 'USD', timestamp: at(0).toISOString() },
        properties: { revenue: 3.5, currency: 'usd', $set: { x: 1 }, $groups: { company: 'acme' }, ...own },
      },
      {
        ...{ type: 'page_view', session_id: 's-1', context: { page: '/a' }, timestamp: at(1).toISOString() },
        properties: {
          ...{
            'posthog.event': '$pageview',
            $current_url: 'https://shop.example/a?b=1',
            $session_id: 's-1',
            ...own,
          },
        },
      },
      {
        type: 'identify',
        properties: {
          ...{ 'posthog.event': '$identify', traits: { email: 'e@shop.example' }, ...own },
          ...{ $set: { email: 'e@shop.example' }, $set_once: {} },
        },
      },
      {
        type: 'alias',
        properties: {
          'posthog.event': '$create_alias',
          previous_id: 'old',
          distinct_id: 'ph-1',
          alias: 'old',
          ...own,
        },
      },
      {
        type: 'group',
        properties: {
          ...{
            'posthog.event': '$groupidentify',
            group_id: 'acme',
            group_type: 'company',
            traits: { n: 1 },
            ...own,
          },
          ...{ $group_type: 'company', $group_key: 'acme', $group_set: { n: 1 } },
        },
      },
    ];
    const types = expected.map(({ type }) => type);
    const found = types.map((type) => events.find((event) => event.type === type));
    assert.deepEqual(
      found.map((event) => event && known(event)),
      expected.map((event, index) => ({
        timestamp: found[index]?.timestamp,
        source: 'server',
        user_id: 'ph-1',
        ...event,
      })),
    );
    assert.equal(events.length, expected.length);
  });

  test('posthog-node: refused and cut off, it sends again, and nothing is lost or doubled', async (t) => {
    const proxy = await FlakyProxy.start(t, platform.url);
    proxy.refusals = 2;
    proxy.lostAnswers = 1;
    const hog = posthog(proxy.url);
    for (let index = 0; index < 20; index++)
      hog.capture({ distinctId: 'ph-2', event: 'E', properties: { index } });
    await hog.shutdown(60_000);
    assert.deepEqual(proxy.posts, ['/batch/ 503', '/batch/ 503', '/batch/ 0', '/batch/ 200']);
    const events = await eventsOf('ph-2');
    assert.equal(events.length, 20);
    assert.equal(idsOf(events).size, 20);
    assertBalanced(await client.ledger());
  });

  test('posthog-node in its newest mode: one result an event, and only what is to be sent again is', async (t) => {
    const proxy = await FlakyProxy.start(t, platform.url);
    proxy.refusals = 1;
    proxy.lostAnswers = 1;
    process.env['POSTHOG_CAPTURE_MODE'] = 'v1';
    t.after(() => delete process.env['POSTHOG_CAPTURE_MODE']);
    const hog = posthog(proxy.url);
    const failures: unknown[] = [];
    hog.on('error', (error: unknown) => failures.push(error));
    hog.capture({ distinctId: 'ph-4', event: 'E', properties: { $session_id: 's-4' } });
    hog.capture({ distinctId: 'ph-4', event: '' });
    hog.capture({ distinctId: 'ph-4', event: '$ai_trace', properties: { $ai_model: 'm' } });
    await hog.shutdown(60_000);
    const path = '/i/v1/analytics/events';
    const posts = proxy.posts.filter((post) => post.startsWith(path));
    assert.deepEqual(posts.at(-1), `${path} 200`);
    const events = await eventsOf('ph-4');
    assert.deepEqual(
      new Map(events.map(({ type, session_id: session }) => [type, session])),
      new Map([
        ['$ai_trace', undefined],
        ['E', 's-4'],
      ]),
    );
    assert.equal(failures.length, 1, 'the event without a name was dropped, and the program is told');
    assertBalanced(await client.ledger());
  });

  test('posthog-node: a key that is none makes it stop', async (t) => {
    const proxy = await FlakyProxy.start(t, platform.url);
    const hog = posthog(proxy.url, 'wrong-key-of-the-tests');
    const failures: unknown[] = [];
    hog.on('error', (error: unknown) => failures.push(error));
    hog.capture({ distinctId: 'ph-3', event: 'E' });
    await hog.shutdown(30_000);
    assert.deepEqual(proxy.posts, ['/batch/ 401']);
    assert.ok(failures.length > 0);
  });
});
