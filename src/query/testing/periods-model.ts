import type { Filter, Selector } from '../../contract/question.ts';
import type { LifecycleRequest } from '../../contract/lifecycle.ts';
import type { RetentionRequest } from '../../contract/retention.ts';
import type { StickinessRequest } from '../../contract/stickiness.ts';
import { holds, type ModelEvent } from './trend-model.ts';

/**
 * What retention, lifecycle and stickiness mean, written down naively: each number is a set of actors, found by looking at every event of each. Slow, and easy to believe.
 */

/** An event of these models. */
export interface PeriodEvent extends ModelEvent {
  /** Of the record that it was loaded with. */
  readonly position: number;
}

type Period = RetentionRequest['period'];

const dateIn = (ms: number, timeZone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate();

const firstDay = (date: Temporal.PlainDate, period: Period): Temporal.PlainDate => {
  if (period === 'week') return date.subtract({ days: date.dayOfWeek - 1 });
  return period === 'month' ? date.with({ day: 1 }) : date;
};

const remembered = new Map<string, string>();

/** Name of a period: its first day. Remembered, because it is asked for again and again. */
const periodOf = (ms: number, period: Period, timeZone: string): string => {
  const key = `${ms} ${period} ${timeZone}`;
  const name = remembered.get(key) ?? firstDay(dateIn(ms, timeZone), period).toString();
  remembered.set(key, name);
  return name;
};

const exists = (day: Temporal.PlainDate, timeZone: string): boolean =>
  dateIn(day.toZonedDateTime(timeZone).epochMilliseconds, timeZone).equals(day);

/** The name of the next period, or of the one before. Days that the zone skipped do not exist. */
const neighbour = (name: string, period: Period, timeZone: string, direction: 1 | -1): string => {
  const step =
    period === 'day' ? { days: direction } : period === 'week' ? { weeks: direction } : { months: direction };
  const day = Temporal.PlainDate.from(name).add(step);
  return period === 'day' && !exists(day, timeZone) ? day.add(step).toString() : day.toString();
};

/** First instant of a period. */
export const instantOf = (name: string, timeZone: string): number =>
  Temporal.PlainDate.from(name).toZonedDateTime(timeZone).epochMilliseconds;

/** A question as far as the periods of its answer go. */
export interface PeriodQuestion {
  readonly period: Period;
  readonly timezone: string;
}

/** When it is asked, and about when. */
export interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
}

/** Names of the periods that a range touches, up to the running one. */
export const periodsOf = (
  { period, timezone }: PeriodQuestion,
  { fromMs, toMs, nowMs }: Moment,
): string[] => {
  const lastMs = Math.min(toMs - 1, nowMs);
  if (lastMs < fromMs) return [];
  const names = [periodOf(fromMs, period, timezone)];
  const last = periodOf(lastMs, period, timezone);
  for (;;) {
    const name = names.at(-1) ?? '';
    if (name === last) return names;
    names.push(neighbour(name, period, timezone, 1));
  }
};

const isOver = (name: string, { period, timezone }: PeriodQuestion, nowMs: number): boolean =>
  instantOf(neighbour(name, period, timezone, 1), timezone) <= nowMs;

const matches = (selector: Selector, event: ModelEvent): boolean => {
  if (typeof selector === 'string') return event.type === selector;
  return (
    (selector.types?.includes(event.type) ?? true) &&
    (selector.filter === undefined || holds(selector.filter, event))
  );
};

const byActor = (
  events: readonly PeriodEvent[],
  project: string,
  actor: 'user' | 'session',
  filter: Filter | undefined,
): PeriodEvent[][] => {
  const column = actor === 'user' ? 'user_id' : 'session_id';
  const counted = events.filter(
    (event) =>
      event.project === project && event[column] !== '' && (filter === undefined || holds(filter, event)),
  );
  return [...Map.groupBy(counted, (event) => event[column]).values()];
};

/** A cohort of the model. */
export interface ModelCohort {
  readonly size: number;
  /** So far, for every period that has begun; undefined for the others. */
  readonly counts: readonly (number | undefined)[];
  /** Whether each period is over. */
  readonly over: readonly boolean[];
}

const textOf = (event: ModelEvent, field: string): string | null => {
  const value = field.startsWith('properties.')
    ? event.properties[field.slice('properties.'.length)]
    : (event as unknown as Record<string, unknown>)[field];
  if (value === undefined || value === null || (value === '' && !field.startsWith('properties.')))
    return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** As texts of a group compare: absent first, then byte by byte. */
const compareGroups = (a: readonly (string | null)[], b: readonly (string | null)[]): number => {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? null;
    const order =
      text === null || other === null
        ? Number(text !== null) - Number(other !== null)
        : Buffer.compare(Buffer.from(text), Buffer.from(other));
    if (order !== 0) return order;
  }
  return 0;
};

