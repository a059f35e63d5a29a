import { useEffect, useMemo } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import type { LiveEvents, LiveFilterInput } from '../../../src/contract/live.ts';
import { useLiveClient } from '../data/live-context.tsx';
import { createStore, type Store } from '../lib/store.ts';
import { type Condition, wireFilterOf } from './filter.ts';
import {
  EMPTY_STREAM,
  reduceStream,
  STREAM_PER_SECOND,
  type StreamAction,
  type StreamState,
} from './stream.ts';

/** Events that a new filter shows at once. */
const RECENT = 100;
/** What comes sooner after the one before is shown together: as often as one can read, not as often as it comes. */
const FLUSH_MS = 200;
/** Of what arrives between two frames no more than this is kept: the list could not show it anyway. */
const BUFFER_MAX = 2_000;

interface Buffer {
  events: StoredEvent[];
  position: string | null;
  missed: number;
  gap: boolean;
  leftOut: number;
}

const emptyBuffer = (): Buffer => ({ events: [], position: null, missed: 0, gap: false, leftOut: 0 });

/** Collects what arrives and hands it on at a readable pace. */
const pacedBy = (dispatch: (action: StreamAction) => void) => {
  let buffer = emptyBuffer();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flushedMs = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    timer = undefined;
    flushedMs = performance.now();
    const arrived = buffer;
    buffer = emptyBuffer();
    dispatch({ kind: 'received', ...arrived });
  };
  return {
    push: ({ events, position, missed, gap, left_out }: LiveEvents): void => {
      buffer.events = [...buffer.events, ...events].slice(-BUFFER_MAX);
      buffer.position = position;
      buffer.missed += missed;
      buffer.gap ||= gap === true;
      buffer.leftOut += left_out ?? 0;
      timer ??= setTimeout(flush, Math.max(0, flushedMs + FLUSH_MS - performance.now()));
    },
    cancel: (): void => clearTimeout(timer),
  };
};

/** A stream of events, and how to tell it something. It changes many times a second: only what shows it should watch it. */
export interface Stream {
  readonly store: Store<StreamState>;
  readonly tell: (action: StreamAction) => void;
}

/** The stream of events that the conditions let through. */
export const useStream = (conditions: readonly Condition[]): Stream => {
  const client = useLiveClient();
  const filterKey = JSON.stringify(wireFilterOf(conditions));
  const store = useMemo(() => createStore(EMPTY_STREAM), []);
  const tell = useMemo(
    () => (action: StreamAction) => store.update((now) => reduceStream(now, action)),
    [store],
  );
  useEffect(() => {
    const paced = pacedBy(tell);
    const filter = JSON.parse(filterKey) as LiveFilterInput;
    tell({ kind: 'emptied' });
    const end = client.subscribe(
      (id) => {
        const { position } = store.get();
        const from = position === null ? { recent: RECENT } : { after: position };
        return { op: 'subscribe', id, kind: 'events', filter, per_second: STREAM_PER_SECOND, ...from };
      },
      (message) => {
        if (message.op === 'subscribed')
          tell({ kind: 'subscribed', position: message.position ?? null, gap: message.gap === true });
        if (message.op === 'events') paced.push(message);
        if (message.op === 'error') tell({ kind: 'refused', message: message.message });
      },
    );
    return () => {
      paced.cancel();
      end();
    };
  }, [client, filterKey, store, tell]);
  return { store, tell };
};
