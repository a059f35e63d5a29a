import type { Selector } from '../../contract/question.ts';
import type { RevenueRequest } from '../../contract/revenue.ts';
import { bucketOf, holds, type ModelEvent } from './trend-model.ts';

/** What revenue means, written down naively: see `trend-model.ts`. */

/** Figures of a stretch of time, in the words of the contract. */
export interface ModelFigures {
  readonly revenue: number;
  readonly gross: number;
  readonly refunded: number;
  readonly orders: number;
  readonly refunds: number;
  readonly buyers: number;
  readonly average_order: number | null;
  readonly arpu: number | null;
  readonly arppu: number | null;
}

/** A series; `values` by first instant of the bucket. Buckets without money are absent. */
export interface ModelRevenue {
  readonly group: Record<string, string | null> | null;
  readonly other: boolean;
  readonly currency: string | null;
  readonly activeUsers: number;
  readonly total: ModelFigures;
  readonly values: ReadonlyMap<number, ModelFigures>;
}

/** Whether a selector means an event. */
export const selects = (selector: Selector, event: ModelEvent): boolean => {
  if (typeof selector === 'string') return event.type === selector;
  return (
    (selector.types?.includes(event.type) ?? true) &&
    (selector.filter === undefined || holds(selector.filter, event))
  );
};

/** The field as text, null where absent. Only fields that the tests break down by. */
export const fieldText = (event: ModelEvent, field: string): string | null => {
  if (field.startsWith('properties.')) {
    const value = event.properties[field.slice('properties.'.length)];
    if (value === undefined || value === null) return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  const text = event[field as 'type' | 'country' | 'user_id'];
  return text === '' ? null : text;
};

const usersOf = (events: readonly ModelEvent[]): number =>
  new Set(events.map(({ user_id }) => user_id).filter((id) => id !== '')).size;

const sumOf = (micros: readonly bigint[]): number => Number(micros.reduce((a, b) => a + b, 0n)) / 1e6;

const per = (sum: number, of: number): number | null => (of === 0 ? null : sum / of);

const figuresOf = (money: readonly ModelEvent[], activeUsers: number): ModelFigures => {
  const micros = money.map((event) => event.micros ?? 0n);
  const orders = money.filter((event) => (event.micros ?? 0n) > 0n);
  const gross = sumOf(micros.filter((value) => value > 0n));
  const revenue = sumOf(micros);
  return {
    revenue,
    gross,
    refunded: -sumOf(micros.filter((value) => value < 0n)),
    orders: orders.length,
    refunds: micros.filter((value) => value < 0n).length,
    buyers: usersOf(orders),
    average_order: per(gross, orders.length),
    arpu: per(revenue, activeUsers),
    arppu: per(revenue, usersOf(orders)),
  };
};

const orderOf = (a: readonly string[], b: readonly string[]): number => {
  const at = a.findIndex((text, index) => text !== b[index]);
  return at < 0 ? 0 : Buffer.compare(Buffer.from(a[at] ?? ''), Buffer.from(b[at] ?? ''));
};

/** The series over events of all projects, in no particular order. */
export const modelRevenue = (
  all: readonly ModelEvent[],
  project: string,
  request: RevenueRequest,
  range: { readonly fromMs: number; readonly toMs: number },
): ModelRevenue[] => {
  const events = all.filter(
    (event) =>
      event.project === project &&
      event.timeMs >= range.fromMs &&
      event.timeMs < range.toMs &&
      (request.filter === undefined || holds(request.filter, event)),
  );
  const isMoney = (event: ModelEvent) => event.micros !== null && selects(request.events, event);
  const by = request.by ?? [];
  const keyOf = (event: ModelEvent) => JSON.stringify(by.map((field) => fieldText(event, field)));
  const ranked = [...Map.groupBy(events, keyOf)]
    .map(([key, inside]) => ({
      key,
      orders: inside.filter((event) => isMoney(event) && (event.micros ?? 0n) > 0n).length,
      texts: (JSON.parse(key) as (string | null)[]).map((text) => (text === null ? '' : `=${text}`)),
    }))
    .filter(({ orders }) => orders > 0)
    .sort((a, b) => b.orders - a.orders || orderOf(a.texts, b.texts))
    .slice(0, request.top);
  const named = new Set(ranked.map(({ key }) => key));
  const groupOf = (event: ModelEvent) => (by.length > 0 && !named.has(keyOf(event)) ? 'other' : keyOf(event));
  return [...Map.groupBy(events, groupOf)].flatMap(([key, inside]) => {
    const texts = key === 'other' ? [] : (JSON.parse(key) as (string | null)[]);
    const money = inside.filter((event) => isMoney(event) && event.micros !== 0n);
    return [...Map.groupBy(money, ({ currency }) => currency)].map(([currency, of]) => {
      const start = (event: ModelEvent) =>
        request.interval === 'total'
          ? range.fromMs
          : bucketOf(event.timeMs, request.interval, request.timezone);
      const active = Map.groupBy(inside, start);
      return {
        group:
          key === 'other' || by.length === 0
            ? null
            : Object.fromEntries(by.map((field, index) => [field, texts[index] ?? null])),
        other: key === 'other',
        currency: currency === '' ? null : currency,
        activeUsers: usersOf(inside),
        total: figuresOf(of, usersOf(inside)),
        values: new Map(
          [...Map.groupBy(of, start)].map(([at, bucket]) => [
            at,
            figuresOf(bucket, usersOf(active.get(at) ?? [])),
          ]),
        ),
      };
    });
  });
};
