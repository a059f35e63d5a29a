/**
 * Who may do what, on a whole platform: every route of the contract asks for the permission that it declares, and nobody of one organisation learns anything of another.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Permission, ROLE_PERMISSIONS, SCOPE_PERMISSIONS } from '../../src/access/permissions.ts';
import type { CreatedKey, KeysAnswer } from '../../src/contract/keys.ts';
import { LIVE_CLOSE_CODES } from '../../src/contract/live.ts';
import type { CreatedShare, SharesAnswer } from '../../src/contract/shares.ts';
import type { CreatedInvitationAnswer, MeAnswer, MembersAnswer } from '../../src/contract/members.ts';
import { type OperationId, ROUTES } from '../../src/contract/routes.ts';
import type { SessionAnswer } from '../../src/contract/session.ts';
import { aevum } from '../support/command.ts';
import { LiveClient } from '../support/live.ts';
import { freePort, Platform, WRITE_KEY } from '../support/platform.ts';
import { ROUTE_SAMPLES, type RouteSample, type Subject } from '../support/route-samples.ts';
import {
  type Answered,
  ask,
  type Asker,
  joined,
  makeTenant,
  OPERATOR,
  type Tenant,
} from '../support/tenants.ts';
import { until } from '../support/until.ts';

let dataDir: string;
let platform: Platform;
let a: Tenant;
/** Whatever is of this one has its name in it. */
let b: Tenant;
const MARK = 'zebra';
const TEST_MS = 300_000;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'aevum-tenants-'));
  platform = await Platform.start(dataDir, await freePort());
  a = await makeTenant(platform, 'alpha');
  b = await makeTenant(platform, MARK);
});
after(async () => {
  await platform?.kill('group');
  await rm(dataDir, { recursive: true, force: true });
});

const OPERATIONS = Object.keys(ROUTES) as OperationId[];

const sampleOf = (operation: OperationId): RouteSample => {
  const sample = ROUTE_SAMPLES[operation];
  assert.ok(sample !== undefined, `${operation} has no entry in test/support/route-samples.ts`);
  return sample;
};

const declaredOf = (operation: OperationId): string => ROUTES[operation]['x-aevum-permission'];

/** What the table in docs/access.md says of each who asks. */
const permissionsOf = (asker: Asker): ReadonlySet<Permission> => {
  const [kind, scope] = asker.name.split(' ');
  if (asker === OPERATOR)
    return new Set([
      ...SCOPE_PERMISSIONS.admin,
      ...(['organisation:admin', 'platform:read', 'platform:admin'] as const),
    ]);
  const granted: readonly Permission[] =
    kind === 'key'
      ? SCOPE_PERMISSIONS[scope as keyof typeof SCOPE_PERMISSIONS]
      : [...ROLE_PERMISSIONS[kind === 'session' ? 'admin' : (kind as keyof typeof ROLE_PERMISSIONS)]];
  const seesPlatform = asker.name.endsWith(OF_DEFAULT) && granted.includes('data:read');
  return new Set([...granted, ...(seesPlatform ? (['platform:read'] as const) : [])]);
};

/** How those of the first project are called here who are not the operator. */
const OF_DEFAULT = ' of default';

/** Keys of the first project, and people who have a role in it. */
const askersOfDefault = async (name: string): Promise<readonly Asker[]> => {
  const askers: Asker[] = [];
  for (const scope of ['ingest', 'read', 'sql']) {
    const wanted = { name: `${name} ${scope}`, scopes: [scope] };
    const { text } = await ask(platform.url, 'POST', '/api/keys', OPERATOR.headers, wanted);
    const { key } = JSON.parse(text) as CreatedKey;
    askers.push({ name: `key ${scope}${OF_DEFAULT}`, key, headers: { authorization: `Bearer ${key}` } });
  }
  for (const role of ['viewer', 'analyst', 'admin', 'owner']) {
    const wanted = { email: `${name}-${role}@default.example`, role };
    const project = role === 'owner' ? {} : { project: 'default' };
    askers.push({
      ...(await joined(platform, 'default', { ...wanted, ...project })),
      name: `${role}${OF_DEFAULT}`,
    });
  }
  return askers;
};

