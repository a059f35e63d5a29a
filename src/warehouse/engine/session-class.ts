import { CODES, EngineError } from './engine-error.ts';
import { LANE_HEADER, LANES, type LaneKind, READ_ONLY } from './engine-options.ts';
import { PROJECT_SETTING, REHEARSAL_DATABASE, VIEWS_DATABASE } from '../public-tables.ts';
import { QUESTIONS_ROLE, REHEARSAL_ROLE } from './confinement.ts';
import type { SessionStart } from './lane.ts';
import type { EngineRequest } from './request.ts';
import type { Statement } from './statement.ts';

const MIB = 1024 * 1024;

/** Shares of the memory limit that one statement of a class may take, and above which it sorts and groups on disk. */
const MEMORY_SHARE: Readonly<Record<LaneKind, number>> = { load: 0.6, read: 0.45, control: 0.6, sql: 0.2 };
const SPILL_SHARE = { group: 0.32, sort: 0.2 } as const;
/** The same of a statement that is to take little memory: half of what it took otherwise is gone with the second thread. */
const FRUGAL_SPILL_SHARE = { group: 0.1, sort: 0.1 } as const;

/** How long a statement may run unless the request says otherwise, seconds. There is always a limit. */
const EXECUTION_SECONDS: Readonly<Record<LaneKind, number>> = { load: 120, read: 60, control: 600, sql: 30 };

/** An answer that is not streamed is held in memory: its bound. */
const BUFFERED_ANSWER_BYTES_MAX = 64 * MIB;

/** A second thread reads too where so much memory is free for each: when little else runs, also with the limit of 1 GiB that is the default. The engine's own default is a GiB each, and so a single thread for everybody. */
const FREE_BYTES_PER_THREAD = 384 * MIB;

/** The two threads that write an answer in parallel take longer to start than a small one, which most are, does to write. */
const WRITTEN_AT_ONCE = { output_format_parallel_formatting: '0' };

/** Settings of all classes, else as a ClickHouse server has them by default. */
const COMMON: Readonly<Record<string, string>> = {
  max_threads: '2',
  max_threads_min_free_memory_per_thread: String(FREE_BYTES_PER_THREAD),
  max_insert_threads: '1',
};

const READ_ONLY_BUT_SETTINGS = '2';

const KIB = 1024;
const GIB = 1024 * MIB;

/**
 * Statements of users: no request changes any of this. One thread each, so that they never take more of the machine than other readers leave; no writing to caches that others read; bounds on what a text may unfold to.
 */
const SQL_SETTINGS: Readonly<Record<string, string>> = {
  max_threads: '1',
  ...WRITTEN_AT_ONCE,
  max_result_bytes: String(32 * MIB),
  max_temporary_data_on_disk_size_for_query: String(GIB),
  max_query_size: String(256 * KIB),
  max_ast_depth: '500',
  max_ast_elements: '10000',
  // Names that double what they stand for, again and again: resolving cannot be interrupted.
  max_expanded_ast_elements: '20000',
  max_subquery_depth: '30',
  max_parser_backtracks: '100000',
  function_range_max_elements_in_block: '10000000',
  use_query_condition_cache: '0',
  allow_introspection_functions: '0',
  allow_ddl: '0',
  output_format_json_quote_64bit_integers: '0',
  output_format_json_quote_decimals: '1',
  output_format_json_quote_denormals: '0',
  date_time_output_format: 'iso',
  session_timezone: 'UTC',
};

/** Where a statement of users runs that may see rows: among the views, with rights to nothing else. */
const QUESTIONS = { database: VIEWS_DATABASE, role: QUESTIONS_ROLE };
/** Where one runs that may see none, and only is to be resolved: among tables like them that are empty, with rights to nothing else. Reading nothing of the views would take longer than all else that its sub-queries do. */
const REHEARSAL = { database: REHEARSAL_DATABASE, role: REHEARSAL_ROLE };

/** What a request may say of a user's statement: how long it may run, and after how many rows it ends. */
const SQL_REQUEST_SETTINGS = new Set(['max_execution_time', 'limit']);
const SQL_SECONDS_MAX = 3_600;
/** How long a statement may run that is only to be resolved, whatever its request says. */
const REHEARSAL_SECONDS = 5;

const sqlSettings = (memoryBytesMax: number): Map<string, string> => {
  const memory = Math.floor(memoryBytesMax * MEMORY_SHARE.sql);
  const settings = new Map(Object.entries(SQL_SETTINGS));
  settings.set('max_memory_usage', String(memory));
  settings.set('max_bytes_before_external_group_by', String(Math.floor(memory / 2)));
  settings.set('max_bytes_before_external_sort', String(Math.floor(memory / 2)));
  settings.set('max_execution_time', String(EXECUTION_SECONDS.sql));
  return settings;
};

