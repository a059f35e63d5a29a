import { CONTEXT_COLUMNS } from './columns.ts';

/** The API's JSON form of a stored event, from a row as ClickHouse writes it in its JSON formats. */

/**
 * A JSON number. One that a double does not hold exactly (an integer beyond 2^53, a decimal of 18 digits) is kept as its text by `JSON.rawJSON`: `JSON.stringify`
 * writes it as it was.
 */
export type JsonNumber = number | { readonly rawJSON: string };

/** A row of the events table as read: times as `YYYY-MM-DD hh:mm:ss.mmm` in UTC, 64-bit numbers as text or number, absent strings empty. Columns not read are absent. */
export interface StoredEventRow {
  readonly id: string;
  readonly time: string;
  readonly type: string;
  readonly project?: string;
  readonly received_at?: string;
  readonly source?: string;
  readonly version?: string;
  readonly user_id?: string;
  readonly session_id?: string;
  readonly device_type?: string;
  readonly os?: string;
  readonly os_version?: string;
  readonly browser?: string;
  readonly app_version?: string;
  readonly country?: string;
  readonly region?: string;
  readonly page?: string;
  readonly referrer?: string;
  readonly currency?: string;
  readonly value?: string | number | null;
  readonly properties?: string;
  readonly position?: string | number;
  readonly raw_position?: string | number;
}

/** Context of an event: what is known of it. */
export type ApiEventContext = { readonly [Name in (typeof CONTEXT_COLUMNS)[number]]?: string };

/** An event as the API answers it: the canonical shape, so that what was sent in that shape reads back as it was. What is absent is left out. */
export interface ApiEvent {
  readonly id: string;
  /** ISO 8601 in UTC, milliseconds. */
  readonly timestamp: string;
  readonly type: string;
  readonly source?: string;
  readonly version?: string;
  readonly user_id?: string;
  readonly session_id?: string;
  readonly context?: ApiEventContext;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly value?: JsonNumber;
  readonly currency?: string;
  readonly received_at?: string;
  /** Governed position: where the event stands in the order of loading. */
  readonly position?: number;
}

const isoTime = (time: string): string => (time.endsWith('Z') ? time : `${time.replace(' ', 'T')}Z`);

/** Members whose value is neither undefined nor empty. */
const present = <T extends Record<string, unknown>>(
  members: T,
): { [Name in keyof T]?: NonNullable<T[Name]> } =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as {
    [Name in keyof T]?: NonNullable<T[Name]>;
  };

/** `JSON.rawJSON` and the third argument of revivers (ECMAScript 2026), which the compiler's library does not know yet. */
interface ExactJson {
  rawJSON(text: string): { readonly rawJSON: string };
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
const exactJson = JSON as unknown as ExactJson;

/** A number of this many digits may be more than a double holds. */
const INEXACT_DIGITS = /\d[\d.]{15}/;

/** A number by its JSON text, exact. */
const exactNumber = (text: string): JsonNumber => {
  const number = Number(text);
  return INEXACT_DIGITS.test(text) && String(number) !== text ? exactJson.rawJSON(text) : number;
};

const parseProperties = (text: string): Readonly<Record<string, unknown>> => {
  if (text === '') return {};
  if (!INEXACT_DIGITS.test(text)) return JSON.parse(text) as Record<string, unknown>;
  return exactJson.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? exactNumber(source) : value,
  ) as Record<string, unknown>;
};

/**
 * The API's form of a stored row.
 *
 * @example
 * toApiEvent({ id: 'a', time: '2026-11-20 12:00:00.000', type: 'click', properties: '{"x":1}' });
 * // { id: 'a', timestamp: '2026-11-20T12:00:00.000Z', type: 'click', properties: { x: 1 } }
 */
export const toApiEvent = (row: StoredEventRow): ApiEvent => {
  const context = present(
    Object.fromEntries(CONTEXT_COLUMNS.map((name) => [name, row[name]])),
  ) as ApiEventContext;
  const { source, version, user_id, session_id, value, currency, received_at, position } = row;
  return {
    id: row.id,
    timestamp: isoTime(row.time),
    type: row.type,
    ...present({ source, version, user_id, session_id }),
    ...(Object.keys(context).length > 0 && { context }),
    properties: parseProperties(row.properties ?? ''),
    ...(value !== undefined && value !== null && { value: exactNumber(String(value)) }),
    ...present({ currency }),
    ...(received_at !== undefined && { received_at: isoTime(received_at) }),
    ...(position !== undefined && { position: Number(position) }),
  };
};
