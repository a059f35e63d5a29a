/** Projects beside each other on the whole platform: made by those who may, and nothing of one is seen or counted in another. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CreatedKey } from '../../src/contract/keys.ts';
import type { CreatedProjectAnswer, ProjectsAnswer } from '../../src/contract/projects.ts';
import type { SessionAnswer } from '../../src/contract/session.ts';
import { assertBalanced, Client, codeOf, type Reply } from '../support/client.ts';
import { aevum } from '../support/command.ts';
import { ADMIN_KEY, freePort, Platform, WRITE_KEY } from '../support/platform.ts';

let folder: string;
let dataDir: string;
let platform: Platform;
let http: Client;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aevum-projects-'));
  dataDir = join(folder, 'data');
  platform = await Platform.start(dataDir, await freePort());
  http = new Client(platform.url);
});

after(async () => {
  await platform?.kill('group');
  await rm(folder, { recursive: true, force: true });
});

const JSON_HEADERS = { 'content-type': 'application/json' };

const make = (name: unknown, key: string = ADMIN_KEY): Promise<Reply> =>
  http.ask('/api/projects', { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify({ name }), key });

const made = async (name: string): Promise<string> => {
  const reply = await make(name);
  assert.equal(reply.status, 201, reply.text);
  return (JSON.parse(reply.text) as CreatedProjectAnswer).write_key;
};

/** An admin key of a project, made as its operator makes it. */
const adminOf = async (project: string): Promise<string> => {
  const words = ['--project', project, '--scope', 'admin', '--name', 'team', '--data-dir', dataDir, '--json'];
  const { code, stdout, stderr } = await aevum(['keys', 'create', ...words]);
  assert.equal(code, 0, stderr);
  const { key } = JSON.parse(stdout) as CreatedKey;
  // The platform looks every second for keys that a command made; until then asking is refused.
  await new Client(platform.url, { admin: key }).settled();
  return key;
};

const namesFor = async (key: string): Promise<string[]> => {
  const reply = await http.ask('/api/projects', { key });
  assert.equal(reply.status, 200, reply.text);
  return (JSON.parse(reply.text) as ProjectsAnswer).projects.map(({ name }) => name);
};

test('the same ids in two projects do not touch each other, over a restart', async () => {
  const write = await made('shop');
  const admin = await adminOf('shop');
  const shop = new Client(platform.url, { write, admin });
  const events = Array.from({ length: 50 }, (_, at) => ({ id: `same-${at}`, type: 'order', value: '1.50' }));
  await http.send(...events, { id: 'only-default', type: 'order' });
  await shop.send(...events, ...events.slice(0, 20));
  await shop.send({ id: 'same-1', type: 'order' });
  const check = async (first: Client, second: Client): Promise<void> => {
    const [ofDefault, ofShop] = [await first.settled(), await second.settled()];
    assertBalanced(ofDefault);
    assertBalanced(ofShop);
    assert.deepEqual([ofDefault.total.received, ofDefault.total.stored], [51, 51]);
    assert.deepEqual([ofShop.total.received, ofShop.total.stored, ofShop.total.duplicate], [71, 50, 21]);
    assert.deepEqual([await first.count(), await second.count()], [51, 50]);
    assert.equal((await second.events({ limit: '1000' })).length, 50);
    assert.equal((await first.trace('only-default')).state, 'stored');
    assert.equal((await second.ask('/api/events/only-default/trace')).status, 404);
  };
  await check(http, shop);
  await platform.kill('group');
  platform = await Platform.start(dataDir, platform.port);
  await check(new Client(platform.url), new Client(platform.url, { write, admin }));
});

