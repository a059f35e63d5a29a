import type { Properties } from './types.ts';

/** What a page tells: where it is, without query and fragment, which may hold secrets, and how it is shown. */
export const pageContext = (): Properties => ({
  page: location.pathname,
  host: location.host,
  referrer: document.referrer.split(/[?#]/)[0],
  language: navigator.language,
  screen: `${screen.width}x${screen.height}`,
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
});

/** The parameters of an address's query that begin with utm_; undefined if there are none. */
export const campaignOf = (query: string): Properties | undefined => {
  const found = [...new URLSearchParams(query)].filter(([name]) => name.startsWith('utm_'));
  return found[0] && Object.fromEntries(found);
};
