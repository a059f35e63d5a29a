import { Kysely } from 'kysely';
import { migrateCatalog } from './migrations.ts';
import { openSqlite } from './sqlite-dialect.ts';
import type { CatalogTables } from './tables.ts';

/**
 * The catalog: what the platform knows apart from events (projects, keys, settings). Small, read often, written rarely.
 */
export interface Catalog {
  /** Plain SQL that SQLite and Postgres both run; nothing else may be asked of it. */
  readonly db: Kysely<CatalogTables>;
  /** Whether somebody else (the CLI, another node) changed it since the last call. */
  changedByOthers(): boolean;
  close(): Promise<void>;
}

/** The catalog's file cannot be used. The message says which file, and what to do. */
export class CatalogError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CatalogError';
  }
}

/** What whoever only looks gets: a catalog as it is, of whatever version. */
export interface CatalogToRead {
  /** Transactions see one moment and hold nobody up. */
  readonly db: Catalog['db'];
  close(): Promise<void>;
}

/** Opens the catalog in a file, changing nothing, not even its form. Throws CatalogError. */
export const openCatalogToRead = (path: string): CatalogToRead => {
  try {
    const { dialect } = openSqlite(path, { readOnly: true });
    const db = new Kysely<CatalogTables>({ dialect });
    return { db, close: () => db.destroy() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CatalogError(`The catalog ${path} cannot be opened: ${why}.`, { cause: error });
  }
};

/**
 * Opens (or makes) the catalog in a file, or in memory for `:memory:`. Throws CatalogError.
 *
 * @example
 * const catalog = await openCatalog('data/catalog.sqlite');
 * const projects = await catalog.db.selectFrom('projects').selectAll().execute();
 */
export const openCatalog = async (path: string): Promise<Catalog> => {
  try {
    const connection = openSqlite(path);
    const db = new Kysely<CatalogTables>({ dialect: connection.dialect });
    await migrateCatalog(db);
    return { db, changedByOthers: () => connection.changedByOthers(), close: () => db.destroy() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CatalogError(
      `The catalog ${path} cannot be opened: ${why}. If the file is damaged, restore it from a backup; if another version of the program wrote it, use that one.`,
      { cause: error },
    );
  }
};