/** Groups (as JSON, by the first start event) and cohorts (by name of the period) of a question about retention. */
export const modelRetention = (
  events: readonly PeriodEvent[],
  project: string,
  request: RetentionRequest,
  moment: Moment,
): Map<string, Map<string, ModelCohort>> => {
  const { period, timezone } = request;
  const name = (event: PeriodEvent) => periodOf(event.timeMs, period, timezone);
  const inRange = periodsOf(request, moment);
  const current = periodOf(moment.nowMs, period, timezone);
  const actors = byActor(events, project, request.actor, request.filter).map((own) => ({
    // Nothing behind the running period is known yet.
    starts: own.filter((event) => matches(request.start, event) && name(event) <= current),
    returns: new Set(
      own
        .filter((event) => matches(request.return, event))
        .map(name)
        .filter((each) => each <= current),
    ),
  }));
  const groupIn = (starts: readonly PeriodEvent[], cohort: string): string => {
    const [first] = starts
      .filter((event) => name(event) === cohort)
      .map((event) => ({ event, texts: (request.by ?? []).map((field) => textOf(event, field)) }))
      .sort(
        (a, b) =>
          a.event.timeMs - b.event.timeMs ||
          a.event.position - b.event.position ||
          compareGroups(a.texts, b.texts),
      );
    return JSON.stringify(first?.texts ?? []);
  };
  const cohortsOf = (starts: readonly PeriodEvent[]): string[] => {
    const all = [...new Set(starts.map(name))].sort();
    const some = all.filter((each) => inRange.includes(each));
    if (request.cohorts === 'recurring') return some;
    if (request.cohorts === 'first_in_range') return some.slice(0, 1);
    return all.slice(0, 1).filter((each) => inRange.includes(each));
  };
  const members = actors.flatMap(({ starts, returns }) =>
    cohortsOf(starts).map((cohort) => ({ cohort, group: groupIn(starts, cohort), returns })),
  );
  const measure = (of: typeof members, cohort: string): ModelCohort => {
    const own = of.filter((member) => member.cohort === cohort);
    const columns = [cohort];
    while (columns.length <= request.periods)
      columns.push(neighbour(columns.at(-1) ?? '', period, timezone, 1));
    const came = (column: string) =>
      own.filter(({ returns }) =>
        request.mode === 'n_day' ? returns.has(column) : [...returns].some((each) => each >= column),
      ).length;
    return {
      size: own.length,
      counts: columns.map((column) => (column <= current ? came(column) : undefined)),
      over: columns.map((column) => isOver(column, request, moment.nowMs)),
    };
  };
  const groups = [...Map.groupBy(members, ({ group }) => group)].sort(
    ([a, x], [b, y]) =>
      y.length - x.length || compareGroups(JSON.parse(a) as string[], JSON.parse(b) as string[]),
  );
  const table = (of: typeof members) => new Map(inRange.map((cohort) => [cohort, measure(of, cohort)]));
  if (request.by === undefined) return new Map([['[]', table(members)]]);
  const named = groups.slice(0, request.top);
  const rest = groups.slice(request.top).flatMap(([, of]) => of);
  return new Map([
    ...named.map(([group, of]) => [group, table(of)] as const),
    ...(rest.length === 0 ? [] : [['other', table(rest)] as const]),
  ]);
};

const activeNames = (
  events: readonly PeriodEvent[],
  project: string,
  request: LifecycleRequest | StickinessRequest,
  sinceMs = Number.NEGATIVE_INFINITY,
): Set<string>[] =>
  byActor(events, project, request.actor, request.filter).map(
    (own) =>
      new Set(
        own
          .filter(({ type, timeMs }) => timeMs >= sinceMs && (request.types?.includes(type) ?? true))
          .map(({ timeMs }) => periodOf(timeMs, request.period, request.timezone)),
      ),
  );

const countOf = (sets: readonly Set<string>[], holdsFor: (names: Set<string>) => boolean): number =>
  sets.filter(holdsFor).length;

/** Actors by state, one number a period. */
export const modelLifecycle = (
  events: readonly PeriodEvent[],
  project: string,
  request: LifecycleRequest,
  moment: Moment,
): Record<'new' | 'returning' | 'resurrecting' | 'dormant' | 'active', number[]> => {
  const { period, timezone } = request;
  const inRange = periodsOf(request, moment);
  const beforeOf = (name: string) => neighbour(name, period, timezone, -1);
  const [first] = inRange;
  // "90d" only: what the tests ask for.
  const lookBackMs =
    request.look_back === undefined ? undefined : Number(request.look_back.slice(0, -1)) * 86_400_000;
  const sinceMs =
    lookBackMs === undefined || first === undefined
      ? undefined
      : Math.min(instantOf(beforeOf(first), timezone), instantOf(first, timezone) - lookBackMs);
  const actors = activeNames(events, project, request, sinceMs);
  const isNew = (names: Set<string>, name: string) => ![...names].some((each) => each < name);
  const count = (holdsFor: (names: Set<string>, name: string) => boolean) =>
    inRange.map((name) => countOf(actors, (names) => holdsFor(names, name)));
  return {
    new: count((names, name) => names.has(name) && isNew(names, name)),
    returning: count((names, name) => names.has(name) && names.has(beforeOf(name))),
    resurrecting: count(
      (names, name) => names.has(name) && !names.has(beforeOf(name)) && !isNew(names, name),
    ),
    dormant: count((names, name) => !names.has(name) && names.has(beforeOf(name))),
    active: count((names, name) => names.has(name)),
  };
};

/** Actors by the number of periods that they were active in, and those active in each period and in each window that ends with it. */
export const modelStickiness = (
  events: readonly PeriodEvent[],
  project: string,
  request: StickinessRequest,
  moment: Moment,
): { exactly: number[]; active: number[]; windows: number[][] } => {
  const { period, timezone } = request;
  const inRange = periodsOf(request, moment);
  const actors = activeNames(events, project, request);
  const within = (names: Set<string>) => inRange.filter((name) => names.has(name)).length;
  const windowOf = (name: string, length: number): string[] => {
    const names = [name];
    while (names.length < length) names.push(neighbour(names.at(-1) ?? '', period, timezone, -1));
    return names;
  };
  return {
    exactly: inRange.map((_, index) => countOf(actors, (names) => within(names) === index + 1)),
    active: inRange.map((name) => countOf(actors, (names) => names.has(name))),
    windows: (request.windows ?? []).map((length) =>
      inRange.map((name) => {
        const window = windowOf(name, length);
        return countOf(actors, (names) => window.some((each) => names.has(each)));
      }),
    ),
  };
};
