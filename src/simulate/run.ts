import type { Clock } from '../lib/clock.ts';
import { formatCount, ProgressLine, type ProgressOutput } from '../lib/progress-line.ts';
import { type Books, readBooks, settledBooks } from './books.ts';
import { meanTrafficSeconds } from './history.ts';
import type { Incident, IncidentKind } from './incident.ts';
import { Intent } from './intent.ts';
import { RateMeter, SIMULATION_RENDERING, type SimulationProgress } from './progress.ts';
import type { SimulationOutcome } from './report.ts';
import { BatchSender, SendError } from './sender.ts';
import { createSimulation, type Shares, type ShopSimulation } from './simulation.ts';
import { Traffic } from './traffic.ts';

/** One simulation from its first event to the last look at the books. */

/** What is to be simulated, and where it goes. */
export interface RunOptions {
  readonly url: string;
  readonly key: string;
  readonly seed: number;
  /** Events a second; `max`: as many as are taken. History is always as fast as it is taken. */
  readonly rate: number | 'max';
  /** Ends after so many events, or after this time. */
  readonly events: number | undefined;
  readonly durationMs: number | undefined;
  /** Days of history to send in place of the present. Needs `events`. */
  readonly days: number | undefined;
  readonly shares: Shares;
  readonly incidents: readonly IncidentWish[];
}

/** An incident and its time from the beginning on. */
export interface IncidentWish {
  readonly kind: IncidentKind;
  readonly startMs: number;
  /** Absent: to the end. */
  readonly durationMs: number | undefined;
}

/** What a run works with. */
export interface RunEnvironment {
  readonly clock: Clock;
  readonly output: ProgressOutput;
  /** Ends it: requests under way are waited for, and the outcome is told. */
  readonly signal: AbortSignal;
}

const DAY_MS = 86_400_000;
/** Nobody takes as many: the simulation is always behind the clock, and is moved on. */
const FLOOD_RATE = 1_000_000;
/** Chance brings fewer events than expected about as often as more: by so many standard deviations more are expected, so that history ends before the present. */
const DEVIATIONS = 6;
const SENDING = 'Sending';
const WAITING = 'Waiting until all is queryable';
const DRAW_EVERY_MS = 100;
/** The books are waited for as long as they move. */
const SETTLE_PATIENCE_MS = 30_000;

/** Runs a simulation. Throws SendError when the server cannot be moved to take its events. */
export const runSimulation = (options: RunOptions, environment: RunEnvironment): Promise<SimulationOutcome> =>
  new Run(options, environment).run();

class Run {
  readonly #options: RunOptions;
  readonly #environment: RunEnvironment;
  readonly #intent = new Intent();
  readonly #rate = new RateMeter();
  readonly #progress: ProgressLine<SimulationProgress>;
  readonly #sender: BatchSender;
  #traffic: Traffic | undefined;
  #startedMs = 0;
  #nowMs = 0;
  #trouble: string | undefined;
  #label = SENDING;

