import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditReads } from '../access/audit-reads.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Principal } from '../access/principal.ts';
import type { CollectAnswer, Collector } from '../collect/collector.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { type MetricState, observe, type Telemetry } from '../lib/telemetry.ts';
import { errorHeaders, toApiError } from './answer.ts';
import { authorize, checkKeyOrigin, checkPermission } from './auth.ts';
import { type BodyBudget, type BodyDone, BodyScratch, readBody, tooLarge } from './body.ts';
import { isSoonRead, linger } from './linger.ts';
import { encodingOf, inflateBody } from './inflate.ts';
import type { ExpressAnswer } from './express-lane.ts';
import type { ExpressHead } from './express-request.ts';
import { type EventMedia, eventMediaOf } from './media-type.ts';
import type { Phase } from './phase.ts';
import { REQUEST_SECONDS, REQUESTS } from './telemetry.ts';

/**
 * The two routes that take events in, written against node:http directly: they are called tens of thousands of times a second.
 */

/** The route of one event, and the route of many. */
export const COLLECT_PATHS = { single: '/api/events', batch: '/api/events/batch' } as const;
export type CollectRoute = keyof typeof COLLECT_PATHS;

/** How long browsers may remember the answer to a preflight, seconds. */
const PREFLIGHT_SECONDS = 86_400;
const BACKFILL_NAME_LENGTH_MAX = 256;

/** Pages of any origin may send events: a write key is public by nature, and can do nothing else. Cookies play no part. */
const PREFLIGHT_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'Authorization, Content-Encoding, Content-Type, X-API-Key',
  'access-control-max-age': String(PREFLIGHT_SECONDS),
} as const;
/**
 * Few, as each costs; answers to POST are not cached anyway. Scripts of other origins may see when to come back, and what time it is: clients whose clock is wrong correct
 * their timestamps by it.
 */
const ANSWER_HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Date, Retry-After',
} as const;
const ANSWER_HEADER_LIST: readonly string[] = Object.entries(ANSWER_HEADERS).flat();
const NO_HEADERS: Readonly<Record<string, string>> = {};

/** A body of declared history that was taken in. */
export interface HistoryNote {
  readonly project: string;
  /** As it was declared. */
  readonly name: string;
  /** Who sent it. */
  readonly sentBy: string;
  /** Events that are durable. */
  readonly accepted: number;
  /** Events that were refused at once. */
  readonly rejected: number;
  /** Of the body, decompressed. */
  readonly bytes: number;
}

/** Takes notes of declared history. */
export interface HistoryNotes {
  note(body: HistoryNote): void;
}

/** What the handler needs. */
export interface CollectHandlerOptions {
  readonly collector: Collector;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Where it is entered who declares history. */
  readonly reads?: AuditReads | undefined;
  /** Where it is counted how much of it comes. */
  readonly imports?: HistoryNotes | undefined;
  /** Bytes of a body, as sent and decompressed. */
  readonly bodyBytesMax: number;
  readonly budget: BodyBudget;
  readonly phase: () => Phase;
}

/** What the headers of a request say, once checked. */
interface Head {
  readonly principal: Principal;
  readonly media: EventMedia;
  readonly encoding: string | null;
  readonly backfill: string | undefined;
}

/** The headers that say what a body is and whose. */
interface BodyHeaders {
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
  readonly contentType: string | undefined;
  readonly origin: string | undefined;
}

/** One request under way. */
interface Exchange {
  readonly route: CollectRoute;
  readonly startedMs: number;
  readonly reply: Reply;
}

/** Sends the answer. `headers`: beside those that every answer has. */
type Reply = (status: number, text: string, headers: Readonly<Record<string, string>>) => void;

