/**
 * The one table of errors that clients can get. Answers, the reference page (`docs/reference/errors.md`) and the OpenAPI document derive from it.
 *
 * Every answer that is an error has the shape `{"error":{"code","message","details"?}}`; those that are worth repeating carry `Retry-After`. An
 * answer never holds a stack, a key or SQL. Codes are public and stable: programs may switch on them, people read the message.
 */

/** One kind of error. */
export interface ErrorKind {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 431 | 500 | 503 | 504;
  /** Whether the same request may succeed later. Then `retryAfterSeconds` is the `Retry-After` unless the occurrence knows better. */
  readonly retryable: boolean;
  /** What happened, when the occurrence has nothing more specific to say. One sentence or two. */
  readonly message: string;
  /** What to do about it, for the reference page; the message of an occurrence says it too where it fits. */
  readonly remedy: string;
}

const final = (status: ErrorKind['status'], message: string, remedy: string): ErrorKind => ({
  status,
  retryable: false,
  message,
  remedy,
});

const passing = (status: 408 | 429 | 503, message: string, remedy: string): ErrorKind => ({
  status,
  retryable: true,
  message,
  remedy,
});

/** Every code, with what it means. To add one, add a line here and run `npm run docs`. */
export const ERRORS = {
  invalid_json: final(
    400,
    'The body is not valid JSON.',
    'The message and `details` say where reading stopped: line and column are counted from 1, `byte_offset` from 0. JSON is judged strictly by RFC 8259: no comments, no trailing commas, no NaN. Nothing of the body was taken in.',
  ),
  invalid_request: final(
    400,
    'The request is not one that this address understands.',
    'The message says what is wrong; for queries `details` lists each field. The reference page at `/api/docs` shows what is accepted.',
  ),
  invalid_encoding: final(
    400,
    'The body could not be decompressed.',
    'The bytes are not what Content-Encoding says, or they end early. Check that the body is compressed once, in the announced format. Nothing was taken in.',
  ),
  too_many_events: final(
    400,
    'The body holds more events than one request may.',
    'Split it. The limit is the option `request-events-max`, 10,000 by default. Nothing of the body was taken in.',
  ),
  invalid_sql: final(
    400,
    'The statement is not one that the engine understands.',
    'The message says what is wrong; `details` has line, column, an excerpt with the place marked, and what may have been meant.',
  ),
  missing_key: final(
    401,
    'A key is needed: send it as "Authorization: Bearer <key>", as "X-API-Key: <key>", or as the user name of Basic authentication.',
    'The keys made at first start are in `<data-dir>/credentials.json`; `aevum keys` makes more.',
  ),
  unknown_key: final(
    401,
    'The key is not known here: it was mistyped, made elsewhere, or revoked.',
    'Compare it with `<data-dir>/credentials.json`, or make a new one with `aevum keys create`.',
  ),
  expired_key: final(
    401,
    'The key has expired.',
    'Make a new one with `aevum keys create`. `aevum keys list` shows when keys expire, and `aevum keys rotate` replaces one before it does.',
  ),
  unknown_ticket: final(
    401,
    'The ticket is not known here: it was used, is older than 30 seconds, or was never made.',
    'Ask for another one by `POST /api/live/ticket`, for each connection.',
  ),
  no_session: final(
    401,
    'There is no session: it ended, or was never begun. Sign in: "aevum login" prints a link.',
    'Open the link that `aevum start` or `aevum login` prints, or sign in with e-mail and password or an admin key. A session ends 30 days after its last use, when its key is revoked or its user disabled, and by `aevum logout`.',
  ),
  wrong_password: final(
    401,
    'E-mail and password do not fit.',
    'Compare both. Whoever runs the server makes a link that sets a new password: `aevum users reset <e-mail>`. It is the same answer where there is no such user, or a disabled one.',
  ),
  sign_in_first: final(
    401,
    'There is an account for this e-mail already. Sign in with it first.',
    'Sign in with the e-mail and password of the account, and accept the invitation then.',
  ),
  missing_scope: final(
    403,
    'Whoever asks may not do this.',
    'Write keys (`aev_w_...`) send events, read keys (`aev_r_...`) query, admin keys (`aev_a_...`) do both and administer; of who is signed in, the role decides. The message says what is needed, and what was sent; the page "Access" lists permissions, roles and scopes.',
  ),
  origin_not_allowed: final(
    403,
    'The key may only be used by pages of the origins that it names.',
    'The message says which origin the request had. Make a key with that origin (`aevum keys create --origin`), or one without origins for programs, which have none.',
  ),
  wrong_project: final(
    403,
    'This key or session belongs to another project.',
    'A key works in the project it was made in: leave `?project=` out, or use a key of that project.',
  ),
  foreign_origin: final(
    403,
    'This request was made by a page of another address, on behalf of somebody who is signed in here. It was not carried out.',
    'Sessions work from the pages of this server only. Behind a proxy, start it with `--public-url` and the address that browsers see. Programs send a key instead of a cookie.',
  ),
  sql_refused: final(
    403,
    'The statement uses what may not be used here.',
    'SQL is for reading your project: one SELECT over the public tables, with the functions of a list. The message says what was refused; the page "SQL" says what is let in.',
  ),
  unknown_link: final(
    404,
    'This link is not good any more: it was used, taken back, is too old, or was never made.',
    'Ask whoever gave you the link for another one.',
  ),
  not_found: final(404, 'There is nothing at this address.', 'Addresses are listed at `/api/docs`.'),
  method_not_allowed: final(
    405,
    'This address does not take this method.',
    'The header `Allow` of the answer lists the methods it takes.',
  ),
  request_timeout: passing(
    408,
    'The request did not arrive in time.',
    'Send smaller bodies or over a faster link. Nothing was taken in, so sending again is safe.',
  ),
  conflict: final(
    409,
    'The request contradicts what is there already.',
    'The message says what it contradicts.',
  ),
  query_ended: final(
    409,
    'Whoever runs this server ended the question before it was answered.',
    'Ask for a shorter range or fewer groups, or ask them why; nothing keeps you from asking again. Questions are ended on the page System, or by `DELETE /api/system/queries/{id}`.',
  ),
  body_too_large: final(
    413,
    'The body is larger than the limit, as sent or after decompression.',
    'Send fewer events at a time. The limit is the option `body-bytes-max`, 20 MiB by default, and counts decompressed bytes. Nothing was taken in.',
  ),
  unsupported_media_type: final(
    415,
    'The Content-Type is not one that is accepted here.',
    'Events: `application/json` (or any `+json`), `application/x-ndjson`, `application/jsonl`, `text/plain` (as browsers send it without a CORS preflight), or none. Queries: `application/json`.',
  ),
  unsupported_encoding: final(
    415,
    'The Content-Encoding is not supported. Use gzip, br, zstd or deflate, one of them and once, or none.',
    'Compress with one of the four, once. Several encodings on top of each other are refused.',
  ),
  event_refused: final(
    422,
    'The event was received but will not be stored.',
    'The message and `details.code` say why; the codes are those of refused events below. It was counted, and its bytes are kept if it was quarantined. Sending the same again does not help.',
  ),
  position_not_loaded: final(
    422,
    'The position that the question is asked as of is not loaded.',
    'The message and `details.loaded` say which one is: positions increase, and what was accepted is loaded within a second or so. Ask again then, or leave `as_of` out.',
  ),
  result_too_large: final(
    422,
    'The answer would hold more rows than one query may return.',
    'Ask for a shorter time range, a coarser interval or fewer groups, or raise the option `query-rows-max`.',
  ),
  audit_unavailable: passing(
    503,
    'The audit log cannot be written, so this was not done.',
    'No change is made without its entry. Health says why, at `audit`: mostly a disk that is full.',
  ),
  sql_unavailable: final(
    422,
    'SQL is answered on the embedded engine only. This server keeps its events in a ClickHouse of its own, where the rights and row policies that confine SQL to a project are not its to make.',
    'Ask that ClickHouse directly, as a user whose rights you choose, or use `POST /api/query`, which works on every warehouse.',
  ),
  rate_limited: passing(
    429,
    'This key sends more events than it may.',
    'Wait as long as `Retry-After` says. Off unless the option `rate-limit-per-second` is set. Nothing was taken in, so sending again is safe.',
  ),
  too_many_reads: passing(
    429,
    'This share link is read more often than it may.',
    'Wait as long as `Retry-After` says. Requests are counted by link and by network address; the page "Sharing" names the bounds.',
  ),
  too_many_attempts: passing(
    429,
    'Too many attempts to sign in.',
    'Wait as long as `Retry-After` says. Attempts are counted by account and by network address; the page "Signing in" names the bounds.',
  ),
  too_many_subscriptions: passing(
    429,
    'There are as many live connections or subscriptions as the server takes.',
    'Close those that are not needed: one connection carries up to 100 subscriptions. The bounds are on the page "Live streams".',
  ),
  headers_too_large: final(
    431,
    'The headers of the request are larger than the limit.',
    'Send fewer or shorter headers; 16 KiB in all are accepted.',
  ),
  internal: final(
    500,
    'Something went wrong here. It was logged.',
    'The message carries an incident number: search the log of the server for it.',
  ),
  queue_full: passing(
    503,
    'Too many events are waiting to be written. None of this request was taken in.',
    'Send again after `Retry-After`, with growing pauses. The bound is the option `queue-bytes-max`. If it lasts, the disk is too slow for the load: see `aevum doctor`.',
  ),
  log_full: passing(
    503,
    'The disk or the log is full. None of this request was taken in.',
    'Free disk space or raise the option `log-bytes-max`, then it goes on by itself. Send again after `Retry-After`.',
  ),
  log_failed: passing(
    503,
    'The log cannot be written. What was acknowledged before is safe; this request may or may not be kept.',
    'The disk reported an error: see the log of the server and `aevum doctor`. Restart when the disk is in order. Events sent again under the same id are stored once.',
  ),
  warehouse_unavailable: passing(
    503,
    'The warehouse cannot be reached at present. Events are still taken in; queries will work again when it is back.',
    'Send again after `Retry-After`. `/api/health` says what is wrong.',
  ),
  warehouse_busy: passing(
    503,
    'Too many queries are running or waiting.',
    'Send again after `Retry-After`, or ask for less at a time.',
  ),
  starting: passing(503, 'The server is starting.', 'Send again after `Retry-After`.'),
  stopping: passing(
    503,
    'The server is stopping. None of this request was taken in.',
    'Send again after `Retry-After`, over a new connection.',
  ),
  query_timeout: final(
    504,
    'The query took longer than it may.',
    'Ask for a shorter time range or fewer groups, or raise the option `query-timeout-ms`.',
  ),
} as const satisfies Record<string, ErrorKind>;

