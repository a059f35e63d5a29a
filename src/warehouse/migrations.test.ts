import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MigrationError, migrate } from './migrations.ts';
import { MIGRATIONS } from './schema.ts';
import { openTestEngine } from './testing/engine.ts';

test('migrations are applied once, and again after an interruption', async () => {
  await using running = await openTestEngine();
  const warehouse = running.connect();
  assert.deepEqual(await migrate(warehouse), MIGRATIONS);
  assert.deepEqual(await migrate(warehouse), []);
  const tables = async (): Promise<unknown[]> =>
    (
      await warehouse.query(
        "SELECT name, create_table_query FROM system.tables WHERE database = 'aevum' ORDER BY name",
        {},
        { class: 'control' },
      )
    ).rows;
  const whole = await tables();
  assert.equal(whole.length, 15);
  // As if the program had died between the first statements and the note that they were done.
  await warehouse.command('TRUNCATE TABLE migrations');
  await warehouse.command('DROP VIEW rollup_10s_view');
  assert.deepEqual(await migrate(warehouse), MIGRATIONS);
  assert.deepEqual(await tables(), whole);
});

test('a later migration is added to an earlier warehouse, and a newer warehouse is refused', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const version = MIGRATIONS.length + 1;
  const later = {
    version,
    name: 'more',
    statements: ['CREATE TABLE IF NOT EXISTS more (a UInt8) ENGINE = MergeTree ORDER BY a'],
  };
  assert.deepEqual(await migrate(warehouse, [...MIGRATIONS, later]), [later]);
  await assert.rejects(
    migrate(warehouse),
    (error) => error instanceof MigrationError && /newer release/.test(error.message),
  );
});

test('versions count from 1 without a gap', () => {
  assert.deepEqual(
    MIGRATIONS.map(({ version }) => version),
    MIGRATIONS.map((_migration, index) => index + 1),
  );
});
