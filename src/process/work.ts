import type { Clock } from '../lib/clock.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import type { LogReader, LogWriter, Position } from '../log/log.ts';
import { Loader, type LoadTarget } from './load-loop.ts';
import type { LoadedUsers } from './loaded-users.ts';
import type { ConfigurationSnapshot, Progress } from './messages.ts';
import { GOVERNED_KEEP_BYTES_DEFAULT, type ProcessOptions } from './options.ts';
import { Processor } from './processor.ts';
import { RecentRecords } from './recent-records.ts';
import type { Step } from './step.ts';
import { trimBefore } from './trim.ts';
import type { RunBuilder } from './unique/builder.ts';
import { UniqueState, type UniqueOptions } from './unique/unique-state.ts';
import type { WindowConfiguration, WindowHost } from './windows/window-host.ts';

/**
 * Processing and loading together, on topics and a target that are given: what the processor's process does, without the process.
 */

const TRIM_INTERVAL_MS = 5_000;

/** The logs and the target that the work goes between. */
export interface WorkParts {
  readonly raw: LogReader;
  /** Writer of the governed topic; closed by `stop`. */
  readonly governed: LogWriter;
  /** Another reader of it, for loading; closed by `stop`. */
  readonly governedForLoading: LogReader;
  /** Told how far the governed topic is durable, before anybody is told of progress. */
  readonly onGovernedDurable: (next: Position) => void;
  readonly target: LoadTarget;
  readonly builder: RunBuilder;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly onProgress: (progress: Progress) => void;
  /** Told which users loaded events name, before progress tells that they are loaded. */
  readonly onUsers: (users: LoadedUsers) => void;
  /** Something that keeps events from being decided or loaded (null: nothing does any more). */
  readonly onTrouble: (what: string | null) => void;
  /** Keeps the windows of metrics; begun and stopped with the work. */
  readonly windows?: WindowHost;
  readonly steps?: readonly Step[];
  readonly batchBytesMax?: number;
  readonly unique?: Partial<UniqueOptions>;
}

/** The options of processing that the work itself needs. */
export type WorkOptions = Pick<ProcessOptions, 'stateDir' | 'loadIntervalMs' | 'governedKeepBytes'>;

/** Work under way. */
export interface Work {
  configure(configuration: ConfigurationSnapshot): void;
  readonly progress: Progress;
  /** Resolves after `stop`; rejects when the topics can no longer be worked on: open everything anew. */
  readonly done: Promise<void>;
  /** Ends what is under way, saves state, closes the topics. */
  stop(): Promise<void>;
}

/** Opens the state, brings it up to date, and begins. */
export const startWork = async (
  options: WorkOptions,
  configuration: ConfigurationSnapshot,
  parts: WorkParts,
): Promise<Work> => {
  const { governed, clock, telemetry, builder } = parts;
  const { next: governedNext } = await governed.extent();
  parts.onGovernedDurable(governedNext);
  const dir = `${options.stateDir}/unique`;
  const unique = await UniqueState.open({ dir, governedNext, clock, telemetry, builder, ...parts.unique });
  const work = new Working(options, configuration, parts, unique);
  await work.begin(governedNext);
  return work;
};

class Working implements Work {
  readonly #options: WorkOptions;
  readonly #parts: WorkParts;
  readonly #unique: UniqueState;
  readonly #recent = new RecentRecords();
  readonly #loader: Loader;
  readonly #troubles = new Map<string, string>();
  #configuration: ConfigurationSnapshot;
  #processor: Processor | undefined;
  #progress: Progress = { rawDecided: 0, rawLoaded: 0, governedNext: 0, governedLoaded: 0 };
  #trimmedMs: number;
  #trimming: Promise<void> = Promise.resolve();
  #loading: Promise<void> = Promise.resolve();
  #done: Promise<void> = Promise.resolve();

