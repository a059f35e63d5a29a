import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname, resolve as absolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineEvent, type Telemetry } from '../../lib/telemetry.ts';
import { enginePaths } from './config-file.ts';
import {
  ENGINE_USER,
  type EngineOptions,
  type EngineReady,
  type FromEngine,
  type ToEngine,
} from './engine-options.ts';

/** How to run the embedded engine. */
export interface StartEngineOptions {
  /** Folder for the engine alone. */
  readonly dataDir: string;
  readonly memoryBytesMax: number;
  /** Password of every request: make it random at every start of the node. */
  readonly secret: string;
  readonly telemetry: Telemetry;
  /** Reading statements at a time; default 4. */
  readonly readLanes?: number;
  /** Statements of users at a time; default 2. */
  readonly sqlLanes?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one, kept over restarts. */
  readonly port?: number;
  /** How often it is asked whether it still answers, and how long each answer may take; default 2,000. */
  readonly pingEveryMs?: number;
  /** Longest pause before it is started again, for one that keeps dying; default 5,000. */
  readonly restartPauseMsMax?: number;
  /** How long statements under way get when it is told to stop; it is killed when it takes 2 s more. Default 2,000. */
  readonly drainMs?: number;
}

/**
 * `starting`: the process is there, not yet ready. `ready`. `waiting`: it died, the next one starts after a pause. `stopped`: for good.
 */
export type EngineState = 'starting' | 'ready' | 'waiting' | 'stopped';

/** The engine's process, kept alive: started again when it ends, and killed when it does not answer any more. Address, user and password stay the same over restarts. */
export interface EngineHandle {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Folder in which the engine takes the data of an INSERT as a file. */
  readonly bodiesDir: string;
  readonly state: EngineState;
  /** Whether it is ready and answered when it was last asked. */
  readonly isAnswering: boolean;
  /** Process id, undefined while none runs. */
  readonly pid: number | undefined;
  /** Times that the process died and was started anew. */
  readonly restarts: number;
  /** Resolves when the engine is ready; rejects after `timeoutMs` or once it is stopped. */
  ready(timeoutMs: number): Promise<void>;
  /** Lets statements under way finish for `drainMs`, closes the tables and ends the process; kills it 2 s later. */
  stop(): Promise<void>;
}

const ENTRY = fileURLToPath(new URL('./child.ts', import.meta.url));
const DEFAULT_READ_LANES = 4;
const DEFAULT_SQL_LANES = 2;
/** libuv threads beside those that the lanes' statements occupy: files, compression, the control lane, KILL. */
const SPARE_THREADS = 8;
/** A start that takes longer is given up and tried anew. Generous: tables with many parts load slowly on a cold disk. */
const READY_TIMEOUT_MS = 60_000;
/** A predecessor whose parent died ends at once; this is for a machine under load. */
const LOCK_TIMEOUT_MS = 10_000;
const BACKOFF_MIN_MS = 50;
const BACKOFF_MAX_MS = 5_000;
/** An engine that was ready for so long starts again without delay. */
const HEALTHY_MS = 10_000;
const DRAIN_MS = 2_000;
/** Time to close the tables, after that for statements. */
const CLOSE_TIMEOUT_MS = 2_000;
const PING_EVERY_MS = 2_000;
/** So many unanswered pings in a row, and the process hangs: half a minute. Statements run beside, so only a machine in distress is as slow without hanging. */
const PINGS_MISSED_MAX = 8;
const STDERR_KEPT_CHARS = 2_000;

const ENGINE_READY = defineEvent<{ pid: number; port: number; openedMs: number }>({
  name: 'engine_ready',
  level: 'info',
  message: ({ pid, openedMs }) => `The engine is ready (process ${pid}, ${openedMs} ms).`,
  metrics: [{ kind: 'counter', name: 'aevum_engine_starts_total', help: 'Starts of the embedded engine.' }],
});

const ENGINE_ENDED = defineEvent<{
  code: number | null;
  signal: string | null;
  detail: string;
  retryMs: number;
}>({
  name: 'engine_ended',
  level: 'error',
  message: ({ code, signal, retryMs, detail }) =>
    `The engine ended (${signal ?? `code ${code}`}); starting it again in ${retryMs} ms.${detail === '' ? '' : ` ${detail}`}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_engine_deaths_total',
      help: 'Times that the embedded engine ended unasked.',
    },
  ],
});

const TOKENS_FORGOTTEN = defineEvent<{ tokens: number }>({
  name: 'engine_tokens_forgotten',
  level: 'warn',
  message: ({ tokens }) =>
    `The engine was killed as it took in rows: ${tokens} of its tokens stood for rows that are not there. They are forgotten, so that those rows are loaded now.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_engine_tokens_forgotten_total',
      help: 'Tokens of loads that the engine had in its lists without their rows, removed as it was started.',
      value: ({ tokens }) => tokens,
    },
  ],
});

