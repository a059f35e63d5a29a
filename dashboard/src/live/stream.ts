import type { StoredEvent } from '../../../src/contract/event.ts';

/** Events that the page keeps; older ones are forgotten here (never in the warehouse). */
export const STREAM_EVENTS_MAX = 1_000;
/** More cannot be followed by eye; a flood would only keep server and page busy. */
export const STREAM_PER_SECOND = 40;

/** The stream of events as the page knows it. */
export interface StreamState {
  /** Newest first. */
  readonly events: readonly StoredEvent[];
  /** While paused: what arrived since, newest first, shown when the stream goes on. */
  readonly held: readonly StoredEvent[];
  /** While paused: how many arrived since, those that no longer fit into `held` included. */
  readonly heldCount: number;
  readonly isPaused: boolean;
  /** Events that matched and were not delivered, because this page was too slow or away too long. */
  readonly missed: number;
  /** Some were missed and nobody knows how many. */
  readonly hasGap: boolean;
  /** More come at present than are shown. */
  readonly isSample: boolean;
  /** Where to go on after a reconnect. */
  readonly position: string | null;
  /** Events seen since the stream was opened with this filter. */
  readonly seen: number;
  /** Why nothing comes, if the server refused. */
  readonly error: string | undefined;
}

/** What happens to the stream. */
export type StreamAction =
  | {
      readonly kind: 'received';
      /** Oldest first, as they are delivered. */
      readonly events: readonly StoredEvent[];
      readonly position: string | null;
      readonly missed: number;
      readonly gap: boolean;
      readonly leftOut: number;
    }
  | { readonly kind: 'subscribed'; readonly position: string | null; readonly gap: boolean }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'emptied' };

/** A stream before anything came. */
export const EMPTY_STREAM: StreamState = {
  events: [],
  held: [],
  heldCount: 0,
  isPaused: false,
  missed: 0,
  hasGap: false,
  isSample: false,
  position: null,
  seen: 0,
  error: undefined,
};

const laterOf = (one: string | null, other: string | null): string | null => {
  if (one === null || other === null) return one ?? other;
  return BigInt(other) > BigInt(one) ? other : one;
};

const inFront = (fresh: readonly StoredEvent[], old: readonly StoredEvent[]): readonly StoredEvent[] =>
  [...fresh, ...old].slice(0, STREAM_EVENTS_MAX);

const received = (
  state: StreamState,
  { events, position, missed, gap, leftOut }: Extract<StreamAction, { kind: 'received' }>,
): StreamState => {
  // What fills a gap after a reconnect may overlap with what is here.
  const known = new Set([...state.events, ...state.held].map(({ id }) => id));
  const fresh: StoredEvent[] = [];
  for (const event of events) {
    if (known.has(event.id)) continue;
    known.add(event.id);
    fresh.push(event);
  }
  fresh.reverse();
  const next = {
    ...state,
    position: laterOf(state.position, position),
    missed: state.missed + missed,
    hasGap: state.hasGap || gap,
    isSample: leftOut > 0,
    seen: state.seen + fresh.length,
  };
  if (fresh.length === 0) return next;
  return state.isPaused
    ? { ...next, held: inFront(fresh, state.held), heldCount: state.heldCount + fresh.length }
    : { ...next, events: inFront(fresh, state.events) };
};

/** The stream after something happened. */
export const reduceStream = (state: StreamState, action: StreamAction): StreamState => {
  switch (action.kind) {
    case 'received':
      return received(state, action);
    case 'subscribed':
      return {
        ...state,
        error: undefined,
        position: laterOf(state.position, action.position),
        hasGap: state.hasGap || action.gap,
      };
    case 'paused':
      return { ...state, isPaused: true };
    case 'resumed':
      return { ...state, isPaused: false, events: inFront(state.held, state.events), held: [], heldCount: 0 };
    case 'refused':
      return { ...state, error: action.message };
    case 'acknowledged':
      return { ...state, missed: 0, hasGap: false };
    case 'emptied':
      return { ...EMPTY_STREAM, isPaused: state.isPaused };
  }
};
