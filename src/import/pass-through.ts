import { FIELDS } from '../event/shapes.ts';
import { isObjectText, jsonMembers } from './json-text.ts';
import type { MappedEvent, Mapper } from './mapping.ts';
import { ImportError, type SourceRow } from './row.ts';
import { textOf, valueOfJson } from './value.ts';

/**
 * JSON rows that are events already, in any of the accepted shapes: they are sent with their own text, byte for byte. A row without an id gets one.
 */

const pathsOf = (name: string): readonly string[] => FIELDS.find((field) => field.name === name)?.paths ?? [];
const ID_PATHS = pathsOf('id').map((path) => path.split('.'));
const TYPE_PATHS = pathsOf('type').map((path) => path.split('.'));
const TIME_PATHS = pathsOf('timestamp').map((path) => path.split('.'));

type Members = ReadonlyMap<string, string>;

const textAt = (members: Members, path: readonly string[]): string | undefined => {
  let within: Members | undefined = members;
  let text: string | undefined;
  for (const step of path) {
    text = within?.get(step);
    within = text !== undefined && isObjectText(text) ? jsonMembers(text) : undefined;
  }
  return text;
};

/** The first present text or number of the paths, as text. */
const firstOf = (members: Members, paths: readonly (readonly string[])[]): string | undefined => {
  for (const path of paths) {
    const text = textAt(members, path);
    if (text === undefined || text === 'null' || text === '""' || isObjectText(text)) continue;
    return textOf(valueOfJson(text));
  }
  return undefined;
};

const timeOf = (members: Members): number | undefined => {
  const text = firstOf(members, TIME_PATHS);
  if (text === undefined) return undefined;
  const ms = /^\d+$/u.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
};

/** The same row with an id in front. An empty or null member `id` is taken out. */
const withId = (row: SourceRow, members: Members, id: string): string => {
  const head = `{"id":${JSON.stringify(id)}`;
  const rest = row.text.slice(row.text.indexOf('{') + 1);
  if (!members.has('id')) return members.size === 0 ? `${head}}` : `${head},${rest.trimStart()}`;
  let json = head;
  for (const [name, text] of members) if (name !== 'id') json += `,${JSON.stringify(name)}:${text}`;
  return `${json}}`;
};

const NO_MEMBERS: Members = new Map();

/** Sends rows as they are. */
export const passThrough: Mapper = {
  hasOwnIds: true,
  description: ['Each row is an event as it stands; rows without an id get one of file and row number.'],
  map: (row: SourceRow, positionId: string): MappedEvent => {
    const members = row.members ?? NO_MEMBERS;
    const own = firstOf(members, ID_PATHS);
    const timeMs = timeOf(members);
    return own === undefined
      ? { id: positionId, json: withId(row, members, positionId), timeMs }
      : { id: own, json: row.text, timeMs };
  },
};

/** Rows without a type among these many first ones mean that the file has no events but other rows. */
const EVENTS_SAMPLE_MIN_SHARE = 0.5;

/** Throws ImportError when hardly any of the first rows is an event, with what to say instead. */
export const checkAreEvents = (sample: readonly SourceRow[], names: readonly string[]): void => {
  const readable = sample.filter((row) => row.members !== undefined);
  const typed = readable.filter((row) => firstOf(row.members ?? NO_MEMBERS, TYPE_PATHS) !== undefined);
  if (readable.length === 0 || typed.length / readable.length >= EVENTS_SAMPLE_MIN_SHARE) return;
  const top = names.filter((name) => !name.includes('.')).join(', ');
  throw new ImportError(
    `The rows are not events: they have no type. Say how to make events of them, for example --type NAME --map timestamp=COLUMN.\nColumns: ${top}.`,
  );
};
