import type { IncomingMessage } from 'node:http';
import { ApiError } from '../event/errors.ts';

/** What all bodies that are being read may hold together. One counter a server. */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Whether so much more may be held; then it is. */
  take(bytes: number): boolean {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

/** Called once: with a body, with an error, or with neither when the client went away. Whoever is given a body gives its bytes back to the budget. */
export type BodyDone = (error: ApiError | null, body: Uint8Array | null) => void;

const NOTHING = new Uint8Array(0);

/** The message for a body over the limit. */
export const tooLarge = (bytesMax: number): ApiError =>
  new ApiError(
    'body_too_large',
    `The body is larger than the limit of ${bytesMax} bytes. Send fewer events at a time.`,
    {
      details: { limit: bytesMax },
    },
  );

/** Puts the pieces of a body together. */
export type JoinBody = (pieces: readonly Buffer[], bytes: number) => Uint8Array;

/** Memory for bodies that are used up as soon as they are whole: one after another is put together in the same place. */
export class BodyScratch {
  #memory = Buffer.alloc(0);

  /** Good until the next call. Bodies too long for it get memory of their own. */
  readonly join: JoinBody = (pieces, bytes) => {
    if (bytes > SCRATCH_BYTES_MAX) return Buffer.concat(pieces, bytes);
    if (bytes > this.#memory.length)
      this.#memory = Buffer.allocUnsafeSlow(Math.min(bytes * 2, SCRATCH_BYTES_MAX));
    let at = 0;
    for (const piece of pieces) {
      this.#memory.set(piece, at);
      at += piece.length;
    }
    return this.#memory.subarray(0, bytes);
  };
}

const SCRATCH_BYTES_MAX = 2 * 1024 * 1024;

/** Reads a body of at most `bytesMax`. Stops reading (and lets the stream be) at the first byte too many. */
export const readBody = (
  request: IncomingMessage,
  bytesMax: number,
  budget: BodyBudget,
  done: BodyDone,
  join: JoinBody = (pieces, length) => Buffer.concat(pieces, length),
): void => {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let bytes = 0;
  const finish = (error: ApiError | null, body: Uint8Array | null): void => {
    request.off('data', onData).off('end', onEnd).off('close', onClose);
    if (body === null) budget.give(bytes);
    done(error, body);
  };
  const onData = (chunk: Buffer): void => {
    if (bytes + chunk.length > bytesMax) return finish(tooLarge(bytesMax), null);
    if (!budget.take(chunk.length)) return finish(new ApiError('queue_full'), null);
    bytes += chunk.length;
    if (first === undefined) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  };
  const onEnd = (): void => finish(null, more === undefined ? (first ?? NOTHING) : join(more, bytes));
  const onClose = (): void => finish(null, null);
  request.on('data', onData).on('end', onEnd).on('close', onClose);
};
