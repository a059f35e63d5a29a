/**
 * Attribution by removal effect (Anderl, Becker, von Wangenheim, Schumann 2016, "Mapping the customer journey"): the paths of all actors make a Markov chain of
 * first order, from a start through channels to conversion or to nothing. The effect of a channel is the share of conversions that the chain loses when everything that leads to the channel
 * leads to nothing instead.
 */

/** How often one state followed another. States are names of the caller; `start`, `conversion` and `nothing` are its own three. */
export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** The names of the states that are no channels. */
export interface ChainEnds {
  readonly start: string;
  readonly conversion: string;
}

/** Pivots below this are zero: the chain never leaves those states, so it never converts from there. */
const PIVOT_MIN = 1e-12;

/** Solves `a x = b` in place by Gaussian elimination with partial pivoting; rows that are empty give 0. `a` is square, row by row. */
const solve = (a: readonly Float64Array[], b: Float64Array): Float64Array => {
  const rows = a.map((row) => Float64Array.from(row));
  const size = b.length;
  const x = Float64Array.from(b);
  for (let column = 0; column < size; column++) {
    const pivot = largestBelow(rows, column);
    swap(rows, x, column, pivot);
    const top = rows[column];
    const divisor = top?.[column] ?? 0;
    if (top === undefined || Math.abs(divisor) < PIVOT_MIN) continue;
    for (let row = 0; row < size; row++) {
      const below = rows[row];
      const factor = (below?.[column] ?? 0) / divisor;
      if (row === column || below === undefined || factor === 0) continue;
      for (let at = column; at < size; at++) below[at] = (below[at] ?? 0) - factor * (top[at] ?? 0);
      x[row] = (x[row] ?? 0) - factor * (x[column] ?? 0);
    }
  }
  return x.map((value, index) => {
    const divisor = rows[index]?.[index] ?? 0;
    return Math.abs(divisor) < PIVOT_MIN ? 0 : value / divisor;
  });
};

const largestBelow = (rows: readonly Float64Array[], column: number): number => {
  let best = column;
  for (let row = column + 1; row < rows.length; row++)
    if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[best]?.[column] ?? 0)) best = row;
  return best;
};

const swap = (rows: Float64Array[], x: Float64Array, i: number, j: number): void => {
  const [row, value] = [rows[i], x[i]];
  const [other, otherValue] = [rows[j], x[j]];
  if (row === undefined || other === undefined || value === undefined || otherValue === undefined) return;
  [rows[i], rows[j]] = [other, row];
  [x[i], x[j]] = [otherValue, value];
};

/** A chain as probabilities: of going on to each transient state, and of converting at once. State 0 is the start. */
interface Chain {
  readonly next: readonly Float64Array[];
  readonly converts: Float64Array;
}

const chainOf = (transitions: readonly Transition[], states: readonly string[], ends: ChainEnds): Chain => {
  const places = new Map(states.map((name, index) => [name, index]));
  const next = states.map(() => new Float64Array(states.length));
  const converts = new Float64Array(states.length);
  const leaving = new Float64Array(states.length);
  for (const { from, to, count } of transitions) {
    const at = places.get(from);
    const row = at === undefined ? undefined : next[at];
    if (at === undefined || row === undefined) continue;
    leaving[at] = (leaving[at] ?? 0) + count;
    const place = places.get(to);
    if (to === ends.conversion) converts[at] = (converts[at] ?? 0) + count;
    else if (place !== undefined) row[place] = (row[place] ?? 0) + count;
  }
  leaving.forEach((sum, at) => {
    if (sum === 0) return;
    next[at] = (next[at] ?? new Float64Array()).map((count) => count / sum);
    converts[at] = (converts[at] ?? 0) / sum;
  });
  return { next, converts };
};

/** Probability that the chain, from its start, ends in conversion; with a state removed, whatever leads there leads to nothing. */
const conversionRate = ({ next, converts }: Chain, removed?: number): number => {
  const equations = next.map((row, at) =>
    row.map((probability, to) => (at === to ? 1 : 0) - (to === removed || at === removed ? 0 : probability)),
  );
  const right = converts.map((probability, at) => (at === removed ? 0 : probability));
  return solve(equations, right)[0] ?? 0;
};

/**
 * The removal effect of every channel, 0 to 1; empty when nothing converts.
 *
 * @example
 * removalEffects([{ from: 'S', to: 'mail', count: 3 }, { from: 'mail', to: 'C', count: 3 }], { start: 'S', conversion: 'C' }) // mail: 1
 */
export const removalEffects = (transitions: readonly Transition[], ends: ChainEnds): Map<string, number> => {
  const channels = [...new Set(transitions.map(({ from }) => from))].filter((name) => name !== ends.start);
  const chain = chainOf(transitions, [ends.start, ...channels], ends);
  const whole = conversionRate(chain);
  if (whole <= 0) return new Map();
  return new Map(
    channels.map((name, index) => [
      name,
      Math.min(1, Math.max(0, 1 - conversionRate(chain, index + 1) / whole)),
    ]),
  );
};
