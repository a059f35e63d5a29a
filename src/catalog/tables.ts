import type { Generated } from 'kysely';

/**
 * The catalog's tables as Kysely sees them. Only types that SQLite and Postgres share: text, bigint (which a Postgres driver must be told to read as numbers). Times are milliseconds since
 * the epoch, lists are comma-separated text.
 */
export interface CatalogTables {
  readonly projects: ProjectsTable;
  readonly keys: KeysTable;
  readonly settings: SettingsTable;
}

/** A project: everything read or written belongs to exactly one. */
export interface ProjectsTable {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
}

/** A key. Of the key itself only its hash is kept. */
export interface KeysTable {
  /** Public name of the key: what lists show and what revoking takes. */
  readonly id: string;
  readonly project: string;
  /** What people call it. */
  readonly name: string;
  /** SHA-256 of the key, lower-case hex. */
  readonly hash: string;
  /** The beginning of the key, to recognise it by. */
  readonly prefix: string;
  /** Comma-separated scopes. */
  readonly scopes: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

/** Settings by name, JSON values; `version` counts the changes of each. */
export interface SettingsTable {
  readonly name: string;
  readonly value: string;
  readonly version: Generated<number>;
  readonly changed_at: number;
}
