import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { AccessChanges } from '../access/access-changes.ts';
import { createAuditLog } from '../access/audit.ts';
import { AuditReads } from '../access/audit-reads.ts';
import { ensureOrganisation } from '../access/organisations.ts';
import { PasswordHasher } from '../access/passwords.ts';
import { createPeople } from '../access/people.ts';
import type { Role } from '../access/permissions.ts';
import { createSessions, SESSIONS_OF_ONE_MAX } from '../access/sessions.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { errorAnswerSchema } from '../contract/common.ts';
import {
  meAnswerSchema,
  resetLinkAnswerSchema,
  seenInvitationSchema,
  userSessionsAnswerSchema,
} from '../contract/members.ts';
import { sessionAnswerSchema } from '../contract/session.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { createApp } from './app.ts';
import { registerMeRoutes } from './me-routes.ts';
import { createSessionDoor } from './session-door.ts';
import { registerSessionRoutes } from './session-routes.ts';

const URL_OF_ALL = 'http://h';
const PASSWORD = 'a long-winded phrase';
const BY = { kind: 'cli', id: 'test', name: 'test' } as const;

const open = async (t: TestContext) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const state = { nowMs: 1_700_000_000_000 };
  const clock = { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs };
  const telemetry = quietTelemetry();
  const log = createAuditLog({ catalog, clock, telemetry });
  const reads = new AuditReads({ audit: log, telemetry });
  t.after(() => reads.close());
  const hasher = new PasswordHasher({ memory: 64, passes: 1, parallelism: 1 });
  const people = createPeople({ catalog, audit: log, clock, changes: new AccessChanges(), hasher });
  const sessions = createSessions({ catalog, clock, isActiveKey: () => true });
  const door = createSessionDoor({ sessions, telemetry, publicUrl: undefined });
  const authenticator = {
    authenticate: () => undefined,
    stillHolds: () => false,
    refusalOf: () => 'unknown' as const,
  };
  const audit = { log, reads };
  const app = createApp({ authenticator, audit, clock, telemetry, phase: () => 'ready', door });
  registerSessionRoutes(app, {
    ...{ ...people, sessions, door, authenticator, telemetry, publicUrl: undefined },
    ...{ address: () => URL_OF_ALL, writeKeyOf: () => null },
  });
  registerMeRoutes(app, { ...people, sessions });
  await ensureOrganisation(catalog.db, 1);
  await catalog.db.insertInto('projects').values({ id: 'shop', name: 'shop', created_at: 1 }).execute();
  const call = async (method: string, path: string, body?: unknown, cookie?: string) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      origin: URL_OF_ALL,
      host: 'h',
      ...(cookie === undefined ? {} : { cookie }),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(text.length) }),
    };
    const answer = await app.request(URL_OF_ALL + path, {
      ...{ method, headers },
      ...(text === undefined ? {} : { body: text }),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: await answer.json(),
      cookie: answer.headers.get('set-cookie')?.split(';')[0],
    };
  };
  const invite = async (email: string, role: Role = 'viewer', project: string | null = 'shop') => {
    const caller = { actor: BY, isOperator: true, userId: null, confined: null };
    const standing = await people.members.standing(caller, 'default');
    assert.ok(standing);
    return (await people.invitations.create(standing, { email, role, project })).token;
  };
  const signIn = (email: string, password: string) => call('POST', '/api/session', { email, password });
  return Object.assign(state, { ...people, call, invite, signIn });
};

const codeOf = ({ body }: { readonly body: unknown }): string => errorAnswerSchema.parse(body).error.code;

test('a link makes an account and signs in; the same e-mail joins with its password', async (t) => {
  const { call, invite, signIn } = await open(t);
  const token = await invite('ada@example.com');
  const seen = seenInvitationSchema.parse((await call('POST', '/api/invitation', { token })).body);
  assert.deepEqual([seen.has_account, seen.signed_in_as, seen.project], [false, null, 'shop']);
  const accept = { token, name: 'Ada', password: PASSWORD };
  const joined = await call('POST', '/api/invitation/accept', accept);
  assert.equal(joined.status, 201);
  assert.equal(meAnswerSchema.parse(joined.body).user?.email, 'ada@example.com');
  const session = await call('GET', '/api/session', undefined, joined.cookie);
  const { user, role, permissions, write_key: key } = sessionAnswerSchema.parse(session.body);
  assert.deepEqual([user?.name, role, permissions, key], ['Ada', 'viewer', ['data:read'], null]);
  assert.equal(codeOf(await call('POST', '/api/invitation/accept', accept)), 'unknown_link');

  const again = await invite('ADA@example.com', 'admin', null);
  const known = seenInvitationSchema.parse((await call('POST', '/api/invitation', { token: again })).body);
  assert.equal(known.has_account, true);
  assert.equal(codeOf(await call('POST', '/api/invitation/accept', { token: again })), 'sign_in_first');
  const wrong = await call('POST', '/api/invitation/accept', { token: again, password: 'not the one' });
  assert.equal(codeOf(wrong), 'wrong_password');
  const right = await call('POST', '/api/invitation/accept', { token: again, password: PASSWORD });
  assert.deepEqual(
    meAnswerSchema.parse(right.body).projects.map(({ role: each }) => each),
    ['admin'],
  );
  assert.equal((await signIn('Ada@example.com', PASSWORD)).status, 201);
});

