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
  readonly organisations: OrganisationsTable;
  readonly users: UsersTable;
  readonly memberships: MembershipsTable;
  readonly invitations: InvitationsTable;
  readonly password_resets: PasswordResetsTable;
  readonly cohorts: CohortsTable;
  readonly metrics: MetricsTable;
  readonly saved_objects: SavedObjectsTable;
  readonly saved_versions: SavedVersionsTable;
  readonly shares: SharesTable;
  readonly annotations: AnnotationsTable;
  readonly exports: ExportsTable;
  readonly export_runs: ExportRunsTable;
  readonly event_descriptions: EventDescriptionsTable;
  readonly imports: ImportsTable;
  readonly query_jobs: QueryJobsTable;
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
  /** Id of the organisation that it belongs to. */
  readonly organisation: Generated<string>;
  /** IANA name of the time zone that its pages go by; null: none was chosen. */
  readonly timezone: Generated<string | null>;
}

/** Names of which there were projects that were removed (or are being removed): ids are never used twice. */
export interface RemovedProjectsTable {
  readonly name: string;
  readonly times: number;
}

/** A saved cohort of a project. */
export interface CohortsTable {
  readonly id: string;
  /** Id of the project. */
  readonly project: string;
  /** Once in a project. */
  readonly name: string;
  readonly description: string;
  /** `live` or `static`. */
  readonly mode: string;
  /** JSON: who belongs to it. */
  readonly definition: string;
  /** JSON: static ones as they were when they were saved, with those that they refer to; null: live. */
  readonly frozen: string | null;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
  /** Name of whoever saved it last. */
  readonly updated_by: string;
}

/** A saved insight or board of a project, as it is now. */
export interface SavedObjectsTable {
  readonly id: string;
  /** Id of the project. */
  readonly project: string;
  /** `insight` or `board`. */
  readonly kind: string;
  /** Once in a project, of a kind. */
  readonly name: string;
  /** JSON: everything else that was saved. */
  readonly content: string;
  readonly version: number;
  readonly created_at: number;
  /** Name of whoever made it. */
  readonly created_by: string;
  readonly updated_at: number;
  /** Name of whoever saved it last. */
  readonly updated_by: string;
}

/** What a saved object was, version by version: the newest ones, the current one included. */
export interface SavedVersionsTable {
  /** Of the object. */
  readonly id: string;
  readonly version: number;
  readonly project: string;
  readonly name: string;
  readonly content: string;
  /** What differs from the version before: names of fields, comma-separated. */
  readonly changed: string;
  /** The version that this one brought back; null: it was written anew. */
  readonly restored: number | null;
  readonly saved_at: number;
  readonly saved_by: string;
}

/** Links that show one saved object to whoever has them. Of the token only its hash is kept. */
export interface SharesTable {
  readonly id: string;
  /** SHA-256 of the token, lower-case hex. */
  readonly hash: string;
  readonly project: string;
  /** Id of the saved object. */
  readonly object: string;
  /** What people call it. */
  readonly name: string;
  /** JSON: values that variables of a board have for whoever comes by it. */
  readonly variables: string;
  /** Answers are as of this position; null: of now. */
  readonly pinned_position: string | null;
  /** When it was pinned: "now" of its questions; null: it is not. */
  readonly pinned_at: number | null;
  readonly created_at: number;
  readonly created_by: string;
  /** From then on it is good for nothing; null: never. */
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly uses: number;
}

/** Notes on the time axis of charts. */
export interface AnnotationsTable {
  readonly id: string;
  readonly project: string;
  /** Id of the saved object whose charts show it; null: those of the whole project. */
  readonly object: string | null;
  readonly starts_at: number;
  /** End, not included; null: an instant. */
  readonly ends_at: number | null;
  readonly text: string;
  readonly version: number;
  readonly created_at: number;
  readonly created_by: string;
  readonly updated_at: number;
  readonly updated_by: string;
}

