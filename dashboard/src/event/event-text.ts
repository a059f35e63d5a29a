import type { StoredEvent } from '../../../src/contract/event.ts';
import { NUMBERS } from '../lib/numbers.ts';

/** Characters of a summary; a line has no room for more. */
const SUMMARY_MAX = 160;

const short = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const moneyOf = ({ value, currency }: StoredEvent): string =>
  value === undefined
    ? ''
    : [NUMBERS.fixed(value, 2), currency].filter((part) => part !== undefined).join(' ');

const propertiesOf = ({ properties }: StoredEvent): string =>
  Object.entries(properties)
    .slice(0, 4)
    .map(([key, value]) => `${key}=${short(value)}`)
    .join('  ');

/** What an event is about, in one line: its money, its page, else its first properties. */
export const summaryOf = (event: StoredEvent): string => {
  const path = event.properties['path'];
  const page = event.context?.page ?? (typeof path === 'string' ? path : undefined);
  return [moneyOf(event), page ?? propertiesOf(event)]
    .filter((part) => part !== '')
    .join('  ')
    .slice(0, SUMMARY_MAX);
};

/** The event as JSON to read: as the API gives it. */
export const eventJson = (event: StoredEvent): string => JSON.stringify(event, null, 2);
