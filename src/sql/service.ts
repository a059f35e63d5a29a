import type { SqlAnswer, SqlErrorDetails, SqlRequest, SqlSchemaAnswer } from '../contract/sql.ts';
import { SQL_LIMITS } from '../contract/sql.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { asOf, freshnessOf, type Standing } from '../query/freshness.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { Followed, RunningQueries } from '../query/running.ts';
import { toClientError } from '../query/warehouse-failure.ts';
import { PUBLIC_TABLES } from '../warehouse/public-tables.ts';
import { NotRunError, type SqlLane, type SqlLaneText } from '../warehouse/sql-lane.ts';
import { WarehouseError, type WarehouseErrorCode } from '../warehouse/warehouse-error.ts';
import { explainEngineError, spanOf } from './engine-message.ts';
import { COMBINATORS, FUNCTION_TOPICS } from './functions.ts';
import { SYNTAX_PREFIX } from './guard.ts';
import { followedLane } from './followed-lane.ts';
import { AnswerWriter } from './answer-writer.ts';
import { readSql } from './lexical.ts';
import { bindParameters, type BoundSql } from './parameters.ts';
import { placeOf, SqlProblem } from './problem.ts';
import { type AnswerFrame, type AnswerToWrite, answerOf, type WrittenAnswer } from './write-answer.ts';
import { sqlAnswered, sqlRefused } from './telemetry.ts';

/** What answering SQL needs. */
export interface SqlServiceOptions {
  /** Without it every question is answered with `sql_unavailable`: the warehouse is not the embedded engine. */
  readonly lane: SqlLane | undefined;
  /** How far the way to the warehouse has come, for a project. */
  readonly standing: (project: string) => Standing;
  readonly timeoutMsMax: number;
  readonly rowsMax: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Follows what is asked; without it nothing is. */
  readonly running?: RunningQueries | undefined;
}

/** An answer in its form, and what it is of. */
export interface WrittenSql extends WrittenAnswer {
  readonly asOf: string | null;
}

/** Answers SQL of one project. Rejects with ApiError for what a client can do something about. */
export interface SqlService {
  /** In the form that is asked for, which is written without holding up anything else. */
  write(project: string, request: SqlRequest, options?: Followed): Promise<WrittenSql>;
  /** With its rows, read on this thread. */
  answer(project: string, request: SqlRequest, options?: Followed): Promise<SqlAnswer>;
  /** Resolves if a statement may run, without reading anybody's rows: it is judged, and tried on empty tables. */
  check(request: Pick<SqlRequest, 'sql' | 'parameters'>): Promise<void>;
  /** What a statement may name. */
  schema(): SqlSchemaAnswer;
  /** Ends what is being written. */
  close(): Promise<void>;
}

const TENTHS = 10;

/** Failures that are not the statement's. */
const NOT_THE_STATEMENT: ReadonlySet<WarehouseErrorCode> = new Set([
  'unavailable',
  'busy',
  'cancelled',
  'disk_full',
]);
const LOGICAL_ERROR = 49;
/** On empty tables: what takes longer computes without rows. */
const CHECK_TIMEOUT_MS = 2_000;

const BUSY = 'Other statements in SQL are running, and this one had no turn. Ask again in a moment.';

const HELP: Readonly<Partial<Record<WarehouseErrorCode, string>>> = {
  memory:
    'The statement needs more memory than one may take. Read a shorter time, group by less, or sort less.',
  too_large: 'The answer is larger than one may be. Select fewer columns, or set a smaller "limit".',
};

/** The SQL service. Statements are judged by the engine's process, which runs them. */
export const createSqlService = (options: SqlServiceOptions): SqlService => new LaneSqlService(options);

class LaneSqlService implements SqlService {
  readonly #options: SqlServiceOptions;
  readonly #writer: AnswerWriter;

  constructor(options: SqlServiceOptions) {
    this.#options = options;
    this.#writer = new AnswerWriter(options.telemetry);
  }

