/** Removing projects on the whole platform: nothing of them is left, nothing of others is touched, and the name is free at once. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CreatedKey } from '../../src/contract/keys.ts';
import type { CreatedProjectAnswer, ProjectsAnswer } from '../../src/contract/projects.ts';
import { assertBalanced, Client, codeOf, type Reply } from '../support/client.ts';
import { ADMIN_KEY, freePort, Platform } from '../support/platform.ts';
import { until } from '../support/until.ts';

let folder: string;
let dataDir: string;
let platform: Platform;
let operator: Client;

const start = async (port: number): Promise<void> => {
  platform = await Platform.start(dataDir, port);
  operator = new Client(platform.url);
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aevum-removal-'));
  dataDir = join(folder, 'data');
  await start(await freePort());
});

after(async () => {
  await platform?.kill('group');
  await rm(folder, { recursive: true, force: true });
});

const JSON_HEADERS = { 'content-type': 'application/json' };

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(platform.url + path, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: JSON.stringify(body),
  });

/** What a browser that is signed in by a key sends with each request. */
const signIn = async (key: string): Promise<Record<string, string>> => {
  const { url: origin } = platform;
  const answer = await post('/api/session', { key }, { origin });
  assert.equal(answer.status, 201, await answer.text());
  return { origin, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
};

interface Made {
  readonly write: string;
  readonly admin: string;
  readonly client: Client;
}

/** A project with a write key and an admin key. */
const made = async (name: string): Promise<Made> => {
  const authorization = `Bearer ${ADMIN_KEY}`;
  const project = await post('/api/projects', { name }, { authorization });
  assert.equal(project.status, 201, await project.clone().text());
  const { write_key: write } = (await project.json()) as CreatedProjectAnswer;
  const session = await signIn(ADMIN_KEY);
  const created = await post(`/api/keys?project=${name}`, { kind: 'admin', name: 'team' }, session);
  assert.equal(created.status, 201, await created.clone().text());
  const { key: admin } = (await created.json()) as CreatedKey;
  return { write, admin, client: new Client(platform.url, { write, admin }) };
};

const remove = (name: string, key = ADMIN_KEY): Promise<Reply> =>
  operator.ask(`/api/projects/${name}`, { method: 'DELETE', key });

const listed = async (): Promise<ProjectsAnswer['projects']> =>
  (await operator.get<ProjectsAnswer>('/api/projects')).projects;

const removedWholly = (): Promise<true> =>
  until('no project is being removed', async () => !(await listed()).some(({ removing }) => removing));

/** A question of a project that was to be answered later, and is. */
const answered = async ({ client }: Made): Promise<void> => {
  await client.answerOf(await client.askLater());
};

/** An export of a project that has written its file. */
const exported = async ({ client, admin }: Made): Promise<void> => {
  const send = async (method: string, path: string, body?: object): Promise<Reply> => {
    const options = { method, headers: JSON_HEADERS, key: admin };
    const reply = await client.ask(
      path,
      body === undefined ? options : { ...options, body: JSON.stringify(body) },
    );
    assert.ok(reply.status < 300, reply.text);
    return reply;
  };
  const question = { kind: 'trend', interval: 'total' };
  const { text } = await send('POST', '/api/exports', {
    name: 'Orders',
    what: { kind: 'question', question },
  });
  const { id } = JSON.parse(text) as { id: string };
  await send('POST', `/api/exports/${id}/run`);
  await until('the file is written', async () =>
    (await send('GET', `/api/exports/${id}/files`)).text.includes('orders_'),
  );
};

const orders = (count: number): { id: string; type: string; user_id: string }[] =>
  Array.from({ length: count }, (_, at) => ({ id: `order-${at}`, type: 'order', user_id: `u${at % 7}` }));

test('a removed project leaves nothing, its keys and sessions end at once, and its name and ids are free', async () => {
  const kept = await made('kept');
  const shop = await made('shop');
  await kept.client.send(...orders(40));
  await shop.client.send(...orders(60), ...orders(10));
  await shop.client.ask('/api/events', {
    method: 'POST',
    headers: JSON_HEADERS,
    body: '{"type":7}',
    key: shop.write,
  });
  assert.equal((await shop.client.settled()).total.stored, 60);
  const session = await signIn(shop.admin);
  await Promise.all([exported(kept), exported(shop), answered(kept), answered(shop)]);

  const reply = await remove('shop');
  assert.equal(reply.status, 202, reply.text);
  assert.match(reply.text, /"removing":true/);
  for (const key of [shop.write, shop.admin])
    assert.equal(codeOf(await operator.ask('/api/projects', { key })), 'unknown_key');
  assert.equal((await fetch(`${platform.url}/api/session`, { headers: session })).status, 401);

  // Of the same name at once, with the same ids: another project.
  const again = await made('shop');
  await again.client.send(...orders(25));
  const books = await again.client.settled();
  assertBalanced(books);
  assert.deepEqual([books.total.received, books.total.stored, books.total.duplicate], [25, 25, 0]);
  assert.equal(await again.client.count(), 25);
  assert.equal((await again.client.ask('/api/events/order-30/trace')).status, 404);

  await removedWholly();
  for (const files of ['exports', 'answers']) assert.deepEqual(await readdir(join(dataDir, files)), ['kept']);
  assert.deepEqual(
    (await listed()).map(({ name, removing }) => [name, removing]),
    [
      ['default', false],
      ['kept', false],
      ['shop', false],
    ],
  );
  assert.equal(await again.client.count(), 25);
  const others = await kept.client.settled();
  assertBalanced(others);
  assert.deepEqual([others.total.stored, await kept.client.count()], [40, 40]);
  const { checks } = await operator.health();
  assert.ok(!checks.some(({ status }) => status === 'red'), JSON.stringify(checks));
});

test('what arrives while a project is removed is refused, and nothing of it comes after', async () => {
  const busy = await made('busy');
  let isRemoved = false;
  const senders = Array.from({ length: 4 }, async (_, sender) => {
    for (let at = 0; !isRemoved && at < 5_000; at++) {
      const reply = await busy.client.post(JSON.stringify({ id: `b-${sender}-${at}`, type: 'busy' }));
      if (reply.status === 401) return 'refused';
      assert.equal(reply.status, 202, reply.text);
    }
    return 'never refused';
  });
  await until('some are stored', async () => (await busy.client.count()) > 20);
  assert.equal((await remove('busy')).status, 202);
  assert.deepEqual(await Promise.all(senders), Array<string>(4).fill('refused'));
  isRemoved = true;
  await removedWholly();
  const anew = await made('busy');
  await anew.client.send({ id: 'b-0-0', type: 'busy' });
  assert.equal((await anew.client.settled()).total.received, 1);
  assert.equal(await anew.client.count(), 1);
});

test('a removal that kill -9 interrupts goes on at the next start', async () => {
  const cut = await made('cut');
  await cut.client.send(...orders(500));
  assert.equal((await remove('cut')).status, 202);
  await platform.kill('group');
  await start(platform.port);
  await removedWholly();
  assert.ok(!(await listed()).some(({ name }) => name === 'cut'));
  assert.equal(codeOf(await operator.ask('/api/projects', { key: cut.admin })), 'unknown_key');
  const anew = await made('cut');
  await anew.client.send(...orders(5));
  const books = await anew.client.settled();
  assertBalanced(books);
  assert.equal(books.total.stored, 5);
});

test('only who administers all projects removes one, and not the first', async () => {
  const mine = await made('mine');
  assert.equal(codeOf(await remove('mine', mine.admin)), 'wrong_project');
  assert.equal(codeOf(await remove('mine', mine.write)), 'missing_scope');
  assert.equal(codeOf(await remove('default')), 'conflict');
  assert.equal(codeOf(await remove('nobody')), 'not_found');
  assert.equal(codeOf(await remove('mine~2')), 'not_found');
  assert.equal(await mine.client.count(), 0);
});