  constructor(options: RunOptions, environment: RunEnvironment) {
    const { signal, output } = environment;
    const { url, key, seed, days } = options;
    this.#options = options;
    this.#environment = environment;
    this.#progress = new ProgressLine(output, SIMULATION_RENDERING);
    this.#sender = new BatchSender({
      url,
      key,
      signal,
      ...(days === undefined ? {} : { backfill: `simulate-${seed}` }),
      onTrouble: (why) => {
        this.#trouble = why ?? undefined;
      },
    });
  }

  async run(): Promise<SimulationOutcome> {
    const { url, key, seed } = this.#options;
    const before = await readBooks(url, key);
    const traffic = this.#makeTraffic();
    this.#traffic = traffic;
    const drawing = setInterval(() => this.#draw(), DRAW_EVERY_MS);
    try {
      await this.#send(traffic);
      await this.#sender.drain();
      const elapsedMs = this.#elapsedMs();
      const books = before === undefined ? undefined : await this.#settle(before);
      return {
        url,
        seed,
        isInterrupted: this.#environment.signal.aborted,
        elapsedMs,
        lostMs: traffic.lostMs,
        intent: this.#intent,
        counts: this.#sender.counts,
        books,
      };
    } catch (error) {
      throw error instanceof SendError ? this.#withCount(error) : error;
    } finally {
      clearInterval(drawing);
      this.#progress.clear();
      this.#sender.close();
    }
  }

  /** What was done until then is done. */
  #withCount(error: SendError): SendError {
    const { accepted } = this.#sender.counts;
    if (accepted === 0) return error;
    return new SendError(
      `${error.message} Before that, ${formatCount(accepted)} events were accepted.`,
      error.status,
    );
  }

  #makeTraffic(): Traffic {
    const { clock, signal } = this.#environment;
    const { events, durationMs } = this.#options;
    this.#startedMs = clock.monotonicMs();
    this.#nowMs = clock.nowMs();
    return new Traffic({
      source: this.#simulation(),
      send: (lines) => this.#sender.send(lines),
      intent: this.#intent,
      clock,
      signal,
      eventsMax: events ?? Number.POSITIVE_INFINITY,
      untilMs: durationMs === undefined ? Number.POSITIVE_INFINITY : this.#nowMs + durationMs,
    });
  }

  #simulation(): ShopSimulation {
    const { seed, rate, days, events, shares } = this.#options;
    if (days === undefined) {
      const ratePerSecond = rate === 'max' ? FLOOD_RATE : rate;
      const incidents = this.#incidents(this.#nowMs);
      return createSimulation({ seed, startMs: this.#nowMs, ratePerSecond, shares, incidents });
    }
    const startMs = this.#nowMs - days * DAY_MS;
    const incidents = this.#incidents(startMs);
    const wanted = events ?? 0;
    const seconds = meanTrafficSeconds(startMs, this.#nowMs, incidents);
    const ratePerSecond = (wanted + DEVIATIONS * Math.sqrt(wanted)) / seconds;
    return createSimulation({ seed, startMs, ratePerSecond, rhythm: 'daily', shares, incidents });
  }

  #incidents(fromMs: number): Incident[] {
    return this.#options.incidents.map(({ kind, startMs, durationMs = Number.POSITIVE_INFINITY }) => {
      const beginMs = fromMs + startMs;
      return { kind, fromMs: beginMs, untilMs: beginMs + durationMs };
    });
  }

  async #send(traffic: Traffic): Promise<void> {
    const { days, rate } = this.#options;
    if (days !== undefined) await traffic.replay();
    else if (rate === 'max') await traffic.flood();
    else await traffic.keepTime();
  }

  async #settle(before: Books): Promise<Books | undefined> {
    const { url, key } = this.#options;
    const { signal } = this.#environment;
    const { answered } = this.#sender.counts;
    this.#label = WAITING;
    return settledBooks(before, {
      url,
      key,
      received: answered,
      patienceMs: SETTLE_PATIENCE_MS,
      signal,
    });
  }

  #elapsedMs(): number {
    return this.#environment.clock.monotonicMs() - this.#startedMs;
  }

  /** How far it is, by events or by time, whichever is further. */
  #fraction(elapsedMs: number): number | undefined {
    const { events, durationMs } = this.#options;
    if (this.#label === WAITING || (events === undefined && durationMs === undefined)) return undefined;
    const byEvents = events === undefined ? 0 : this.#intent.events / events;
    return Math.min(1, Math.max(byEvents, durationMs === undefined ? 0 : elapsedMs / durationMs));
  }

  #draw(): void {
    const elapsedMs = this.#elapsedMs();
    const fraction = this.#fraction(elapsedMs);
    const { events } = this.#intent;
    const { accepted, rejected, rejectedBy } = this.#sender.counts;
    const isKnown = fraction !== undefined && fraction > 0 && fraction < 1;
    this.#progress.update({
      label: this.#label,
      fraction,
      elapsedMs,
      events,
      perSecond: this.#rate.perSecond(elapsedMs, events),
      accepted,
      rejected,
      rejectedBy,
      behindMs: this.#traffic?.behindMs ?? 0,
      trouble: this.#trouble,
      remainingMs: isKnown ? (elapsedMs / fraction) * (1 - fraction) : undefined,
    });
  }
}