  constructor(
    options: WorkOptions,
    configuration: ConfigurationSnapshot,
    parts: WorkParts,
    unique: UniqueState,
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#configuration = configuration;
    this.#unique = unique;
    this.#trimmedMs = parts.clock.monotonicMs();
    this.#loader = new Loader({
      ...{ governed: parts.governedForLoading, recent: this.#recent, target: parts.target },
      stateDir: options.stateDir,
      ...{ loadIntervalMs: options.loadIntervalMs, clock: parts.clock, telemetry: parts.telemetry },
      onUsers: parts.onUsers,
      onLoaded: (governedLoaded, rawLoaded) => this.#loaded(governedLoaded, rawLoaded),
      onTrouble: (what) => this.#trouble('loading', what),
    });
  }

  async begin(governedNext: Position): Promise<void> {
    const { raw, governed, clock, telemetry, steps, batchBytesMax } = this.#parts;
    this.#processor = await Processor.open({
      ...{ raw, governed, unique: this.#unique, recent: this.#recent, clock, telemetry },
      ...(steps === undefined ? {} : { steps }),
      ...(batchBytesMax === undefined ? {} : { batchBytesMax }),
      configuration: () => this.#configuration,
      onDecided: (rawDecided, next) => this.#decided(rawDecided, next),
      onBlocked: (reason) => this.#blocked(reason),
    });
    this.#progress = { ...this.#progress, rawDecided: this.#processor.rawNext, governedNext };
    this.#loading = this.#loader.run();
    this.#parts.windows?.configure(windowsOf(this.#configuration));
    this.#parts.windows?.start();
    this.#done = Promise.all([this.#processor.run(), this.#loading]).then(() => undefined);
    this.#done.catch(() => undefined);
  }

  get progress(): Progress {
    return this.#progress;
  }

  get done(): Promise<void> {
    return this.#done;
  }

  configure(configuration: ConfigurationSnapshot): void {
    this.#configuration = configuration;
    this.#parts.windows?.configure(windowsOf(configuration));
  }

  async stop(): Promise<void> {
    this.#processor?.stop();
    this.#loader.stop();
    await this.#parts.windows?.stop();
    await Promise.allSettled([this.#done, this.#loading]);
    await this.#trimming;
    await this.#unique.close();
    await this.#parts.governedForLoading.close();
    await this.#parts.governed.close();
    await this.#parts.raw.close();
  }

  #decided(rawDecided: Position, governedNext: Position): void {
    this.#parts.onGovernedDurable(governedNext);
    this.#progress = { ...this.#progress, rawDecided, governedNext };
    this.#parts.onProgress(this.#progress);
  }

  #loaded(governedLoaded: Position, rawLoaded: Position | undefined): void {
    this.#progress = { ...this.#progress, governedLoaded, rawLoaded: rawLoaded ?? this.#progress.rawLoaded };
    this.#parts.onProgress(this.#progress);
    this.#parts.windows?.loaded(governedLoaded);
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#trimmedMs >= TRIM_INTERVAL_MS) this.#startTrim(nowMs);
  }

  /** Told at each attempt to append to a full topic: it waits for room, which only trimming makes. */
  #blocked(reason: string | null): void {
    this.#trouble('deciding', reason);
    if (reason !== null) this.#startTrim(this.#parts.clock.monotonicMs());
  }

  #startTrim(nowMs: number): void {
    this.#trimmedMs = nowMs;
    // A failed trim frees nothing and is tried again; the topic's own telemetry tells why.
    this.#trimming = this.#trimming.then(() => this.#trim()).catch(() => undefined);
  }

  async #trim(): Promise<void> {
    const { governed } = this.#parts;
    await this.#unique.flush();
    const before = trimBefore(await governed.extent(), {
      loadedNext: this.#loader.next,
      uniqueNext: this.#unique.durableNext,
      keepBytes: this.#options.governedKeepBytes ?? GOVERNED_KEEP_BYTES_DEFAULT,
    });
    await governed.trim(before);
  }

  #trouble(where: string, what: string | null): void {
    if (what === null) this.#troubles.delete(where);
    else this.#troubles.set(where, what);
    const all = [...this.#troubles].map(([place, reason]) => `${place}: ${reason}`);
    this.#parts.onTrouble(all.length === 0 ? null : all.join('; '));
  }
}

const windowsOf = ({ windows, uniqueWindowMs }: ConfigurationSnapshot): WindowConfiguration => ({
  metrics: windows,
  latenessMs: uniqueWindowMs,
});
