import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accept, type Answer, refuse, START_MS, World } from './testing/world.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const codesOf = (world: World): string[] => world.errors.map(({ code }) => code);

test('events wait for each other, go in one request and in order, and have ids that increase', async () => {
  const world = new World();
  const { client } = world.client();
  const ids = [client.track('a'), client.track('b', { plan: 'pro' }, { value: '1.5', currency: 'EUR' })];
  await world.pass(999);
  assert.deepEqual(world.types, []);
  await world.pass(1);
  assert.deepEqual(world.types, [['a', 'b']]);
  const [request] = world.sent;
  assert.equal(request?.url, 'https://events.example/api/events/batch');
  assert.deepEqual(request.init.headers, { authorization: 'Bearer key' });
  assert.deepEqual(
    request.events.map(({ id }) => id),
    ids,
  );
  assert.ok(ids.every((id) => UUID_V7.test(id ?? '')));
  assert.ok(String(ids[0]) < String(ids[1]));
  const { anonymous_id, session_id, ...second } = request.events[1] ?? assert.fail('no second event');
  assert.deepEqual(second, {
    id: ids[1],
    timestamp: START_MS,
    type: 'b',
    source: 'web',
    user_id: anonymous_id,
    context: { page: '/here' },
    properties: { plan: 'pro' },
    value: '1.5',
    currency: 'EUR',
  });
  assert.match(String(session_id), UUID_V7);
  assert.deepEqual(client.stats(), { waiting: 0, dropped: 0, accepted: 2, refused: 0, retries: 0 });
});

test('a full batch goes at once; long bodies are compressed unless told otherwise', async () => {
  const world = new World();
  const { client } = world.client({ batchSize: 10 });
  for (let n = 0; n < 10; n++) client.track('t', { filler: 'x'.repeat(200) });
  await world.pass(0);
  assert.equal(world.sent[0]?.events.length, 10);
  assert.equal(new Headers(world.sent[0].init.headers).get('content-encoding'), 'gzip');
  const plain = new World();
  plain.client({ batchSize: 1, compression: 'none' }).client.track('t', { filler: 'x'.repeat(2000) });
  await plain.pass(0);
  assert.equal(typeof plain.sent[0]?.init.body, 'string');
});

test('what may pass is sent again with the same bytes after growing pauses; then it pauses and says so', async () => {
  for (const answer of [
    refuse(503),
    refuse(429),
    refuse(408),
    refuse(500),
    () => new Error('cut'),
  ] as Answer[]) {
    const world = new World();
    world.answer = answer;
    const { client } = world.client({ retry: { maxAttempts: 3, backoffMs: 100 } });
    client.track('a');
    await world.pass(1000 + 99);
    assert.equal(world.sent.length, 1);
    await world.pass(1);
    assert.equal(world.sent.length, 2);
    await world.pass(200);
    assert.equal(world.sent.length, 3);
    assert.equal(new Set(world.sent.map(({ init }) => init.body)).size, 1);
    assert.deepEqual(codesOf(world), ['unreachable']);
    assert.equal(world.errors[0]?.lost, false);
    world.answer = accept;
    await world.pass(60_000);
    assert.deepEqual(client.stats(), { waiting: 0, dropped: 0, accepted: 1, refused: 0, retries: 3 });
  }
});

test('Retry-After is honoured, in seconds and as a date, by every way to send', async () => {
  const date = new Date(START_MS + 21_000).toUTCString();
  for (const headers of [{ 'retry-after': '20' }, { 'retry-after': date }]) {
    const world = new World();
    world.answer = refuse(503, headers);
    const core = world.client();
    core.client.track('a');
    await world.pass(1000);
    world.answer = accept;
    core.wake();
    core.leave();
    void core.client.flush();
    await world.pass(19_999);
    assert.equal(world.sent.length, 1);
    await world.pass(1);
    assert.equal(world.sent.length, 2);
    assert.equal(core.client.stats().accepted, 1);
  }
});

test('an answer that does not come is given up after its time, and one that is not the platform’s does not count', async () => {
  const world = new World();
  world.answer = () => new Promise<never>(() => {});
  const { client } = world.client({ timeoutMs: 3000 });
  client.track('a');
  await world.pass(1000 + 3000);
  world.answer = () => new Response('<h1>Welcome to our network</h1>', { status: 202 });
  await world.pass(500);
  assert.equal(client.stats().waiting, 1);
  world.answer = accept;
  await world.pass(1000);
  assert.deepEqual([world.sent.length, client.stats().accepted], [3, 1]);
});

