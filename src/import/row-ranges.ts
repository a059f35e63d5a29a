/** Inclusive, 1-based: `[from, to]`. */
export type RowRange = readonly [number, number];

/** Row numbers as sorted, disjoint ranges: what is done of a file, however long, in little memory. Asking in ascending order is fast. */
export class RowRanges {
  readonly #ranges: RowRange[];
  /** Where the last question was answered; the next is most often there or just behind. */
  #cursor = 0;

  /** The ranges must be sorted and must not overlap. */
  constructor(ranges: readonly RowRange[] = []) {
    this.#ranges = [...ranges];
  }

  /** The rows 1 to `last` that are not in `missing` (sorted). */
  static complementOf(missing: readonly RowRange[], last: number): RowRanges {
    const ranges: RowRange[] = [];
    let from = 1;
    for (const [gapFrom, gapTo] of missing) {
      if (gapFrom > from) ranges.push([from, gapFrom - 1]);
      from = gapTo + 1;
    }
    if (from <= last) ranges.push([from, last]);
    return new RowRanges(ranges);
  }

  has(row: number): boolean {
    const current = this.#ranges[this.#cursor];
    if (current !== undefined && row < current[0]) this.#cursor = 0;
    for (; this.#cursor < this.#ranges.length; this.#cursor++) {
      const range = this.#ranges[this.#cursor];
      if (range === undefined || row <= range[1]) return range !== undefined && row >= range[0];
    }
    this.#cursor = Math.max(0, this.#ranges.length - 1);
    return false;
  }

  /** How many rows they are. */
  get size(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }

  /** The last row, 0 when there is none. */
  get last(): number {
    return this.#ranges.at(-1)?.[1] ?? 0;
  }

  /** These rows but for those of `others` (sorted). */
  without(others: readonly RowRange[]): RowRanges {
    const kept: RowRange[] = [];
    let next = 0;
    for (const [rangeFrom, to] of this.#ranges) {
      let from = rangeFrom;
      while ((others[next]?.[1] ?? Infinity) < from) next += 1;
      for (let at = next; (others[at]?.[0] ?? Infinity) <= to; at++) {
        const [otherFrom, otherTo] = others[at] ?? [0, 0];
        if (otherFrom > from) kept.push([from, otherFrom - 1]);
        from = Math.max(from, otherTo + 1);
      }
      if (from <= to) kept.push([from, to]);
    }
    return new RowRanges(kept);
  }

  toArray(): RowRange[] {
    return [...this.#ranges];
  }
}

/** Ascending row numbers as ranges. */
export const rangesOfRows = (rows: Iterable<number>): RowRange[] => {
  const ranges: [number, number][] = [];
  for (const row of rows) {
    const last = ranges.at(-1);
    if (last !== undefined && row === last[1] + 1) last[1] = row;
    else if (last === undefined || row > last[1]) ranges.push([row, row]);
  }
  return ranges;
};
