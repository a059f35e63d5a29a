import { ago } from './format.ts';

/** How long ago an instant was, as of when it is drawn: `3 min ago`. */
export const since = (iso: string): string => ago(Date.now() - Date.parse(iso));
