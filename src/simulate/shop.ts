import { longTail, Weighted } from './random.ts';

/** The shop that is simulated, and the people who come to it. */

/** Where visitors live, and what they pay with. */
export interface Country {
  readonly code: string;
  /** Standard time, hours ahead of UTC. */
  readonly zoneHours: number;
  readonly currency: string;
  /** What one euro of the price list costs there. */
  readonly perEuro: number;
  /** Digits behind the point that the currency has. */
  readonly digits: 0 | 2;
}

const country = (code: string, zoneHours: number, currency: string, perEuro: number, digits: 0 | 2 = 2) =>
  ({ code, zoneHours, currency, perEuro, digits }) satisfies Country;

/** The countries with their share of the visitors. */
export const COUNTRIES: readonly (readonly [Country, number])[] = [
  [country('DE', 1, 'EUR', 1), 26],
  [country('US', -6, 'USD', 1.1), 22],
  [country('GB', 0, 'GBP', 0.85), 14],
  [country('FR', 1, 'EUR', 1), 11],
  [country('BR', -3, 'BRL', 6), 8],
  [country('IN', 5.5, 'INR', 95), 7],
  [country('JP', 9, 'JPY', 165, 0), 5],
  [country('NL', 1, 'EUR', 1), 4],
  [country('AU', 10, 'AUD', 1.7), 3],
];

/** What a visitor looks with. */
export interface Device {
  readonly source: 'web' | 'mobile';
  readonly type: 'desktop' | 'mobile' | 'tablet';
  readonly os: string;
  readonly osVersion: string;
  readonly browser: string;
}

const device = (
  source: Device['source'],
  type: Device['type'],
  os: string,
  osVersion: string,
  browser: string,
) => ({ source, type, os, osVersion, browser }) satisfies Device;

/** Devices as often as they are met. An app names itself where a page names its browser. */
export const DEVICES = new Weighted<Device>([
  [device('web', 'desktop', 'Windows', '11', 'Chrome'), 22],
  [device('web', 'desktop', 'Windows', '10', 'Edge'), 8],
  [device('web', 'desktop', 'macOS', '15.6', 'Safari'), 8],
  [device('web', 'desktop', 'macOS', '15.6', 'Chrome'), 6],
  [device('web', 'desktop', 'Linux', '6.12', 'Firefox'), 4],
  [device('web', 'mobile', 'iOS', '18.6', 'Safari'), 20],
  [device('web', 'mobile', 'Android', '15', 'Chrome'), 16],
  [device('web', 'tablet', 'iPadOS', '18.6', 'Safari'), 4],
  [device('mobile', 'mobile', 'iOS', '18.6', 'Aevum Shop'), 7],
  [device('mobile', 'mobile', 'Android', '15', 'Aevum Shop'), 5],
]);

/** How a visit came about. Empty: the address was typed in. */
export interface Channel {
  readonly referrer: string;
  /** The utm_ properties as the members of a JSON object; empty for visits that no campaign brought. */
  readonly utm: string;
}

const channel = (referrer: string, source?: string, medium?: string, campaign?: string): Channel => ({
  referrer,
  utm:
    source === undefined
      ? ''
      : `"utm_source":"${source}","utm_medium":"${medium}","utm_campaign":"${campaign}"`,
});

/** Channels as often as they bring somebody. */
export const CHANNELS = new Weighted<Channel>([
  [channel(''), 30],
  [channel('https://www.google.com/'), 27],
  [channel('https://www.bing.com/'), 4],
  [channel('https://www.google.com/', 'google', 'cpc', 'brand'), 9],
  [channel('https://www.google.com/', 'google', 'cpc', 'autumn_sale'), 7],
  [channel('https://www.instagram.com/', 'instagram', 'paid_social', 'autumn_sale'), 8],
  [channel('', 'newsletter', 'email', 'week_47'), 7],
  [channel('https://www.youtube.com/', 'youtube', 'video', 'reviews'), 4],
  [channel('https://www.reddit.com/'), 4],
]);

/** The channel of a spike: a page that everybody reads today has linked to the shop. */
export const SPIKE_CHANNEL = channel('https://news.example/', 'news', 'referral', 'front_page');

/** Something for sale. */
export interface Product {
  readonly sku: string;
  readonly path: string;
  /** Cents. */
  readonly euroCents: number;
}

const KINDS = ['backpack', 'jacket', 'lamp', 'bottle', 'tent', 'boots', 'stove', 'map', 'knife', 'rope'];
const STYLES = [
  'alpine',
  'light',
  'classic',
  'nordic',
  'coastal',
  'urban',
  'trail',
  'winter',
  'summit',
  'river',
];
/** Euros, for each kind. */
const KIND_PRICES = [89, 149, 39, 19, 229, 129, 59, 12, 34, 27];
const ENDINGS_CENTS = [90, 95, 0, 99];

const productAt = (index: number): Product => {
  const kind = index % KINDS.length;
  const style = (index * 7 + Math.floor(index / KINDS.length)) % STYLES.length;
  const euros = Math.round((KIND_PRICES[kind] ?? 0) * (0.7 + style * 0.08));
  return {
    sku: `S-${1000 + index}`,
    path: `/p/${STYLES[style]}-${KINDS[kind]}-${1000 + index}`,
    euroCents: euros * 100 + (ENDINGS_CENTS[index % ENDINGS_CENTS.length] ?? 0),
  };
};

/** Products; a few sell well. */
export const PRODUCTS = longTail(Array.from({ length: 300 }, (_, index) => productAt(index)));

/** The product that a spike is about. */
export const SPIKE_PRODUCT = productAt(0);

const CATEGORY_PAGES = KINDS.map((kind) => `/c/${kind}`);
const GUIDE_PAGES = Array.from({ length: 600 }, (_, index) => `/guides/tour-${index + 1}`);

/** Pages that are about no product: home, categories, and a long tail of guides. */
export const PAGES = longTail(['/', '/sale', ...CATEGORY_PAGES, '/about', ...GUIDE_PAGES]);

/** What people look for. */
export const SEARCHES = longTail(KINDS.flatMap((kind) => STYLES.map((style) => `${style} ${kind}`)));

/** What people click on. */
export const CLICK_TARGETS = longTail(['photo', 'size', 'reviews', 'colour', 'wishlist', 'share', 'video']);
