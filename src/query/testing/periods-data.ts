import { SeededRandom } from '../../lib/testing/random.ts';
import type { PeriodEvent } from './periods-model.ts';
import type { TestWarehouse } from './test-warehouse.ts';

/** Random small data for questions that compare whole periods: few actors, many ties, stretches around changes of the clocks. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LOAD_ROWS = 200;

/** Stretches of two months around changes of the clocks; one has a day that a zone skipped. */
export const STRETCHES = [Date.UTC(2026, 2, 1), Date.UTC(2026, 9, 1), Date.UTC(2011, 11, 1)];
export const STRETCH_DAYS = 60;
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/Sao_Paulo',
];
export const TYPES = ['signup', 'page_view', 'purchase', "it's"];
export const COUNTRIES = ['DE', 'FR', '', "d'Ivoire"];
export const PLANS = ['pro', '', 'free', 5, null, undefined];

/** Events at few instants of the day, so that many share a millisecond, and midnights of several zones. */
const HOURS = [0, 1, 3, 4, 5, 5.75, 10, 12, 14, 18, 18.25, 22, 23, 23.999];

/** Events from a seed: `mine` and another project. */
export const makePeriodEvents = (seed: number, count: number): PeriodEvent[] => {
  const random = new SeededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const user = random.below(60);
    // Each comes mostly in a stretch of its own, so that first times are spread.
    const day = random.chance(0.7) ? (user + random.below(12)) % STRETCH_DAYS : random.below(STRETCH_DAYS);
    const properties = { plan: pick(PLANS) };
    return {
      project: random.chance(0.85) ? 'mine' : 'other',
      position: Math.floor(index / LOAD_ROWS),
      timeMs: pick(STRETCHES) + day * DAY_MS + Math.round(pick(HOURS) * HOUR_MS),
      type: pick(TYPES),
      user_id: random.chance(0.1) ? '' : `u${user}`,
      session_id: random.chance(0.2) ? '' : `s${random.below(200)}`,
      country: pick(COUNTRIES),
      currency: '',
      micros: null,
      properties: JSON.parse(JSON.stringify(properties)) as Record<string, unknown>,
    };
  });
};

/** Loads the events, several loads one after the other. */
export const loadPeriodEvents = async (
  bench: TestWarehouse,
  events: readonly PeriodEvent[],
): Promise<void> => {
  for (const [position, of] of Map.groupBy(events, (event) => event.position)) {
    const rows = of.map(({ timeMs, micros: _micros, position: _position, properties, ...rest }, index) => ({
      ...rest,
      id: `${position}-${index}`,
      time: timeMs,
      received_at: timeMs,
      properties: JSON.stringify(properties),
    }));
    await bench.load('events', rows, position);
  }
};
