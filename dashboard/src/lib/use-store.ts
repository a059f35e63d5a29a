import { useSyncExternalStore } from 'react';
import type { Store } from './store.ts';

/** The value of a store, kept up to date. */
export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.get);