  answer(project: string, request: SqlRequest, options: Followed = {}): Promise<SqlAnswer> {
    return this.#follow(project, options, async (followed) => {
      const { text, frame } = await this.#read(project, request, followed);
      return answerOf(text, frame);
    });
  }

  write(project: string, request: SqlRequest, options: Followed = {}): Promise<WrittenSql> {
    return this.#follow(project, options, async (followed) => {
      const { text, frame } = await this.#read(project, request, followed);
      const written = await this.#writer.write({ text, frame, format: request.format }, followed.signal);
      return { ...written, asOf: frame.as_of };
    });
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #follow<T>(project: string, options: Followed, work: (followed: Followed) => Promise<T>): Promise<T> {
    const { running } = this.#options;
    return running === undefined ? work(options) : running.follow({ kind: 'sql', project }, options, work);
  }

  async #read(project: string, request: SqlRequest, { signal, part }: Followed): Promise<ReadAnswer> {
    const { lane: own, clock, telemetry } = this.#options;
    if (own === undefined) throw new ApiError('sql_unavailable');
    const lane = part === undefined ? own : followedLane(own, part);
    const startedMs = clock.monotonicMs();
    const limit = this.#limitOf(request);
    const bound = bind(request);
    try {
      const { text } = readSql(bound.text);
      const standing = this.#options.standing(project);
      const found = await this.#run(lane, text, { project, limit, request, signal });
      const elapsedMs = clock.monotonicMs() - startedMs;
      telemetry.emit(sqlAnswered, { elapsedMs, guardMs: found.judgedMs });
      return { text: found.text, frame: frameOf(found, limit, standing, elapsedMs) };
    } catch (error) {
      if (!(error instanceof SqlProblem)) throw error;
      telemetry.emit(sqlRefused, { kind: error.kind });
      throw clientProblem(error, bound, request.sql);
    }
  }

  async check(request: Pick<SqlRequest, 'sql' | 'parameters'>): Promise<void> {
    const { lane } = this.#options;
    if (lane === undefined) throw new ApiError('sql_unavailable');
    const bound = bind(request);
    try {
      const { text } = readSql(bound.text);
      await lane
        .run(text, { isToJudge: true, timeoutMs: CHECK_TIMEOUT_MS, rowsMax: 1 })
        .catch((error: unknown) => {
          if (!isOfRunning(error))
            throw error instanceof NotRunError ? notRun(error, text) : told(error, text, 0);
        });
    } catch (error) {
      throw error instanceof SqlProblem ? clientProblem(error, bound, request.sql) : error;
    }
  }

  schema(): SqlSchemaAnswer {
    const { lane, timeoutMsMax, rowsMax } = this.#options;
    if (lane === undefined) throw new ApiError('sql_unavailable');
    return {
      tables: PUBLIC_TABLES.map(({ name, doc, columns }) => ({
        name,
        doc,
        columns: columns.map((each) => ({ ...each })),
      })),
      functions: FUNCTION_TOPICS.map(({ title, kind, names }) => ({ title, kind, names: [...names] })),
      combinators: [...COMBINATORS],
      limits: { rows_max: Math.min(rowsMax, SQL_LIMITS.rowsMax), timeout_ms_max: timeoutMsMax },
    };
  }

  #limitOf({ limit }: SqlRequest): number {
    const { rowsMax } = this.#options;
    if (limit <= rowsMax) return limit;
    throw invalidAt('limit', `is above the option query-rows-max, which is ${rowsMax} here.`);
  }

  async #run(
    lane: SqlLane,
    text: string,
    {
      project,
      limit,
      request,
      signal,
    }: { project: string; limit: number; request: SqlRequest; signal: AbortSignal | undefined },
  ): Promise<SqlLaneText> {
    const { timeoutMsMax } = this.#options;
    const timeoutMs = Math.min(request.timeout_ms ?? timeoutMsMax, timeoutMsMax);
    try {
      return await lane.read(text, { project, isToJudge: true, timeoutMs, rowsMax: limit + 1, signal });
    } catch (error) {
      throw error instanceof NotRunError ? notRun(error, text) : told(error, text, 0);
    }
  }
}

