import { type ChildProcess, fork } from 'node:child_process';
import { defineEvent, type Level, type LogSink, type MetricState, type Telemetry } from '../lib/telemetry.ts';
import type { Position } from '../log/log.ts';
import type { WindowState } from '../window/metric.ts';
import { fromMessage, type LoadedUsers } from './loaded-users.ts';
import type { ConfigurationSnapshot, FromProcess, Progress, ToProcess } from './messages.ts';
import type { ProcessOptions } from './options.ts';

/**
 * Keeps the processor's process running: starts it, starts it again when it ends, and hands over what it says. It decides nothing about events.
 *
 * Modes: starting (forked, not ready) -> running -> waiting (ended; starts again after a delay) -> starting; from any by `stop`: stopping -> stopped.
 */
export type ProcessorState = 'starting' | 'running' | 'waiting' | 'stopping' | 'stopped';

const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 5_000;
/** After running this long the delay before the next restart is short again. */
const HEALTHY_MS = 5_000;
const STOP_TIMEOUT_MS_DEFAULT = 4_000;
/** The child is told of new raw records at most so often: it decides several of them at once anyway, and each message costs both sides. */
const TELL_INTERVAL_MS = 3;
/** As the node itself is started, see scripts/setup/runtime-flags.mjs; smaller, because what it holds for de-duplication grows with the ids. */
const NODE_FLAGS = ['--initial-old-space-size=128'];

