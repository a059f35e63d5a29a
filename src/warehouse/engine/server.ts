import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { finished, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { CODES, EngineError, errorBody, httpStatus, toEngineError } from './engine-error.ts';
import type { Confinement } from './confinement.ts';
import {
  BODY_HEADER,
  FRUGAL_HEADER,
  JUDGE_HEADER,
  JUDGED_HEADER,
  LANE_HEADER,
  type LaneKind,
  PROJECT_HEADER,
  STATEMENTS_PATH,
} from './engine-options.ts';
import { isStreamable, mediaType } from './formats.ts';
import type { Judge, JudgeAsk } from './judgement.ts';
import type { LanePool } from './lane-pool.ts';
import { StatementBook } from './statement-book.ts';
import type { Lane, RunOptions, RunResult, SessionStart } from './lane.ts';
import { substituteParameters } from './parameters.ts';
import { authenticate, bodyOf, type EngineRequest, parseRequest } from './request.ts';
import { checkSqlSettings, laneOf, settingsFor, sqlSessionFor } from './session-class.ts';
import { insertFromFile, namesWord, parseStatement, type Statement } from './statement.ts';

/** ClickHouse's HTTP interface over the lanes of the embedded engine, as far as `@clickhouse/client` uses it. */

const MIB = 1024 * 1024;
const SECOND_MS = 1_000;
/** Parameters travel in the address, so it must be allowed to be long. */
const HEADER_BYTES_MAX = 4 * MIB;
/** A statement that comes as the body. */
const STATEMENT_BYTES_MAX = 16 * MIB;
/** Asks again for as long as a statement that nobody waits for has not ended. */
const KILL_INTERVAL_MS = 100;
/** A statement that runs this much longer than it may is stuck in the engine; only a restart frees its lane. */
const STUCK_GRACE_MS = 30 * SECOND_MS;
/** A kept connection that is idle is closed after this; longer than the client's own limit, which must be the first. */
const KEEP_ALIVE_MS = 60 * SECOND_MS;
/** A client that takes nothing of a stream for this long loses it, and its lane goes to the next. */
const CLIENT_STALL_MS = 60 * SECOND_MS;
/** What is asked while a statement is judged may run so long. */
const JUDGE_SECONDS = 5;
const REFUSED_STATUS = 422;
const GZIP_LEVEL = 1;
const PLAIN_ID = /^[\w-]{1,64}$/;
const HANDED_NAME = /^[\w-]{1,64}\.handed$/;

/** What the server needs. */
export interface EngineServerOptions {
  readonly pool: LanePool;
  readonly secret: string;
  readonly memoryBytesMax: number;
  /** Where statements of users begin. */
  readonly sqlStart: Required<SessionStart>;
  /** Confines statements of users to a project. */
  readonly confinement: Confinement;
  /** Judges statements of users that are to be. */
  readonly judge: Judge;
  /** Folder for request bodies under way, and for those that others put there for it (`BODY_HEADER`). Its path must not hold what the engine takes for wild cards: `*`, `?`, `{`, `}`. */
  readonly bodiesDir: string;
  /** Called when a statement does not end although it must. */
  readonly onStuck: (detail: string) => void;
}

/** One request being answered. */
interface Exchange {
  readonly request: EngineRequest;
  readonly response: ServerResponse;
  /** The statement as it came: without the values of its parameters. */
  readonly text: string;
  readonly statement: Statement;
  readonly lane: LaneKind;
  /** Whose rows the statement may see, empty: nobody's; only the lane `sql` asks. */
  readonly project: string;
  /** It may run only after it was judged. */
  readonly isToJudge: boolean;
  readonly format: string;
  readonly streamed: boolean;
  /** It is to take little memory. */
  readonly isFrugal: boolean;
  /** Names the statement in the engine's process list. */
  readonly id: string;
  /** Aborted once the client is gone. */
  readonly gone: AbortSignal;
}

/** By listeners: a loop over the stream takes a tenth of the time of a small statement. */
const readText = (body: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= STATEMENT_BYTES_MAX) return void chunks.push(chunk);
      // What still comes is taken and dropped, so that the client reads why.
      chunks.length = 0;
      const detail = `The statement is longer than ${STATEMENT_BYTES_MAX} bytes`;
      reject(new EngineError(CODES.BAD_ARGUMENTS, detail));
    });
    finished(body, (error) => {
      if (error) reject(error);
      else resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });

