import type { CatalogProperty } from '../../../src/contract/event-catalog.ts';

/** A field of events that questions can name. */
interface FieldFacts {
  readonly field: string;
  readonly text: string;
  readonly group: string;
}

/** Fields of every event, as they stand in pickers. */
const FIELDS: readonly FieldFacts[] = [
  { field: 'type', text: 'Event type', group: 'Event' },
  { field: 'source', text: 'Source', group: 'Event' },
  { field: 'version', text: 'Version', group: 'Event' },
  { field: 'page', text: 'Page', group: 'Page' },
  { field: 'referrer', text: 'Referrer', group: 'Page' },
  { field: 'country', text: 'Country', group: 'Place' },
  { field: 'region', text: 'Region', group: 'Place' },
  { field: 'device_type', text: 'Device', group: 'Device' },
  { field: 'os', text: 'Operating system', group: 'Device' },
  { field: 'os_version', text: 'System version', group: 'Device' },
  { field: 'browser', text: 'Browser', group: 'Device' },
  { field: 'app_version', text: 'App version', group: 'Device' },
  { field: 'currency', text: 'Currency', group: 'Money' },
  { field: 'value', text: 'Value', group: 'Money' },
  { field: 'user_id', text: 'User', group: 'People' },
  { field: 'session_id', text: 'Session', group: 'People' },
  { field: 'id', text: 'Event id', group: 'People' },
  { field: 'timestamp', text: 'Time', group: 'Time' },
  { field: 'received_at', text: 'Time of receipt', group: 'Time' },
];

/** Fields whose values are single people, visits or events: lists of them need the permission `personal:read`. */
const PERSONAL: ReadonlySet<string> = new Set(['user_id', 'session_id', 'id']);
const TIMES: ReadonlySet<string> = new Set(['timestamp', 'received_at']);

/** Whether the values of a field are single people, visits or events. */
export const isPersonal = (field: string): boolean => PERSONAL.has(field.replace(/^context\./u, ''));

/** Whether a field is an instant. */
export const isTime = (field: string): boolean => TIMES.has(field);

const QUOTED = /^properties\["(.*)"\]$/u;

/** What a field is called: `Device`, `plan`, `cart.total`. */
export const fieldText = (field: string): string => {
  const known = FIELDS.find((each) => each.field === field);
  if (known !== undefined) return known.text;
  return (
    QUOTED.exec(field)?.[1] ?? (field.startsWith('properties.') ? field.slice('properties.'.length) : field)
  );
};

/** What somebody typed as a field: a name of one, or else the property of that name. */
export const fieldOfText = (text: string): string => {
  const name = text.trim();
  const known = FIELDS.find((each) => each.field === name || each.text.toLowerCase() === name.toLowerCase());
  if (known !== undefined) return known.field;
  if (name.startsWith('properties.') || name.startsWith('properties[')) return name;
  return /^[^[\]"]+$/u.test(name) ? `properties.${name}` : `properties[${JSON.stringify(name)}]`;
};

/** What a field is wanted for. */
export type FieldUse =
  /** A condition: any field. */
  | 'filter'
  /** A break-down: all but instants and the exact value. */
  | 'group'
  /** A sum, an average: the value and properties that are numbers. */
  | 'number'
  /** Distinct values. */
  | 'unique';

const suits = (field: string, use: FieldUse): boolean => {
  if (use === 'filter') return true;
  if (use === 'number') return field === 'value';
  return !TIMES.has(field) && (use === 'unique' || field !== 'value');
};

/** A field to be picked. */
export interface FieldChoice {
  readonly field: string;
  readonly text: string;
  readonly group: string;
  /** Of properties: in which share of the events it is. */
  readonly share: number | undefined;
  /** Of properties: what people say they are. */
  readonly note?: string;
}

/** The fields that suit, properties that were found first. */
export const fieldChoices = (
  properties: readonly CatalogProperty[],
  use: FieldUse,
): readonly FieldChoice[] => [
  ...properties
    .filter(({ kinds }) => use !== 'number' || kinds.some((kind) => kind === 'number' || kind === 'text'))
    .filter(({ kinds }) => kinds.some((kind) => kind !== 'object' && kind !== 'null'))
    .map(({ key, field, share, description }) => ({
      ...{ field, text: key, group: 'Properties', share },
      ...(description === '' ? {} : { note: description }),
    })),
  ...FIELDS.filter(({ field }) => suits(field, use)).map((facts) => ({ ...facts, share: undefined })),
];
