import { fork } from 'node:child_process';
import { once } from 'node:events';
import { runLoad, quantile, type LoadOptions } from './http-load.ts';

/** The load generator in a process of its own, so that it does not share an event loop with what it measures. */

/** The figures of one load run. Latencies in milliseconds. */
export interface LoadSummary {
  readonly requests: number;
  readonly events: number;
  readonly failures: number;
  readonly elapsedMs: number;
  readonly eventsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly eventBytes: number;
  readonly nextId: number;
  /** Processor time of the generator itself, microseconds a request. */
  readonly generatorMicroseconds: number;
}

/** A load under way in a process of its own. */
export interface RunningLoad {
  /** Its figures, once it has ended. Rejects when the process fails. */
  readonly summary: Promise<LoadSummary>;
  /** Ends it before its time: what is under way is still answered. */
  stop(): void;
}

const STOP = 'stop';

/** Starts one load in a fresh process. */
export const startLoad = (options: LoadOptions): RunningLoad => {
  const child = fork(new URL(import.meta.url).pathname, [], {
    env: { ...process.env, AEVUM_BENCH_LOAD: '1' },
  });
  child.send(options);
  const ended = async (): Promise<LoadSummary> => {
    const [summary] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) =>
        Promise.reject(new Error(`the load generator ended with ${String(code)}`)),
      ),
    ])) as [LoadSummary];
    child.disconnect();
    return summary;
  };
  return { summary: ended(), stop: () => child.send(STOP) };
};

/** Runs one load in a fresh process. Rejects when that process fails. */
export const loadInProcess = (options: LoadOptions): Promise<LoadSummary> => startLoad(options).summary;

const serve = (): void => {
  const stopping = new AbortController();
  process.once('message', (options) => {
    process.once('message', (message) => message === STOP && stopping.abort());
    void runLoad(options as LoadOptions, stopping.signal).then((result) => {
      const { latenciesMs, ...rest } = result;
      const summary: LoadSummary = {
        ...rest,
        eventsPerSecond: Math.round((result.events * 1000) / result.elapsedMs),
        requestsPerSecond: Math.round((result.requests * 1000) / result.elapsedMs),
        p50Ms: quantile(latenciesMs, 0.5),
        p99Ms: quantile(latenciesMs, 0.99),
        maxMs: quantile(latenciesMs, 1),
      };
      process.send?.(summary);
    });
  });
};

if (process.env['AEVUM_BENCH_LOAD'] === '1' && process.send !== undefined) serve();
