import { OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import { matchedRoutes } from 'hono/route';
import type { Auditing } from '../access/audit-reads.ts';
import type { Authenticator } from '../access/keys.ts';
import { ApiError, type ErrorCode } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { errorHeaders, toApiError } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { COLLECT_PATHS } from './collect-handler.ts';
import { isJsonMedia } from './media-type.ts';
import type { Pages } from './pages.ts';
import { parseRequest } from './parse-request.ts';
import type { Phase } from './phase.ts';
import { bodyOf } from './request-parts.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import type { SessionDoor } from './session-door.ts';
import { ANSWERED } from './telemetry.ts';

/** Bodies of all routes but the two that take events, bytes: questions are short. */
const REQUEST_BYTES_MAX = 1024 * 1024;

/** Addresses that answer in every phase: they tell how the program is. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(['/api/health', '/api/ready', '/api/metrics', '/metrics']);

/** The Hono app that routes are registered on. */
export type App = OpenAPIHono<AppEnv>;

/** What the app needs. */
export interface AppOptions {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly phase: () => Phase;
  /** Where changes and reads of personal data are entered. */
  readonly audit?: Auditing;
  /** Lets in those who are signed in. Without it, only keys count. */
  readonly door?: SessionDoor;
  /** Answers what no route does. */
  readonly pages?: Pages;
}

/**
 * Makes the app: what all routes have in common, without any. Register routes before the first request. Handlers throw ApiError for what clients are to be
 * told; anything else becomes `internal`.
 *
 * @example
 * const app = createApp({ authenticator, clock, telemetry, phase });
 * registerOperationsRoutes(app, { health, metrics, clock, system });
 */
export const createApp = (options: AppOptions): App => {
  const app: App = new OpenAPIHono<AppEnv>();
  app.use(surround(options), gate(options.phase), plainBody, jsonBody);
  app.onError((error, c) => answerError(errorOf(error, c, options.telemetry)));
  app.notFound(async (c) => (await options.pages?.(c)) ?? answerUnrouted(app, c));
  return app;
};

/** Before and after every request. */
const surround = ({ authenticator, audit, door, clock, telemetry }: AppOptions): MiddlewareHandler<AppEnv> =>
  async function surroundRequest(c, next) {
    const startedMs = clock.monotonicMs();
    c.set('authenticator', authenticator);
    c.set('audit', audit);
    c.set('door', door);
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    telemetry.emit(ANSWERED, {
      route: routeOf(c),
      method: methodOf(c.req.method),
      status: c.res.status,
      seconds,
    });
  };

/** The pattern of the route that answered: never the path, of which there are as many as askers care to make up. */
const routeOf = (c: Context<AppEnv>): string =>
  matchedRoutes(c).findLast(({ method }) => method !== 'ALL')?.path ?? c.var.servedAs ?? 'none';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const methodOf = (method: string): string => (METHODS.has(method) ? method : 'other');

const gate = (phase: () => Phase): MiddlewareHandler<AppEnv> =>
  async function gateByPhase(c, next) {
    const now = phase();
    if (now !== 'ready' && !ALWAYS_OPEN.has(c.req.path)) throw new ApiError(now);
    await next();
  };

/** Whether a request has a body, of whatever length. */
export const hasBody = (c: Context): boolean =>
  c.req.header('transfer-encoding') !== undefined || Number(c.req.header('content-length') ?? 0) > 0;

const plainBody = createMiddleware<AppEnv>(async function refuseEncodedBody(c, next) {
  const encoding = c.req.header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity' && hasBody(c))
    throw new ApiError(
      'unsupported_encoding',
      'Compressed bodies are accepted where events are sent, not here.',
    );
  await next();
});

/** Bodies are JSON and short, and the message for those that are not says where. Handlers find the text read, as if Hono had. */
const jsonBody = createMiddleware<AppEnv>(async function requireJsonBody(c, next) {
  if (hasBody(c) && c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    if (!isJsonMedia(c.req.header('content-type')))
      throw new ApiError(
        'unsupported_media_type',
        'Send JSON with the header "Content-Type: application/json".',
      );
    const text = await readText(c);
    checkJson(text);
    // Hono keeps promises there, though its type says otherwise.
    Object.assign(c.req.bodyCache, { text: Promise.resolve(text) });
  }
  await next();
});

const tooLong = (): ApiError =>
  new ApiError(
    'body_too_large',
    `The body is larger than the limit of ${REQUEST_BYTES_MAX} bytes for questions.`,
  );

/** Hono's own body limit makes a new Request of a body without length, which the Node adapter's cannot be made into. */
const readText = async (c: Context): Promise<string> => {
  if (Number(c.req.header('content-length') ?? 0) > REQUEST_BYTES_MAX) throw tooLong();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const checkJson = (text: string): void => {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new ApiError(
      'invalid_json',
      `The body is not valid JSON: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
};

/** The JSON body of a request as a schema sees it. Throws ApiError: `invalid_request` with one `{path, message}` a problem. */
export const parsedBody = async <Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> => parseRequest(schema, await bodyOf(c, 'fields'));

const CODES_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
};

const errorOf = (error: Error, c: Context, telemetry: Telemetry): ApiError => {
  const code = error instanceof HTTPException ? CODES_OF_STATUS[error.status] : undefined;
  if (code !== undefined) return new ApiError(code, error.message === '' ? undefined : error.message);
  return toApiError(error, { method: c.req.method, path: c.req.path }, telemetry);
};

const answerError = (error: ApiError): Response =>
  Response.json(error.toBody(), { status: error.status, headers: errorHeaders(error) });

/** What no route answered: an address that takes other methods, or none. */
const answerUnrouted = (app: App, c: Context): Response => {
  const allowed = allowedMethods(app, c.req.path);
  if (allowed.length === 0)
    return answerError(
      new ApiError(
        'not_found',
        `There is nothing at ${c.req.path.slice(0, 200)}. Addresses are listed at /api/docs.`,
      ),
    );
  const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  if (c.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } });
  return answerError(
    new ApiError('method_not_allowed', `This address takes ${allow}, not ${methodOf(c.req.method)}.`, {
      headers: { allow },
    }),
  );
};

const allowedMethods = (app: App, path: string): string[] => {
  const methods = app.routes
    .filter((route) => route.method !== 'ALL' && patternOf(route.path).test(path))
    .map(({ method }) => method);
  const collects = Object.values(COLLECT_PATHS).some((own) => own === path) ? ['POST'] : [];
  return [...new Set([...methods, ...collects])];
};

const patternOf = (path: string): RegExp => {
  const source = path
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[^\w-]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
};
