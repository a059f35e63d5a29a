import { attempt, type Store } from './store.ts';

const encoder = new TextEncoder();

/** An event that waits. */
export interface Entry {
  readonly id: string;
  /** Where it is stored; in the order of time. */
  readonly name: string;
  /** The event as JSON, the same each time it is sent. */
  text: string;
  readonly bytes: number;
  /** What was added to this machine's clock for its timestamp, milliseconds. */
  skewMs: number;
  isStored?: boolean;
  /** Its timestamp was corrected after the platform had refused it. */
  isRetimed?: boolean;
}

/**
 * Events that wait, in order, within bounds. While it is saving, each is also stored under a name of its own: adding one writes one, whatever waits, and tabs never
 * overwrite each other. What is gone from there was delivered by another tab. Two tabs may deliver one event at the same time: it has one id and is stored once.
 */
export interface Queue {
  readonly length: () => number;
  /** Adds an event behind all others; false: there is no room. */
  readonly add: (id: string, text: string, skewMs: number) => boolean;
  /** The first events: so many, so long, but one at least. */
  readonly head: (eventsMax: number, bytesMax: number) => Entry[];
  /** Takes events out; answers how many of them were still there. */
  readonly remove: (gone: ReadonlySet<Entry>) => number;
  /** Takes out what another tab has delivered. */
  readonly prune: () => void;
  /** Gives an event the text with a corrected timestamp. */
  readonly retime: (entry: Entry, text: string, skewMs: number) => void;
  /** Begins to store events: those that wait, and those to come. What is there already, of other pages or earlier, is taken over as far as there is room. */
  readonly save: () => void;
  /** Stores nothing more, and takes away what is stored. */
  readonly forget: () => void;
}

/** Makes an empty queue that is not saving; `onUnsaved` is told of each event that could not be stored. */
export const createQueue = (
  store: Store,
  eventsMax: number,
  bytesMax: number,
  nextId: () => string,
  onUnsaved: (id: string) => void,
): Queue => {
  let entries: Entry[] = [];
  let bytes = 0;
  let isSaving = false;

  const take = (entry: Entry, at: number): boolean => {
    const hasRoom = entries.length < eventsMax && bytes + entry.bytes <= bytesMax;
    if (hasRoom) {
      entries.splice(at, 0, entry);
      bytes += entry.bytes;
    }
    return hasRoom;
  };
  const keep = (isKept: (entry: Entry) => boolean): number => {
    const before = entries.length;
    entries = entries.filter((entry) => isKept(entry) || ((bytes -= entry.bytes), false));
    return before - entries.length;
  };
  const saveOne = (entry: Entry): void => {
    if (!isSaving) return;
    entry.isStored = store.set(entry.name, entry.skewMs + entry.text);
    if (!entry.isStored) onUnsaved(entry.id);
  };

  return {
    length: () => entries.length,
    add(id, text, skewMs) {
      const entry = entryOf(`e.${nextId()}`, id, text, skewMs);
      const hasRoom = take(entry, entries.length);
      if (hasRoom) saveOne(entry);
      return hasRoom;
    },
    head(countMax, lengthMax) {
      let length = 0;
      const end = entries.findIndex((entry, index) => {
        length += entry.bytes + 1;
        return index === countMax || (index > 0 && length > lengthMax);
      });
      return entries.slice(0, end < 0 ? entries.length : end);
    },
    remove(gone) {
      for (const { name } of gone) store.set(name, null);
      return keep((entry) => !gone.has(entry));
    },
    prune: () => void keep(({ isStored, name }) => !isStored || store.get(name) !== null),
    retime(entry, text, skewMs) {
      Object.assign(entry, { text, skewMs, isRetimed: true });
      saveOne(entry);
    },
    save() {
      isSaving = true;
      for (const entry of entries) if (!entry.isStored) saveOne(entry);
      const known = new Set(entries.map(({ name }) => name));
      let at = 0;
      for (const name of store.names('e.')) {
        const entry = known.has(name) ? undefined : storedEntry(name, store);
        if (entry !== undefined && take(entry, at)) at++;
      }
    },
    forget() {
      isSaving = false;
      for (const name of store.names('e.')) store.set(name, null);
      for (const entry of entries) entry.isStored = false;
    },
  };
};

const entryOf = (name: string, id: string, text: string, skewMs: number): Entry => ({
  name,
  id,
  text,
  skewMs,
  bytes: encoder.encode(text).length,
});

/** Stored is the skew, and behind it the event. Undefined: it is none. */
const storedEntry = (name: string, store: Store): Entry | undefined =>
  attempt(() => {
    const [, skewMs = '', text = ''] = /^(-?\d+)(.*)/.exec(store.get(name) ?? '') ?? [];
    const { id } = JSON.parse(text) as { readonly id: string };
    return { ...entryOf(name, id, text, Number(skewMs)), isStored: true };
  });