/** Whether a statement failed only by what it computes: on rows it need not. */
const isOfRunning = (error: unknown): boolean =>
  error instanceof WarehouseError && !NOT_THE_STATEMENT.has(error.code) && error.code !== 'denied';

const bind = ({ sql, parameters }: Pick<SqlRequest, 'sql' | 'parameters'>): BoundSql => {
  let bound: BoundSql;
  try {
    bound = bindParameters(sql, parameters);
  } catch (error) {
    if (!(error instanceof SqlProblem)) throw error;
    throw clientProblem(error, { text: sql, originOf: (span) => span }, sql);
  }
  if (bound.text.length <= SQL_LIMITS.textMax) return bound;
  throw invalidAt('parameters', `make the statement longer than ${SQL_LIMITS.textMax} characters.`);
};

/** Syntax is wrong at the first reading already, so no later one reports it. */
const notRun = ({ reason }: NotRunError, text: string): unknown => {
  if (reason instanceof WarehouseError) return told(reason, text, SYNTAX_PREFIX.length);
  const { kind, message, span, suggestions } = reason;
  return new SqlProblem(kind, message, span, suggestions);
};

/** A failure as the client is told: of the statement as SqlProblem, of the warehouse as ApiError. */
const told = (error: unknown, text: string, lead: number): unknown => {
  if (!(error instanceof WarehouseError)) return error;
  const help = HELP[error.code];
  if (help !== undefined) return new ApiError('result_too_large', help, { cause: error });
  // The engine ends what runs too long; what it says nothing of has not had its turn.
  if (error.code === 'timeout' && error.engineCode === undefined)
    return new ApiError('warehouse_busy', BUSY, { cause: error });
  const ofStatement = error.engineCode !== undefined && error.engineCode !== LOGICAL_ERROR;
  if (NOT_THE_STATEMENT.has(error.code) || error.code === 'timeout' || !ofStatement)
    return toClientError(error);
  if (error.code === 'denied')
    return new SqlProblem('refused', 'The statement asks for something that may not be read.');
  return explainEngineError(error, text, lead);
};

/** What of a statement a message speaks of: something in quotes, a function, or the word that it begins with. */
const NAMED = [/"([\w.]+)/, /\bin (\w+)\(\)/, /^([A-Z]{3,})\b/];

/** A problem as an error of the interface, with its place in what the user wrote. */
const clientProblem = (problem: SqlProblem, bound: BoundSql, sql: string): ApiError => {
  const named = NAMED.map((pattern) => pattern.exec(problem.message)?.[1]).find((name) => name !== undefined);
  const span = problem.span ?? (named === undefined ? undefined : spanOf(named, bound.text));
  const place = span === undefined ? undefined : placeOf(sql, bound.originOf(span));
  const details: SqlErrorDetails = {
    line: place?.line ?? null,
    column: place?.column ?? null,
    excerpt: place?.excerpt ?? null,
    suggestions: [...problem.suggestions],
  };
  const where = place === undefined ? '' : `Line ${place.line}, column ${place.column}: `;
  const code = problem.kind === 'refused' ? 'sql_refused' : 'invalid_sql';
  return new ApiError(code, `${where}${problem.message}`, { details: { ...details }, cause: problem });
};

/** An answer as the engine wrote it. */
type ReadAnswer = Pick<AnswerToWrite, 'text' | 'frame'>;

const frameOf = (
  { rowsRead, bytesRead }: SqlLaneText,
  limit: number,
  standing: Standing,
  elapsedMs: number,
): AnswerFrame => ({
  limit,
  as_of: asOf(standing),
  freshness: freshnessOf(standing),
  statistics: {
    elapsed_ms: Math.round(elapsedMs * TENTHS) / TENTHS,
    rows_read: rowsRead,
    bytes_read: bytesRead,
  },
});