/** One that came through Node's server, whose body may not have been read. */
interface NodeExchange extends Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers the requests of the collect routes. */
export class CollectHandler {
  readonly #options: CollectHandlerOptions;
  readonly #counters: Readonly<Record<CollectRoute, Map<number, MetricState>>> = {
    single: new Map(),
    batch: new Map(),
  };
  readonly #seconds: Readonly<Record<CollectRoute, MetricState>>;
  readonly #scratch = new BodyScratch();
  readonly #expressHeads = new WeakMap<ExpressHead, Head>();

  constructor(options: CollectHandlerOptions) {
    this.#options = options;
    const secondsOf = (route: CollectRoute): MetricState =>
      options.telemetry.series(REQUEST_SECONDS, { route: COLLECT_PATHS[route] });
    this.#seconds = { single: secondsOf('single'), batch: secondsOf('batch') };
  }

  /** Answers a POST. `query` is the text after the question mark; with `expectsContinue` the client waits for leave to send the body. */
  handle(
    route: CollectRoute,
    query: string,
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): void {
    const reply: Reply = (status, text, headers) => this.#reply(response, status, text, headers);
    const exchange = { route, request, response, reply, startedMs: this.#options.clock.monotonicMs() };
    let head: Head;
    try {
      head = this.#check(route, query, request);
    } catch (error) {
      this.#refuse(exchange, error);
      return;
    }
    const noted = this.#note(head);
    if (noted === undefined) this.#read(exchange, head, expectsContinue);
    else
      noted.then(
        () => this.#read(exchange, head, expectsContinue),
        (error: unknown) => this.#refuse(exchange, error),
      );
  }

  /** That history is declared is entered, before it is taken in. */
  #note({ principal: { actor, project }, backfill }: Head): Promise<void> | undefined {
    if (backfill === undefined) return undefined;
    return this.#options.reads?.note({ actor, project, action: 'import.declared', object: backfill });
  }

  #noteTaken(
    { actor, project }: Principal,
    name: string,
    { accepted, rejected }: CollectAnswer,
    bytes: number,
  ): void {
    const events = { accepted, rejected: rejected.length };
    this.#options.imports?.note({ project, name, sentBy: actor.name, ...events, bytes });
  }

  #read(exchange: NodeExchange, head: Head, expectsContinue: boolean): void {
    const { request, response } = exchange;
    if (expectsContinue) response.writeContinue();
    const done: BodyDone = (error, body) => {
      if (body !== null) this.#process(exchange, head, body);
      else if (error !== null) this.#refuse(exchange, error);
    };
    const { bodyBytesMax, budget } = this.#options;
    // The collector is done with a body when it returns; inflating one takes longer.
    readBody(request, bodyBytesMax, budget, done, head.encoding === null ? this.#scratch.join : undefined);
  }

  /**
   * As `handle`, for a request that came through the express lane. False: nothing was done, it is to come through Node's server, which can tell what is wrong with it. The body may be
   * reused when this returns.
   */
  express(
    route: CollectRoute,
    said: ExpressHead,
    body: Uint8Array,
    answer: (answer: ExpressAnswer) => void,
  ): boolean {
    const head = this.#expressHead(said, body.length);
    if (head === undefined) return false;
    const reply: Reply = (status, text, more) =>
      answer({
        status,
        text,
        headerLines: more === NO_HEADERS ? ANSWER_HEADER_LINES : linesOf({ ...ANSWER_HEADERS, ...more }),
      });
    this.#collect({ route, startedMs: this.#options.clock.monotonicMs(), reply }, head, body);
    return true;
  }

  #expressHead(said: ExpressHead, bodyBytes: number): Head | undefined {
    const { authenticator, bodyBytesMax, phase } = this.#options;
    if (bodyBytes > bodyBytesMax) return undefined;
    const known = this.#expressHeads.get(said);
    if (known !== undefined && phase() === 'ready' && authenticator.stillHolds(known.principal)) return known;
    try {
      const head = this.#headOf(said);
      this.#expressHeads.set(said, head);
      return head;
    } catch {
      return undefined; // Node's server meets the same and answers it.
    }
  }

  /** Answers the question of a browser whether a page may send. */
  preflight(response: ServerResponse): void {
    response.writeHead(204, PREFLIGHT_HEADERS).end();
  }

  #check(route: CollectRoute, query: string, { headers }: IncomingMessage): Head {
    const { bodyBytesMax } = this.#options;
    const { authorization, origin, 'content-type': contentType } = headers;
    const { backfill, key } = query === '' ? NO_PARAMETERS : parametersOf(route, query);
    const apiKey = apiKeyOf(headers['x-api-key']);
    const head = this.#headOf({ authorization, contentType, origin, apiKey: apiKey ?? key });
    if (key !== undefined && apiKey === undefined && authorization === undefined)
      requireWriteKey(head.principal);
    if (backfill !== undefined) checkPermission(head.principal, 'project:admin');
    const encoding = encodingOf(headers['content-encoding']);
    if (Number(headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge(bodyBytesMax);
    return { ...head, encoding, backfill };
  }

  #headOf({ authorization, apiKey, contentType, origin }: BodyHeaders): Head {
    const { authenticator, phase } = this.#options;
    const now = phase();
    if (now !== 'ready') throw new ApiError(now);
    const principal = authorize(authenticator, authorization, apiKey, 'events:send');
    checkKeyOrigin(principal, origin);
    return { principal, media: eventMediaOf(contentType), encoding: null, backfill: undefined };
  }

  #process(exchange: Exchange, head: Head, body: Uint8Array): void {
    const { budget, bodyBytesMax } = this.#options;
    if (head.encoding === null) {
      this.#collect(exchange, head, body);
      budget.give(body.length);
      return;
    }
    this.#inflate(head.encoding, body, bodyBytesMax)
      .then((inflated) => this.#collect(exchange, head, inflated))
      .catch((error: unknown) => this.#fail(exchange, error))
      .finally(() => budget.give(body.length));
  }

  async #inflate(encoding: string, body: Uint8Array, bytesMax: number): Promise<Uint8Array> {
    return inflateBody(body, encoding, bytesMax);
  }

  #collect(exchange: Exchange, head: Head, body: Uint8Array): void {
    const framing = exchange.route === 'single' ? 'single' : head.media === 'ndjson' ? 'ndjson' : 'batch';
    const { principal, backfill } = head;
    // The body may be reused before the answer is there.
    const bytes = body.length;
    this.#options.collector.collect(body, framing, principal, { backfill }).then(
      (answer) => {
        if (backfill !== undefined) this.#noteTaken(principal, backfill, answer, bytes);
        this.#answer(exchange, answer);
      },
      (error: unknown) => this.#fail(exchange, error),
    );
  }

  #answer(exchange: Exchange, answer: CollectAnswer): void {
    if (exchange.route === 'single' && answer.accepted === 0) this.#fail(exchange, refusedEvent(answer));
    else if (answer.rejected.length === 0) this.#accept(exchange, answer);
    else this.#send(exchange, 202, JSON.stringify(answer));
  }

  /** The common answer, put together by hand. */
  #accept(exchange: Exchange, { accepted, position }: CollectAnswer): void {
    const quoted = position === null ? 'null' : `"${position}"`;
    this.#send(exchange, 202, `{"accepted":${accepted},"position":${quoted},"rejected":[]}`);
  }

  #fail(exchange: Exchange, error: unknown): void {
    const told = this.#told(exchange, error);
    this.#send(exchange, told.status, JSON.stringify(told.toBody()), errorHeaders(told));
  }

  /** As `fail`, for a request whose body was not read to its end. */
  #refuse(exchange: NodeExchange, error: unknown): void {
    const { request, response } = exchange;
    if (isSoonRead(request)) {
      request.resume();
      this.#fail(exchange, error);
      return;
    }
    const told = this.#told(exchange, error);
    const text = JSON.stringify(told.toBody());
    const headers = { ...errorHeaders(told), connection: 'close' };
    this.#count(exchange, told.status);
    this.#head(response, told.status, Buffer.byteLength(text), headers);
    response.write(text);
    linger(request, () => response.end());
  }

  #told({ route }: Exchange, error: unknown): ApiError {
    return toApiError(error, { method: 'POST', path: COLLECT_PATHS[route] }, this.#options.telemetry);
  }

  #send(exchange: Exchange, status: number, text: string, headers = NO_HEADERS): void {
    this.#count(exchange, status);
    exchange.reply(status, text, headers);
  }

  /** Through Node's server. An answer of ASCII, as most are, is written as such: at half the cost. */
  #reply(
    response: ServerResponse,
    status: number,
    text: string,
    headers: Readonly<Record<string, string>>,
  ): void {
    const bytes = Buffer.byteLength(text);
    this.#head(response, status, bytes, headers);
    response.end(text, bytes === text.length ? 'latin1' : 'utf8');
  }

  #head(
    response: ServerResponse,
    status: number,
    bytes: number,
    headers: Readonly<Record<string, string>>,
  ): void {
    const all = ANSWER_HEADER_LIST.concat('content-length', String(bytes));
    if (headers !== NO_HEADERS) for (const name in headers) all.push(name, headers[name] as string);
    if (this.#options.phase() === 'stopping' && headers['connection'] === undefined)
      all.push('connection', 'close');
    response.writeHead(status, all);
  }

  #count({ route, startedMs }: Exchange, status: number): void {
    let counter = this.#counters[route].get(status);
    if (counter === undefined) {
      const labels = { route: COLLECT_PATHS[route], method: 'POST', status: String(status) };
      counter = this.#options.telemetry.series(REQUESTS, labels);
      this.#counters[route].set(status, counter);
    }
    observe(counter, 1);
    observe(this.#seconds[route], (this.#options.clock.monotonicMs() - startedMs) / 1000);
  }
}

