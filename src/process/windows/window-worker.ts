import { setImmediate as nextTurn } from 'node:timers/promises';
import { TIME_MIN_MS } from '../../event/limits.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Telemetry } from '../../lib/telemetry.ts';
import { CountOperator } from '../../window/count-operator.ts';
import type { WindowMetric, WindowState } from '../../window/metric.ts';
import { SessionOperator } from '../../window/session-operator.ts';
import type { WindowOperator } from '../../window/window.ts';
import { WINDOWS_BEGUN, WINDOWS_EVICTED, WINDOWS_FAILED, WINDOWS_STEPPED } from './events.ts';
import type { WindowStore } from './window-store.ts';

/** Events that a step takes at most, unless a single record has more; of all projects. */
const STEP_EVENTS_MAX = 50_000;
/** Put into windows at a time: events are decided in between. */
const SLICE = 1_000;
const STEP_POSITIONS_MAX = 1_048_576;
/** How far a metric without events has come is written so often. */
const IDLE_WRITE_EVERY_MS = 10_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;

/** What keeping the windows of a metric takes. */
export interface WindowWorkerParts {
  readonly metric: WindowMetric;
  readonly store: WindowStore;
  /** Windows in memory at most. */
  readonly windowsMax: () => number;
  /** Events this long before the latest receipt are not expected any more. */
  readonly latenessMs: () => number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly stepEventsMax?: number | undefined;
}

/** What is in memory of a metric. */
interface Held {
  readonly operator: WindowOperator;
  readonly windowsMax: number;
  next: number;
  receivedMs: number;
}

/**
 * Keeps the windows of one metric, step by step: reads its events of some positions, puts them into windows, and writes what changed together with how far it has come, as one part of the table.
 *
 * Exactly once: where to begin is what the table says. A step that was under way when a process ended, or that failed, may be written yet. The next step from there has the same token, so that one of them counts; which one is read
 * again behind it.
 */
