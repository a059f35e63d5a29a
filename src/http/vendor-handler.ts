import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isMistypedKey } from '../access/key-format.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Principal } from '../access/principal.ts';
import { tokenOf } from '../access/token.ts';
import { apiErrorOf, type CollectAnswer, type Collector } from '../collect/collector.ts';
import { parseJson } from '../collect/vendor/json-value.ts';
import { openPosthogBatch } from '../collect/vendor/posthog/translate.ts';
import { openSegmentBatch } from '../collect/vendor/segment/translate.ts';
import { type OpenBatch, translateBatch, type VendorBatch } from '../collect/vendor/vendor-body.ts';
import { ApiError } from '../event/errors.ts';
import { DEFAULT_LIMITS, type EventLimits } from '../event/limits.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { errorHeaders, toApiError } from './answer.ts';
import { checkKeyOrigin, checkPermission, refusedKey } from './auth.ts';
import { type BodyBudget, readBody, tooLarge } from './body.ts';
import { isSoonRead, linger } from './linger.ts';
import type { Phase } from './phase.ts';
import { ANSWERED } from './telemetry.ts';
import { unpackBody } from './vendor-body.ts';
import type { Vendor, VendorMatch, VendorRoute } from './vendor-paths.ts';
import {
  clientScript,
  originOf,
  POSTHOG_NONE,
  posthogConfig,
  posthogConfigScript,
  posthogDecide,
  posthogFlags,
  segmentSettings,
} from './vendor-setup.ts';
import { VENDOR_COLLECTED, VENDOR_UNUSED } from './vendor-telemetry.ts';

/**
 * Answers the clients of other platforms in their own terms: their addresses, bodies, keys and answers. Beside Hono, as these bodies may be of any type, and pages of any
 * origin send them.
 */

const OPEN: Readonly<Record<Vendor, OpenBatch>> = { segment: openSegmentBatch, posthog: openPosthogBatch };
const JSON_TYPE = { 'content-type': 'application/json' } as const;
const SCRIPT_TYPE = { 'content-type': 'text/javascript; charset=utf-8' } as const;
const PREFLIGHT_SECONDS = 86_400;
/** Names of headers, divided by commas, as a browser asks for them. */
const HEADER_NAMES = /^[\w\-, ]{1,1000}$/;
/** A transparent image of one pixel. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** What the handler needs. */
export interface VendorHandlerOptions {
  readonly collector: Collector;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Bytes of a body, as sent and unpacked. */
  readonly bodyBytesMax: number;
  readonly budget: BodyBudget;
  readonly phase: () => Phase;
  readonly eventLimits?: EventLimits | undefined;
  /** Where clients reach the program, if that is configured. */
  readonly publicUrl?: string | undefined;
}

/** One request under way. */
interface Exchange {
  readonly route: VendorRoute;
  readonly pathKey: string | undefined;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly startedMs: number;
}

/** Answers requests to the addresses of `vendor-paths.ts`. */
export class VendorHandler {
  readonly #options: VendorHandlerOptions;
  readonly #limits: EventLimits;

  constructor(options: VendorHandlerOptions) {
    this.#options = options;
    this.#limits = options.eventLimits ?? DEFAULT_LIMITS;
  }

  /** Answers a request of any method. `query` is the text after the question mark; with `expectsContinue` the client waits for leave to send the body. */
  handle(
    { route, key }: VendorMatch,
    query: string,
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): void {
    const startedMs = this.#options.clock.monotonicMs();
    const exchange = { route, pathKey: key, query: new URLSearchParams(query), request, response, startedMs };
    if (request.method === 'OPTIONS') {
      this.#preflight(exchange);
      return;
    }
    try {
      this.#check(exchange);
    } catch (error) {
      this.#refuse(exchange, error);
      return;
    }
    if (expectsContinue) response.writeContinue();
    const takesEvents = route.use === 'collect' || route.use === 'pixel' || route.use === 'results';
    if (!takesEvents) this.#answerQuietly(exchange);
    else if (request.method === 'GET') void this.#collect(exchange);
    else this.#read(exchange);
  }

