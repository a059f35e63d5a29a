import { createStore } from '../lib/store.ts';

const tokenOf = (hash: string): string => hash.replace(/^#/, '').trim();

/** The token of the link: what stands behind `#`, which browsers do not send. Empty: there is none. */
export const tokenStore = createStore(tokenOf(location.hash));

window.addEventListener('hashchange', () => tokenStore.set(tokenOf(location.hash)));
