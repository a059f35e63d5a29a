import { getRequestListener } from '@hono/node-server';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AuditReads } from '../access/audit-reads.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Collector } from '../collect/collector.ts';
import { ApiError } from '../event/errors.ts';
import type { EventLimits } from '../event/limits.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { errorHeaders, toApiError } from './answer.ts';
import { BodyBudget } from './body.ts';
import { COLLECT_PATHS, CollectHandler, type CollectRoute, type HistoryNotes } from './collect-handler.ts';
import { ExpressLane } from './express-lane.ts';
import type { Phase } from './phase.ts';
import { rawErrorAnswer } from './raw-answer.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { DROPPED, MALFORMED } from './telemetry.ts';
import { VendorHandler } from './vendor-handler.ts';
import { vendorMatchOf } from './vendor-paths.ts';

/** Bounds on connections; all have defaults that suit production. */
export interface HttpLimits {
  /** For the headers of a request to arrive, milliseconds. */
  readonly headersTimeoutMs: number;
  /** For a whole request to arrive, milliseconds. */
  readonly requestTimeoutMs: number;
  /** A connection without a request is closed after this, milliseconds. Longer than load balancers use (60 s), or they send into closed ones. */
  readonly keepAliveTimeoutMs: number;
  /** How often the first two are looked after, milliseconds. */
  readonly timeoutCheckIntervalMs: number;
  readonly headerBytesMax: number;
  readonly connectionsMax: number;
  /** What the bodies that are being read may hold together, bytes. */
  readonly readingBytesMax: number;
}

/** The bounds unless told otherwise. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 120_000,
  keepAliveTimeoutMs: 65_000,
  timeoutCheckIntervalMs: 2_000,
  headerBytesMax: 16 * 1024,
  connectionsMax: 10_000,
  readingBytesMax: 256 * 1024 * 1024,
};

/** What the server needs. */
export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly collector: Collector;
  readonly authenticator: Authenticator;
  /** Everything but the two collect routes: a Hono app's `fetch`, see `createApp`. */
  readonly fetch: Parameters<typeof getRequestListener>[0];
  readonly bodyBytesMax: number;
  /** Where it is entered who declares history. */
  readonly reads?: AuditReads;
  /** Where it is counted how much of it comes. */
  readonly imports?: HistoryNotes;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly phase: () => Phase;
  /** What one request may carry, as the collector judges it. The defaults unless told otherwise. */
  readonly eventLimits?: EventLimits | undefined;
  /** Where clients reach the program, if that is configured: told to clients of other platforms that ask where to send to. */
  readonly publicUrl?: string | undefined;
  readonly limits?: Partial<HttpLimits>;
  /** Answers requests to become a WebSocket. Without it they are answered as if they had not asked for that. */
  readonly upgrade?: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;
}

/** The address cannot be listened on. The message says what to do. */
export class ListenError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
    this.code = code;
  }
}

/** The HTTP server: made, then listening, then closed. */
export interface HttpServer {
  /** Begins to take connections; resolves with where. Rejects with ListenError. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /**
   * Takes no more connections, lets the requests under way finish for up to `graceMs`, then breaks off. The collector must still run, and `phase` should be
   * `stopping` by then.
   */
  close(graceMs: number): Promise<void>;
}

/** While closing, how often connections that have become idle are closed. */
const IDLE_CLOSE_INTERVAL_MS = 20;

/**
 * Makes the server. The two collect routes are answered beside Hono, everything else by `fetch`.
 *
 * @example
 * const server = createHttpServer({ host: '127.0.0.1', port: 8080, collector, authenticator, fetch: app.fetch, ... });
 * await server.listen();
 */
export const createHttpServer = (options: HttpServerOptions): HttpServer => {
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
    maxHeaderSize: limits.headerBytesMax,
    noDelay: true,
    // Upgrades to anything else (curl offers h2c) are none of ours: such requests are answered as usual.
    shouldUpgradeCallback: ({ headers }) =>
      options.upgrade !== undefined && headers.upgrade?.toLowerCase() === 'websocket',
  });
  if (options.upgrade !== undefined) server.on('upgrade', options.upgrade);
  server.maxConnections = limits.connectionsMax;
  const budget = new BodyBudget(limits.readingBytesMax);
  const collect = new CollectHandler({ ...options, budget });
  const dispatch = createDispatch(options, budget, collect);
  const lane = openExpressLane(server, collect, options.clock, limits);
  server.on('request', (request, response) => dispatch(request, response, false));
  server.on('checkContinue', (request, response) => dispatch(request, response, true));
  server.on('clientError', (error, socket) => answerMalformed(error, socket as Socket, options.telemetry));
  server.on('drop', () => options.telemetry.emit(DROPPED, {}));
  return {
    listen: () => listen(server, options),
    close: (graceMs) => close(server, lane, graceMs),
  };
};

