import {
  FUNNEL_BINS_MS,
  type FunnelRequest,
  type FunnelResult,
  type FunnelTimes,
} from '../../contract/funnel.ts';
import { selects } from './revenue-model.ts';
import { holds, type ModelEvent, textOf } from './trend-model.ts';

/** What a funnel means, written down naively: every attempt of every actor is walked event by event. Shares nothing with the code under test but the wire types. */

/** A request whose window is in milliseconds. */
export type ModelFunnelRequest = Omit<FunnelRequest, 'window'> & { readonly windowMs: number };

/** An event as the walk sees it. */
interface Seen {
  readonly event: ModelEvent;
  readonly timeMs: number;
  /** Numbers of the steps and exclusions that it is, each from 0. */
  readonly steps: readonly number[];
  readonly exclusions: readonly number[];
  /** Order within a millisecond. */
  readonly rank: number;
}

/** The attempt of an actor that counts. */
export interface ModelAttempt {
  readonly actor: string;
  readonly events: readonly ModelEvent[];
  readonly out: boolean;
  /** JSON of the group's texts; the smallest where several first events cannot be told apart. */
  readonly group: string;
}

const seenBy = (request: ModelFunnelRequest, event: ModelEvent): Seen => {
  const all = request.steps.flatMap((step, index) => (selects(step, event) ? [index] : []));
  const steps = request.order === 'any' ? all.slice(0, 1) : all;
  const exclusions = request.exclusions.flatMap(({ events }, index) =>
    selects(events, event) ? [index] : [],
  );
  const bits = [...steps, ...exclusions.map((index) => request.steps.length + index)];
  return {
    event,
    timeMs: event.timeMs,
    steps,
    exclusions,
    rank: bits.reduce((sum, bit) => sum + 2 ** bit, 0),
  };
};

const inOrder = (a: Seen, b: Seen): number => a.timeMs - b.timeMs || a.rank - b.rank;

/** The attempt that begins with an event, as places in the list. */
const walk = (request: ModelFunnelRequest, list: readonly Seen[], start: number): number[] => {
  const lastMs = (list[start]?.timeMs ?? 0) + request.windowMs;
  const inTime = (place: number) => place >= 0 && (list[place]?.timeMs ?? Number.POSITIVE_INFINITY) <= lastMs;
  const done = [start];
  if (request.order === 'any') {
    const steps = new Set(list[start]?.steps);
    for (let place = start + 1; place < list.length && inTime(place); place++) {
      const [step] = list[place]?.steps ?? [];
      if (step === undefined || steps.has(step)) continue;
      steps.add(step);
      done.push(place);
    }
    return done;
  }
  for (let step = 1; step < request.steps.length; step++) {
    const from = (done.at(-1) ?? 0) + 1;
    const next =
      request.order === 'strict'
        ? from < list.length && list[from]?.steps.includes(step)
          ? from
          : -1
        : list.findIndex((seen, place) => place >= from && seen.steps.includes(step));
    if (!inTime(next)) break;
    done.push(next);
  }
  return done;
};

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A text that is there stands behind "=", so that an absent one comes first. */
const sortKeys = (texts: readonly (string | null)[]): string[] =>
  texts.map((text) => (text === null ? '' : `=${text}`));