const ENGINE_HUNG = defineEvent<{ pid: number }>({
  name: 'engine_hung',
  level: 'error',
  message: ({ pid }) =>
    `The engine (process ${pid}) does not answer any more; it is killed and started again.`,
  metrics: [
    { kind: 'counter', name: 'aevum_engine_hung_total', help: 'Times that the embedded engine hung.' },
  ],
});

/** Why a start failed, as the engine's process or the system said it. */
export class EngineStartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EngineStartError';
  }
}

/** One run of the engine's process. */
interface Run {
  readonly child: ChildProcess;
  /** Rejects with EngineStartError if the process ends or takes too long. */
  readonly ready: Promise<EngineReady>;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  /** What it last wrote to its standard error, and why it failed. */
  detail(): string;
}

/** The engine gets none of our variables but this: compiled sources, where there are any. Node tells the folder of its own release below the one that was given. */
const compiledSources = (): Record<string, string> => {
  const dir = getCompileCacheDir();
  return dir === undefined ? {} : { NODE_COMPILE_CACHE: dirname(dir) };
};

const childEnvironment = ({ readLanes, sqlLanes }: EngineOptions): Record<string, string> => ({
  ...compiledSources(),
  UV_THREADPOOL_SIZE: String(readLanes + sqlLanes + SPARE_THREADS),
  TZ: 'UTC',
  LC_ALL: 'C.UTF-8',
});

const launch = (options: EngineOptions): Run => {
  const child = fork(ENTRY, [], {
    env: childEnvironment(options),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let tail = '';
  let failure = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = `${tail}${text}`.slice(-STDERR_KEPT_CHARS);
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      failure = error.message;
      resolve({ code: null, signal: null });
    });
  });
  const ready = new Promise<EngineReady>((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
    child.on('message', (message: FromEngine) => {
      clearTimeout(timer);
      if (message.kind === 'failed') failure = message.message;
      else resolve(message);
    });
    void ended.then(({ code, signal }) => {
      clearTimeout(timer);
      const how = `the engine ended before it was ready (${signal ?? `code ${code}`}): ${tail.trim()}`;
      reject(new EngineStartError(failure === '' ? how : failure));
    });
  });
  ready.catch(() => undefined);
  const start: ToEngine = { kind: 'start', options };
  child.send(start, () => undefined);
  return { child, ready, ended, detail: () => failure || tail.trim() };
};

/** Keeps one engine process alive. */
class EngineSupervisor implements EngineHandle {
  readonly #options: StartEngineOptions;
  readonly #engine: EngineOptions;
  #port: number;
  #run: Run;
  #state: EngineState = 'starting';
  #restarts = 0;
  #readySinceMs = 0;
  #pingsMissed = 0;
  readonly #stopping = new AbortController();
  readonly #watchers = new Set<() => void>();

  constructor(
    options: StartEngineOptions,
    engine: EngineOptions,
    run: Run,
    ready: EngineReady,
    openedMs: number,
  ) {
    this.#options = options;
    this.#engine = engine;
    this.#port = ready.port;
    this.#run = run;
    this.#becomeReady(ready, openedMs);
    void this.#keepAlive();
    void this.#keepAnswering();
  }