/** The path of a request, of things that `idOf` names. */
const pathOf = (operation: OperationId, sample: RouteSample, idOf: (subject: Subject) => string): string => {
  const params = sample.params ?? {};
  const path = ROUTES[operation].path.replaceAll(/\{(\w+)\}/gu, (_, name: string) => {
    const param = params[name];
    assert.ok(param !== undefined, `${operation}: say in route-samples.ts what {${name}} is`);
    return encodeURIComponent(typeof param === 'string' ? idOf(param) : param.fixed);
  });
  return path;
};

const send = (operation: OperationId, path: string, asker: Asker): Promise<Answered> => {
  const method = ROUTES[operation].method.toUpperCase();
  return ask(platform.url, method, path, asker.headers, sampleOf(operation).body);
};

const NOBODY: Asker = { name: 'nobody', headers: {} };

/** Ids of nothing, so that what may be done does nothing. */
const nothing =
  (organisation: string) =>
  (subject: Subject): string =>
    subject === 'organisation' ? organisation : 'nothing';

test('every route asks for the permission that it declares, of everybody', {
  timeout: TEST_MS,
}, async (t) => {
  const tenant = await makeTenant(platform, 'gamma');
  const ofDefault = await askersOfDefault('gamma');
  const isRead = ({ name }: Asker): boolean =>
    [`key read${OF_DEFAULT}`, `viewer${OF_DEFAULT}`].includes(name);
  const askers = [...tenant.askers, OPERATOR, ...ofDefault.filter(isRead)];
  const wrong: string[] = [];
  for (const operation of OPERATIONS) {
    const sample = sampleOf(operation);
    const declared = declaredOf(operation);
    assert.ok(declared !== undefined, `${operation} declares no permission`);
    if (sample.keyInPath === true) continue;
    const path = pathOf(operation, sample, nothing(tenant.organisation));
    const isOpen = declared === 'none';
    const nobodys = await send(operation, path, NOBODY);
    if (isOpen === (nobodys.code === 'missing_key'))
      wrong.push(`${operation} (${declared}): ${nobodys.code ?? nobodys.status} without a key`);
    if (isOpen) continue;
    for (const asker of askers) {
      const isOfDefault = asker.name.endsWith(OF_DEFAULT);
      const ownPath = isOfDefault ? pathOf(operation, sample, nothing('default')) : path;
      const answer = await send(operation, ownPath, asker);
      const isSession = asker.key === undefined;
      const may = declared === 'any' || permissionsOf(asker).has(declared as Permission);
      const isRefused = ['missing_scope', 'wrong_project'].includes(answer.code ?? '');
      const isAsDeclared =
        isSession && declared === 'events:send' ? answer.code === 'missing_key' : isRefused === !may;
      if (!isAsDeclared)
        wrong.push(`${operation} (${declared}): ${asker.name} gets ${answer.status} ${answer.code}`);
    }
  }
  assert.deepEqual(wrong, []);
  t.diagnostic(`${OPERATIONS.length} routes, ${askers.length} who ask`);
});

test('numbers of the whole platform are told to who reads in the first project, and to nobody of another', {
  timeout: TEST_MS,
}, async (t) => {
  const ofDefault = await askersOfDefault('numbers');
  const shared = await joined(platform, a.organisation, { email: 'both@default.example', role: 'analyst' });
  for (const asker of [...a.askers, ...ofDefault, OPERATOR]) {
    const may = permissionsOf(asker).has('platform:read');
    for (const path of ['/metrics', '/api/metrics']) {
      const { status, code, text } = await ask(platform.url, 'GET', path, asker.headers);
      assert.equal(status, may ? 200 : 403, `${path}: ${asker.name} gets ${status} ${code}`);
      if (!may) assert.match(text, /of the project \\"default\\", or a role in it/u);
    }
  }
  for (const asker of ofDefault) {
    const client = await LiveClient.open(platform.url, {
      headers: { ...asker.headers },
      query: '?project=default',
    });
    t.after(() => client.socket.terminate());
    assert.deepEqual(new Set((await client.first('ready')).permissions), permissionsOf(asker), asker.name);
    client.socket.close();
  }
  // Who has a role in both sees the numbers when asking with the first project only; `me` and the session say so.
  const path = '/api/organisations/default/invitations';
  const invited = await ask(platform.url, 'POST', path, OPERATOR.headers, {
    ...{ email: 'both@default.example', role: 'viewer', project: 'default' },
  });
  const token = (JSON.parse(invited.text) as CreatedInvitationAnswer).url.split('token=')[1];
  const accepted = await ask(platform.url, 'POST', '/api/invitation/accept', shared.headers, { token });
  assert.ok(accepted.status < 300, accepted.text);
  const me = JSON.parse((await ask(platform.url, 'GET', '/api/me', shared.headers)).text) as MeAnswer;
  for (const [project, may] of [
    ['default', true],
    [a.project, false],
  ] as const) {
    const asked = (route: string) => ask(platform.url, 'GET', `${route}?project=${project}`, shared.headers);
    assert.equal((await asked('/api/metrics')).status, may ? 200 : 403, project);
    const session = JSON.parse((await asked('/api/session')).text) as SessionAnswer;
    assert.equal(session.permissions.includes('platform:read'), may, project);
    const told = me.projects.find(({ name }) => name === project);
    assert.deepEqual(told?.permissions, session.permissions, project);
  }
});

