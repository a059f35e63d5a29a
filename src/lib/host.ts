import { totalmem } from 'node:os';

/** Where the program runs, as far as its defaults go by it. */
export interface HostFacts {
  /** Whether standard error is a terminal. */
  readonly isTerminal?: boolean;
  /** Memory of the machine or container, bytes. */
  readonly memoryBytes?: number;
}

/** Memory that this process and its children may take, bytes: that of the machine, or of the container where that has less. */
export const hostMemoryBytes = (): number => {
  const machine = totalmem();
  // Without a limit this is 0, or larger than any machine, as the kernel has it.
  const container = process.constrainedMemory();
  return container > 0 && container < machine ? container : machine;
};

/** Of this process. */
export const hostFacts = (): HostFacts => ({
  isTerminal: process.stderr.isTTY,
  memoryBytes: hostMemoryBytes(),
});
