import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 count the memory of buffers like that of objects when it decides whether to collect. By default every 64 MiB of new buffers start a marking of the whole
 * heap, however small the heap and however short-lived the buffers: measured as a third of the CPU time of a process through which event batches flow
 * (docs/decisions/003-external-memory.md). Call it once, early, in a process that handles batches.
 */
export const countBuffersAsHeap = (): void =>
  setFlagsFromString('--external-memory-accounted-in-global-limit');
