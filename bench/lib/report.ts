import { cpus, totalmem } from 'node:os';

/** How benches print: one line a figure, the conditions once. */

/** The machine and runtime, for the record. */
export const conditions = (): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform} ${process.arch}`;

/** Prints one figure, with the limit it is held against where there is one. Returns whether it holds. */
export const figure = (
  name: string,
  value: number,
  unit: string,
  limit?: { readonly atLeast?: number; readonly atMost?: number },
): boolean => {
  const shown =
    value >= 1000 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(3)).toString();
  const holds =
    (limit?.atLeast === undefined || value >= limit.atLeast) &&
    (limit?.atMost === undefined || value <= limit.atMost);
  const wanted =
    limit?.atLeast !== undefined
      ? ` (wanted: at least ${limit.atLeast})`
      : limit?.atMost !== undefined
        ? ` (wanted: at most ${limit.atMost})`
        : '';
  const verdict = limit === undefined ? '' : holds ? '  ok' : '  MISSED';
  console.log(`${name.padEnd(58)} ${shown.padStart(10)} ${unit}${wanted}${verdict}`);
  return holds;
};

/** The median of some runs (of an even number: the mean of the middle two); NaN for none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
};
