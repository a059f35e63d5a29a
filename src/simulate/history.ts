import { CARD_TESTING_FACTOR, type Incident, isGoingOn, SPIKE_FACTOR } from './incident.ts';
import { trafficLevel } from './rhythm.ts';

/** How much traffic a stretch of the past had. */

const MINUTE_MS = 60_000;
/** How finely the rhythm is added up. */
const STEP_MS = 10 * MINUTE_MS;

/** Seconds of mean traffic that are as much as the time `[fromMs, untilMs)` with its daily rhythm and its incidents. */
export const meanTrafficSeconds = (
  fromMs: number,
  untilMs: number,
  incidents: readonly Incident[],
): number => {
  let sumMs = 0;
  for (let atMs = fromMs; atMs < untilMs; atMs += STEP_MS) {
    const spike = isGoingOn(incidents, 'spike', atMs) ? SPIKE_FACTOR : 1;
    const cards = isGoingOn(incidents, 'card_testing', atMs) ? 1 + CARD_TESTING_FACTOR : 1;
    sumMs += trafficLevel(atMs) * spike * cards * Math.min(STEP_MS, untilMs - atMs);
  }
  return sumMs / 1000;
};
