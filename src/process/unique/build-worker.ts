import { setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { build } from './build.ts';
import type { BuildAnswer, BuildRequest } from './builder.ts';

/** The worker thread behind `createWorkerBuilder`: does jobs in slices, merges at a budget, seals at once. */

/** Share of a core that a merge may take. Seals are not held back: the hot table waits for them. */
const MERGE_CORE_SHARE = 0.5;
const PAUSE_MS_MAX = 50;

const handle = async ({ number, job }: BuildRequest): Promise<void> => {
  try {
    const work = build(job);
    for (;;) {
      const startedMs = performance.now();
      const step = work.next();
      if (step.done === true) {
        const { run } = step.value;
        const transfer = run === null ? [] : [run.fences.buffer, run.filter.buffer];
        parentPort?.postMessage({ number, result: step.value } satisfies BuildAnswer, transfer);
        return;
      }
      if (job.kind === 'seal') continue;
      const spentMs = performance.now() - startedMs;
      await pause(Math.min(PAUSE_MS_MAX, spentMs * (1 / MERGE_CORE_SHARE - 1)));
    }
  } catch (error) {
    parentPort?.postMessage({ number, error: String(error) } satisfies BuildAnswer);
  }
};

parentPort?.on('message', (request: BuildRequest) => void handle(request));
