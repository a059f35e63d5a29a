import { CONTEXT_FIELDS, type StoredEvent } from '../contract/event.ts';
import { isoOf } from './instant.ts';
import { type Sql, sql } from './sql.ts';

/** A stored event as read from the warehouse. 64-bit integers may come as text; `value` is exact decimal text. */
export interface EventRow extends Readonly<Record<(typeof CONTEXT_FIELDS)[number], string>> {
  readonly id: string;
  readonly time_ms: number | string;
  readonly received_ms: number | string;
  readonly type: string;
  readonly source: string;
  readonly version: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly currency: string;
  readonly value_text: string | null;
  readonly properties: string;
  readonly position_text: string;
}

/** Columns of EventRow. New names where a column is rewritten: an alias would hide the column from WHERE. */
export const EVENT_ROW_COLUMNS: Sql = sql`id, toUnixTimestamp64Milli(time) AS time_ms, toUnixTimestamp64Milli(received_at) AS received_ms,
  type, source, version, user_id, session_id, device_type, os, os_version, browser, app_version, country, region, page, referrer, currency,
  toString(value) AS value_text, properties, toString(position) AS position_text`;

const NO_PROPERTIES = '{}';

const present = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));

const envelope = (row: EventRow) => {
  const context = present(Object.fromEntries(CONTEXT_FIELDS.map((name) => [name, row[name]])));
  return {
    id: row.id,
    timestamp: isoOf(Number(row.time_ms)),
    received_at: isoOf(Number(row.received_ms)),
    type: row.type,
    ...present({
      source: row.source,
      version: row.version,
      user_id: row.user_id,
      session_id: row.session_id,
    }),
    ...(Object.keys(context).length === 0 ? {} : { context }),
    ...present({ currency: row.currency }),
    position: row.position_text,
  };
};

/** The event as a value of this program. Numbers that a double cannot hold lose digits here; `eventJson` keeps them. */
export const toStoredEvent = (row: EventRow): StoredEvent => ({
  ...envelope(row),
  ...(row.value_text === null ? {} : { value: Number(row.value_text) }),
  properties: JSON.parse(row.properties === '' ? NO_PROPERTIES : row.properties) as Record<string, unknown>,
});

/** The event as JSON text: `properties` as they were sent, `value` with every digit. */
export const eventJson = (row: EventRow): string => {
  const head = JSON.stringify(envelope(row)).slice(0, -1);
  const value = row.value_text === null ? '' : `,"value":${row.value_text}`;
  return `${head}${value},"properties":${row.properties === '' ? NO_PROPERTIES : row.properties}}`;
};
