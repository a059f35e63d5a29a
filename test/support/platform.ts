import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileAhead } from '../../scripts/setup/compiled.mjs';
import { RUNTIME_FLAGS } from '../../scripts/setup/runtime-flags.mjs';
import { childrenOf } from './processes.ts';

/** The platform as its users run it: `aevum start` in a process group of its own, to be killed in whole or in part. */

/** What `aevum` runs. */
export const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const PROBE_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 180_000;

/** The keys that the platform is started with unless told otherwise. */
export const WRITE_KEY = 'write-key-of-the-tests';
export const ADMIN_KEY = 'admin-key-of-the-tests';

/** A process of the platform that can be killed alone. */
export type Role = 'group' | 'processor' | 'engine';

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  server.close();
  await once(server, 'close');
  return port;
};

/** One running platform. */
export class Platform {
  readonly port: number;
  readonly url: string;
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** Starts the platform on a data dir and waits until it is ready. `env` is laid over the environment and the preset keys; undefined takes a variable away. */
  static async start(
    dataDir: string,
    port: number,
    args: readonly string[] = [],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Platform> {
    const child = spawn(
      process.execPath,
      [...RUNTIME_FLAGS, MAIN, 'start', '--data-dir', dataDir, '--port', String(port), ...args],
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          ...compileAhead(process.execPath),
          AEVUM_WRITE_KEY: WRITE_KEY,
          AEVUM_ADMIN_KEY: ADMIN_KEY,
          NO_COLOR: '1',
          ...env,
        },
      },
    );
    const platform = new Platform(child, port);
    const limit = Date.now() + READY_TIMEOUT_MS;
    while (!(await platform.ready())) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > limit) {
        await platform.kill('group');
        throw new Error(`the platform did not get ready; it said:\n${platform.output}`);
      }
      await sleep(50);
    }
    return platform;
  }

  /** What it printed last. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ready(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/api/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
      await answer.body?.cancel();
      return answer.status === 200;
    } catch {
      return false;
    }
  }

  /** Process ids of the processor and engine children (none while one restarts). */
  pidOf(role: 'processor' | 'engine'): number | undefined {
    const mark = role === 'processor' ? 'src/process/role' : 'warehouse/engine';
    return childrenOf(this.pid).find((child) => child.command.includes(mark))?.pid;
  }

  /** kill -9 of the whole group, or of one role. Answers whether there was something to kill. */
  async kill(role: Role): Promise<boolean> {
    if (role === 'group') {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return false;
      const gone = once(this.#child, 'exit');
      process.kill(-this.pid, 'SIGKILL');
      await gone;
      return true;
    }
    const pid = this.pidOf(role);
    if (pid === undefined) return false;
    process.kill(pid, 'SIGKILL');
    return true;
  }

  /** Ctrl-C: asks for a clean end and answers the exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const gone = once(this.#child, 'exit');
    process.kill(this.pid, 'SIGINT');
    await gone;
    return this.#child.exitCode;
  }

  /** A JSON answer of the API, asked with the admin key. */
  async json<T>(path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }
}
