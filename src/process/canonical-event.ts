import type { RowView } from '../event/blocks.ts';

/**
 * The canonical JSON of an event, from its columns: what is kept of a row that a step refused, whose bytes as received are not at hand any more. Decoding it gives the same
 * columns again.
 */
export const canonicalEvent = (row: RowView): string => {
  const text = (name: string): string | undefined => {
    const value = row[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const context = Object.fromEntries(CONTEXT_FIELDS.map((name) => [name, text(name)]));
  const envelope = {
    id: text('id'),
    timestamp: row['time'],
    type: text('type'),
    source: text('source'),
    version: text('version'),
    user_id: text('user_id'),
    session_id: text('session_id'),
    ...(CONTEXT_FIELDS.some((name) => text(name) !== undefined) ? { context } : {}),
    currency: text('currency'),
  };
  const members = [JSON.stringify(envelope).slice(1, -1)];
  // Both are JSON already, and exact.
  if (row['value'] !== null) members.push(`"value":${String(row['value'])}`);
  const properties = text('properties');
  if (properties !== undefined && properties !== '{}') members.push(`"properties":${properties}`);
  return `{${members.filter((member) => member !== '').join(',')}}`;
};

const CONTEXT_FIELDS = [
  'device_type',
  'os',
  'os_version',
  'browser',
  'app_version',
  'country',
  'region',
  'page',
  'referrer',
] as const;
