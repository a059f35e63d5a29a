import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from './crc32.ts';

/**
 * Small files that are replaced as a whole: after a crash or a power loss there is the old content or the new one, never a mixture and never nothing.
 * One writer a file at a time (the temporary name is fixed, so that leftovers do not pile up).
 */

/** Only the owner may read and write. */
export const PRIVATE_FILE_MODE = 0o600;

const TEMPORARY_SUFFIX = '.tmp';

/** Makes creations, renames and removals in a directory survive a power loss. */
const syncDirectorySync = (dir: string): void => {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};

/** Replaces the content of `path`; durable when it resolves. Rejects with Node's error, the old content then stays. */
export const writeFileAtomic = async (
  path: string,
  content: string | Uint8Array,
  mode = PRIVATE_FILE_MODE,
): Promise<void> => {
  const temporary = path + TEMPORARY_SUFFIX;
  const file = await open(temporary, 'w', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const dir = await open(dirname(path), 'r');
  try {
    await dir.sync();
  } finally {
    await dir.close();
  }
};

/** As `writeFileAtomic`, blocking: for the start of a process. */
export const writeFileAtomicSync = (
  path: string,
  content: string | Uint8Array,
  mode = PRIVATE_FILE_MODE,
): void => {
  const temporary = path + TEMPORARY_SUFFIX;
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const fd = openSync(temporary, 'w', mode);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectorySync(dirname(path));
};

/** What a checked file holds: nothing there, not what was written, or the value. */
export type CheckedContent =
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly detail: string }
  | { readonly kind: 'value'; readonly value: unknown };

/** Replaces a file by a JSON value with a checksum over it. */
export const writeCheckedJson = (path: string, value: unknown): Promise<void> => {
  const text = JSON.stringify(value);
  return writeFileAtomic(path, `${checksumOf(text)} ${text}\n`);
};

const checksumOf = (text: string): string => crc32(Buffer.from(text, 'utf8')).toString(16).padStart(8, '0');

/** Reads what `writeCheckedJson` wrote. Throws Node's error when the file is there but cannot be read. */
export const readCheckedJson = (path: string): CheckedContent => {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' };
    throw error;
  }
  const match = /^([0-9a-f]{8}) (.*)\n$/s.exec(content);
  const [, checksum, text] = match ?? [];
  if (text === undefined || checksumOf(text) !== checksum)
    return { kind: 'damaged', detail: `${path} does not have the content that its checksum says` };
  try {
    return { kind: 'value', value: JSON.parse(text) };
  } catch {
    return { kind: 'damaged', detail: `${path} is not JSON` };
  }
};
