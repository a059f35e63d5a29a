import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BlockBuilder } from '../block-builder.ts';
import { type RowView, rowViews } from '../blocks.ts';
import { EVENTS, REFUSED } from '../columns.ts';
import { type DecodeOptions, type DecodeResult, decodeEvents, type Framing } from '../decode-json.ts';
import { DEFAULT_LIMITS } from '../limits.ts';

/** For tests: decoding into plain rows, and where shared test data lies. */

/** Time of receipt of everything that `decode` decodes. */
export const NOW_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
const MADE_ID = 'made';

/** The options of `decode`. */
export const OPTIONS: DecodeOptions = {
  project: 'p',
  receivedAtMs: NOW_MS,
  staleMs: 24 * HOUR_MS,
  futureMs: HOUR_MS / 6,
  limits: DEFAULT_LIMITS,
  newId: () => MADE_ID,
};

/** Rows of both tables. */
export interface Decoded extends DecodeResult {
  readonly events: readonly RowView[];
  readonly refused: readonly RowView[];
}

/** Decodes a body given as text, bytes, or a value to be written as JSON. */
export const decode = (
  body: unknown,
  framing: Framing = 'batch',
  options: Partial<DecodeOptions> = {},
): Decoded => {
  const sink = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
  const bytes =
    body instanceof Uint8Array
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');
  const result = decodeEvents(bytes, framing, sink, { ...OPTIONS, ...options });
  return { ...result, events: rowViews(sink.events.build()), refused: rowViews(sink.refused.build()) };
};

/** The columns of one accepted event that are not empty, `properties` parsed; without what every event has. */
export const accepted = (event: unknown, options: Partial<DecodeOptions> = {}): Record<string, unknown> => {
  const { events, rejected } = decode(typeof event === 'string' ? event : [event], 'batch', options);
  const [row] = events;
  if (row === undefined || events.length !== 1) throw new Error(`not accepted: ${JSON.stringify(rejected)}`);
  const { project: _project, received_at: _receivedAt, properties, ...rest } = row;
  const set = Object.entries(rest).filter(([, value]) => value !== '' && value !== null);
  return { ...Object.fromEntries(set), properties: JSON.parse(String(properties)) };
};

/** Code and message with which one event is refused. */
export const refusal = (
  event: unknown,
  options: Partial<DecodeOptions> = {},
): { code: string; message: string } => {
  const { rejected } = decode(typeof event === 'string' ? event : [event], 'batch', options);
  const [first] = rejected;
  if (first === undefined || rejected.length !== 1) throw new Error('not refused');
  return { code: first.code, message: first.message };
};

const SHARED = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/** Path of shared test data, and why to skip the tests that need it, if it is not there. */
export const sharedData = (path: string): { path: string; skip: string | false } => ({
  path: SHARED + path,
  skip: existsSync(SHARED + path) ? false : `../shared/data/${path} is not there`,
});
