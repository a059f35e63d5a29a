/** The platform is killed while the real clients send: what they were told is stored is, and what they repeat is stored once. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Analytics } from '@segment/analytics-node';
import { PostHog } from 'posthog-node';
import { assertBalanced, Client } from '../support/client.ts';
import { freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { until } from '../support/until.ts';

const EVENTS = 400;

test('killed and started again while clients send, nothing is lost or doubled', {
  timeout: 300_000,
}, async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aevum-vendor-'));
  const port = await freePort();
  let platform = await Platform.start(dataDir, port);
  t.after(async () => {
    await platform.kill('group');
    rmSync(dataDir, { recursive: true, force: true });
  });
  const client = new Client(platform.url);
  const host = platform.url;
  const analytics = new Analytics({
    writeKey: WRITE_KEY,
    host,
    flushAt: 10,
    flushInterval: 50,
    maxRetries: 100,
  });
  const hog = new PostHog(WRITE_KEY, {
    host,
    flushAt: 10,
    flushInterval: 50,
    fetchRetryCount: 200,
    fetchRetryDelay: 200,
  });
  const failures: unknown[] = [];
  analytics.on('error', (error) => failures.push(error));
  hog.on('error', (error: unknown) => failures.push(error));
  const send = (from: number, to: number): void => {
    for (let index = from; index < to; index++) {
      analytics.track({ userId: 'seg', event: 'E', properties: { index } });
      hog.capture({ distinctId: 'hog', event: 'E', properties: { index } });
    }
  };

  send(0, EVENTS / 2);
  await until('something was taken in', async () => (await client.ledger()).total.received > 0);
  await platform.kill('group');
  send(EVENTS / 2, EVENTS);
  platform = await Platform.start(dataDir, port);
  await Promise.all([analytics.closeAndFlush({ timeout: 180_000 }), hog.shutdown(180_000)]);
  assert.deepEqual(failures, []);

  const ledger = await client.settled();
  assertBalanced(ledger);
  for (const user of ['seg', 'hog']) {
    const events = await client.events({ user_id: user, limit: '1000' });
    assert.equal(events.length, EVENTS, user);
    assert.equal(new Set(events.map(({ properties }) => properties['index'])).size, EVENTS, user);
  }
  assert.equal(ledger.total.stored, EVENTS * 2);
});
