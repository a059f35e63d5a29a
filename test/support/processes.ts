import { readdirSync, readFileSync } from 'node:fs';

/** What /proc tells of processes. */

/** A process and the words that it was started with. */
export interface ProcessEntry {
  readonly pid: number;
  readonly command: string;
}

const statOf = (pid: number): { state: string; parent: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
};

/** The children of a process that run. */
export const childrenOf = (parent: number): ProcessEntry[] => {
  const found: ProcessEntry[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || statOf(Number(entry))?.parent !== parent) continue;
    try {
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      found.push({ pid: Number(entry), command });
    } catch {
      // The process ended while we looked.
    }
  }
  return found;
};

/** The children of a process, their children and so on. */
export const descendantsOf = (parent: number): ProcessEntry[] =>
  childrenOf(parent).flatMap((child) => [child, ...descendantsOf(child.pid)]);

/** Ticks of the clock in which processor time is counted, a second; Linux tells no other number to programs. */
const TICKS_A_SECOND = 100;
const SECOND_MS = 1_000;

/** Processor time that a process and all that it started have taken, milliseconds: like elapsed time on an idle machine, and the same on a busy one. */
export const processorMs = (pid: number): number =>
  [pid, ...descendantsOf(pid).map((each) => each.pid)].reduce((sum, each) => sum + ownProcessorMs(each), 0);

const ownProcessorMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
  return ((user + system) * SECOND_MS) / TICKS_A_SECOND;
};

/** Whether a process runs: it exists and is not only waiting for its parent to take note of its end. */
export const isRunning = (pid: number): boolean => {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
};
