import { type DestinationStream, pino, stdSerializers } from 'pino';
import type { Level, LogSink } from '../lib/telemetry.ts';

/** How lines look: `json` for machines, `text` for people. */
export type LogFormat = 'json' | 'text';

/** How to log. */
export interface LogSinkOptions {
  /** Lines below are dropped. */
  readonly level: Level;
  /** `auto`: text on a terminal, JSON otherwise. */
  readonly format: LogFormat | 'auto';
  readonly stream: DestinationStream & { readonly isTTY?: boolean };
}

const RANKS: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Makes the sink that telemetry hands its log lines to. */
export const createLogSink = (options: LogSinkOptions): LogSink => {
  const isText = options.format === 'text' || (options.format === 'auto' && options.stream.isTTY === true);
  return isText ? textSink(options) : jsonSink(options);
};

const jsonSink = ({ level, stream }: LogSinkOptions): LogSink => {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return function jsonLogSink(lineLevel, name, message, fields) {
    logger[lineLevel]({ name, ...serialisable(fields) }, message);
  };
};

/** Errors anywhere at the top of the fields are written out; a `name` or `message` of the fields gives way to that of the line. */
const serialisable = (fields: unknown): Record<string, unknown> => {
  if (typeof fields !== 'object' || fields === null) return {};
  const entries = Object.entries(fields).filter(([key]) => key !== 'name' && key !== 'message');
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value instanceof Error ? stdSerializers.err(value) : value]),
  );
};

const COLOURS: Readonly<Record<Level, string>> = { debug: '90', info: '36', warn: '33', error: '31' };

const textSink = ({ level, stream }: LogSinkOptions): LogSink => {
  const colour = (code: string, text: string): string =>
    stream.isTTY === true ? `\u001b[${code}m${text}\u001b[0m` : text;
  return function textLogSink(lineLevel, _name, message, fields) {
    if (RANKS[lineLevel] < RANKS[level]) return;
    const time = new Date().toISOString().slice(11, 23);
    stream.write(
      `${colour('90', time)} ${colour(COLOURS[lineLevel], lineLevel.padEnd(5))} ${message}\n${stackText(lineLevel, fields)}`,
    );
  };
};

/** Of an error the stack is shown too: this goes to the operator's terminal, never to a client. */
const stackText = (level: Level, fields: unknown): string => {
  if (level !== 'error' || typeof fields !== 'object' || fields === null || !('error' in fields)) return '';
  return fields.error instanceof Error && fields.error.stack !== undefined
    ? `${fields.error.stack.replace(/^/gm, '      ')}\n`
    : '';
};
