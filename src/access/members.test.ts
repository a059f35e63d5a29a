import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { openCatalog } from '../catalog/catalog.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { AccessChanges } from './access-changes.ts';
import { AccessError, type AccessProblem } from './access-error.ts';
import { createAuditLog } from './audit.ts';
import { INVITATION_LIFETIME_MS, Invitations } from './invitations.ts';
import { type Caller, Members, projectsOfUser, type Standing, standingIn } from './members.ts';
import { ensureOrganisation, Organisations } from './organisations.ts';
import { PasswordHasher } from './passwords.ts';
import type { Role } from './permissions.ts';
import { createSessions } from './sessions.ts';
import { ACCOUNT_ATTEMPTS, ADDRESS_ATTEMPTS, SignIn, TooManyAttemptsError } from './sign-in.ts';
import { RESET_LIFETIME_MS, type User, Users } from './users.ts';

const PASSWORD = 'a long-winded phrase';
/** Hundreds of hashes are made here. */
const CHEAP = { memory: 64, passes: 1, parallelism: 1 };
const BY = { kind: 'cli', id: 'test', name: 'test' } as const;
const OPERATOR: Caller = { actor: BY, isOperator: true, userId: null, confined: null };

const open = async (t: TestContext) => {
  const catalog = await openCatalog(':memory:');
  t.after(() => catalog.close());
  const state = { nowMs: 1_700_000_000_000, told: 0 };
  const clock = { nowMs: () => state.nowMs, monotonicMs: () => state.nowMs };
  const changes = new AccessChanges();
  changes.onChange(() => (state.told += 1));
  const audit = createAuditLog({ catalog, clock, telemetry: quietTelemetry() });
  const shared = { catalog, clock, audit, changes, hasher: new PasswordHasher(CHEAP) };
  await ensureOrganisation(catalog.db, 1);
  const projects = ['shop', 'app'].map((id, index) => ({ id, name: id, created_at: index }));
  await catalog.db.insertInto('projects').values(projects).execute();
  const users = new Users(shared);
  const invitations = new Invitations(shared);
  const standing = async (user: User | null, organisation = 'default'): Promise<Standing> => {
    const caller = user === null ? OPERATOR : { ...OPERATOR, isOperator: false, userId: user.id };
    const found = await standingIn(catalog.db, caller, organisation);
    assert.ok(found);
    return found;
  };
  /** Somebody who was invited and has accepted. */
  const joined = async (email: string, role: Role, project: string | null = null): Promise<User> => {
    const { token } = await invitations.create(await standing(null), { email, role, project });
    return invitations.accept({ token, user: null, name: email, password: PASSWORD });
  };
  return Object.assign(state, {
    ...shared,
    ...{ users, invitations, standing, joined },
    members: new Members(shared),
    organisations: new Organisations(shared),
    sessions: createSessions({ catalog, clock, isActiveKey: () => true }),
    signIn: new SignIn({ catalog, clock, users }),
  });
};

const rejects = (work: Promise<unknown>, problem: AccessProblem, message?: RegExp): Promise<void> =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof AccessError, String(error));
    assert.equal(error.problem, problem, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  });

test('an invitation makes a user and a member, once', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const { token, invitation } = await bench.invitations.create(await bench.standing(null), {
    ...{ email: 'Ada@Example.com', role: 'analyst', project: 'shop' },
  });
  assert.equal(invitation.role, 'analyst');
  assert.equal((await bench.invitations.look(token)).hasAccount, false);
  const accept = { token, user: null, name: 'Ada', password: PASSWORD };
  await rejects(bench.invitations.accept({ ...accept, password: 'short' }), 'invalid', /at least 10/);
  await rejects(bench.invitations.accept({ token, user: null }), 'invalid', /a password/);
  const both = await Promise.allSettled([bench.invitations.accept(accept), bench.invitations.accept(accept)]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  await rejects(bench.invitations.accept(accept), 'unknown_link');
  const [user] = await bench.users.list();
  assert.equal(user?.email, 'Ada@Example.com');
  const seen = await projectsOfUser(bench.catalog.db, user.id);
  assert.deepEqual(
    seen.map(({ id, role }) => [id, role]),
    [['shop', 'analyst']],
  );
  const kept = JSON.stringify([
    await bench.catalog.db.selectFrom('invitations').selectAll().execute(),
    await bench.catalog.db.selectFrom('users').selectAll().execute(),
  ]);
  assert.ok(!kept.includes(token) && !kept.includes(PASSWORD), kept);
});

