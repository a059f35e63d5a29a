import type { UserSort } from '../../../src/contract/users.ts';
import { filterIn } from '../ask/filter-address.ts';
import type { UserSearch } from '../data/users.ts';

/** The orders of a list of users, in words. */
export const SORTS: readonly { readonly value: UserSort; readonly text: string }[] = [
  { value: 'last_seen', text: 'Last seen' },
  { value: 'first_seen', text: 'Newest' },
  { value: 'events', text: 'Most events' },
  { value: 'user_id', text: 'By id' },
];

/** Since when somebody was active, in words; the first is the whole history. */
export const SINCES = [
  { value: 'ever', text: 'At any time' },
  { value: 'now-5m', text: 'Last 5 minutes' },
  { value: 'now-1h', text: 'Last hour' },
  { value: 'now-24h', text: 'Last 24 hours' },
  { value: 'now-7d', text: 'Last 7 days' },
  { value: 'now-30d', text: 'Last 30 days' },
] as const;

/** The search in an address. What it does not say, or says badly, is not sought by. */
export const searchIn = (search: string): UserSearch => {
  const parameters = new URLSearchParams(search);
  const since = SINCES.find(({ value }) => value === parameters.get('since'))?.value;
  return {
    prefix: parameters.get('q') ?? undefined,
    type: parameters.get('type') ?? undefined,
    filter: filterIn(parameters.get('filter')),
    since: since === 'ever' ? undefined : since,
    sort: SORTS.find(({ value }) => value === parameters.get('sort'))?.value ?? 'last_seen',
  };
};

/** Whether it leaves anybody out. */
export const isNarrow = ({ prefix, type, filter, since }: UserSearch): boolean =>
  [prefix, type, filter, since].some((each) => each !== undefined);