  /** A page of any origin may send, with whatever headers its client sets. */
  #preflight(exchange: Exchange): void {
    const asked = exchange.request.headers['access-control-request-headers'];
    this.#send(exchange, 204, '', {
      'access-control-allow-methods': [...exchange.route.methods, 'OPTIONS'].join(', '),
      'access-control-allow-headers':
        asked !== undefined && HEADER_NAMES.test(asked) ? asked : 'Authorization, Content-Type',
      'access-control-max-age': String(PREFLIGHT_SECONDS),
    });
  }

  #check({ route, request }: Exchange): void {
    const { bodyBytesMax, phase } = this.#options;
    const now = phase();
    if (now !== 'ready') throw new ApiError(now);
    if (!route.methods.some((method) => method === request.method)) {
      const allow = [...route.methods, 'OPTIONS'].join(', ');
      throw new ApiError('method_not_allowed', `This address takes ${allow}.`, { headers: { allow } });
    }
    if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge(bodyBytesMax);
  }

  #read(exchange: Exchange): void {
    const { bodyBytesMax, budget } = this.#options;
    readBody(exchange.request, bodyBytesMax, budget, (error, body) => {
      if (body !== null) void this.#collect(exchange, body).finally(() => budget.give(body.length));
      else if (error !== null) this.#refuse(exchange, error);
    });
  }

  async #collect(exchange: Exchange, body?: Uint8Array): Promise<void> {
    const { clock, collector, telemetry } = this.#options;
    try {
      const batch = await this.#open(exchange, body ?? dataOf(exchange.query));
      const principal = this.#authorize(exchange.request, batch.keys);
      const { body: events, corrected } = await translateBatch(batch, this.#limits, clock);
      const answer = await collector.collect(events, 'batch', principal);
      const { accepted, rejected } = answer;
      const { vendor } = exchange.route;
      telemetry.emit(VENDOR_COLLECTED, { vendor, accepted, rejected: rejected.length, corrected });
      this.#answer(exchange, batch, answer);
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  async #open({ route, query, request }: Exchange, body: Uint8Array): Promise<VendorBatch> {
    const { bodyBytesMax, clock } = this.#options;
    const unpacked = await unpackBody(body, request.headers['content-encoding'], query, bodyBytesMax);
    return OPEN[route.vendor](parseJson(unpacked), {
      receivedAtMs: clock.nowMs(),
      query,
      call: route.call,
      eventsMax: this.#limits.requestEventsMax,
    });
  }

  /** Whose the events are: of the keys in header, body and query the first that is one. */
  #authorize({ headers }: IncomingMessage, bodyKeys: readonly string[]): Principal {
    const header = headers['x-api-key'] ?? headers['x-write-key'];
    const sent = tokenOf(headers.authorization, Array.isArray(header) ? header[0] : header);
    const keys = sent === undefined ? bodyKeys : [sent, ...bodyKeys];
    const principal = this.#principalOf(keys);
    checkKeyOrigin(principal, headers.origin);
    return principal;
  }

  #principalOf(keys: readonly string[]): Principal {
    const [first] = keys;
    if (first === undefined)
      throw new ApiError(
        'missing_key',
        'A write key is needed: set it where the client takes the key of its project.',
      );
    for (const key of keys) {
      const principal = this.#options.authenticator.authenticate(key);
      if (principal === undefined) continue;
      checkPermission(principal, 'events:send');
      return principal;
    }
    throw refusedKey(this.#options.authenticator, keys.find(isMistypedKey) ?? first);
  }

  #answer(exchange: Exchange, batch: VendorBatch, { rejected }: CollectAnswer): void {
    const { route, query } = exchange;
    const refused = rejected.length === 0 ? {} : { rejected };
    if (route.use === 'pixel') this.#send(exchange, 200, PIXEL, { 'content-type': 'image/gif' });
    else if (query.get('beacon') === '1') this.#send(exchange, 204, '');
    else if (route.use === 'results') this.#json(exchange, { results: resultsOf(batch, rejected) });
    else if (route.vendor === 'segment') this.#json(exchange, { success: true, ...refused });
    else this.#json(exchange, { status: 1, ...refused });
  }

  /** What needs no body to be answered. */
  #answerQuietly(exchange: Exchange): void {
    exchange.request.resume();
    try {
      this.#answerSetup(exchange);
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  #answerSetup(exchange: Exchange): void {
    const { clock, telemetry, publicUrl } = this.#options;
    const { route, pathKey = '', query, request } = exchange;
    switch (route.use) {
      case 'settings':
        this.#principalOf([pathKey]);
        this.#json(exchange, segmentSettings(pathKey, requireOrigin(originOf(request.headers, publicUrl))));
        return;
      case 'config':
        this.#principalOf([pathKey]);
        this.#json(exchange, posthogConfig(pathKey));
        return;
      case 'config-script':
        this.#principalOf([pathKey]);
        this.#send(exchange, 200, posthogConfigScript(pathKey), SCRIPT_TYPE);
        return;
      case 'flags':
        this.#json(exchange, posthogFlags(randomUUID(), clock.nowMs()));
        return;
      case 'decide':
        this.#json(exchange, posthogDecide(query.get('v')));
        return;
      case 'client':
        this.#send(exchange, 200, clientScript(route.vendor), SCRIPT_TYPE);
        return;
      case 'none':
        this.#json(exchange, POSTHOG_NONE[route.pattern]);
        return;
      default:
        telemetry.emit(VENDOR_UNUSED, { vendor: route.vendor, route: route.pattern });
        this.#json(exchange, route.vendor === 'segment' ? { success: true } : { status: 1 });
    }
  }

  #fail(exchange: Exchange, error: unknown): void {
    const told = this.#told(exchange, error);
    this.#send(exchange, told.status, JSON.stringify(told.toBody()), { ...JSON_TYPE, ...errorHeaders(told) });
  }

  /** As `fail`, for a request whose body was not read to its end. */
  #refuse(exchange: Exchange, error: unknown): void {
    const { request, response } = exchange;
    if (isSoonRead(request)) {
      request.resume();
      this.#fail(exchange, error);
      return;
    }
    const told = this.#told(exchange, error);
    const text = JSON.stringify(told.toBody());
    this.#head(exchange, told.status, Buffer.byteLength(text), {
      ...JSON_TYPE,
      ...errorHeaders(told),
      connection: 'close',
    });
    response.write(text);
    linger(request, () => response.end());
  }

  #told({ request, route }: Exchange, error: unknown): ApiError {
    const where = { method: request.method ?? '', path: route.pattern };
    return toApiError(apiErrorOf(error), where, this.#options.telemetry);
  }

  #json(exchange: Exchange, body: unknown): void {
    this.#send(exchange, 200, JSON.stringify(body), JSON_TYPE);
  }

  #send(
    exchange: Exchange,
    status: number,
    body: string | Uint8Array,
    headers: OutgoingHttpHeaders = {},
  ): void {
    this.#head(exchange, status, Buffer.byteLength(body), headers);
    exchange.response.end(body);
  }

  #head(exchange: Exchange, status: number, bytes: number, headers: OutgoingHttpHeaders): void {
    const { request, response, route, startedMs } = exchange;
    const { clock, phase, telemetry } = this.#options;
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    telemetry.emit(ANSWERED, { route: route.pattern, method: methodOf(request.method), status, seconds });
    response.writeHead(status, {
      ...corsHeaders(request.headers.origin),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // Pages that are isolated load no script or image that does not say so.
      'cross-origin-resource-policy': 'cross-origin',
      ...(status === 204 ? {} : { 'content-length': bytes }),
      ...(phase() === 'stopping' ? { connection: 'close' } : {}),
      ...headers,
    });
  }
}

