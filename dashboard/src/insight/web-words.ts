import type { WebList, WebNumbers } from '../../../src/contract/web.ts';
import type { Unit } from '../chart/units.ts';

/** Numbers of web analytics, what they are called and how they are written. */
export const WEB_FIGURES: Readonly<Record<keyof WebNumbers, readonly [string, Unit]>> = {
  visitors: ['Visitors', { kind: 'count' }],
  sessions: ['Sessions', { kind: 'count' }],
  views: ['Views', { kind: 'count' }],
  views_per_session: ['Views a session', { kind: 'number' }],
  bounces: ['Bounces', { kind: 'count' }],
  bounce_rate: ['Bounce rate', { kind: 'share' }],
  duration_avg_ms: ['Average duration', { kind: 'time' }],
};

interface ListWords {
  readonly title: string;
  /** Stands for those without a value. */
  readonly absent: string;
  /** The field of an event that it lists, for filters. Null: it is worked out of several. */
  readonly field: string | null;
}

/** The lists of web analytics. */
export const WEB_LIST_WORDS: Readonly<Record<WebList, ListWords>> = {
  channels: { title: 'Channels', absent: 'direct', field: null },
  sources: { title: 'Sources', absent: 'Direct', field: null },
  utm_sources: { title: 'UTM sources', absent: '(none)', field: 'properties.utm_source' },
  utm_mediums: { title: 'UTM mediums', absent: '(none)', field: 'properties.utm_medium' },
  utm_campaigns: { title: 'UTM campaigns', absent: '(none)', field: 'properties.utm_campaign' },
  utm_terms: { title: 'UTM terms', absent: '(none)', field: 'properties.utm_term' },
  utm_contents: { title: 'UTM contents', absent: '(none)', field: 'properties.utm_content' },
  pages: { title: 'Pages', absent: '(none)', field: 'page' },
  entry_pages: { title: 'Entry pages', absent: '(none)', field: null },
  exit_pages: { title: 'Exit pages', absent: '(none)', field: null },
  countries: { title: 'Countries', absent: 'Unknown', field: 'country' },
  devices: { title: 'Devices', absent: 'Unknown', field: 'device_type' },
  browsers: { title: 'Browsers', absent: 'Unknown', field: 'browser' },
  systems: { title: 'Systems', absent: 'Unknown', field: 'os' },
};
