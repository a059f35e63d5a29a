import type { LiveAnswer, LiveRequest } from '../../../src/contract/live.ts';
import { backoffMs } from '../lib/backoff.ts';
import { parseExact } from '../lib/exact-json.ts';
import { createStore, type Store } from '../lib/store.ts';

/**
 * How it stands with the server.
 *
 * connecting -> open      the server said that it is ready
 * connecting -> waiting   it refused, was silent for too long, or could not be reached
 * open       -> waiting   the connection broke, or the server is silent though it was asked
 * waiting    -> connecting  after a pause that grows, when the network is back, or when somebody asks for it
 * any        -> closed    `close()` was called
 */
export type Connection =
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'open' }
  | { readonly state: 'waiting'; readonly attempt: number; readonly untilMs: number }
  | { readonly state: 'closed' };

/** What the client needs of a WebSocket. */
export interface Socket {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** What the client needs of the world; tests give their own. */
export interface World {
  connect(): Socket;
  nowMs(): number;
  /** Runs something later; answers how to prevent it. */
  after(ms: number, run: () => void): () => void;
  random(): number;
  /** Called when a connection could not be made or broke: finds out whether the session ended. */
  onLost(): void;
}

interface Subscription {
  /** Made anew for every connection, because a stream goes on where it was. */
  readonly request: () => LiveRequest;
  readonly onAnswer: (answer: LiveAnswer) => void;
}

/** A server that does not say ready within this time is not waited for. */
const READY_MS = 10_000;

/** After such a silence the server is asked whether it is there: a cable that was pulled says nothing by itself. */
const SILENCE_MS = 30_000;
/** So long it may take to say something. */
const PROBE_MS = 10_000;
/** Any message will do that is answered. No subscription has this id. */
const PROBE: LiveRequest = { op: 'unsubscribe', id: 'are-you-there' };

/** One WebSocket to the server for all that is live on the page. Comes back by itself, with all subscriptions. */
export class LiveClient {
  readonly connection: Store<Connection> = createStore<Connection>({ state: 'connecting', attempt: 0 });
  /** When the server last said something, by the clock of the world. */
  heardMs = 0;
  readonly #world: World;
  readonly #subscriptions = new Map<string, Subscription>();
  #socket: Socket | undefined;
  #cancelTimer: () => void = () => {};
  #lastId = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Begins. */
  open(): void {
    this.#connect(0);
  }

  /** Ends for good. */
  close(): void {
    this.#drop();
    this.connection.set({ state: 'closed' });
  }

  /** Tries at once instead of after the pause. */
  retryNow(): void {
    const now = this.connection.get();
    if (now.state === 'waiting') this.#connect(now.attempt);
  }

  /** Asks for something that goes on, now and after every reconnect. The answered function ends it. */
  subscribe(request: (id: string) => LiveRequest, onAnswer: (answer: LiveAnswer) => void): () => void {
    this.#lastId += 1;
    const id = `s${this.#lastId}`;
    const subscription = { request: () => request(id), onAnswer };
    this.#subscriptions.set(id, subscription);
    if (this.#isOpen()) this.#send(subscription.request());
    return () => {
      this.#subscriptions.delete(id);
      if (this.#isOpen()) this.#send({ op: 'unsubscribe', id });
    };
  }

  #isOpen(): boolean {
    return this.connection.get().state === 'open';
  }

  #send(request: LiveRequest): void {
    this.#socket?.send(JSON.stringify(request));
  }

  #drop(): void {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- so that both can be taken away at once
    socket.onclose = null;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    socket.onmessage = null;
    socket.close();
  }

  #connect(attempt: number): void {
    this.#drop();
    this.connection.set({ state: 'connecting', attempt });
    const socket = this.#world.connect();
    this.#socket = socket;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    socket.onclose = () => this.#lost(attempt);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    socket.onmessage = ({ data }) => this.#heard(String(data));
    this.#cancelTimer = this.#world.after(READY_MS, () => this.#lost(attempt));
  }

  /** Watches the open connection for silence. */
  #watch(): void {
    this.#cancelTimer = this.#world.after(SILENCE_MS, () => {
      const askedMs = this.#world.nowMs();
      if (askedMs - this.heardMs < SILENCE_MS) return this.#watch();
      this.#send(PROBE);
      this.#cancelTimer = this.#world.after(PROBE_MS, () => {
        if (this.heardMs < askedMs) this.#lost(0);
        else this.#watch();
      });
    });
  }

  #lost(attempt: number): void {
    const wasOpen = this.#isOpen();
    this.#drop();
    const next = wasOpen ? 0 : attempt;
    const waitMs = backoffMs(next, () => this.#world.random());
    this.connection.set({ state: 'waiting', attempt: next + 1, untilMs: this.#world.nowMs() + waitMs });
    this.#cancelTimer = this.#world.after(waitMs, () => this.#connect(next + 1));
    this.#world.onLost();
  }

  #heard(text: string): void {
    this.heardMs = this.#world.nowMs();
    const answer = parseExact(text) as LiveAnswer;
    if (answer.op === 'ready') {
      this.#cancelTimer();
      this.connection.set({ state: 'open' });
      this.#watch();
      for (const { request } of this.#subscriptions.values()) this.#send(request());
      return;
    }
    if ('id' in answer && answer.id !== undefined) this.#subscriptions.get(answer.id)?.onAnswer(answer);
  }
}
