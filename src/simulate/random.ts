/** Chance that can be repeated: everything the simulator decides is drawn from one seeded source. */

const UINT32 = 0x1_0000_0000;

/** A seeded source of numbers: sfc32 of PractRand, which has 128 bits of state, so that ids made of it do not repeat. */
export class Chance {
  #a = 0x9e3779b9;
  #b = 0x243f6a88;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#c = seed | 0;
    for (let round = 0; round < 16; round++) this.uint32();
  }

  /** An integer of 32 bits. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    return this.uint32() / UINT32;
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** True with this probability. */
  is(probability: number): boolean {
    return this.next() < probability;
  }

  /** A waiting time of this mean, as between independent visitors. */
  wait(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }
}

/** Values that are drawn as often as their weights say. */
export class Weighted<T> {
  readonly #values: readonly T[];
  readonly #reached: Float64Array;

  constructor(entries: readonly (readonly [value: T, weight: number])[]) {
    this.#values = entries.map(([value]) => value);
    this.#reached = new Float64Array(entries.length);
    let sum = 0;
    entries.forEach(([, weight], index) => {
      sum += weight;
      this.#reached[index] = sum;
    });
  }

  /** One value. */
  pick(chance: Chance): T {
    const wanted = chance.next() * (this.#reached.at(-1) ?? 0);
    let low = 0;
    let high = this.#reached.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#reached[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return this.#values[low] as T;
  }
}

/** Values of which the n-th is drawn about 1/n as often as the first: a few favourites and a long tail. */
export const longTail = <T>(values: readonly T[], exponent = 1): Weighted<T> =>
  new Weighted(values.map((value, index) => [value, 1 / (index + 1) ** exponent]));
