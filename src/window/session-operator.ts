import {
  extend,
  type Stretch,
  type Window,
  type WindowChange,
  type WindowNeed,
  type WindowOperator,
} from './window.ts';

/** Of the windows in memory this share stays when there are too many. */
const KEPT_SHARE = 0.75;
/** Windows that cannot change any more are looked for when the watermark has moved so far. */
const SWEEP_EVERY_MS = 60_000;

/** What a session operator is made of. */
export interface SessionOptions {
  /** A pause longer than this ends a window. */
  readonly gapMs: number;
  /** Windows in memory at most, apart from those of a step. */
  readonly windowsMax: number;
}

/**
 * Windows that a pause ends. Two events of a key are in one window if no pause between them is longer than the gap, so the order in which events come does not matter: an event extends a window,
 * begins one, or joins several.
 *
 * Between steps exactly the windows that end after the horizon are in memory. An event that is later than it by more than the gap therefore touches no other. The horizon only moves forward, and says
 * nothing about what windows are, only about where.
 */
export class SessionOperator implements WindowOperator {
  readonly #gapMs: number;
  readonly #windowsMax: number;
  /** By key, each in order of time. */
  readonly #windows = new Map<string, Window[]>();
  #count = 0;
  #horizonMs = Number.NEGATIVE_INFINITY;
  #sweptMs = Number.NEGATIVE_INFINITY;
  /** What changed, by key and id. */
  readonly #changes = new Map<string, Map<number, WindowChange>>();
  /** Windows that were never written: nothing needs to be said when they end. */
  readonly #unwritten = new Set<string>();
  /** Keys that have windows before the horizon in memory. */
  readonly #visiting = new Set<string>();

  constructor({ gapMs, windowsMax }: SessionOptions) {
    this.#gapMs = gapMs;
    this.#windowsMax = windowsMax;
  }

