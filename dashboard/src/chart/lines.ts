import type { Unit } from './units.ts';

type Values = readonly (number | null)[];

/** One series of numbers over the buckets of a time axis. */
export interface Line {
  readonly key: string;
  readonly name: string;
  /** Which look it has, from 1; 0 is grey. */
  readonly slot: number;
  readonly unit: Unit;
  /** What the legend says: over the whole range. Null: there is no such number. */
  readonly total: number | null;
  readonly values: Values;
  /** The same over the period that it is compared with. */
  readonly before?: { readonly total: number | null; readonly values: Values } | undefined;
}

/** How lines are drawn. */
export type LineMode = 'line' | 'area' | 'bar';

/** Whether the first and the last bucket are covered in part only. */
export interface Incomplete {
  readonly first: boolean;
  readonly last: boolean;
}

/** One thing that is drawn: the buckets that are over, those that are not, or the period before. */
export interface Drawn {
  readonly line: Line;
  readonly role: 'now' | 'running' | 'before';
  /** Where bars begin; 0 where absent. */
  readonly base?: readonly number[];
  readonly values: Values;
}

/** What decides how lines are drawn. */
export interface Drawing {
  readonly mode: LineMode;
  readonly isStacked: boolean;
  readonly hidden: ReadonlySet<string>;
  readonly incomplete: Incomplete;
}

const isOpenAt =
  ({ first, last }: Incomplete, length: number) =>
  (index: number): boolean =>
    (first && index === 0) || (last && index === length - 1);

/** The lines without those that are hidden. */
export const shownOf = (lines: readonly Line[], hidden: ReadonlySet<string>): Line[] =>
  lines.filter(({ key }) => !hidden.has(key));

interface Stack {
  readonly base: number[];
  readonly values: number[];
}

/** Lays values on top of each other, those below zero downwards. */
const stackOf = (lines: readonly Line[]): Stack[] => {
  const length = lines[0]?.values.length ?? 0;
  const above = new Array<number>(length).fill(0);
  const below = new Array<number>(length).fill(0);
  return lines.map(({ values }) => {
    const base: number[] = [];
    const tops: number[] = [];
    for (let index = 0; index < length; index += 1) {
      const value = values[index] ?? 0;
      const side = value < 0 ? below : above;
      base.push(side[index] ?? 0);
      side[index] = (side[index] ?? 0) + value;
      tops.push(side[index] ?? 0);
    }
    return { base, values: tops };
  });
};

/** Splits what is over from what is not. Lines overlap by one bucket, so that they meet. */
const split = (drawn: Omit<Drawn, 'role'>, { mode, incomplete }: Drawing): Drawn[] => {
  const { length } = drawn.values;
  const isOpen = isOpenAt(incomplete, length);
  const meets = (index: number): boolean => mode !== 'bar' && (isOpen(index - 1) || isOpen(index + 1));
  const keep = (holds: (index: number) => boolean): (number | null)[] =>
    drawn.values.map((value, index) => (holds(index) ? value : null));
  return [
    { ...drawn, role: 'now', values: keep((index) => !isOpen(index)) },
    { ...drawn, role: 'running', values: keep((index) => isOpen(index) || meets(index)) },
  ];
};

const besides = (lines: readonly Line[]): Drawn[] =>
  lines.flatMap((line) =>
    line.before === undefined ? [] : [{ line, role: 'before' as const, values: line.before.values }],
  );

/**
 * What is drawn, in the order of painting: what comes later covers it. Stacks are heights up to which each line reaches, the highest first. Hidden lines
 * are not among them.
 */
export const drawnOf = (lines: readonly Line[], drawing: Drawing): Drawn[] => {
  const shown = shownOf(lines, drawing.hidden);
  if (drawing.isStacked && drawing.mode !== 'line') {
    const stacks = stackOf(shown);
    return shown
      .flatMap((line, index) => split({ line, base: [], values: [], ...stacks[index] }, drawing))
      .reverse();
  }
  return [
    ...besides(shown),
    ...shown.flatMap((line) => split({ line, values: line.values }, drawing)).reverse(),
  ];
};

/** The least and the greatest number that is drawn, 0 always among them. */
export const extentOf = (drawn: readonly Drawn[]): readonly [number, number] => {
  let least = 0;
  let most = 0;
  for (const { values } of drawn)
    for (const value of values) {
      if (value === null) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  return [least, most];
};

/** The bucket at a moment: of bars the one that covers it, of lines the nearest. -1 where there are none. */
export const bucketAt = (starts: readonly number[], moment: number, isBar: boolean): number => {
  let at = -1;
  for (let low = 0, high = starts.length - 1; low <= high; ) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= moment) {
      at = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  if (starts.length === 0) return -1;
  if (at < 0) return 0;
  const here = starts[at] ?? 0;
  const next = starts[at + 1];
  return !isBar && next !== undefined && next - moment < moment - here ? at + 1 : at;
};