const QUESTION_VERBS = new Set(['SELECT', 'WITH', 'EXPLAIN']);

/**
 * What users write has been judged before it comes here. This is no second judgement, only the plainest bound; of all that a role may not do, INTO OUTFILE alone is not
 * among the engine's rights.
 */
const refuseAllButQuestions = ({ sql, verb, format }: Statement, hasData: boolean): void => {
  if (QUESTION_VERBS.has(verb) && format === undefined && !hasData && !namesWord(sql, 'INTO')) return;
  throw new EngineError(CODES.READONLY, 'The lane sql takes SELECT and EXPLAIN, without INTO and FORMAT');
};

const setHeaders = (exchange: Exchange): void => {
  const { response, format, request } = exchange;
  response.setHeader('Content-Type', mediaType(format));
  response.setHeader('X-ClickHouse-Format', format);
  if (request.wantsGzip) response.setHeader('Content-Encoding', 'gzip');
};

/** The lines of an explanation. */
const linesOf = (result: RunResult | undefined): string[] => {
  const { data } = JSON.parse(Buffer.from(result?.bytes ?? []).toString('utf8')) as { data: unknown[][] };
  return data.map(([line]) => String(line));
};

const summaryOf = (result: RunResult): string => {
  const elapsedNs = String(Math.round(result.elapsedSeconds * 1e9));
  const read = { read_rows: String(result.rowsRead), read_bytes: String(result.bytesRead) };
  return JSON.stringify({
    ...read,
    written_rows: '0',
    written_bytes: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: elapsedNs,
  });
};

const sendWhole = async (exchange: Exchange, result: RunResult): Promise<void> => {
  const { response, request } = exchange;
  setHeaders(exchange);
  response.setHeader('X-ClickHouse-Summary', summaryOf(result));
  const body = Buffer.from(result.bytes.buffer, result.bytes.byteOffset, result.bytes.byteLength);
  if (request.wantsGzip) await pipeline(gzipOf(body), response, { signal: exchange.gone });
  else response.end(body);
};

const gzipOf = (body: Buffer): Gzip => {
  const gzip = createGzip({ level: GZIP_LEVEL });
  gzip.end(body);
  return gzip;
};

/** Looks after one statement: `arm` while the engine works on it, `rest` while the client is being waited for, `end` when there is nothing more to end. */
interface Watch {
  arm(): void;
  rest(): void;
  /** Resolves once no KILL is under way: one that came late would hit the next statement of the lane, which begins under the name of this one. */
  end(): Promise<void>;
}

/** Pieces from the engine, watched only while it makes them; the first was taken already. */
async function* watched(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
  watch: Watch,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) {
      watch.rest();
      yield next.value;
      watch.arm();
    }
    // Before the answer ends: then the connection closes, and nobody has hung up.
    await watch.end();
  } finally {
    await rest.return(undefined);
  }
}

const sendStream = async (
  exchange: Exchange,
  chunks: AsyncGenerator<Uint8Array>,
  watch: Watch,
): Promise<void> => {
  const first = await chunks.next();
  const { response, request, gone } = exchange;
  setHeaders(exchange);
  response.setTimeout(CLIENT_STALL_MS, () => response.destroy());
  const pieces = watched(first, chunks, watch);
  if (request.wantsGzip)
    await pipeline(pieces, createGzip({ level: GZIP_LEVEL }), response, { signal: gone });
  else await pipeline(pieces, response, { signal: gone });
};

const sendError = (response: ServerResponse, error: EngineError): void => {
  if (response.headersSent || response.writableEnded || response.destroyed) {
    response.destroy();
    return;
  }
  response.removeHeader('Content-Encoding');
  response.removeHeader('X-ClickHouse-Format');
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Exception-Code', String(error.code));
  response.statusCode = httpStatus(error.code);
  response.end(errorBody(error));
};

/** The engine's HTTP server: not listening yet. */
export class EngineServer {
  readonly #options: EngineServerOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #statements: StatementBook;
  readonly http: Server;

