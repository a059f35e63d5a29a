import { readdirSync, readFileSync } from 'node:fs';

/** Memory and CPU of a process and its descendants, from /proc (Linux). */

const PAGE_BYTES = 4096;
const TICKS_PER_SECOND = 100;

const statOf = (pid: string): { ppid: number; ticks: number; rssBytes: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      ppid: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
      rssBytes: Number(fields[21]) * PAGE_BYTES,
    };
  } catch {
    return undefined;
  }
};

/** One reading: resident bytes and CPU seconds so far, by process. */
export interface ProcessReading {
  readonly pid: number;
  readonly command: string;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

/** Reads `root` and all its descendants. */
export const readProcesses = (root: number): ProcessReading[] => {
  const stats = new Map<number, NonNullable<ReturnType<typeof statOf>>>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? statOf(entry) : undefined;
    if (stat !== undefined) stats.set(Number(entry), stat);
  }
  const wanted = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, stat] of stats) {
      if (wanted.has(pid) || !wanted.has(stat.ppid)) continue;
      wanted.add(pid);
      grown = true;
    }
  }
  return [...wanted].flatMap((pid) => {
    const stat = stats.get(pid);
    if (stat === undefined) return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid, command, rssBytes: stat.rssBytes, cpuSeconds: stat.ticks / TICKS_PER_SECOND }];
  });
};

/** Resident bytes of all of them together. */
export const totalRssBytes = (readings: readonly ProcessReading[]): number =>
  readings.reduce((sum, reading) => sum + reading.rssBytes, 0);

/** CPU seconds of all of them together. */
export const totalCpuSeconds = (readings: readonly ProcessReading[]): number =>
  readings.reduce((sum, reading) => sum + reading.cpuSeconds, 0);