/** What is written to files on a schedule. */
export interface ExportsTable {
  readonly id: string;
  /** Id of the project. */
  readonly project: string;
  /** Once in a project. */
  readonly name: string;
  /** Where its files are, below the folder of the project. Once in a project. */
  readonly folder: string;
  /** JSON: everything else that was saved. */
  readonly content: string;
  readonly version: number;
  /** Who saved it last: it runs as long as they may see what it writes. */
  readonly owner_kind: string;
  readonly owner_id: string;
  readonly owner_name: string;
  /** When it runs next; null: only when asked to. */
  readonly due_at: number | null;
  /** Why it does not run any more; null: it does. */
  readonly stopped: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

/** Runs of exports, the newest of each. */
export interface ExportRunsTable {
  readonly id: string;
  readonly project: string;
  /** Id of the export. */
  readonly export: string;
  /** 1: somebody asked for it; 0: it was due. */
  readonly by_hand: number;
  /** The instant that the run is for: "now" of its question. */
  readonly due_at: number;
  /** `waiting`, `running`, `done` or `failed`. */
  readonly state: string;
  /** How often it was tried. */
  readonly attempts: number;
  /** Waiting ones: when it is tried again. */
  readonly next_at: number | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  /** Name of the file that it wrote; null: none, or it is removed. */
  readonly file: string | null;
  readonly format: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  /** The position that its answer is as of. */
  readonly as_of: string | null;
  readonly error: string | null;
  /** 1: the file names single people. */
  readonly is_personal: number;
}

/** A saved metric of a project. */
export interface MetricsTable {
  readonly id: string;
  /** Id of the project. */
  readonly project: string;
  /** Once in a project. */
  readonly name: string;
  /** JSON: what it measures, and how. */
  readonly definition: string;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
  /** Name of whoever saved it last. */
  readonly updated_by: string;
}

/** What people say about a type of events of a project, or about a property of one. */
export interface EventDescriptionsTable {
  /** Id of the project. */
  readonly project: string;
  readonly type: string;
  /** Key of the property; empty: the type itself. */
  readonly property: string;
  /** Empty with an empty owner: what was said was taken back. */
  readonly description: string;
  /** Who answers for it, in whatever words; empty: nobody is named. Of types only. */
  readonly owner: string;
  readonly version: number;
  readonly updated_at: number;
  /** Name of whoever saved it last. */
  readonly updated_by: string;
}

/** A question that is answered later. */
export interface QueryJobsTable {
  readonly id: string;
  /** Id of the project. */
  readonly project: string;
  /** The question, JSON. */
  readonly request: string;
  /** Who asked, JSON; null: nobody in particular. */
  readonly asker: string | null;
  /** `waiting`, `running`, `done`, `failed` or `cancelled`. */
  readonly state: string;
  /** How often answering it was begun. */
  readonly attempts: number;
  readonly asked_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  /** Statements that were done, and rows that they read. */
  readonly statements: number;
  readonly rows_read: number;
  /** Of the answer as JSON; the answer itself is a file. */
  readonly bytes: number;
  /** Why it failed, JSON. */
  readonly error: string | null;
}

/** What was sent as history, by the name that it was declared with. */
export interface ImportsTable {
  /** Id of the project. */
  readonly project: string;
  /** As it was declared. */
  readonly name: string;
  readonly begun_at: number;
  /** When its last body was taken in. */
  readonly continued_at: number;
  /** Name of whoever sent that. */
  readonly sent_by: string;
  readonly bodies: number;
  /** Events that were taken in. */
  readonly accepted: number;
  /** Events that were refused at once. */
  readonly rejected: number;
  /** Of the bodies, decompressed. */
  readonly bytes: number;
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
  /** The key that opened it; null: a link, or a user. */
  readonly key_id: string | null;
  /** The user who is signed in; null: a key or a link opened it. */
  readonly user_id: Generated<string | null>;
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

/** Who shares projects and members. */
export interface OrganisationsTable {
  readonly id: string;
  readonly name: string;
  readonly created_at: number;
}

/** A person who signs in. */
export interface UsersTable {
  readonly id: string;
  /** As it was typed. */
  readonly email: string;
  /** As it is compared: normalised, in lower case. */
  readonly email_key: string;
  readonly name: string;
  /** Argon2id, in the PHC string format. */
  readonly password_hash: string;
  readonly created_at: number;
  /** Last time. */
  readonly signed_in_at: number | null;
  /** Since when nobody may sign in as this user; null: one may. */
  readonly disabled_at: number | null;
}

/** What a user is in an organisation, or in one project of it. */
export interface MembershipsTable {
  readonly id: string;
  readonly user_id: string;
  readonly organisation: string;
  /** Id of the project; null: all of the organisation. */
  readonly project: string | null;
  readonly role: string;
  readonly created_at: number;
}

/** Links by which people join. Of the token only its hash is kept. */
export interface InvitationsTable {
  readonly id: string;
  /** SHA-256 of the token, lower-case hex. */
  readonly hash: string;
  readonly email: string;
  readonly email_key: string;
  readonly organisation: string;
  /** Id of the project; null: all of the organisation. */
  readonly project: string | null;
  readonly role: string;
  /** Name of whoever invited. */
  readonly invited_by: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
}

/** Links by which a user sets a new password. Of the token only its hash is kept. */
export interface PasswordResetsTable {
  /** SHA-256 of the token, lower-case hex. */
  readonly hash: string;
  readonly user_id: string;
  readonly created_at: number;
  readonly expires_at: number;
}
