import { fc } from '../../../test/support/fast-check.ts';
import type { Filter } from '../../contract/question.ts';
import type { SeededRandom } from '../../lib/testing/random.ts';
import type { Row, TestWarehouse } from './test-warehouse.ts';
import type { ModelEvent } from './trend-model.ts';

/** For tests: random events and filters for trends. */

const LOAD_EVENTS = 500;
const DAY_MS = 86_400_000;

/** Stretches of some days around changes of the clocks, and one in the far past. */
export const STRETCHES = [
  Date.UTC(2026, 2, 27),
  Date.UTC(2026, 9, 24),
  Date.UTC(2026, 9, 31),
  Date.UTC(2011, 11, 28),
  Date.UTC(1969, 11, 30),
];
/** Zones with whole and broken offsets, with and without summer time. */
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/Sao_Paulo',
];
/** Types of events. */
export const TYPES = ['page_view', 'purchase', "it's", 'x\\y'];
const COUNTRIES = ['DE', 'FR', '', 'ÅØ', "d'Ivoire"];
/** Currencies of events; the empty one: none. */
export const CURRENCIES = ['EUR', 'USD', ''];
const PLANS = [
  'pro',
  'free',
  '',
  'true',
  '5',
  null,
  undefined,
  5,
  5.5,
  true,
  { a: 1 },
  ['x'],
  '1e3',
  '-7',
  'inf',
  'nan',
];

/** Events with ties and absent fields, of two projects. */
export const makeEvents = (random: SeededRandom, count: number): ModelEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  return Array.from({ length: count }, () => {
    const properties = {
      plan: pick(PLANS),
      n: Math.floor(random.next() * 2_000) / 8 - 100,
      ref: `r${Math.floor(random.next() * 40)}`,
    };
    return {
      project: random.next() < 0.8 ? 'mine' : 'other',
      timeMs: pick(STRETCHES) + Math.floor(random.next() * 4 * DAY_MS),
      type: pick(TYPES),
      user_id: random.next() < 0.1 ? '' : `u${Math.floor(random.next() * 60)}`,
      session_id: random.next() < 0.2 ? '' : `s${Math.floor(random.next() * 200)}`,
      country: pick(COUNTRIES),
      currency: pick(CURRENCIES),
      micros: random.next() < 0.3 ? null : BigInt(Math.floor(random.next() * 1e9) - 1e8),
      properties: JSON.parse(JSON.stringify(properties)) as Record<string, unknown>,
    };
  });
};

/** Millionths as the decimal that they are. */
export const decimalText = (micros: bigint): string => {
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0');
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

/** What of an event of a model its row has in another form. */
interface ModelFields {
  readonly timeMs: number;
  readonly micros: bigint | null;
  readonly properties: unknown;
}

const rowOf = <E extends ModelFields>({ timeMs, micros, properties, ...rest }: E, receivedMs: number) => ({
  ...rest,
  time: timeMs,
  received_at: receivedMs,
  value: micros === null ? null : decimalText(micros),
  properties: JSON.stringify(properties),
});

/** Events as rows of `events`; their ids are numbers from `firstId` on. */
export const rowsOf = (events: readonly ModelEvent[], receivedMs: number, firstId = 0): Row[] =>
  events.map((event, index) => ({ ...rowOf(event, receivedMs), id: String(firstId + index) }));

/** Loads events in several loads, so that the rollup holds several states for one pane. */
export const loadModelEvents = async (
  bench: TestWarehouse,
  events: readonly ModelEvent[],
  receivedMs: number,
): Promise<void> => {
  for (let at = 0; at < events.length; at += LOAD_EVENTS)
    await bench.load('events', rowsOf(events.slice(at, at + LOAD_EVENTS), receivedMs, at), at / LOAD_EVENTS);
};

/** Loads events that have ids and places in the log, each place as one load. */
export const loadPlacedEvents = async (
  bench: TestWarehouse,
  events: readonly (ModelFields & { readonly position: number })[],
  receivedMs: number,
): Promise<void> => {
  for (const [position, load] of Map.groupBy(events, (event) => event.position)) {
    const rows = load.map(({ position: _place, ...event }) => rowOf(event, receivedMs));
    await bench.load('events', rows, position);
  }
};

/** Fields to filter and to break down by. */
export const textFields = fc.constantFrom(
  'country',
  'type',
  'user_id',
  'currency',
  'properties.plan',
  'properties.ref',
  'properties.absent',
);
const texts = fc.constantFrom(...COUNTRIES, ...TYPES, 'EUR', 'u7', 'r3', 'pro', 'true', '5', '{"a":1}', 'e');
const scalars = fc.oneof(texts, fc.constantFrom<number | boolean>(5, -7, 1000, 0.5, true, false));

const condition: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ field: textFields, op: fc.constantFrom('eq' as const, 'neq' as const), value: scalars }),
  fc.record({
    field: textFields,
    op: fc.constantFrom('in' as const, 'not_in' as const),
    values: fc.array(scalars, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    field: textFields,
    op: fc.constant('contains' as const),
    value: texts.filter((text) => text !== ''),
  }),
  fc.record({
    field: textFields,
    op: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
    value: texts,
  }),
  fc.record({
    field: fc.constantFrom('properties.n', 'value', 'properties.plan'),
    op: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
    value: fc.constantFrom(0, 5, 12.5, -20.25, 500),
  }),
  fc.record({
    field: fc.oneof(textFields, fc.constant('value')),
    op: fc.constantFrom('exists' as const, 'not_exists' as const),
  }),
);

/** Filters of some levels. */
export const filters = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    condition,
    fc.record({ and: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
})).filter;

/** Whether two numbers are the same but for their last digits. */
export const isNear = (a: number | null, b: number | null, tolerance: number): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    Math.abs(a - b) <= Math.max(1e-9, tolerance * Math.max(Math.abs(a), Math.abs(b))));