  get size(): { windows: number; keys: number } {
    return { windows: this.#count, keys: this.#windows.size };
  }

  needs(stretches: readonly Stretch[]): WindowNeed | undefined {
    const reaches = new Map<string, Reach[]>();
    for (const { key, startMs, endMs } of stretches) {
      const reach = { fromMs: startMs - this.#gapMs, toMs: endMs + this.#gapMs };
      if (reach.fromMs > this.#horizonMs) continue;
      const ofKey = reaches.get(key);
      if (ofKey === undefined) reaches.set(key, [reach]);
      else ofKey.push(reach);
    }
    return reaches.size === 0 ? undefined : needOf(reaches);
  }

  restore(windows: readonly Window[]): void {
    for (const window of windows) {
      const known = this.#windows.get(window.key) ?? [];
      if (known.some(({ id }) => id === window.id)) continue;
      this.#put(
        known,
        firstWith(known, ({ startMs }) => startMs > window.startMs),
        0,
        window,
      );
    }
  }

  fill(windows: readonly Window[], isAll: boolean): void {
    this.restore(windows);
    if (isAll) return;
    this.#horizonMs = windows.reduce((least, { endMs }) => Math.min(least, endMs), Number.POSITIVE_INFINITY);
    this.#evict(this.#horizonMs);
  }

  add(stretches: readonly Stretch[]): void {
    for (const stretch of stretches) this.#add(stretch);
  }

  changes(): WindowChange[] {
    return [...this.#changes.values()].flatMap((ofKey) => [...ofKey.values()]);
  }

  settle(watermarkMs: number): void {
    this.#changes.clear();
    this.#unwritten.clear();
    const closedMs = watermarkMs - this.#gapMs;
    if (this.#count > this.#windowsMax) this.#evict(Math.max(this.#endToKeep(), closedMs));
    else if (closedMs - this.#sweptMs >= SWEEP_EVERY_MS) {
      this.#sweptMs = closedMs;
      this.#evict(closedMs);
    } else for (const key of this.#visiting) this.#evictOf(key);
    this.#visiting.clear();
  }

  #add(stretch: Stretch): void {
    const { key } = stretch;
    const known = this.#windows.get(key) ?? [];
    const from = firstWith(known, ({ endMs }) => endMs >= stretch.startMs - this.#gapMs);
    const to = firstWith(known, ({ startMs }) => startMs > stretch.endMs + this.#gapMs);
    const [first, ...others] = known.slice(from, to);
    if (first === undefined) {
      const begun: Window = { ...stretch, id: stretch.startMs, isComplete: false };
      this.#unwritten.add(nameOf(begun));
      this.#put(known, from, 0, begun);
      this.#changed(begun);
      return;
    }
    const joined = others.reduce(extend, extend(first, stretch));
    this.#put(known, from, to - from, joined);
    this.#changed(joined);
    for (const other of others) this.#ended(other, joined.lastPosition);
  }

  #changed(window: Window, isRemoved = false): void {
    const ofKey = this.#changes.get(window.key) ?? new Map<number, WindowChange>();
    this.#changes.set(window.key, ofKey);
    ofKey.set(window.id, { ...window, isRemoved });
  }

  #ended(window: Window, lastPosition: number): void {
    if (this.#unwritten.delete(nameOf(window))) this.#changes.get(window.key)?.delete(window.id);
    else this.#changed({ ...window, lastPosition }, true);
  }

  /** Puts a window in the place of some of a key. */
  #put(known: Window[], at: number, replaced: number, window: Window): void {
    known.splice(at, replaced, window);
    this.#count += 1 - replaced;
    this.#windows.set(window.key, known);
    if (window.endMs <= this.#horizonMs) this.#visiting.add(window.key);
  }

  /** Where the horizon has to be so that few enough windows end after it. */
  #endToKeep(): number {
    const ends = new Float64Array(this.#count);
    let at = 0;
    for (const known of this.#windows.values()) for (const { endMs } of known) ends[at++] = endMs;
    ends.sort();
    return ends[this.#count - Math.floor(this.#windowsMax * KEPT_SHARE) - 1] ?? Number.NEGATIVE_INFINITY;
  }

  #evict(horizonMs: number): void {
    this.#horizonMs = Math.max(this.#horizonMs, horizonMs);
    for (const key of this.#windows.keys()) this.#evictOf(key);
  }

  #evictOf(key: string): void {
    const known = this.#windows.get(key) ?? [];
    const kept = firstWith(known, ({ endMs }) => endMs > this.#horizonMs);
    if (kept === 0) return;
    this.#count -= kept;
    if (kept === known.length) this.#windows.delete(key);
    else this.#windows.set(key, known.slice(kept));
  }
}

/** A time that windows may touch. */
interface Reach {
  readonly fromMs: number;
  toMs: number;
}

const needOf = (reaches: ReadonlyMap<string, readonly Reach[]>): WindowNeed => {
  const apart = new Map([...reaches].map(([key, ofKey]) => [key, joinedOf(ofKey)]));
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const ofKey of apart.values()) {
    fromMs = Math.min(fromMs, ofKey[0]?.fromMs ?? fromMs);
    toMs = Math.max(toMs, ofKey.at(-1)?.toMs ?? toMs);
  }
  const touches: WindowNeed['touches'] = ({ key, startMs, endMs }) => {
    const ofKey = apart.get(key) ?? [];
    let [low, high] = [0, ofKey.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ofKey[middle] as Reach).toMs < startMs) low = middle + 1;
      else high = middle;
    }
    return (ofKey[low]?.fromMs ?? Number.POSITIVE_INFINITY) <= endMs;
  };
  return { keys: [...apart.keys()], fromMs, toMs, touches };
};

/** The same times in order, without any that overlap. */
const joinedOf = (reaches: readonly Reach[]): Reach[] => {
  const joined: Reach[] = [];
  for (const reach of reaches.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last !== undefined && reach.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, reach.toMs);
    else joined.push({ ...reach });
  }
  return joined;
};

const nameOf = ({ key, id }: Window): string => `${id} ${key}`;

/** Index of the first window of which this holds (it holds of all behind it); looked for from the newest, which most events are about. */
const firstWith = (windows: readonly Window[], holds: (window: Window) => boolean): number => {
  let at = windows.length;
  while (at > 0 && holds(windows[at - 1] as Window)) at -= 1;
  return at;
};
