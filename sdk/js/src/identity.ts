import { attempt, type Store } from './store.ts';
import type { Properties } from './types.ts';

/** A session ends when nothing happened for so long. */
const SESSION_IDLE_MS = 30 * 60_000;
const NAME = 'person';

/** Who is there, and since when. */
export interface Person {
  readonly anonymousId: string;
  readonly userId?: string | undefined;
  readonly sessionId: string;
  /** When something happened last. */
  readonly activeMs: number;
  /** The campaign that the session came from. */
  readonly campaign?: Properties | undefined;
}

/** The person at this browser. Tabs share it by the storage, which is read each time. While nothing may be stored it is held here. */
export interface Identity {
  /** The person, active now, with the user that is known anew. A session that was idle for too long is replaced. */
  readonly touch: (userId?: string) => Person;
  /** Somebody else is there now. */
  readonly reset: () => void;
  /** Begins to store the person. One that is there already stays, but for a user who was named meanwhile. */
  readonly save: () => void;
  /** Forgets the person, and stores nothing more. */
  readonly forget: () => void;
}

/** Makes an identity that is only held here. `campaign` tells what the page's address names. */
export const createIdentity = (
  store: Store,
  now: () => number,
  nextId: () => string,
  campaign: () => Properties | undefined,
): Identity => {
  let held: Person | undefined;
  let isSaving = false;
  const touch = (userId?: string, known = read()): Person => {
    const isIdle = known === undefined || Math.abs(now() - known.activeMs) > SESSION_IDLE_MS;
    held = {
      anonymousId: known?.anonymousId ?? nextId(),
      userId: userId ?? known?.userId,
      sessionId: isIdle ? nextId() : known.sessionId,
      activeMs: now(),
      campaign: campaign() ?? (isIdle ? undefined : known.campaign),
    };
    if (isSaving) store.set(NAME, JSON.stringify(held));
    return held;
  };
  const read = (): Person | undefined =>
    (isSaving ? attempt(() => JSON.parse(store.get(NAME) ?? '') as Person) : undefined) ?? held;
  return {
    touch: (userId) => touch(userId),
    reset() {
      store.set(NAME, null);
      held = undefined;
      touch();
    },
    save() {
      isSaving = true;
      touch(held?.userId);
    },
    forget() {
      isSaving = false;
      held = undefined;
      store.set(NAME, null);
    },
  };
};