test('what will not pass is reported and not repeated; each refused event is reported with its message', async () => {
  const world = new World();
  world.answer = refuse(401, {}, 'unknown_key');
  const { client } = world.client();
  const id = client.track('a');
  assert.equal(await client.flush(), 0);
  assert.deepEqual(world.errors, [
    { code: 'unknown_key', message: 'What to do.', status: 401, lost: true, ids: [id] },
  ]);
  const rejected = [{ index: 1, id: null, code: 'missing_type', message: 'Set "type".' }];
  world.answer = () => Response.json({ accepted: 2, position: '1', rejected }, { status: 202 });
  const ids = [client.track('b'), client.track(''), client.track('c')];
  await client.flush();
  assert.deepEqual(world.errors[1], {
    code: 'missing_type',
    message: 'Set "type".',
    status: 202,
    lost: true,
    ids: [ids[1]],
  });
  assert.deepEqual(client.stats(), { waiting: 0, dropped: 0, accepted: 2, refused: 2, retries: 0 });
});

test('a batch that is too large is split; a single event that is, is reported', async () => {
  const world = new World();
  world.answer = (sent) =>
    sent.events.length > 2 || sent.events.some(({ type }) => type === 'huge')
      ? refuse(413, {}, 'body_too_large')(sent)
      : accept(sent);
  const { client } = world.client();
  for (const type of ['a', 'b', 'c', 'd', 'e']) client.track(type);
  const huge = client.track('huge');
  await client.flush();
  assert.deepEqual(
    world.errors.map(({ code, ids }) => [code, ids]),
    [['body_too_large', [huge]]],
  );
  assert.equal(client.stats().accepted, 5);
});

test('the queue is bounded: what does not fit is not taken, and reported', async () => {
  const world = new World();
  const { client } = world.client({ queueEventsMax: 2 });
  const ids = [client.track('a'), client.track('b'), client.track('c')];
  assert.equal(ids[2], undefined);
  assert.deepEqual(codesOf(world), ['queue_full']);
  assert.equal(world.client({ queueBytesMax: 50 }).client.track('a'), undefined);
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  assert.equal(client.track('d', circular), undefined);
  assert.equal(client.stats().dropped, 2);
  await client.flush();
  assert.deepEqual(world.types, [['a', 'b']]);
});

test('what waits survives the page in its order, and goes before what is new', async () => {
  const world = new World();
  world.answer = () => new Error('offline');
  const before = world.client().client;
  before.track('a');
  before.track('b');
  await world.pass(1000);
  assert.equal(world.storage.events.length, 2);
  world.answer = accept;
  const after = world.client().client;
  after.track('c');
  await after.flush();
  assert.deepEqual(world.types.at(-1), ['a', 'b', 'c']);
  assert.equal(world.storage.events.length, 0);
  const sentBefore = world.sent.length;
  await world.pass(120_000);
  assert.equal(world.sent.length, sentBefore, 'the first client sends what the second one has delivered');
});

test('a full storage is reported, and the event is still sent; a damaged entry is passed over', async () => {
  const world = new World();
  world.storage.items.set('aevum.key.e.x', 'damaged');
  world.storage.charactersMax = 100;
  const { client } = world.client();
  client.track('a');
  assert.deepEqual(codesOf(world), ['not_saved']);
  assert.equal(await client.flush(), 0);
  assert.equal(client.stats().accepted, 1);
});

test('a page that goes sends what waits by a simple request, and forgets it only when it is answered', async () => {
  const world = new World();
  const { client, leave } = world.client();
  client.track('a');
  world.answer = () => new Promise<never>(() => {});
  leave();
  leave();
  assert.equal(world.sent.length, 1);
  const [{ url, init } = { url: '', init: {} }] = world.sent;
  assert.equal(url, 'https://events.example/api/events/batch?key=key');
  assert.deepEqual([init.keepalive, init.headers], [true, undefined]);
  assert.equal(world.storage.events.length, 1);
  const other = new World();
  const page = other.client();
  page.client.track('a');
  page.leave();
  await other.pass(5000);
  assert.deepEqual([other.sent.length, other.storage.events.length], [1, 0]);
});

