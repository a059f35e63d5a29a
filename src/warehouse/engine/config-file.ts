import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ASKER, DATABASE, PUBLIC_TABLES, REHEARSAL_DATABASE, VIEWS_DATABASE } from '../public-tables.ts';
import { type Confinement, QUESTIONS_ROLE, REHEARSAL_ROLE } from './confinement.ts';

/**
 * The engine's configuration, written anew at every start. Sizes are for a process that shares a laptop: caches are small because the operating system's page
 * cache does most of their work, pools are small because two cores cannot use more.
 */

const OWNER_ONLY = 0o600;
const EVERYTHING_ROLE = 'everything';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Caches together stay below a tenth of the default memory limit. */
const CACHE_BYTES = {
  mark_cache_size: 24 * MIB,
  index_mark_cache_size: 8 * MIB,
  primary_index_cache_size: 24 * MIB,
  query_condition_cache_size: 8 * MIB,
  compiled_expression_cache_size: 16 * MIB,
  parquet_metadata_cache_size: 4 * MIB,
  iceberg_metadata_files_cache_size: MIB,
  vector_similarity_index_cache_size: MIB,
  text_index_tokens_cache_size: 4 * MIB,
  text_index_header_cache_size: 4 * MIB,
  text_index_postings_cache_size: 4 * MIB,
  uncompressed_cache_size: 0,
  index_uncompressed_cache_size: 0,
  page_cache_max_size: 0,
} as const;

const POOLS = {
  background_pool_size: 2,
  background_merges_mutations_concurrency_ratio: 2,
  background_schedule_pool_size: 2,
  background_schedule_pool_initial_size: 2,
  background_move_pool_size: 1,
  background_fetches_pool_size: 1,
  background_common_pool_size: 1,
  max_thread_pool_size: 500,
  max_thread_pool_free_size: 16,
  max_io_thread_pool_size: 16,
  max_active_parts_loading_thread_pool_size: 4,
  max_outdated_parts_loading_thread_pool_size: 2,
  max_parts_cleaning_thread_pool_size: 2,
} as const;

/** Share of the memory limit that merges and mutations may take before they are put off. */
const MERGE_MEMORY_SHARE = 0.3;

/** Parts above this size are not merged any more: bounds the time and disk space that one merge takes. */
const MERGED_PART_BYTES_MAX = 20 * GIB;

/**
 * How many parts of like size wait to become one: each row is written anew once for every factor of this that its table grows by, and the engine's own 5 is for machines with cores to spare.
 * Measured in docs/warehouse.md.
 */
const MERGE_SELECTOR_BASE = 16;

/** A load is written as one file of all columns, whatever its size: a third of the files, and of the flushes. Merges write a file a column once there are 10 MiB. */
const WIDE_FROM_LEVEL = 1;

/**
 * Merged parts are flushed to disk as well: the parts that they are made of, which were, are removed right after. (A server keeps those for eight minutes instead; this engine
 * does not.)
 */
const FSYNC_MERGED_FROM_ROWS = 1;

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const element = (name: string, value: string | number): string =>
  `  <${name}>${escapeXml(String(value))}</${name}>`;

/** What our own sessions may do. No SOURCES: `file()`, `url()`, `s3()`, `remote()` and the like are refused, however they are nested. */
const GRANTS =
  'SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE, DROP, TRUNCATE, OPTIMIZE, KILL QUERY, SYSTEM, dictGet';

const user = (name: string, grants: readonly string[], policies = ''): string => `    <${name}>
      <password></password>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>${grants.map((grant) => `<query>${grant}</query>`).join('')}</grants>${policies}
    </${name}>
`;

const role = (name: string, grant: string): string =>
  `    <${name}><grants><query>${grant}</query></grants></${name}>\n`;

/**
 * A session begins with all rights that its role `everything` has. Those that run what users wrote give it up for `questions`, which may read the public views and nothing else, or for `rehearsal`, which may read the empty tables that
 * statements are judged on and nothing else. The views in turn read the tables with the rights of `asker`, who sees the rows of one project: see `confinement.ts`.
 */
const usersXml = (confinement: Confinement): string => {
  const filter = `<filter>${escapeXml(confinement.filter)}</filter>`;
  const filters = PUBLIC_TABLES.map(({ name }) => `<${name}>${filter}</${name}>`);
  const policies = `<databases><${DATABASE}>${filters.join('')}</${DATABASE}></databases>`;
  const rights = PUBLIC_TABLES.map(({ name, columns }) => {
    const names = columns.map((column) => column.name).join(', ');
    return `GRANT SELECT(${names}) ON ${DATABASE}.${name}`;
  });
  return `<clickhouse>
  <profiles><default></default></profiles>
  <quotas><default></default></quotas>
  <roles>
${role(EVERYTHING_ROLE, `GRANT ${GRANTS} ON *.*`)}${role(QUESTIONS_ROLE, `GRANT SELECT ON ${VIEWS_DATABASE}.*`)}${role(REHEARSAL_ROLE, `GRANT SELECT ON ${REHEARSAL_DATABASE}.*`)}  </roles>
  <users>
${user('default', [`GRANT ${EVERYTHING_ROLE}, ${QUESTIONS_ROLE}, ${REHEARSAL_ROLE}`, `GRANT SET DEFINER ON ${ASKER}`])}${user(ASKER, rights, policies)}  </users>
</clickhouse>
`;
};

/** Folders and files of an engine below its data directory. */
export const enginePaths = (dataDir: string) => ({
  store: join(dataDir, 'store'),
  bodies: join(dataDir, 'tmp'),
  spill: join(dataDir, 'spill'),
  config: join(dataDir, 'engine.xml'),
  users: join(dataDir, 'users.xml'),
});

/** Writes `engine.xml` and `users.xml` and returns the path of the former. */
export const writeEngineConfig = async (
  dataDir: string,
  memoryBytesMax: number,
  confinement: Confinement,
): Promise<string> => {
  const paths = enginePaths(dataDir);
  const lines = [
    element('users_config', paths.users),
    element('tmp_path', `${paths.spill}/`),
    element('timezone', 'UTC'),
    element('max_server_memory_usage', memoryBytesMax),
    element('merges_mutations_memory_usage_soft_limit', Math.floor(memoryBytesMax * MERGE_MEMORY_SHARE)),
    ...Object.entries({ ...CACHE_BYTES, ...POOLS }).map(([name, value]) => element(name, value)),
    '  <merge_tree>',
    element('max_bytes_to_merge_at_max_space_in_pool', MERGED_PART_BYTES_MAX),
    element('merge_selector_base', MERGE_SELECTOR_BASE),
    element('min_level_for_wide_part', WIDE_FROM_LEVEL),
    element('min_rows_to_fsync_after_merge', FSYNC_MERGED_FROM_ROWS),
    '  </merge_tree>',
  ];
  // It holds a secret of this run: nobody else may read it, whoever made the file.
  await rm(paths.users, { force: true });
  await writeFile(paths.users, usersXml(confinement), { mode: OWNER_ONLY });
  await writeFile(paths.config, `<clickhouse>\n${lines.join('\n')}\n</clickhouse>\n`);
  return paths.config;
};