type Dispatch = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;

/** New connections go through the express lane first; what is not for it goes on to where Node would have taken it. */
const openExpressLane = (
  server: Server,
  collect: CollectHandler,
  clock: Clock,
  { keepAliveTimeoutMs }: HttpLimits,
): ExpressLane => {
  const listeners = server.listeners('connection');
  const lane = new ExpressLane({
    ...{ clock, keepAliveTimeoutMs },
    take: (request, body, answer) => {
      const route = collectRouteOf(request.head.path);
      return route !== undefined && collect.express(route, request.head, body, answer);
    },
    handOver: (socket) => {
      for (const listener of listeners) listener.call(server, socket);
    },
  });
  server.removeAllListeners('connection');
  server.on('connection', (socket) => lane.take(socket));
  return lane;
};

const createDispatch = (
  options: HttpServerOptions,
  budget: BodyBudget,
  collect: CollectHandler,
): Dispatch => {
  const { telemetry } = options;
  const vendors = new VendorHandler({ ...options, budget });
  const others = getRequestListener(options.fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) => failure(error, telemetry),
  });
  return function dispatchRequest(request, response, expectsContinue) {
    const url = request.url ?? '';
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const route = collectRouteOf(path);
    const vendor = route === undefined ? vendorMatchOf(path) : undefined;
    if (route !== undefined && request.method === 'POST')
      collect.handle(route, question < 0 ? '' : url.slice(question + 1), request, response, expectsContinue);
    else if (route !== undefined && request.method === 'OPTIONS') collect.preflight(response);
    else if (vendor !== undefined)
      vendors.handle(vendor, question < 0 ? '' : url.slice(question + 1), request, response, expectsContinue);
    else {
      if (expectsContinue) response.writeContinue();
      void others(request, response);
    }
  };
};

const collectRouteOf = (path: string): CollectRoute | undefined => {
  if (path === COLLECT_PATHS.single) return 'single';
  return path === COLLECT_PATHS.batch ? 'batch' : undefined;
};

/** What Hono's adapter could not even turn into a request (a Host header that is none, for example), or what escaped the app. */
const failure = (error: unknown, telemetry: Telemetry): Response => {
  const isRequestError = error instanceof Error && error.name === 'RequestError';
  const told = isRequestError
    ? new ApiError('invalid_request', `The request cannot be understood: ${error.message}.`)
    : toApiError(error, { method: '', path: '' }, telemetry);
  return Response.json(told.toBody(), {
    status: told.status,
    headers: { ...SECURITY_HEADERS, ...errorHeaders(told) },
  });
};

const listen = async (
  server: Server,
  { host, port }: HttpServerOptions,
): Promise<{ host: string; port: number }> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port));
  server.once('error', onError);
  server.listen({ host, port, backlog: 1024 }, resolve);
  await promise;
  server.off('error', onError);
  return { host, port: (server.address() as AddressInfo).port };
};

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program is using it. Stop that one, or choose another with --port',
  EACCES: 'this user may not. Choose a port from 1024 on with --port',
  EADDRNOTAVAIL: 'this machine does not have the address. Choose another with --host',
  ENOTFOUND: 'no such host. Choose another with --host',
};

const listenError = (error: NodeJS.ErrnoException, host: string, port: number): ListenError => {
  const code = error.code ?? '';
  return new ListenError(
    code,
    `Cannot listen on ${host}, port ${port}: ${LISTEN_PROBLEMS[code] ?? error.message}.`,
    { cause: error },
  );
};

const close = async (server: Server, lane: ExpressLane, graceMs: number): Promise<void> => {
  if (!server.listening) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  lane.close();
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CLOSE_INTERVAL_MS);
  const end = setTimeout(() => {
    server.closeAllConnections();
    lane.destroy();
  }, graceMs);
  await promise;
  clearInterval(idle);
  clearTimeout(end);
};

const malformedError = (error: NodeJS.ErrnoException): ApiError => {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('headers_too_large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('request_timeout');
    default: {
      const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : 'it is malformed';
      return new ApiError('invalid_request', `This is not an HTTP/1.1 request: ${reason}.`);
    }
  }
};

/** Answers what the parser gave up on, unless an answer to an earlier request is on its way, which must not be mixed with. */
const answerMalformed = (error: NodeJS.ErrnoException, socket: Socket, telemetry: Telemetry): void => {
  telemetry.emit(MALFORMED, { code: error.code ?? 'unknown' });
  // As Node's own default does, which knows no public way either.
  const underWay: unknown = Reflect.get(socket, '_httpMessage');
  const isAnswering = underWay instanceof ServerResponse && underWay.headersSent;
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering) {
    socket.destroy();
    return;
  }
  const told = malformedError(error);
  socket.end(rawErrorAnswer(told));
  socket.destroySoon();
};
