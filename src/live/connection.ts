import { projectNameOf } from '../access/principal.ts';
import type { RawData, WebSocket } from 'ws';
import {
  LIVE_CLOSE_CODES,
  LIVE_LIMITS,
  LIVE_MESSAGES,
  LIVE_PATH,
  type LiveAnswer,
  type LiveMessage,
  type Publish,
  type SubscribeEvents,
  type SubscribeTrend,
} from '../contract/live.ts';
import { ApiError } from '../event/errors.ts';
import { observe } from '../lib/telemetry.ts';
import { checkPermission } from '../http/auth.ts';
import { toApiError } from '../http/answer.ts';
import { parseRequest } from '../http/parse-request.ts';
import { namesPeople } from '../query/personal-kinds.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { EventBatch, Loss } from './event-batch.ts';
import { parseExactly } from './exact-json.ts';
import type { Grant } from './grant.ts';
import { type LiveHub, type Subscribed, subscribeEvents, subscribeTrend } from './hub.ts';
import type { SharedMessage } from './shared-message.ts';
import { ENDED, REFUSED } from './telemetry.ts';

/** A client that does not read what it is answered is not listened to either. */
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;
/** Publications under way for one connection; beyond, it is not listened to. */
const PUBLISHING_MAX = 64;
const RESUME_POLL_MS = 20;
/** What following is called where reads of personal data are entered. */
const FOLLOWING = { events: 'followEvents', trend: 'followTrend' } as const;
/** Who has not signed in by then is cut off. */
const SIGN_IN_MS = 10_000;

/** What a connection is opened with. */
export interface ConnectionOptions {
  readonly hub: LiveHub;
  readonly socket: WebSocket;
  /** Who opened it; undefined: the first message will say. */
  readonly grant: Grant | undefined;
  /** `?project=` of its address. */
  readonly project: string | undefined;
  readonly onSignedIn: () => void;
  readonly onClosed: () => void;
}

/**
 * One WebSocket.
 *
 * Modes: `waiting` (nobody has signed in) -> `open` -> `closing` (nothing more is taken, acknowledgements that are under way still go out) -> `closed`. From each to
 * `closed` when the socket is.
 */
