import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DirectoryLock, DirectoryLockedError, lockDirectory } from '../../lib/dir-lock.ts';
import { countBuffersAsHeap } from '../../lib/external-memory.ts';
import { createSqlJudge } from '../../sql/guard.ts';
import { enginePaths, writeEngineConfig } from './config-file.ts';
import { createConfinement } from './confinement.ts';
import { forgetLostParts } from './deduplication-log.ts';
import type { EngineOptions, FromEngine, ToEngine } from './engine-options.ts';
import { LanePool } from './lane-pool.ts';
import { EngineServer } from './server.ts';
import { rehearsalStartFor, sqlStartFor } from './session-class.ts';

/**
 * Entry of the engine's process. Started by `supervise.ts`, which tells it what to do over IPC. It ends with that channel, at once: the tables survive
 * a kill, and a successor must not have to wait. Signals of the terminal are the parent's business.
 */

const LOCK_RETRY_MS = 20;
const EXIT_STUCK = 70;
const EXIT_FAILED = 71;

const send = (message: FromEngine): void => {
  process.send?.(message);
};

const acquireLock = async (options: EngineOptions): Promise<DirectoryLock> => {
  const deadline = performance.now() + options.lockTimeoutMs;
  for (;;) {
    try {
      return lockDirectory(options.dataDir, 'the embedded engine');
    } catch (error) {
      if (!(error instanceof DirectoryLockedError) || performance.now() > deadline) throw error;
      await sleep(LOCK_RETRY_MS);
    }
  }
};

/** The engine would look for files that match, find none, and insert nothing without an error. */
const refuseWildCards = (dataDir: string): void => {
  if (/[*?{}\\]/.test(dataDir))
    throw new Error(`The data folder must not have *, ?, {, } or a backslash in its path: ${dataDir}`);
};

const prepareFolders = async (dataDir: string): Promise<void> => {
  const paths = enginePaths(dataDir);
  for (const dir of [paths.bodies, paths.spill]) await rm(dir, { recursive: true, force: true });
  for (const dir of [paths.store, paths.bodies, paths.spill]) await mkdir(dir, { recursive: true });
};

const dieNow = (code: number, detail: string): void => {
  process.stderr.write(`${detail}\n`);
  process.exitCode = code;
  // Not process.exit(): that runs the engine's destructors, which wait for the statement that is stuck.
  process.kill(process.pid, 'SIGKILL');
};

/** A running engine: everything that a stop must end. */
interface Running {
  readonly server: EngineServer;
  readonly pool: LanePool;
  /** How long statements under way get when it is told to stop. */
  readonly drainMs: number;
}

const start = async (options: EngineOptions): Promise<Running> => {
  const { memoryBytesMax, secret } = options;
  const dataDir = resolve(options.dataDir);
  refuseWildCards(dataDir);
  await acquireLock(options);
  await prepareFolders(dataDir);
  const paths = enginePaths(dataDir);
  const forgotten = await forgetLostParts(paths.store);
  const confinement = createConfinement();
  const configFile = await writeEngineConfig(dataDir, memoryBytesMax, confinement);
  const { readLanes, sqlLanes } = options;
  const sqlStart = sqlStartFor(memoryBytesMax);
  const pool = new LanePool(
    { storeDir: paths.store, configFile },
    { readLanes, sqlLanes, sqlStart, rehearsalStart: (id) => rehearsalStartFor(memoryBytesMax, id) },
  );
  const onStuck = (detail: string): void => dieNow(EXIT_STUCK, detail);
  const server = new EngineServer({
    ...{ pool, secret, memoryBytesMax, sqlStart, confinement, onStuck },
    bodiesDir: paths.bodies,
    judge: createSqlJudge(),
  });
  server.http.listen(options.port, options.host);
  await once(server.http, 'listening');
  const { port } = server.http.address() as AddressInfo;
  send({ kind: 'ready', port, forgotten });
  return { server, pool, drainMs: options.drainMs };
};

const stop = async (running: Running | undefined): Promise<void> => {
  if (running !== undefined) {
    const { server, pool, drainMs } = running;
    await Promise.race([server.close().then(() => pool.settle()), sleep(drainMs)]);
    pool.close();
  }
  process.exit(0);
};

const failed = (error: unknown): void => {
  send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = EXIT_FAILED;
  process.disconnect?.();
};

countBuffersAsHeap();
let running: Promise<Running> | undefined;
process.on('disconnect', () => {
  if (process.exitCode === undefined) process.kill(process.pid, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('message', (message: ToEngine) => {
  if (message.kind === 'start') {
    running = start(message.options);
    running.catch(failed);
  } else {
    void (running ?? Promise.resolve(undefined)).then(stop, () => undefined);
  }
});