export class WindowWorker {
  readonly metric: WindowMetric;
  readonly #parts: WindowWorkerParts;
  #held: Held | undefined;
  /** How far it is known to have come, while it begins anew. */
  #known: number | undefined;
  /** A step that this process knows nothing of may be under way. */
  #isDoubtful = true;
  /** How often a step from the same position was swallowed: rows deleted since then had its token. */
  #swallowed = 0;
  #stepPositions = 64;
  #writtenMs = Number.NEGATIVE_INFINITY;
  #end = 0;
  #advancedMs: number;
  #trouble: string | null = null;
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: WindowWorkerParts) {
    this.#parts = parts;
    this.metric = parts.metric;
    this.#advancedMs = parts.clock.monotonicMs();
  }

  /** How far it has come. */
  get state(): WindowState {
    const { project, metric, version } = this.metric;
    const next = this.#held?.next ?? this.#known;
    const isBehind = (next ?? 0) < this.#end;
    const stuckMs = isBehind ? this.#parts.clock.monotonicMs() - this.#advancedMs : 0;
    return { project, metric, version, next, end: this.#end, stuckMs, trouble: this.#trouble };
  }

  /** Takes one step, if there are events before `end`. True if there may be more to do at once. */
  async step(end: number): Promise<boolean> {
    const { clock, telemetry } = this.#parts;
    const nowMs = clock.monotonicMs();
    if ((this.#held?.next ?? -1) >= this.#end) this.#advancedMs = nowMs;
    this.#end = Math.max(this.#end, end);
    if (nowMs < this.#retryAtMs) return false;
    try {
      const isBehind = await this.#step();
      this.#failures = 0;
      this.#trouble = null;
      return isBehind;
    } catch (error) {
      this.#known = this.#held?.next ?? this.#known;
      this.#held = undefined;
      this.#isDoubtful = true;
      this.#trouble = error instanceof Error ? error.message : String(error);
      const retryMs = Math.min(RETRY_MS_MIN * 2 ** this.#failures, RETRY_MS_MAX);
      this.#failures += 1;
      this.#retryAtMs = clock.monotonicMs() + retryMs;
      telemetry.emit(WINDOWS_FAILED, { metric: this.metric.metric, reason: this.#trouble, retryMs });
      return false;
    }
  }

  async #step(): Promise<boolean> {
    const { store, clock, windowsMax } = this.#parts;
    // Metrics share memory alike: one that came takes its part of what the others have.
    if (
      this.#held !== undefined &&
      this.#held.windowsMax > windowsMax() &&
      this.#held.operator.size.windows > windowsMax()
    )
      this.#held = undefined;
    const held = (this.#held ??= await this.#begin());
    if (held.next >= this.#end) return false;
    const startedMs = clock.monotonicMs();
    const { to, events, receivedMs } = await this.#reach(held.next);
    const stretches = events === 0 ? [] : await store.events(this.metric, held.next, to);
    const need = held.operator.needs(stretches);
    if (need !== undefined) held.operator.restore(await store.find(this.metric, need));
    for (let at = 0; at < stretches.length; at += SLICE) {
      held.operator.add(stretches.slice(at, at + SLICE));
      await nextTurn();
    }
    const report = { startedMs, events: sum(stretches, (each) => each.events), late: need?.keys.length ?? 0 };
    await this.#write(held, to, Math.max(held.receivedMs, receivedMs), report);
    return (this.#held?.next ?? 0) < this.#end;
  }

  async #begin(): Promise<Held> {
    const { store, telemetry, windowsMax } = this.#parts;
    const { metric, version, window } = this.metric;
    const limit = windowsMax();
    const progress = await store.progress(this.metric);
    const windows = progress === undefined ? [] : await store.newest(this.metric, limit);
    const operator =
      window.kind === 'session'
        ? new SessionOperator({ gapMs: window.gapMs, windowsMax: limit })
        : new CountOperator({ every: window.every, keysMax: limit });
    operator.fill(windows, windows.length < limit);
    const next = progress?.next ?? 0;
    // Not again behind a first step that is read again.
    if (this.#known === undefined)
      telemetry.emit(WINDOWS_BEGUN, { metric, version, next, windows: windows.length });
    this.#known = next;
    return { operator, windowsMax: limit, next, receivedMs: progress?.receivedMs ?? TIME_MIN_MS };
  }

  /** How far a step goes: about as many events as it may take. */
  async #reach(from: number): Promise<{ to: number; events: number; receivedMs: number }> {
    const eventsMax = this.#parts.stepEventsMax ?? STEP_EVENTS_MAX;
    for (;;) {
      const to = Math.min(from + this.#stepPositions, this.#end);
      const extent = await this.#parts.store.extent(from, to);
      if (extent.events <= eventsMax || to - from === 1) {
        if (extent.events < eventsMax / 4)
          this.#stepPositions = Math.min(this.#stepPositions * 2, STEP_POSITIONS_MAX);
        return { to, ...extent };
      }
      this.#stepPositions = Math.max(1, Math.floor((to - from) / 2));
    }
  }

  async #write(
    held: Held,
    to: number,
    receivedMs: number,
    { startedMs, events, late }: { startedMs: number; events: number; late: number },
  ): Promise<void> {
    const { store, clock, telemetry, latenessMs } = this.#parts;
    const { metric, version } = this.metric;
    const changes = held.operator.changes();
    // Where a step may be under way the place to begin is left for good only by one that was written, whether or not this one goes as far as that.
    const isDue =
      changes.length > 0 || this.#isDoubtful || clock.monotonicMs() - this.#writtenMs >= IDLE_WRITE_EVERY_MS;
    if (isDue) {
      const token = `windows-${metric}-${version}-${held.next}-${this.#swallowed}`;
      await store.write(this.metric, changes, { next: to, receivedMs }, token);
      this.#writtenMs = clock.monotonicMs();
      if (this.#isDoubtful) return this.#settleDoubt(held.next);
    }
    const before = held.operator.size.windows;
    held.operator.settle(receivedMs - latenessMs());
    held.next = to;
    held.receivedMs = receivedMs;
    this.#advanced();
    const { windows, keys } = held.operator.size;
    const cause = before > held.windowsMax ? 'limit' : 'closed';
    if (windows < before) telemetry.emit(WINDOWS_EVICTED, { windows: before - windows, cause });
    const joined = changes.filter(({ isRemoved }) => isRemoved).length;
    telemetry.emit(WINDOWS_STEPPED, {
      ...{ metric, events, changes: changes.length, joined, late, windows, keys },
      ...{ behind: this.#end - to, ms: clock.monotonicMs() - startedMs },
    });
  }

  /** What was written from here is read again: it may be what an earlier process wrote. */
  async #settleDoubt(from: number): Promise<void> {
    this.#held = undefined;
    const progress = await this.#parts.store.progress(this.metric);
    if ((progress?.next ?? 0) <= from) {
      this.#swallowed += 1;
      throw new Error(`what was written from position ${from} on is not there`);
    }
    this.#isDoubtful = false;
    this.#swallowed = 0;
    this.#held = await this.#begin();
    this.#advanced();
  }

  #advanced(): void {
    this.#advancedMs = this.#parts.clock.monotonicMs();
  }
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
