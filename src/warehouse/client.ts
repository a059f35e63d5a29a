import { Readable } from 'node:stream';
import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
  parseError,
} from '@clickhouse/client';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import { Exchanges, type WarehouseAddress } from './exchange.ts';
import { handOver } from './hand-over.ts';
import { parameterText, type QueryParameter } from './parameter-text.ts';
import { quoteIdentifier } from './quote.ts';
import { toWarehouseError, type WarehouseError } from './warehouse-error.ts';

/** The tables that rows are loaded into, in the order of loading. */
export const LOADED_TABLES = ['events', 'refused', 'ledger', 'records'] as const;
export type LoadedTable = (typeof LOADED_TABLES)[number];
/** Where rows of a load are put aside: see `load-again.ts`. */
export type StagedTable = `again_${LoadedTable}`;

/** How to reach a ClickHouse, ours or a running one, and what is allowed of it. */
export interface WarehouseClientOptions extends WarehouseAddress {
  readonly database: string;
  readonly telemetry: Telemetry;
  /** Folder in which an engine on this machine takes the rows of loads as files. Without it they are sent. */
  readonly bodiesDir?: string | undefined;
  /** How long a reading statement may run unless it says otherwise; default 30 s. */
  readonly queryTimeoutMs?: number;
  /** Rows that a reading statement may answer unless it says otherwise; default 100,000. */
  readonly queryRowsMax?: number;
  /** Memory that one reading statement may take, bytes; default: the engine's (45 % of its limit). */
  readonly queryMemoryBytesMax?: number;
  /** How long one load may take; default 120 s. */
  readonly loadTimeoutMs?: number;
}

/**
 * The session class. `reader`: reads only, bounded in memory, rows and time. `control`: may also define and change tables, one at a time; migrations and
 * background jobs. (Loads have a class of their own.)
 */
export type SessionClass = 'reader' | 'control';

/** Values of the parameters of a statement, by name. */
export type QueryParameters = Readonly<Record<string, QueryParameter>>;

/** How to run one statement. */
export interface QueryOptions {
  /** Names the statement in the engine: letters, digits, `-` and `_`, at most 64, never used before. Without it the engine chooses. */
  readonly id?: string;
  readonly timeoutMs?: number;
  readonly rowsMax?: number;
  /** Ends the statement in the engine too. */
  readonly signal?: AbortSignal;
  /** It is to take little memory, and may take longer for it: one thread, and the embedded engine groups and sorts on disk early. Queries only. */
  readonly isFrugal?: boolean;
  /** Default `reader`. */
  readonly class?: SessionClass;
  /** Further ClickHouse settings of this statement. */
  readonly settings?: ClickHouseSettings;
}