export class LiveConnection {
  readonly #options: ConnectionOptions;
  readonly #subscriptions = new Map<string, Subscribed>();
  readonly #publishing = new Set<Promise<void>>();
  #mode: 'waiting' | 'open' | 'closing' | 'closed' = 'waiting';
  #grant: Grant | undefined;
  #endSignIn: (() => void) | undefined;
  #resumeTimer: NodeJS.Timeout | undefined;
  #isHeard = true;
  #bufferedAtCheck = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { hub, socket, grant } = options;
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('pong', () => {
      this.#isHeard = true;
    });
    socket.on('close', () => this.#closed());
    // What is wrong is answered by the protocol's own closing code; `close` follows.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith('WS_ERR_') === true) hub.telemetry.emit(ENDED, { reason: 'misused' });
    });
    if (grant === undefined)
      this.#endSignIn = hub.timers.after(SIGN_IN_MS, () =>
        this.#cutOff('not_signed_in', 'Nobody signed in within 10 seconds.'),
      );
    else this.#open(grant);
  }

  /** Called every half minute: ends a connection whose client is gone, and one whose key or session is. */
  async check(): Promise<void> {
    const { socket, hub } = this.#options;
    if (!this.#isOpen) return;
    const isMoving = this.#isMoving();
    if (!this.#isHeard && !isMoving) {
      hub.telemetry.emit(ENDED, { reason: 'silent' });
      socket.terminate();
      return;
    }
    this.#isHeard = isMoving;
    this.#bufferedAtCheck = socket.bufferedAmount;
    socket.ping();
    for (const subscribed of this.#subscriptions.values()) subscribed.refresh();
    await this.recheck();
  }

  /** Called when who may do what has changed: ends a connection whose key or session is over, or may less than when it was opened. */
  async recheck(): Promise<void> {
    if (this.#grant === undefined || !this.#isOpen || (await this.#grant.isValid())) return;
    if (this.#isOpen)
      this.#cutOff('revoked', 'The key was revoked, the session is over, or may less than before.');
  }

  /** A client that is not listened to cannot be heard. What is under way for it, or what it took since the last check, speaks for it. */
  #isMoving(): boolean {
    const { socket } = this.#options;
    return socket.isPaused && (this.#publishing.size > 0 || socket.bufferedAmount < this.#bufferedAtCheck);
  }

  get #isOpen(): boolean {
    const { socket } = this.#options;
    return socket.readyState === socket.OPEN;
  }

  /** Takes nothing more, finishes what is under way, and closes. */
  async close(): Promise<void> {
    if (this.#mode !== 'closed') this.#mode = 'closing';
    this.#endAll();
    await Promise.all(this.#publishing);
    this.#options.socket.close(LIVE_CLOSE_CODES.goingAway, 'The server stops. Connect again.');
  }

  /** Without a farewell. */
  terminate(): void {
    this.#options.socket.terminate();
  }

  #open(grant: Grant): void {
    this.#endSignIn?.();
    this.#options.onSignedIn();
    this.#grant = grant;
    this.#mode = 'open';
    const { project, permissions } = grant.principal;
    this.#send({ op: 'ready', project: projectNameOf(project), permissions: [...permissions] });
  }

  /** Ends the connection for something that its client did or is not allowed any more. Whatever it sends until it is closed is not looked at. */
  #cutOff(reason: 'revoked' | 'not_signed_in' | 'misused', why: string): void {
    const { hub, socket } = this.#options;
    hub.telemetry.emit(ENDED, { reason });
    this.#mode = 'closing';
    this.#endSignIn?.();
    this.#endAll();
    socket.close(reason === 'misused' ? LIVE_CLOSE_CODES.notText : LIVE_CLOSE_CODES.notSignedIn, why);
  }

  #closed(): void {
    this.#mode = 'closed';
    this.#endSignIn?.();
    clearTimeout(this.#resumeTimer);
    this.#endAll();
    this.#options.onClosed();
  }

  #endAll(): void {
    for (const subscribed of this.#subscriptions.values()) subscribed.end();
    this.#subscriptions.clear();
  }

  #hear(data: RawData, isBinary: boolean): void {
    this.#isHeard = true;
    if (!this.#isOpen) return;
    if (isBinary) {
      this.#cutOff('misused', 'Messages are JSON text.');
      return;
    }
    let id: string | undefined;
    try {
      const text = textOf(data);
      const value = parsed(text);
      id = idOf(value);
      this.#handle(messageOf(value, text));
    } catch (error) {
      this.#refuse(error, id);
    }
    this.#throttle();
  }

  #handle(message: LiveMessage): void {
    if (this.#mode === 'closing') throw new ApiError('stopping');
    if (message.op === 'auth') {
      this.#signIn(message.key);
      return;
    }
    if (this.#grant === undefined)
      throw new ApiError(
        'missing_key',
        'Say who you are first: {"op":"auth","key":"..."}, or connect with a session, a ticket or a key.',
      );
    if (message.op === 'publish') this.#publish(message, this.#grant);
    else if (message.op === 'unsubscribe') this.#unsubscribe(message.id);
    else this.#subscribe(message, this.#grant);
  }

  #signIn(key: string): void {
    if (this.#grant !== undefined)
      throw new ApiError('conflict', 'Somebody is signed in on this connection already. Open another one.');
    try {
      this.#open(this.#options.hub.gate.byKey(key, this.#options.project));
    } catch (error) {
      this.#refuse(error, undefined);
      this.#cutOff('not_signed_in', 'The key is not good here.');
    }
  }

  #publish({ id, event, events }: Publish, { principal }: Grant): void {
    checkPermission(principal, 'events:send');
    if ((event === undefined) === (events === undefined))
      throw invalidAt('', 'Give either "event" (one) or "events" (an array).');
    const { collector, counters } = this.#options.hub;
    const body = bodyOf(events ?? event);
    const publishing = collector
      .collect(body, events === undefined ? 'single' : 'batch', principal)
      .then(
        ({ accepted, position, rejected }) => {
          observe(counters.published, 1);
          this.#send({ op: 'ack', id, accepted, position, rejected });
        },
        (error: unknown) => this.#refuse(error, id),
      )
      .finally(() => this.#publishing.delete(publishing));
    this.#publishing.add(publishing);
  }

  #subscribe(message: SubscribeEvents | SubscribeTrend, { principal }: Grant): void {
    const isPersonal = message.kind === 'events' || namesPeople(message.query);
    checkPermission(principal, isPersonal ? 'personal:read' : 'data:read');
    const { id } = message;
    if (this.#subscriptions.has(id))
      throw new ApiError(
        'conflict',
        `There is a subscription "${id}" on this connection already. Choose another id.`,
      );
    if (this.#subscriptions.size >= LIVE_LIMITS.subscriptionsPerConnection)
      throw new ApiError(
        'too_many_subscriptions',
        `One connection carries ${LIVE_LIMITS.subscriptionsPerConnection} subscriptions. Unsubscribe from some, or open another one.`,
      );
    if (isPersonal)
      this.#options.hub.noteFollowing(principal, FOLLOWING[message.kind]).catch((error: unknown) => {
        this.#refuse(error, id);
        if (this.#subscriptions.has(id)) this.#unsubscribe(id);
      });
    const subscribed =
      message.kind === 'events'
        ? this.#followEvents(message, principal.project)
        : this.#followTrend(message, principal.project);
    this.#subscriptions.set(id, subscribed);
    // What is known already was held back until "subscribed" was sent.
    subscribed.refresh();
  }

  #followEvents(message: SubscribeEvents, project: string): Subscribed {
    const { id } = message;
    const { hub } = this.#options;
    const sink = {
      isFull: () => this.#isFull(),
      events: (batch: EventBatch, loss: Loss) => {
        this.#deliver(batch.message(id, loss));
        observe(hub.counters.events, 1);
      },
    };
    return subscribeEvents(hub, project, message, sink, {
      start: (position, gap) => this.#send({ op: 'subscribed', id, position: String(position), gap }),
      failed: (error) => {
        this.#subscriptions.delete(id);
        this.#refuse(error, id);
      },
    });
  }

  #followTrend(message: SubscribeTrend, project: string): Subscribed {
    const { id } = message;
    const { hub } = this.#options;
    const sink = {
      isFull: () => this.#isFull() || !this.#subscriptions.has(id),
      message: (shared: SharedMessage) => {
        this.#deliver(shared.parts(id));
        observe(hub.counters.trend, 1);
      },
      failed: (error: unknown, isFinal: boolean) => {
        if (isFinal) {
          this.#subscriptions.get(id)?.end();
          this.#subscriptions.delete(id);
        }
        this.#refuse(error, id);
      },
    };
    const subscribed = subscribeTrend(hub, project, message, sink);
    this.#send({ op: 'subscribed', id });
    return subscribed;
  }

  #unsubscribe(id: string): void {
    const subscribed = this.#subscriptions.get(id);
    if (subscribed === undefined)
      throw new ApiError('not_found', `There is no subscription "${id}" on this connection.`);
    subscribed.end();
    this.#subscriptions.delete(id);
    this.#send({ op: 'unsubscribed', id });
  }

  #isFull(): boolean {
    const { socket, hub } = this.#options;
    return socket.bufferedAmount > hub.census.bufferBytesMax;
  }

  #send(answer: LiveAnswer): void {
    observe(this.#options.hub.counters.other, 1);
    this.#options.socket.send(JSON.stringify(answer));
  }

  /** A message that is text already, each part a fragment. */
  #deliver(parts: readonly Buffer[]): void {
    const last = parts.length - 1;
    for (let index = 0; index <= last; index++)
      this.#options.socket.send(parts[index] as Buffer, index === last ? LAST_PART : FIRST_PART);
  }

  #refuse(error: unknown, id: string | undefined): void {
    const { telemetry } = this.#options.hub;
    const told = toApiError(error, { method: 'WS', path: LIVE_PATH }, telemetry);
    const { code, message, details, retryAfterSeconds } = told;
    telemetry.emit(REFUSED, { code });
    this.#send({
      op: 'error',
      ...(id === undefined ? {} : { id }),
      ...{ code, message },
      ...(details === undefined ? {} : { details }),
      ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
    });
  }

  /** Listens no more while there is too much under way for this client. */
  #throttle(): void {
    const { socket } = this.#options;
    if (this.#mode === 'closed' || !this.#isBusy()) {
      if (socket.isPaused) socket.resume();
      return;
    }
    if (!socket.isPaused) socket.pause();
    this.#resumeTimer ??= setTimeout(() => {
      this.#resumeTimer = undefined;
      this.#throttle();
    }, RESUME_POLL_MS);
  }

  #isBusy(): boolean {
    return this.#publishing.size >= PUBLISHING_MAX || this.#options.socket.bufferedAmount > ANSWER_BYTES_MAX;
  }
}

