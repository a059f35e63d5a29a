import { createStore } from './store.ts';

/** The query string of the page's address: what a reload or a sent link keeps. */
export const addressStore = createStore(location.search);

window.addEventListener('popstate', () => addressStore.set(location.search));

/** Changes parameters of the address; null takes one away. `isStep`: the back button leads back to before. */
export const changeAddress = (
  parameters: Readonly<Record<string, string | null>>,
  { isStep = false }: { readonly isStep?: boolean } = {},
): void => {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(parameters))
    if (value === null) search.delete(name);
    else search.set(name, value);
  const text = search.size === 0 ? '' : `?${search.toString()}`;
  const url = `${location.pathname}${text}`;
  if (isStep) history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  addressStore.set(text);
};
