import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import { type ExpressRequest, ExpressReader } from './express-request.ts';

/**
 * The way past Node's HTTP server for the plainest requests (`express-request.ts`): two thirds of what a small request costs there is spent on streams and objects that it has no
 * use for. A connection starts here; the first thing on it that is not plain hands it over to Node's server, for good, with every byte that was not answered.
 */

/** An answer as it goes out. `headerLines`: each with its line end; those of the connection itself are added. */
export interface ExpressAnswer {
  readonly status: number;
  readonly headerLines: string;
  readonly text: string;
}

/** What the lane needs. */
export interface ExpressLaneOptions {
  /** Answers a request, now or later, once; false: not here (nothing was done), hand it over. `body` may be used during the call only. */
  readonly take: (request: ExpressRequest, body: Buffer, answer: (answer: ExpressAnswer) => void) => boolean;
  /** Node's own handling of a new connection. */
  readonly handOver: (socket: Socket) => void;
  readonly clock: Clock;
  readonly keepAliveTimeoutMs: number;
}

const SECOND_MS = 1_000;

/** Its connections. */
export class ExpressLane {
  readonly #options: ExpressLaneOptions;
  readonly #connections = new Set<ExpressConnection>();
  readonly #keepAlive: string;
  #isClosing = false;
  #dateSecond = -1;
  #date = '';

  constructor(options: ExpressLaneOptions) {
    this.#options = options;
    this.#keepAlive = `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(options.keepAliveTimeoutMs / SECOND_MS)}\r\n`;
  }

  /** A new connection. */
  take(socket: Socket): void {
    const connection = new ExpressConnection(socket, this.#options, this);
    this.#connections.add(connection);
  }

  /** The connection is closed, or somebody else's. */
  forget(connection: ExpressConnection): void {
    this.#connections.delete(connection);
  }

  /** From now on connections are closed as soon as nothing is under way on them. */
  close(): void {
    this.#isClosing = true;
    for (const connection of this.#connections) connection.closeIfIdle();
  }

  /** Breaks off what is left. */
  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** An answer with all its lines. `bytes`: of its text. `isLast`: the connection is closed behind it. */
  lettered({ status, headerLines, text }: ExpressAnswer, bytes: number, isLast: boolean): string {
    const connection = isLast ? 'connection: close\r\n' : this.#keepAlive;
    return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headerLines}date: ${this.#now()}\r\n${connection}content-length: ${bytes}\r\n\r\n${text}`;
  }

  #now(): string {
    const second = Math.floor(this.#options.clock.nowMs() / SECOND_MS);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(second * SECOND_MS).toUTCString();
    }
    return this.#date;
  }
}

/** Modes: `idle`, waiting for a request; `busy`, one under way; `left`: closed or handed over. */
class ExpressConnection {
  readonly #socket: Socket;
  readonly #options: ExpressLaneOptions;
  readonly #lane: ExpressLane;
  readonly #reader = new ExpressReader();
  #mode: 'idle' | 'busy' | 'left' = 'idle';
  /** What arrived while a request was under way; reading is paused until it is answered. */
  #held: Buffer[] = [];
  #hasEnded = false;

  constructor(socket: Socket, options: ExpressLaneOptions, lane: ExpressLane) {
    this.#socket = socket;
    this.#options = options;
    this.#lane = lane;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    socket.on('error', this.#onError);
    socket.on('timeout', this.#onTimeout);
    socket.setTimeout(options.keepAliveTimeoutMs);
  }

  closeIfIdle(): void {
    if (this.#mode === 'idle') this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#mode === 'busy') {
      this.#held.push(chunk);
      this.#socket.pause();
      return;
    }
    const request = this.#reader.read(chunk);
    if (request === undefined) {
      this.#handOver(chunk);
      return;
    }
    this.#mode = 'busy';
    if (!this.#options.take(request, chunk.subarray(request.bodyStart), this.#answer)) this.#handOver(chunk);
  };

  readonly #answer = (answer: ExpressAnswer): void => {
    if (this.#mode !== 'busy') return;
    const isLast = this.#lane.isClosing || this.#hasEnded;
    // What is answered is mostly ASCII, where a byte is a character, and cheaper to write.
    const bytes = Buffer.byteLength(answer.text);
    const encoding = bytes === answer.text.length ? 'latin1' : 'utf8';
    const isFlushed = this.#socket.write(this.#lane.lettered(answer, bytes, isLast), encoding);
    if (isLast) this.#socket.end();
    else if (isFlushed) this.#goOn();
    else this.#socket.once('drain', this.#goOn);
  };

  /** The answer is on its way: takes up what arrived in the meantime. */
  readonly #goOn = (): void => {
    this.#mode = 'idle';
    if (this.#lane.isClosing) this.#socket.end();
    if (this.#held.length === 0) return;
    const chunk = Buffer.concat(this.#held);
    this.#held = [];
    this.#socket.resume();
    this.#onData(chunk);
  };

  /** Node's server goes on with this connection, as if these bytes were the first that came. */
  #handOver(chunk: Buffer): void {
    const socket = this.#socket;
    this.#leave();
    socket.setTimeout(0);
    this.#options.handOver(socket);
    if (this.#hasEnded) return;
    socket.unshift(chunk);
    socket.resume();
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (this.#mode === 'idle') this.#socket.end();
  };

  readonly #onTimeout = (): void => {
    if (this.#mode === 'idle') this.#socket.destroy();
  };

  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  readonly #onClose = (): void => this.#leave();

  #leave(): void {
    this.#mode = 'left';
    this.#lane.forget(this);
    const socket = this.#socket;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    socket.off('error', this.#onError).off('timeout', this.#onTimeout).off('drain', this.#goOn);
  }
}
