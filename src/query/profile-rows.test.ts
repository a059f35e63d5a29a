import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FACTS_SQL, TRAITS_SQL } from '../warehouse/user-order.ts';
import {
  eventOfFacts,
  FACTS,
  type FactsRow,
  type ProfileEvent,
  profileEvents,
  profileParts,
} from './profile-rows.ts';
import { toStatement } from './sql.ts';

const at = (position: number): FactsRow => ({
  facts: JSON.stringify(['0', `${position}`, 't', ...Array.from({ length: 9 }, () => '')]),
});

const partsOf = (covered: number, hasTail?: boolean) =>
  profileParts('u', { project: 'p', covered, ...(hasTail === undefined ? {} : { hasTail }), rowsMax: 3 });

const positionsOf = (events: readonly ProfileEvent[] | undefined) => events?.map(({ position }) => position);

test('facts are the same of rows that are in the order of users and of those that are not', () => {
  assert.equal(toStatement(FACTS).text, FACTS_SQL.replace(/traits(?=\]\)$)/u, TRAITS_SQL));
});

test('each text of the facts has its name', () => {
  const names = ['type', 'session_id', 'country', 'region', 'device_type', 'os', 'browser', 'currency'];
  const texts = ['-1', '2', ...names, '3.5', '{"a":"\\u0000\\""}'];
  assert.deepEqual(eventOfFacts({ facts: JSON.stringify(texts) }), {
    ...{ ms: -1, position: 2, value: '3.5', traits: '{"a":"\\u0000\\""}' },
    ...Object.fromEntries(names.map((name) => [name, name])),
  });
});

test('what is asked: the order of users as far as it goes, and the events behind it unless none of them is of the user', () => {
  const tables = (covered: number, hasTail?: boolean) =>
    partsOf(covered, hasTail).map(({ statement }) => /FROM (\w+)/u.exec(statement.text)?.[1]);
  assert.deepEqual(tables(0, false), []);
  assert.deepEqual(tables(0, true), ['events']);
  assert.deepEqual(tables(3), ['user_events', 'events']);
  assert.deepEqual(tables(5, false), ['user_events']);
});

test('an event that the order has already, unknown to us, counts once', () => {
  const events = profileEvents(
    partsOf(3),
    [
      [at(1), at(3)],
      [at(3), at(4)],
    ],
    3,
  );
  assert.deepEqual(positionsOf(events), [1, 3, 4]);
});

test('too many to be read one by one, also where an answer was cut off by events that do not count', () => {
  const parts = partsOf(3);
  assert.equal(
    profileEvents(
      parts,
      [
        [at(1), at(1)],
        [at(3), at(4)],
      ],
      3,
    ),
    undefined,
  );
  assert.equal(profileEvents(parts, [[at(3), at(3), at(4), at(1)], []], 3), undefined);
  assert.deepEqual(positionsOf(profileEvents(parts, [[at(1), at(1)], [at(3)]], 3)), [1, 1, 3]);
});
