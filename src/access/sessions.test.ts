import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { noSessionCookie, sessionCookie, sessionCookieOf } from './session-cookie.ts';
import {
  createSessions,
  SESSION_LIFETIME_MS,
  type Sessions,
  SESSIONS_MAX,
  SESSIONS_OF_ONE_MAX,
  TOKEN_LIFETIME_MS,
} from './sessions.ts';

interface Bench {
  readonly catalog: Catalog;
  readonly sessions: Sessions;
  readonly revoked: Set<string>;
  nowMs: number;
}

const open = async (t: TestContext, path = ':memory:'): Promise<Bench> => {
  const catalog = await openCatalog(path);
  t.after(() => catalog.close());
  const revoked = new Set<string>();
  const state = { nowMs: 1_700_000_000_000 };
  const clock = { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs };
  const sessions = createSessions({ catalog, clock, isActiveKey: (id) => !revoked.has(id) });
  return Object.assign(state, { catalog, sessions, revoked });
};

test('a link opens one session, once', async (t) => {
  const { sessions } = await open(t);
  const { token } = await sessions.createToken();
  assert.match(token, /^[\w-]{43}$/);
  const opened = await Promise.all([sessions.redeem(token), sessions.redeem(token)]);
  const [first] = opened.filter((each) => each !== undefined);
  assert.equal(opened.filter((each) => each === undefined).length, 1);
  assert.ok(first);
  const found = await sessions.find(first.secret);
  assert.deepEqual([found?.id, found?.project, found?.keyId], [first.session.id, null, null]);
  assert.equal(await sessions.redeem(token), undefined);
  assert.equal(await sessions.redeem('x'.repeat(10_000)), undefined);
});

test('a link is good for ten minutes', async (t) => {
  const bench = await open(t);
  const early = await bench.sessions.createToken();
  const late = await bench.sessions.createToken();
  assert.equal(early.expiresAtMs, bench.nowMs + TOKEN_LIFETIME_MS);
  bench.nowMs += TOKEN_LIFETIME_MS - 1;
  assert.ok(await bench.sessions.redeem(early.token));
  bench.nowMs += 1;
  assert.equal(await bench.sessions.redeem(late.token), undefined);
});

test('neither tokens nor secrets are kept', async (t) => {
  const { sessions, catalog } = await open(t);
  const { token } = await sessions.createToken();
  const { secret } = await sessions.open({ keyId: 'key_1', project: null });
  const kept = JSON.stringify([
    await catalog.db.selectFrom('sign_in_tokens').selectAll().execute(),
    await catalog.db.selectFrom('sessions').selectAll().execute(),
  ]);
  assert.ok(!kept.includes(token) && !kept.includes(secret), kept);
});

test('a session lives on with use, and ends thirty days after the last', async (t) => {
  const bench = await open(t);
  const { secret } = await bench.sessions.open({ keyId: 'key_1', project: null });
  for (let times = 0; times < 3; times++) {
    bench.nowMs += SESSION_LIFETIME_MS - 60_000;
    assert.ok(await bench.sessions.find(secret));
  }
  bench.nowMs += SESSION_LIFETIME_MS;
  assert.equal(await bench.sessions.find(secret), undefined);
});

test('signing out, revoking the key and ending all sessions end a session', async (t) => {
  const { sessions, revoked } = await open(t);
  const [out, keyed, linked] = await Promise.all([
    sessions.open({ keyId: 'key_1', project: null }),
    sessions.open({ keyId: 'key_2', project: 'shop' }),
    sessions.redeem((await sessions.createToken()).token),
  ]);
  await sessions.end(out.secret);
  assert.equal(await sessions.find(out.secret), undefined);
  assert.equal((await sessions.find(keyed.secret))?.project, 'shop');
  revoked.add('key_2');
  assert.equal(await sessions.find(keyed.secret), undefined);
  const { token } = await sessions.createToken();
  assert.ok(linked !== undefined && (await sessions.find(linked.secret)) !== undefined);
  assert.equal(await sessions.endAll(), 2);
  assert.equal(await sessions.find(linked.secret), undefined);
  assert.equal(await sessions.redeem(token), undefined);
});

test('the sessions of a key are bounded: the one that was not used for longest ends, and none of another key', async (t) => {
  const bench = await open(t);
  const first = await bench.sessions.open({ keyId: 'key_1', project: null });
  bench.nowMs += 1;
  const second = await bench.sessions.open({ keyId: 'key_1', project: null });
  const other = await bench.sessions.open({ keyId: 'key_2', project: null });
  bench.nowMs += 3_600_000;
  await bench.sessions.find(first.secret);
  for (let count = 2; count <= SESSIONS_OF_ONE_MAX; count++) {
    bench.nowMs += 1;
    await bench.sessions.open({ keyId: 'key_1', project: null });
  }
  assert.ok(await bench.sessions.find(first.secret));
  assert.ok(await bench.sessions.find(other.secret));
  assert.equal(await bench.sessions.find(second.secret), undefined);
});

test('the number of all sessions is bounded', async (t) => {
  const bench = await open(t);
  const first = await bench.sessions.open({ keyId: 'key_1', project: null });
  const row = {
    project: null,
    key_id: null,
    created_at: bench.nowMs,
    expires_at: bench.nowMs + SESSION_LIFETIME_MS + 1,
  };
  for (let start = 0; start < SESSIONS_MAX; start += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, index) => ({ ...row, hash: `h${start + index}` }));
    await bench.catalog.db.insertInto('sessions').values(rows).execute();
  }
  bench.nowMs += 2;
  const last = await bench.sessions.open({ keyId: 'key_2', project: null });
  assert.equal(await bench.sessions.find(first.secret), undefined);
  assert.ok(await bench.sessions.find(last.secret));
});

test('what another process does counts at once', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'aevum-sessions-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'catalog.sqlite');
  const server = await open(t, path);
  const command = await open(t, path);
  const opened = await server.sessions.redeem((await command.sessions.createToken()).token);
  assert.ok(opened);
  await command.sessions.endAll();
  assert.equal(await server.sessions.find(opened.secret), undefined);
});

test('the projects of a session', async (t) => {
  const { sessions, catalog } = await open(t);
  const projects = ['b', 'a'].map((id, index) => ({ id, name: id, created_at: index }));
  await catalog.db.insertInto('projects').values(projects).execute();
  const namesFor = async (project: string | null): Promise<string[]> => {
    const { session } = await sessions.open({ keyId: 'key_1', project });
    return (await sessions.projectsOf(session)).map(({ name }) => name);
  };
  assert.deepEqual([await namesFor(null), await namesFor('a'), await namesFor('c')], [['b', 'a'], ['a'], []]);
});

test('the cookie', () => {
  assert.equal(
    sessionCookie('s', { secure: true, maxAgeSeconds: 60 }),
    'aevum_session=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
  );
  assert.equal(noSessionCookie(false), 'aevum_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax');
  assert.equal(sessionCookieOf('a=b; aevum_session=se-cret_; c'), 'se-cret_');
  for (const none of [
    undefined,
    '',
    'aevum_session',
    'aevum_session=',
    'xaevum_session=1',
    'a=aevum_session=1',
  ])
    assert.equal(sessionCookieOf(none), undefined);
});
