import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../lib/clock.ts';
import { coalesce } from '../lib/coalesce.ts';
import { type DirectoryLock, DirectoryLockedError, lockDirectory } from '../lib/dir-lock.ts';
import { Telemetry } from '../lib/telemetry.ts';
import type { LogReader, LogWriter, Position } from '../log/log.ts';
import { countBuffersAsHeap } from '../lib/external-memory.ts';
import { openSegmentReader, openSegmentWriter } from '../log/segment/segment-log.ts';
import { createWarehouse } from '../warehouse/client.ts';
import { warehouseTarget } from './load-target.ts';
import { createUsersTeller } from './loaded-users.ts';
import type { ConfigurationSnapshot, FromProcess, Progress, ToProcess } from './messages.ts';
import type { ProcessOptions } from './options.ts';
import { createWorkerBuilder } from './unique/builder.ts';
import { WindowHost } from './windows/window-host.ts';
import { startWork, type Work } from './work.ts';
import type { WindowState } from '../window/metric.ts';

/**
 * Entry of the processor's process: reads messages (`messages.ts`) of the process that forked it, and is the composition root of processing. It ends when its parent does:
 * then nobody tells it any more how far the raw topic is durable.
 */

const METRICS_INTERVAL_MS = 1_000;
/** An orphan of a killed parent ends within this time. */
const LOCK_WAIT_MS = 20_000;
const LOCK_RETRY_MS = 50;
/** Exit codes. */
const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_ORPHAN = 2;

const send = (message: FromProcess, sent?: () => void): void => {
  if (process.connected) process.send?.(message, undefined, {}, () => sent?.());
  else sent?.();
};

/** Sends the latest progress: a slow parent gets fewer messages, never stale ones. */
const createProgressSender = (): ((progress: Progress) => void) =>
  coalesce(
    (progress, sent) => send({ kind: 'progress', progress }, sent),
    (_earlier, later) => later,
  );

/** Sends how far the windows of metrics have come, when that is something else than before. */
const createWindowsSender = (): ((states: readonly WindowState[]) => void) => {
  let told = '[]';
  return function sendWindows(states) {
    const text = JSON.stringify(states);
    if (text === told) return;
    told = text;
    send({ kind: 'windows', states });
  };
};

const lockState = async (dir: string): Promise<DirectoryLock> => {
  const limitMs = systemClock.monotonicMs() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return lockDirectory(dir, 'processing');
    } catch (error) {
      if (!(error instanceof DirectoryLockedError) || systemClock.monotonicMs() > limitMs) throw error;
      await pause(LOCK_RETRY_MS);
    }
  }
};

/** Held until the process ends: it must not be collected before. */
let heldLock: DirectoryLock | undefined;

/** The topics, by the adapter that the options name. */
interface Topics {
  readonly raw: LogReader;
  readonly governed: LogWriter;
  readonly governedForLoading: LogReader;
  readonly rawDurable: (next: Position) => void;
  readonly governedDurable: (next: Position) => void;
}

const openTopics = async (options: ProcessOptions, telemetry: Telemetry): Promise<Topics> => {
  const { log, governedBytesMax: bytesMax } = options;
  if (log.kind === 'segments') {
    const { dir } = log;
    const raw = await openSegmentReader({ dir, name: 'raw', telemetry });
    const governed = await openSegmentWriter({
      ...{ dir, name: 'governed', bytesMax, clock: systemClock, telemetry },
    });
    const governedForLoading = await openSegmentReader({ dir, name: 'governed', telemetry });
    const rawDurable = (next: Position): void => raw.durableTo(next);
    const governedDurable = (next: Position): void => governedForLoading.durableTo(next);
    return { raw, governed, governedForLoading, rawDurable, governedDurable };
  }
  const { brokers, prefix } = log;
  const { openKafkaReader, openKafkaWriter } = await import('../log/kafka/kafka-log.ts');
  const raw = await openKafkaReader({ brokers, topic: `${prefix}raw` });
  const governed = await openKafkaWriter({
    brokers,
    topic: `${prefix}governed`,
    bytesMax,
    clock: systemClock,
  });
  const governedForLoading = await openKafkaReader({ brokers, topic: `${prefix}governed` });
  const ignore = (): void => undefined;
  return { raw, governed, governedForLoading, rawDurable: ignore, governedDurable: ignore };
};

const start = async (
  options: ProcessOptions,
  configuration: ConfigurationSnapshot,
  telemetry: Telemetry,
  onTopics: (topics: Topics) => void,
): Promise<Work> => {
  heldLock = await lockState(options.stateDir);
  const topics = await openTopics(options, telemetry);
  onTopics(topics);
  const warehouse = createWarehouse({ ...options.warehouse, telemetry });
  const windows = new WindowHost({
    ...{ warehouse, clock: systemClock, telemetry, onStates: createWindowsSender() },
    windowsInMemoryMax: options.windowsInMemoryMax,
  });
  return startWork(options, configuration, {
    ...topics,
    windows,
    target: warehouseTarget(warehouse, { isOurs: options.warehouse.bodiesDir !== undefined }),
    ...{ builder: createWorkerBuilder(), clock: systemClock, telemetry },
    onGovernedDurable: topics.governedDurable,
    onProgress: createProgressSender(),
    onUsers: createUsersTeller((users, sent) => send({ kind: 'users', users }, sent)),
    onTrouble: (what) => send({ kind: 'trouble', what }),
  });
};

/** Handles the messages of the parent, in order. */
class Role {
  readonly #telemetry = new Telemetry((level, name, message, fields) =>
    send({ kind: 'log', level, name, message, fields }),
  );
  #work: Work | undefined;
  #topics: Topics | undefined;
  #rawNext: Position = 0;
  #configuration: ConfigurationSnapshot | undefined;
  #isStopping = false;

  handle(message: ToProcess): void {
    if (message.kind === 'start') void this.#start(message.options, message.configuration);
    else if (message.kind === 'raw') {
      this.#rawNext = Math.max(this.#rawNext, message.next);
      this.#topics?.rawDurable(this.#rawNext);
    } else if (message.kind === 'configuration') {
      this.#configuration = message.configuration;
      this.#work?.configure(message.configuration);
    } else void this.#stop();
  }

  async #start(options: ProcessOptions, configuration: ConfigurationSnapshot): Promise<void> {
    this.#configuration = configuration;
    try {
      const work = await start(options, configuration, this.#telemetry, (topics) => {
        this.#topics = topics;
        topics.rawDurable(this.#rawNext);
      });
      this.#work = work;
      work.configure(this.#configuration);
      if (this.#isStopping) return await this.#stop();
      send({ kind: 'ready', progress: work.progress });
      setInterval(() => send({ kind: 'metrics', metrics: this.#telemetry.snapshot() }), METRICS_INTERVAL_MS);
      await work.done;
    } catch (error) {
      this.#fail(error);
    }
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#work === undefined) return; // Being started: stops then.
    try {
      await this.#work.stop();
      heldLock?.release();
      process.exit(EXIT_OK);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const what = error instanceof Error ? error.message : String(error);
    send({ kind: 'trouble', what }, () => process.exit(EXIT_FAILED));
  }
}

countBuffersAsHeap();
const role = new Role();
process.on('message', (message: ToProcess) => role.handle(message));
process.on('disconnect', () => process.exit(EXIT_ORPHAN));
// The terminal sends Ctrl-C to the whole group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
