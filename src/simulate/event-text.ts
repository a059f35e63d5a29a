import type { Chance } from './random.ts';
import type { Deed, Visit } from './visit.ts';

/** The JSON of simulated events. Nothing in the shop needs escaping, so it is put together as text. */

/** Versions of the shop before and after a deploy. */
export const SHOP_VERSION = '3.8.2';
export const BROKEN_VERSION = '3.9.0';

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');

/** A UUIDv7 (RFC 9562) of a time; random in 74 bits. */
export const uuidOf = (atMs: number, chance: Chance): string => {
  const time = atMs.toString(16).padStart(12, '0');
  const high = hex8(chance.uint32());
  const low = hex8(chance.uint32());
  const last = hex8(chance.uint32());
  const variant = '89ab'.charAt(chance.uint32() & 3);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${high.slice(0, 3)}-${variant}${high.slice(3, 6)}-${low}${last.slice(0, 4)}`;
};

/** How an event is malformed: the reason is what the platform says of it. */
export const FLAWS = [
  'not_an_object',
  'missing_type',
  'invalid_field',
  'invalid_timestamp',
  'value_out_of_range',
] as const;
export type Flaw = (typeof FLAWS)[number];

/** What an event is made of. */
export interface EventParts {
  readonly id: string;
  readonly timestampMs: number;
  readonly visit: Visit;
  readonly deed: Deed;
  readonly version: string;
  readonly flaw?: Flaw;
}

const valueOf = ({ flaw, deed }: EventParts): string => {
  if (flaw === 'value_out_of_range') return '1e15';
  return flaw === 'invalid_field' ? `"${deed.value === '' ? '0.00' : deed.value} EUR"` : deed.value;
};

/** The event as it is sent. */
export const eventText = (parts: EventParts): string => {
  const { id, timestampMs, visit, deed, version, flaw } = parts;
  if (flaw === 'not_an_object') return `"${deed.type}"`;
  const { country, device, id: userId } = visit.visitor;
  const type = flaw === 'missing_type' ? '' : `"type":"${deed.type}",`;
  const timestamp = flaw === 'invalid_timestamp' ? 'yesterday' : new Date(timestampMs).toISOString();
  const page = deed.page === '' ? '' : `,"page":"${deed.page}"`;
  const referrer = visit.channel.referrer === '' ? '' : `,"referrer":"${visit.channel.referrer}"`;
  const value = valueOf(parts);
  const money = value === '' ? '' : `,"value":${value},"currency":"${country.currency}"`;
  return `{"id":"${id}","timestamp":"${timestamp}",${type}"source":"${device.source}","version":"${version}","user_id":"${userId}","session_id":"${visit.sessionId}","context":{"device_type":"${device.type}","os":"${device.os}","os_version":"${device.osVersion}","browser":"${device.browser}","country":"${country.code}"${page}${referrer}},"properties":{${deed.properties}}${money}}`;
};
