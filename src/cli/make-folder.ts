import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from './failure.ts';

/**
 * Makes a folder and those above it, and sees that it can be used. Throws CliError with what to do.
 *
 * Not by Node's recursive mkdir: that never ends where a folder above exists but says "no such file", as /proc does.
 */
export const makeFolder = async (path: string): Promise<void> => {
  try {
    await makeFrom(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(`${path} ${reasonOf(code, message)}, or choose another folder: --data-dir <folder>`);
  }
};

const makeFrom = async (path: string): Promise<void> => {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
  if (dirname(path) !== path) await makeFrom(dirname(path));
  await mkdir(path);
};

const reasonOf = (code: string | undefined, message: string): string => {
  if (code === 'EACCES' || code === 'EPERM') return 'is not writable by this user. Change its owner';
  if (code === 'EROFS') return 'is on a read-only file system. Mount it writable';
  if (code === 'ENOTDIR') return 'is not a folder. Move the file away';
  if (code === 'ENOSPC') return 'cannot be made: the disk is full. Free some space';
  return `cannot be made (${message}). Correct the path`;
};
