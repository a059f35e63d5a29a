import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from './attempts.ts';
import { PasswordHasher, passwordProblem, PasswordsBusyError } from './passwords.ts';

const EMAIL = 'ada.lovelace@example.com';

test('what a password must be', () => {
  for (const [password, problem] of [
    ['too short', /at least 10 characters; this one has 9/],
    ['x'.repeat(201), /at most 200/],
    ['Ada.Lovelace@example.com', /e-mail/],
    ['ADA.LOVELACE', /e-mail/],
    ['Password123', /tried first/],
    ['qwertyuiop', /tried first/],
    ['1234567890', /tried first/],
    ['aaaaaaaaaaaa', /tried first/],
    ['correct horse battery', undefined],
    ['ÄÖÜ und noch mehr', undefined],
    ['🦊🦊🐻🐻🐼🐼🐸🐸🐧🐧', undefined],
  ] as const) {
    const found = passwordProblem(password, EMAIL);
    if (problem === undefined) assert.equal(found, undefined, password);
    else assert.match(found ?? '', problem, password);
  }
});

test('a hash is Argon2id with its own salt, and fits its password only', { timeout: 300_000 }, async () => {
  const hasher = new PasswordHasher();
  const [one, other] = await Promise.all([hasher.hash('a phrase to keep'), hasher.hash('a phrase to keep')]);
  assert.match(one, /^\$argon2id\$v=19\$m=32768,t=3,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(one, other);
  assert.equal(await hasher.matches('a phrase to keep', one), true);
  assert.equal(await hasher.matches('a phrase to keep!', one), false);
  assert.equal(await hasher.matches('a phrase to keep', undefined), false);
  // However the keyboard composes it.
  assert.equal(await hasher.matches('Ärgernisse', await hasher.hash('A\u0308rgernisse')), true);
});

test('no user costs as much work as a wrong password', { timeout: 300_000 }, async () => {
  const hasher = new PasswordHasher();
  const hash = await hasher.hash('a phrase to keep');
  const costOf = async (kept: string | undefined): Promise<number> => {
    const { user, system } = process.cpuUsage();
    for (let times = 0; times < 5; times++) await hasher.matches('another phrase', kept);
    const after = process.cpuUsage({ user, system });
    return after.user + after.system;
  };
  await costOf(hash);
  const [known, unknown] = [await costOf(hash), await costOf(undefined)];
  assert.ok(unknown > known / 3, `${known} and ${unknown} µs`);
});

test('those who wait are bounded, and the others are told', { timeout: 300_000 }, async () => {
  const hasher = new PasswordHasher({ memory: 64, passes: 1, parallelism: 1 });
  const all = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.matches('x', undefined)));
  const busy = all.filter((each) => each.status === 'rejected');
  assert.equal(busy.length, 8);
  for (const { reason } of busy) assert.ok(reason instanceof PasswordsBusyError);
  assert.equal(await hasher.matches('x', undefined), false);
});

test('an address of version 6 counts by its network', () => {
  for (const [address, network] of [
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ] as const)
    assert.equal(networkOf(address), network);
});
