import { JUDGE_HEADER, JUDGED_HEADER, LANE_HEADER, PROJECT_HEADER } from './engine/engine-options.ts';
import type { Judgement } from './engine/judgement.ts';
import { Exchanges, type WarehouseAddress } from './exchange.ts';
import { engineFailure, WarehouseError } from './warehouse-error.ts';

/** How to run one statement. */
export interface SqlLaneRequest {
  /** Whose rows it may see. Without it, it sees none: it runs on empty tables of the same names and columns, in a database of their own. */
  readonly project?: string;
  /** It is judged before it runs. Only what was judged may run for a project. */
  readonly isToJudge?: boolean;
  readonly timeoutMs: number;
  /** Names the statement in the engine: letters, digits, `-` and `_`, at most 64, never used before. */
  readonly id?: string | undefined;
  /** After so many rows the engine ends the statement (each part of a UNION for itself). */
  readonly rowsMax?: number;
  /** Ends the statement in the engine too. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer: rows as lists, in the order of the columns. */
export interface SqlLaneAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsRead: number;
  readonly bytesRead: number;
  /** What judging it took; NaN: it was not judged. */
  readonly judgedMs: number;
}

/** A statement that was to be judged did not run: it may not, or it could not be judged. */
export class NotRunError extends Error {
  readonly reason: Judgement | WarehouseError;

  constructor(reason: Judgement | WarehouseError) {
    super(reason.message, { cause: reason });
    this.name = 'NotRunError';
    this.reason = reason;
  }
}

/**
 * The lane `sql` of the embedded engine: a session of its own for each statement, which may read the public views, sees the rows of one project, and has limits that no request changes. Throws WarehouseError, and
 * NotRunError for what did not run.
 */
export interface SqlLane {
  run(sql: string, request: SqlLaneRequest): Promise<SqlLaneAnswer>;
}

const SECOND_MS = 1_000;
/** How much later than the engine's own limit the connection is given up. */
const GIVE_UP_GRACE_MS = 5 * SECOND_MS;
/** Judging is three statements at most, each of which the engine ends after five seconds. */
const JUDGING_MS_MAX = 15 * SECOND_MS;

/** The shape of ClickHouse's `JSONCompact` format. */
interface JsonCompact {
  readonly meta: SqlLaneAnswer['columns'];
  readonly data: unknown[][];
  readonly statistics?: { readonly rows_read: number; readonly bytes_read: number };
}

/** Integers that a JSON number would not hold exactly become text, as they stand. */
const exactly = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? context?.source
    : value;

/** `JSON.parse` as it is since the reviver is told the text of numbers. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context?: { source?: string }) => unknown,
) => unknown;

const LONG_INTEGER = /\d{16}/;

const HEAD = '{\n\t"meta":';
const NO_ROWS = '"data":\n\t[\n,';

/** Of no rows WITH TOTALS the engine writes the totals first and does not close the list of rows. None of these line breaks can stand in a text of JSON. */
const mended = (text: string): string => {
  const head = text.startsWith('{') ? 0 : text.indexOf(HEAD);
  return head > 0 ? text.slice(head).replace(NO_ROWS, '"data": [],') : text;
};

const parseAnswer = (answer: string): JsonCompact => {
  const text = mended(answer);
  // A reviver visits every value: only where there may be something for it.
  const parse: ParseWithSource = JSON.parse;
  try {
    return (LONG_INTEGER.test(text) ? parse(text, exactly) : JSON.parse(text)) as JsonCompact;
  } catch (cause) {
    throw new WarehouseError('internal', 'The warehouse answered in a form that cannot be read.', undefined, {
      cause,
    });
  }
};

class EngineSqlLane implements SqlLane {
  readonly #exchanges: Exchanges;

  constructor(address: WarehouseAddress) {
    this.#exchanges = new Exchanges(address);
  }

  async run(sql: string, request: SqlLaneRequest): Promise<SqlLaneAnswer> {
    const { project, isToJudge, timeoutMs, signal } = request;
    const { isOk, code, headers, text } = await this.#exchanges.ask({
      sql,
      search: searchOf(request),
      headers: {
        [LANE_HEADER]: 'sql',
        ...(project === undefined ? {} : { [PROJECT_HEADER]: encodeURIComponent(project) }),
        ...(isToJudge === true ? { [JUDGE_HEADER]: '1' } : {}),
      },
      giveUpMs: timeoutMs + GIVE_UP_GRACE_MS + (isToJudge === true ? JUDGING_MS_MAX : 0),
      signal,
    });
    const judged = headers[JUDGED_HEADER];
    if (judged === 'refused') throw new NotRunError(JSON.parse(text) as Judgement);
    if (!isOk) {
      const failure = engineFailure(code, text);
      throw judged === 'failed' ? new NotRunError(failure) : failure;
    }
    const { meta, data, statistics } = parseAnswer(text);
    return {
      columns: meta,
      rows: data,
      rowsRead: statistics?.rows_read ?? 0,
      bytesRead: statistics?.bytes_read ?? 0,
      judgedMs: Number(judged ?? Number.NaN),
    };
  }
}

const searchOf = ({ timeoutMs, rowsMax, id }: SqlLaneRequest): URLSearchParams =>
  new URLSearchParams({
    default_format: 'JSONCompact',
    max_execution_time: String(timeoutMs / SECOND_MS),
    ...(rowsMax === undefined ? {} : { limit: String(rowsMax) }),
    ...(id === undefined ? {} : { query_id: id }),
  });

/** Makes the way to the lane. Connects only when used. */
export const createSqlLane = (address: WarehouseAddress): SqlLane => new EngineSqlLane(address);