const PROCESSOR_ENDED = defineEvent<{ code: number | null; signal: string | null; restartMs: number }>({
  name: 'processor_ended',
  level: 'error',
  message: ({ code, signal, restartMs }) =>
    `The processor ended (${signal ?? `exit code ${code}`}). It starts again in ${restartMs} ms; events are still taken in.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_processor_restarts_total',
      help: 'Times that the processor ended and was started again.',
    },
  ],
});

const PROCESSOR_READY = defineEvent<{ pid: number; ms: number }>({
  name: 'processor_ready',
  level: 'info',
  message: ({ pid, ms }) => `The processor (pid ${pid}) is ready after ${Math.round(ms)} ms.`,
});

/** What a processor needs to be started and watched. */
export interface ProcessorSupervision {
  readonly options: ProcessOptions;
  readonly configuration: ConfigurationSnapshot;
  readonly telemetry: Telemetry;
  /** Where the child's log lines go. */
  readonly log: LogSink;
  readonly onProgress?: (progress: Progress) => void;
  /** Told which users loaded events name, before progress tells that they are loaded. */
  readonly onUsers?: (users: LoadedUsers) => void;
  /** Something keeps events from being decided or loaded (null: nothing any more). */
  readonly onTrouble?: (what: string | null) => void;
  readonly onState?: (state: ProcessorState) => void;
  /** How far the windows of each metric have come. */
  readonly onWindows?: (states: readonly WindowState[]) => void;
  /** How long `stop` waits before it kills. */
  readonly stopTimeoutMs?: number;
}

/** The processor's process, as its parent sees it. */
export interface ProcessorHandle {
  /** Of the process that runs now; undefined while there is none. */
  readonly pid: number | undefined;
  readonly state: ProcessorState;
  /** How far it is known to have come; stays while it restarts. */
  readonly progress: Progress;
  /** What keeps it from working, or null. */
  readonly trouble: string | null;
  /** How far the windows of each metric have come, as last reported. */
  readonly windows: readonly WindowState[];
  /** The child's metrics, as last reported. */
  readonly metrics: readonly MetricState[];
  /** The raw topic is durable up to (not including) `next`. Cheap: call it after each commit. */
  rawDurable(next: Position): void;
  /** From now on decide by this configuration. */
  configure(configuration: ConfigurationSnapshot): void;
  /** Resolves when it is ready for the first time; rejects if it is stopped before. */
  readonly ready: Promise<void>;
  /** Ends it: what is under way is finished, or killed after the timeout. */
  stop(): Promise<void>;
}

/** Starts the processor and keeps it running. Returns at once; see `ready`. */
export const startProcessor = (supervision: ProcessorSupervision): ProcessorHandle => {
  const supervisor = new Supervisor(supervision);
  supervisor.start();
  return supervisor;
};

const NO_PROGRESS: Progress = { rawDecided: 0, rawLoaded: 0, governedNext: 0, governedLoaded: 0 };

class Supervisor implements ProcessorHandle {
  readonly #supervision: ProcessorSupervision;
  readonly #ready = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #state: ProcessorState = 'waiting';
  #progress = NO_PROGRESS;
  #trouble: string | null = null;
  #metrics: readonly MetricState[] = [];
  #windows: readonly WindowState[] = [];
  #configuration: ConfigurationSnapshot;
  #rawNext: Position = 0;
  #rawTold: Position = 0;
  #isTelling = false;
  #restartMs = RESTART_MS_MIN;
  #startedMs = 0;
  #restartTimer: NodeJS.Timeout | undefined;

  constructor(supervision: ProcessorSupervision) {
    this.#supervision = supervision;
    this.#configuration = supervision.configuration;
    this.#ready.promise.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }
  get state(): ProcessorState {
    return this.#state;
  }
  get progress(): Progress {
    return this.#progress;
  }
  get trouble(): string | null {
    return this.#trouble;
  }
  get windows(): readonly WindowState[] {
    return this.#windows;
  }
  get metrics(): readonly MetricState[] {
    return this.#metrics;
  }
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  start(): void {
    this.#setState('starting');
    this.#startedMs = performance.now();
    this.#rawTold = 0;
    this.#isTelling = false;
    const child = fork(new URL('./role.ts', import.meta.url), [], {
      execPath: process.execPath,
      execArgv: NODE_FLAGS,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', (message: FromProcess) => this.#handle(message));
    child.on('error', (error) => this.#setTrouble(`the processor cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => this.#ended(child, code, signal));
    this.#send({ kind: 'start', options: this.#supervision.options, configuration: this.#configuration });
    this.#tellRaw();
  }

  rawDurable(next: Position): void {
    if (next <= this.#rawNext) return;
    this.#rawNext = next;
    this.#tellRaw();
  }

  configure(configuration: ConfigurationSnapshot): void {
    this.#configuration = configuration;
    this.#send({ kind: 'configuration', configuration });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    this.#ready.reject(new Error('the processor was stopped'));
    const child = this.#child;
    if (child === undefined || this.#state === 'stopped') return this.#setState('stopped');
    this.#setState('stopping');
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#send({ kind: 'stop' });
    const timer = setTimeout(
      () => child.kill('SIGKILL'),
      this.#supervision.stopTimeoutMs ?? STOP_TIMEOUT_MS_DEFAULT,
    );
    await gone;
    clearTimeout(timer);
  }

  #handle(message: FromProcess): void {
    switch (message.kind) {
      case 'ready':
        return this.#becameReady(message.progress);
      case 'progress':
        return this.#setProgress(message.progress);
      case 'users':
        return this.#supervision.onUsers?.(fromMessage(message.users));
      case 'metrics':
        this.#metrics = message.metrics;
        return;
      case 'windows':
        this.#windows = message.states;
        return this.#supervision.onWindows?.(message.states);
      case 'log':
        return this.#log(message.level, message.name, message.message, message.fields);
      case 'trouble':
        return this.#setTrouble(message.what);
    }
  }

  #becameReady(progress: Progress): void {
    if (this.#state === 'starting') this.#setState('running');
    this.#setTrouble(null);
    this.#setProgress(progress);
    const ms = performance.now() - this.#startedMs;
    this.#supervision.telemetry.emit(PROCESSOR_READY, { pid: this.pid ?? 0, ms });
    this.#ready.resolve();
  }

  #setProgress(progress: Progress): void {
    // What was known before a restart stays true while the new process finds it out again.
    const rawLoaded = Math.max(progress.rawLoaded, this.#progress.rawLoaded);
    const governedLoaded = Math.max(progress.governedLoaded, this.#progress.governedLoaded);
    this.#progress = { ...progress, rawLoaded, governedLoaded };
    this.#supervision.onProgress?.(this.#progress);
  }

  #setTrouble(what: string | null): void {
    if (what === this.#trouble) return;
    this.#trouble = what;
    this.#supervision.onTrouble?.(what);
  }

  #log(level: Level, name: string, message: string, fields: unknown): void {
    this.#supervision.log(level, name, message, fields);
  }

  #setState(state: ProcessorState): void {
    this.#state = state;
    this.#supervision.onState?.(state);
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#state === 'stopping') return this.#setState('stopped');
    if (performance.now() - this.#startedMs >= HEALTHY_MS) this.#restartMs = RESTART_MS_MIN;
    const restartMs = this.#restartMs;
    this.#restartMs = Math.min(restartMs * 2, RESTART_MS_MAX);
    this.#setState('waiting');
    this.#supervision.telemetry.emit(PROCESSOR_ENDED, { code, signal, restartMs });
    this.#restartTimer = setTimeout(() => this.start(), restartMs);
  }

  #send(message: ToProcess, sent?: () => void): void {
    const child = this.#child;
    if (child === undefined || !child.connected) return;
    child.send(message, () => sent?.());
  }

  /** One message at a time, and not too many: what commits meanwhile goes with the next. */
  #tellRaw(): void {
    const child = this.#child;
    if (this.#isTelling || child === undefined || this.#rawTold >= this.#rawNext) return;
    this.#isTelling = true;
    this.#rawTold = this.#rawNext;
    this.#send({ kind: 'raw', next: this.#rawNext }, () => {
      setTimeout(() => {
        if (this.#child !== child) return;
        this.#isTelling = false;
        this.#tellRaw();
      }, TELL_INTERVAL_MS);
    });
  }
}