test('who has an account joins by being signed in with it', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const ada = await bench.joined('ada@example.com', 'viewer', 'shop');
  const bob = await bench.joined('bob@example.com', 'viewer');
  const { token } = await bench.invitations.create(await bench.standing(null), {
    ...{ email: 'ADA@example.com', role: 'admin', project: null },
  });
  const password = { name: 'Another', password: PASSWORD };
  await rejects(bench.invitations.accept({ token, user: null, ...password }), 'sign_in_first');
  await rejects(bench.invitations.accept({ token, user: bob }), 'conflict', /ADA@example.com/);
  await bench.invitations.accept({ token, user: ada });
  const seen = await projectsOfUser(bench.catalog.db, ada.id);
  assert.deepEqual(
    seen.map(({ role }) => role),
    ['admin', 'admin'],
  );
  assert.equal((await bench.users.list()).length, 2);
  const fresh = await bench.invitations.create(await bench.standing(null), {
    ...{ email: 'eve@example.com', role: 'viewer', project: null },
  });
  await rejects(bench.invitations.accept({ token: fresh.token, user: bob, ...password }), 'conflict');
  bench.nowMs += INVITATION_LIFETIME_MS;
  await rejects(bench.invitations.look(fresh.token), 'unknown_link');
});

test('who may give which role', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const owner = await bench.standing(await bench.joined('owner@example.com', 'owner'));
  const admin = await bench.standing(await bench.joined('admin@example.com', 'admin'));
  const ofShop = await bench.standing(await bench.joined('shop@example.com', 'admin', 'shop'));
  const analyst = await bench.standing(await bench.joined('analyst@example.com', 'analyst'));
  const invite = (standing: Standing, role: Role, project: string | null) =>
    bench.invitations.create(standing, { email: 'new@example.com', role, project });
  await invite(owner, 'owner', null);
  await rejects(invite(owner, 'owner', 'shop'), 'invalid');
  await invite(admin, 'admin', 'app');
  await rejects(invite(admin, 'viewer', null), 'refused', /role owner/);
  await invite(ofShop, 'analyst', 'shop');
  await rejects(invite(ofShop, 'viewer', 'app'), 'refused');
  await rejects(invite(analyst, 'viewer', 'shop'), 'refused');
  assert.equal((await bench.invitations.list(owner)).length, 3);
  assert.equal((await bench.invitations.list(ofShop)).length, 1);
  const { id } = (await bench.invitations.list(owner)).find(({ role }) => role === 'owner') ?? { id: '' };
  await rejects(bench.invitations.revoke(ofShop, id), 'not_found');
  await bench.invitations.revoke(owner, id);
  await rejects(bench.invitations.revoke(owner, id), 'not_found');
});

test('who administers one project does not learn the names of others', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const owner = await bench.standing(await bench.joined('owner@example.com', 'owner'));
  const ofShop = await bench.standing(await bench.joined('shop@example.com', 'admin', 'shop'));
  assert.equal(await bench.members.project(ofShop, 'shop'), 'shop');
  assert.equal(await bench.members.project(owner, 'app'), 'app');
  for (const name of ['app', 'nobodys'])
    await rejects(
      bench.members.project(ofShop, name),
      'not_found',
      new RegExp(`^There is no project "${name}" in this organisation that you administer\\.$`, 'u'),
    );
  await rejects(bench.members.project(owner, 'nobodys'), 'not_found', /in this organisation\.$/u);
});

test('roles are changed and taken at once, and an owner stays', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const ada = await bench.joined('ada@example.com', 'owner');
  const bob = await bench.joined('bob@example.com', 'viewer', 'shop');
  const owner = await bench.standing(ada);
  const idOf = async (user: User): Promise<string> =>
    (await bench.members.list(owner)).find(({ userId }) => userId === user.id)?.id ?? '';
  const [adasId, bobsId] = [await idOf(ada), await idOf(bob)];
  const { told } = bench;
  assert.equal((await bench.members.change(owner, bobsId, 'admin')).role, 'admin');
  assert.equal(bench.told, told + 1);
  const admin = await bench.standing(bob);
  await rejects(bench.members.change(owner, bobsId, 'owner'), 'invalid');
  await rejects(bench.members.change(admin, adasId, 'viewer'), 'refused');
  await rejects(bench.members.change(owner, adasId, 'admin'), 'conflict', /last owner/);
  await rejects(bench.members.remove(owner, adasId), 'conflict', /last owner/);
  await rejects(bench.members.remove(owner, 'member_none'), 'not_found');
  const { session, secret } = await bench.sessions.open({ userId: bob.id });
  assert.equal((await bench.sessions.projectsOf(session)).length, 1);
  await bench.members.remove(owner, bobsId);
  assert.deepEqual(await bench.sessions.projectsOf(session), []);
  assert.ok(await bench.sessions.find(secret));
  // The operator is always there.
  await bench.members.remove(await bench.standing(null), adasId);
  assert.deepEqual(await bench.members.list(await bench.standing(null)), []);
});

