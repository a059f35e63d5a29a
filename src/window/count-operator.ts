import {
  extend,
  type Stretch,
  type Window,
  type WindowChange,
  type WindowNeed,
  type WindowOperator,
} from './window.ts';

/** Of the keys in memory this share stays when there are too many. */
const KEPT_SHARE = 0.75;

/** What a count operator is made of. */
export interface CountOptions {
  /** Events of a window. */
  readonly every: number;
  /** Keys in memory at most, apart from those of a step. */
  readonly keysMax: number;
}

/**
 * Windows of a number of events of a key, in the order in which the log holds them: the event of the lower position first, of those of one position the earlier one, then the lesser id. Windows of a
 * key are numbered from 0. Every stretch must be one event.
 *
 * In memory is the last window of each key; of those not used for the longest, once there are too many keys, it is not.
 */
export class CountOperator implements WindowOperator {
  readonly #every: number;
  readonly #keysMax: number;
  /** The last window of each key, those used last behind. */
  readonly #last = new Map<string, Window>();
  #isPart = false;
  readonly #changes = new Map<string, Map<number, WindowChange>>();

  constructor({ every, keysMax }: CountOptions) {
    this.#every = every;
    this.#keysMax = keysMax;
  }

  get size(): { windows: number; keys: number } {
    return { windows: this.#last.size, keys: this.#last.size };
  }

  needs(stretches: readonly Stretch[]): WindowNeed | undefined {
    if (!this.#isPart) return undefined;
    const keys = new Set<string>();
    for (const { key } of stretches) if (!this.#last.has(key)) keys.add(key);
    if (keys.size === 0) return undefined;
    const [fromMs, toMs] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return { keys: [...keys], fromMs, toMs, touches: () => true };
  }

  restore(windows: readonly Window[]): void {
    for (const window of windows) if (!this.#last.has(window.key)) this.#last.set(window.key, window);
  }

  fill(windows: readonly Window[], isAll: boolean): void {
    // The newest come first.
    this.restore(windows.toReversed());
    this.#isPart = !isAll;
  }

  add(stretches: readonly Stretch[]): void {
    for (const event of stretches) this.#add(event);
  }

  changes(): WindowChange[] {
    return [...this.#changes.values()].flatMap((ofKey) => [...ofKey.values()]);
  }

  settle(): void {
    this.#changes.clear();
    if (this.#last.size <= this.#keysMax) return;
    this.#isPart = true;
    const surplus = this.#last.size - Math.floor(this.#keysMax * KEPT_SHARE);
    for (const key of [...this.#last.keys()].slice(0, surplus)) this.#last.delete(key);
  }

  #add(event: Stretch): void {
    const { key } = event;
    const last = this.#last.get(key);
    const window =
      last === undefined || last.isComplete
        ? { ...event, id: (last?.id ?? -1) + 1, isComplete: this.#every === 1 }
        : { ...extend(last, event), isComplete: last.events + 1 === this.#every };
    this.#last.delete(key);
    this.#last.set(key, window);
    const ofKey = this.#changes.get(key) ?? new Map<number, WindowChange>();
    this.#changes.set(key, ofKey);
    ofKey.set(window.id, { ...window, isRemoved: false });
  }
}
