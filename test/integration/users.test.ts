/** What is derived in the background, on the whole platform: users and metrics are known as soon as their events are, whether or not it has been filled, and after kill -9. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EventsAnswer } from '../../src/contract/events.ts';
import type { MetricAnswer, MetricSaved } from '../../src/contract/metrics.ts';
import type { MetricsAnswer } from '../../src/contract/system.ts';
import type { UserAnswer, UserProfile, UsersAnswer } from '../../src/contract/users.ts';
import { Client } from '../support/client.ts';
import { freePort, Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

let dataDir: string;
let port = 0;
let platform: Platform;
let http: Client;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aevum-users-'));
  port = await freePort();
  platform = await Platform.start(dataDir, port);
  http = new Client(platform.url);
});
after(async () => {
  await platform?.kill('group');
  await rm(dataDir, { recursive: true, force: true });
});

const get = <T>(path: string): Promise<T> => http.get<T>(path);

const send = async (...events: readonly object[]): Promise<void> => {
  await http.send(...events);
  await http.settled();
};

/** Events in the order of users, as the platform counts them since its start. */
const ordered = async (): Promise<number> => {
  const { metrics } = await get<MetricsAnswer>('/api/metrics');
  return metrics
    .filter(({ name, labels }) => name === 'aevum_derived_rows_total' && labels['table'] === 'user_events')
    .reduce((sum, { value }) => sum + value, 0);
};

/** Look-ups of users by whether events behind the order of users had to be looked through. */
const lookups = async (behind: 'read' | 'spared'): Promise<number> => {
  const { metrics } = await get<MetricsAnswer>('/api/metrics');
  return (
    metrics.find(
      ({ name, labels }) => name === 'aevum_query_user_lookups_total' && labels['behind'] === behind,
    )?.value ?? 0
  );
};

const expectAda = async (events: number): Promise<void> => {
  const user = await get<UserAnswer>('/api/users/ada');
  assert.deepEqual(
    [user.events, user.traits, user.country, user.revenue],
    [
      events,
      { plan: 'pro', seats: 3 },
      'DE',
      [{ currency: 'EUR', events: 1, total: 9.9, total_exact: '9.9' }],
    ],
  );
  const profile = await get<UserProfile>('/api/users/ada/profile');
  assert.deepEqual(profile.traits, user.traits);
  const { events: timeline } = await get<EventsAnswer>('/api/users/ada/timeline');
  assert.equal(timeline.length, events);
  assert.equal(timeline.at(-1)?.properties['traits'] !== undefined, true);
};

test('a user is known at once, and the same once the order of users is filled and after kill -9', {
  timeout: 300_000,
}, async () => {
  const at = (seconds: number) => new Date(Date.now() - 60_000 + seconds * 1_000).toISOString();
  await send(
    {
      type: 'identify',
      user_id: 'ada',
      timestamp: at(1),
      properties: { traits: { plan: 'free', seats: 3 } },
    },
    { type: 'page_view', user_id: 'ada', timestamp: at(2), context: { country: 'DE', page: '/' } },
    { type: 'identify', user_id: 'ada', timestamp: at(3), properties: { traits: { plan: 'pro' } } },
    { type: 'purchase', user_id: 'ada', timestamp: at(4), value: '9.90', currency: 'EUR' },
    { type: 'page_view', user_id: 'ben', timestamp: at(5) },
    { type: 'page_view', timestamp: at(6) },
  );
  await expectAda(4);
  await until('the order of users has five events', async () => (await ordered()) >= 5);
  await expectAda(4);
  // Events of others do not make it look behind the order; one of the user does, at once.
  const read = await lookups('read');
  const spared = await lookups('spared');
  await send({ type: 'click', user_id: 'ben', timestamp: at(6.5) });
  await expectAda(4);
  assert.deepEqual([await lookups('read'), await lookups('spared')], [read, spared + 3]);
  await send({ type: 'page_view', user_id: 'ada', timestamp: at(7) });
  await expectAda(5);
  await platform.kill('group');
  platform = await Platform.start(dataDir, port);
  http = new Client(platform.url);
  await http.settled();
  await expectAda(5);
  await until('the new event is in the order of users', async () => (await ordered()) >= 1);
  await expectAda(5);
  const { users } = await get<UsersAnswer>('/api/users?sort=user_id');
  assert.deepEqual(
    users.map(({ user_id, events }) => [user_id, events]),
    [
      ['ada', 5],
      ['ben', 2],
    ],
  );
});

test('a metric that is kept ready answers from its table, also after kill -9, until it is removed', {
  timeout: 300_000,
}, async () => {
  const call = (path: string, method: string, body?: object) =>
    http.ask(path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const definition = {
    name: 'views',
    title: 'Views',
    events: 'page_view',
    dimensions: ['country'],
    rollup: 'always',
  };
  const made = await call('/api/metric-definitions', 'POST', definition);
  assert.equal(made.status, 201, made.text);
  const { id } = JSON.parse(made.text) as MetricSaved;
  const views = async (): Promise<MetricAnswer> => {
    const question = {
      kind: 'metric',
      metric: 'views',
      range: 'last 2 days',
      by: ['country'],
      interval: '1d',
    };
    const reply = await call('/api/query', 'POST', question);
    assert.equal(reply.status, 200, reply.text);
    return JSON.parse(reply.text) as MetricAnswer;
  };
  const expectKept = async (events: number): Promise<void> => {
    await until('its table is read', async () => (await views()).source === 'rollup_metric');
    const { series } = await views();
    assert.equal(
      series.reduce((sum, { total }) => sum + (total ?? 0), 0),
      events,
    );
  };
  await expectKept(4);
  await send({
    type: 'page_view',
    user_id: 'cleo',
    timestamp: new Date().toISOString(),
    context: { country: 'FR' },
  });
  await expectKept(5);
  await platform.kill('group');
  platform = await Platform.start(dataDir, port);
  http = new Client(platform.url);
  await http.settled();
  await expectKept(5);
  const { kept } = await until('it is filled', async () => {
    const metric = await get<MetricSaved>(`/api/metric-definitions/${id}`);
    // Records come also by themselves: it may be behind again for a moment.
    return metric.kept?.state === 'ready' && metric.kept.filled === 1 && metric;
  });
  assert.ok(kept !== null && kept.rows > 0 && kept.bytes > 0, JSON.stringify(kept));
  assert.equal((await call(`/api/metric-definitions/${id}`, 'DELETE')).status, 200);
  assert.equal((await call('/api/query', 'POST', { kind: 'metric', metric: id })).status, 400);
});
