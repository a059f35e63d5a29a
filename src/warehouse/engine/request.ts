import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { CODES, EngineError } from './engine-error.ts';
import { ENGINE_USER } from './engine-options.ts';

/** The parts of ClickHouse's HTTP interface that are not settings. */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'stacktrace',
  'compress',
  'decompress',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'buffer_size',
  'wait_end_of_query',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close',
  'http_write_exception_in_output_format',
]);

/** Parts of ClickHouse's HTTP interface that this engine does not have. */
const UNSUPPORTED = ['session_id', 'compress', 'decompress', 'role'] as const;

const SETTING_NAME = /^[A-Za-z_]\w*$/;
const PARAMETER_PREFIX = 'param_';

/** A request's address and headers, taken apart. */
export interface EngineRequest {
  readonly query: string | undefined;
  readonly queryId: string;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  readonly wantsGzip: boolean;
}

const settingsOf = (search: URLSearchParams): Map<string, string> => {
  const settings = new Map<string, string>();
  for (const [name, value] of search) {
    if (NOT_SETTINGS.has(name) || name.startsWith(PARAMETER_PREFIX)) continue;
    if (!SETTING_NAME.test(name)) throw new EngineError(CODES.UNKNOWN_SETTING, `Unknown setting '${name}'`);
    settings.set(name, value);
  }
  return settings;
};

const parametersOf = (search: URLSearchParams): Map<string, string> => {
  const given = [...search].filter(([name]) => name.startsWith(PARAMETER_PREFIX));
  return new Map(given.map(([name, value]) => [name.slice(PARAMETER_PREFIX.length), value]));
};

/** Takes a request apart. Throws EngineError for what the engine does not have. */
export const parseRequest = (request: IncomingMessage): EngineRequest => {
  const { searchParams: search } = new URL(request.url ?? '/', 'http://engine');
  for (const name of UNSUPPORTED)
    if ((search.get(name) ?? '0') !== '0')
      throw new EngineError(CODES.NOT_IMPLEMENTED, `The embedded engine does not support '${name}'`);
  const format = request.headers['x-clickhouse-format'];
  const gzip =
    search.get('enable_http_compression') === '1' &&
    /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  return {
    query: search.get('query') ?? undefined,
    queryId: search.get('query_id') ?? randomUUID(),
    database: search.get('database') ?? undefined,
    defaultFormat: search.get('default_format') ?? (typeof format === 'string' ? format : 'TabSeparated'),
    parameters: parametersOf(search),
    settings: settingsOf(search),
    wantsGzip: gzip,
  };
};

const credentialsOf = (request: IncomingMessage): { user: string; password: string } => {
  const { authorization = '', 'x-clickhouse-user': user, 'x-clickhouse-key': key } = request.headers;
  if (typeof key === 'string') return { user: typeof user === 'string' ? user : ENGINE_USER, password: key };
  const basic = /^Basic (.+)$/i.exec(authorization)?.[1] ?? '';
  const [name = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { user: name, password: rest.join(':') };
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Throws EngineError unless the request carries the secret. Takes the same time whatever is wrong with it. */
export const authenticate = (request: IncomingMessage, secret: string): void => {
  const { user, password } = credentialsOf(request);
  const same = timingSafeEqual(digest(password), digest(secret));
  if (same && user === ENGINE_USER) return;
  throw new EngineError(
    CODES.AUTHENTICATION_FAILED,
    'Authentication failed: password is incorrect, or there is no user with such name',
  );
};

/** The request's body as it was before compression. */
export const bodyOf = (request: IncomingMessage): Readable => {
  const encoding = request.headers['content-encoding'] ?? '';
  if (encoding === '' || encoding === 'identity') return request;
  const inflaters = {
    gzip: createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
    zstd: createZstdDecompress,
  };
  if (!Object.hasOwn(inflaters, encoding))
    throw new EngineError(CODES.NOT_IMPLEMENTED, `Unknown Content-Encoding '${encoding}'`);
  const inflater = inflaters[encoding as keyof typeof inflaters]();
  request.on('error', (error) => inflater.destroy(error));
  request.on('aborted', () => inflater.destroy(new Error('the request ended early')));
  return request.pipe(inflater);
};
