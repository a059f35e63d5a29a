import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ImportError } from './row.ts';

/** The bytes of a file (or of standard input), decompressed, read once from the start. */
export interface ByteSource {
  /** As the user named it. */
  readonly name: string;
  /** Path of the file, undefined for standard input. */
  readonly path: string | undefined;
  /** Bytes on disk; undefined when not known beforehand. */
  readonly size: number | undefined;
  readonly compression: Compression;
  /** The first bytes, decompressed; up to `HEAD_BYTES`. */
  readonly head: Buffer;
  /** Bytes on disk read so far. */
  bytesRead(): number;
  /** All bytes, decompressed, the head included. To be called once. */
  chunks(): AsyncIterable<Buffer>;
  close(): void;
}

/** How a file is packed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes looked at to find out what a file is. */
export const HEAD_BYTES = 256 * 1024;

/** Bytes read from disk, and given out by the decompressor, at a time. */
const CHUNK_BYTES = 256 * 1024;

const startsWith = (bytes: Uint8Array, ...magic: number[]): boolean =>
  magic.every((byte, index) => bytes[index] === byte);

/** Told by the content (RFC 1952, RFC 8878), never by the name. */
export const compressionOf = (bytes: Uint8Array): Compression => {
  if (startsWith(bytes, 0x1f, 0x8b)) return 'gzip';
  return startsWith(bytes, 0x28, 0xb5, 0x2f, 0xfd) ? 'zstd' : 'none';
};

/** Opens a file, or standard input when the name is `-`. Throws ImportError when it cannot be read. */
export const openSource = async (name: string, stdin: Readable): Promise<ByteSource> => {
  const path = name === '-' ? undefined : name;
  const size = path === undefined ? undefined : await sizeOf(path);
  const raw = path === undefined ? stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  let bytesRead = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytesRead += chunk.length;
      done(null, chunk);
    },
  });
  const failed = pipeline(raw, counter).catch((error: unknown) => void counter.destroy(error as Error));
  const peeked = await peek(counter, 4, name);
  const compression = compressionOf(peeked.head);
  const opened = decompress(peeked.rest, compression);
  const { head, rest } = await peek(opened, HEAD_BYTES, name);
  return {
    name,
    path,
    size,
    compression,
    head,
    bytesRead: () => bytesRead,
    chunks: () => named(rest, name),
    close: () => {
      raw.destroy();
      counter.destroy();
      opened.destroy();
      void failed;
    },
  };
};

const sizeOf = async (path: string): Promise<number> => {
  const found = await stat(path).catch((error: unknown) => {
    throw readError(path, error);
  });
  if (!found.isFile()) throw new ImportError(`${path} is not a file.`);
  return found.size;
};

const readError = (name: string, error: unknown): ImportError => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new ImportError(`There is no file ${name}.`, { cause: error });
  if (code === 'EACCES')
    return new ImportError(`The file ${name} may not be read: check its permissions.`, { cause: error });
  if (code === 'Z_BUF_ERROR')
    return new ImportError(`${name} is cut short: its compressed data ends too early.`, { cause: error });
  if (code?.startsWith('Z') === true)
    return new ImportError(`${name} is damaged: it cannot be decompressed (${message}).`, { cause: error });
  return new ImportError(`${name} cannot be read: ${message}`, { cause: error });
};

const decompress = (input: Readable, compression: Compression): Readable => {
  if (compression === 'none') return input;
  const output =
    compression === 'gzip'
      ? createGunzip({ chunkSize: CHUNK_BYTES })
      : createZstdDecompress({ chunkSize: CHUNK_BYTES });
  pipeline(input, output).catch(() => undefined); // the reader of `output` is told
  return output;
};

/** The first `bytes` of a stream, and a stream that has all of it. */
const peek = async (
  input: Readable,
  bytes: number,
  name: string,
): Promise<{ head: Buffer; rest: Readable }> => {
  const iterator = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const parts: Buffer[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await iterator.next().catch((error: unknown) => {
      throw readError(name, error);
    });
    if (next.done === true) break;
    parts.push(next.value);
    length += next.value.length;
  }
  const read = Buffer.concat(parts);
  const rest = new PassThrough({ highWaterMark: 4 * CHUNK_BYTES });
  pipeline(replay(read, iterator), rest).catch(() => undefined); // the reader of `rest` is told
  return { head: read.subarray(0, bytes), rest };
};

async function* replay(first: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function* named(input: Readable, name: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw readError(name, error);
  }
}

/** Hexadecimal digits of the hash that identify a file. 16 digits are 64 bits: no two of a user's files meet by chance. */
export const HASH_DIGITS = 16;

/** The first digits of the SHA-256 of a file's bytes as they lie on disk. `onBytes` hears how many were read so far. */
export const hashFile = async (path: string, onBytes: (bytes: number) => void): Promise<string> => {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, {
      highWaterMark: 1024 * 1024,
    }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
    }
  } catch (error) {
    throw readError(path, error);
  }
  return hash.digest('hex').slice(0, HASH_DIGITS);
};

/** A copy of a source in a temporary file, for formats that need to be read out of order. */
export interface Spooled {
  readonly path: string;
  remove(): Promise<void>;
}

/** Writes the decompressed bytes of a source to a temporary file. */
export const spool = async (source: ByteSource): Promise<Spooled> => {
  const folder = await mkdtemp(join(tmpdir(), 'aevum-import-'));
  const path = join(folder, 'file');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await pipeline(source.chunks(), createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
};
