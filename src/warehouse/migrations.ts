import type { Warehouse } from './client.ts';
import { type Migration, MIGRATIONS } from './schema.ts';

/** The warehouse cannot be used by this program: it was made by a newer one, or is not what it says. */
export class MigrationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MigrationError';
  }
}

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS migrations (
  version UInt32,
  name String,
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = MergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

const appliedVersions = async (warehouse: Warehouse): Promise<Set<number>> => {
  const { rows } = await warehouse.query<{ version: number }>(
    'SELECT DISTINCT version FROM migrations',
    {},
    { class: 'control' },
  );
  return new Set(rows.map(({ version }) => version));
};

const refuseNewer = (applied: ReadonlySet<number>, known: readonly Migration[]): void => {
  const newest = Math.max(0, ...applied);
  const supported = known.at(-1)?.version ?? 0;
  if (newest > supported) {
    throw new MigrationError(
      `The warehouse has schema version ${newest}, this program knows versions up to ${supported}. It was made by a newer release: use that one, or another database.`,
    );
  }
};

const apply = async (warehouse: Warehouse, migration: Migration): Promise<void> => {
  for (const statement of migration.statements) await warehouse.command(statement);
  const { version, name } = migration;
  await warehouse.command('INSERT INTO migrations (version, name) SELECT {version:UInt32}, {name:String}', {
    version,
    name,
  });
};

/**
 * Brings the warehouse to this program's schema: makes the database if it is missing and applies, in order, what was not applied before. Returns what it
 * applied. Does no harm when repeated, or when interrupted and repeated. Throws MigrationError for a warehouse of a newer release, WarehouseError when it is not reachable.
 */
export const migrate = async (
  warehouse: Warehouse,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly Migration[]> => {
  await warehouse.createDatabase();
  await warehouse.command(MIGRATIONS_TABLE);
  const applied = await appliedVersions(warehouse);
  refuseNewer(applied, migrations);
  const missing = migrations.filter(({ version }) => !applied.has(version));
  for (const migration of missing) await apply(warehouse, migration);
  return missing;
};