test('projects are made by those who administer all of them', async () => {
  await made('garden');
  const admin = await adminOf('garden');
  assert.equal(codeOf(await make('mine', admin)), 'wrong_project');
  assert.equal(codeOf(await make('mine', WRITE_KEY)), 'missing_scope');
  assert.equal(codeOf(await make('garden')), 'conflict');
  assert.equal(codeOf(await make('default')), 'conflict');
  for (const name of ['demo', 'Shop', '', 'a'.repeat(65), 'a b', 7])
    assert.equal(codeOf(await make(name)), 'invalid_request', String(name));
  assert.deepEqual(await namesFor(admin), ['garden']);
  const all = await namesFor(ADMIN_KEY);
  assert.ok(all[0] === 'default' && all.includes('garden') && !all.includes('mine'), String(all));
});

/** What a signed-in browser sends with each request. */
const signIn = async (key: string): Promise<Record<string, string>> => {
  const origin = platform.url;
  const body = JSON.stringify({ key });
  const answer = await fetch(`${origin}/api/session`, {
    ...{ method: 'POST', headers: { ...JSON_HEADERS, origin }, body },
  });
  assert.equal(answer.status, 201, await answer.text());
  return { ...JSON_HEADERS, origin, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
};

test('a session makes a project and looks at it at once; one of another project sees that one only', async () => {
  const headers = await signIn(ADMIN_KEY);
  const body = JSON.stringify({ name: 'by-session' });
  const reply = await fetch(`${platform.url}/api/projects`, { method: 'POST', headers, body });
  assert.equal(reply.status, 201);
  const { write_key } = (await reply.json()) as CreatedProjectAnswer;
  await new Client(platform.url, { write: write_key }).send({ id: 'a', type: 'first' });
  const path = '/api/session?project=by-session';
  const session = (await (await fetch(platform.url + path, { headers })).json()) as SessionAnswer;
  assert.equal(session.project, 'by-session');
  assert.ok(session.projects.some(({ name }) => name === 'by-session'));
  // Only the hash of a key is kept, but for those in credentials.json.
  assert.equal(session.write_key, null);
  const keys = await fetch(`${platform.url}/api/keys?project=by-session`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ kind: 'admin', name: 'team' }) },
  });
  const { key } = (await keys.json()) as CreatedKey;
  assert.equal((await new Client(platform.url, { admin: key }).settled()).total.stored, 1);
  const confined = await signIn(key);
  const refused = await fetch(`${platform.url}/api/projects`, { method: 'POST', headers: confined, body });
  assert.equal(refused.status, 403);
  const listed = await fetch(`${platform.url}/api/projects`, { headers: confined });
  assert.deepEqual(
    ((await listed.json()) as ProjectsAnswer).projects.map(({ name }) => name),
    ['by-session'],
  );
  const unknown = await fetch(`${platform.url}/api/events?project=none`, { headers });
  assert.equal(unknown.status, 404);
});

test('a project has a time zone for its pages; only its own admin and the operator choose it', async () => {
  await made('zoned');
  const admin = await adminOf('zoned');
  const change = (name: string, timezone: unknown, key: string): Promise<Reply> =>
    http.ask(`/api/projects/${name}`, {
      ...{ method: 'PATCH', headers: JSON_HEADERS, key },
      body: JSON.stringify({ timezone }),
    });
  const zoneOf = async (): Promise<string | null | undefined> => {
    const reply = await http.ask('/api/projects', { key: admin });
    return (JSON.parse(reply.text) as ProjectsAnswer).projects.find(({ name }) => name === 'zoned')?.timezone;
  };
  assert.equal(await zoneOf(), null);
  assert.equal((await change('zoned', 'Europe/Berlin', admin)).status, 200);
  assert.equal(await zoneOf(), 'Europe/Berlin');
  const wrong = await change('zoned', 'Mars/Olympus', admin);
  assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'invalid_request']);
  for (const name of ['default', 'none']) {
    const refused = await change(name, 'UTC', admin);
    assert.deepEqual([refused.status, codeOf(refused)], [404, 'not_found'], name);
  }
  assert.equal((await change('zoned', null, ADMIN_KEY)).status, 200);
  assert.equal(await zoneOf(), null);
});
