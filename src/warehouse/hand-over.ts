import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFiles } from '../lib/file-port.ts';
import { WarehouseError } from './warehouse-error.ts';

/** Rows put where an engine on this machine takes them from. */
export interface HandedBody extends AsyncDisposable {
  /** Tells the engine which it is. */
  readonly name: string;
}

/**
 * Writes a body into the engine's folder for bodies, under a name of its own. Dispose of it when the engine has answered or will not: it has taken the file by then, or never will. What a
 * process leaves behind that ends in between goes when the engine is next started. Throws WarehouseError.
 */
export const handOver = async (bodiesDir: string, body: readonly Uint8Array[]): Promise<HandedBody> => {
  const name = `${randomUUID()}.handed`;
  const path = join(bodiesDir, name);
  const remove = (): Promise<void> => rm(path, { force: true });
  try {
    const file = await nodeFiles.open(path, 'create');
    try {
      await file.writev(body, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    await remove().catch(() => undefined);
    throw notWritten(error as NodeJS.ErrnoException);
  }
  return { name, [Symbol.asyncDispose]: remove };
};

const notWritten = (error: NodeJS.ErrnoException): WarehouseError =>
  new WarehouseError(
    error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'disk_full' : 'unavailable',
    `The rows of a load cannot be written for the engine to take: ${error.message}`,
    undefined,
    { cause: error },
  );