/** What answering took. */
export interface QueryStatistics {
  readonly elapsedMs: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

/** An answer held in memory. */
export interface QueryResult<Row> {
  readonly rows: Row[];
  readonly statistics: QueryStatistics;
}

/**
 * ClickHouse, and nothing but ClickHouse SQL. The database of the options is the current one: name tables without it.
 *
 * Parameters are written `{name:Type}` and are safe whatever they hold. Values come back as JSON: integers as numbers, also 64-bit ones (exact to 2^53), Decimals as
 * strings (exact), not-a-number as null, DateTime and DateTime64 as ISO 8601 in UTC.
 * Every failure is a WarehouseError. Nothing is retried here.
 */
export interface Warehouse {
  readonly database: string;
  /** Runs a statement whose answer fits in memory. `Row` is what the caller knows of its shape; nothing checks it. */
  query<Row>(sql: string, params?: QueryParameters, options?: QueryOptions): Promise<QueryResult<Row>>;
  /** Runs a statement and yields its rows in batches as they come, without a limit on their number unless `rowsMax` is given. Stop iterating to cancel. */
  stream<Row>(sql: string, params?: QueryParameters, options?: QueryOptions): AsyncIterable<readonly Row[]>;
  /**
   * Inserts rows, given as one body of Native blocks, under a token. The same rows under the same token count once, however often and however far earlier tries
   * got, in the table and in every view of it.
   */
  load(table: LoadedTable | StagedTable, native: readonly Uint8Array[], token: string): Promise<void>;
  /**
   * Inserts rows, each an array of JSON values in the order of the columns, under a token: as one block, so all of them or none in a table that is not partitioned, and once however often it is tried. In the class `control`.
   */
  append(
    table: string,
    columns: string,
    rows: readonly (readonly unknown[])[],
    options: { readonly token: string; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Runs a statement without an answer, in the class `control`. */
  command(
    sql: string,
    params?: QueryParameters,
    options?: Omit<QueryOptions, 'class' | 'rowsMax'>,
  ): Promise<void>;
  /** Makes the database of the options unless it is there. Until then every other statement fails. */
  createDatabase(): Promise<void>;
  /** True if the warehouse answers. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

const SECOND_MS = 1_000;
const QUERY_TIMEOUT_MS = 30 * SECOND_MS;
const LOAD_TIMEOUT_MS = 120 * SECOND_MS;
const CONTROL_TIMEOUT_MS = 600 * SECOND_MS;
const QUERY_ROWS_MAX = 100_000;
/** How much later than the engine's own limit the connection is given up. */
const GIVE_UP_GRACE_MS = 5 * SECOND_MS;
const PING_TIMEOUT_MS = 2 * SECOND_MS;
const CONNECTIONS_MAX = 64;
/** Chosen so that one body becomes one block a partition: rows far above any load, and no bound by bytes. */
const BLOCK_ROWS_MAX = '16777216';

/** Makes answers the same whatever the server's own defaults are. */
const ANSWER_SETTINGS: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 0,
  date_time_output_format: 'iso',
  session_timezone: 'UTC',
  // Looks for comparisons that follow from others: nothing that our statements need, and a fifth of the time of a large one, which goes into planning.
  optimize_and_compare_chain: 0,
  // Looking into them while reading means for all granules, one by one, what planning does for those that are left by the index before: 24 ms instead of 9 for the newest events of one user.
  use_skip_indexes_on_data_read: 0,
  // A ClickHouse elsewhere would go on reading for nobody.
  cancel_http_readonly_queries_on_client_close: 1,
};

/**
 * The settings of a load. All that could change how rows are cut into blocks is pinned: the same token with other blocks would be inserted again.
 */
export const LOAD_SETTINGS: ClickHouseSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  materialized_views_ignore_errors: 0,
  parallel_view_processing: 0,
  max_insert_threads: '1',
  max_block_size: BLOCK_ROWS_MAX,
  max_insert_block_size: BLOCK_ROWS_MAX,
  min_insert_block_size_rows: BLOCK_ROWS_MAX,
  min_insert_block_size_bytes: '0',
  min_insert_block_size_rows_for_materialized_views: BLOCK_ROWS_MAX,
  min_insert_block_size_bytes_for_materialized_views: '0',
  max_partitions_per_insert_block: '0',
  input_format_parallel_parsing: 0,
  optimize_on_insert: 1,
};

/** Rows that are written as text at a time. */
const ROWS_OF_PART = 500;

const LANE_HEADER = 'X-Aevum-Lane';
const FRUGAL_HEADER = 'X-Aevum-Frugal';
const BODY_HEADER = 'X-Aevum-Body';
const LANE: Readonly<Record<SessionClass, string>> = { reader: 'read', control: 'control' };

const LOADED = defineEvent<{ table: string; bytes: number; elapsedMs: number }>({
  name: 'warehouse_loaded',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_warehouse_loads_total',
      help: 'Loads that succeeded, by table.',
      labels: ({ table }) => ({ table }),
    },
    {
      kind: 'counter',
      name: 'aevum_warehouse_loaded_bytes_total',
      help: 'Bytes loaded, by table.',
      value: ({ bytes }) => bytes,
      labels: ({ table }) => ({ table }),
    },
    {
      kind: 'histogram',
      name: 'aevum_warehouse_load_seconds',
      help: 'Duration of loads that succeeded, by table.',
      value: ({ elapsedMs }) => elapsedMs / SECOND_MS,
      labels: ({ table }) => ({ table }),
    },
  ],
});

const QUERIED = defineEvent<{ elapsedMs: number }>({
  name: 'warehouse_queried',
  level: 'debug',
  metrics: [
    {
      kind: 'histogram',
      name: 'aevum_warehouse_query_seconds',
      help: 'Duration of reading statements, waiting included.',
      value: ({ elapsedMs }) => elapsedMs / SECOND_MS,
    },
  ],
});

const FAILED = defineEvent<{ operation: string; error: WarehouseError }>({
  name: 'warehouse_failed',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_warehouse_failures_total',
      help: 'Statements that failed, by operation and code.',
      labels: ({ operation, error }) => ({ operation, code: error.code }),
    },
  ],
});

/** The shape of ClickHouse's `JSON` format. */
interface JsonAnswer<Row> {
  readonly data: Row[];
  readonly statistics?: { readonly elapsed: number; readonly rows_read: number; readonly bytes_read: number };
}

/** Gives up on a statement when the caller does, or some time after the engine should have. */
class Patience {
  readonly #deadline: AbortSignal;
  readonly #caller: AbortSignal | undefined;
  readonly signal: AbortSignal;

  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.#deadline = AbortSignal.timeout(timeoutMs + GIVE_UP_GRACE_MS);
    this.#caller = caller;
    this.signal = caller === undefined ? this.#deadline : AbortSignal.any([caller, this.#deadline]);
  }

  get lost(): 'cancelled' | 'timeout' | undefined {
    if (this.#caller?.aborted === true) return 'cancelled';
    return this.#deadline.aborted ? 'timeout' : undefined;
  }
}

