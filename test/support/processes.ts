import { readdirSync, readFileSync } from 'node:fs';

/** What /proc tells of processes. */

/** A process and the words that it was started with. */
export interface ProcessEntry {
  readonly pid: number;
  readonly command: string;
}

const statOf = (pid: number): { state: string; parent: number; ticks: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', parent] = fields;
    const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
    return { state, parent: Number(parent), ticks: user + system };
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

/** Processor time that a process and all that it started have taken so far, milliseconds: the same on a busy machine as on an idle one. */
export const processorMs = (pid: number): number => {
  const all = [pid, ...descendantsOf(pid).map((each) => each.pid)];
  const ticks = all.reduce((sum, each) => sum + (statOf(each)?.ticks ?? 0), 0);
  return (ticks * SECOND_MS) / TICKS_A_SECOND;
};

/** Whether a process runs: it exists and is not only waiting for its parent to take note of its end. */
export const isRunning = (pid: number): boolean => {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
};