  get url(): string {
    return `http://${this.#engine.host.includes(':') ? `[${this.#engine.host}]` : this.#engine.host}:${this.#port}`;
  }
  get username(): string {
    return ENGINE_USER;
  }
  get password(): string {
    return this.#options.secret;
  }
  get bodiesDir(): string {
    return enginePaths(absolute(this.#engine.dataDir)).bodies;
  }
  get state(): EngineState {
    return this.#state;
  }
  get isAnswering(): boolean {
    return this.#state === 'ready' && this.#pingsMissed === 0;
  }
  get pid(): number | undefined {
    return this.#state === 'ready' || this.#state === 'starting' ? this.#run.child.pid : undefined;
  }
  get restarts(): number {
    return this.#restarts;
  }

  async ready(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.#state !== 'ready') {
      if (this.#state === 'stopped') throw new EngineStartError('the engine is stopped');
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new EngineStartError(`the engine was not ready within ${timeoutMs} ms: ${this.#run.detail()}`);
      await this.#changed(leftMs);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#setState('stopped');
    const { child, ended } = this.#run;
    const stop: ToEngine = { kind: 'stop' };
    if (child.connected) child.send(stop, () => undefined);
    const killer = setTimeout(() => child.kill('SIGKILL'), this.#engine.drainMs + CLOSE_TIMEOUT_MS);
    await ended;
    clearTimeout(killer);
  }

  #setState(state: EngineState): void {
    this.#state = state;
    for (const tell of this.#watchers) tell();
  }

  #changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#watchers.add(done);
    });
  }

  #becomeReady({ forgotten }: EngineReady, openedMs: number): void {
    this.#readySinceMs = performance.now();
    this.#pingsMissed = 0;
    this.#setState('ready');
    const { telemetry } = this.#options;
    telemetry.emit(ENGINE_READY, { pid: this.#run.child.pid ?? 0, port: this.#port, openedMs });
    if (forgotten > 0) telemetry.emit(TOKENS_FORGOTTEN, { tokens: forgotten });
  }

  /** Starts the process again whenever it ends, until stopped. */
  async #keepAlive(): Promise<void> {
    let failures = 0;
    const pauseMsMax = this.#options.restartPauseMsMax ?? BACKOFF_MAX_MS;
    for (;;) {
      const { code, signal } = await this.#run.ended;
      if (this.#stopping.signal.aborted) return;
      const wasHealthy = this.#state === 'ready' && performance.now() - this.#readySinceMs > HEALTHY_MS;
      failures = wasHealthy ? 0 : failures + 1;
      const retryMs = wasHealthy ? 0 : Math.min(pauseMsMax, BACKOFF_MIN_MS * 2 ** (failures - 1));
      this.#setState('waiting');
      this.#options.telemetry.emit(ENGINE_ENDED, { code, signal, detail: this.#run.detail(), retryMs });
      await sleep(retryMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      await this.#restart();
    }
  }

  /** Asks again and again; kills the process when too many answers are missing. `keepAlive` does the rest. */
  async #keepAnswering(): Promise<void> {
    const everyMs = this.#options.pingEveryMs ?? PING_EVERY_MS;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      const { child } = this.#run;
      if (signal.aborted || this.#state !== 'ready') continue;
      const answered = await this.#ping(everyMs);
      if (child !== this.#run.child || this.#state !== 'ready') continue;
      this.#pingsMissed = answered ? 0 : this.#pingsMissed + 1;
      if (this.#pingsMissed < PINGS_MISSED_MAX) continue;
      this.#options.telemetry.emit(ENGINE_HUNG, { pid: child.pid ?? 0 });
      child.kill('SIGKILL');
    }
  }

  async #ping(timeoutMs: number): Promise<boolean> {
    try {
      const answer = await fetch(`${this.url}/ping`, { signal: AbortSignal.timeout(timeoutMs) });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  async #restart(): Promise<void> {
    const startedAt = performance.now();
    this.#restarts += 1;
    this.#run = launch({ ...this.#engine, port: this.#port });
    this.#setState('starting');
    const ready = await this.#run.ready.catch(() => undefined);
    if (ready !== undefined && !this.#stopping.signal.aborted)
      this.#becomeReady(ready, Math.round(performance.now() - startedAt));
  }
}

/**
 * Starts the embedded engine and resolves once it answers. If its process dies later, it is started again on the same port, with growing pauses. Rejects with
 * EngineStartError if the first start fails: then nothing is left behind.
 */
export const startEngine = async (options: StartEngineOptions): Promise<EngineHandle> => {
  const { dataDir, secret, memoryBytesMax } = options;
  const engine: EngineOptions = {
    dataDir,
    secret,
    memoryBytesMax,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    readLanes: options.readLanes ?? DEFAULT_READ_LANES,
    sqlLanes: options.sqlLanes ?? DEFAULT_SQL_LANES,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    drainMs: options.drainMs ?? DRAIN_MS,
  };
  const startedAt = performance.now();
  const run = launch(engine);
  const ready = await run.ready;
  return new EngineSupervisor(options, engine, run, ready, Math.round(performance.now() - startedAt));
};
