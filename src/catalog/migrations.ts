import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { CatalogTables } from './tables.ts';

/** The second half of `008_boards`. */
const createSharesAndAnnotations: Migration['up'] = async (db) => {
  await db.schema
    .createTable('shares')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('object', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('variables', 'text', (column) => column.notNull())
    .addColumn('pinned_position', 'text')
    .addColumn('pinned_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .addColumn('uses', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('shares_by_object').on('shares').columns(['project', 'object']).execute();
  await db.schema
    .createTable('annotations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('object', 'text')
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('annotations_by_time')
    .on('annotations')
    .columns(['project', 'starts_at'])
    .execute();
};

/** Migrations by name, run in the order of their names, each once. Never change one that was released: add another. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001_projects_keys_settings': {
    async up(db) {
      await db.schema
        .createTable('projects')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('keys')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull().references('projects.id'))
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull().unique())
        .addColumn('prefix', 'text', (column) => column.notNull())
        .addColumn('scopes', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_used_at', 'bigint')
        .addColumn('revoked_at', 'bigint')
        .execute();
      await db.schema
        .createTable('settings')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull().defaultTo(1))
        .addColumn('changed_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '002_sessions': {
    async up(db) {
      await db.schema
        .createTable('sign_in_tokens')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('sessions')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text')
        .addColumn('key_id', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '003_project_removal': {
    async up(db) {
      await db.schema.alterTable('projects').addColumn('removing_at', 'bigint').execute();
      await db.schema
        .createTable('removed_projects')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('times', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '004_audit': {
    async up(db) {
      await db.schema
        .createTable('audit')
        .addColumn('sequence', 'bigint', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('actor_kind', 'text', (column) => column.notNull())
        .addColumn('actor_id', 'text', (column) => column.notNull())
        .addColumn('actor_name', 'text', (column) => column.notNull())
        .addColumn('organisation', 'text')
        .addColumn('project', 'text')
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('object', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('detail', 'text', (column) => column.notNull())
        .addColumn('previous', 'text', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute();
      for (const column of ['project', 'action', 'actor_id'])
        await db.schema.createIndex(`audit_by_${column}`).on('audit').columns([column, 'sequence']).execute();
      await db.schema
        .createTable('audit_head')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute();
      await sql`INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, ${'0'.repeat(64)})`.execute(db);
    },
  },
  '005_key_limits': {
    async up(db) {
      await db.schema.alterTable('keys').addColumn('expires_at', 'bigint').execute();
      await db.schema.alterTable('keys').addColumn('origins', 'text').execute();
    },
  },
  '006_organisations_users': {
    async up(db) {
      await db.schema
        .createTable('organisations')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .alterTable('projects')
        .addColumn('organisation', 'text', (column) => column.notNull().defaultTo('default'))
        .execute();
      await db.schema
        .createTable('users')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('email', 'text', (column) => column.notNull())
        .addColumn('email_key', 'text', (column) => column.notNull().unique())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('signed_in_at', 'bigint')
        .addColumn('disabled_at', 'bigint')
        .execute();
      await db.schema
        .createTable('memberships')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
        .addColumn('organisation', 'text', (column) => column.notNull().references('organisations.id'))
        .addColumn('project', 'text')
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await sql`CREATE UNIQUE INDEX memberships_once ON memberships (user_id, organisation, coalesce(project, ''))`.execute(
        db,
      );
      await db.schema
        .createIndex('memberships_by_organisation')
        .on('memberships')
        .column('organisation')
        .execute();
      await db.schema
        .createTable('invitations')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('hash', 'text', (column) => column.notNull().unique())
        .addColumn('email', 'text', (column) => column.notNull())
        .addColumn('email_key', 'text', (column) => column.notNull())
        .addColumn('organisation', 'text', (column) => column.notNull().references('organisations.id'))
        .addColumn('project', 'text')
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('invited_by', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('used_at', 'bigint')
        .execute();
      await db.schema
        .createTable('password_resets')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.alterTable('sessions').addColumn('user_id', 'text').execute();
      await db.schema.createIndex('sessions_by_user').on('sessions').column('user_id').execute();
    },
  },
  '007_cohorts': {
    async up(db) {
      await db.schema
        .createTable('cohorts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('description', 'text', (column) => column.notNull())
        .addColumn('mode', 'text', (column) => column.notNull())
        .addColumn('definition', 'text', (column) => column.notNull())
        .addColumn('frozen', 'text')
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_by', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('cohorts_by_name')
        .on('cohorts')
        .columns(['project', 'name'])
        .unique()
        .execute();
    },
  },
  '008_boards': {
    async up(db) {
      await db.schema
        .createTable('saved_objects')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('created_by', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_by', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('saved_objects_by_name')
        .on('saved_objects')
        .columns(['project', 'kind', 'name'])
        .unique()
        .execute();
      await db.schema
        .createTable('saved_versions')
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull())
        .addColumn('changed', 'text', (column) => column.notNull())
        .addColumn('restored', 'bigint')
        .addColumn('saved_at', 'bigint', (column) => column.notNull())
        .addColumn('saved_by', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('saved_versions_once', ['id', 'version'])
        .execute();
      await db.schema
        .createIndex('saved_versions_by_project')
        .on('saved_versions')
        .column('project')
        .execute();
      await createSharesAndAnnotations(db);
    },
  },
  '009_exports': {
    async up(db) {
      await db.schema
        .createTable('exports')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('folder', 'text', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('owner_kind', 'text', (column) => column.notNull())
        .addColumn('owner_id', 'text', (column) => column.notNull())
        .addColumn('owner_name', 'text', (column) => column.notNull())
        .addColumn('due_at', 'bigint')
        .addColumn('stopped', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addUniqueConstraint('export_name_once', ['project', 'name'])
        .addUniqueConstraint('export_folder_once', ['project', 'folder'])
        .execute();
      await db.schema.createIndex('exports_by_due').on('exports').column('due_at').execute();
      await db.schema
        .createTable('export_runs')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('export', 'text', (column) => column.notNull())
        .addColumn('by_hand', 'bigint', (column) => column.notNull())
        .addColumn('due_at', 'bigint', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('attempts', 'bigint', (column) => column.notNull())
        .addColumn('next_at', 'bigint')
        .addColumn('started_at', 'bigint')
        .addColumn('ended_at', 'bigint')
        .addColumn('file', 'text')
        .addColumn('format', 'text', (column) => column.notNull())
        .addColumn('rows', 'bigint')
        .addColumn('bytes', 'bigint')
        .addColumn('as_of', 'text')
        .addColumn('error', 'text')
        .addColumn('is_personal', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('export_runs_by_export')
        .on('export_runs')
        .columns(['export', 'due_at'])
        .execute();
      await db.schema.createIndex('export_runs_by_state').on('export_runs').column('state').execute();
    },
  },
  '010_metrics': {
    async up(db) {
      await db.schema
        .createTable('metrics')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('definition', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_by', 'text', (column) => column.notNull())
        .addUniqueConstraint('metric_name_once', ['project', 'name'])
        .execute();
    },
  },
  '011_project_time_zones': {
    async up(db) {
      await db.schema.alterTable('projects').addColumn('timezone', 'text').execute();
    },
  },
  '012_event_descriptions': {
    async up(db) {
      await db.schema
        .createTable('event_descriptions')
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('property', 'text', (column) => column.notNull())
        .addColumn('description', 'text', (column) => column.notNull())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_by', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('event_described_once', ['project', 'type', 'property'])
        .execute();
    },
  },
  '013_imports': {
    async up(db) {
      await db.schema
        .createTable('imports')
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('begun_at', 'bigint', (column) => column.notNull())
        .addColumn('continued_at', 'bigint', (column) => column.notNull())
        .addColumn('sent_by', 'text', (column) => column.notNull())
        .addColumn('bodies', 'bigint', (column) => column.notNull())
        .addColumn('accepted', 'bigint', (column) => column.notNull())
        .addColumn('rejected', 'bigint', (column) => column.notNull())
        .addColumn('bytes', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('import_once', ['project', 'name'])
        .execute();
      await db.schema
        .createIndex('imports_by_continued')
        .on('imports')
        .columns(['project', 'continued_at'])
        .execute();
    },
  },
  '014_query_jobs': {
    async up(db) {
      await db.schema
        .createTable('query_jobs')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('project', 'text', (column) => column.notNull())
        .addColumn('request', 'text', (column) => column.notNull())
        .addColumn('asker', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('attempts', 'bigint', (column) => column.notNull())
        .addColumn('asked_at', 'bigint', (column) => column.notNull())
        .addColumn('started_at', 'bigint')
        .addColumn('ended_at', 'bigint')
        .addColumn('statements', 'bigint', (column) => column.notNull())
        .addColumn('rows_read', 'bigint', (column) => column.notNull())
        .addColumn('bytes', 'bigint', (column) => column.notNull())
        .addColumn('error', 'text')
        .execute();
      await db.schema.createIndex('query_jobs_by_asked').on('query_jobs').column('asked_at').execute();
    },
  },
};

/** Brings the catalog's tables to the newest form. Throws when one migration fails (nothing of it stays) or the catalog is of a later version of the program. */
export const migrateCatalog = async (db: Kysely<CatalogTables>): Promise<void> => {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
};
