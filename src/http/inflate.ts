import {
  brotliDecompress,
  brotliDecompressSync,
  gunzip,
  gunzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import { ApiError } from '../event/errors.ts';

/**
 * Decompression of bodies. Whatever the bytes, no more than the limit comes out: a bomb is stopped there. At most INFLATING_MAX large bodies are
 * decompressed at a time, so that they cannot fill the memory together.
 */

/** Up to so much is decompressed on the spot: handing it to another thread would take longer. */
const SYNC_INPUT_BYTES_MAX = 32 * 1024;
/** What comes out on the spot may be so long (about a millisecond); longer ones start over on another thread. */
const SYNC_OUTPUT_BYTES_MAX = 512 * 1024;
/** Large bodies decompressed at the same time. */
const INFLATING_MAX = 4;

type Done = (error: Error | null, result: NonSharedBuffer) => void;
interface Bound {
  readonly maxOutputLength: number;
}

interface Codec {
  readonly sync: (input: Uint8Array, bound: Bound) => Uint8Array;
  readonly async: (input: Uint8Array, bound: Bound, done: Done) => void;
}

/** RFC 9110 means zlib's format by "deflate", some clients send raw deflate: the low four bits of zlib's first byte are always 8. */
const isZlib = (input: Uint8Array): boolean => ((input[0] ?? 0) & 0x0f) === 8;

const CODECS: Readonly<Record<string, Codec>> = {
  gzip: { sync: gunzipSync, async: gunzip },
  br: { sync: brotliDecompressSync, async: brotliDecompress },
  zstd: { sync: zstdDecompressSync, async: zstdDecompress },
  deflate: {
    sync: (input, bound) => (isZlib(input) ? inflateSync(input, bound) : inflateRawSync(input, bound)),
    async: (input, bound, done) =>
      isZlib(input) ? inflate(input, bound, done) : inflateRaw(input, bound, done),
  },
};

/** Name of a supported encoding; null: none. */
export type Encoding = string | null;

/** Reads `Content-Encoding`. Throws ApiError `unsupported_encoding` for others than gzip, br, zstd, deflate and identity, and for several of them. */
export const encodingOf = (header: string | undefined): Encoding => {
  if (header === undefined) return null;
  const names = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const [name] = names;
  if (name === undefined) return null;
  const known = name === 'x-gzip' ? 'gzip' : name;
  if (names.length > 1 || !Object.hasOwn(CODECS, known)) throw new ApiError('unsupported_encoding');
  return known;
};

/** Decompresses a body up to `bytesMax`. Throws or rejects with ApiError (`body_too_large`, `invalid_encoding`). */
export const inflateBody = (
  body: Uint8Array,
  encoding: string,
  bytesMax: number,
): Uint8Array | Promise<Uint8Array> => {
  const codec = CODECS[encoding];
  if (codec === undefined) throw new ApiError('unsupported_encoding');
  if (body.length <= SYNC_INPUT_BYTES_MAX) {
    const small = inflateNow(codec, body, encoding, bytesMax);
    if (small !== undefined) return small;
  }
  return inflateLater(codec, body, encoding, bytesMax);
};

/** Undefined: too long to be decompressed on the spot. */
const inflateNow = (
  codec: Codec,
  body: Uint8Array,
  encoding: string,
  bytesMax: number,
): Uint8Array | undefined => {
  const maxOutputLength = Math.min(bytesMax, SYNC_OUTPUT_BYTES_MAX);
  try {
    return codec.sync(body, { maxOutputLength });
  } catch (error) {
    if (isTooLarge(error) && maxOutputLength < bytesMax) return undefined;
    throw inflateError(error, encoding, bytesMax);
  }
};

let inflating = 0;
const queue: (() => void)[] = [];

const inflateLater = async (
  codec: Codec,
  body: Uint8Array,
  encoding: string,
  bytesMax: number,
): Promise<Uint8Array> => {
  if (inflating >= INFLATING_MAX) await new Promise<void>((resolve) => queue.push(resolve));
  else inflating++;
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      codec.async(body, { maxOutputLength: bytesMax }, (error, result) => {
        if (error === null) resolve(result);
        else reject(inflateError(error, encoding, bytesMax));
      });
    });
  } finally {
    const next = queue.shift();
    if (next === undefined) inflating--;
    else next();
  }
};

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

const inflateError = (error: unknown, encoding: string, bytesMax: number): ApiError =>
  isTooLarge(error)
    ? new ApiError(
        'body_too_large',
        `The body is larger than the limit of ${bytesMax} bytes after decompression. Send fewer events at a time.`,
      )
    : new ApiError('invalid_encoding', `The body is not valid ${encoding}, or it ends early.`, {
        cause: error,
      });