/** Name of an error. */
export type ErrorCode = keyof typeof ERRORS;

/** `Retry-After` of retryable errors that do not know better, seconds. */
export const RETRY_AFTER_DEFAULT_SECONDS = 1;

/** What an occurrence of an error can say beside its code. */
export interface ApiErrorOptions {
  /** For programs: plain JSON. */
  readonly details?: Readonly<Record<string, unknown>> | readonly unknown[];
  readonly retryAfterSeconds?: number;
  /** Further headers of the answer, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error as it is answered: `{"error":{"code","message","details"?}}`. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly details?: ApiErrorOptions['details'];
  };
}

/**
 * An error meant for the client. Anything else that reaches the HTTP layer becomes `internal`.
 *
 * @example
 * throw new ApiError('missing_scope', 'A read key is needed.');
 */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly details: ApiErrorOptions['details'];
  readonly headers: Readonly<Record<string, string>>;
  readonly #retryAfterSeconds: number | undefined;

  /** `message` defaults to the table's. */
  constructor(code: ErrorCode, message?: string, options: ApiErrorOptions = {}) {
    super(
      message ?? ERRORS[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'ApiError';
    this.code = code;
    this.details = options.details;
    this.headers = options.headers ?? {};
    this.#retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): ErrorKind['status'] {
    return ERRORS[this.code].status;
  }

  /** Whole seconds for `Retry-After`, at least 1; undefined when sending again does not help. */
  get retryAfterSeconds(): number | undefined {
    if (!ERRORS[this.code].retryable) return undefined;
    return Math.max(1, Math.ceil(this.#retryAfterSeconds ?? RETRY_AFTER_DEFAULT_SECONDS));
  }

  /** The body of the answer. */
  toBody(): ErrorBody {
    const { code, message, details } = this;
    return { error: details === undefined ? { code, message } : { code, message, details } };
  }
}