test('sessions end after 30 idle minutes; user, anonymous id and campaign are remembered by all tabs', async () => {
  const world = new World();
  world.campaign = { utm_source: 'news' };
  const one = world.client().client;
  one.page();
  world.campaign = undefined;
  one.identify('ada', { plan: 'pro' });
  const two = world.client().client;
  two.track('in another tab');
  world.nowMs += 29 * 60_000;
  two.track('within');
  world.nowMs += 31 * 60_000;
  two.track('later');
  two.alias('ada-2');
  two.reset();
  two.track('somebody else');
  await Promise.all([one.flush(), two.flush()]);
  const events = world.sent
    .flatMap((request) => request.events)
    .filter((event, at, all) => all.findIndex(({ id }) => id === event.id) === at)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const by = (type: string) => events.find((event) => event.type === type) ?? assert.fail(type);
  const page = by('page_view');
  assert.equal(page['user_id'], page['anonymous_id']);
  assert.deepEqual(by('identify')['properties'], { traits: { plan: 'pro' } });
  const within = by('within');
  assert.deepEqual(
    [within['user_id'], within['anonymous_id'], within['session_id']],
    ['ada', page['anonymous_id'], page['session_id']],
  );
  assert.deepEqual(within['context'], { page: '/here', utm_source: 'news' });
  assert.notEqual(by('later')['session_id'], page['session_id']);
  assert.deepEqual(by('later')['context'], { page: '/here' });
  assert.deepEqual([by('alias')['user_id'], by('alias')['properties']], ['ada-2', { previous_id: 'ada' }]);
  assert.notEqual(by('somebody else')['user_id'], 'ada');
  assert.notEqual(by('somebody else')['anonymous_id'], page['anonymous_id']);
});

test('without consent nothing is sent or stored; denied forgets everything; the decision is remembered', async () => {
  const world = new World();
  const { client } = world.client({ consent: 'pending', queueEventsMax: 2 });
  for (const type of ['a', 'b', 'c']) client.track(type);
  await world.pass(100_000);
  assert.equal(world.storage.items.size, 0);
  assert.equal(client.stats().waiting, 2);
  client.consent('granted');
  await world.pass(1000);
  assert.deepEqual(world.types, [['a', 'b']]);
  client.track('d');
  client.consent('denied');
  assert.deepEqual([...world.storage.items], [['aevum.key.consent', 'denied']]);
  const later = world.client().client;
  assert.equal(later.track('e'), undefined);
  await world.pass(100_000);
  assert.equal(world.sent.length, 1);
  assert.equal(client.stats().waiting, 0);
});

test('a decision in one tab counts in the others', async () => {
  const world = new World();
  const [one, two] = [world.client(), world.client()];
  two.client.track('a');
  one.client.consent('denied');
  two.heed();
  await world.pass(10_000);
  assert.equal(two.client.track('b'), undefined);
  assert.deepEqual([two.client.stats().waiting, world.sent.length], [0, 0]);
});

test('a clock that is wrong by hours is corrected by the platform’s date, and only once for each event', async () => {
  for (const wrongByMs of [30 * 3_600_000, -5 * 3_600_000]) {
    const world = new World();
    const trueMs = (): number => world.nowMs + wrongByMs;
    world.answer = ({ events }) => {
      const rejected = events.flatMap(({ timestamp }, index) =>
        Math.abs(timestamp - trueMs()) < 600_000
          ? []
          : [{ index, code: 'too_old', message: 'Check the clock.' }],
      );
      return Response.json(
        { accepted: 1, position: '1', rejected },
        { status: 202, headers: { date: new Date(trueMs()).toUTCString() } },
      );
    };
    const { client } = world.client();
    client.track('a');
    await client.flush();
    client.track('b');
    await client.flush();
    assert.deepEqual(client.stats(), { waiting: 0, dropped: 0, accepted: 2, refused: 0, retries: 0 });
    assert.deepEqual(world.types, [['a'], ['a'], ['b']]);
    world.client().client.track('c');
    await world.pass(1000);
    assert.deepEqual(world.types.at(-1), ['c'], 'it is remembered');
    client.track('really old', {}, { timestamp: 0 });
    await client.flush();
    assert.deepEqual(codesOf(world), ['too_old']);
  }
});

test('in a process nobody is remembered, and shutdown ends within its time', async () => {
  const world = new World();
  const { client } = world.client({}, true);
  client.identify('ada');
  client.track('a');
  client.track('b', {}, { userId: 'ada', sessionId: 's' });
  await client.flush();
  const [, a, b] = world.sent[0]?.events ?? [];
  assert.deepEqual([a?.['user_id'], a?.['session_id'], a?.['source']], [undefined, undefined, 'server']);
  assert.deepEqual([b?.['user_id'], b?.['session_id']], ['ada', 's']);
  world.answer = refuse(503, { 'retry-after': '3600' });
  client.track('c');
  const shut = client.shutdown(2000);
  await world.pass(2000);
  assert.equal(await shut, 1);
  assert.equal(client.track('d'), undefined);
  assert.equal(codesOf(world).at(-1), 'shut_down');
});

test('a client that cannot work says so at once; an onError that throws does no harm', () => {
  const world = new World();
  assert.throws(() => world.client({ url: 'events.example' }), /url and writeKey/);
  assert.throws(() => world.client({ writeKey: '' }), /url and writeKey/);
  const onError = (): never => {
    throw new Error('mine');
  };
  const { client } = world.client({ queueEventsMax: 0, onError });
  assert.equal(client.track('a'), undefined);
});