export const compareGroups = (a: string, b: string): number => {
  const [x, y] = [a, b].map((key) => sortKeys(JSON.parse(key) as (string | null)[]));
  for (const [index, text] of (x ?? []).entries()) {
    const order = compareBytes(text, y?.[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
};

const isOut = (request: ModelFunnelRequest, list: readonly Seen[], chain: readonly number[]): boolean =>
  request.exclusions.some(({ after, before = request.steps.length }, exclusion) => {
    const low = list[chain[after - 1] ?? -1];
    if (low === undefined) return false;
    const high = list[chain[before - 1] ?? -1];
    const lastMs = (list[chain[0] ?? 0]?.timeMs ?? 0) + request.windowMs;
    return list.some(
      (seen) =>
        seen.exclusions.includes(exclusion) &&
        inOrder(seen, low) > 0 &&
        (high === undefined ? seen.timeMs <= lastMs : inOrder(seen, high) < 0),
    );
  });

/** The attempt of every actor that began. */
export const modelAttempts = (
  all: readonly ModelEvent[],
  project: string,
  request: ModelFunnelRequest,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): ModelAttempt[] => {
  const column = request.actor === 'user' ? 'user_id' : 'session_id';
  const events = all.filter(
    (event) =>
      event.project === project &&
      event[column] !== '' &&
      event.timeMs >= fromMs &&
      event.timeMs < toMs + request.windowMs &&
      (request.filter === undefined || holds(request.filter, event)),
  );
  return [...Map.groupBy(events, (event) => event[column])].flatMap(([actor, own]) => {
    const seen = own.map((event) => seenBy(request, event));
    const list = (request.order === 'strict' ? seen : seen.filter(({ rank }) => rank > 0)).toSorted(inOrder);
    const isFirst = ({ steps, timeMs }: Seen) =>
      timeMs < toMs && (request.order === 'any' ? steps.length > 0 : steps.includes(0));
    const chains = list.flatMap((first, start) => (isFirst(first) ? [walk(request, list, start)] : []));
    if (chains.length === 0) return [];
    const chain = chains.reduce((best, next) => (next.length > best.length ? next : best));
    const first = list[chain[0] ?? 0];
    const groups = list
      .filter((other) => first !== undefined && inOrder(other, first) === 0)
      .map(({ event }) => JSON.stringify((request.by ?? []).map((field) => textOf(event, field))))
      .sort(compareGroups);
    return [
      {
        actor,
        events: chain.flatMap((place) => list[place]?.event ?? []),
        out: isOut(request, list, chain),
        group: groups[0] ?? '[]',
      },
    ];
  });
};

const quantile = (sorted: readonly number[], level: number): number => {
  const at = level * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
};

const timesOf = (times: readonly number[]): FunnelTimes | null => {
  if (times.length === 0) return null;
  const sorted = times.toSorted((a, b) => a - b);
  const bounds = [...FUNNEL_BINS_MS, Number.POSITIVE_INFINITY];
  return {
    average_ms: sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length,
    median_ms: quantile(sorted, 0.5),
    p90_ms: quantile(sorted, 0.9),
    histogram: bounds.map(
      (bound, bin) => sorted.filter((ms) => ms < bound && ms >= (bounds[bin - 1] ?? 0)).length,
    ),
  };
};

/** The numbers of a set of actors. */
export const modelResult = (attempts: readonly ModelAttempt[], steps: number): FunnelResult => {
  const inside = attempts.filter(({ out }) => !out);
  const share = (part: number, of: number): number | null => (of === 0 ? null : part / of);
  const at = (step: number) => inside.filter(({ events }) => events.length >= step);
  const timeTo = ({ events }: ModelAttempt, step: number, since: number) =>
    (events[step - 1]?.timeMs ?? 0) - (events[since - 1]?.timeMs ?? 0);
  const entered = inside.length;
  const completed = at(steps).length;
  return {
    entered,
    completed,
    conversion: share(completed, entered),
    excluded: attempts.length - inside.length,
    steps: Array.from({ length: steps }, (_, index) => {
      const step = index + 1;
      const actors = at(step).length;
      const dropped = step === steps ? null : actors - at(step + 1).length;
      return {
        actors,
        from_start: share(actors, entered),
        from_previous: step === 1 ? null : share(actors, at(step - 1).length),
        dropped,
        drop_off: dropped === null ? null : share(dropped, actors),
        since_previous:
          step === 1 ? null : timesOf(at(step).map((attempt) => timeTo(attempt, step, step - 1))),
      };
    }),
    time_to_convert: timesOf(at(steps).map((attempt) => timeTo(attempt, steps, 1))),
  };
};

/** Groups in the order of the answer: JSON of the texts, or undefined for the others, with their actors. */
export const modelGroups = (
  attempts: readonly ModelAttempt[],
  top: number,
): [string | undefined, ModelAttempt[]][] => {
  const entered = (of: readonly ModelAttempt[]) => of.filter(({ out }) => !out).length;
  const groups = [...Map.groupBy(attempts, ({ group }) => group)].sort(
    ([a, x], [b, y]) => entered(y) - entered(x) || compareGroups(a, b),
  );
  const rest = groups.slice(top).flatMap(([, of]) => of);
  return rest.length === 0 ? groups : [...groups.slice(0, top), [undefined, rest]];
};
