import { useEffect, useMemo } from 'react';
import type { LiveFilterInput } from '../../../src/contract/live.ts';
import { useLiveClient } from '../data/live-context.tsx';
import { watchScrolling } from '../lib/scrolling.ts';
import { createStore, type Store } from '../lib/store.ts';
import { type Condition, wireFilterOf } from './filter.ts';
import { pacedBy } from './pace.ts';
import {
  EMPTY_STREAM,
  reduceStream,
  STREAM_PER_SECOND,
  type StreamAction,
  type StreamState,
} from './stream.ts';

/** Events that a new filter shows at once. */
const RECENT = 100;

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
    const { isScrolling, end: endWatching } = watchScrolling();
    const paced = pacedBy(tell, { nowMs: () => performance.now(), isScrolling });
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
      endWatching();
      end();
    };
  }, [client, filterKey, store, tell]);
  return { store, tell };
};
