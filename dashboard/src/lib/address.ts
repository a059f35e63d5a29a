import { createStore } from './store.ts';

/** The query string of the page's address: what a reload or a sent link keeps. */
export const addressStore = createStore(location.search);

/** The path of the page's address: which page it is. */
export const pathStore = createStore(location.pathname);

/** Asked before the page is left for another one; answers whether it may be. */
type Guard = () => boolean;

const guards = new Set<Guard>();

/** Has a say when the page is left, until the returned function is called. */
export const guardLeaving = (guard: Guard): (() => void) => {
  guards.add(guard);
  return () => guards.delete(guard);
};

const isHeld = (): boolean => [...guards].some((guard) => !guard());

/** Whether what is shown may be left for something else on the same page: whoever holds it is asked. */
export const mayLeave = (): boolean => !isHeld();

const shown = { href: location.href };

const show = (): void => {
  shown.href = location.href;
  addressStore.set(location.search);
  pathStore.set(location.pathname);
};

window.addEventListener('popstate', () => {
  // The browser has gone already: going back to where one was is all that can be done.
  if (location.pathname !== pathStore.get() && isHeld()) history.pushState(null, '', shown.href);
  else show();
});

/** Parameters as an address has them: what need not be escaped is not, so that people can read it. */
const searchText = (search: URLSearchParams): string =>
  search.size === 0 ? '' : `?${search.toString().replace(/%(?:21|28|29|2C|2F|3A)/gu, decodeURIComponent)}`;

/** Changes parameters of the address; null takes one away. `isStep`: the back button leads back to before. */
export const changeAddress = (
  parameters: Readonly<Record<string, string | null>>,
  { isStep = false }: { readonly isStep?: boolean } = {},
): void => {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(parameters))
    if (value === null) search.delete(name);
    else search.set(name, value);
  const url = `${location.pathname}${searchText(search)}${location.hash}`;
  if (isStep) history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  show();
};

/** What stays in the address from page to page. */
const KEPT = ['project'];

/** The address of a page, of the same project, with parameters of its own; undefined ones are left out. */
export const hrefOf = (
  path: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): string => {
  const now = new URLSearchParams(addressStore.get());
  const search = new URLSearchParams();
  for (const name of KEPT) {
    const value = now.get(name);
    if (value !== null) search.set(name, value);
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, value);
  return `${path}${searchText(search)}`;
};

/** Goes to another page without loading the program again. `isReplace`: the back button leads to where it led. */
export const goTo = (
  path: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
  { isReplace = false }: { readonly isReplace?: boolean } = {},
): void => {
  if (location.pathname !== path.split('?')[0] && isHeld()) return;
  const url = hrefOf(path, parameters);
  if (isReplace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  show();
};
