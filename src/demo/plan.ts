import { meanTrafficSeconds } from '../simulate/history.ts';
import type { Incident } from '../simulate/incident.ts';
import type { SimulationOptions } from '../simulate/simulation.ts';

/** What a demo is to be. Kept in the catalogue; everything that is sent as history follows from it, byte for byte, so that a back-fill that was cut off goes on where it was. */
export interface DemoPlan {
  readonly seed: number;
  /** When it was started: history ends there, and live events begin. Milliseconds since 1970. */
  readonly startedMs: number;
  readonly days: number;
  /** Events of history, at least. */
  readonly events: number;
  /** Live events a second. */
  readonly rate: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Chance alone brings fewer events than expected about as often as more: by so many standard deviations more are expected than wanted. */
const DEVIATIONS = 6;

/** History is as it should be: refusals are booked when they happen, so those of a whole month would all stand in the minute of the back-fill. */
const HISTORY_SHARES = { duplicate: 0, late: 0.02, stale: 0, malformed: 0 };

/** What went on in the shop, from so many days before the start for so many hours. */
const INCIDENTS = [
  { kind: 'spike', daysBefore: 12, hours: 2 },
  { kind: 'card_testing', daysBefore: 9, hours: 4 },
  { kind: 'checkout_outage', daysBefore: 5, hours: 2 },
] as const;

const incidentsOf = ({ startedMs, days }: DemoPlan): Incident[] =>
  INCIDENTS.filter(({ daysBefore }) => daysBefore < days).map(({ kind, daysBefore, hours }) => {
    const fromMs = startedMs - daysBefore * DAY_MS;
    return { kind, fromMs, untilMs: fromMs + hours * HOUR_MS };
  });

/** Where history begins, milliseconds since 1970. */
const historyStartMs = ({ startedMs, days }: DemoPlan): number => startedMs - days * DAY_MS;

/** The simulation of the history. It is to be taken up to `startedMs`, and gives `events` by then, and a few more. */
export const historyOf = (plan: DemoPlan): SimulationOptions => {
  const incidents = incidentsOf(plan);
  const expected = plan.events + DEVIATIONS * Math.sqrt(plan.events);
  return {
    seed: plan.seed,
    startMs: historyStartMs(plan),
    ratePerSecond: expected / meanTrafficSeconds(historyStartMs(plan), plan.startedMs, incidents),
    rhythm: 'daily',
    incidents,
    shares: HISTORY_SHARES,
  };
};

/** The simulation of what is live from now on: with the usual duplicates, stale and malformed events. Other events each time that it begins. */
export const liveOf = ({ seed, rate }: DemoPlan, nowMs: number): SimulationOptions => ({
  seed: (seed ^ Math.imul(Math.floor(nowMs / 1000), 0x9e3779b1)) | 0,
  startMs: nowMs,
  ratePerSecond: rate,
});
