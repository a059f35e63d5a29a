/**
 * Request bodies of JSON events of about 265 bytes, made once and patched in place: the load generator must cost little, it shares the machine
 * with what it measures.
 */

const ID_DIGITS = 12;
const TIME_DIGITS = 13;
const ZERO = 48;
const NINE = 57;
const TYPES = ['page_view', 'click', 'add_to_cart', 'checkout', 'purchase'] as const;
const COUNTRIES = ['DE', 'US', 'FR', 'GB', 'NL', 'JP', 'BR', 'IN'] as const;

/** One event's JSON with a placeholder for the digits of id and timestamp. `index` varies users, sessions, types and pages. */
const eventJson = (index: number): string => {
  const user = (index * 7919) % 50_000;
  const type = TYPES[index % TYPES.length] ?? 'page_view';
  const country = COUNTRIES[index % COUNTRIES.length] ?? 'DE';
  const value = type === 'purchase' ? `,"value":${(index % 97) + 0.99},"currency":"EUR"` : '';
  return (
    `{"id":"evt_${'0'.repeat(ID_DIGITS)}","timestamp":${'0'.repeat(TIME_DIGITS)},"type":"${type}","source":"web",` +
    `"user_id":"user_${user}","session_id":"sess_${(user * 3 + (index % 3)).toString(36)}",` +
    `"context":{"country":"${country}","browser":"Chrome","page":"/products/${index % 500}"},` +
    `"properties":{"plan":"pro","button":"buy-${index % 20}","ms":${index % 1000}}${value}}`
  );
};

const digitsOf = (value: number, digits: number): Buffer => Buffer.from(String(value).padStart(digits, '0'));

/** Adds one to a number in digits. */
const increment = (digits: Buffer): void => {
  let at = digits.length - 1;
  for (; digits[at] === NINE; at--) digits[at] = ZERO;
  digits[at] = (digits[at] ?? ZERO) + 1;
};

/** Writes digits so that they end before `end`. A loop, for so few bytes cheaper than a copy. */
const writeDigits = (target: Buffer, end: number, digits: Buffer): void => {
  const start = end - digits.length;
  for (let at = 0; at < digits.length; at++) target[start + at] = digits[at] as number;
};

/** An HTTP request with its body, reusable once its bytes are written out. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  readonly events: number;
  /** Average bytes of one event's JSON. */
  readonly eventBytes: number;
  /** Gives the events new ids from `firstId` on, and the time `nowMs`. */
  stamp(firstId: number, nowMs: number): void;
}

/** A POST of `events` events: a JSON array to the batch route, or one event to the single route. `key` is a write key. */
export const requestTemplate = (
  events: number,
  single: boolean,
  key: string,
  variant = 0,
): RequestTemplate => {
  const bodies = Array.from({ length: events }, (_, index) => eventJson(variant * events + index));
  const body = single ? (bodies[0] ?? '{}') : `[${bodies.join(',')}]`;
  const path = single ? '/api/events' : '/api/events/batch';
  const head =
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  const idEnds: number[] = [];
  const timeEnds: number[] = [];
  for (let at = bytes.indexOf('"evt_'); at >= 0; at = bytes.indexOf('"evt_', at + 1)) {
    idEnds.push(at + 5 + ID_DIGITS);
    timeEnds.push(bytes.indexOf('"timestamp":', at) + 12 + TIME_DIGITS);
  }
  return {
    bytes,
    events,
    eventBytes: Math.round(Buffer.byteLength(body) / events),
    stamp(firstId, nowMs) {
      const id = digitsOf(firstId, ID_DIGITS);
      const time = digitsOf(nowMs, TIME_DIGITS);
      for (let row = 0; row < idEnds.length; row++) {
        writeDigits(bytes, idEnds[row] ?? 0, id);
        writeDigits(bytes, timeEnds[row] ?? 0, time);
        increment(id);
      }
    },
  };
};
