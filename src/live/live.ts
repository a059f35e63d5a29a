import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { AuditReads } from '../access/audit-reads.ts';
import type { Authenticator } from '../access/keys.ts';
import type { Collector } from '../collect/collector.ts';
import { LIVE_PATH } from '../contract/live.ts';
import { ApiError } from '../event/errors.ts';
import { toApiError } from '../http/answer.ts';
import { checkPermission, readOf } from '../http/auth.ts';
import type { Phase } from '../http/phase.ts';
import { rawErrorAnswer } from '../http/raw-answer.ts';
import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { systemTimers, type Timers } from '../lib/timers.ts';
import type { Progress } from '../process/messages.ts';
import type { QueryService } from '../query/service.ts';
import { Census, type CensusLimits } from './census.ts';
import { LiveConnection } from './connection.ts';
import { EventStream, type StreamRequest } from './event-stream.ts';
import { Feed } from './feed.ts';
import { type CookieDoor, Gate, type GateRequest } from './gate.ts';
import { type GovernedReader, GovernedSource } from './governed-source.ts';
import type { Grant } from './grant.ts';
import type { LiveHub } from './hub.ts';
import { MESSAGES, PUBLISHED, REFUSED } from './telemetry.ts';
import { Tickets } from './tickets.ts';
import { TrendHub } from './trend-hub.ts';

/** How often it is looked whether clients are there, and still may be. */
const CHECK_EVERY_MS = 30_000;
/** What a message holds beside one event of the longest kind. */
const ENVELOPE_BYTES = 64 * 1024;
/** Of the time there is for closing, this part is left for sockets to close by themselves. */
const FAREWELL_PART = 0.4;

/** What live streams need. */
export interface LiveOptions {
  readonly authenticator: Authenticator;
  /** Where there are sessions. */
  readonly door?: CookieDoor | undefined;
  /** Where it is entered who follows events. */
  readonly reads?: AuditReads;
  readonly collector: Collector;
  readonly service: Pick<QueryService, 'query'>;
  /** Opens a reader of the governed topic. Called when somebody first subscribes, twice in all. */
  readonly openGoverned: () => Promise<GovernedReader>;
  /** How far the processor has come. */
  readonly progress: () => Progress;
  /** The longest event, bytes. */
  readonly eventBytesMax: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly phase: () => Phase;
  /** Those of the machine and of the contract unless told otherwise. */
  readonly timers?: Timers;
  readonly limits?: CensusLimits;
}

/** After so many connections were looked at again, others have their turn. */
const RECHECKS_AT_A_TIME = 20;

interface Connected {
  close(): Promise<void>;
  terminate(): void;
  recheck(): Promise<void>;
}

/** Everything live: WebSockets, event streams, tickets. */
export class Live {
  readonly #options: LiveOptions;
  readonly #hub: LiveHub;
  readonly #tickets: Tickets;
  readonly #server: WebSocketServer;
  readonly #connected = new Set<Connected>();
  readonly #endChecks: () => void;
  #loaded = -1;
  #isRechecking = false;
  #mustRecheck = false;
  #closing: Promise<void> | undefined;

