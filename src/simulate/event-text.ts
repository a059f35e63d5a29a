import type { Chance } from './random.ts';
import type { Deed, Visit } from './visit.ts';

/** The JSON of simulated events. Nothing in the shop needs escaping, so it is put together as text. */

/** Versions of the shop before and after a deploy. */
export const SHOP_VERSION = '3.8.2';
export const BROKEN_VERSION = '3.9.0';

const paddedTo = (count: number, digits: number, radix: number): readonly string[] =>
  Array.from({ length: count }, (_, value) => value.toString(radix).padStart(digits, '0'));

/** Every two bytes as hexadecimal, and the seconds and milliseconds of times: looked up, because writing them anew would be half of the work. */
const HEX16 = paddedTo(0x1_0000, 4, 16);
const SECONDS = paddedTo(60, 2, 10);
const MILLISECONDS = paddedTo(1_000, 3, 10);

const MINUTE_MS = 60_000;
const UINT32 = 0x1_0000_0000;

/** Eight hexadecimal digits of an integer of 32 bits. */
export const hexOf = (uint32: number): string => `${HEX16[uint32 >>> 16]}${HEX16[uint32 & 0xffff]}`;

/** A UUIDv7 (RFC 9562) of a time; random in 74 bits. */
export const uuidOf = (atMs: number, chance: Chance): string => {
  const time = atMs % UINT32;
  const high = chance.uint32();
  const low = chance.uint32();
  const last = chance.uint32();
  const variant = 0x8000 | ((chance.uint32() & 3) << 12) | ((high >>> 8) & 0xfff);
  const timeText = `${HEX16[Math.floor(atMs / UINT32)]}${HEX16[time >>> 16]}-${HEX16[time & 0xffff]}`;
  return `${timeText}-${HEX16[0x7000 | (high >>> 20)]}-${HEX16[variant]}-${hexOf(low)}${HEX16[last >>> 16]}`;
};

let minute = Number.NaN;
let minuteText = '';

/** A time as ISO 8601. Events come in the order of time, so that the minute is nearly always that of the event before. */
const isoOf = (ms: number): string => {
  const itsMinute = Math.floor(ms / MINUTE_MS);
  if (itsMinute !== minute) {
    minute = itsMinute;
    minuteText = new Date(itsMinute * MINUTE_MS).toISOString().slice(0, -'00.000Z'.length);
  }
  const rest = ms - itsMinute * MINUTE_MS;
  return `${minuteText}${SECONDS[Math.floor(rest / 1000)]}.${MILLISECONDS[rest % 1000]}Z`;
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
  const { country } = visit.visitor;
  const type = flaw === 'missing_type' ? '' : `"type":"${deed.type}",`;
  const timestamp = flaw === 'invalid_timestamp' ? 'yesterday' : isoOf(timestampMs);
  const page = deed.page === '' ? '' : `,"page":"${deed.page}"`;
  const value = valueOf(parts);
  const money = value === '' ? '' : `,"value":${value},"currency":"${country.currency}"`;
  return `{"id":"${id}","timestamp":"${timestamp}",${type}${visit.sourceText},"version":"${version}",${visit.contextText}${page}${visit.referrerText}},"properties":{${deed.properties}}${money}}`;
};
