import type { Filter } from '../../contract/question.ts';
import { holds, type ModelEvent } from './trend-model.ts';

/** What lists, profiles and timelines of users mean, written down naively. Shares nothing with the code under test but wire types. */

/** An event that stands somewhere in the log. */
export interface ModelUserEvent extends ModelEvent {
  readonly id: string;
  readonly position: number;
  readonly device_type: string;
}

/** A list in the model's terms. */
export interface ModelUsersQuestion {
  readonly prefix: string | undefined;
  readonly type: string | undefined;
  readonly filter: Filter | undefined;
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  readonly sort: 'last_seen' | 'first_seen' | 'events' | 'user_id';
}

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const iso = (ms: number): string => new Date(ms).toISOString();

/** All users of a list, in its order. */
export const modelUsers = (
  all: readonly ModelUserEvent[],
  project: string,
  { prefix, type, filter, sinceMs, untilMs, sort }: ModelUsersQuestion,
) => {
  const events = all.filter((event) => event.project === project && event.user_id !== '');
  const isAsked = (event: ModelUserEvent): boolean =>
    (type === undefined || event.type === type) &&
    (filter === undefined || holds(filter, event)) &&
    (sinceMs === undefined || event.timeMs >= sinceMs) &&
    (untilMs === undefined || event.timeMs < untilMs);
  return [...Map.groupBy(events, ({ user_id }) => user_id)]
    .filter(([id, of]) => id.startsWith(prefix ?? '') && of.some(isAsked))
    .map(([id, of]) => ({
      user_id: id,
      first_seen: iso(Math.min(...of.map(({ timeMs }) => timeMs))),
      last_seen: iso(Math.max(...of.map(({ timeMs }) => timeMs))),
      events: of.length,
    }))
    .sort((a, b) => {
      const order = {
        last_seen: bytes(b.last_seen, a.last_seen),
        first_seen: bytes(b.first_seen, a.first_seen),
        events: b.events - a.events,
        user_id: 0,
      }[sort];
      return order || bytes(a.user_id, b.user_id);
    });
};

const inOrder = (a: ModelUserEvent, b: ModelUserEvent): number =>
  a.timeMs - b.timeMs || a.position - b.position;

/** The events of a user, newest first. */
export const modelTimeline = (
  all: readonly ModelUserEvent[],
  project: string,
  user: string,
): ModelUserEvent[] =>
  all
    .filter((event) => event.project === project && event.user_id === user)
    .sort((a, b) => inOrder(b, a) || bytes(b.id, a.id));

/** What is known of a user who has an event. */
export const modelUser = (all: readonly ModelUserEvent[], project: string, user: string) => {
  const events = modelTimeline(all, project, user);
  const times = events.map(({ timeMs }) => timeMs);
  const latest = (field: 'country' | 'device_type'): string | null => {
    const having = events.filter((event) => event[field] !== '');
    const same = having.filter((event) => having[0] !== undefined && inOrder(event, having[0]) === 0);
    return (
      same
        .map((event) => event[field])
        .sort(bytes)
        .at(-1) ?? null
    );
  };
  const traits: Record<string, unknown> = {};
  for (const event of [...events].reverse())
    if (event.type === 'identify') Object.assign(traits, event.properties['traits']);
  const money = events.filter(({ micros }) => micros !== null);
  return {
    user_id: user,
    first_seen: iso(Math.min(...times)),
    last_seen: iso(Math.max(...times)),
    events: events.length,
    sessions: new Set(events.map(({ session_id }) => session_id).filter((id) => id !== '')).size,
    country: latest('country'),
    device_type: latest('device_type'),
    traits,
    revenue: [...Map.groupBy(money, ({ currency }) => currency)]
      .sort(([a], [b]) => bytes(a, b))
      .map(([currency, of]) => ({
        currency: currency === '' ? null : currency,
        events: of.length,
        micros: of.reduce((sum, { micros }) => sum + (micros ?? 0n), 0n),
      })),
    active_days: new Set(times.map((ms) => iso(ms).slice(0, 10))).size,
    types: [...Map.groupBy(events, ({ type }) => type)]
      .map(([type, of]) => ({ type, events: of.length }))
      .sort((a, b) => b.events - a.events || bytes(a.type, b.type)),
  };
};
