import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyBlock } from '../event/blocks.ts';
import { LEDGER, RECORDS, REFUSED } from '../event/columns.ts';
import type { GovernedInput } from './load-body.ts';
import {
  createUsersTeller,
  fromMessage,
  type LoadedUsers,
  type LoadedUsersMessage,
  userHash,
  usersOf,
} from './loaded-users.ts';
import { eventsOf } from './testing/events.ts';

const input = (position: number, users: readonly string[]): GovernedInput => ({
  position,
  record: {
    events: eventsOf(users.map((user, index) => ({ id: `${position}-${index}`, user }))),
    refused: emptyBlock(REFUSED),
    ...{ ledger: emptyBlock(LEDGER), records: emptyBlock(RECORDS) },
  },
});
const hashesOf = (users: readonly string[]): number[] => users.map(userHash).toSorted((a, b) => a - b);
const stretch = (from: number, to: number, hashes: readonly number[]): LoadedUsers => ({
  ...{ from, to },
  hashes: Uint32Array.from(hashes),
});

test('each user once, whatever its id is made of; nobody for events without one', () => {
  const long = 'x'.repeat(300);
  const users = usersOf([input(7, ['a', '', 'ü/日本', 'a']), input(8, []), input(9, [long, 'a', ' '])], {
    from: 7,
    to: 12,
  });
  assert.deepEqual(
    [users?.from, users?.to, [...(users?.hashes ?? [])]],
    [7, 12, hashesOf(['a', 'ü/日本', long, ' '])],
  );
  assert.equal(usersOf([], { from: 0, to: 3 })?.hashes.length, 0);
  const many = input(
    0,
    Array.from({ length: 40_000 }, () => 'a'),
  );
  assert.equal(usersOf([many], { from: 0, to: 1 })?.hashes.length, 1);
  assert.equal(usersOf([many, many], { from: 0, to: 2 }), undefined);
});

/** A teller whose messages go when the test says so. */
const heldTeller = () => {
  const told: LoadedUsersMessage[] = [];
  let sent: (() => void) | undefined;
  const tell = createUsersTeller((message, done) => {
    told.push(JSON.parse(JSON.stringify(message)) as LoadedUsersMessage);
    sent = done;
  });
  const seen = () => told.map(fromMessage).map(({ from, to, hashes }) => [from, to, [...hashes]] as const);
  return { tell, seen, goOn: () => sent?.() };
};

test('what is loaded while a message is under way goes with the next, as one stretch', () => {
  const { tell, seen, goOn } = heldTeller();
  tell(stretch(0, 2, [1, 0xffff_ffff]));
  tell(stretch(2, 3, [5, 9]));
  tell(stretch(3, 7, [4, 5]));
  assert.deepEqual(seen(), [[0, 2, [1, 0xffff_ffff]]]);
  goOn();
  assert.deepEqual(seen().at(-1), [2, 7, [4, 5, 9]]);
  goOn();
  tell(stretch(7, 8, []));
  assert.deepEqual(seen().slice(2), [[7, 8, []]]);
});

test('of stretches with something between them, and of too many users, the later one is told', () => {
  const { tell, seen, goOn } = heldTeller();
  tell(stretch(0, 1, []));
  tell(stretch(1, 2, [1]));
  tell(stretch(4, 5, [2]));
  goOn();
  assert.deepEqual(seen().at(-1), [4, 5, [2]]);
  const many = Uint32Array.from({ length: 200_000 }, (_, index) => index);
  tell({ from: 5, to: 6, hashes: many });
  tell({ from: 6, to: 7, hashes: many });
  goOn();
  assert.deepEqual(seen().at(-1)?.slice(0, 2), [6, 7]);
});
