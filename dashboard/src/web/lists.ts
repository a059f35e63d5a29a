import type { WebAnswer, WebEntry, WebList } from '../../../src/contract/web.ts';
import { countryName } from '../lib/country.ts';

/** What a list is called, and its entries. */
interface ListFacts {
  /** On its tab. */
  readonly text: string;
  /** One entry of it, as chips say it. */
  readonly one: string;
  /** What stands for absence. */
  readonly absent: string;
  /** Why there may be nothing. */
  readonly empty: string;
}

const NO_CAMPAIGN = 'Visits by links with utm_ parameters appear here.';
const NO_PAGE = 'Page views that say which page appear here.';
const NO_DEVICE = 'Events that say their device appear here.';

/** The lists of web analytics in words. */
export const LISTS: Readonly<Record<WebList, ListFacts>> = {
  channels: { text: 'Channels', one: 'Channel', absent: 'Unknown', empty: 'Visits appear here.' },
  sources: { text: 'Sources', one: 'Source', absent: 'Direct or none', empty: 'Visits appear here.' },
  utm_sources: { text: 'UTM source', one: 'UTM source', absent: 'None', empty: NO_CAMPAIGN },
  utm_mediums: { text: 'UTM medium', one: 'UTM medium', absent: 'None', empty: NO_CAMPAIGN },
  utm_campaigns: { text: 'UTM campaign', one: 'UTM campaign', absent: 'None', empty: NO_CAMPAIGN },
  utm_terms: { text: 'UTM term', one: 'UTM term', absent: 'None', empty: NO_CAMPAIGN },
  utm_contents: { text: 'UTM content', one: 'UTM content', absent: 'None', empty: NO_CAMPAIGN },
  pages: { text: 'Pages', one: 'Page', absent: 'None', empty: NO_PAGE },
  entry_pages: { text: 'Entry pages', one: 'Entry page', absent: 'None', empty: NO_PAGE },
  exit_pages: { text: 'Exit pages', one: 'Exit page', absent: 'None', empty: NO_PAGE },
  countries: { text: 'Countries', one: 'Country', absent: 'Unknown', empty: 'Visits appear here.' },
  devices: { text: 'Devices', one: 'Device', absent: 'Unknown', empty: NO_DEVICE },
  browsers: { text: 'Browsers', one: 'Browser', absent: 'Unknown', empty: NO_DEVICE },
  systems: { text: 'Systems', one: 'System', absent: 'Unknown', empty: NO_DEVICE },
};

const CHANNEL_WORDS: Readonly<Record<string, string>> = {
  direct: 'Direct',
  search: 'Search',
  social: 'Social networks',
  email: 'E-mail',
  paid: 'Paid',
  campaign: 'Campaigns',
  referral: 'Other sites',
};

/** A value of a list in words. */
export const valueWords = (list: WebList, value: string | null): string => {
  if (value === null) return LISTS[list].absent;
  if (list === 'countries') return countryName(value);
  return list === 'channels' ? (CHANNEL_WORDS[value] ?? value) : value;
};

/** A row of a list. */
export interface Row {
  readonly entry: WebEntry;
  readonly words: string;
  /** Of the largest, in percent. */
  readonly percent: number;
}

/** The entries of a list by visitors, those behind the named ones left out. */
export const rowsOf = (answer: WebAnswer, list: WebList): readonly Row[] => {
  const named = answer.lists[list].filter(({ other }) => !other);
  const most = Math.max(1, ...named.map(({ visitors }) => visitors));
  return named
    .toSorted((a, b) => b.visitors - a.visitors || b.sessions - a.sessions)
    .map((entry) => ({
      entry,
      words: valueWords(list, entry.value),
      percent: (entry.visitors / most) * 100,
    }));
};

/** The rows whose words or value have a text in them, whatever the case. */
export const searched = (rows: readonly Row[], text: string): readonly Row[] => {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return rows;
  return rows.filter(
    ({ words, entry }) =>
      words.toLowerCase().includes(wanted) || (entry.value ?? '').toLowerCase().includes(wanted),
  );
};