const connect = ({ url, username, password }: WarehouseClientOptions, database: string): ClickHouseClient =>
  createClient({
    url,
    username,
    password,
    database,
    application: 'aevum',
    max_open_connections: CONNECTIONS_MAX,
    request_timeout: CONTROL_TIMEOUT_MS + GIVE_UP_GRACE_MS,
    compression: { request: false, response: false },
    // Failures are told to the caller; the client's own log would repeat statements and their parameters.
    log: { level: ClickHouseLogLevel.OFF },
  });

class ClickHouseWarehouse implements Warehouse {
  readonly #options: WarehouseClientOptions;
  readonly #client: ClickHouseClient;
  readonly #exchanges: Exchanges;

  constructor(options: WarehouseClientOptions) {
    this.#options = options;
    this.#exchanges = new Exchanges(options);
    this.#client = connect(options, options.database);
  }

  get database(): string {
    return this.#options.database;
  }

  async query<Row>(
    sql: string,
    params: QueryParameters = {},
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    const search = this.#searchOf(params, options);
    try {
      const startedAt = performance.now();
      const { isOk, text } = await this.#exchanges.ask({
        ...{ sql, search },
        headers: {
          [LANE_HEADER]: LANE[options.class ?? 'reader'],
          ...(options.isFrugal === true ? { [FRUGAL_HEADER]: '1' } : {}),
        },
        giveUpMs: this.#timeoutMs(options) + GIVE_UP_GRACE_MS,
        signal: options.signal,
      });
      if (!isOk) throw parseError(text);
      const { data, statistics } = answerOf<Row>(text);
      const elapsedMs = performance.now() - startedAt;
      this.#options.telemetry.emit(QUERIED, { elapsedMs });
      return {
        rows: data,
        statistics: {
          elapsedMs,
          rowsRead: statistics?.rows_read ?? 0,
          bytesRead: statistics?.bytes_read ?? 0,
        },
      };
    } catch (cause) {
      throw this.#failed('query', toWarehouseError(cause));
    }
  }

  async *stream<Row>(
    sql: string,
    params: QueryParameters = {},
    options: QueryOptions = {},
  ): AsyncGenerator<readonly Row[]> {
    const answer = await this.#attempt('stream', this.#timeoutMs(options), options.signal, (signal) =>
      this.#client.query({
        query: sql,
        format: 'JSONEachRow',
        query_params: params,
        abort_signal: signal,
        clickhouse_settings: this.#readSettings(options),
        http_headers: { [LANE_HEADER]: LANE[options.class ?? 'reader'] },
      }),
    );
    try {
      for await (const batch of answer.stream<Row>()) yield batch.map((row) => row.json<Row>());
    } catch (error) {
      throw toWarehouseError(error, options.signal?.aborted === true ? 'cancelled' : undefined);
    } finally {
      answer.close();
    }
  }

  load(table: LoadedTable | StagedTable, native: readonly Uint8Array[], token: string): Promise<void> {
    const timeoutMs = this.#options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
    return this.#attempt('load', timeoutMs, undefined, async (signal) => {
      const startedAt = performance.now();
      const { bodiesDir } = this.#options;
      await using handed = bodiesDir === undefined ? undefined : await handOver(bodiesDir, native);
      const statement = {
        query: `INSERT INTO ${table} FORMAT Native`,
        abort_signal: signal,
        clickhouse_settings: {
          ...LOAD_SETTINGS,
          insert_deduplication_token: token,
          max_execution_time: timeoutMs / SECOND_MS,
        },
      };
      const http_headers = { [LANE_HEADER]: 'load' };
      const { stream } =
        handed === undefined
          ? await this.#client.exec({
              ...{ ...statement, http_headers },
              values: Readable.from(native, { objectMode: false }),
            })
          : await this.#client.exec({
              ...statement,
              http_headers: { ...http_headers, [BODY_HEADER]: handed.name },
            });
      await drain(stream);
      const bytes = native.reduce((sum, part) => sum + part.length, 0);
      this.#options.telemetry.emit(LOADED, { table, bytes, elapsedMs: performance.now() - startedAt });
    });
  }

  append(
    table: string,
    columns: string,
    rows: readonly (readonly unknown[])[],
    { token, signal: caller }: { readonly token: string; readonly signal?: AbortSignal },
  ): Promise<void> {
    const timeoutMs = this.#options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
    return this.#attempt('append', timeoutMs, caller, async (signal) => {
      const { stream } = await this.#client.exec({
        query: `INSERT INTO ${quoteIdentifier(table)} (${columns}) FORMAT JSONCompactEachRow`,
        abort_signal: signal,
        clickhouse_settings: {
          ...LOAD_SETTINGS,
          insert_deduplication_token: token,
          max_execution_time: timeoutMs / SECOND_MS,
        },
        http_headers: { [LANE_HEADER]: LANE.control },
        values: Readable.from(inParts(rows), { objectMode: false }),
      });
      await drain(stream);
    });
  }

  command(
    sql: string,
    params: QueryParameters = {},
    options: Omit<QueryOptions, 'class' | 'rowsMax'> = {},
  ): Promise<void> {
    const timeoutMs = options.timeoutMs ?? CONTROL_TIMEOUT_MS;
    return this.#attempt('command', timeoutMs, options.signal, async (signal) => {
      await this.#client.command({
        query: sql,
        query_params: params,
        abort_signal: signal,
        clickhouse_settings: { max_execution_time: timeoutMs / SECOND_MS, ...options.settings },
        http_headers: { [LANE_HEADER]: 'control' },
      });
    });
  }

  async createDatabase(): Promise<void> {
    const client = connect(this.#options, 'default');
    try {
      await this.#attempt('command', CONTROL_TIMEOUT_MS, undefined, async (signal) => {
        const query = `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(this.database)}`;
        await client.command({ query, abort_signal: signal, http_headers: { [LANE_HEADER]: 'control' } });
      });
    } finally {
      await client.close();
    }
  }

  async ping(): Promise<boolean> {
    const answer = await this.#client.ping({
      select: true,
      abort_signal: AbortSignal.timeout(PING_TIMEOUT_MS),
    });
    return answer.success;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Settings and parameters of a statement that is answered in the format `JSON`. */
  #searchOf(params: QueryParameters, options: QueryOptions): URLSearchParams {
    const rowsMax = options.rowsMax ?? this.#options.queryRowsMax ?? QUERY_ROWS_MAX;
    const search = new URLSearchParams({ database: this.database, default_format: 'JSON' });
    if (options.id !== undefined) search.set('query_id', options.id);
    for (const [name, value] of Object.entries(params)) search.set(`param_${name}`, parameterText(value));
    for (const [name, value] of Object.entries(this.#readSettings({ ...options, rowsMax })))
      if (value !== undefined) search.set(name, settingText(value));
    return search;
  }

  #timeoutMs(options: QueryOptions): number {
    const byClass =
      options.class === 'control' ? CONTROL_TIMEOUT_MS : (this.#options.queryTimeoutMs ?? QUERY_TIMEOUT_MS);
    return options.timeoutMs ?? byClass;
  }

  #readSettings(options: QueryOptions): ClickHouseSettings {
    const { queryMemoryBytesMax: memory } = this.#options;
    const settings: Record<string, string | number | undefined> = {
      max_execution_time: this.#timeoutMs(options) / SECOND_MS,
      max_result_rows: options.rowsMax,
      max_memory_usage: memory,
      max_threads: options.isFrugal === true ? 1 : undefined,
      readonly: options.class === 'control' ? undefined : 2,
    };
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return { ...ANSWER_SETTINGS, ...Object.fromEntries(given), ...options.settings };
  }

  async #attempt<T>(
    operation: string,
    timeoutMs: number,
    caller: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const patience = new Patience(timeoutMs, caller);
    try {
      return await work(patience.signal);
    } catch (cause) {
      throw this.#failed(operation, toWarehouseError(cause, patience.lost));
    }
  }

  #failed(operation: string, error: WarehouseError): WarehouseError {
    this.#options.telemetry.emit(FAILED, { operation, error });
    return error;
  }
}

/** An exception may still come amid an answer that began well. */
const answerOf = <Row>(text: string): JsonAnswer<Row> => {
  try {
    return JSON.parse(text) as JsonAnswer<Row>;
  } catch {
    throw parseError(text);
  }
};

const settingText = (value: NonNullable<ClickHouseSettings[string]>): string =>
  typeof value === 'boolean' ? String(Number(value)) : value.toString();

/** Rows as lines of JSON, some hundreds at a time. */
function* inParts(rows: readonly (readonly unknown[])[]): Generator<Buffer> {
  for (let at = 0; at < rows.length; at += ROWS_OF_PART) {
    const part = rows.slice(at, at + ROWS_OF_PART).map((row) => `${JSON.stringify(row)}\n`);
    yield Buffer.from(part.join(''));
  }
}

const drain = async (stream: Readable): Promise<void> => {
  for await (const _chunk of stream) continue;
};

/** Makes a client. Connects only when used. */
export const createWarehouse = (options: WarehouseClientOptions): Warehouse =>
  new ClickHouseWarehouse(options);