  constructor(options: EngineServerOptions) {
    this.#options = options;
    this.#statements = new StatementBook(() => options.pool.look());
    this.http = createServer({
      maxHeaderSize: HEADER_BYTES_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: 0,
    });
    this.http.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const done: Promise<void> = this.#answer(request, response).finally(() => this.#running.delete(done));
      this.#running.add(done);
    });
  }

  /** Takes no more requests and resolves once those under way are answered. */
  async close(): Promise<void> {
    this.http.close();
    this.http.closeIdleConnections();
    await Promise.all(this.#running);
    this.http.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-ClickHouse-Server-Display-Name', 'aevum');
    response.setHeader('X-ClickHouse-Timezone', 'UTC');
    try {
      if (request.url === '/ping' || request.url === '/ping/') response.end('Ok.\n');
      else if (request.url === STATEMENTS_PATH) await this.#list(request, response);
      else await this.#execute(request, response);
    } catch (error) {
      sendError(response, toEngineError(error));
    } finally {
      if (!request.readableEnded) request.resume();
    }
  }

  async #list(request: IncomingMessage, response: ServerResponse): Promise<void> {
    authenticate(request, this.#options.secret);
    const statements = await this.#statements.list();
    response.setHeader('Content-Type', 'application/json; charset=UTF-8');
    response.end(JSON.stringify({ statements }));
  }

  async #execute(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    authenticate(incoming, this.#options.secret);
    const request = parseRequest(incoming);
    response.setHeader('X-ClickHouse-Query-Id', request.queryId);
    const gone = new AbortController();
    response.once('close', () =>
      gone.abort(new EngineError(CODES.QUERY_WAS_CANCELLED, 'The client is gone')),
    );
    const text = request.query ?? (await readText(bodyOf(incoming)));
    const statement = parseStatement(substituteParameters(text, request.parameters));
    const handed = incoming.headers[BODY_HEADER];
    const hasData =
      (request.query !== undefined || handed !== undefined) &&
      statement.verb === 'INSERT' &&
      statement.format !== undefined;
    const lane = laneOf(incoming.headers[LANE_HEADER], statement, hasData);
    const format = statement.verb === 'INSERT' ? 'Null' : (statement.format ?? request.defaultFormat);
    if (lane === 'sql') {
      refuseAllButQuestions(statement, hasData);
      checkSqlSettings(request);
    }
    const streamed =
      lane !== 'sql' &&
      statement.isRead &&
      isStreamable(format) &&
      incoming.headers['x-aevum-answer'] !== 'whole';
    const project = incoming.headers[PROJECT_HEADER];
    const isFrugal = incoming.headers[FRUGAL_HEADER] === '1';
    const id = PLAIN_ID.test(request.queryId) ? request.queryId : randomUUID();
    const exchange: Exchange = {
      request,
      response,
      text,
      statement,
      lane,
      project: typeof project === 'string' ? decodeURIComponent(project) : '',
      isToJudge: lane === 'sql' && incoming.headers[JUDGE_HEADER] === '1',
      format,
      streamed,
      isFrugal,
      id,
      gone: gone.signal,
    };
    if (!hasData) await this.#run(exchange, statement.sql);
    else if (handed === undefined)
      await this.#insert(exchange, (path) =>
        pipeline(bodyOf(incoming), createWriteStream(path), { signal: exchange.gone }),
      );
    else await this.#insert(exchange, (path) => this.#takeHanded(handed, path));
  }

  /**
   * Makes a file that was handed over one that nobody else knows: it must be there while the statement runs, because of a file that is missing the engine inserts nothing and reports success.
   */
  async #takeHanded(name: string | string[], path: string): Promise<void> {
    if (typeof name !== 'string' || !HANDED_NAME.test(name))
      throw new EngineError(CODES.BAD_ARGUMENTS, `${BODY_HEADER} does not name a body`);
    try {
      await rename(join(this.#options.bodiesDir, name), path);
    } catch (cause) {
      throw new EngineError(CODES.FILE_DOESNT_EXIST, `There is no body ${name} any more`, { cause });
    }
  }

  async #insert(exchange: Exchange, place: (path: string) => Promise<void>): Promise<void> {
    const path = join(this.#options.bodiesDir, `${randomUUID()}.body`);
    try {
      await place(path);
      await this.#run(exchange, insertFromFile(exchange.statement, path));
    } finally {
      await rm(path, { force: true });
    }
  }

  async #run(exchange: Exchange, sql: string): Promise<void> {
    const { lane, id, text, isToJudge } = exchange;
    // What users write is told by whoever asks for them, without values.
    using noted = this.#statements.note({ id, lane, text: lane === 'sql' ? '' : text });
    if (isToJudge && !(await this.#mayRun(exchange, sql))) return;
    const whole = await this.#onLane(exchange, sql, () => noted.begins());
    if (whole !== undefined) await sendWhole(exchange, whole);
  }

  /** Runs a statement on a lane of its kind. Resolves with the answer, or undefined if that was streamed. */
  #onLane(exchange: Exchange, sql: string, begins?: () => void): Promise<RunResult | undefined> {
    const { lane, streamed, project, gone } = exchange;
    const pooled = lane === 'sql' && project === '' ? 'rehearsal' : lane;
    return this.#options.pool.use(pooled, gone, async (borrowed) => {
      begins?.();
      const options = this.#optionsFor(exchange, borrowed);
      const watch = this.#watch(exchange, options.settings);
      try {
        if (!streamed) return await borrowed.run(sql, options);
        await sendStream(exchange, borrowed.stream(sql, options), watch);
        return undefined;
      } finally {
        await watch.end();
      }
    });
  }

  /** Judges a statement of users by the very text that would run, and answers in its place if it may not. */
  async #mayRun(exchange: Exchange, sql: string): Promise<boolean> {
    const { response, project, request } = exchange;
    const startedAt = performance.now();
    const settings = new Map([['max_execution_time', String(JUDGE_SECONDS)]]);
    const judging = { ...exchange, format: 'JSONCompact', request: { ...request, settings } };
    const ask: JudgeAsk = async (asked, sees) => {
      const seeing = { ...judging, id: randomUUID(), project: sees === 'rows' ? project : '' };
      return linesOf(await this.#onLane(seeing, asked));
    };
    // As long as nothing else is known.
    response.setHeader(JUDGED_HEADER, 'failed');
    const judgement = await this.#options.judge(sql, ask);
    response.setHeader(JUDGED_HEADER, String(performance.now() - startedAt));
    if (judgement === undefined) return true;
    response.setHeader(JUDGED_HEADER, 'refused');
    response.setHeader('Content-Type', 'application/json; charset=UTF-8');
    response.statusCode = REFUSED_STATUS;
    response.end(JSON.stringify(judgement));
    return false;
  }

  /** A lane that is kept runs everything under what it begins with. */
  #optionsFor(exchange: Exchange, { kept }: Lane): RunOptions {
    if (kept !== undefined) return { ...kept, format: exchange.format };
    return exchange.lane === 'sql' ? this.#sqlOptions(exchange) : this.#runOptions(exchange);
  }

  #runOptions({ request, lane, streamed, isFrugal, id, format }: Exchange): RunOptions {
    const { memoryBytesMax } = this.#options;
    const settings = settingsFor(lane, request, { memoryBytesMax, streamed, isFrugal }, id);
    return { format, database: request.database, settings };
  }

  /** For what users wrote: the rights of questions, the views, and one project's rows. */
  #sqlOptions({ request, id, format, project }: Exchange): RunOptions {
    const { sqlStart, confinement } = this.#options;
    return { ...sqlSessionFor(request, sqlStart, id, confinement.tokenOf(project)), format };
  }

  /** Ends the statement when the client goes, and reports it when the engine does not end it in time. */
  #watch(exchange: Exchange, settings: RunOptions['settings']): Watch {
    const { pool, onStuck } = this.#options;
    const limitMs = Number(settings.get('max_execution_time')) * SECOND_MS + STUCK_GRACE_MS;
    const name = settings.get('log_comment') ?? exchange.id;
    let next: NodeJS.Timeout | undefined;
    let killing: Promise<void> | undefined;
    let stuck: NodeJS.Timeout | undefined;
    let isOver = false;
    const rest = (): void => {
      clearTimeout(stuck);
      stuck = undefined;
    };
    const arm = (): void => {
      stuck ??= setTimeout(
        () =>
          onStuck(
            `the statement ${name} of the lane ${exchange.lane} ran for more than ${limitMs / SECOND_MS} s and did not end; on a machine without time to spare, give it more, or ask less at a time`,
          ),
        limitMs,
      );
    };
    const kill = (): void => {
      arm();
      killing = pool.kill(name).then(() => {
        if (!isOver) next = setTimeout(kill, KILL_INTERVAL_MS);
      });
    };
    const end = async (): Promise<void> => {
      isOver = true;
      exchange.gone.removeEventListener('abort', kill);
      clearTimeout(next);
      await killing;
      rest();
    };
    exchange.gone.addEventListener('abort', kill);
    arm();
    return { arm, rest, end };
  }
}
