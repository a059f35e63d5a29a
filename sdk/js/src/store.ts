import type { EventStorage } from './types.ts';

/** What `use` answers, or undefined if it throws. */
export const attempt = <T>(use: () => T): T | undefined => {
  try {
    return use();
  } catch {
    return undefined;
  }
};

/** A part of a storage, which may be full, forbidden or gone at any time: `get` then answers undefined, and `set` false. */
export interface Store {
  get(name: string): string | null | undefined;
  /** Null takes it away. */
  set(name: string, value: string | null): boolean;
  /** The names that begin so, in order. */
  names(start: string): string[];
}

/** The part of a storage whose names begin with `prefix`. Null: there is none. */
export const createStore = (storage: EventStorage | null, prefix: string): Store => ({
  get: (name) => attempt(() => storage?.getItem(prefix + name)),
  set: (name, value) =>
    attempt(() => {
      if (value === null) storage?.removeItem(prefix + name);
      else storage?.setItem(prefix + name, value);
      return true;
    }) ?? false,
  names: (start) =>
    (attempt(() => Array.from({ length: storage?.length ?? 0 }, (_, at) => storage?.key(at) ?? '')) ?? [])
      .filter((name) => name.startsWith(prefix + start))
      .map((name) => name.slice(prefix.length))
      .sort(),
});