/**
 * These clients send with credentials from some browsers (`sendBeacon` always does), and then an answer for any origin does not do: the origin must be named. No
 * cookie is ever looked at here, so nothing is given away by that.
 */
const corsHeaders = (origin: string | undefined): OutgoingHttpHeaders =>
  origin === undefined
    ? { 'access-control-allow-origin': '*' }
    : {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'Retry-After',
        vary: 'Origin',
      };

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'OPTIONS', 'HEAD', 'PUT', 'PATCH', 'DELETE']);
const methodOf = (method: string | undefined): string =>
  method !== undefined && METHODS.has(method) ? method : 'other';

const dataOf = (query: URLSearchParams): Uint8Array => {
  const data = query.get('data');
  if (data === null)
    throw new ApiError(
      'invalid_request',
      'A GET request carries its events in the parameter "data", as JSON or base64.',
    );
  return Buffer.from(data);
};

const requireOrigin = (origin: string | undefined): string => {
  if (origin !== undefined) return origin;
  throw new ApiError(
    'invalid_request',
    'The request names no host that events could be sent to. Set the option "public-url".',
  );
};

const resultsOf = (
  batch: VendorBatch,
  rejected: CollectAnswer['rejected'],
): Record<string, { readonly result: 'ok' | 'drop'; readonly details?: string }> => {
  const reasons = new Map(rejected.map(({ index, code, message }) => [index, `${code}: ${message}`]));
  const results = batch.items.map((item, index) => {
    const details = reasons.get(index);
    const result = details === undefined ? { result: 'ok' as const } : { result: 'drop' as const, details };
    return [batch.idOf(item), result] as const;
  });
  return Object.fromEntries(results.filter(([id]) => id !== undefined));
};
