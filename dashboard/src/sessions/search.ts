import type { SessionSearch } from '../data/sessions.ts';
import { filterIn } from '../ask/filter-address.ts';

/** How long a session took at least, in words; the first leaves none out. */
export const LENGTHS = [
  { value: '', text: 'Any length' },
  { value: '10000', text: 'At least 10 s' },
  { value: '60000', text: 'At least 1 min' },
  { value: '300000', text: 'At least 5 min' },
  { value: '1800000', text: 'At least 30 min' },
] as const;

/** How many events a session has at least. */
export const COUNTS = [
  { value: '', text: 'Any events' },
  { value: '2', text: 'At least 2' },
  { value: '5', text: 'At least 5' },
  { value: '20', text: 'At least 20' },
  { value: '100', text: 'At least 100' },
] as const;

/** Whether it bounced. */
export const BOUNCES = [
  { value: '', text: 'Bounced or not' },
  { value: 'true', text: 'Bounced' },
  { value: 'false', text: 'Not bounced' },
] as const;

/** What sessions are narrowed to by picking a value: the parameter of the address, the field whose values are offered, the word for it. */
export const PICKED = [
  { name: 'user', field: 'user_id', text: 'User' },
  { name: 'entry', field: 'page', text: 'Entry page' },
  { name: 'exit', field: 'page', text: 'Exit page' },
  { name: 'country', field: 'country', text: 'Country' },
  { name: 'device', field: 'device_type', text: 'Device' },
] as const;

/** What all narrowings are, to be taken back at once. */
export const NOTHING: Readonly<Record<keyof SessionSearch, null>> = {
  ...{ user: null, entry: null, exit: null, country: null, device: null },
  ...{ longer: null, events: null, bounced: null, filter: null },
};

const oneOf = <Value extends string>(
  options: readonly { readonly value: Value }[],
  text: string | null,
): Exclude<Value, ''> | undefined => {
  const found = options.find(({ value }) => value === text)?.value;
  return found === '' ? undefined : (found as Exclude<Value, ''> | undefined);
};

/** The search in an address. What it does not say, or says badly, is not sought by. */
export const searchIn = (address: string): SessionSearch => {
  const parameters = new URLSearchParams(address);
  const text = (name: string): string | undefined => parameters.get(name) || undefined;
  return {
    user: text('user'),
    entry: text('entry'),
    exit: text('exit'),
    country: text('country'),
    device: text('device'),
    longer: oneOf(LENGTHS, parameters.get('longer')),
    events: oneOf(COUNTS, parameters.get('events')),
    bounced: oneOf(BOUNCES, parameters.get('bounced')),
    filter: filterIn(parameters.get('filter')),
  };
};

/** Whether it leaves any session out. */
export const isNarrow = (search: SessionSearch): boolean =>
  Object.values(search).some((each) => each !== undefined);
