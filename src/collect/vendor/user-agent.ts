/** What a User-Agent tells of the device, for clients that send nothing more. Names are those that PostHog's client gives, so that both count together. */
export interface Agent {
  readonly browser?: string;
  readonly os?: string;
  readonly device_type?: string;
}

type Table = readonly (readonly [RegExp, string])[];

/** In this order: many browsers also claim to be those further down. */
const BROWSERS: Table = [
  [/\b(?:Edg|Edge|EdgA|EdgiOS)\//, 'Microsoft Edge'],
  [/\b(?:OPR|Opera)\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFxiOS\//, 'Firefox iOS'],
  [/\bFirefox\//, 'Firefox'],
  [/\bCriOS\//, 'Chrome iOS'],
  [/\b(?:Headless)?Chrome\//, 'Chrome'],
  [/\bVersion\/[\d.]+ Mobile\/.*\bSafari\//, 'Mobile Safari'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
];

const SYSTEMS: Table = [
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'Chrome OS'],
  [/\b(?:Macintosh|Mac OS X)\b/, 'Mac OS X'],
  [/\bLinux\b/, 'Linux'],
];

const DEVICES: Table = [
  [/\biPad\b|\bTablet\b|\bAndroid\b(?!.*\bMobile\b)/, 'Tablet'],
  [/\b(?:iPhone|iPod|Mobile)\b/, 'Mobile'],
  [/\b(?:Windows|Macintosh|CrOS|X11|Linux)\b/, 'Desktop'],
];

/** Longer ones are not looked at. */
const LENGTH_MAX = 1_000;

const find = (table: Table, text: string): string | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** Reads the User-Agent of a browser; nothing of what is none. */
export const agentOf = (userAgent: string): Agent => {
  if (userAgent.length > LENGTH_MAX || !userAgent.startsWith('Mozilla/')) return {};
  const found = {
    browser: find(BROWSERS, userAgent),
    os: find(SYSTEMS, userAgent),
    device_type: find(DEVICES, userAgent),
  };
  return Object.fromEntries(Object.entries(found).filter(([, name]) => name !== undefined));
};
