import { JUDGE_HEADER, JUDGED_HEADER, LANE_HEADER, PROJECT_HEADER } from './engine/engine-options.ts';
import type { Judgement } from './engine/judgement.ts';
import { Exchanges, type WarehouseAddress } from './exchange.ts';
import { laneStatistics, type LaneRows, type LaneStatistics, parseLaneAnswer } from './lane-answer.ts';
import { engineFailure, type WarehouseError } from './warehouse-error.ts';

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

interface Judged extends LaneStatistics {
  /** What judging it took; NaN: it was not judged. */
  readonly judgedMs: number;
}

/** An answer as the engine wrote it, for `parseLaneAnswer`. */
export interface SqlLaneText extends Judged {
  readonly text: string;
}

/** An answer that was read. */
export interface SqlLaneAnswer extends Judged, LaneRows {}

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
  /** The answer as it is written: at most SQL_TEXT_BYTES_MAX, or WarehouseError `too_large`. */
  read(sql: string, request: SqlLaneRequest): Promise<SqlLaneText>;
  /** The answer with its rows. */
  run(sql: string, request: SqlLaneRequest): Promise<SqlLaneAnswer>;
}

/** Bytes of an answer as the engine writes it. Its own limit counts what texts are before they are escaped. */
export const SQL_TEXT_BYTES_MAX = 32 * 1024 ** 2;

/** `run` of a lane, by its `read`. */
export const runBy = async (read: Promise<SqlLaneText>): Promise<SqlLaneAnswer> => {
  const { text, ...judged } = await read;
  return { ...judged, ...parseLaneAnswer(text) };
};

const SECOND_MS = 1_000;
/** How much later than the engine's own limit the connection is given up. */
const GIVE_UP_GRACE_MS = 5 * SECOND_MS;
/** Judging is three statements at most, each of which the engine ends after five seconds. */
const JUDGING_MS_MAX = 15 * SECOND_MS;

class EngineSqlLane implements SqlLane {
  readonly #exchanges: Exchanges;

  constructor(address: WarehouseAddress) {
    this.#exchanges = new Exchanges(address);
  }

  run(sql: string, request: SqlLaneRequest): Promise<SqlLaneAnswer> {
    return runBy(this.read(sql, request));
  }

  async read(sql: string, request: SqlLaneRequest): Promise<SqlLaneText> {
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
      answerBytesMax: SQL_TEXT_BYTES_MAX,
      signal,
    });
    const judged = headers[JUDGED_HEADER];
    if (judged === 'refused') throw new NotRunError(JSON.parse(text) as Judgement);
    if (!isOk) {
      const failure = engineFailure(code, text);
      throw judged === 'failed' ? new NotRunError(failure) : failure;
    }
    return { text, ...laneStatistics(text), judgedMs: Number(judged ?? Number.NaN) };
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
