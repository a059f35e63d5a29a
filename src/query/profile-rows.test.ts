import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ProfileEvent, profileEvents, profileParts } from './profile-rows.ts';

const at = (position: number): ProfileEvent => ({
  ...{ ms: 0, position, type: 't', session_id: '', country: '', region: '', device_type: '' },
  ...{ os: '', browser: '', currency: '', value: null, traits: '' },
});

const partsOf = (covered: number, loaded: number) =>
  profileParts('u', { project: 'p', covered, loaded, rowsMax: 3 });

const positionsOf = (events: readonly ProfileEvent[] | undefined) => events?.map(({ position }) => position);

test('what is asked: the order of users as far as it goes, and the events behind it', () => {
  const tables = (covered: number, loaded: number) =>
    partsOf(covered, loaded).map(({ statement }) => /FROM (\w+)/u.exec(statement.text)?.[1]);
  assert.deepEqual(tables(0, 0), []);
  assert.deepEqual(tables(0, 5), ['events']);
  assert.deepEqual(tables(3, 5), ['user_events', 'events']);
  assert.deepEqual(tables(5, 5), ['user_events']);
});

test('an event that the order has already, unknown to us, counts once', () => {
  const events = profileEvents(
    partsOf(3, 5),
    [
      [at(1), at(3)],
      [at(3), at(4)],
    ],
    3,
  );
  assert.deepEqual(positionsOf(events), [1, 3, 4]);
});

test('too many to be read one by one, also where an answer was cut off by events that do not count', () => {
  const parts = partsOf(3, 5);
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
