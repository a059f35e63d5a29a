import { ApiError } from '../event/errors.ts';
import { encodingOf, inflateBody } from './inflate.ts';

/**
 * What the clients of other platforms wrap their JSON in. They often name it wrongly or not at all (a browser sends gzip as text/plain, so that it need not ask
 * first), so it is told by its bytes: compression, a form with the field `data`, base64, and these on top of each other.
 */

/** Layers at most: base64 of gzip in a form within a compressed request are four. */
const LAYERS_MAX = 4;
const FORM = /^data=/;
const BASE64 = /^[A-Za-z0-9+/_=\s-]+$/;
/** What JSON that is worth reading begins with; a byte order mark counts as space. */
const JSON_START = /^[\s\uFEFF]*[[{]/;
/** So much of a body is looked at to tell what it is. */
const PROBE_BYTES = 64;

const startsWith = (body: Uint8Array, ...bytes: number[]): boolean =>
  bytes.every((byte, index) => body[index] === byte);

const compressionOf = (body: Uint8Array): string | undefined => {
  if (startsWith(body, 0x1f, 0x8b)) return 'gzip';
  return startsWith(body, 0x28, 0xb5, 0x2f, 0xfd) ? 'zstd' : undefined;
};

/** Takes a body out of its wrappings; it may hold `bytesMax` at every layer. Rejects with ApiError. */
export const unpackBody = async (
  body: Uint8Array,
  contentEncoding: string | undefined,
  query: URLSearchParams,
  bytesMax: number,
): Promise<Uint8Array> => {
  if (query.get('compression') === 'lz64')
    throw new ApiError(
      'unsupported_encoding',
      'The compression "lz64" of very old clients is not understood. Update the client, or set its compression to gzip or base64.',
    );
  const announced = encodingOf(contentEncoding);
  let inner = announced === null ? body : await inflateBody(body, announced, bytesMax);
  for (let layer = 0; layer < LAYERS_MAX; layer++) {
    const next = await unwrap(inner, bytesMax);
    if (next === undefined) break;
    inner = next;
  }
  return inner;
};

/** One layer less; undefined if there is none. */
const unwrap = async (body: Uint8Array, bytesMax: number): Promise<Uint8Array | undefined> => {
  const compression = compressionOf(body);
  if (compression !== undefined) return inflateBody(body, compression, bytesMax);
  const start = Buffer.from(body.subarray(0, PROBE_BYTES)).toString('utf8');
  if (start === '' || JSON_START.test(start)) return undefined;
  if (FORM.test(start)) return Buffer.from(dataOf(Buffer.from(body).toString('utf8')));
  if (!BASE64.test(start)) return undefined;
  const text = Buffer.from(body).toString('latin1');
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
};

/** The field `data` of a form. A plus that was not escaped was read as a space, which base64 does not have. */
const dataOf = (form: string): string => {
  const data = new URLSearchParams(form).get('data') ?? '';
  return JSON_START.test(data) ? data : data.replaceAll(' ', '+');
};
