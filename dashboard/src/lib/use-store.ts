import { useSyncExternalStore } from 'react';
import type { Store } from './store.ts';

/** The value of a store, kept up to date. */
export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.get);

/** Something of the value of a store, by which alone is drawn anew: `select` answers a plain value, or one that stays the same. */
export const useOfStore = <T, Part>(store: Store<T>, select: (value: T) => Part): Part =>
  useSyncExternalStore(store.subscribe, () => select(store.get()));
