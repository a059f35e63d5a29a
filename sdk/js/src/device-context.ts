import type { Properties } from './types.ts';

type Table = readonly (readonly [part: string, name: string])[];

/** What a User-Agent holds. In this order: many browsers also claim to be those further down. Names as the platform gives them to other clients' events. */
const BROWSERS: Table = [
  ['Edg', 'Microsoft Edge'],
  ['OPR', 'Opera'],
  ['SamsungBrowser', 'Samsung Internet'],
  ['FxiOS', 'Firefox iOS'],
  ['Firefox', 'Firefox'],
  ['CriOS', 'Chrome iOS'],
  ['Chrome', 'Chrome'],
  ['Mobile/', 'Mobile Safari'],
  ['Safari', 'Safari'],
];
const SYSTEMS: Table = [
  ['iPhone', 'iOS'],
  ['iPad', 'iOS'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['CrOS', 'Chrome OS'],
  ['Mac', 'Mac OS X'],
  ['Linux', 'Linux'],
];
const DEVICES: Table = [
  ['iPad', 'Tablet'],
  ['Tablet', 'Tablet'],
  ['Mobi', 'Mobile'],
  ['Android', 'Tablet'],
  ['', 'Desktop'],
];

const nameOf = (table: Table, agent: string): string | undefined =>
  table.find(([part]) => agent.includes(part))?.[1];

/**
 * Browser, system and kind of device, by the User-Agent, for the option `context`.
 *
 * @example createClient({ url, writeKey, context: deviceContext() })
 */
export const deviceContext = (agent: string = navigator.userAgent): Properties => ({
  browser: nameOf(BROWSERS, agent),
  os: nameOf(SYSTEMS, agent),
  device_type: nameOf(DEVICES, agent),
});
