import { addTallies, extend, type Stretch, type Window } from '../window.ts';

/** For tests: windows by their meaning, of all events at once. */

/** An event as the models take it. */
export interface ModelEvent {
  readonly key: string;
  readonly timeMs: number;
  readonly position: number;
  readonly id: string;
  /** Times 10^6; null: it has no number. */
  readonly amount: bigint | null;
  readonly currency: string;
}

/** A window without its name, which depends on the order in which events came. */
export type ModelWindow = Omit<Window, 'id'>;

/** An event as operators take it. */
export const stretchOf = ({ key, timeMs, position, amount, currency }: ModelEvent): Stretch => ({
  ...{ key, startMs: timeMs, endMs: timeMs, events: 1, firstPosition: position, lastPosition: position },
  tallies: amount === null ? [] : [{ currency, count: 1, sum: amount, min: amount, max: amount }],
});

const windowOf = (events: readonly ModelEvent[], isComplete: boolean): ModelWindow => {
  const stretches = events.map(stretchOf);
  return {
    ...{ key: events[0]?.key ?? '', isComplete },
    ...{ startMs: Math.min(...stretches.map(({ startMs }) => startMs)) },
    ...{ endMs: Math.max(...stretches.map(({ endMs }) => endMs)) },
    events: events.length,
    firstPosition: Math.min(...events.map(({ position }) => position)),
    lastPosition: Math.max(...events.map(({ position }) => position)),
    tallies: stretches.map(({ tallies }) => tallies).reduce(addTallies),
  };
};

const byKey = (events: readonly ModelEvent[]): ModelEvent[][] => [
  ...Map.groupBy(events, ({ key }) => key).values(),
];

/** Sessions: a pause that is longer than the gap parts them. */
export const modelSessions = (events: readonly ModelEvent[], gapMs: number): ModelWindow[] =>
  byKey(events).flatMap((ofKey) => {
    const windows: ModelEvent[][] = [];
    for (const event of ofKey.toSorted((a, b) => a.timeMs - b.timeMs)) {
      const last = windows.at(-1);
      if (last === undefined || event.timeMs - (last.at(-1)?.timeMs ?? 0) > gapMs) windows.push([event]);
      else last.push(event);
    }
    return windows.map((window) => windowOf(window, false));
  });

/** The order of the log, as counts go. */
export const inOrder = (events: readonly ModelEvent[]): ModelEvent[] =>
  events.toSorted(
    (a, b) =>
      a.position - b.position || a.timeMs - b.timeMs || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
  );

/** Counts: every so many events of a key. */
export const modelCounts = (events: readonly ModelEvent[], every: number): ModelWindow[] =>
  byKey(inOrder(events)).flatMap((ofKey) =>
    Array.from({ length: Math.ceil(ofKey.length / every) }, (_, index) => {
      const window = ofKey.slice(index * every, (index + 1) * every);
      return windowOf(window, window.length === every);
    }),
  );

/** Some stretches of a key within the gap of each other as one, as a step of the host makes them. */
export const gathered = (stretches: readonly Stretch[], gapMs: number): Stretch[] =>
  [...Map.groupBy(stretches, ({ key }) => key).values()].flatMap((ofKey) => {
    const all: Window[] = [];
    for (const stretch of ofKey.toSorted((a, b) => a.startMs - b.startMs)) {
      const last = all.at(-1);
      if (last === undefined || stretch.startMs - last.endMs > gapMs)
        all.push({ ...stretch, id: 0, isComplete: false });
      else all[all.length - 1] = extend(last, stretch);
    }
    return all;
  });

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

const text = ({ key, startMs, endMs, events, tallies, ...rest }: ModelWindow): string =>
  JSON.stringify(
    [key, startMs, endMs, events, rest.firstPosition, rest.lastPosition, rest.isComplete, tallies],
    (_, value: unknown) => plain(value),
  );

/** Windows as lines in an order of their own, to be compared. */
export const windowLines = (windows: readonly ModelWindow[]): string[] => windows.map(text).sort();