const LAST_PART = { binary: false, fin: true } as const;
const FIRST_PART = { binary: false, fin: false } as const;

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)).toString(
    'utf8',
  );

/** Throws ApiError. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(
      'invalid_json',
      `The message is not valid JSON: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
};

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const idOf = (value: unknown): string | undefined => {
  const id = memberOf(value, 'id');
  return typeof id === 'string' && id.length <= LIVE_LIMITS.idLengthMax ? id : undefined;
};

const isOp = (op: unknown): op is keyof typeof LIVE_MESSAGES =>
  typeof op === 'string' && Object.hasOwn(LIVE_MESSAGES, op);

/** A message, checked. Throws ApiError that names what is wrong. */
const messageOf = (value: unknown, text: string): LiveMessage => {
  const op = memberOf(value, 'op');
  if (!isOp(op))
    throw invalidAt(
      'op',
      `A message is an object whose "op" is one of ${Object.keys(LIVE_MESSAGES).join(', ')}.`,
    );
  // The events of a publication are judged where all events are: they may be nested deeper than a question, and keep their numbers.
  if (op === 'publish') return checkedPublish(unlessTooDeep(() => parseExactly(text)));
  return parseRequest(LIVE_MESSAGES[op], value);
};

/** Deeper than any event may be; the stack would end sooner. Throws ApiError. */
const unlessTooDeep = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ApiError('invalid_json', 'The events are nested too deeply to be read.');
  }
};

const bodyOf = (events: unknown): Buffer => unlessTooDeep(() => Buffer.from(JSON.stringify(events)));

const checkedPublish = (value: unknown): Publish => {
  const { event, events, ...rest } = value as Publish;
  const head = parseRequest(LIVE_MESSAGES.publish, rest);
  if (events !== undefined && !Array.isArray(events)) throw invalidAt('events', 'is an array of events.');
  return { ...head, event, events };
};