test('addresses for clients of other platforms take keys that send, and no others', {
  timeout: TEST_MS,
}, async () => {
  const wrong: string[] = [];
  const body = { batch: [{ type: 'track', event: 'x', userId: 'u' }], event: 'x', distinct_id: 'u' };
  for (const asker of a.askers.filter(({ key }) => key !== undefined)) {
    const may = permissionsOf(asker).has('events:send');
    const collecting = [
      '/v1/b',
      '/v1/import',
      '/v1/track',
      '/e',
      '/i/v0/e/',
      '/capture',
      '/track',
      '/engage',
    ];
    for (const path of collecting) {
      const { status, code } = await ask(platform.url, 'POST', path, asker.headers, body);
      if (may ? status !== 200 : code !== 'missing_scope')
        wrong.push(`${path} ${asker.name} ${status} ${code}`);
    }
    for (const path of [
      `/v1/projects/${asker.key}/settings`,
      `/array/${asker.key}/config`,
      `/array/${asker.key}/config.js`,
    ]) {
      const { status, code } = await ask(platform.url, 'GET', path, {});
      if (may ? status !== 200 : code !== 'missing_scope')
        wrong.push(`${path} ${asker.name} ${status} ${code}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('live connections ask for what each message needs', { timeout: TEST_MS }, async (t) => {
  for (const asker of a.askers) {
    const client = await LiveClient.open(platform.url, {
      headers: { ...asker.headers },
      query: `?project=${a.project}`,
    });
    t.after(() => client.socket.terminate());
    const may = permissionsOf(asker);
    assert.deepEqual(new Set((await client.first('ready')).permissions), may, asker.name);
    client.send({ op: 'subscribe', id: 'people', kind: 'events' });
    client.send({ op: 'subscribe', id: 'trend', kind: 'trend', query: { kind: 'trend', interval: 'total' } });
    const byPerson = { kind: 'trend' as const, by: ['user_id'] };
    client.send({ op: 'subscribe', id: 'persons', kind: 'trend', query: byPerson });
    client.send({ op: 'publish', id: 'sent', event: { type: 'x' } });
    for (const [id, permission, op] of [
      ['people', 'personal:read', 'subscribed'],
      ['trend', 'data:read', 'subscribed'],
      ['persons', 'personal:read', 'subscribed'],
      ['sent', 'events:send', 'ack'],
    ] as const) {
      if (may.has(permission)) await client.first(op, id);
      else assert.equal((await client.first('error', id)).code, 'missing_scope', `${asker.name} ${id}`);
    }
    client.socket.close();
  }
});

test('who owns the first organisation does not become the operator by it', { timeout: TEST_MS }, async () => {
  const owner = await joined(platform, 'default', { email: 'owner@default.example', role: 'owner' });
  const { text } = await ask(platform.url, 'GET', '/api/keys', owner.headers);
  const operators = (JSON.parse(text) as KeysAnswer).keys.find(({ scopes }) => scopes.includes('admin'));
  const post = (path: string, body: unknown) => ask(platform.url, 'POST', path, owner.headers, body);
  for (const body of [{ kind: 'admin' }, { scopes: ['read', 'admin'] }])
    assert.equal((await post('/api/keys', { name: 'mine', ...body })).code, 'wrong_project');
  assert.equal((await post(`/api/keys/${operators?.id}/rotate`, {})).code, 'wrong_project');
  const revoked = await ask(platform.url, 'DELETE', `/api/keys/${operators?.id}`, owner.headers);
  assert.equal(revoked.code, 'wrong_project');
  assert.equal((await post('/api/keys', { name: 'mine', kind: 'read' })).status, 201);
  assert.equal((await ask(platform.url, 'GET', '/api/keys', OPERATOR.headers)).status, 200);
});

/** What stands for something that there is not, as like to the real thing as may be. */
const MISSING: Readonly<Record<Subject, string>> = {
  event: 'nobodys-event',
  user: 'nobodys-user',
  visit: 'nobodys-visit',
  import: 'nobodys-import',
  type: 'nobodys_type',
  property: 'nobodys_property',
  project: 'nobodys',
  key: 'key_000000000000',
  session: 'session_000000000000',
  organisation: 'org_0000000000000000',
  member: 'member_0000000000000000',
  invitation: 'invitation_0000000000000000',
  query: 'q_0000000000000000000000',
  cohort: 'coh_0000000000000000',
  insight: 'ins_0000000000000000',
  board: 'brd_0000000000000000',
  insightShare: 'shr_0000000000000000',
  boardShare: 'shr_0000000000000001',
  annotation: 'ann_0000000000000000',
  metric: 'met_0000000000000000',
  export: 'exp_0000000000000000',
  exportFile: 'nobodys-file.csv',
};

/** An answer, as far as two may be compared: what was asked for is taken out, and what a success says beside. */
const comparable = ({ status, code, text }: Answered, asked: readonly string[]): string => {
  const told = status < 300 ? '' : asked.reduce((rest, each) => rest.replaceAll(each, '#'), text);
  return `${status} ${code ?? ''} ${told}`;
};

/** One question, about a thing of B, and about nothing. */
interface Pair {
  readonly what: string;
  readonly path: (idOf: (subject: Subject) => string) => string;
  readonly body?: (idOf: (subject: Subject) => string) => unknown;
}

/** All the ways in which a route can be asked about somebody else's things. */
const pairsOf = (operation: OperationId): Pair[] => {
  const sample = sampleOf(operation);
  const own = (subject: Subject): string =>
    subject === 'organisation' ? a.things[subject] : MISSING[subject];
  const pairs: Pair[] = [
    {
      what: 'its project',
      path: (idOf) => `${pathOf(operation, sample, own)}?project=${encodeURIComponent(idOf('project'))}`,
    },
  ];
  const subjects = Object.values(sample.params ?? {}).filter((each) => typeof each === 'string');
  if (subjects.length > 0) pairs.push({ what: 'its id', path: (idOf) => pathOf(operation, sample, idOf) });
  if (subjects.length > 1)
    pairs.push({
      what: 'its id, in my organisation',
      path: (idOf) =>
        pathOf(operation, sample, (subject) => (subject === 'organisation' ? own(subject) : idOf(subject))),
    });
  if (operation === 'query')
    pairs.push({
      what: 'its cohort, in a filter',
      path: () => pathOf(operation, sample, own),
      body: (idOf) => ({
        kind: 'trend',
        interval: 'total',
        filter: { op: 'in_cohort', cohort: idOf('cohort') },
      }),
    });
  if (operation === 'query')
    pairs.push({
      what: 'its metric',
      path: () => pathOf(operation, sample, own),
      body: (idOf) => ({ kind: 'metric', metric: idOf('metric') }),
    });
  if (operation === 'createBoard')
    pairs.push({
      what: 'its insight, on a board of mine',
      path: () => pathOf(operation, sample, own),
      body: (idOf) => ({
        name: 'Mine',
        tiles: [{ id: 'a', kind: 'insight', insight: idOf('insight'), x: 0, y: 0, w: 1, h: 1 }],
      }),
    });
  if (operation === 'createExport')
    pairs.push({
      what: 'its insight, in an export of mine',
      path: () => pathOf(operation, sample, own),
      body: (idOf) => ({ name: 'Mine', what: { kind: 'insight', insight: idOf('insight') } }),
    });
  if (operation === 'createAnnotation')
    pairs.push({
      what: 'its board, in an annotation of mine',
      path: () => pathOf(operation, sample, own),
      body: (idOf) => ({ text: 'Mine', from: 0, board: idOf('board') }),
    });
  if (operation === 'createInvitation')
    pairs.push({
      what: 'its project, in an invitation to mine',
      path: () => pathOf(operation, sample, own),
      body: (idOf) => ({ email: 'x@alpha.example', role: 'viewer', project: idOf('project') }),
    });
  return pairs;
};

/** These end or begin a session by what they are sent, or go by the token of a share link alone (`src/boards/shares.test.ts`); whose it is nothing in them says. */
const OF_NO_TENANT: ReadonlySet<OperationId> = new Set([
  'signIn',
  'signOut',
  'segmentSettings',
  'posthogConfig',
  'readShared',
  'queryShared',
]);
const VERBS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What there is of B, as B and the operator see it. */
const stateOfB = async (): Promise<string> => {
  const owner = b.asker('owner');
  const admin = b.asker('key admin');
  const parts = await Promise.all([
    ask(platform.url, 'GET', `/api/organisations/${b.organisation}/members`, owner.headers),
    ask(platform.url, 'GET', `/api/organisations/${b.organisation}/invitations`, owner.headers),
    ask(platform.url, 'GET', '/api/organisations', owner.headers),
    ask(platform.url, 'GET', '/api/projects', owner.headers),
    ask(platform.url, 'GET', '/api/me', owner.headers),
    ask(platform.url, 'GET', '/api/properties', admin.headers),
    ...['insights', 'boards', 'annotations', 'exports', 'imports', 'catalog/types'].map((each) =>
      ask(platform.url, 'GET', `/api/${each}`, admin.headers),
    ),
    ask(platform.url, 'GET', `/api/boards/${b.things.board}/shares`, admin.headers),
  ]);
  const keys = await ask(platform.url, 'GET', '/api/keys', admin.headers);
  const listed = (JSON.parse(keys.text) as KeysAnswer).keys;
  const events = await ask(platform.url, 'GET', '/api/events', admin.headers);
  const { events: stored } = JSON.parse(events.text) as { events: { id: string }[] };
  const times = /"(last_used_at|answered_at|as_of|elapsed_ms|asked_at|signed_in_at)":[^,}]+/gu;
  return JSON.stringify([
    ...parts.map(({ status, text }) => `${status} ${text.replaceAll(times, '')}`),
    ...[stored.map(({ id }) => id), listed.map((key) => ({ ...key, last_used_at: null }))],
  ]);
};

test('nobody of one organisation can tell anything of another from nothing, nor change it', {
  timeout: TEST_MS,
}, async (t) => {
  const original = await stateOfB();
  const wrong: string[] = [];
  let asked = 0;
  const compare = async (what: string, pair: Pair, method: string, sample: RouteSample, asker: Asker) => {
    const answers: string[] = [];
    for (const things of [b.things, MISSING]) {
      const named: string[] = [];
      const idOf = (subject: Subject): string => {
        named.push(things[subject]);
        return things[subject];
      };
      const body = method === 'GET' ? undefined : (pair.body?.(idOf) ?? sample.body);
      const answer = await ask(platform.url, method, pair.path(idOf), asker.headers, body);
      asked += 1;
      answers.push(comparable(answer, named));
      // What stood in the request tells nothing.
      const told = named.reduce((text, name) => text.replaceAll(name, '#'), answer.text);
      if (told.includes(MARK)) wrong.push(`${what}: ${asker.name} is shown ${answer.text.slice(0, 200)}`);
    }
    if (answers[0] !== answers[1])
      wrong.push(`${what}: ${asker.name} gets "${answers[0]}" for what there is, "${answers[1]}" otherwise`);
  };
  for (const operation of OPERATIONS) {
    if (OF_NO_TENANT.has(operation)) continue;
    const sample = sampleOf(operation);
    const method = ROUTES[operation].method.toUpperCase();
    for (const pair of pairsOf(operation)) {
      for (const asker of [...a.askers, NOBODY])
        await compare(`${operation}, ${pair.what}`, pair, method, sample, asker);
      // No route there may be reached by another verb that has no entry here.
      const path = ROUTES[operation].path;
      const routed = OPERATIONS.filter((each) => ROUTES[each].path === path).map(
        (each) => ROUTES[each].method,
      );
      for (const verb of VERBS.filter((each) => !routed.some((known) => known.toUpperCase() === each)))
        await compare(`${verb} ${path}, ${pair.what}`, pair, verb, sample, a.asker('owner'));
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(await stateOfB(), original, 'something of B was changed');
  t.diagnostic(`${asked} requests`);
});

test('the token of a share link reads what it shows, and is a key nowhere', {
  timeout: TEST_MS,
}, async () => {
  const path = `/api/boards/${b.things.board}/shares`;
  const made = await ask(platform.url, 'POST', path, b.asker('analyst').headers, { name: 'Link' });
  assert.equal(made.status, 201, made.text);
  const { id, token } = JSON.parse(made.text) as CreatedShare;
  const bearer = { authorization: `Bearer ${token}` };
  const wrong: string[] = [];
  for (const operation of OPERATIONS) {
    const sample = sampleOf(operation);
    if (declaredOf(operation) === 'none' || sample.keyInPath === true) continue;
    const address = pathOf(operation, sample, (subject) => b.things[subject]);
    for (const headers of [bearer, { 'x-api-key': token }]) {
      const { status, code } = await ask(
        ...([platform.url, ROUTES[operation].method.toUpperCase(), address, headers, sample.body] as const),
      );
      if (status !== 401 || code !== 'unknown_key') wrong.push(`${operation}: ${status} ${code}`);
    }
  }
  assert.deepEqual(wrong, []);
  const answers = await ask(platform.url, 'POST', '/api/share/query', bearer, {});
  const { tiles } = JSON.parse(answers.text) as { tiles: { answer: { series: { total: number }[] } }[] };
  // The event of the import is older than the range.
  assert.deepEqual(
    tiles.map(({ answer }) => answer.series[0]?.total),
    [1],
  );
  const { text } = await ask(platform.url, 'GET', path, b.asker('viewer').headers);
  const listed = (JSON.parse(text) as SharesAnswer).shares.find((share) => share.id === id);
  assert.deepEqual([listed?.uses, text.includes(token)], [1, false]);
  for (const asker of a.askers)
    assert.equal(
      (await ask(platform.url, 'DELETE', `${path}/${id}`, asker.headers)).status < 400,
      false,
      asker.name,
    );
  assert.equal((await ask(platform.url, 'DELETE', `${path}/${id}`, b.asker('analyst').headers)).status, 200);
  assert.equal((await ask(platform.url, 'GET', '/api/share', bearer)).code, 'unknown_link');
});

test('live connections and tickets stay in their project', { timeout: TEST_MS }, async () => {
  const refusal = async (headers: Readonly<Record<string, string>>, query: string): Promise<string> => {
    try {
      const client = await LiveClient.open(platform.url, { headers: { ...headers }, query });
      client.socket.terminate();
      return 'open';
    } catch (error) {
      return String(error);
    }
  };
  for (const asker of a.askers) {
    const [theirs, nobodys] = await Promise.all([
      refusal(asker.headers, `?project=${b.project}`),
      refusal(asker.headers, `?project=${MISSING.project}`),
    ]);
    assert.equal(theirs, nobodys, asker.name);
    assert.match(theirs, /refused with 40[34]/, asker.name);
    const made = await ask(platform.url, 'POST', '/api/live/ticket', asker.headers);
    const { ticket } = JSON.parse(made.text) as { ticket: string };
    assert.match(await refusal({}, `?ticket=${ticket}&project=${b.project}`), /refused with 403/, asker.name);
    assert.match(await refusal({}, `?ticket=${ticket}`), /refused with 401/, 'a ticket was good twice');
  }
});

test('what is taken from somebody ends what is open at once: sessions, tickets, live connections', {
  timeout: TEST_MS,
}, async (t) => {
  const owner = a.asker('owner');
  const membersPath = `/api/organisations/${a.organisation}/members`;
  const idOf = async (email: string): Promise<string> => {
    const { text } = await ask(platform.url, 'GET', membersPath, owner.headers);
    return (JSON.parse(text) as MembersAnswer).members.find(({ user }) => user.email === email)?.id ?? '';
  };
  const email = 'eve@alpha.example';
  const eve = await joined(platform, a.organisation, { email, role: 'analyst' });
  const connected = async (): Promise<LiveClient> => {
    const client = await LiveClient.open(platform.url, { headers: { ...eve.headers } });
    t.after(() => client.socket.terminate());
    await client.first('ready');
    return client;
  };
  const ended = (client: LiveClient) =>
    until('the connection is ended', () => client.closed === LIVE_CLOSE_CODES.notSignedIn);
  const statusOf = async (path: string): Promise<number> =>
    (await ask(platform.url, 'GET', path, eve.headers)).status;
  const ticketOf = async (): Promise<string> => {
    const { text } = await ask(platform.url, 'POST', '/api/live/ticket', eve.headers);
    return (JSON.parse(text) as { ticket: string }).ticket;
  };

  const asAnalyst = await connected();
  await asAnalyst.subscribe('people');
  const ticket = await ticketOf();
  assert.equal(await statusOf('/api/events'), 200);
  const id = await idOf(email);
  const role = (wanted: string) =>
    ask(platform.url, 'PATCH', `${membersPath}/${id}`, owner.headers, { role: wanted });
  assert.equal((await role('viewer')).status, 200);
  assert.equal(await statusOf('/api/events'), 403);
  assert.equal(
    (await ask(platform.url, 'GET', `/api/events/stream?ticket=${ticket}`, {})).code,
    'unknown_ticket',
  );
  await ended(asAnalyst);

  // A stronger role takes nothing away.
  const asViewer = await connected();
  assert.equal((await role('analyst')).status, 200);
  assert.equal(await statusOf('/api/events'), 200);
  assert.equal(asViewer.closed, undefined);

  assert.equal((await ask(platform.url, 'DELETE', `${membersPath}/${id}`, owner.headers)).status, 200);
  assert.equal(await statusOf('/api/events'), 403);
  await ended(asViewer);

  const eves = await joined(platform, a.organisation, { email: 'mallory@alpha.example', role: 'admin' });
  const asAdmin = await LiveClient.open(platform.url, { headers: { ...eves.headers } });
  t.after(() => asAdmin.socket.terminate());
  await asAdmin.first('ready');
  const { code, stderr } = await aevum(['users', 'disable', 'MALLORY@alpha.example', '--data-dir', dataDir]);
  assert.equal(code, 0, stderr);
  assert.equal((await ask(platform.url, 'GET', '/api/me', eves.headers)).code, 'no_session');
  await ended(asAdmin);
});

test('the command line lists, invites and helps users', { timeout: TEST_MS }, async () => {
  const users = (...words: string[]) => aevum(['users', ...words, '--data-dir', dataDir]);
  const listed = await users('list');
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /^E-MAIL +NAME +ROLES/);
  assert.match(listed.stdout, /owner@zebra.example +\S+ +owner in zebra Ltd/);
  assert.match(listed.stdout, /mallory@alpha.example .* disabled/);
  const invited = await users(
    'invite',
    'new@example.com',
    '--role',
    'admin',
    '--project',
    'default',
    '--json',
  );
  assert.equal(invited.code, 0, invited.stderr);
  const { url } = JSON.parse(invited.stdout) as { url: string };
  assert.ok(url.startsWith(`${platform.url}/invitation#token=`), url);
  const token = url.split('token=')[1];
  const accepted = await ask(
    platform.url,
    'POST',
    '/api/invitation/accept',
    { origin: platform.url },
    {
      ...{ token, name: 'New', password: 'a long-winded phrase' },
    },
  );
  assert.deepEqual(
    (JSON.parse(accepted.text) as MeAnswer).projects.map(({ name, role }) => [name, role]),
    [['default', 'admin']],
  );
  for (const [words, said] of [
    [['invite', 'nonsense', '--role', 'viewer'], /not an e-mail address/],
    [['invite', 'x@example.com', '--role', 'boss'], /Allowed choices are owner, admin/],
    [['invite', 'x@example.com', '--role', 'owner', '--project', 'default'], /leave the project out/],
    [['invite', 'x@example.com', '--role', 'viewer', '--project', 'zebra-shop'], /no project "zebra-shop"/],
    [['invite', 'x@example.com', '--role', 'viewer', '--organisation', 'none'], /no organisation "none"/],
    [['disable', 'x@example.com'], /no user x@example.com/],
    [['reset', 'mallory@alpha.example'], /is disabled/],
  ] as const) {
    const { code, stderr } = await users(...words);
    assert.notEqual(code, 0, words.join(' '));
    assert.match(stderr, said);
  }
  assert.equal((await users('enable', 'mallory@alpha.example')).code, 0);
  assert.equal((await users('reset', 'mallory@alpha.example')).code, 0);
  // The first project's key goes on working beside.
  const still = await ask(
    platform.url,
    'POST',
    '/api/events',
    { authorization: `Bearer ${WRITE_KEY}` },
    {
      type: 'x',
    },
  );
  assert.equal(still.status, 202, still.text);
});
