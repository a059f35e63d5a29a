/**
 * Every attack of the table on SQL of users: through the guard, and once more straight at the engine's lane, as if there were no guard. (Rows are confined there too. Files are not: the function `file` asks
 * for no right, and only the list of functions keeps it out. See docs/decisions/018-sql-guard.md.)
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sqlRequestSchema } from '../../src/contract/sql.ts';
import { ApiError } from '../../src/event/errors.ts';
import type { SqlBench } from '../../src/sql/testing/sql-bench.ts';
import { WarehouseError } from '../../src/warehouse/warehouse-error.ts';
import { ATTACKS, type Attack } from './sql-attacks.ts';
import {
  BOUND_MS,
  FOREIGN_MARK,
  FOREIGN_ROWS,
  FOREIGN_VALUE,
  openSqlWarehouse,
  OWN_ROWS,
} from './sql-warehouse.ts';

/** Codes with which a statement may end that was not answered. */
const REFUSALS = new Set(['sql_refused', 'invalid_sql', 'invalid_request']);
const LIMITS = new Set([...REFUSALS, 'query_timeout', 'result_too_large', 'warehouse_busy']);
/** What says more of the machine than of the statement. */
const LATE = new Set(['query_timeout', 'warehouse_busy']);
const TRIES_MAX = 20;
const LANE_TIMEOUT_MS = 300;

let warehouse: SqlBench;

before(async () => {
  warehouse = await openSqlWarehouse();
});

after(() => warehouse?.[Symbol.asyncDispose]());

interface Outcome {
  readonly code: string;
  readonly said: string;
}

const ask = async ({ sql, parameters = {}, outcome }: Attack): Promise<Outcome> => {
  const bound = outcome === 'bounded' ? { timeout_ms: BOUND_MS } : {};
  const request = sqlRequestSchema.safeParse({ sql, parameters, limit: 100_000, ...bound });
  if (!request.success) return { code: 'invalid_request', said: request.error.message };
  try {
    const answer = await warehouse.service.answer('mine', request.data);
    return { code: 'answered', said: JSON.stringify([answer.columns, answer.rows]) };
  } catch (error) {
    assert.ok(error instanceof ApiError, `${sql.slice(0, 200)}: ${String(error)}`);
    return { code: error.code, said: JSON.stringify(error.toBody()) };
  }
};

/** Asks until the statement has had its turn and its time, unless it is one that takes for ever. */
const askPatiently = async (attack: Attack): Promise<Outcome> => {
  let outcome = await ask(attack);
  for (let tries = 1; attack.outcome !== 'bounded' && LATE.has(outcome.code) && tries < TRIES_MAX; tries += 1)
    outcome = await ask(attack);
  return outcome;
};

