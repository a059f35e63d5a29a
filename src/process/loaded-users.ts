import { columnBytes } from '../event/blocks.ts';
import { columnIndex, EVENTS } from '../event/columns.ts';
import { stringEnd, textStart } from '../event/layout.ts';
import { coalesce } from '../lib/coalesce.ts';
import { fnv1a32 } from '../lib/fnv.ts';
import type { Position } from '../log/log.ts';
import type { GovernedInput } from './load-body.ts';

/**
 * Which users loaded events name, as hashes of their ids: so that whoever looks up a user need not look among the events that are not in the order of users yet (`recent-users.ts`).
 */

/** The users that events of a stretch of governed records name, in all projects. */
export interface LoadedUsers {
  readonly from: Position;
  /** Exclusive. */
  readonly to: Position;
  /** Hashes (`userHash`), ascending, each once. */
  readonly hashes: Uint32Array<ArrayBuffer>;
}

/** The same as it is told to another process: base64 of little-endian words of 32 bits. */
export interface LoadedUsersMessage {
  readonly from: Position;
  readonly to: Position;
  readonly hashes: string;
}

/** Loads of more events tell of no users: it takes 0.4 us an event, and at such rates there is no time to spare. */
const ROWS_MAX = 65_536;
/** Told to nobody any more when there are more than these, 1 MiB. */
const HASHES_MAX = 262_144;
const WORD_BYTES = 4;
const USER_ID = columnIndex(EVENTS, 'user_id');

/** The hash that stands for a user. */
export const userHash = (user: string): number => fnv1a32(Buffer.from(user));

/** Sorts in place. */
const ascendingOnce = (hashes: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
  hashes.sort();
  let count = 0;
  for (const hash of hashes) if (count === 0 || hash !== hashes[count - 1]) hashes[count++] = hash;
  return hashes.slice(0, count);
};

/** The users that the events of governed records from `from` up to `to` name, given all of those that hold any; undefined where there are too many events. Those without an id are nobody. */
export const usersOf = (
  inputs: readonly GovernedInput[],
  { from, to }: { readonly from: Position; readonly to: Position },
): LoadedUsers | undefined => {
  const rows = inputs.reduce((sum, { record }) => sum + record.events.rows, 0);
  if (rows > ROWS_MAX) return undefined;
  const hashes = new Uint32Array(rows);
  let count = 0;
  for (const { record } of inputs) {
    const { events } = record;
    const ids = columnBytes(events, USER_ID);
    let at = 0;
    for (let row = 0; row < events.rows; row++) {
      const start = textStart(ids, at);
      at = stringEnd(ids, at);
      if (at > start) hashes[count++] = fnv1a32(ids, start, at);
    }
  }
  return { from, to, hashes: ascendingOnce(hashes.subarray(0, count)) };
};

/** Both stretches as one; only the later one where there would be too many, or something between them. */
const joined = (earlier: LoadedUsers, later: LoadedUsers): LoadedUsers => {
  const count = earlier.hashes.length + later.hashes.length;
  if (count > HASHES_MAX || later.from > earlier.to) return later;
  const hashes = new Uint32Array(count);
  hashes.set(earlier.hashes);
  hashes.set(later.hashes, earlier.hashes.length);
  return { from: earlier.from, to: later.to, hashes: ascendingOnce(hashes) };
};

const toMessage = ({ from, to, hashes }: LoadedUsers): LoadedUsersMessage => ({
  ...{ from, to },
  hashes: Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength).toString('base64'),
});

/** What a message tells. */
export const fromMessage = ({ from, to, hashes }: LoadedUsersMessage): LoadedUsers => {
  const bytes = new Uint8Array(Buffer.from(hashes, 'base64'));
  return { from, to, hashes: new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / WORD_BYTES)) };
};

/** Tells which users are loaded, one message at a time: what is loaded while one is under way goes with the next. `send` calls `sent` when it has gone. */
export const createUsersTeller = (
  send: (message: LoadedUsersMessage, sent: () => void) => void,
): ((users: LoadedUsers) => void) => coalesce((users, sent) => send(toMessage(users), sent), joined);
