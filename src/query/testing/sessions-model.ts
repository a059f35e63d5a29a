import type { Filter } from '../../contract/question.ts';
import { bucketOf, holds, type ModelEvent } from './trend-model.ts';

/** What sessions mean, written down naively: every session is put together by itself and looked at. Shares nothing with the code under test. */

/** An event that also stands somewhere in the log and on a page. */
export interface ModelSessionEvent extends ModelEvent {
  readonly position: number;
  readonly page: string;
  readonly device_type: string;
}

/** A question in the model's terms: of selectors only types. */
export interface ModelSessionQuestion {
  readonly types: readonly string[] | undefined;
  readonly filter: Filter | undefined;
  readonly views: readonly string[];
  readonly passive: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** A session of the model. */
export interface ModelSession {
  readonly events: readonly ModelSessionEvent[];
  readonly beganMs: number;
  readonly durationMs: number;
  readonly views: number;
  readonly bounced: boolean;
  readonly entry: string | undefined;
  readonly exit: string | undefined;
}

const DAY_MS = 86_400_000;

const byPlace = (a: ModelSessionEvent, b: ModelSessionEvent): number =>
  a.timeMs - b.timeMs || a.position - b.position;

/** The sessions that a question is about. */
export const modelSessions = (
  all: readonly ModelSessionEvent[],
  project: string,
  question: ModelSessionQuestion,
): ModelSession[] => {
  const { fromMs, toMs, types, filter, views, passive } = question;
  const seen = all.filter(
    (event) =>
      event.project === project &&
      event.session_id !== '' &&
      (types === undefined || types.includes(event.type)) &&
      event.timeMs >= fromMs - DAY_MS &&
      event.timeMs < toMs + DAY_MS,
  );
  const sessions: ModelSession[] = [];
  for (const id of new Set(seen.map(({ session_id }) => session_id))) {
    const events = seen.filter(({ session_id }) => session_id === id).sort(byPlace);
    const beganMs = Math.min(...events.map(({ timeMs }) => timeMs));
    const endedMs = Math.max(...events.map(({ timeMs }) => timeMs));
    if (beganMs < fromMs || beganMs >= toMs) continue;
    if (filter !== undefined && !events.some((event) => holds(filter, event))) continue;
    const viewed = events.filter(({ type }) => views.includes(type));
    const others = events.filter(({ type }) => !views.includes(type) && !passive.includes(type));
    const pages = viewed.filter(({ page }) => page !== '');
    sessions.push({
      events,
      beganMs,
      durationMs: endedMs - beganMs,
      views: viewed.length,
      bounced: viewed.length === 1 && others.length === 0,
      entry: endOf(pages, 'first'),
      exit: endOf(pages, 'last'),
    });
  }
  return sessions;
};

/** The first or last page; of events at one place the least or greatest text. */
const endOf = (pages: readonly ModelSessionEvent[], end: 'first' | 'last'): string | undefined => {
  const edge = end === 'first' ? pages[0] : pages.at(-1);
  if (edge === undefined) return undefined;
  const texts = pages.filter((event) => byPlace(event, edge) === 0).map(({ page }) => page);
  texts.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return end === 'first' ? texts[0] : texts.at(-1);
};

/** The text of a field in the earliest event that has it. */
export const textOfSession = ({ events }: ModelSession, field: string): string | null => {
  const textOf = (event: ModelSessionEvent): string | null => {
    if (field.startsWith('properties.')) {
      const value = event.properties[field.slice('properties.'.length)];
      if (value === undefined || value === null) return null;
      return typeof value === 'string' ? value : JSON.stringify(value);
    }
    return (event as unknown as Record<string, string>)[field] || null;
  };
  const having = events.filter((event) => textOf(event) !== null);
  const [first] = having;
  if (first === undefined) return null;
  const texts = having.filter((event) => byPlace(event, first) === 0).map((event) => textOf(event) ?? '');
  texts.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return texts[0] ?? null;
};

/** Numbers of a set of sessions. */
export const modelNumbers = (sessions: readonly ModelSession[]) => {
  const sum = (of: (session: ModelSession) => number) => sessions.reduce((all, one) => all + of(one), 0);
  const durations = sessions.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const level = (at: number): number | null => durations[Math.floor(at * (durations.length - 1))] ?? null;
  const viewed = sessions.filter(({ views }) => views > 0).length;
  const bounces = sessions.filter(({ bounced }) => bounced).length;
  const each = (total: number): number | null => (sessions.length === 0 ? null : total / sessions.length);
  return {
    sessions: sessions.length,
    with_views: viewed,
    bounces,
    bounce_rate: viewed === 0 ? null : bounces / viewed,
    duration_avg_ms: each(sum(({ durationMs }) => durationMs)),
    duration_median_ms: level(0.5),
    duration_p90_ms: level(0.9),
    events_per_session: each(sum(({ events }) => events.length)),
    views_per_session: each(sum(({ views }) => views)),
  };
};

/** Sessions by the bucket that they began in. */
export const modelBuckets = (
  sessions: readonly ModelSession[],
  interval: string,
  timeZone: string,
): Map<number, ModelSession[]> =>
  Map.groupBy(sessions, ({ beganMs }) => bucketOf(beganMs, interval, timeZone));

/** The largest groups in order and the rest: by size, then by key. */
export const modelTop = <T>(
  items: readonly T[],
  top: number,
  keyOf: (item: T) => string,
): { named: [string, T[]][]; rest: T[] } => {
  const groups = [...Map.groupBy(items, keyOf)].sort(
    ([a, x], [b, y]) => y.length - x.length || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  return { named: groups.slice(0, top), rest: groups.slice(top).flatMap(([, of]) => of) };
};