const linesOf = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

const ANSWER_HEADER_LINES = linesOf(ANSWER_HEADERS);

const apiKeyOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** What the query string of the batch route may say. */
interface Parameters {
  readonly backfill?: string | undefined;
  readonly key?: string | undefined;
}

const NO_PARAMETERS: Parameters = {};
const PARAMETERS: ReadonlySet<string> = new Set(['backfill', 'key']);

/** Reads the query string: only the batch route takes parameters, each once. Throws ApiError. */
const parametersOf = (route: CollectRoute, query: string): Parameters => {
  const given = [...new URLSearchParams(query)];
  const names = given.map(([name]) => name);
  const stranger = names.find((name) => !PARAMETERS.has(name) || route === 'single');
  if (stranger !== undefined)
    throw new ApiError(
      'invalid_request',
      `The parameter "${stranger.slice(0, 80)}" is not known here. The batch route takes "backfill" and "key", the other none.`,
    );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ApiError('invalid_request', `The parameter "${twice}" is given more than once.`);
  const { backfill, key }: Parameters = Object.fromEntries(given);
  if (backfill !== undefined && (backfill === '' || backfill.length > BACKFILL_NAME_LENGTH_MAX))
    throw new ApiError(
      'invalid_request',
      `The parameter "backfill" names the import: 1 to ${BACKFILL_NAME_LENGTH_MAX} characters.`,
    );
  return { backfill, key };
};

/** Addresses end up in the logs of proxies: only a key that is public anyway may stand in one. Throws ApiError. */
const requireWriteKey = ({ permissions }: Principal): void => {
  if (permissions.size > 1)
    throw new ApiError(
      'invalid_request',
      'Only a write key may stand in the address. Send this one in the header "Authorization", and make a new one if the address was logged.',
    );
};

/** The one event of the single route was refused: an error for this request, though it was counted and logged. */
const refusedEvent = ({ rejected, position }: CollectAnswer): ApiError => {
  const [event] = rejected;
  const advice =
    event?.code === 'not_an_object' ? ` Several events in one body go to ${COLLECT_PATHS.batch}.` : '';
  return new ApiError('event_refused', event && `${event.message}${advice}`, {
    details: { code: event?.code, id: event?.id ?? null, position },
  });
};
