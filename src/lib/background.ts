import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Below the default of 0 by so much: when all cores are busy, such a process gets about a third of the time that a default one gets; otherwise as much as it wants. */
const NICENESS = 5;

/**
 * Lets other processes go first when there is too little processor time for all: for work that can wait because it is written down already. What waits is then done in larger
 * pieces, which cost less. Where it is not allowed or not known (a container without it, another system), nothing changes.
 */
export const yieldToForeground = (): void => {
  for (const thread of threadsOfThisProcess()) {
    try {
      if (getPriority(thread) < NICENESS) setPriority(thread, NICENESS);
    } catch {
      // A thread that has ended meanwhile, or no right to: it only goes faster than it might.
    }
  }
};

/** On Linux a priority belongs to a thread and is inherited by those it starts; elsewhere to the process. */
const threadsOfThisProcess = (): number[] => {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [process.pid];
  }
};