  constructor(options: LiveOptions) {
    const { authenticator, door, collector, telemetry, clock, eventBytesMax } = options;
    const timers = options.timers ?? systemTimers;
    this.#options = options;
    this.#tickets = new Tickets(clock);
    this.#hub = {
      feed: new Feed({
        source: new GovernedSource(options.openGoverned),
        pastSource: new GovernedSource(options.openGoverned),
        clock,
        telemetry,
      }),
      trends: new TrendHub({
        service: options.service,
        loaded: () => options.progress().governedLoaded,
        clock,
        telemetry,
      }),
      gate: new Gate({ authenticator, door, tickets: this.#tickets }),
      census: new Census(telemetry, options.limits),
      noteFollowing: async (principal, operation) =>
        options.reads?.note(readOf(principal, 'personal.read', operation)),
      collector,
      telemetry,
      timers,
      counters: countersOf(telemetry),
    };
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: eventBytesMax + ENVELOPE_BYTES,
    });
    this.#endChecks = timers.every(CHECK_EVERY_MS, () => this.#check());
    this.progressed(options.progress());
  }

  /** The processor has come this far. */
  progressed({ governedNext, governedLoaded }: Progress): void {
    this.#hub.feed.durableTo(governedNext);
    if (governedLoaded === this.#loaded) return;
    this.#loaded = governedLoaded;
    this.#hub.trends.look();
  }

  /** Answers a request to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Errors before the handshake; afterwards the WebSocket listens itself.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    this.#admitUpgrade(request)
      .then(({ grant, project, onSignedIn, leave }) => {
        if (socket.destroyed) {
          leave();
          return;
        }
        socket.off('error', ignore);
        socket.once('close', leave);
        this.#server.handleUpgrade(request, socket, head, (webSocket) => {
          const connection = new LiveConnection({
            ...{ hub: this.#hub, socket: webSocket, grant, project, onSignedIn },
            onClosed: () => this.#connected.delete(connection),
          });
          this.#connected.add(connection);
        });
      })
      .catch((error: unknown) => this.#refuseUpgrade(request, socket, error));
  }

  /** Makes a ticket for whoever asks. Rejects with ApiError. */
  async ticket(request: GateRequest): Promise<string> {
    return this.#tickets.issue(await this.#admit(request, false));
  }

  /** Answers with an event stream, by writing to the response itself. Rejects with ApiError before anything is written. */
  async stream(request: GateRequest, wanted: StreamRequest, response: ServerResponse): Promise<void> {
    try {
      const grant = await this.#admit(request, false);
      checkPermission(grant.principal, 'personal:read');
      await this.#hub.noteFollowing(grant.principal, 'streamEvents');
      // Nobody is there any more; nothing would tell when to take it off.
      if (response.destroyed) return;
      this.#open(grant, wanted, response);
    } catch (error) {
      this.#hub.telemetry.emit(REFUSED, { code: error instanceof ApiError ? error.code : 'internal' });
      throw error;
    }
  }

  #open(grant: Grant, wanted: StreamRequest, response: ServerResponse): void {
    const leave = this.#hub.census.connect('stream');
    try {
      const stream: EventStream = new EventStream(this.#hub, grant, wanted, response, () => {
        leave();
        this.#connected.delete(stream);
      });
      this.#connected.add(stream);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Says goodbye to everybody and ends what is left after `graceMs`; then ends the feed. Once. */
  close(graceMs: number): Promise<void> {
    return (this.#closing ??= this.#close(graceMs));
  }

  async #close(graceMs: number): Promise<void> {
    this.#endChecks();
    const farewell = Promise.all([...this.#connected].map((each) => each.close()));
    await Promise.race([farewell, pause(graceMs * (1 - FAREWELL_PART))]);
    const endMs = performance.now() + graceMs * FAREWELL_PART;
    while (this.#connected.size > 0 && performance.now() < endMs) await pause(CLOSE_POLL_MS);
    for (const each of this.#connected) each.terminate();
    await Promise.all([this.#hub.trends.close(), this.#hub.feed.close()]);
  }

  /** Looks again whether those who are connected may be: called when who may do what has changed. */
  recheck(): void {
    this.#mustRecheck = true;
    if (!this.#isRechecking) void this.#recheckAll();
  }

  /** One after the other: each asks the catalog, and the events of others must not wait for all of them. */
  async #recheckAll(): Promise<void> {
    this.#isRechecking = true;
    try {
      while (this.#mustRecheck) {
        this.#mustRecheck = false;
        let done = 0;
        for (const each of [...this.#connected]) {
          await each.recheck();
          done += 1;
          if (done % RECHECKS_AT_A_TIME === 0) await turn();
        }
      }
    } finally {
      this.#isRechecking = false;
    }
  }

  #check(): void {
    for (const each of this.#connected) if (each instanceof LiveConnection) void each.check();
  }

  async #admit(request: GateRequest, mustNameOrigin: boolean): Promise<Grant> {
    const phase = this.#options.phase();
    if (phase !== 'ready') throw new ApiError(phase);
    const grant = await this.#hub.gate.admit(request, mustNameOrigin);
    if (grant === undefined) throw new ApiError('missing_key');
    return grant;
  }

  async #admitUpgrade(request: IncomingMessage) {
    const phase = this.#options.phase();
    if (phase !== 'ready') throw new ApiError(phase);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (pathname !== LIVE_PATH)
      throw new ApiError(
        'not_found',
        `There is no WebSocket at ${pathname.slice(0, 200)}. There is one at ${LIVE_PATH}.`,
      );
    const project = searchParams.get('project') ?? undefined;
    const ticket = searchParams.get('ticket') ?? undefined;
    const asked = { method: 'GET', headers: request.headers, project, ticket };
    const grant = await this.#hub.gate.admit(asked, true);
    return { grant, project, ...this.#enter(grant !== undefined) };
  }

  /** Takes a place, and one among those who wait unless somebody is signed in. Throws ApiError. */
  #enter(isSignedIn: boolean): { readonly onSignedIn: () => void; readonly leave: () => void } {
    const { census } = this.#hub;
    const onSignedIn = isSignedIn ? () => undefined : census.wait();
    try {
      const leave = census.connect('websocket');
      return {
        onSignedIn,
        leave: () => {
          onSignedIn();
          leave();
        },
      };
    } catch (error) {
      onSignedIn();
      throw error;
    }
  }

  #refuseUpgrade(request: IncomingMessage, socket: Duplex, error: unknown): void {
    const { telemetry } = this.#hub;
    const told = toApiError(error, { method: request.method ?? '', path: LIVE_PATH }, telemetry);
    telemetry.emit(REFUSED, { code: told.code });
    // The other side may never end its half.
    socket.once('finish', () => socket.destroy());
    socket.end(rawErrorAnswer(told));
  }
}

const CLOSE_POLL_MS = 10;

const countersOf = (telemetry: Telemetry): LiveHub['counters'] => ({
  events: telemetry.series(MESSAGES, { kind: 'events' }),
  trend: telemetry.series(MESSAGES, { kind: 'trend' }),
  other: telemetry.series(MESSAGES, { kind: 'other' }),
  published: telemetry.series(PUBLISHED, {}),
});
