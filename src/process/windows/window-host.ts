import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import type { Telemetry } from '../../lib/telemetry.ts';
import type { Warehouse } from '../../warehouse/client.ts';
import type { WindowMetric, WindowState } from '../../window/metric.ts';
import { WINDOWS_DELETED, WINDOWS_FAILED } from './events.ts';
import { type WindowOwner, WindowStore } from './window-store.ts';
import { WindowWorker } from './window-worker.ts';

/** All metrics together have so many windows in memory, shared alike. */
export const WINDOWS_IN_MEMORY_MAX_DEFAULT = 200_000;
const WINDOWS_OF_METRIC_MIN = 1_000;
/** New events are put into windows so often. */
const EVERY_MS_DEFAULT = 500;
/** Behind, a step rests as long as it worked: half of a core at most. */
const REST_MS_MAX = 10_000;
/** What an ended process may still have written of metrics that are no more is looked for so often. */
const SWEEP_EVERY_MS = 600_000;

/** What keeping windows takes. */
export interface WindowHostParts {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Told how far each metric has come, after each round. */
  readonly onStates: (states: readonly WindowState[]) => void;
  readonly windowsInMemoryMax?: number | undefined;
  readonly everyMs?: number;
  readonly stepEventsMax?: number;
}

/** What is to be kept. */
export interface WindowConfiguration {
  /** Undefined: not known yet, so nothing is deleted either. */
  readonly metrics: readonly WindowMetric[] | undefined;
  readonly latenessMs: number;
}

/** Keeps the windows of all metrics, one after the other: after loading, so that they never hold it up. Without metrics it does nothing. */
export class WindowHost {
  readonly #parts: WindowHostParts;
  readonly #stopping = new AbortController();
  readonly #store: WindowStore;
  readonly #workers = new Map<string, WindowWorker>();
  #configuration: WindowConfiguration = { metrics: undefined, latenessMs: 0 };
  #loadedNext = 0;
  #sweepAtMs = Number.NEGATIVE_INFINITY;
  #isWoken = false;
  #endPause: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(parts: WindowHostParts) {
    this.#parts = parts;
    this.#store = new WindowStore(parts.warehouse, this.#stopping.signal);
  }

  /** Begins to work. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** From now on keep the windows of these metrics, and delete those of others. */
  configure(configuration: WindowConfiguration): void {
    this.#configuration = configuration;
    this.#sweepAtMs = Number.NEGATIVE_INFINITY;
    this.#wake();
  }

  /** Governed records before this are loaded. */
  loaded(next: number): void {
    // Behind a start there may be much to do.
    if (this.#loadedNext === 0 && next > 0) this.#wake();
    this.#loadedNext = Math.max(this.#loadedNext, next);
  }

  /** How far each metric has come. */
  get states(): WindowState[] {
    return [...this.#workers.values()].map(({ state }) => state);
  }

  /** Ends the step under way; what of it was not written is done again by the next process. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#isWoken = false;
      const { metrics } = this.#configuration;
      if (metrics !== undefined) this.#employ(metrics);
      const isBehind = await this.#round();
      if (metrics !== undefined) await this.#sweep(metrics);
      if (this.#workers.size > 0 || metrics?.length === 0) this.#parts.onStates(this.states);
      if (!isBehind) await this.#wait();
    }
  }

  /** A worker for each metric and version, and none for others. */
  #employ(metrics: readonly WindowMetric[]): void {
    const wanted = new Map(metrics.map((metric) => [nameOf(metric), metric]));
    for (const name of this.#workers.keys()) if (!wanted.has(name)) this.#workers.delete(name);
    const {
      clock,
      telemetry,
      windowsInMemoryMax = WINDOWS_IN_MEMORY_MAX_DEFAULT,
      stepEventsMax,
    } = this.#parts;
    const windowsMax = (): number =>
      Math.max(WINDOWS_OF_METRIC_MIN, Math.floor(windowsInMemoryMax / Math.max(1, this.#workers.size)));
    for (const [name, metric] of wanted)
      if (!this.#workers.has(name))
        this.#workers.set(
          name,
          new WindowWorker({
            ...{ metric, store: this.#store, windowsMax, clock, telemetry, stepEventsMax },
            latenessMs: () => this.#configuration.latenessMs,
          }),
        );
  }

  /** One step of each metric; true if one of them has more to do. */
  async #round(): Promise<boolean> {
    const { clock, onStates } = this.#parts;
    let isBehind = false;
    for (const worker of this.#workers.values()) {
      if (this.#stopping.signal.aborted) return false;
      const startedMs = clock.monotonicMs();
      const hasMore = await worker.step(this.#loadedNext);
      if (!hasMore) continue;
      isBehind = true;
      onStates(this.states);
      await this.#pause(Math.min(clock.monotonicMs() - startedMs, REST_MS_MAX));
    }
    return isBehind;
  }

  /** Deletes the windows of metrics that are no more, or have another version. */
  async #sweep(metrics: readonly WindowMetric[]): Promise<void> {
    const { clock, telemetry } = this.#parts;
    if (clock.monotonicMs() < this.#sweepAtMs || this.#stopping.signal.aborted) return;
    this.#sweepAtMs = clock.monotonicMs() + SWEEP_EVERY_MS;
    const wanted = new Set(metrics.map(nameOf));
    try {
      const others = (await this.#store.owners()).filter((owner) => !wanted.has(nameOf(owner)));
      for (const owner of others) {
        await this.#store.delete(owner);
        telemetry.emit(WINDOWS_DELETED, owner);
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const everyMs = this.#parts.everyMs ?? EVERY_MS_DEFAULT;
      this.#sweepAtMs = clock.monotonicMs() + everyMs;
      const reason = `deleting windows of other metrics: ${error instanceof Error ? error.message : String(error)}`;
      telemetry.emit(WINDOWS_FAILED, { metric: '', reason, retryMs: everyMs });
    }
  }

  async #wait(): Promise<void> {
    const isIdle = this.#configuration.metrics === undefined || this.#configuration.metrics.length === 0;
    await this.#pause(isIdle ? SWEEP_EVERY_MS : (this.#parts.everyMs ?? EVERY_MS_DEFAULT));
  }

  #wake(): void {
    this.#isWoken = true;
    this.#endPause();
  }

  /** Waits, but not beyond `stop` and a new configuration. */
  async #pause(ms: number): Promise<void> {
    if (this.#isWoken || this.#stopping.signal.aborted) return;
    const woken = new AbortController();
    this.#endPause = () => woken.abort();
    await pause(ms, undefined, { signal: woken.signal }).catch(() => undefined);
  }
}

const nameOf = ({ project, metric, version }: WindowOwner): string => `${project} ${metric} ${version}`;
