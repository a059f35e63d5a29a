import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';

/** How long a statement waits for another process that writes (a command of the CLI, say) before it fails, milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/** An SQLite database and the Kysely dialect that speaks to it. */
export interface SqliteConnection {
  readonly dialect: Dialect;
  /** Whether another connection changed the database since the last call (or since opening). Costs microseconds. */
  changedByOthers(): boolean;
}

/** Kysely says no, out of caution about foreign keys; SQLite's transactions do cover changes of tables. So a migration that is cut off leaves nothing. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * A transaction that reads and then writes fails at once, whatever the timeout, if another process wrote in between. One that takes the lock first waits for its turn.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class NodeSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#config);
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }
}

/**
 * Opens a database file (or `:memory:`) with Node's own SQLite: no native package to compile. Kysely ships the SQLite dialect for better-sqlite3's interface,
 * which `node:sqlite` differs from in two details; both are bridged here.
 *
 * Write-ahead log and full synchronisation: a committed change survives a power loss, readers do not wait for writers. `readOnly`: changes nothing, and its transactions hold nobody up.
 */
export const openSqlite = (path: string, { readOnly = false } = {}): SqliteConnection => {
  const database = new DatabaseSync(path, {
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
    readOnly,
  });
  if (!readOnly) database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  const dataVersion = database.prepare('PRAGMA data_version');
  let seen = dataVersion.get()?.['data_version'];
  const config: SqliteDialectConfig = {
    database: { close: () => database.close(), prepare: (sql) => bridged(database.prepare(sql)) },
  };
  return {
    dialect: readOnly ? new SqliteDialect(config) : new NodeSqliteDialect(config),
    changedByOthers() {
      const now = dataVersion.get()?.['data_version'];
      const changed = now !== seen;
      seen = now;
      return changed;
    },
  };
};

/** better-sqlite3 takes parameters as one array and tells whether a statement returns rows; `node:sqlite` spreads them and knows columns. */
const bridged = (statement: StatementSync): SqliteStatement => ({
  reader: statement.columns().length > 0,
  all: (parameters) => statement.all(...inputs(parameters)),
  run: (parameters) => statement.run(...inputs(parameters)),
  iterate: (parameters) => statement.iterate(...inputs(parameters)),
});

/** SQLite knows neither booleans nor `undefined`. */
const inputs = (parameters: readonly unknown[]): SQLInputValue[] =>
  parameters.map((value) => {
    if (typeof value === 'boolean') return value ? 1 : 0;
    return value === undefined ? null : (value as SQLInputValue);
  });
