import type { Context } from 'hono';
import { TABLE_MEDIA } from '../contract/formats.ts';
import { acceptedFormat } from '../table/format.ts';

/** Tells one line of an answer. */
export type TellLine = (line: unknown) => void;

/** Whether an answer is wanted line by line: `Accept` names NDJSON. */
export const wantsLines = (c: Context): boolean => {
  c.header('vary', 'Accept', { append: true });
  return acceptedFormat(c.req.header('accept')) === 'ndjson';
};

/**
 * Answers line by line, as JSON, each as soon as it is told. What `work` rejects with before its first line is the answer as ever; after it the connection is cut, so that nobody takes for whole what
 * is not. `signal` is aborted when the client has gone.
 */
export const linesAnswer = async (
  c: Context,
  work: (tell: TellLine, signal: AbortSignal) => Promise<void>,
): Promise<Response> => {
  const gone = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, gone.signal]);
  const { readable, tell, end, fail, begun } = lines(() => gone.abort());
  const done = work(tell, signal).then(end);
  done.catch(fail);
  await Promise.race([begun, done]);
  return c.body(readable, 200, { 'content-type': `${TABLE_MEDIA.ndjson}; charset=utf-8` });
};

interface Lines {
  readonly readable: ReadableStream<Uint8Array>;
  readonly tell: TellLine;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
  /** Resolves with the first line. */
  readonly begun: Promise<void>;
}

/** A stream of lines. It holds what was told and not read: as much as the answer in one piece would be. */
const lines = (onCancel: () => void): Lines => {
  const encoder = new TextEncoder();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let isOpen = true;
  let out: ReadableStreamDefaultController<Uint8Array>;
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      out = controller;
    },
    cancel: () => {
      isOpen = false;
      onCancel();
    },
  });
  const close = (how: () => void): void => {
    if (isOpen) how();
    isOpen = false;
  };
  return {
    readable,
    tell: (line) => {
      if (isOpen) out.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      begin();
    },
    end: () => close(() => out.close()),
    fail: (error) => close(() => out.error(error)),
    begun,
  };
};
