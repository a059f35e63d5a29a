import assert from 'node:assert/strict';
import type { Warehouse } from '../client.ts';

interface Counts {
  readonly events: number;
  readonly rolled: number;
  readonly users: number;
  readonly rolledUsers: number;
  readonly value: string;
  readonly rolledValue: string;
}

/** Everything that is counted twice, once raw and once by the rollup. */
const counts = async (warehouse: Warehouse): Promise<Counts> => {
  const { rows } = await warehouse.query<Counts>(`SELECT e.*, r.* FROM
    (SELECT count() AS events, uniqIf(user_id, user_id != '') AS users, toString(ifNull(sum(value), 0)) AS value FROM events) AS e,
    (SELECT sum(events) AS rolled, uniqMerge(users) AS rolledUsers, toString(sum(value_sum)) AS rolledValue FROM rollup_10s) AS r`);
  const [row] = rows;
  assert.ok(row !== undefined);
  return row;
};

/** Asserts that so many events are stored, and the same in the rollup. */
export const assertExact = async (warehouse: Warehouse, expected: number): Promise<void> => {
  const found = await counts(warehouse);
  assert.deepEqual([found.events, found.rolled], [expected, expected]);
  assert.equal(found.rolledUsers, found.users);
  assert.equal(found.rolledValue, found.value);
};
