import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { DemoJob, DemoProgress, FromDemo, ToDemo } from './messages.ts';

/**
 * Keeps the process running that sends the demo's events. It starts again when it ends, after a pause that doubles; it is started anew from what was acknowledged, so nothing is sent twice
 * but what was under way, which is recognised by its ids.
 */

const RESTART_MS_MIN = 200;
const RESTART_MS_MAX = 30_000;
/** After running this long the next pause is short again. */
const HEALTHY_MS = 10_000;
/** It finishes the requests under way, or is killed. */
const STOP_TIMEOUT_MS = 2_000;
/** Everybody else comes first: the generator takes what processor time is left. */
const NICENESS = 10;
/** It holds some 50,000 visitors and a few bodies. */
const NODE_FLAGS = ['--max-old-space-size=192'];

const DEMO_ENDED = defineEvent<{ code: number | null; signal: string | null; restartMs: number }>({
  name: 'demo_ended',
  level: 'warn',
  message: ({ code, signal, restartMs }) =>
    `The process that sends the demo's events ended (${signal ?? `exit code ${code}`}). It starts again in ${restartMs} ms; nothing else is touched.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_demo_restarts_total',
      help: "Times that the process of the demo's events ended and was started again.",
    },
  ],
});

/** What happens to the process. */
export interface SenderEvents {
  /** The job as it is to be taken up now. */
  readonly job: () => DemoJob;
  readonly onProgress: (progress: DemoProgress) => void;
  /** It waits; null: it goes on. */
  readonly onTrouble: (what: string | null) => void;
  /** It has given up, and is not started again. */
  readonly onRefused: (what: string) => void;
  readonly telemetry: Telemetry;
}

/** The process of a demo, as the platform sees it. */
export interface DemoSender {
  /** Ends it for good. Resolves when it is gone, and has said all that it had to. */
  stop(): Promise<void>;
}

/** Starts the process and keeps it running. Returns at once. */
export const startSender = (events: SenderEvents): DemoSender => {
  const sender = new Sender(events);
  sender.start();
  return sender;
};

class Sender implements DemoSender {
  readonly #events: SenderEvents;
  #child: ChildProcess | undefined;
  #isStopping = false;
  #restartMs = RESTART_MS_MIN;
  #timer: NodeJS.Timeout | undefined;

  constructor(events: SenderEvents) {
    this.#events = events;
  }

  start(): void {
    const startedMs = performance.now();
    const child = fork(new URL('./role.ts', import.meta.url), [], {
      execPath: process.execPath,
      execArgv: NODE_FLAGS,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#makeModest(child);
    child.on('message', (message: FromDemo) => this.#handle(message));
    child.on('error', (error) => this.#events.onTrouble(`its process cannot be started: ${error.message}`));
    // `close` and not `exit`: then all messages have come.
    child.once('close', (code, signal) => this.#ended(performance.now() - startedMs, code, signal));
    tell(child, { kind: 'start', job: this.#events.job() });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    tell(child, { kind: 'stop' });
    const inTime = new AbortController();
    const late = pause(STOP_TIMEOUT_MS, undefined, inTime).then(
      () => child.kill('SIGKILL'),
      () => false,
    );
    await gone;
    inTime.abort();
    await late;
  }

  #makeModest({ pid }: ChildProcess): void {
    try {
      if (pid !== undefined) setPriority(pid, NICENESS);
    } catch {
      // Where that is not allowed it runs as everybody does.
    }
  }

  #handle(message: FromDemo): void {
    switch (message.kind) {
      case 'progress':
        return this.#events.onProgress(message.progress);
      case 'trouble':
        return this.#events.onTrouble(message.what);
      case 'refused':
        this.#isStopping = true;
        return this.#events.onRefused(message.what);
    }
  }

  #ended(ranMs: number, code: number | null, signal: string | null): void {
    this.#child = undefined;
    if (this.#isStopping) return;
    if (ranMs >= HEALTHY_MS) this.#restartMs = RESTART_MS_MIN;
    const restartMs = this.#restartMs;
    this.#restartMs = Math.min(restartMs * 2, RESTART_MS_MAX);
    this.#events.telemetry.emit(DEMO_ENDED, { code, signal, restartMs });
    this.#events.onTrouble(`its process ended (${signal ?? `exit code ${code}`}) and is being started again`);
    this.#timer = setTimeout(() => this.start(), restartMs);
  }
}

const tell = (child: ChildProcess, message: ToDemo): void => {
  if (child.connected) child.send(message, () => undefined);
};
