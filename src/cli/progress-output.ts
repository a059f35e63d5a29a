import type { ProgressOutput } from '../lib/progress-line.ts';

/** Where a command shows its progress: beside its results, which go to standard output. */
export const progressOutput = (): ProgressOutput => ({
  isTerminal: process.stderr.isTTY,
  columns: process.stderr.columns ?? 80,
  write: (text) => void process.stderr.write(text),
});
