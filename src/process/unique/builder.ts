import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type BuildJob, type BuildResult, build } from './build.ts';

/**
 * Builds runs away from the hot path. Jobs may be given at any time; a seal does not wait for a merge under way. A rejected job has left nothing behind and
 * may be given again.
 */
export interface RunBuilder {
  build(job: BuildJob): Promise<BuildResult>;
  /** Ends what is under way (its jobs reject). */
  close(): Promise<void>;
}

/** A builder on the calling thread, in slices: for tests and tools. */
export const createInlineBuilder = (): RunBuilder => {
  let isClosed = false;
  return {
    async build(job) {
      const work = build(job);
      for (;;) {
        if (isClosed) {
          work.return?.({ run: null, damagedPages: 0 });
          throw new Error('the builder is closed');
        }
        const step = work.next();
        if (step.done === true) return step.value;
        await nextTurn();
      }
    },
    async close() {
      isClosed = true;
      await nextTurn();
    },
  };
};

/** Main thread -> worker. */
export interface BuildRequest {
  readonly number: number;
  readonly job: BuildJob;
}

/** Worker -> main thread. */
export interface BuildAnswer {
  readonly number: number;
  readonly result?: BuildResult;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (result: BuildResult) => void;
  readonly reject: (error: Error) => void;
}

/** A builder on a worker thread, which is started with the first job. */
export const createWorkerBuilder = (): RunBuilder => {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let lastNumber = 0;
  let isClosed = false;

  const rejectAll = (reason: string): void => {
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting.clear();
    worker = undefined;
  };
  const start = (): Worker => {
    const started = new Worker(new URL('./build-worker.ts', import.meta.url));
    started.on('message', ({ number, result, error }: BuildAnswer) => {
      const job = waiting.get(number);
      waiting.delete(number);
      if (result === undefined) job?.reject(new Error(error ?? 'unknown error'));
      else job?.resolve(result);
    });
    started.on('error', (error) => rejectAll(`the build worker failed: ${String(error)}`));
    started.on('exit', () => rejectAll('the build worker ended'));
    return started;
  };
  return {
    build(job) {
      if (isClosed) return Promise.reject(new Error('the builder is closed'));
      worker ??= start();
      const number = ++lastNumber;
      const answer = new Promise<BuildResult>((resolve, reject) => waiting.set(number, { resolve, reject }));
      worker.postMessage({ number, job } satisfies BuildRequest);
      return answer;
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
};
