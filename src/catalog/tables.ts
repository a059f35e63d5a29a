import type { Generated } from 'kysely';

/**
 * The catalog's tables as Kysely sees them. Only types that SQLite and Postgres share: text, bigint (which a Postgres driver must be told to read as numbers). Times are milliseconds since
 * the epoch, lists are comma-separated text.
 */
export interface CatalogTables {
  readonly projects: ProjectsTable;
  readonly removed_projects: RemovedProjectsTable;
  readonly keys: KeysTable;
  readonly settings: SettingsTable;
  readonly sign_in_tokens: SignInTokensTable;
  readonly sessions: SessionsTable;
  readonly audit: AuditTable;
  readonly audit_head: AuditHeadTable;
}

/** A project: everything read or written belongs to exactly one. */
export interface ProjectsTable {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
  /** Since when it is being removed; null: it is not. */
  readonly removing_at: Generated<number | null>;
}

/** Names of which there were projects that were removed (or are being removed): ids are never used twice. */
export interface RemovedProjectsTable {
  readonly name: string;
  readonly times: number;
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
  /** From then on it is good for nothing; null: never. */
  readonly expires_at: Generated<number | null>;
  /** Origins of the pages that may use it, comma-separated; null: it does not matter who uses it. */
  readonly origins: Generated<string | null>;
}

/** Settings by name, JSON values; `version` counts the changes of each. */
export interface SettingsTable {
  readonly name: string;
  readonly value: string;
  readonly version: Generated<number>;
  readonly changed_at: number;
}

/** Links that sign in once. Of the token only its hash is kept. */
export interface SignInTokensTable {
  /** SHA-256 of the token, lower-case hex. */
  readonly hash: string;
  readonly created_at: number;
  readonly expires_at: number;
}

/** Sessions of browsers. Of the secret in the cookie only its hash is kept. */
export interface SessionsTable {
  /** SHA-256 of the secret, lower-case hex. */
  readonly hash: string;
  /** The project that it is confined to; null: none. */
  readonly project: string | null;
  /** The key that opened it; null: a link. */
  readonly key_id: string | null;
  readonly created_at: number;
  /** Moves on with use. */
  readonly expires_at: number;
}

/** What was done, one row an entry, chained by hashes (`docs/audit.md`). Rows are added at the end, moved to files from the beginning, and never changed. */
export interface AuditTable {
  /** 1, 2, 3 ... without gaps. */
  readonly sequence: number;
  readonly at: number;
  readonly actor_kind: string;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly organisation: string | null;
  readonly project: string | null;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  /** JSON object. */
  readonly detail: string;
  /** Hash of the entry before, lower-case hex. */
  readonly previous: string;
  /** SHA-256 over all of the above, lower-case hex. */
  readonly hash: string;
}

/** The end of the audit log: one row. Without entries, the hash is 64 zeros. */
export interface AuditHeadTable {
  readonly id: number;
  /** Of the last entry; 0: there is none. */
  readonly sequence: number;
  readonly hash: string;
}