/** Where all statements of users begin that may see rows: with the rights of questions, among the views, under what no request changes. */
export const sqlStartFor = (memoryBytesMax: number): Required<SessionStart> => ({
  ...QUESTIONS,
  settings: sqlSettings(memoryBytesMax),
});

/**
 * A session for statements of users that may see no row. They all run under the very same, to the last setting, so that there is nothing to do between one and the next, and nothing that could be done: `readonly` is on, and one
 * statement that only reads leaves nothing to another. `id` names the one that runs.
 */
export const rehearsalStartFor = (memoryBytesMax: number, id: string): Required<SessionStart> => {
  const settings = sqlSettings(memoryBytesMax);
  settings.set('max_execution_time', String(REHEARSAL_SECONDS));
  return { ...REHEARSAL, settings: sealed(settings, id, '') };
};

/** Under which settings a user's statement runs: what its request may say (`checkSqlSettings`), over those of `start`. `token` says whose rows it may see; empty: nobody's. */
export const sqlSessionFor = (
  request: EngineRequest,
  start: SessionStart,
  id: string,
  token: string,
): Required<SessionStart> => {
  const settings = new Map(start.settings);
  for (const [name, value] of request.settings)
    settings.set(name, name === 'limit' ? value : String(Math.min(Number(value), SQL_SECONDS_MAX)));
  return { ...QUESTIONS, settings: sealed(settings, id, token) };
};

/** Throws EngineError where a request of the lane `sql` says more than it may. */
export const checkSqlSettings = ({ settings }: EngineRequest): void => {
  for (const [name, value] of settings)
    if (!SQL_REQUEST_SETTINGS.has(name) || !(Number(value) > 0))
      throw new EngineError(CODES.UNKNOWN_SETTING, `The lane sql takes no setting '${name}'`);
};

const sealed = (settings: Map<string, string>, id: string, token: string): Map<string, string> => {
  settings.set('log_comment', id);
  settings.set(PROJECT_SETTING, token);
  // Last: nothing can be set after it.
  return settings.set('readonly', READ_ONLY);
};

/** Which lane a request belongs to: the one it names, or else the one its verb asks for. */
export const laneOf = (
  header: string | string[] | undefined,
  statement: Statement,
  hasData: boolean,
): LaneKind => {
  const named = LANES.find((kind) => kind === header);
  if (named !== undefined) return named;
  if (header !== undefined)
    throw new EngineError(CODES.BAD_ARGUMENTS, `${LANE_HEADER} must be one of ${LANES.join(', ')}`);
  if (hasData) return 'load';
  return statement.isRead ? 'read' : 'control';
};

/** How a statement runs. */
export interface RunManner {
  readonly memoryBytesMax: number;
  readonly streamed: boolean;
  /** With one thread, and on disk early. */
  readonly isFrugal: boolean;
}

const classSettings = (
  lane: LaneKind,
  { memoryBytesMax, streamed, isFrugal }: RunManner,
): Record<string, string> => {
  const spill = isFrugal ? FRUGAL_SPILL_SHARE : SPILL_SHARE;
  return {
    ...COMMON,
    ...(isFrugal ? { max_threads: '1' } : {}),
    max_memory_usage: String(Math.floor(memoryBytesMax * MEMORY_SHARE[lane])),
    max_bytes_before_external_group_by: String(Math.floor(memoryBytesMax * spill.group)),
    max_bytes_before_external_sort: String(Math.floor(memoryBytesMax * spill.sort)),
    max_execution_time: String(EXECUTION_SECONDS[lane]),
    ...(streamed ? {} : { max_result_bytes: String(BUFFERED_ANSWER_BYTES_MAX), ...WRITTEN_AT_ONCE }),
  };
};

/** All settings under which a request's statement runs. `readonly` is last on purpose: no setting can be made after `readonly = 1`. */
export const settingsFor = (
  lane: LaneKind,
  request: EngineRequest,
  manner: RunManner,
  id: string,
): Map<string, string> => {
  const settings = new Map(Object.entries(classSettings(lane, manner)));
  for (const [name, value] of request.settings) settings.set(name, value);
  if (!(Number(settings.get('max_execution_time')) > 0))
    settings.set('max_execution_time', String(EXECUTION_SECONDS[lane]));
  settings.set('log_comment', id);
  const readonly = settings.get('readonly');
  settings.delete('readonly');
  if (lane === 'read') settings.set('readonly', readonly === READ_ONLY ? READ_ONLY : READ_ONLY_BUT_SETTINGS);
  return settings;
};
