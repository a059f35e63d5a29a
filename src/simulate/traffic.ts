import { setImmediate as yieldOnce, setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../lib/clock.ts';
import type { Intent } from './intent.ts';
import type { ShopSimulation, SimulatedEvent } from './simulation.ts';

/** Simulated events on their way: each when it happens, or all as fast as they are taken. */

/** What traffic needs. */
export interface TrafficOptions {
  readonly source: ShopSimulation;
  /** Takes a batch; resolves when there is room for another. */
  readonly send: (lines: readonly string[]) => Promise<void>;
  readonly intent: Intent;
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Ends it as well, whichever comes first: so many events, this time. */
  readonly eventsMax: number;
  readonly untilMs: number;
}

/** Events of one request: small enough that the answers come at a steady pace. */
export const BATCH_EVENTS_MAX = 2_000;
/** Events that happen within this time go in one request. */
const GATHER_MS = 20;
/** The clock is looked at this often, for it may be set. */
const REST_MAX_MS = 1_000;
/** What is overdue for longer is not made up for: it would come in a burst that nobody asked for. */
export const BEHIND_MAX_MS = 100;

/** Traffic under way. Whoever shows progress looks at it. */
export class Traffic {
  readonly #options: TrafficOptions;
  /** Time for which no events were made, because the server or this machine did not keep up. */
  lostMs = 0;
  #dueMs: number | undefined;

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** How long the next event is overdue; 0 without a pace to keep. */
  get behindMs(): number {
    return this.#dueMs === undefined ? 0 : Math.max(0, this.#options.clock.nowMs() - this.#dueMs);
  }

  /** Sends every event when it happens. */
  async keepTime(): Promise<void> {
    const { source, clock, send, untilMs } = this.#options;
    let next = source.next();
    let dueMs = next.atMs;
    let lastMs = clock.nowMs();
    while (this.#goesOn()) {
      this.#dueMs = Math.min(dueMs, untilMs);
      await this.#rest(this.#dueMs - clock.nowMs());
      const nowMs = clock.nowMs();
      if (nowMs < lastMs - BEHIND_MAX_MS) {
        // The clock was set back: the shop goes on at the new time.
        source.skip(nowMs - lastMs);
        dueMs = nowMs;
      }
      lastMs = nowMs;
      this.#catchUp(nowMs - dueMs - GATHER_MS);
      const lines: string[] = [];
      for (; dueMs <= Math.min(nowMs, untilMs) && this.#hasRoom(lines); dueMs = next.atMs) {
        this.#take(next, lines);
        next = source.next();
      }
      if (lines.length > 0) await send(lines);
    }
    this.#dueMs = undefined;
  }

  /** Sends events of now, as fast as they are taken. */
  async flood(): Promise<void> {
    const { source, clock } = this.#options;
    for (let atMs = clock.nowMs(); this.#goesOn(); ) {
      source.skip(clock.nowMs() - atMs);
      atMs = await this.#batch();
    }
  }

  /** Sends the past as fast as it is taken. */
  async replay(): Promise<void> {
    while (this.#goesOn()) await this.#batch();
  }

  /** Sends one full batch, and answers the time of its last event. */
  async #batch(): Promise<number> {
    const { source, send } = this.#options;
    const lines: string[] = [];
    let atMs = 0;
    while (this.#hasRoom(lines)) {
      const event = source.next();
      atMs = event.atMs;
      this.#take(event, lines);
    }
    await send(lines);
    // Making events is work without a pause: answers must be read in between.
    await yieldOnce();
    return atMs;
  }

  #goesOn(): boolean {
    const { signal, intent, eventsMax, clock, untilMs } = this.#options;
    return !signal.aborted && intent.events < eventsMax && clock.nowMs() < untilMs;
  }

  #hasRoom(lines: readonly string[]): boolean {
    const { intent, eventsMax } = this.#options;
    return lines.length < BATCH_EVENTS_MAX && intent.events < eventsMax;
  }

  #take(event: SimulatedEvent, lines: string[]): void {
    this.#options.intent.add(event);
    lines.push(event.json);
  }

  /** Leaves out what is overdue for too long. */
  #catchUp(behindMs: number): void {
    const lostMs = behindMs - BEHIND_MAX_MS;
    if (lostMs <= 0) return;
    this.#options.source.skip(lostMs);
    this.lostMs += lostMs;
  }

  /** Until something is due, and some more with it; not at all if it is overdue. */
  async #rest(ms: number): Promise<void> {
    const { signal } = this.#options;
    if (ms < 0) await yieldOnce();
    else {
      const restMs = Math.min(REST_MAX_MS, Math.max(GATHER_MS, ms));
      await pause(restMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
