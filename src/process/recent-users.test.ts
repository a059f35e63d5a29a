import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { type LoadedUsers, userHash } from './loaded-users.ts';
import { RecentUsers } from './recent-users.ts';

const loaded = (from: number, to: number, ...users: string[]): LoadedUsers => ({
  ...{ from, to },
  hashes: Uint32Array.from(users.map(userHash)).sort(),
});

test('a user is known not to be named only between the first record that was taken in and the last', () => {
  const users = new RecentUsers();
  assert.ok(users.mayName('a', 0, 1), 'nothing was told yet');
  assert.ok(!users.mayName('a', 3, 3), 'there is nothing');
  users.take(loaded(10, 12, 'a'));
  users.take(loaded(12, 15, 'b', 'c'));
  const known = [
    ['a', 10, 15, true],
    ['a', 12, 15, false],
    ['c', 10, 13, true],
    ['d', 10, 15, false],
    ['d', 9, 15, true],
    ['d', 10, 16, true],
  ] as const;
  for (const [user, from, to, may] of known)
    assert.equal(users.mayName(user, from, to), may, `${user} ${from} ${to}`);
});

test('behind a gap it begins anew; a load that is made again overlaps what was told', () => {
  const users = new RecentUsers();
  users.take(loaded(0, 5, 'a'));
  users.take(loaded(3, 8, 'b'));
  assert.ok(!users.mayName('c', 0, 8));
  assert.ok(users.mayName('a', 3, 8));
  users.take(loaded(9, 10, 'c'));
  assert.ok(users.mayName('d', 0, 10));
  assert.ok(!users.mayName('a', 9, 10));
  assert.equal(users.size, 1);
});

test('the oldest are forgotten: when they are too many, and when nobody needs them', () => {
  const users = new RecentUsers({ hashesMax: 4, stretchesMax: 3 });
  users.take(loaded(0, 1, 'a', 'b'));
  users.take(loaded(1, 2, 'c', 'd'));
  users.take(loaded(2, 3, 'e'));
  assert.equal(users.size, 3);
  assert.ok(users.mayName('x', 0, 3) && !users.mayName('x', 1, 3));
  users.take(loaded(3, 4));
  users.take(loaded(4, 5));
  assert.equal(users.size, 1);
  users.forget(4);
  assert.ok(users.mayName('x', 3, 5) && !users.mayName('x', 4, 5));
  users.forget(5);
  assert.ok(users.mayName('x', 4, 5));
  users.take(loaded(9, 10, 'a', 'b', 'c', 'd', 'e'));
  assert.equal(users.size, 0, 'one stretch has more than are kept');
  assert.ok(users.mayName('x', 9, 10));
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const step = fc.record({
  ahead: fc.constantFrom(0, 0, 0, 0, -1, 2),
  records: fc.array(fc.subarray(NAMES, { maxLength: 2 }), { minLength: 1, maxLength: 4 }),
  forget: fc.option(fc.nat(60), { nil: undefined }),
});

test('nobody who is named is ever missed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(8), fc.nat(4), (steps, hashesMax, stretchesMax) => {
      const users = new RecentUsers({ hashesMax, stretchesMax: stretchesMax + 1 });
      const truth = new Map<number, Set<string>>();
      let at = 5;
      for (const { ahead, records, forget } of steps) {
        const from = Math.max(0, at + ahead);
        records.forEach((names, index) =>
          truth.set(from + index, new Set([...(truth.get(from + index) ?? []), ...names])),
        );
        // What lies between was loaded without a word of it.
        for (let gap = at; gap < from; gap++) truth.set(gap, new Set(NAMES));
        at = from + records.length;
        // What is loaded again is the same.
        const told = records.flatMap((_, index) => [...(truth.get(from + index) ?? [])]);
        users.take(loaded(from, at, ...new Set(told)));
        if (forget !== undefined) users.forget(forget);
        for (const name of NAMES)
          for (let start = 0; start < at; start++) {
            const isNamed = [...truth].some(
              ([position, names]) => position >= start && position < at && names.has(name),
            );
            assert.ok(!isNamed || users.mayName(name, start, at), `${name} from ${start} to ${at}`);
          }
      }
    }),
  );
});
