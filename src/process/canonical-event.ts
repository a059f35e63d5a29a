import type { RowView } from '../event/blocks.ts';
import { CONTEXT_COLUMNS } from '../event/columns.ts';

/**
 * The canonical JSON of an event, from its columns: what is kept of a row that a step refused, whose bytes as received are not at hand any more. Decoding it gives the same
 * columns again.
 */
export const canonicalEvent = (row: RowView): string => {
  const text = (name: string): string | undefined => {
    const value = row[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const context = Object.fromEntries(CONTEXT_COLUMNS.map((name) => [name, text(name)]));
  const envelope = {
    id: text('id'),
    timestamp: row['time'],
    type: text('type'),
    source: text('source'),
    version: text('version'),
    user_id: text('user_id'),
    session_id: text('session_id'),
    ...(CONTEXT_COLUMNS.some((name) => text(name) !== undefined) ? { context } : {}),
    currency: text('currency'),
  };
  const members = [JSON.stringify(envelope).slice(1, -1)];
  // Both are JSON already, and exact.
  if (row['value'] !== null) members.push(`"value":${String(row['value'])}`);
  const properties = text('properties');
  if (properties !== undefined && properties !== '{}') members.push(`"properties":${properties}`);
  return `{${members.filter((member) => member !== '').join(',')}}`;
};
