import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { toWarehouseError, WarehouseError } from './warehouse-error.ts';

/**
 * Exchanges with ClickHouse by HTTP of which the whole answer is held in memory: what small statements go by. On `node:http`, because `fetch` takes half as long again, and `@clickhouse/client`, which everything else goes by, sleeps before each request.
 */

/** How to reach a ClickHouse. */
export interface WarehouseAddress {
  /** `http:` or `https:`, its path included. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** What is sent, and for how long an answer is waited for. */
export interface ExchangeRequest {
  /** Parts of the address: settings and parameters. */
  readonly search: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly sql: string;
  /** The connection is given up after this. */
  readonly giveUpMs: number;
  /** Of a longer answer no more is read: the connection ends, and so does the statement. */
  readonly answerBytesMax?: number;
  /** Ends the connection, and so the statement. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whatever it says. */
export interface ExchangeAnswer {
  readonly isOk: boolean;
  /** Number of the exception; NaN: none was told. */
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const OK = 200;
/** So that the log of a ClickHouse elsewhere tells who asked. */
const USER_AGENT = 'aevum';
const CONNECTIONS_MAX = 64;

/** The engine did not answer in time. */
class LateError extends Error {
  constructor() {
    super('late');
    this.name = 'LateError';
  }
}

/** The other side closed a kept connection while it was taken for another request, of which it so has seen nothing. */
class StaleError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'StaleError';
  }
}

const lostBy = (cause: unknown, { signal }: ExchangeRequest): 'cancelled' | 'timeout' | undefined => {
  if (signal?.aborted === true) return 'cancelled';
  return cause instanceof LateError ? 'timeout' : undefined;
};

const isReset = (error: Error): boolean => 'code' in error && error.code === 'ECONNRESET';

/** Kept connections to one ClickHouse. Connects only when used. */
export class Exchanges {
  readonly #url: string;
  readonly #authorization: string;
  readonly #agent: HttpAgent;
  readonly #open: typeof httpRequest;

  constructor({ url, username, password }: WarehouseAddress) {
    this.#url = url;
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const options = { keepAlive: true, maxSockets: CONNECTIONS_MAX };
    const isSecure = new URL(url).protocol === 'https:';
    this.#agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
    this.#open = isSecure ? httpsRequest : httpRequest;
  }

  /** Sends a statement that changes nothing, and resolves with its answer, be it an exception. Throws WarehouseError `cancelled`, `timeout`, `too_large` or `unavailable`. */
  async ask(request: ExchangeRequest): Promise<ExchangeAnswer> {
    try {
      return await this.#post(request).catch((error: unknown) => {
        if (error instanceof StaleError) return this.#post(request);
        throw error;
      });
    } catch (cause) {
      throw toWarehouseError(cause, lostBy(cause, request));
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Ends the connection when the caller leaves or the answer is late. By listeners of its own: signals that are put together take a third of the time of such an exchange. */
  #post(request: ExchangeRequest): Promise<ExchangeAnswer> {
    const { search, headers, sql, giveUpMs, signal, answerBytesMax = Number.POSITIVE_INFINITY } = request;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const body = Buffer.from(sql);
      const asked = this.#request(search, { ...headers, 'Content-Length': String(body.length) });
      const done = (): void => {
        clearTimeout(late);
        signal?.removeEventListener('abort', leave);
      };
      const fail = (error: Error): void => {
        done();
        reject(error);
        asked.destroy();
      };
      const leave = (): void => fail(new Error('the caller left'));
      const late = setTimeout(() => fail(new LateError()), giveUpMs);
      signal?.addEventListener('abort', leave);
      asked.on('error', (error) =>
        fail(asked.reusedSocket && isReset(error) ? new StaleError(error) : error),
      );
      asked.on('response', (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= answerBytesMax) chunks.push(chunk);
          else fail(new WarehouseError('too_large', 'The answer is longer than one may be.'));
        });
        answer.on('error', fail);
        answer.on('end', () => {
          done();
          const { headers: told, statusCode } = answer;
          const code = Number(told['x-clickhouse-exception-code']);
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ isOk: statusCode === OK, code, headers: told, text });
        });
      });
      asked.end(body);
    });
  }

  #request(search: URLSearchParams, headers: Readonly<Record<string, string>>): ClientRequest {
    const address = new URL(this.#url);
    address.search = search.toString();
    return this.#open(address, {
      method: 'POST',
      agent: this.#agent,
      headers: { Authorization: this.#authorization, 'User-Agent': USER_AGENT, ...headers },
    });
  }
}