test('nobody is anything in an organisation of others', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const ada = await bench.joined('ada@example.com', 'owner');
  const { id } = await bench.organisations.create('Others', BY);
  const caller = { actor: BY, isOperator: false, userId: ada.id, confined: null };
  assert.equal(await standingIn(bench.catalog.db, caller, id), undefined);
  assert.equal(await standingIn(bench.catalog.db, caller, 'none'), undefined);
  const theirs = await bench.standing(null, id);
  const [member] = await bench.members.list(await bench.standing(null));
  await rejects(bench.members.remove(theirs, member?.id ?? ''), 'not_found');
});

test('a disabled user is signed out, cannot sign in, and is let in again', {
  timeout: 300_000,
}, async (t) => {
  const bench = await open(t);
  const ada = await bench.joined('ada@example.com', 'viewer');
  const attempt = () =>
    bench.signIn.attempt({ email: ' ADA@example.com', password: PASSWORD, address: '1.2.3.4' });
  assert.equal((await attempt())?.id, ada.id);
  const { secret } = await bench.sessions.open({ userId: ada.id });
  const { token } = await bench.users.createReset(ada, BY);
  await bench.users.disable(ada, BY);
  assert.equal(await bench.sessions.find(secret), undefined);
  assert.equal(await attempt(), undefined);
  await rejects(bench.users.reset(token, 'another phrase'), 'unknown_link');
  await bench.users.enable(ada, BY);
  assert.equal((await attempt())?.id, ada.id);
  assert.equal(await bench.sessions.find(secret), undefined);
});

test('a password is changed by who knows it, and set by a link, once', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const ada = await bench.joined('ada@example.com', 'viewer');
  const [here, there] = [
    await bench.sessions.open({ userId: ada.id }),
    await bench.sessions.open({ userId: ada.id }),
  ];
  const change = (current: string, next: string) =>
    bench.signIn.changePassword(ada, { current, next, address: undefined }, here.secret);
  await rejects(change('wrong password', 'the second phrase'), 'wrong_password');
  await rejects(change(PASSWORD, 'password123'), 'invalid', /tried first/);
  await change(PASSWORD, 'the second phrase');
  assert.ok(await bench.sessions.find(here.secret));
  assert.equal(await bench.sessions.find(there.secret), undefined);
  const { token, expiresAtMs } = await bench.users.createReset(ada, BY);
  assert.equal(expiresAtMs, bench.nowMs + RESET_LIFETIME_MS);
  await bench.users.reset(token, 'the third phrase');
  await rejects(bench.users.reset(token, 'the fourth phrase'), 'unknown_link');
  assert.equal(await bench.sessions.find(here.secret), undefined);
  assert.equal(await bench.users.authenticate(ada.email, 'the second phrase'), undefined);
  assert.ok(await bench.users.authenticate(ada.email, 'the third phrase'));
  const late = await bench.users.createReset(ada, BY);
  bench.nowMs += RESET_LIFETIME_MS;
  await rejects(bench.users.reset(late.token, 'the fifth phrase'), 'unknown_link');
});

test('attempts are bounded by account and by address, and come back', { timeout: 300_000 }, async (t) => {
  const bench = await open(t);
  const ada = await bench.joined('ada@example.com', 'viewer');
  const attempt = (email: string, address: string, password = 'not the password') =>
    bench.signIn.attempt({ email, password, address });
  for (let times = 0; times < ACCOUNT_ATTEMPTS.attempts; times++)
    assert.equal(await attempt('ada@example.com', `10.0.0.${times}`), undefined);
  const waitOf = async (work: Promise<unknown>): Promise<number> => {
    try {
      await work;
    } catch (error) {
      assert.ok(error instanceof TooManyAttemptsError);
      return error.waitSeconds;
    }
    return 0;
  };
  const { withinMs, attempts } = ACCOUNT_ATTEMPTS;
  assert.equal(await waitOf(attempt('Ada@Example.com', '10.1.0.1', PASSWORD)), withinMs / attempts / 1000);
  assert.equal(await waitOf(attempt('bob@example.com', '10.1.0.1')), 0);
  bench.nowMs += withinMs / attempts;
  assert.equal((await attempt('ada@example.com', '10.1.0.1', PASSWORD))?.id, ada.id);
  // What succeeds is given back.
  assert.equal((await attempt('ada@example.com', '10.1.0.1', PASSWORD))?.id, ada.id);
  const many = Array.from({ length: ADDRESS_ATTEMPTS.attempts }, (_, index) => index);
  for (let start = 0; start < many.length; start += 20)
    await Promise.all(
      many.slice(start, start + 20).map((each) => attempt(`user${each}@example.com`, '2001:db8::1')),
    );
  assert.ok((await waitOf(attempt('user@example.com', '2001:db8::2'))) > 0);
  assert.equal(await waitOf(attempt('user@example.com', '2001:db8:0:1::2')), 0);
});
