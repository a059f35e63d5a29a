import type { IncomingMessage } from 'node:http';

/** A body that was refused before its end is read on and thrown away, so that the client gets to see the answer: up to so much, for so long. */
const LINGER_BYTES_MAX = 32 * 1024 * 1024;
const LINGER_MS_MAX = 2_000;
/** A refused body announced to be no longer than this does not cost the connection. */
const DISCARDED_BYTES_MAX = 64 * 1024;

/** Whether what is left of a request may be read and thrown away without further ado: there is nothing, or little. */
export const isSoonRead = (request: IncomingMessage): boolean => {
  const announced = request.headers['content-length'];
  const isShort = announced !== undefined && Number(announced) <= DISCARDED_BYTES_MAX;
  const hasNone = announced === undefined && request.headers['transfer-encoding'] === undefined;
  return isShort || hasNone || request.complete;
};

/** Reads on and throws away until the request ends or a bound is reached, then calls `done`, once. */
export const linger = (request: IncomingMessage, done: () => void): void => {
  let bytes = 0;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', onData).off('end', finish).off('close', finish);
    done();
  };
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES_MAX) finish();
  };
  const timer = setTimeout(finish, LINGER_MS_MAX);
  request.on('data', onData).on('end', finish).on('close', finish);
};