test('a wrong password, nobody, and somebody disabled are answered alike; too many attempts say when to come again', async (t) => {
  const bench = await open(t);
  const { call, invite, signIn, users } = bench;
  for (const email of ['ada@example.com', 'bob@example.com'])
    await call('POST', '/api/invitation/accept', {
      token: await invite(email),
      name: 'N',
      password: PASSWORD,
    });
  const bob = (await users.list()).find(({ email }) => email === 'bob@example.com');
  assert.ok(bob);
  await users.disable(bob, BY);
  const answers = [
    await signIn('ada@example.com', 'not the password'),
    await signIn('nobody@example.com', 'not the password'),
    await signIn('bob@example.com', PASSWORD),
  ];
  for (const { status, body } of answers) assert.deepEqual([status, body], [401, answers[0]?.body]);
  for (let times = 1; times < 10; times++) await signIn('ada@example.com', 'not the password');
  const refused = await signIn('ada@example.com', PASSWORD);
  assert.deepEqual([refused.status, codeOf(refused)], [429, 'too_many_attempts']);
  assert.equal(refused.headers.get('retry-after'), '90');
  bench.nowMs += 90_000;
  assert.equal((await signIn('ada@example.com', PASSWORD)).status, 201);
});

test('passwords are changed by who knows them, or set by a link; other sessions end', async (t) => {
  const { call, invite, signIn, users } = await open(t);
  const email = 'ada@example.com';
  const accept = { token: await invite(email), name: 'Ada', password: PASSWORD };
  const { cookie: here } = await call('POST', '/api/invitation/accept', accept);
  const { cookie: there } = await signIn(email, PASSWORD);
  const change = (current: string, next: string) =>
    call('POST', '/api/me/password', { current_password: current, new_password: next }, here);
  assert.equal(codeOf(await change('not the one', 'the second phrase')), 'wrong_password');
  assert.equal(codeOf(await change(PASSWORD, 'short')), 'invalid_request');
  assert.equal((await change(PASSWORD, 'the second phrase')).status, 200);
  assert.equal((await call('GET', '/api/me', undefined, here)).status, 200);
  assert.equal(codeOf(await call('GET', '/api/me', undefined, there)), 'no_session');

  const [ada] = await users.list();
  assert.ok(ada);
  const { token } = await users.createReset(ada, BY);
  const link = resetLinkAnswerSchema.parse((await call('POST', '/api/password/link', { token })).body);
  assert.equal(link.email, email);
  const reset = await call('POST', '/api/password', { token, password: 'the third phrase' });
  assert.equal(reset.status, 200);
  assert.equal((await call('GET', '/api/me', undefined, reset.cookie)).status, 200);
  assert.equal(codeOf(await call('GET', '/api/me', undefined, here)), 'no_session');
  assert.equal(codeOf(await call('POST', '/api/password/link', { token })), 'unknown_link');
});

test('sessions are listed and ended by their user, and bounded', async (t) => {
  const { call, invite, signIn } = await open(t);
  const accept = { token: await invite('ada@example.com'), name: 'Ada', password: PASSWORD };
  const { cookie } = await call('POST', '/api/invitation/accept', accept);
  const { cookie: other } = await signIn('ada@example.com', PASSWORD);
  const listed = async () => {
    const { body } = await call('GET', '/api/me/sessions', undefined, cookie);
    return userSessionsAnswerSchema.parse(body).sessions;
  };
  const found = (await listed()).find(({ current }) => !current);
  assert.equal((await listed()).length, 2);
  const end = () => call('DELETE', `/api/me/sessions/${found?.id}`, undefined, cookie);
  assert.equal((await end()).status, 200);
  assert.equal(codeOf(await end()), 'not_found');
  assert.equal(codeOf(await call('GET', '/api/me', undefined, other)), 'no_session');
  for (let times = 0; times < SESSIONS_OF_ONE_MAX - 1; times++) await signIn('ada@example.com', PASSWORD);
  assert.equal((await listed()).length, SESSIONS_OF_ONE_MAX);
});

test('who is in no project is told so', async (t) => {
  const { call, invite, signIn, members } = await open(t);
  const accept = { token: await invite('ada@example.com'), name: 'Ada', password: PASSWORD };
  const { cookie } = await call('POST', '/api/invitation/accept', accept);
  const caller = { actor: BY, isOperator: true, userId: null, confined: null };
  const standing = await members.standing(caller, 'default');
  assert.ok(standing);
  const [ada] = await members.list(standing);
  await members.remove(standing, ada?.id ?? '');
  assert.equal(codeOf(await call('GET', '/api/session', undefined, cookie)), 'wrong_project');
  assert.equal(codeOf(await signIn('ada@example.com', PASSWORD)), 'wrong_project');
  const me = meAnswerSchema.parse((await call('GET', '/api/me', undefined, cookie)).body);
  assert.deepEqual([me.projects, me.organisations], [[], []]);
});
