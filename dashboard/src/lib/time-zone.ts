import { createStore } from './store.ts';
import { useStore } from './use-store.ts';

/** Whose clock days, weeks and months go by: the project's, the browser's, or UTC. */
export const ZONE_CHOICES = ['project', 'browser', 'utc'] as const;
export type ZoneChoice = (typeof ZONE_CHOICES)[number];

const KEY = 'aevum-time-zone';

const stored = (): ZoneChoice => {
  try {
    const text = localStorage.getItem(KEY);
    return ZONE_CHOICES.find((choice) => choice === text) ?? 'project';
  } catch {
    return 'project';
  }
};

/** What was chosen. */
export const zoneStore = createStore<ZoneChoice>(stored());

/** The time zone of the project that is shown; undefined while it is not known, or it has none. */
export const projectZoneStore = createStore<string | undefined>(undefined);

/** Changes the choice, for later visits too. */
export const chooseZone = (choice: ZoneChoice): void => {
  zoneStore.set(choice);
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
};

/** Time zone of the browser, IANA name. */
export const BROWSER_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The IANA name of a choice. A project without a zone of its own goes by the browser's. */
export const zoneOf = (choice: ZoneChoice, projectZone: string | undefined): string => {
  if (choice === 'utc') return 'UTC';
  return choice === 'project' ? (projectZone ?? BROWSER_ZONE) : BROWSER_ZONE;
};

/** The time zone that is shown and asked in, IANA name. */
export const useTimeZone = (): string => zoneOf(useStore(zoneStore), useStore(projectZoneStore));