/** What no answer and no error may hold, whatever was asked. */
const leaksOf = (said: string, { sql, parameters }: Attack): string[] => {
  // Without quotes, because a refusal names what it refuses without them.
  const asked = `${sql}${JSON.stringify(parameters ?? {})}`.toLowerCase().replaceAll(/[`"]/g, '');
  const forbidden = [
    FOREIGN_MARK,
    String(FOREIGN_VALUE),
    String(FOREIGN_ROWS),
    String(FOREIGN_ROWS + OWN_ROWS),
    'root:x:',
    warehouse.engine.dataDir,
    'insert_deduplication_token',
    'getSetting',
    'asker',
    'ledger',
    'aevum.',
    'questions.',
    'rehearsal.',
    'users.xml',
  ];
  return forbidden.filter(
    (text) => said.toLowerCase().includes(text.toLowerCase()) && !asked.includes(text.toLowerCase()),
  );
};

test('there are more than three hundred attacks, all different', () => {
  const texts = ATTACKS.map(({ sql, parameters }) => `${sql}${JSON.stringify(parameters)}`);
  assert.ok(new Set(texts).size > 300, `${new Set(texts).size}`);
});

test('none gets through the guard', { timeout: 600_000 }, async (t) => {
  const wrong: string[] = [];
  for (const attack of ATTACKS) {
    const { code, said } = await askPatiently(attack);
    const allowed =
      attack.outcome === 'refused'
        ? REFUSALS
        : attack.outcome === 'confined'
          ? new Set(['answered'])
          : new Set([...LIMITS, 'answered']);
    const shown = `${attack.sql.slice(0, 160)} -> ${code} ${said.slice(0, 240)}`;
    if (!allowed.has(code)) wrong.push(shown);
    const leaks = leaksOf(said, attack);
    if (leaks.length > 0) wrong.push(`leaks ${leaks.join(', ')}: ${shown}`);
  }
  t.diagnostic(`${ATTACKS.length} statements`);
  assert.deepEqual(wrong, []);
});

const TIMED_OUT = 'timed out';

/** What the lane itself says, of an answer or an error. */
const straight = async (sql: string, project: { readonly project?: string }): Promise<string> => {
  try {
    const { rows } = await warehouse.lane.run(sql, {
      ...project,
      timeoutMs: LANE_TIMEOUT_MS,
      rowsMax: 1_000,
    });
    return JSON.stringify(rows) ?? '';
  } catch (error) {
    assert.ok(error instanceof WarehouseError, `${sql}: ${String(error)}`);
    if (error.code === 'timeout') return TIMED_OUT;
    // In another format it is not readable, which is no harm.
    const told = error.engineCode !== undefined || error.cause instanceof SyntaxError;
    assert.ok(told, `${sql}: ${error.message}`);
    return error.message;
  }
};

const foreignIn = (said: string): string[] =>
  [FOREIGN_MARK, String(FOREIGN_VALUE)].filter((text) => said.includes(text));

const STRAIGHT = ATTACKS.filter(
  ({ outcome, parameters }) => outcome !== 'bounded' && parameters === undefined,
);

test('straight at the lane, as if nothing had judged them, they still see no foreign row', {
  timeout: 600_000,
}, async () => {
  const wrong: string[] = [];
  for (const { sql } of STRAIGHT) {
    const said = await straight(sql, { project: 'mine' });
    if (foreignIn(said).length > 0) wrong.push(`${sql.slice(0, 200)} -> ${said.slice(0, 200)}`);
  }
  assert.deepEqual(wrong, []);
});

test('where statements are judged, in sessions that are used again, they see no row and leave nothing behind', {
  timeout: 600_000,
}, async () => {
  const STATE =
    "SELECT currentDatabase(), currentRoles(), getSetting('insert_deduplication_token'), getSetting('readonly'), getSetting('max_execution_time'), (SELECT count() FROM events)";
  const state = async (): Promise<string> => {
    let said = await straight(STATE, {});
    for (let tries = 1; said === TIMED_OUT && tries < TRIES_MAX; tries += 1) said = await straight(STATE, {});
    return said;
  };
  const untouched = await state();
  assert.equal(untouched, '[["rehearsal",["rehearsal"],"",1,5,0]]');
  const wrong: string[] = [];
  for (const { sql } of STRAIGHT) {
    const said = await straight(`EXPLAIN QUERY TREE passes = 1 ${sql}`, {});
    // One after the other, so it is the same session unless the attack failed.
    const left = await state();
    if (left !== untouched || [...foreignIn(said), ...foreignIn(left)].length > 0)
      wrong.push(`${sql.slice(0, 200)} -> ${said.slice(0, 200)}; then ${left.slice(0, 200)}`);
  }
  assert.deepEqual(wrong, []);
});

test('the engine lived through all of it, wrote no file, and the rows are as they were', async () => {
  assert.ok(!existsSync('/tmp/aevum-attack'));
  assert.equal(warehouse.engine.engine.restarts, 0);
  const client = warehouse.engine.connect();
  const { rows } = await client.query<{ project: string; n: number }>(
    'SELECT project, count() AS n FROM events GROUP BY project ORDER BY project',
    {},
    { class: 'control' },
  );
  assert.deepEqual(rows, [
    { project: 'mine', n: OWN_ROWS },
    { project: 'theirs', n: FOREIGN_ROWS },
  ]);
});
